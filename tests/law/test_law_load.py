"""An office's own folder of facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import EnvironmentMissingError
from pipeline.law.load import load_facts

FILED = date(2026, 11, 24)

FEE = """
topic: fees
max_age_days: {age}
facts:
- {{id: {id}, items: ["{item}"], modes: [paper], amount: 700,
   valid_from: {since}, confidence: H, read_on: 2026-11-20, source: "G-1055"}}
"""


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    assert load_facts(tmp_path) == load_facts()


def test_a_new_fact_answers_what_was_unknown(tmp_path: Path) -> None:
    _write(tmp_path, "ours.yaml", FEE.format(age=30, id="fee-9", item="9", since="2026-11-01"))
    facts = load_facts(tmp_path)
    fact = facts.fee("9", "paper", "", FILED)
    assert fact is not None
    assert (fact.amount, fact.where) == (700, f"{tmp_path.name}/ours.yaml fee-9")
    assert facts.max_age(fact) == 30


def test_a_fact_with_the_same_id_takes_the_place_of_ours(tmp_path: Path) -> None:
    _write(tmp_path, "ours.yaml", FEE.format(age=30, id="fee-7-paper", item="7", since="2026-11-01"))
    facts = load_facts(tmp_path)
    fact = facts.fee("7", "paper", "", FILED)
    assert fact is not None
    assert fact.amount == 700
    assert facts.fee("7", "paper", "", date(2026, 10, 31)) is None
    assert len(facts.facts) == len(load_facts().facts)


def test_a_later_fact_beside_ours_holds_from_its_day(tmp_path: Path) -> None:
    _write(tmp_path, "ours.yaml", FEE.format(age=30, id="fee-7-raised", item="7", since="2026-12-01"))
    facts = load_facts(tmp_path)
    found = [facts.fee("7", "paper", "", day) for day in (FILED, date(2026, 12, 1))]
    assert [fact.amount if fact else None for fact in found] == [630, 700]


def test_every_mistake_in_every_file_is_named_at_once(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml", FEE.format(age=0, id="Bad Id", item="99", since="2026-02-30"))
    _write(tmp_path, "b.yaml", "topic: fees\nfacts: [")
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(EnvironmentMissingError) as raised:
        load_facts(tmp_path)
    places = [finding.where for finding in raised.value.findings]
    for place in ("/facts/0/id", "/facts/0/items/0", "/facts/0/valid_from", "/max_age_days"):
        assert f"{tmp_path.name}/a.yaml {place}" in places
    assert any(place.startswith(f"{tmp_path.name}/b.yaml:") for place in places)
    assert f"{tmp_path.name}/c.yaml:1:1" in places


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentMissingError, match="not a folder"):
        load_facts(tmp_path / "none")


def test_a_folder_that_cannot_be_read_is_named_and_so_is_a_file_that_nothing_would_read(tmp_path: Path) -> None:
    """A fee of the office's own that is passed over would be a wrong fee on a form."""
    for name in ("fees.yml", "FEES.YAML"):
        (tmp_path / name).write_text("topic: fees\nfacts: []\n", encoding="utf-8")
    (tmp_path / "readme.txt").write_text("notes", encoding="utf-8")
    with pytest.raises(EnvironmentMissingError) as raised:
        load_facts(tmp_path)
    assert [finding.where for finding in raised.value.findings] == [f"{tmp_path.name}/FEES.YAML", f"{tmp_path.name}/fees.yml"]
    with pytest.raises(EnvironmentMissingError, match="not a folder that can be read"):
        load_facts(tmp_path / "readme.txt")


def test_an_amount_with_a_decimal_point_is_no_whole_number_and_a_long_value_is_not_quoted_whole(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml", FEE.format(age=90, id="x", item="7", since="2026-02-03").replace("amount: 700", "amount: 700.0"))
    _write(tmp_path, "b.yaml", f"topic: {'x' * 5000}\nfacts: []\n")
    with pytest.raises(EnvironmentMissingError) as raised:
        load_facts(tmp_path)
    assert any("700.0 is not of type 'integer'" in finding.message for finding in raised.value.findings)
    assert max(len(finding.message) for finding in raised.value.findings) <= 300
