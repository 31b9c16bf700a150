"""Every rule is broken by a small wrong case named after it, and by nothing else there; and a base case does not break it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.case.schema import schema_findings
from pipeline.findings import Level
from pipeline.rules.catalog import rule, rules
from pipeline.rules.check import check
from tests.rules.case_files import BASES, FACTS, FILED, base, rules_of_base, wrong, wrong_files

ALWAYS = {
    "biometrics": ("urgent-humanitarian", None),
    "who-decides": ("urgent-humanitarian", None),
    "signed-by-hand": ("urgent-humanitarian", None),
    "edition-watch": ("urgent-humanitarian", None),
    "payment-no-checks": ("urgent-humanitarian", "military-parole-in-place"),
    "exception-unclaimed": ("urgent-humanitarian", "re-parole"),
    "parole-fee-at-port": ("urgent-humanitarian", "re-parole"),
    "parole-fee-on-return": ("advance-parole", "re-parole"),
    "parole-fee-on-grant": ("re-parole", "parole-in-place-task-force"),
    "parole-fee-task-force": ("parole-in-place-task-force", "parole-in-place"),
    "photos-needed": ("advance-parole", "re-parole"),
    "country-notice-elsewhere": ("urgent-humanitarian", None),
    "photos-unknown": ("program-parole", "re-parole"),
    "leaving-before-document": ("advance-parole", "re-parole"),
    "travel-is-a-departure": ("advance-parole", "re-parole"),
    "notice-to-appear": ("parole-in-place", "urgent-humanitarian"),
    "adjustment-after-parole": ("parole-in-place", "re-parole"),
    "re-parole-ends-on-departure": ("re-parole", "parole-in-place"),
    "work-permit-own-payment": ("re-parole", "re-parole-ukraine"),
    "program-open": ("re-parole-ukraine", "re-parole"),
}
"""Reminders that whole cases get: a base that gets each, and one that does not (None: another test shows that)."""

BY_ANOTHER_TEST = {
    "item-unknown",
    "edition-unknown",
    "exhibit-pages-twice",
    "citation-pages-outside",
    "letter-citation",
    "letter-exhibit-uncited",
    "letter-unread",
}


@pytest.mark.parametrize("name", BASES)
def test_base_is_valid_and_without_errors(name: str) -> None:
    assert schema_findings(base(name)) == []
    assert [finding for finding in check(base(name), FILED, FACTS) if finding.level is Level.ERROR] == []


@pytest.mark.parametrize("path", wrong_files(schema=False), ids=lambda path: path.stem)
def test_wrong_case_breaks_its_rule_and_no_other(path: Path) -> None:
    """Reminders of level info may come along with what was changed."""
    case = wrong(path)
    named = rule(case.names)
    assert named is not None, "the file name names no rule"
    assert schema_findings(case.case) == []
    found = Counter(finding.rule for finding in check(case.case, case.as_of, FACTS))
    new = found - Counter(rules_of_base(case.base))
    assert new[named.id] > 0
    assert {rule_id for rule_id in new if level(rule_id) is not Level.INFO} <= {named.id}


@pytest.mark.parametrize("path", wrong_files(schema=True), ids=lambda path: path.stem)
def test_wrong_case_is_refused_at_its_place_of_the_schema(path: Path) -> None:
    case = wrong(path)
    assert [finding.where.rpartition(" ")[2] for finding in schema_findings(case.case)] == [case.names]


@pytest.mark.parametrize(("rule_id", "fires", "silent"), [(rule_id, *bases) for rule_id, bases in ALWAYS.items()])
def test_reminder_comes_where_it_belongs(rule_id: str, fires: str, silent: str | None) -> None:
    assert rule_id in rules_of_base(fires)
    assert silent is None or rule_id not in rules_of_base(silent)


def test_every_rule_is_shown_and_every_file_names_one() -> None:
    shown = {wrong(path).names for path in wrong_files(schema=False)} | set(ALWAYS) | BY_ANOTHER_TEST
    assert shown == {rule.id for rule in rules()}


def test_there_are_as_many_wrong_cases_as_were_promised() -> None:
    assert len(wrong_files(schema=False)) + len(wrong_files(schema=True)) >= 120


def level(rule_id: str) -> Level:
    found = rule(rule_id)
    assert found is not None
    return found.level
