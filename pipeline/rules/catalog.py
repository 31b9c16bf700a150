"""The rules as data: `data/*.yaml`, one file a concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.findings import Level
from pipeline.rules.model import Needs, Rule, When
from pipeline.yaml_files import read_yaml

_DATA = Path(__file__).resolve().parent / "data"


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, ordered by the name of its concern's file and then as it stands there."""
    return tuple(_rule(content["concern"], row) for content in _files() for row in content["rules"])


@cache
def _files() -> Sequence[Mapping[str, Any]]:
    return [read_yaml(path) for path in sorted(_DATA.glob("*.yaml"))]


@cache
def _by_id() -> Mapping[str, Rule]:
    return {rule.id: rule for rule in rules()}


def rule(rule_id: str) -> Rule | None:
    """The rule of that id, or None."""
    return _by_id().get(rule_id)


@cache
def concerns() -> Mapping[str, str]:
    """The title of each concern by its word, in the order of the rules."""
    return {content["concern"]: content["title"] for content in _files()}


def _rule(concern: str, row: Mapping[str, Any]) -> Rule:
    when = {name: tuple(value) for name, value in row.get("when", {}).items()}
    needs = row.get("needs")
    return Rule(
        id=row["id"],
        concern=concern,
        level=Level(row["level"]),
        message=row["message"],
        remedy=row["remedy"],
        source=row.get("source", ""),
        read_on=row.get("read_on", ""),
        confidence=row.get("confidence", ""),
        final=row.get("final", False),
        while_building=row.get("while_building", False),
        when=When(**when),
        needs=Needs(tuple(needs["any_of"]), needs.get("per", "case")) if needs else None,
    )
