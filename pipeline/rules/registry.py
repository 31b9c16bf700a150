"""Which check belongs to which rule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.rules import (
    argument,
    dates,
    evidence,
    exhibits,
    filing,
    history,
    kinds,
    money,
    papers,
    people,
    representation,
    stage,
    support,
)
from pipeline.rules.catalog import rules
from pipeline.rules.model import Check

_CONCERNS = (argument, dates, evidence, exhibits, filing, history, kinds, money, papers, people, representation, stage, support)


@cache
def checks() -> Mapping[str, Check]:
    """The check of every rule by the rule's id; a rule of the case without one, or a check without a rule, is a fault that a test finds."""
    table: dict[str, Check] = dict(evidence.requirements(rules()))
    for concern in _CONCERNS:
        table.update(concern.CHECKS)
    return table
