"""Lookups of facts by date, place and kind of request."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.law.facts import Facts
from pipeline.law.load import load_facts
from pipeline.law.model import Confidence, EditionFact, FeeFact, PovertyFact

FACTS = load_facts()
FILED = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("item", "mode", "exemption", "amount"),
    [
        ("7", "paper", "", 630),
        ("7", "online", "", 580),
        ("7", "paper", "sij", 0),
        ("7", "paper", "armed-forces", 0),
        ("7", "paper", "i485-fee-paid-2007-2024", None),
        ("5.A", "online", "", 580),
        ("5.A", "paper", "i485-fee-paid-2007-2024", 0),
        ("5.B", "online", "", None),
        ("5.G", "paper", "", 0),
        ("8.A", "paper", "", 0),
        ("8.B", "paper", "", None),
        ("9", "paper", "", None),
        ("10.A", "paper", "", None),
        ("10.C", "online", "", 580),
        ("11", "paper", "", None),
        ("part-9", "paper", "", 280),
        ("I-134", "paper", "", 0),
    ],
)
def test_fee(item: str, mode: str, exemption: str, amount: int | None) -> None:
    fact = FACTS.fee(item, mode, exemption, FILED)
    assert (fact.amount if fact else None) == amount


def test_fee_is_unknown_before_it_was_read() -> None:
    assert FACTS.fee("7", "paper", "", date(2020, 1, 1)) is None


@pytest.mark.parametrize(
    ("item", "carrier", "state", "receipt", "last_line"),
    [
        ("7", "usps", "TX", "", "Dallas, TX 75266-0865"),
        ("7", "courier", "NY", "", "Lewisville, TX 75067-8003"),
        ("5.A", "usps", "CA", "IOE0912345678", "Chicago, IL 60680"),
        ("5.A", "usps", "CA", "", "Chicago, IL 60680"),
        ("5.A", "usps", "CA", "WAC2190012345", "Phoenix, AZ 85036-1281"),
        ("5.B", "courier", "NY", "ZNY2190012345", "Elgin, IL 60124-7836"),
        ("5.A", "usps", "CA", "ZZZ2190012345", None),
        ("5.C", "usps", "CA", "", None),
        ("8.A", "usps", "CA", "", None),
        ("10.C", "courier", "CA", "", None),
    ],
)
def test_address(item: str, carrier: str, state: str, receipt: str, last_line: str | None) -> None:
    fact = FACTS.address(item, carrier, FILED, state=state, receipt=receipt)
    assert (fact.lines(carrier)[-1] if fact else None) == last_line


@pytest.mark.parametrize(
    ("on", "amount"),
    [
        (date(2025, 10, 15), None),
        (date(2025, 10, 16), 1000),
        (date(2026, 10, 15), 1020),
        (date(2026, 10, 16), 1050),
        (date(2027, 1, 11), 1050),
    ],
)
def test_parole_fee_follows_the_day_of_entry(on: date, amount: int | None) -> None:
    fact = FACTS.parole_fee(on)
    assert (fact.amount if fact else None) == amount


@given(st.dates(min_value=date(2025, 10, 16), max_value=date(2035, 1, 1)))
def test_one_parole_fee_holds_on_every_day_since_it_began(on: date) -> None:
    assert FACTS.parole_fee(on) is not None


@pytest.mark.parametrize(
    ("state", "household", "percent", "dollars"),
    [
        ("TX", 1, 100, 15960),
        ("TX", 2, 125, 27050),
        ("TX", 8, 125, 69650),
        ("AK", 2, 125, 33813),
        ("HI", 2, 125, 31113),
        ("PR", 2, 100, 21640),
        ("TX", 2, 150, 32460),
    ],
)
def test_poverty_lines_are_those_of_the_published_tables(state: str, household: int, percent: int, dollars: int) -> None:
    fact = FACTS.poverty(state, FILED)
    assert fact is not None
    assert fact.line(household, percent) == dollars


@given(st.sampled_from(FACTS.of(PovertyFact)), st.integers(1, 40), st.integers(1, 400))
def test_poverty_line_grows_with_the_household_and_never_falls_below_the_percentage(
    fact: PovertyFact, household: int, percent: int
) -> None:
    assert fact.line(household + 1, percent) > fact.line(household, percent)
    assert 0 <= fact.line(household, percent) * 100 - fact.line(household) * percent < 100


def test_a_household_has_someone_in_it() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FACTS.of(PovertyFact)[0].line(0)


def test_edition_of_a_day() -> None:
    edition = FACTS.edition("I-131", FILED)
    assert edition is not None
    assert edition.edition == "01/20/25"
    assert FACTS.edition("I-131", date(2025, 1, 19)) is None
    assert FACTS.edition("I-999", FILED) is None


def test_kind_item_and_programs() -> None:
    kind = FACTS.kind("re-parole", FILED)
    item = FACTS.item("8.A", FILED)
    assert kind is not None
    assert "10.C" in kind.items
    assert item is not None
    assert item.self_only
    for name in ("keeping-families-together", "chnv", "family-reunification-parole", "uniting-for-ukraine", "I-131F"):
        assert FACTS.program(name, FILED), name
    assert FACTS.program("re-parole", FILED) is None
    assert FACTS.program_of_item("10.G", FILED) is FACTS.program_of_item("6.D", FILED)
    assert FACTS.program_of_item("7", FILED) is None
    assert FACTS.program_named("Parole process for Cubans, Haitians and others", FILED) is FACTS.program("chnv", FILED)
    assert FACTS.program_named("A process of its own", FILED) is None


def test_exceptions_and_notices() -> None:
    exception = FACTS.parole_fee_exception("organ-donor", FILED)
    assert exception is not None
    assert exception.number == 3
    assert FACTS.parole_fee_exception("charity", FILED) is None
    assert {notice.id for notice in FACTS.notices(["Haiti"], FILED)} == {"notice-country-hold", "notice-entry-proclamations"}
    assert FACTS.notices(["Honduras"], FILED) == []


def _fee(fact_id: str, valid_from: date, amount: int) -> FeeFact:
    return FeeFact(
        id=fact_id,
        valid_from=valid_from,
        source="test",
        read_on=FILED,
        confidence=Confidence.HIGH,
        items=("7",),
        modes=("paper",),
        amount=amount,
    )


def test_the_latest_fact_wins_and_of_equal_ones_the_later_in_order() -> None:
    new_year = date(2027, 1, 1)
    facts = Facts((_fee("b", new_year, 2), _fee("a", FILED, 1), _fee("c", new_year, 3)))
    found = [facts.fee("7", "paper", "", day) for day in (FILED - timedelta(1), FILED, new_year)]
    assert [fact.amount if fact else None for fact in found] == [None, 1, 3]


def test_age_of_a_fact() -> None:
    edition = FACTS.edition("I-131", FILED)
    assert isinstance(edition, EditionFact)
    greatest = FACTS.max_age(edition)
    assert greatest == 90
    ages = [FACTS.age(edition, edition.read_on + timedelta(days)) for days in (90, 91, 180, 181)]
    assert [(age.stale, age.too_old) for age in ages] == [(False, False), (True, False), (True, False), (True, True)]
