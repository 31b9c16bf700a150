from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import EvidenceError
from pipeline.evidence.page_range import PageRangeError, describe_pages, parse_pages
from tests.evidence.seeing import converted, text


@st.composite
def selections(draw: st.DrawFn) -> tuple[tuple[int, ...], int]:
    """Pages of a document in rising order, and how many it has."""
    count = draw(st.integers(1, 60))
    pages = draw(st.sets(st.integers(1, count), min_size=1))
    return tuple(sorted(pages)), count


def as_range(pages: tuple[int, ...]) -> str:
    return describe_pages(pages).removeprefix("pages ").removeprefix("page ").replace(" and ", ", ")


@given(selections())
def test_what_is_described_reads_back_as_the_same_pages(selection: tuple[tuple[int, ...], int]) -> None:
    pages, count = selection
    assert parse_pages(as_range(pages), count) == pages


@given(selections(), st.integers(0, 5))
def test_runs_and_single_pages_mean_the_same(selection: tuple[tuple[int, ...], int], spaces: int) -> None:
    pages, count = selection
    assert parse_pages(("," + " " * spaces).join(map(str, pages)), count) == pages


@given(st.text(alphabet="0123456789-, x", max_size=12), st.integers(1, 40))
def test_any_text_is_either_pages_of_the_document_or_a_refusal(written: str, count: int) -> None:
    try:
        pages = parse_pages(written, count)
    except PageRangeError:
        return
    assert pages
    assert list(pages) == sorted(set(pages))
    assert 1 <= pages[0] <= pages[-1] <= count


@pytest.mark.parametrize(
    "written", ["", "0", "0-2", "4", "2-4", "3-1", "1,1", "2,1", "1-2,2", "1,,2", "-2", "2-", "1 2", "one", "1-2-3", "١", "1.5"]
)
def test_what_is_no_range_of_a_document_of_three_pages(written: str) -> None:
    with pytest.raises(PageRangeError):
        parse_pages(written, 3)


@pytest.mark.parametrize(
    ("pages", "words"),
    [((), ""), ((7,), "page 7"), ((1, 2, 3), "pages 1-3"), ((1, 3), "pages 1 and 3"), ((1, 2, 3, 5, 7, 8), "pages 1-3, 5 and 7-8")],
)
def test_pages_in_words(pages: tuple[int, ...], words: str) -> None:
    assert describe_pages(pages) == words


def test_a_range_takes_those_pages_and_no_others() -> None:
    result = converted("text-3-pages.pdf", "1, 3")
    assert (result.pages_in, result.pages_out, result.chosen) == (3, 2, (1, 3))
    assert [text(result.pdf, page).strip() for page in (1, 2)] == ["First page", "Third page"]


def test_a_range_works_on_pictures_of_one_file() -> None:
    result = converted("pages.tiff", "2")
    assert (result.pages_in, result.pages_out) == (3, 1)


def test_a_range_beyond_the_file_is_an_error_of_that_file() -> None:
    with pytest.raises(EvidenceError) as caught:
        converted("text-3-pages.pdf", "2-9")
    (finding,) = caught.value.findings
    assert (finding.rule, finding.where) == ("evidence-page-range", "text-3-pages.pdf")
    assert "pages 1 to 3" in finding.message
