"""Checking a case against every rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pipeline.case.model import Case, Position
from pipeline.findings import Finding, Level
from pipeline.law.facts import Facts
from pipeline.rules.catalog import rule as rule_of
from pipeline.rules.catalog import rules
from pipeline.rules.context import RuleContext
from pipeline.rules.model import Hit, Rule
from pipeline.rules.registry import checks


def check(case: Case, as_of: date, facts: Facts) -> list[Finding]:
    """Every finding of every rule about a schema-valid case on a day, in file order.

    Findings of one place stand in the order of the rules; findings about facts of law, which have no place in the case
    file, come last.  No message holds a value of the case.  Rules that only building can find are left out.
    """
    context = RuleContext(case, as_of, facts)
    table = checks()
    hits = [(rule, hit) for rule in rules() if not rule.while_building for hit in table[rule.id](context)]
    hits.sort(key=lambda pair: _place(case, pair[1]))
    return [_finding(case, rule, hit) for rule, hit in hits]


def found(rule_id: str, where: str, words: Mapping[str, str]) -> Finding:
    """The finding of a rule that is found while the packet is built; raises KeyError for an unknown rule or a word that is missing."""
    rule = rule_of(rule_id)
    if rule is None:
        raise KeyError(rule_id)
    return _worded(rule, where, Hit(words=words))


def accept(findings: Iterable[Finding], decisions: Mapping[str, str]) -> list[Finding]:
    """The findings with the accepted rules lowered to level info, as an attorney decided.

    `decisions` maps a rule's id to the reason, which is not printed here: the manifest records it.  Rules that are
    final, and findings of no rule (such as the schema's), stay as they are.
    """
    return [
        Finding(one.rule, Level.INFO, one.where, f"accepted by the office: {one.message}", one.remedy, one.source)
        if one.rule in decisions and _acceptable(one.rule)
        else one
        for one in findings
    ]


def unacceptable(decisions: Mapping[str, str]) -> list[str]:
    """The rule ids of decisions that name no rule, or a final one, or that give no reason."""
    return [rule_id for rule_id, because in decisions.items() if not _acceptable(rule_id) or not because.strip()]


def _acceptable(rule_id: str) -> bool:
    return any(rule.id == rule_id and not rule.final for rule in rules())


def _place(case: Case, hit: Hit) -> tuple[bool, Position]:
    return bool(hit.place), case.place(hit.pointer) or Position(0, 0)


def _finding(case: Case, rule: Rule, hit: Hit) -> Finding:
    return _worded(rule, hit.place or case.where(hit.pointer), hit)


def _worded(rule: Rule, where: str, hit: Hit) -> Finding:
    return Finding(
        rule.id,
        rule.level,
        where,
        rule.message.format_map(hit.words),
        rule.remedy.format_map(hit.words),
        hit.source or rule.cited,
    )
