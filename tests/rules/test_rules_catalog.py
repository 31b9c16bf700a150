"""The rules as data: complete, worded alike, sourced, and each with its check."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache

import pytest

from pipeline.resources import shipped
from pipeline.rules.catalog import concerns, rule, rules
from pipeline.rules.model import Rule
from pipeline.rules.registry import checks

RULES = pytest.mark.parametrize("one", rules(), ids=lambda one: one.id)


def test_every_rule_of_the_case_has_a_check_and_every_check_such_a_rule() -> None:
    of_the_case = {one.id for one in rules() if not one.while_building}
    assert checks().keys() == of_the_case


def test_ids_are_unique_and_found() -> None:
    assert len({one.id for one in rules()}) == len(rules())
    assert all(rule(one.id) is one for one in rules())
    assert rule("no-such-rule") is None


def test_there_are_as_many_rules_as_were_promised() -> None:
    assert len(rules()) >= 80


@RULES
def test_wording(one: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.id)
    assert one.concern in concerns()
    assert not one.message.endswith("."), "a message is the middle of a line"
    assert one.remedy.endswith("."), "a remedy is a sentence"
    assert one.remedy[0].isupper()
    assert "\n" not in one.message + one.remedy


@RULES
def test_source(one: Rule) -> None:
    """A rule says where it comes from, or is a plain rule of good form."""
    assert one.confidence in {"", "H", "M", "practice"}
    assert bool(one.source) == bool(one.confidence)
    if one.confidence in {"H", "M"}:
        assert date.fromisoformat(one.read_on) <= date(2026, 11, 30)
    if one.confidence == "practice":
        assert one.level != "error", "practice is no requirement"


@RULES
def test_what_is_asked_for_is_a_kind_of_evidence_of_the_case(one: Rule) -> None:
    if one.needs:
        assert set(one.needs.any_of) <= evidence_kinds()
        assert one.needs.per in {"case", "beneficiary", "petitioner"}


@cache
def evidence_kinds() -> frozenset[str]:
    """The kinds of evidence that the case schema allows."""
    schema = json.loads((shipped("schemas") / "parts" / "exhibits.json").read_text(encoding="utf-8"))
    return frozenset(schema["$defs"]["evidence"]["enum"])
