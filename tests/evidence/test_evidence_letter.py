from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Matrix

from pipeline.evidence.letter import CONTENT, LETTER, Box, numbers, placement

boxes = st.builds(
    lambda x, y, width, height: Box(x, y, x + width, y + height),
    st.floats(-5000, 5000),
    st.floats(-5000, 5000),
    st.floats(1, 10_000),
    st.floats(1, 10_000),
)
turns = st.sampled_from([0, 90, 180, 270])


def corners(box: Box) -> list[tuple[float, float]]:
    return [(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]


@given(boxes, turns, st.floats(0.01, 100))
def test_every_page_lies_in_the_content_box_centred(box: Box, turn: int, unit: float) -> None:
    placed = [placement(box, turn, unit).transform(corner) for corner in corners(box)]
    xs, ys = [x for x, _ in placed], [y for _, y in placed]
    near = 0.01
    assert CONTENT.x0 - near <= min(xs)
    assert max(xs) <= CONTENT.x1 + near
    assert CONTENT.y0 - near <= min(ys)
    assert max(ys) <= CONTENT.y1 + near
    assert min(xs) + max(xs) == pytest.approx(CONTENT.x0 + CONTENT.x1, abs=near)
    assert min(ys) + max(ys) == pytest.approx(CONTENT.y0 + CONTENT.y1, abs=near)


@given(boxes, turns, st.floats(0.01, 100))
def test_proportions_are_kept_and_nothing_is_mirrored_or_enlarged(box: Box, turn: int, unit: float) -> None:
    matrix = placement(box, turn, unit)
    area = matrix.a * matrix.d - matrix.b * matrix.c
    across, up = matrix.a**2 + matrix.b**2, matrix.c**2 + matrix.d**2
    assert area > 0
    assert across == pytest.approx(up)
    assert area <= unit**2 * 1.000001


@given(boxes, turns)
def test_a_page_fills_the_box_one_way_or_keeps_its_size(box: Box, turn: int) -> None:
    matrix = placement(box, turn)
    placed = [matrix.transform(corner) for corner in corners(box)]
    width = max(x for x, _ in placed) - min(x for x, _ in placed)
    height = max(y for _, y in placed) - min(y for _, y in placed)
    scale = (matrix.a**2 + matrix.b**2) ** 0.5
    assert scale == pytest.approx(1) or width == pytest.approx(CONTENT.width) or height == pytest.approx(CONTENT.height)


@given(st.lists(st.floats(-2000, 2000), min_size=6, max_size=6))
def test_a_matrix_is_written_with_plain_numbers(values: list[float]) -> None:
    parts = numbers(Matrix(*values)).split()
    assert len(parts) == 6
    assert all("e" not in part and part != "-0" for part in parts)
    assert [float(part) for part in parts] == pytest.approx(values, abs=1e-6)


def test_the_stamp_has_its_forty_points_above_the_content() -> None:
    assert LETTER.y1 - CONTENT.y1 == 40


def test_boxes_without_common_area_have_none() -> None:
    assert Box(0, 0, 10, 10).common(Box(10, 0, 20, 10)) is None
    assert Box(0, 0, 10, 10).common(Box(5, -5, 20, 5)) == Box(5, 0, 10, 5)
