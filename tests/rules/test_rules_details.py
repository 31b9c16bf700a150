"""The small arithmetic of the rules: labels, pages, ages, lengths in words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.case.model import Case
from pipeline.case.pointer import walk
from pipeline.case.skeleton import kinds, skeleton
from pipeline.rules.context import RuleContext, day, years_between
from pipeline.rules.dates import days_in_words
from pipeline.rules.exhibits import is_english, label, page_ranges
from pipeline.rules.people import answer_missing
from tests.rules.case_files import FACTS, FILED


@pytest.mark.parametrize("kind", kinds())
def test_a_skeleton_has_a_place_for_every_answer_that_the_forms_want(kind: str) -> None:
    case = Case(Path("case.json"), json.loads(skeleton(kind)))
    assert [hit.pointer for hit in answer_missing(RuleContext(case, FILED, FACTS))] == []


@pytest.mark.parametrize(("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")])
def test_label(position: int, letters: str) -> None:
    assert label(position) == letters


@given(st.integers(0, 5000))
def test_labels_are_unique_and_grow(position: int) -> None:
    here, after = label(position), label(position + 1)
    assert (len(here), here) < (len(after), after)


@pytest.mark.parametrize(
    ("pages", "ranges"), [("1", [(1, 1)]), ("1-2, 5", [(1, 2), (5, 5)]), ("5-2", [(5, 2)]), ("3–4", [(3, 4)]), ("", []), ("all", [])]
)
def test_page_ranges(pages: str, ranges: list[tuple[int, int]]) -> None:
    assert page_ranges(pages) == ranges


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 999)), max_size=5))
def test_page_ranges_are_read_as_written(ranges: list[tuple[int, int]]) -> None:
    assert page_ranges(", ".join(f"{first}-{last}" for first, last in ranges)) == ranges


@pytest.mark.parametrize(
    ("length", "days"),
    [("2 weeks", 14), ("ten days", 10), ("1 year", 365.25), ("a year", 365.25), ("eleven months and 20 days", 354.8), ("12-month", 365.25)],
)
def test_days_in_words(length: str, days: float) -> None:
    said = days_in_words(length)
    assert said is not None
    assert abs(said - days) < 0.1


@pytest.mark.parametrize("length", ["", "until recovery", "some months", "as long as needed"])
def test_a_length_that_says_no_number_is_not_judged(length: str) -> None:
    assert days_in_words(length) is None


@given(st.integers(0, 20), st.integers(0, 11), st.integers(0, 30))
def test_days_in_words_add_up(years: int, months: int, days: int) -> None:
    said = days_in_words(f"{years} years, {months} months and {days} days")
    meant = years * 365.25 + months * 365.25 / 12 + days
    assert (said or 0) == pytest.approx(meant)


@pytest.mark.parametrize("text", ["19120115", "1912-W03-1", "1912-015", "H0155512", "1912-02-30", " 1912-01-15"])
def test_a_number_is_no_day_although_it_reads_like_one(text: str) -> None:
    assert day("1912-01-15") == date(1912, 1, 15)
    assert day(text) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 60_000))
def test_an_age_grows_on_the_birthday(born: date, days: int) -> None:
    today = born + timedelta(days=days)
    age = years_between(born, today)
    assert 0 <= age <= days / 365
    grown = years_between(born, today + timedelta(days=1)) - age
    assert grown in {0, 1}
    assert (grown == 1) == ((today + timedelta(days=1)).strftime("%m%d") == _birthday(born, today + timedelta(days=1)))


def _birthday(born: date, today: date) -> str:
    """The month and day on which the age grows in a year: March 1 for a leap day in a common year."""
    try:
        return born.replace(year=today.year).strftime("%m%d")
    except ValueError:
        return "0301"


@pytest.mark.parametrize("value", ["2026-02-30", "", "tomorrow", None, 3])
def test_what_is_no_date_is_none(value: object) -> None:
    assert day(value) is None


def test_walk_goes_in_file_order_and_leaves_comments_out() -> None:
    document = {"b": [1, {"c/d": 2}], "$comment": {"e": 3}, "a": "x"}
    assert [pointer for pointer, _ in walk(document)] == ["", "/b", "/b/0", "/b/1", "/b/1/c~1d", "/a"]


@pytest.mark.parametrize(("language", "english"), [("English", True), (" english ", True), ("Spanish", False), ("", False)])
def test_is_english(language: str, *, english: bool) -> None:
    assert is_english(language) is english
