from __future__ import annotations

import io
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import Image

from pipeline.evidence.convert import convert
from pipeline.evidence.look import LEAST_DPI, LEAST_TEXT, looks
from tests.evidence.seeing import converted, written
from tests.resources.building import add_page, pages, saved, words
from tests.resources.pictures import corners, encoded


def rules(folder: Path, data: bytes) -> set[str]:
    return {finding.rule for finding in convert(written(folder, data), shown_as="file").findings}


Place = tuple[float, float, float, float]
"""Left, lower edge, width and height in points."""

WHOLE: Place = (0, 0, 612, 792)
MARK = words("Scanned with a scanner program", 20, 30, 8)
LINES = b"".join(words("A line of a letter that says what it has to say", 72, 700 - 20 * line) for line in range(12))


def page_of(*pictures: tuple[Image.Image, Place], drawn: bytes = b"", lossless: bool = False) -> bytes:
    """A letter page that shows pictures, the later ones on the earlier, and something drawn on them."""
    pdf = pikepdf.new()
    shown = b"".join(b"q %f 0 0 %f %f %f cm /P%d Do Q\n" % (*place[2:], *place[:2], at) for at, (_, place) in enumerate(pictures))
    page = add_page(pdf, shown + drawn)
    page.obj.Resources.XObject = Dictionary()
    for at, (image, _) in enumerate(pictures):
        stream = pdf.make_stream(image.convert("L").tobytes() if lossless else encoded(image.convert("L"), "JPEG", quality=80))
        if not lossless:
            stream.Filter = Name.DCTDecode
        stream.Type, stream.Subtype, stream.Width, stream.Height = Name.XObject, Name.Image, image.width, image.height
        stream.ColorSpace, stream.BitsPerComponent = Name.DeviceGray, 8
        page.obj.Resources.XObject[f"/P{at}"] = stream
    return saved(pdf)


def strips(dots: int, count: int = 8) -> list[tuple[Image.Image, Place]]:
    """A letter page that was scanned at this resolution, cut into strips."""
    height, pixels = 792 / count, round(11 * dots / count)
    return [(corners(round(8.5 * dots), pixels), (0, 792 - height * (at + 1), 612, height)) for at in range(count)]


@pytest.mark.parametrize(("crop", "rule"), [((0, 0, 612, 600), "evidence-blank-page"), ((0, 0, 612, 710), None)])
def test_text_that_the_crop_leaves_out_is_not_seen(tmp_path: Path, crop: tuple[float, ...], rule: str | None) -> None:
    assert rules(tmp_path, pages(words("A heading"), CropBox=Array(list(crop)))) == ({rule} if rule else set())


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


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize(
    ("level", "drawn", "found"),
    [
        (5, b"1 g " + MARK, {"evidence-black-page"}),
        (5, LINES, {"evidence-black-page"}),
        (254, MARK, {"evidence-blank-page"}),
        (254, LINES, set()),
        (120, MARK, set()),
    ],
    ids=["black, mark", "black, text", "blank, mark", "blank, text", "gray, mark"],
)
def test_a_scan_is_judged_under_its_text(tmp_path: Path, level: int, drawn: bytes, found: set[str], lossless: bool) -> None:
    scan = Image.new("L", (1700, 2200), level)
    assert rules(tmp_path, page_of((scan, WHOLE), drawn=drawn, lossless=lossless)) == found
    halves = [(scan, (0.0, 0.0, 612.0, 396.0)), (scan, (0.0, 396.0, 612.0, 396.0))]
    assert rules(tmp_path, page_of(*halves, drawn=drawn, lossless=lossless)) == found


def test_a_blank_scan_with_a_scanners_mark_is_told_from_an_empty_page(tmp_path: Path) -> None:
    data = page_of((Image.new("L", (1700, 2200), 254), WHOLE), drawn=MARK)
    (finding,) = convert(written(tmp_path, data), shown_as="file").findings
    assert finding.message == "nothing to be seen but a few words: page 1 of the file"


def test_a_scan_with_one_line_of_ink_and_a_mark_is_not_blank(tmp_path: Path) -> None:
    scan = Image.new("L", (1700, 2200), 254)
    scan.paste(30, (300, 600, 700, 620))
    assert rules(tmp_path, page_of((scan, WHOLE), drawn=MARK)) == set()


def test_a_dark_photo_in_a_letter_is_no_black_page(tmp_path: Path) -> None:
    assert rules(tmp_path, page_of((Image.new("L", (1000, 800), 10), (72, 72, 360, 288)), drawn=LINES)) == set()


@pytest.mark.parametrize("shade", ["black", "white"])
def test_a_scan_that_is_stored_as_its_negative_is_judged_as_it_is_drawn(tmp_path: Path, shade: str) -> None:
    """A JPEG's own samples are not what the page shows: /Decode turns them round."""
    with pikepdf.open(io.BytesIO(page_of((Image.new("L", (1275, 1650), shade), WHOLE)))) as pdf:
        pdf.pages[0].obj.Resources.XObject.P0.Decode = pikepdf.Array([1, 0])
        data = saved(pdf)
    assert rules(tmp_path, data) == {"evidence-blank-page" if shade == "black" else "evidence-black-page"}


