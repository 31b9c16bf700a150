"""Words: dates, money, pages, lists, pronouns, countries."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.letters import wording
from pipeline.letters.people import Person
from pipeline.letters.request import Citation
from pipeline.letters.wording import WordingError

SHE, HE, THEY = Person("Ana Ro", sex="female"), Person("Bo Li", sex="male"), Person("Cy Om")


def test_dates_are_american_and_independent_of_the_machine() -> None:
    assert wording.long_date(date(2026, 11, 24)) == "November 24, 2026"
    assert wording.long_date(date(2015, 6, 9)) == "June 9, 2015"


@given(st.dates())
def test_every_date_can_be_read_back(day: date) -> None:
    month, number, year = wording.long_date(day).replace(",", "").split()
    assert date(int(year), wording._MONTHS.index(month) + 1, int(number)) == day


@pytest.mark.parametrize(("dollars", "printed"), [(0, "$0"), (630, "$630"), (91400, "$91,400"), (1234567, "$1,234,567")])
def test_money(dollars: int, printed: str) -> None:
    assert wording.money(dollars) == printed


@pytest.mark.parametrize("value", ["2026-11-24", None, True, 1.5])
def test_a_wrong_kind_of_value_is_refused_without_being_shown(value: object) -> None:
    for convert in (wording.long_date, wording.money, wording.code):
        with pytest.raises(WordingError) as caught:
            convert(value)
        assert "2026" not in str(caught.value)


@pytest.mark.parametrize(
    ("citation", "printed"),
    [(Citation("D", 41, 42), "Ex. D, pp. 41-42"), (Citation("AB", 47, 47), "Ex. AB, p. 47"), (Citation("Tab 4", 9, 11), "Tab 4, pp. 9-11")],
)
def test_citations(citation: Citation, printed: str) -> None:
    assert wording.cite(citation) == printed


@pytest.mark.parametrize(
    ("words", "printed"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B, and C"), (["A", "B", "C", "D"], "A, B, C, and D")],
)
def test_lists(words: list[str], printed: str) -> None:
    assert wording.and_list(words) == printed


@pytest.mark.parametrize(
    ("of", "case", "word"),
    [
        (SHE, "subject", "she"),
        (HE, "object", "him"),
        (THEY, "possessive", "their"),
        ([SHE], "reflexive", "herself"),
        ([HE], "possessive", "his"),
        ([SHE, HE], "object", "them"),
        ([SHE, SHE], "subject", "they"),
    ],
)
def test_pronouns(of: Person | list[Person], case: str, word: str) -> None:
    assert wording.pronoun(of, case) == word


def test_the_verb_follows_the_pronoun() -> None:
    assert [wording.verb(of, "asks", "ask") for of in (SHE, [HE], THEY, [SHE, HE])] == ["asks", "asks", "ask", "ask"]


def test_an_unknown_pronoun_is_refused() -> None:
    with pytest.raises(WordingError, match="pronoun knows"):
        wording.pronoun(SHE, "dative")


def test_plural_counts_numbers_and_lists() -> None:
    assert [wording.plural(of, "is", "are") for of in (1, 0, 2, ["x"], [], (1, 2))] == ["is", "are", "are", "is", "are", "are"]
    with pytest.raises(WordingError):
        wording.plural("text", "is", "are")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Honduras", "Honduras"),
        ("Philippines", "the Philippines"),
        ("The Bahamas", "The Bahamas"),
        ("Dominican Republic", "the Dominican Republic"),
        ("United Kingdom", "the United Kingdom"),
        ("Côte d'Ivoire", "Côte d'Ivoire"),
        ("", ""),
    ],
)
def test_countries(name: str, printed: str) -> None:
    assert wording.country(name) == printed


def test_standing_speaks_only_of_what_is_known() -> None:
    assert wording.standing(Person("X", status="us-citizen", citizenship="United States")) == "a citizen of the United States"
    assert wording.standing(Person("X", status="none", citizenship="Philippines")) == "a citizen of the Philippines"
    assert wording.standing(Person("X", status="none")) == ""


def test_citizens() -> None:
    one, two, other = (Person("X", citizenship=name) for name in ("Honduras", "Honduras", "Peru"))
    assert wording.citizens([one]) == "a citizen of Honduras"
    assert wording.citizens([one, two]) == "both citizens of Honduras"
    assert wording.citizens([one, two, one]) == "all citizens of Honduras"
    assert wording.citizens([one, other]) == wording.citizens([Person("X")]) == ""


def test_a_stateless_person_is_a_citizen_of_no_country() -> None:
    one = Person("X", status="parolee", citizenship="Stateless")
    assert wording.standing(one) == "a stateless person and a parolee in the United States"
    assert wording.citizens([one]) == wording.citizen("stateless") == "a stateless person"
    assert wording.citizens([one, one]) == "both stateless"
    assert wording.citizens([one, one, one]) == "all stateless"


def test_relationships_with_one_two_and_three_people() -> None:
    nephew, sister, friend = Person("A B", relationship="nephew"), Person("C D", relationship="sister"), Person("E F")
    assert wording.related([nephew], "her") == "her nephew, A B"
    assert wording.related([Person("A B", relationship="Nephew"), friend], "her") == "her nephew, A B, and E F"
    assert wording.related([nephew, sister], "my") == "my nephew, A B, and my sister, C D"
    assert wording.related([nephew, sister, friend], "his") == "his nephew, A B; his sister, C D; and E F"
    assert wording.related([friend, friend], "his") == "E F and E F"


@pytest.mark.parametrize(
    ("text", "inside", "alone"), [("care.", "care", "Care."), (" an end ", "an end", "An end."), ("Why?", "Why?", "Why?")]
)
def test_phrases_and_sentences(text: str, inside: str, alone: str) -> None:
    assert wording.phrase(text) == inside
    assert wording.sentence(text) == alone


def test_small_numbers_are_words_and_a_numbers_nine_digits() -> None:
    assert [wording.in_words(n) for n in (0, 1, 10, 11)] == ["no", "one", "ten", "11"]
    assert wording.a_number("A-12 345 678") == "A012345678"


def test_what_is_made_of_code_or_unbroken_text_is_a_plain_string() -> None:
    code, name = wording.code(41), wording.unbroken("Ana Ro")
    assert {type(made) for made in (code + "x", name + "x", name.upper(), f"{code}", name[0:], name.replace("A", "B"))} == {str}
