"""The shipped facts: each file is what the schema says, and each fact is sourced, dated and met by a lookup."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import pipeline.law
from pipeline.law.facts import Facts
from pipeline.law.load import file_findings, load_facts
from pipeline.law.model import TOPICS, AddressFact, FeeFact, ItemFact, KindFact, NoticeFact, PovertyFact, ProgramFact, ProgramStatus
from pipeline.yaml_files import read_yaml

DATA = sorted((Path(pipeline.law.__file__).parent / "data").glob("*.yaml"))
STATES_WITH_LOCKBOX = 50
FILED = date(2026, 11, 24)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


def test_there_is_one_file_for_every_topic() -> None:
    assert sorted(read_yaml(path)["topic"] for path in DATA) == sorted(TOPICS)


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_file_is_what_the_schema_says(path: Path) -> None:
    assert file_findings(read_yaml(path), path.name) == []


def test_ids_are_unique() -> None:
    ids = [row["id"] for path in DATA for row in read_yaml(path)["facts"]]
    assert len(ids) == len(set(ids))


def test_every_fact_is_sourced_and_read_before_this_was_written(facts: Facts) -> None:
    for fact in facts.facts:
        assert fact.source, fact.id
        assert fact.valid_from <= FILED, fact.id
        assert fact.read_on <= FILED, fact.id
        assert facts.max_age(fact), fact.id


def test_every_item_of_every_kind_is_described_and_no_other(facts: Facts) -> None:
    of_kinds = {item for kind in facts.of(KindFact) for item in kind.items}
    assert of_kinds == {fact.item for fact in facts.of(ItemFact)}


def test_fees_and_addresses_speak_of_known_items_only(facts: Facts) -> None:
    known = {fact.item for fact in facts.of(ItemFact)}
    others = {"part-9", "I-134", "G-28"}
    assert {item for fee in facts.of(FeeFact) for item in fee.items} <= known | others
    assert {serves.item for address in facts.of(AddressFact) for serves in address.serves} <= known


@pytest.mark.parametrize(("receipt", "count"), [("MSC2190000000", STATES_WITH_LOCKBOX), ("LIN2190000000", STATES_WITH_LOCKBOX)])
def test_every_state_has_exactly_one_lockbox_for_a_pending_adjustment(facts: Facts, receipt: str, count: int) -> None:
    charts = [
        fact
        for fact in facts.of(AddressFact, FILED)
        if any(serves.item == "5.A" and receipt[:3] in serves.receipts for serves in fact.serves)
    ]
    states = [state for fact in charts for state in fact.states]
    assert len(states) == len(set(states))
    assert len(states) >= count


def test_no_address_is_shipped_where_none_was_found(facts: Facts) -> None:
    unknown = [fact.item for fact in facts.of(ItemFact) if not any(fact.item == s.item for a in facts.of(AddressFact) for s in a.serves)]
    assert {item.split(".", maxsplit=1)[0] for item in unknown} == {"4", "5", "6", "8", "9", "10", "11"}
    assert {"7", "5.A", "5.B"}.isdisjoint(unknown)


def test_ended_programs_say_when_and_why(facts: Facts) -> None:
    ended = [fact for fact in facts.of(ProgramFact) if fact.status is ProgramStatus.ENDED]
    assert {kind for fact in ended for kind in fact.kinds} >= {
        "keeping-families-together",
        "chnv",
        "family-reunification-parole",
        "uniting-for-ukraine",
    }
    assert all("/202" in fact.summary for fact in ended)


def test_texts_fit_into_a_sentence(facts: Facts) -> None:
    texts = [fact.text for fact in facts.of(NoticeFact)] + [fact.summary for fact in facts.of(ProgramFact)]
    assert not [text for text in texts if text.endswith(".") or text[0] == " "]


def test_there_is_one_poverty_guideline_for_everywhere_else(facts: Facts) -> None:
    assert [fact.area for fact in facts.of(PovertyFact, FILED) if not fact.states] == ["contiguous"]