def test_a_page_with_nothing_but_spaces_is_blank(tmp_path: Path) -> None:
    assert rules(tmp_path, pages(words("   "))) == {"evidence-blank-page"}


def test_a_small_picture_is_judged_black_by_itself(tmp_path: Path) -> None:
    """Samples of 12 bits in a file that says 16: nothing tells that they are meant to be lighter."""
    wide = Image.frombytes("I;16", (400, 400), struct.pack("<H", 4095) * 160_000)
    assert rules(tmp_path, encoded(wide, "TIFF", dpi=(150, 150))) == {"evidence-black-page"}


@pytest.mark.parametrize(("dots", "coarse"), [(160, False), (72, True)])
@pytest.mark.parametrize("drawn", [b"", MARK, LINES], ids=["alone", "mark", "text"])
def test_a_scan_in_strips_is_measured_like_a_whole_one(tmp_path: Path, dots: int, coarse: bool, drawn: bytes) -> None:
    assert rules(tmp_path, page_of(*strips(dots), drawn=drawn)) == ({"evidence-low-resolution"} if coarse else set())


@pytest.mark.parametrize("size", [(240, 320), (150, 600), (320, 240)])
@pytest.mark.parametrize(("dots", "coarse"), [(160, False), (72, True)])
@pytest.mark.parametrize("drawn", [b"", MARK], ids=["alone", "mark"])
def test_a_small_scan_counts_when_it_is_all_there_is(tmp_path: Path, size: tuple[int, int], dots: int, coarse: bool, drawn: bytes) -> None:
    image = corners(size[0] * dots // 72, size[1] * dots // 72)
    assert rules(tmp_path, page_of((image, (150, 100, *size)), drawn=drawn)) == ({"evidence-low-resolution"} if coarse else set())


@pytest.mark.parametrize("drawn", [LINES, words("Annex"), b"72 72 200 1 re f"], ids=["text", "a word", "a line"])
def test_a_coarse_logo_beside_anything_is_no_scan(tmp_path: Path, drawn: bytes) -> None:
    assert rules(tmp_path, page_of((corners(180, 80), (200, 600, 180, 80)), drawn=drawn)) == set()


def test_a_coarse_logo_beside_a_fine_scan_is_no_scan(tmp_path: Path) -> None:
    assert rules(tmp_path, page_of((corners(1100, 1100), (50, 50, 500, 500)), (corners(100, 60), (50, 600, 150, 80)))) == set()


def test_a_scan_of_letters_on_a_coarse_background_is_as_fine_as_its_letters(tmp_path: Path) -> None:
    letters = corners(1600, 600)
    places: list[Place] = [(72, 600, 400, 150), (72, 200, 400, 150)]
    assert rules(tmp_path, page_of(*strips(75), *((letters, place) for place in places))) == set()
    stamp: Place = (72, 600, 120, 60)
    assert rules(tmp_path, page_of(*strips(75), (letters, stamp))) == {"evidence-low-resolution"}


@pytest.mark.parametrize(
    ("size", "dots"),
    [((1080, 15000), None), ((10000, 1200), None), ((1000, 1400), 1200)],
    ids=["chat", "wide", "stamp"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_reduced_until_nobody_can_read_it_is_named(tmp_path: Path, size: tuple[int, int], dots: int | None, kind: str) -> None:
    options = {"dpi": (dots, dots)} if dots else {}
    data = encoded(corners(*size).convert("L"), kind, **options)
    (finding,) = convert(written(tmp_path, data), shown_as="file").findings
    assert finding.rule == "evidence-small-picture"
    assert finding.message.endswith(": page 1 of the file")
    assert "parts" in finding.remedy


def test_a_long_page_of_pictures_in_a_pdf_is_named_too(tmp_path: Path) -> None:
    parts: list[tuple[Image.Image, Place]] = [(corners(1080, 3750), (280, 18 + at * 183.5, 53, 183.5)) for at in range(4)]
    assert rules(tmp_path, page_of(*parts)) == {"evidence-small-picture"}
    assert rules(tmp_path, page_of(*parts, drawn=LINES)) == set()


@pytest.mark.parametrize(
    ("inches", "dots"),
    [((8.5, 11), 600), ((8.27, 11.69), 600), ((8.5, 14), 600), ((3, 10), 600), ((3.37, 2.125), 1200), ((1.2, 1.6), 600)],
    ids=["letter", "A4", "legal", "receipt", "bank card", "photo"],
)
def test_a_genuine_scan_is_never_too_fine(tmp_path: Path, inches: tuple[float, float], dots: int) -> None:
    image = corners(round(inches[0] * dots), round(inches[1] * dots)).convert("1")
    assert rules(tmp_path, encoded(image, "TIFF", dpi=(dots, dots), compression="group4")) == set()


def test_a_phones_screenshot_of_one_screen_is_not_too_fine(tmp_path: Path) -> None:
    assert rules(tmp_path, encoded(corners(1440, 3200), "PNG")) == set()
