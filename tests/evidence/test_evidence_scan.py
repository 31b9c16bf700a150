"""Scans: a page that shows one picture is that picture on its letter page, and any other page is a form that shows what it showed."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import ImageChops

from pipeline.evidence.convert import convert
from tests.evidence.seeing import picture, written
from tests.resources.building import LETTER, add_page, saved
from tests.resources.pictures import corners, encoded

WHOLE = "612 0 0 792 0 0 cm"
BEYOND_LOOKING = "%" + 400 * " "
"""A comment that makes contents too long to be told from a drawing."""


def page(contents: str, resources: dict[str, Any] | None = None, **entries: Any) -> bytes:
    """A PDF page with a JPEG named /Im0; `entries` are set on the page, `resources` on its resources."""
    pdf = Pdf.new()
    made = add_page(pdf, contents.encode(), entries.pop("box", LETTER), **entries)
    image = corners(60, 80)
    jpeg = pdf.make_stream(
        encoded(image, "JPEG"),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=60,
        Height=80,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    made.obj.Resources.XObject = Dictionary(Im0=jpeg)
    for key, value in (resources or {}).items():
        made.obj.Resources[key] = value
    return saved(pdf)


def taken(folder: Path, data: bytes) -> bytes:
    return convert(written(folder, data), shown_as="scan.pdf").pdf


def shown(letter: bytes) -> tuple[str, bytes]:
    """What kind of XObject a letter page shows, and its bytes."""
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        drawing = pdf.pages[0].obj.Resources.XObject.Evidence
        return str(drawing.Subtype), drawing.read_raw_bytes()


def assert_same_look(folder: Path, contents: str, **entries: Any) -> None:
    """The page looks as it does when it is set as a form, but for an edge that falls on the pixel beside."""
    as_form = taken(folder, page(f"{contents}\n{BEYOND_LOOKING}", **entries))
    assert shown(as_form)[0] == "/Form"
    pages = (taken(folder, page(contents, **entries)), as_form)
    one, other = (picture(pdf, scale=2).reduce(8) for pdf in pages)
    assert max(ImageChops.difference(one, other).convert("L").tobytes()) < 50


SCANS = [
    f"q {WHOLE} /Im0 Do Q",
    "q\n612.0000 0 0 792.0000 0.0000 0.0000 cm\n/Im0 Do\nQ",
    f"{WHOLE}/Im0 Do\n",
    "q 500 0 0 -700 +50. 700.5 cm /Im0 Do Q",
    "q .5 0 0 792 300 0 cm /Im0 Do Q",
    "q 0 792 -612 0 612 0 cm /Im0 Do Q",
    "q 200 50 -50 200 200 300 cm /Im0 Do Q",
]


@pytest.mark.parametrize("contents", SCANS)
def test_a_scan_is_its_picture_and_looks_the_same(tmp_path: Path, contents: str) -> None:
    kind, data = shown(taken(tmp_path, page(contents)))
    assert (kind, data) == ("/Image", encoded(corners(60, 80), "JPEG"))
    assert_same_look(tmp_path, contents)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_scan_looks_the_same(tmp_path: Path, turn: int) -> None:
    assert shown(taken(tmp_path, page(SCANS[0], Rotate=turn)))[0] == "/Image"
    assert_same_look(tmp_path, SCANS[0], Rotate=turn)


def test_a_scan_in_other_units_and_off_the_origin_looks_the_same(tmp_path: Path) -> None:
    entries: dict[str, Any] = {"UserUnit": 2, "box": (-100, 50, 200, 450)}
    contents = "q 290 0 0 390 -95 55 cm /Im0 Do Q"
    assert shown(taken(tmp_path, page(contents, **entries)))[0] == "/Image"
    assert_same_look(tmp_path, contents, **entries)


OTHERS = [
    f"q {WHOLE} /Im0 Do Q q 60 0 0 80 0 0 cm /Im0 Do Q",
    f"0 0 300 300 re W n q {WHOLE} /Im0 Do Q",
    f"q {WHOLE} /Im0 Do",
    f"q {WHOLE} /Im0 Do Q 1 0 0 rg",
    f"q 1 0 0 1 0 0 cm {WHOLE} /Im0 Do Q",
    f"q {WHOLE} /Im9 Do Q",
    "q 613 0 0 792 0 0 cm /Im0 Do Q",
    "q 612 0 0 792 0 -9 cm /Im0 Do Q",
    "q 612 0 0 792 0 cm /Im0 Do Q",
    "",
]


@pytest.mark.parametrize("contents", OTHERS)
def test_a_page_that_draws_otherwise_is_a_form(tmp_path: Path, contents: str) -> None:
    assert shown(taken(tmp_path, page(contents)))[0] == "/Form"


@pytest.mark.parametrize("digits", ["1" * 60, "1" * 30 + "." + "1" * 30, "." + "1" * 60])
def test_contents_made_to_be_looked_at_for_ever_are_not(tmp_path: Path, digits: str) -> None:
    start = time.perf_counter()
    assert shown(taken(tmp_path, page(f"q {' '.join([digits] * 6)} cx /Im0 Do Q")))[0] == "/Form"
    assert time.perf_counter() - start < 5


def test_a_scan_that_the_crop_box_cuts_is_a_form(tmp_path: Path) -> None:
    assert shown(taken(tmp_path, page(SCANS[0], CropBox=Array([0, 0, 612, 700]))))[0] == "/Form"


def test_a_picture_whose_colours_the_page_changes_is_in_a_form(tmp_path: Path) -> None:
    calibrated = Array([Name.CalRGB, Dictionary(WhitePoint=Array([0.9, 1, 1.1]))])
    grouped = Dictionary(S=Name.Transparency, CS=Name.DeviceCMYK)
    assert shown(taken(tmp_path, page(SCANS[0], {"/ColorSpace": Dictionary(DefaultRGB=calibrated)})))[0] == "/Form"
    assert shown(taken(tmp_path, page(SCANS[0], Group=grouped)))[0] == "/Form"


def test_a_form_that_a_page_shows_is_no_scan(tmp_path: Path) -> None:
    pdf = Pdf.new()
    made = add_page(pdf, b"q 1 0 0 1 0 0 cm /Im0 Do Q")
    drawing = pdf.make_stream(b"1 0 0 rg 100 100 200 200 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 612, 792]))
    made.obj.Resources.XObject = Dictionary(Im0=drawing)
    assert shown(taken(tmp_path, saved(pdf)))[0] == "/Form"


def lengths(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(min_value=low, max_value=high).map(lambda number: round(number, 3))


SIDES = st.tuples(*4 * [lengths(-150, 150)])
CORNERS = st.tuples(lengths(300, 312), lengths(300, 492))
"""From where two sides of up to 150 points each way stay on a letter page."""


@settings(max_examples=60, deadline=None)
@given(sides=SIDES, corner=CORNERS, turn=st.sampled_from([0, 90, 180, 270]))
def test_wherever_the_picture_lies_the_page_looks_the_same(
    tmp_path_factory: pytest.TempPathFactory, sides: tuple[float, ...], corner: tuple[float, ...], turn: int
) -> None:
    folder = tmp_path_factory.mktemp("scan")
    contents = f"q {' '.join(f'{number:f}' for number in (*sides, *corner))} cm /Im0 Do Q"
    assert shown(taken(folder, page(contents, Rotate=turn)))[0] == "/Image"
    assert_same_look(folder, contents, Rotate=turn)
