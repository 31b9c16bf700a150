from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evidence.convert import convert
from pipeline.evidence.look import LEAST_DPI, LEAST_TEXT, looks
from tests.evidence.seeing import converted, written
from tests.resources.building import pages, words
from tests.resources.pictures import corners, encoded


def rules(folder: Path, data: bytes) -> set[str]:
    return {finding.rule for finding in convert(written(folder, data), shown_as="file").findings}


@pytest.mark.parametrize(("size", "small"), [(5.5, False), (5.3, True)])
def test_the_size_of_type_is_measured_after_fitting(tmp_path: Path, size: float, small: bool) -> None:
    share = 734 / 792
    assert (size * share < LEAST_TEXT) == small
    found = rules(tmp_path, pages(words("A line of small print of more than an inch in length", size=size)))
    assert ("evidence-small-text" in found) == small


def test_type_is_measured_through_the_scale_of_its_page(tmp_path: Path) -> None:
    drawn = b"q 0.25 0 0 0.25 0 0 cm " + words("Twelve points drawn at a quarter of the size, which makes three", 288, 2800, 12) + b"Q"
    assert rules(tmp_path, pages(drawn)) == {"evidence-small-text"}


def test_recognised_text_that_is_not_drawn_counts_for_nothing(tmp_path: Path) -> None:
    unseen = b"3 Tr " + words("Recognised words under a scan that are drawn invisibly in small type", size=3)
    assert rules(tmp_path, pages(unseen)) == {"evidence-blank-page"}


@pytest.mark.parametrize(("dots", "coarse"), [(160, False), (140, True)])
def test_the_resolution_of_a_scan_is_measured_on_paper(tmp_path: Path, dots: int, coarse: bool) -> None:
    scan = encoded(corners(round(7 * dots), round(9 * dots)), "JPEG", quality=50, dpi=(dots, dots))
    assert (dots < LEAST_DPI) == coarse
    assert ("evidence-low-resolution" in rules(tmp_path, scan)) == coarse


def test_a_scan_that_is_reduced_gains_resolution(tmp_path: Path) -> None:
    assert rules(tmp_path, encoded(corners(1300, 1700), "JPEG", quality=50, dpi=(100, 100))) == set()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_exactly_the_blank_pages_are_called_blank(blank: Sequence[bool]) -> None:
    data = pages(*(b"" if empty else words("Something") for empty in blank))
    with tempfile.TemporaryDirectory() as folder:
        result = convert(written(Path(folder), data), shown_as="file")
    assert [look.is_blank for look in looks(result.pdf)] == list(blank)


def test_a_page_with_one_word_is_not_blank() -> None:
    assert converted("raised-figure.pdf").findings == ()
