"""The table of facts."""

from __future__ import annotations

from datetime import date

from pipeline.law.load import load_facts
from pipeline.law.model import TOPICS
from pipeline.law.report import law_report

FACTS = load_facts()


def test_every_topic_and_every_fact_that_holds_is_listed_once() -> None:
    day = date(2026, 11, 24)
    lines = law_report(FACTS, day).splitlines()
    for topic in TOPICS:
        assert any(line.startswith(f"{topic} (") for line in lines)
    for fact in FACTS.facts:
        assert sum(line.startswith(f"  {fact.id}  ") for line in lines) == fact.holds(day), fact.id


def test_age_is_said() -> None:
    def state(day: date) -> str:
        return next(line for line in law_report(FACTS, day).splitlines() if line.startswith("  edition-g-28  "))

    assert "53 days, fresh" in state(date(2026, 11, 24))
    assert "stale" in state(date(2027, 1, 15))
    assert "too old" in state(date(2027, 6, 1))
