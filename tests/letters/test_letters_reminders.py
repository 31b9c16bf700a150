"""The checklist's reminders hold for the filing they are shown for, and each says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from pipeline.errors import TemplateError
from pipeline.letters.context import Fee, LetterContext
from pipeline.letters.reminders import FACTS, filing_facts, reminders
from tests.letters.contexts import sample

OURS = Path(__file__).parents[2] / "templates" / "letters" / "reminders.yaml"


def texts(context: LetterContext) -> str:
    return "\n".join(reminder.text for reminder in reminders(context))


def test_paper_and_online_have_their_own() -> None:
    paper, online = texts(sample()), texts(replace(sample(), filing=replace(sample().filing, mode="online", carrier=None)))
    assert "no staples" in paper
    assert "12 MB" not in paper
    assert "12 MB" in online
    assert "no staples" not in online
    assert "translator's certificate" in online


def test_payment_waiver_courier_and_expedite() -> None:
    base = sample()
    assert "The cardholder" in texts(base)
    assert "EXPEDITE" in texts(base)
    assert "combined payment" in texts(base)
    waived = replace(base, filing=replace(base.filing, fee=Fee(630, 1, waiver=True), carrier="courier"))
    assert "Fill in Form I-912" in texts(waived)
    assert "Put Form I-912 on top" in texts(waived)
    assert "The cardholder" not in texts(waived)
    assert "Direct Signature" in texts(waived)
    plain = replace(base, request=replace(base.request, expedite=None), beneficiaries=base.beneficiaries[:1])
    assert "EXPEDITE" not in texts(plain)
    assert "combined payment" not in texts(plain)


def test_every_reminder_names_a_source_and_known_facts() -> None:
    entries = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    assert len(entries) >= 20
    facts = filing_facts(sample())
    for entry in entries:
        assert entry["source"]
        assert entry["confidence"] in ("high", "medium")
        assert set(entry.get("when", {})) <= set(facts)


def test_an_office_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "reminders.yaml").write_text(
        "- {text: Own, source: office}\n- {text: Never, source: office, when: {mode: online}}\n", encoding="utf-8"
    )
    assert [reminder.text for reminder in reminders(sample(), (tmp_path,))] == ["Own"]


@pytest.mark.parametrize(
    "content",
    [
        "- {source: x}\n",
        "- [1]\n",
        "- {text: , source: x}\n",
        "- {text: [a], source: x}\n",
        "- {text: a, source: b, whne: {mode: paper}}\n",
        "- {text: a, source: b, when: {moon: full}}\n",
        "- {text: a, source: b, when: 3}\n",
        "3\n",
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "reminders.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match=r"reminders\.yaml: is not a list of reminders"):
        reminders(sample(), (tmp_path,))


def test_a_reminder_may_ask_for_what_the_page_on_templates_lists() -> None:
    assert filing_facts(sample()).keys() == FACTS
