"""The stamp at the head of every page: which section, which page of it, and which packet page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.packet.layout import LaidSection, Layout
from pipeline.typeset.fonts import SERIF, EmbeddedFont, lift

PAGE_WIDTH, PAGE_HEIGHT = 612.0, 792.0
"""US letter in points; every page of a packet has this size."""
BASELINE = 772.0
"""Points above the lower edge: over the first mark of the official forms, which leave the top 28 points free."""
SIZE = 8.5
MARGIN = 36.0
FONT = "/PpStamp"
DRAFT = "DRAFT - NOT FOR FILING"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one page carries."""

    left: str
    right: str
    draft: bool

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.left, DRAFT, self.right) if self.draft else (self.left, self.right)

    def operators(self) -> bytes:
        """The content stream that draws the stamp on an upright letter page."""
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
