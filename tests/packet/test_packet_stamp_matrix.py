"""/Rotate x CropBox x page size x stamp: on the rendered page the stamp is upright, inside the page, and touches no content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import pypdfium2
import pytest
from PIL import Image, ImageChops

from pipeline.evidence.model import Converted
from pipeline.packet.assemble import Piece, assemble
from pipeline.packet.layout import LaidSection, Layout, Pages
from pipeline.packet.plan import Section, SectionKind
from pipeline.packet.stamps import DRAFT, Stamp
from tests.evidence.test_evidence_matrix import SIZES, TURNS, made

SCALE = 2.0
HEAD = 36
"""Points at the head of the page that the stamp may use."""
CASES = list(product(SIZES, ("whole", "inside", "corner"), TURNS))


def stamp(number: int) -> Stamp:
    """Every second page is a draft's."""
    return Stamp(f"Exhibit B, page {number} of {len(CASES)}", f"Packet page {number} of {len(CASES)}", number % 2 == 0)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> list[Converted]:
    folder = tmp_path_factory.mktemp("matrix")
    return [made(folder, SIZES[size], crop, turn)[1] for size, crop, turn in CASES]


@pytest.fixture(scope="module")
def packet(evidence: list[Converted], tmp_path_factory: pytest.TempPathFactory) -> Iterator[pypdfium2.PdfDocument]:
    """All the pages in one packet."""
    into = tmp_path_factory.mktemp("packet") / "packet.pdf"
    layout = Layout((LaidSection(Section(SectionKind.INDEX, "All of them"), Pages(1, len(CASES))),))
    pieces = [[Piece(str(number), each.pdf, 1) for number, each in enumerate(evidence)]]
    assemble(layout, pieces, [stamp(number) for number in range(1, len(CASES) + 1)], title="Matrix", as_of=date(2026, 11, 24), into=into)
    document = pypdfium2.PdfDocument(into)
    yield document
    document.close()


def seen(page: pypdfium2.PdfPage) -> Image.Image:
    image: Image.Image = page.render(scale=SCALE, grayscale=True).to_pil().convert("L")
    return image


def head_of(image: Image.Image) -> Image.Image:
    return image.crop((0, 0, image.width, round(HEAD * SCALE)))


@pytest.mark.parametrize("number", range(1, len(CASES) + 1), ids=lambda n: " ".join(map(str, CASES[n - 1])))
def test_the_stamp_is_upright_inside_the_page_and_touches_no_content(
    number: int, packet: pypdfium2.PdfDocument, evidence: list[Converted]
) -> None:
    page = packet[number - 1]
    text = page.get_textpage()
    for part in stamp(number).texts:
        assert part in text.get_text_bounded(0, 792 - HEAD, 612, 792)
    assert (DRAFT in text.get_text_bounded(0, 792 - HEAD, 612, 792)) == (number % 2 == 0)
    left, bottom, right, top = text.get_charbox(text.search("Packet page").get_next()[0])
    assert 0 < left < right < 612
    assert 792 - HEAD < bottom < top < 792
    assert top - bottom < 12, "letters stand upright: the P is higher than wide and no line of text is turned"
    assert top - bottom > right - left

    alone = pypdfium2.PdfDocument(evidence[number - 1].pdf)
    stamped, bare = seen(page), seen(alone[0])
    alone.close()
    assert head_of(bare).getextrema() == (255, 255), "no content where the stamp is"
    ink = ImageChops.invert(head_of(stamped)).getbbox()
    assert ink is not None
    assert ink[0] > 10 * SCALE
    assert ink[2] < 602 * SCALE
    below = (0, round(HEAD * SCALE), stamped.width, stamped.height)
    assert ImageChops.difference(stamped.crop(below), bare.crop(below)).getbbox() is None, "the stamp changes nothing below the head"


def test_all_combinations_are_there() -> None:
    assert len(CASES) == len(SIZES) * 3 * 4
