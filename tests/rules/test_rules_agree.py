"""Rules, facts of law and the case schema speak of the same kinds, items, reasons, evidence, exemptions and exceptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from pipeline.law.model import FeeFact, KindFact, ParoleFeeException
from pipeline.resources import shipped
from pipeline.rules import exhibits, history, money, support
from pipeline.rules.catalog import rules
from tests.rules.case_files import FACTS


@cache
def _schema(name: str) -> Any:
    return json.loads((shipped("schemas") / f"{name}.json").read_text(encoding="utf-8"))


def _enum(name: str, prop: str) -> set[str]:
    """The words that a property of a schema file may have, wherever it stands."""
    return {word for found in _found(_schema(name), prop) for word in _words(found)}


def _found(value: Any, prop: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if prop in value.get("properties", {}):
            yield value["properties"][prop]
        for inner in value.values():
            yield from _found(inner, prop)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, prop)


def _words(schema: dict[str, Any]) -> set[str]:
    enum = schema.get("enum") or schema.get("items", {}).get("enum") or []
    return {str(word) for word in enum}


def _evidence() -> set[str]:
    return set(_schema("parts/exhibits")["$defs"]["evidence"]["enum"])


def test_kinds_and_their_items() -> None:
    assert {fact.kind for fact in FACTS.of(KindFact)} == _enum("case", "kind")
    for fact in FACTS.of(KindFact):
        assert set(fact.items) == _words(_schema("parts/kinds")["$defs"][fact.kind]["properties"]["request"]["properties"]["item"]), (
            fact.kind
        )


def test_exemptions_and_exceptions() -> None:
    assert (
        {fact.exemption for fact in FACTS.of(FeeFact)} - {""}
        == _enum("parts/filing", "fee_exemption")
        == _enum("parts/people", "fee_exemption")
    )
    assert {fact.name for fact in FACTS.of(ParoleFeeException)} == _enum("parts/people", "exception")


def test_what_rules_of_evidence_are_about() -> None:
    known = {
        "kinds": _enum("case", "kind"),
        "reasons": _enum("parts/request", "reasons"),
        "roles": _enum("parts/people", "military_role"),
        "items": {item for fact in FACTS.of(KindFact) for item in (*fact.items, *(one.partition(".")[0] for one in fact.items))},
    }
    for rule in rules():
        for limit, words in known.items():
            assert set(getattr(rule.when, limit)) <= words, rule.id


@pytest.mark.parametrize(
    "named",
    [
        exhibits.ASKED_FOR,
        support.INCOME,
        support.ASSETS,
        support.MEANS,
        history.DECISIONS,
        money.WAIVER_PROOF,
        money.EXEMPTION_PROOF,
        *(fact.proof for fact in FACTS.of(ParoleFeeException)),
    ],
)
def test_kinds_of_evidence_that_checks_name(named: frozenset[str] | tuple[str, ...]) -> None:
    assert set(named) <= _evidence()


def test_reasons_that_go_with_exceptions() -> None:
    exceptions = {fact.name for fact in FACTS.of(ParoleFeeException)}
    assert set(money.EXCEPTION_OF_REASON) <= _enum("parts/request", "reasons")
    assert set(money.EXCEPTION_OF_REASON.values()) <= exceptions
    assert set(money.REASONS_OF_EXCEPTION) <= exceptions
    for reason, exception in money.EXCEPTION_OF_REASON.items():
        assert reason in money.REASONS_OF_EXCEPTION[exception]
