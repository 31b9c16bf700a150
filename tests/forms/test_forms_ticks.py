"""Every checkbox of every form, ticked alone, is the only thing that changes on its page: in pdfium, in poppler, and as a field."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.forms.editions import editions
from tests.forms.reading import INK, box_states, changed, one_page_each, only_ticked, pictures, within
from tests.forms.support import Pictures, template

WITH_BOXES = sorted({e.form for e in editions() if any(f.type == "checkbox" for f in e.inventory.fields)})
COUNTS = {"G-1450": 7, "G-1650": 4, "G-28": 23, "I-131": 143, "I-134": 52}


@pytest.fixture(params=["facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles."""
    return request.getfixturevalue("official") if request.param == "official" else None


def test_there_are_as_many_checkboxes_as_the_forms_have() -> None:
    assert {e.form: sum(f.type == "checkbox" for f in e.inventory.fields) for e in editions() if e.form in WITH_BOXES} == COUNTS


@pytest.mark.parametrize("form", WITH_BOXES)
def test_a_checkbox_ticked_alone_is_all_that_changes_on_the_page(form: str, source: Path | None, tmp_path: Path, poppler: str) -> None:
    blank = template(form, source)
    boxes = [f for f in blank.inventory.fields if f.type == "checkbox"]
    marks = [(box.page, only_ticked(blank, box).marks[box.page]) for box in boxes]
    pdf = one_page_each(blank, marks)
    for viewer in ("pdfium", poppler):
        pages = pictures(pdf, viewer, tmp_path)
        assert len(pages) == blank.inventory.pages + len(boxes)
        for box, page in zip(boxes, pages[blank.inventory.pages :], strict=True):
            seen = changed(pages[box.page - 1], page)
            assert seen is not None, (viewer, box.name, "not seen")
            assert within(seen, box), (viewer, box.name, seen)
            assert (seen[2] - seen[0]) >= 3, (viewer, box.name, seen)
            assert (seen[3] - seen[1]) >= 3, (viewer, box.name, seen)


@pytest.mark.parametrize("form", WITH_BOXES)
def test_a_checkbox_ticked_alone_is_the_only_field_that_is_on(form: str, source: Path | None) -> None:
    """On the official file every third box of a long form: the same code writes the same fields there."""
    blank = template(form, source)
    boxes = [f for f in blank.inventory.fields if f.type == "checkbox"]
    for box in boxes[:: 3 if source and len(boxes) > 30 else 1]:
        on = {name: state for name, state in box_states(only_ticked(blank, box).editable()).items() if state != "/Off"}
        assert on == {box.name: box.on_state}


@pytest.mark.parametrize("form", WITH_BOXES)
def test_the_forms_own_crosses_of_the_editable_copy_are_seen_in_both_viewers(
    form: str, source: Path | None, tmp_path: Path, poppler: str
) -> None:
    blank = template(form, source)
    boxes = [f for f in blank.inventory.fields if f.type == "checkbox"]
    some = boxes[::2]
    seen = Pictures(only_ticked(blank, *some).editable(), tmp_path, poppler)
    try:
        for box in boxes:
            for viewer in ("pdfium", "poppler"):
                assert (seen.ink(viewer, box) > INK) == (box in some), (viewer, box.name)
    finally:
        seen.close()
