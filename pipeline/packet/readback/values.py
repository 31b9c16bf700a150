"""Read back of forms: each page is the blank's, untouched, and what was laid over it shows every value.

What lies over the blank is one stream of ours; pdfium reads it as the only thing on its page.  To read the forms' printed text too,
which is the same in every packet, would take twice as long.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Object

from pipeline.findings import Finding
from pipeline.packet.readback.equal import Contents, Pairs, contents
from pipeline.packet.readback.expect import ExpectedValue, LaidForm, differs, squeezed
from pipeline.packet.readback.ink import darkness
from pipeline.packet.readback.untouched import differences
from pipeline.packet.stamps import LETTER, PAGE_HEIGHT, PAGE_WIDTH, Stamp
from pipeline.pdfium import pdfium_document
from pipeline.typeset.kept import kept_open

_INSET = 1.5
"""Points left out at each edge of a checkbox, where its frame is."""
_TICKED = 0.06
"""Share of dark pixels from which a box counts as ticked: a cross covers about a third."""


def on_blanks(pages: Sequence[Object], forms: Sequence[LaidForm], stamps: Sequence[Stamp]) -> Iterator[Finding]:
    """Every difference between the forms among a finished packet's pages and blanks, values and stamps; a stamp for each page."""
    by_page: Mapping[int, list[ExpectedValue]] = defaultdict(list)
    for value in (value for form in forms for value in form.values):
        by_page[value.packet_page].append(value)
    sound = []
    for number, wrong in _beneath(pages, forms):
        yield from (differs(f"packet page {number}", message) for message in wrong)
        if not wrong:
            sound.append(number)
    if not sound:
        return
    with pdfium_document(_above(pages[number - 1] for number in sound)) as document:
        for page, number in zip(document, sound, strict=True):
            with closing(page), closing(page.get_textpage()) as text:
                yield from _stamp(text, number, stamps[number - 1])
                yield from _texts(text, by_page[number])
                yield from _ticks(page, by_page[number])


def _beneath(pages: Sequence[Object], forms: Iterable[LaidForm]) -> Iterator[tuple[int, Sequence[str]]]:
    """The packet page of each form's page, and what is wrong with it beneath its last stream."""
    drawn = Contents()
    copies: Mapping[bytes, list[range]] = defaultdict(list)
    for laid in forms:
        copies[laid.blank].append(laid.pages)
    for blank, places in copies.items():
        compared: Pairs = set()
        before = Contents()
        pdf = kept_open(blank)
        former = [page.obj for page in pdf.pages]
        for number, page in (pair for place in places for pair in zip(place, former, strict=True)):
            found = pages[number - 1]
            wrong = [*differences(found, drawn.of(found)[:-1], page, before, compared), *_fonts(found)]
            yield number, wrong


def _fonts(page: Object) -> Iterator[str]:
    """What is wrong with a page's list of fonts, which assembly shares between pages."""
    fonts = page.get("/Resources", Dictionary()).get("/Font")
    if fonts is None or not fonts.is_indirect:
        yield "its fonts are not those of the packet"


def _above(pages: Iterable[Object]) -> bytes:
    """A PDF of these pages of a packet with nothing but what lies over their blanks."""
    pdf = pikepdf.new()
    for page in pages:
        save, *_, above = contents(page)
        resources = Dictionary(Font=pdf.copy_foreign(page.Resources.Font))
        drawn = Array([pdf.copy_foreign(save), pdf.copy_foreign(above)])
        lifted = Dictionary(Type=Name.Page, Parent=pdf.Root.Pages, MediaBox=Array(LETTER), Resources=resources, Contents=drawn)
        pdf.Root.Pages.Kids.append(pdf.make_indirect(lifted))
    pdf.Root.Pages.Count = len(pdf.Root.Pages.Kids)
    out = io.BytesIO()
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False, static_id=True)
    return out.getvalue()


def _stamp(text: pypdfium2.PdfTextPage, number: int, stamp: Stamp) -> Iterator[Finding]:
    head = squeezed(text.get_text_bounded(0, PAGE_HEIGHT - 30, PAGE_WIDTH, PAGE_HEIGHT))
    for part in stamp.texts:
        if squeezed(part) not in head:
            yield differs(f"packet page {number}", "its stamp cannot be read")


def _texts(page: pypdfium2.PdfTextPage, values: Iterable[ExpectedValue]) -> Iterator[Finding]:
    for value in values:
        if value.ticked is None:
            read = page.get_text_bounded(*value.rect)
            if squeezed(read) != squeezed(value.text):
                yield differs(value.where, "the box does not hold the value that was written")


def _ticks(page: pypdfium2.PdfPage, values: Iterable[ExpectedValue]) -> Iterator[Finding]:
    for value in values:
        if value.ticked is None:
            continue
        if (darkness(page, value.rect, _INSET) > _TICKED) != value.ticked:
            yield differs(value.where, f"the box is {'not ' if value.ticked else ''}ticked on the page")
