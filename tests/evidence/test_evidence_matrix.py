"""/Rotate x CropBox x page size: the converted page against what pdfium shows of the page itself."""

from __future__ import annotations

import io
from itertools import product
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops

from pipeline.evidence.convert import convert
from pipeline.evidence.letter import CONTENT
from pipeline.evidence.model import Converted
from tests.evidence.seeing import box_of, converted, picture, stays_inside, written
from tests.resources.building import CORNER, BoxNumbers, marked_page
from tests.resources.make import FOLDER

SIZES: dict[str, BoxNumbers] = {
    "letter": (0, 0, 612, 792),
    "letter below zero": (-306, -396, 306, 396),
    "A4": (0, 0, 595.276, 841.89),
    "A4 landscape": (0, 0, 841.89, 595.276),
    "legal": (0, 0, 612, 1008),
    "receipt": (0, 0, 227, 680),
    "A2 poster": (0, 0, 1190.55, 1683.78),
    "card": (100, 100, 343, 253),
}
TURNS = (0, 90, 180, 270)
SCALE = 2.0
COLOURS = ((255, 0, 0), (0, 153, 0), (0, 0, 255), (0, 0, 0))
"""Of the marks at the top left, top right, bottom left and bottom right as seen."""


def cropped(media: BoxNumbers, crop: str) -> BoxNumbers | None:
    x0, y0, x1, y1 = media
    width, height = x1 - x0, y1 - y0
    if crop == "whole":
        return None
    if crop == "inside":
        return (x0 + width * 0.1, y0 + height * 0.2, x1 - width * 0.05, y1 - height * 0.02)
    return (x0 + width * 0.5, y0 + height * 0.5, x1, y1)


def made(folder: Path, media: BoxNumbers, crop: str, turn: int) -> tuple[bytes, Converted]:
    original = marked_page(media, cropped(media, crop), turn)
    return original, convert(written(folder, original), shown_as="page.pdf")


def placed_part(original: bytes, page: Image.Image) -> Image.Image:
    """The part of the converted page where the original must stand, told from the original's size alone."""
    document = pdfium.PdfDocument(original)
    width, height = document[0].get_size()
    document.close()
    share = min(1, CONTENT.width / width, CONTENT.height / height)
    left, top = 306 - width * share / 2, 792 - (CONTENT.y0 + CONTENT.y1) / 2 - height * share / 2
    box = (left, top, left + width * share, top + height * share)
    return page.crop(tuple(round(value * SCALE) for value in box))


def edges(image: Image.Image) -> list[float]:
    """Left, top, right and bottom of each corner mark and its neighbourhood, in pixels; the dark words in the middle are left out."""
    found: list[float] = []
    for number, colour in enumerate(COLOURS):
        left, top = (number % 2) * image.width // 2, (number // 2) * image.height * 2 // 3
        quarter = image.crop((left, top, left + image.width // 2, top + image.height // 3))
        box = box_of(quarter, colour)
        assert box, f"the mark of colour {colour} is not where it should be"
        found += [box[0] + left, box[1] + top, box[2] + left, box[3] + top]
    return found


def stands_as(part: Image.Image, original: bytes) -> bool:
    """Whether every corner mark is where pdfium shows it in the original, give or take two pixels: a point."""
    shown = picture(original, scale=SCALE)
    across, down = part.width / shown.width, part.height / shown.height
    wanted = [value * (down if place % 2 else across) for place, value in enumerate(edges(shown))]
    return all(abs(here - there) <= 2 for here, there in zip(edges(part), wanted, strict=True))


def test_the_comparison_can_tell_a_shift_of_two_points(tmp_path: Path) -> None:
    original, result = made(tmp_path, SIZES["letter"], "whole", 0)
    part = placed_part(original, picture(result.pdf, scale=SCALE))
    assert stands_as(part, original)
    assert not stands_as(ImageChops.offset(part, 4, 0), original)


@pytest.mark.parametrize(("size", "crop", "turn"), list(product(SIZES, ("whole", "inside", "quarter"), TURNS)))
def test_the_page_is_upright_whole_and_inside_its_margins(tmp_path: Path, size: str, crop: str, turn: int) -> None:
    original, result = made(tmp_path, SIZES[size], crop, turn)
    with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
        page = pdf.pages[0].obj
        assert [float(value) for value in page.MediaBox] == [0, 0, 612, 792]
        assert not {"/Rotate", "/CropBox", "/UserUnit", "/Annots"} & page.keys()
    image = picture(result.pdf, scale=SCALE)
    assert image.size == (612 * SCALE, 792 * SCALE)
    assert stays_inside(image, SCALE)

    assert stands_as(placed_part(original, image), original)


@pytest.mark.parametrize("name", ["inherited", "mediabox-reversed", "rotate-minus-90"])
def test_boxes_that_are_said_in_other_ways_look_as_pdfium_shows_them(name: str) -> None:
    original = (FOLDER / f"{name}.pdf").read_bytes()
    image = picture(converted(f"{name}.pdf").pdf, scale=SCALE)
    assert stays_inside(image, SCALE)
    assert stands_as(placed_part(original, image), original)


def test_a_user_unit_enlarges_the_page_before_it_is_fitted() -> None:
    box = box_of(picture(converted("user-unit.pdf").pdf, scale=SCALE), COLOURS[0])
    assert box
    side = CORNER * 2 * (CONTENT.height / 800)
    assert box[2] - box[0] == pytest.approx(side * SCALE, abs=1.5)
