"""The facts of law as a table for reading: what holds on a day, how old it is, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pipeline.law.facts import Facts
from pipeline.law.model import TOPICS, Fact


def law_report(facts: Facts, as_of: date) -> str:
    """One block a topic: each fact that holds on the day, with its age in days, its confidence and its source."""
    return "\n".join(line for topic in TOPICS for line in _topic(facts, topic, as_of)) + "\n"


def _topic(facts: Facts, topic: str, as_of: date) -> Iterator[str]:
    holding = facts.of(TOPICS[topic], as_of)
    yield f"{topic} (read again after {facts.ages.get(topic, '-')} days)"
    for fact in holding:
        yield f"  {fact.id}  {_age(facts, fact, as_of)}, confidence {fact.confidence}"
        yield f"      {fact.cited}"
        if fact.note:
            yield f"      {fact.note}"


def _age(facts: Facts, fact: Fact, as_of: date) -> str:
    age = facts.age(fact, as_of)
    state = "too old" if age.too_old else "stale" if age.stale else "fresh"
    return f"{age.days} days, {state}"
