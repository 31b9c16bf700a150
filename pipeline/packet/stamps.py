"""The stamp at the head of every page: which section, which page of it, and which packet page; drawn, and read again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pikepdf import Array, Dictionary, Object

from pipeline.packet.layout import LaidSection, Layout
from pipeline.sealed import Sealed
from pipeline.typeset.fonts import SERIF, EmbeddedFont, characters, lift

PAGE_WIDTH, PAGE_HEIGHT = 612.0, 792.0
"""US letter in points; every page of a packet has this size."""
BASELINE = 772.0
"""Points above the lower edge: over the first mark of the official forms, which leave the top 28 points free."""
SIZE = 8.5
MARGIN = 36.0
FONT = "/PpStamp"
DRAFT = "DRAFT - NOT FOR FILING"

LETTER: Final = (0, 0, int(PAGE_WIDTH), int(PAGE_HEIGHT))
"""The media box of every page."""
_BOX: Final = Array(LETTER)
"""The same to compare with, and never to be put into a PDF: an array belongs to the first that it was put into."""
_OTHERWISE: Final = frozenset({"/CropBox", "/Rotate", "/UserUnit"})
_NUMBER: Final = rb"-?\d+(?:\.\d+)?"
_SHOWN: Final = rb"1 0 0 1 (%s) (%s) Tm <((?:[0-9A-F]{4})+)> Tj\n" % (_NUMBER, _NUMBER)
"""One text of a stamp, of which there are two or three."""
_DRAWN: Final = re.compile(rb"\nQ\n\nq 0 g BT %s %g Tf\n%s%s(?:%s)?ET Q" % (FONT.encode(), SIZE, _SHOWN, _SHOWN, _SHOWN))


class Stamp(Sealed, frozen=True):
    """What one page carries."""

    left: str
    right: str
    draft: bool

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.left, DRAFT, self.right) if self.draft else (self.left, self.right)

    def operators(self) -> bytes:
        """What draws the stamp on an upright letter page."""
        font = lift(SERIF)
        draws = [_draw(font, self.left, MARGIN), _draw(font, self.right, PAGE_WIDTH - MARGIN - font.width(self.right, SIZE))]
        if self.draft:
            draws.append(_draw(font, DRAFT, (PAGE_WIDTH - font.width(DRAFT, SIZE)) / 2))
        return b"q 0 g BT " + f"{FONT} {SIZE:g} Tf\n".encode() + b"\n".join(draws) + b"\nET Q"


def _draw(font: EmbeddedFont, text: str, x: float) -> bytes:
    return f"1 0 0 1 {x:.2f} {BASELINE:g} Tm ".encode() + font.encode(text) + b" Tj"


def stamps(layout: Layout, draft: bool) -> Iterator[Stamp]:
    """The stamp of each packet page, in order."""
    for laid in layout.sections:
        for page in range(laid.pages.first, laid.pages.last + 1):
            yield Stamp(_place(laid, page), f"Packet page {page} of {layout.pages}", draft)


def _place(laid: LaidSection, page: int) -> str:
    """`Exhibit B, page 3 of 7`; an exhibit's sheet is not counted among its pages."""
    if laid.section.exhibit is None:
        return f"{laid.section.title}, page {page - laid.pages.first + 1} of {laid.pages.count}"
    if page == laid.pages.first:
        return f"{laid.section.title}, exhibit sheet"
    return f"{laid.section.title}, page {page - laid.evidence.first + 1} of {laid.evidence.count}"


class StampReader:
    """Reads stamps as a reader does: from the codes that a page draws, through the character map of the font in the file."""

    def __init__(self) -> None:
        self._maps: dict[tuple[int, int], Mapping[int, str]] = {}
        """By the font's object in the file."""

    def shows(self, page: Object, drawn: bytes, stamp: Stamp) -> bool:
        """Whether `drawn`, the last stream of a page, draws this stamp at the head of an upright letter page, and nothing else."""
        font = page.get("/Resources", Dictionary()).get("/Font", Dictionary()).get(FONT)
        match = _DRAWN.fullmatch(drawn)
        if font is None or match is None:
            return False
        if font.objgen not in self._maps:
            self._maps[font.objgen] = characters(font)
        parts = [part for part in match.groups() if part is not None]
        across, up, codes = parts[::3], parts[1::3], parts[2::3]
        at_the_head = all(0 <= float(x) < PAGE_WIDTH for x in across) and all(float(y) == BASELINE for y in up)
        return at_the_head and sorted(_read(text.decode(), self._maps[font.objgen]) for text in codes) == sorted(stamp.texts)


def is_letter(page: Object) -> bool:
    """Whether a page is an upright US letter page as a packet has them."""
    return page.get("/MediaBox") == _BOX and _OTHERWISE.isdisjoint(page.keys())


def _read(codes: str, font: Mapping[int, str]) -> str:
    """What two-byte codes show, given as hexadecimal digits; a font has too few glyphs for its codes to be surrogates."""
    return bytes.fromhex(codes).decode("utf-16-be", "replace").translate(font)
