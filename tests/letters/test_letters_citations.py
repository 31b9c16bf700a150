"""Citations are found in running text as attorneys write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.letters.citations import mentions
from pipeline.letters.request import Citation
from pipeline.letters.wording import cite

Runs = list[tuple[str, str]]
Pages = list[tuple[int, int]]


@pytest.mark.parametrize(
    ("text", "labels", "pages"),
    [
        ("ill (Ex. B, p. 31).", [("B", "B")], [(31, 31)]),
        ("Exhibit B, page 31, shows", [("B", "B")], [(31, 31)]),
        ("EXHIBIT AA (pages 31–33)", [("AA", "AA")], [(31, 33)]),
        ("Ex. B at 31", [("B", "B")], [(31, 31)]),
        ("Ex. B, at packet pp. 31, 33 and 35-36", [("B", "B")], [(31, 31), (33, 33), (35, 36)]),
        ("Exs. B and C", [("B", "B"), ("C", "C")], []),
        ("Exhibits B, C, and D to F prove it", [("B", "B"), ("C", "C"), ("D", "F")], []),
        ("Exhibits A-C, pp. 131-33", [("A", "C")], [(131, 133)]),
        ("Tab 3, p. 40", [("3", "3")], [(40, 40)]),
        ("Tabs 2 to 5", [("2", "5")], []),
        ("Ex. 12,\u00a0p.\u00a0140", [("12", "12")], [(140, 140)]),
        ("Ex. B,\r\npp. 31-\r\n33", [("B", "B")], [(31, 33)]),
        ("Ex. B, pp. 31-33, 12 months after", [("B", "B")], [(31, 33)]),
        ("Ex. B, p. 31, 200 miles away", [("B", "B")], [(31, 31)]),
        ("packet pages 30 to 34", [], [(30, 34)]),
        ("pages 1-3 of Exhibit J", [("J", "J")], [(1, 3)]),
        ("Page 2 of the Exhibit B", [("B", "B")], [(2, 2)]),
        ("pp. 1, 2 and 5-6 in Exs. B and C", [("B", "B"), ("C", "C")], [(1, 1), (2, 2), (5, 6)]),
        ("packet pages 31-33 of Exhibit B", [("B", "B")], [(31, 33)]),
        ("Exhibits A/B", [("A", "A"), ("B", "B")], []),
        ("Exhibit A/B, p. 31", [("A", "A"), ("B", "B")], [(31, 31)]),
        ("Exhibits A / B and/or D", [("A", "A"), ("B", "B"), ("D", "D")], []),
        ("Exhibits B or C", [("B", "B"), ("C", "C")], []),
        ('Exhibit "A"', [("A", "A")], []),
        ("Exhibit “A,” page 31", [("A", "A")], [(31, 31)]),
        ("Exhibits 'A' and 'B'", [("A", "A"), ("B", "B")], []),
        ("Exhibits “A,” “B,” and “C” at 31", [("A", "A"), ("B", "B"), ("C", "C")], [(31, 31)]),
        ("called “Exhibit B,” p. 31", [("B", "B")], [(31, 31)]),
        ('Tabs "2"-"5"', [("2", "5")], []),
        ("Exhibit B's first page", [("B", "B")], []),
    ],
)
def test_a_citation_is_read(text: str, labels: Runs, pages: Pages) -> None:
    (found,) = mentions(text)
    assert (list(found.labels), list(found.pages)) == (labels, pages)


def test_pages_before_an_exhibit_may_count_within_it_and_packet_pages_do_not() -> None:
    found = list(mentions("page 2 of Exhibit B (p. 31); packet page 40 of Exhibit C"))
    assert [(one.labels[0][0], one.pages, one.within) for one in found] == [
        ("B", ((2, 2),), True),
        ("B", ((31, 31),), False),
        ("C", ((40, 40),), False),
    ]


def test_a_long_row_of_numbers_that_cites_nothing_is_read_at_once() -> None:
    """Read with every way of pairing its numbers, it would take longer than any build."""
    assert list(mentions("pages " + "-".join(str(n) for n in range(1, 400)))) == []


def test_what_follows_a_cited_page_is_read_too() -> None:
    found = list(mentions("(Exs. B, pp. 31-33, and C, p. 40 and D, p. 50)"))
    assert [(one.labels[0][0], one.pages[0]) for one in found] == [("B", (31, 33)), ("C", (40, 40)), ("D", (50, 50))]


@pytest.mark.parametrize(
    "text", ["an exhibit a day", "Exhibit sheets", "ex parte", "Form I-131, page 3", "export 12", "Examples 3 and 4", "the tab"]
)
def test_other_words_are_no_citation(text: str) -> None:
    assert list(mentions(text)) == []


@given(
    st.text(),
    st.text(),
    st.from_regex(r"[A-Z]{1,2}|[1-9]\d?|Tab [1-9]", fullmatch=True),
    st.integers(1, 4000),
    st.integers(0, 400),
)
def test_every_citation_that_our_letters_print_is_read_back(before: str, after: str, label: str, first: int, more: int) -> None:
    text = cite(Citation(label, first, first + more))
    found = [one for one in mentions(f"{before} ({text}) {after}") if one.text == text]
    bare = label.removeprefix("Tab ")
    assert (((bare, bare),), ((first, first + more),)) in [(one.labels, one.pages) for one in found]


LABELS = st.from_regex(r"[A-Z]{1,2}|[1-9]\d?", fullmatch=True)
QUOTES = st.sampled_from(["{}", '"{}"', "'{}'", "“{}”", "‘{}’"])
WORDS = st.sampled_from(["page", "pages", "p.", "pp.", "Pages"])


@given(st.text(), st.text(), LABELS, QUOTES, WORDS, st.integers(1, 4000), st.integers(0, 400))
def test_pages_of_an_exhibit_are_read_whatever_the_quotes(
    before: str, after: str, label: str, quotes: str, word: str, first: int, more: int
) -> None:
    text = f"{word} {first}-{first + more} of Exhibit {quotes.format(label)}"
    found = [one for one in mentions(f"{before} ({text}) {after}") if one.text == text]
    assert (((label, label),), ((first, first + more),), True) in [(one.labels, one.pages, one.within) for one in found]


@given(st.text(), st.text(), st.lists(LABELS, min_size=2, max_size=5), QUOTES, st.sampled_from(["/", " / ", ", ", " and ", " or ", " & "]))
def test_lists_of_exhibits_are_read_whatever_stands_between(before: str, after: str, labels: list[str], quotes: str, between: str) -> None:
    text = f"Exhibits {between.join(quotes.format(label) for label in labels)}"
    found = [one for one in mentions(f"{before} ({text}) {after}") if one.text == text]
    assert tuple((label, label) for label in labels) in [one.labels for one in found]
