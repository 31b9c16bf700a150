"""Every checkbox of every form, ticked alone, is the only thing that changes on its page: in pdfium, in poppler, and as a field."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from pipeline.forms.editions import editions
from pipeline.forms.reader import leaves
from pipeline.forms.template import FormTemplate
from tests.forms.reading import INK, changed, one_page_each, only_ticked, pictures, within
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
    blank = template(form, source)
    on = {box.name: _states(blank, box.name) for box in blank.inventory.fields if box.type == "checkbox"}
    assert on == {name: {name: blank.inventory.by_name[name].on_state} for name in on}


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


def _states(blank: FormTemplate, name: str) -> dict[str, str]:
    """Name and state of every checkbox that is on when `name` alone is ticked, in the value and in the appearance."""
    done = only_ticked(blank, blank.inventory.by_name[name])
    with pikepdf.open(io.BytesIO(done.editable())) as pdf:
        boxes = {leaf_name: leaf for leaf_name, leaf in leaves(pdf) if leaf.FT == "/Btn"}
        values = {n: str(box.get("/V", "/Off")) for n, box in boxes.items()}
        looks = {n: str(box.get("/AS", "/Off")) for n, box in boxes.items()}
    assert values == looks
    return {n: state for n, state in values.items() if state != "/Off"}
