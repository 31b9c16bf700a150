"""The sentences of the data files: each with its source, each able to hold, short, and an office's own in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import TemplateError
from pipeline.law.load import load_facts
from pipeline.law.model import ItemFact
from pipeline.letters.guidance import guidance
from pipeline.letters.office import Office
from pipeline.letters.stages import (
    letter_sources,
)
from tests.letters.stage_cases import (
    KINDS,
    STAGES,
    at,
    both,
    letter,
    of_kind,
    squeezed,
    stage,
    text,
)

DATA = Path(__file__).parents[2] / "templates" / "letters" / "stages"
FILES = ("steps.yaml", "arrival.yaml", "response.yaml")


def sentences() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for file in FILES:
        for section in yaml.safe_load((DATA / file).read_text(encoding="utf-8"))["sections"]:
            for entry in section["sentences"]:
                yield file, section, entry


def test_every_sentence_has_a_source_of_high_or_medium_confidence_or_is_marked_as_advice() -> None:
    known = of_kind("re-parole", "approved").stage.grounds.keys() | {"notice-country-hold", "notice-entry-proclamations"}
    count = 0
    for file, _, entry in sentences():
        count += 1
        if "fact" in entry:
            assert entry["fact"] in known, (file, entry["text"])
        elif entry["source"] not in ("practice", "case"):
            assert entry["confidence"] in ("high", "medium"), entry["text"]
            assert date(2026, 1, 1) < entry["read_on"] <= date(2026, 11, 24), entry["text"]
        if "DS-160" in entry["text"]:
            assert entry["source"] == "practice", "no current source says that parolees fill it in"
            assert re.search(r"Does it want|If it wants", entry["text"])
    assert count > 120


def test_every_condition_can_hold() -> None:
    conditions = of_kind("urgent-humanitarian", "prepared").stage.conditions
    values: dict[str, set[Any]] = {
        "stage": set(STAGES),
        "place": {"abroad", "here", "travel"},
        "kind": set(KINDS),
        "mode": {"paper", "online"},
        "item": {fact.item for fact in load_facts().of(ItemFact, date(2026, 11, 24))},
    }
    for _, section, entry in sentences():
        for when in (section.get("when", {}), entry.get("when", {})):
            for name, value in when.items():
                assert name in conditions
                assert set(value if isinstance(value, list) else [value]) <= values.get(name, {True, False}), (name, entry["text"])


def test_sentences_are_short() -> None:
    lengths = [
        len(part.split())
        for file, _, entry in sentences()
        if file != "response.yaml"
        for part in re.split(r"(?<=[.?!:;])\s", re.sub(r"U\.S\.|Ms\. L\.", "US", entry["text"]))
    ]
    assert max(lengths) <= 36
    assert sum(lengths) / len(lengths) < 15


def test_the_office_sees_the_source_of_what_the_client_is_told() -> None:
    case = at(stage(name="approved"))
    words = text(letter_sources(case.context, case.stage))
    told = [s for f in ("steps.yaml", "arrival.yaml") for g in guidance(f, case.stage, case.context.day) for s in g.sentences]
    assert sum(s.ground is not None for s in told) >= 10
    for sentence in told:
        if sentence.ground:
            assert sentence.text in words
            assert squeezed(sentence.ground.source) in squeezed(words)
    later = at(both(stage(name="approved"), lambda data: data.update(prepared_on="2028-01-03")))
    late = text(letter_sources(later.context, later.stage))
    assert late.count("Too old: read it again") > words.count("Too old: read it again")


def test_an_office_has_sentences_of_its_own(tmp_path: Path) -> None:
    told = "{text: 'Ask {adviser}.', source: practice}, {text: 'By {due}.', source: case}"
    own = f"max_age_days: 9\nsections: [{{title: Own, sentences: [{told}]}}]"
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "steps.yaml").write_text(own, encoding="utf-8")
    words = letter(at(), Office(templates=(tmp_path,)))
    assert "1. Own Ask us." in words
    assert "By" not in words.split("1. Own")[1].split("Please")[0]


@pytest.mark.parametrize(
    "sentence",
    ["{text: a}", "{text: a, source: x}", "{text: a, source: practice, read_on: 2026-01-01}", "{text: a, fact: kind, source: practice}",
     "{text: a, source: x, read_on: soon}", "{source: practice}", "{text: a, source: practice, wen: {place: here}}", "3"],
)  # fmt: skip
def test_a_broken_file_is_named(tmp_path: Path, sentence: str) -> None:
    (tmp_path / "stages").mkdir()
    content = f"max_age_days: 9\nsections: [{{title: Own, sentences: [{sentence}]}}]"
    (tmp_path / "stages" / "steps.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match=r"stages/steps\.yaml: is not a file of sections"):
        letter(at(), Office(templates=(tmp_path,)))


def test_a_word_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    content = "max_age_days: 9\nsections: [{title: Own, sentences: [{text: 'For {moon}.', source: practice}]}]"
    (tmp_path / "stages" / "steps.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match='there is no word "moon"'):
        letter(at(), Office(templates=(tmp_path,)))


@pytest.mark.parametrize(("read_on", "too_old"), [("2026-11-15", False), ("2026-11-14", True)])
def test_a_sentence_is_too_old_past_the_age_of_its_file(tmp_path: Path, read_on: str, too_old: bool) -> None:
    (tmp_path / "stages").mkdir()
    content = f"max_age_days: 9\nsections: [{{title: Own, sentences: [{{text: Told, source: Somewhere, read_on: {read_on}}}]}}]"
    (tmp_path / "stages" / "steps.yaml").write_text(content, encoding="utf-8")
    case = at()
    assert ("Too old" in text(letter_sources(case.context, case.stage, Office(templates=(tmp_path,))))) == too_old
