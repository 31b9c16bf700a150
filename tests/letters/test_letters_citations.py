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
    ],
)
def test_a_citation_is_read(text: str, labels: Runs, pages: Pages) -> None:
    (found,) = mentions(text)
    assert (list(found.labels), list(found.pages)) == (labels, pages)


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
