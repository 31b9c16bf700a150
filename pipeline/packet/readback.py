"""Read back: the finished packet, page by page, against what it has to show.  Any difference stops the publish.

Pages that we wrote are read with pdfium: stamps, values, ticks, continuation pages and links.  Pages of evidence are proved equal to the
converted files (`untouched`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pypdfium2

from pipeline.findings import Finding
from pipeline.forms.continuation import BODY
from pipeline.packet.exhibits import LaidFile
from pipeline.packet.expect import ExpectedText, ExpectedValue, differs, squeezed
from pipeline.packet.ink import darkness
from pipeline.packet.layout import Layout
from pipeline.packet.plan import SectionKind
from pipeline.packet.stamps import PAGE_HEIGHT, PAGE_WIDTH, Stamp, StampReader, is_letter
from pipeline.packet.untouched import untouched
from pipeline.pdfium import pdfium_document

_INSET = 1.5
"""Points left out at each edge of a checkbox, where its frame is."""
_TICKED = 0.06
"""Share of dark pixels from which a box counts as ticked: a cross covers about a third."""
_CATALOG = frozenset({"/Lang", "/Metadata", "/Outlines", "/PageLabels", "/PageMode", "/Pages", "/Type", "/ViewerPreferences"})
_PAGE = frozenset({"/Annots", "/Contents", "/CropBox", "/Group", "/MediaBox", "/Parent", "/Resources", "/Rotate", "/Tabs", "/Type"})
_LINK = frozenset({"/Border", "/Contents", "/Dest", "/F", "/Rect", "/Subtype", "/Type"})
"""What a packet, a page and a link may hold: what acts by itself, asks, sends or carries a file hangs on another entry of one of them."""


@dataclass(frozen=True)
class Expected:
    """What a packet has to show."""

    layout: Layout
    stamps: Sequence[Stamp] = field(repr=False)
    """Of each page."""
    values: Sequence[ExpectedValue] = field(repr=False)
    texts: Sequence[ExpectedText] = field(repr=False)
    files: Sequence[LaidFile] = field(repr=False)
    """The evidence, readable until this has been read back."""


def read_back(packet: Path, expected: Expected) -> tuple[Finding, ...]:
    """Every difference between the packet and what it has to show; empty when there is none."""
    layout = expected.layout
    with pikepdf.open(packet, access_mode=pikepdf.AccessMode.stream) as pdf, pdfium_document(packet) as document:
        if len(document) != layout.pages or len(pdf.pages) != layout.pages:
            return (differs("packet.pdf", f"{len(document)} pages, and the layout has {layout.pages}"),)
        return (
            *_structure(pdf, layout),
            *_own_pages(pdf, document, expected),
            *_continued(document, expected.texts),
            *untouched(pdf, expected.files, expected.stamps),
        )


def _own_pages(pdf: pikepdf.Pdf, document: pypdfium2.PdfDocument, expected: Expected) -> Iterator[Finding]:
    """What is wrong with the pages that hold no evidence; one with nothing to be found but its stamp is not opened with pdfium."""
    by_page: Mapping[int, list[ExpectedValue]] = defaultdict(list)
    for value in expected.values:
        by_page[value.packet_page].append(value)
    links = _Links(pdf, expected.layout)
    evidence = {page for laid in expected.files for page in range(laid.first, laid.first + laid.file.piece.pages)}
    reader = StampReader()
    for number, (written, stamp) in enumerate(zip((page.obj for page in pdf.pages), expected.stamps, strict=True), 1):
        is_bare = number not in by_page and "/Annots" not in written
        if number in evidence or (is_bare and is_letter(written) and reader.shows(written, stamp)):
            continue
        with closing(document[number - 1]) as page, closing(page.get_textpage()) as text:
            yield from _stamp(page, text, number, stamp)
            yield from _texts(text, by_page[number])
            yield from _ticks(page, by_page[number])
            yield from links.on_page(number, text)
    yield from links.missing()


def _stamp(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, number: int, stamp: Stamp) -> Iterator[Finding]:
    if page.get_size() != (PAGE_WIDTH, PAGE_HEIGHT) or page.get_rotation():
        yield differs(f"packet page {number}", "not an upright US letter page")
    head = squeezed(text.get_text_bounded(0, PAGE_HEIGHT - 30, PAGE_WIDTH, PAGE_HEIGHT))
    for part in stamp.texts:
        if squeezed(part) not in head:
            yield differs(f"packet page {number}", "its stamp cannot be read")


def _continued(document: pypdfium2.PdfDocument, texts: Sequence[ExpectedText]) -> Iterator[Finding]:
    for text in texts:
        pages = range(text.first_page - 1, text.last_page)
        read = "".join(document[page].get_textpage().get_text_bounded(*BODY) for page in pages)
        if squeezed(read) != squeezed(text.text):
            yield differs(f"packet page {text.first_page}, Form {text.form}", "the continuation pages do not hold the whole text")


def _texts(page: pypdfium2.PdfTextPage, values: Sequence[ExpectedValue]) -> Iterator[Finding]:
    for value in values:
        if value.ticked is None:
            read = page.get_text_bounded(*value.rect)
            if squeezed(read) != squeezed(value.text):
                yield differs(value.where, "the box does not hold the value that was written")


def _ticks(page: pypdfium2.PdfPage, values: Sequence[ExpectedValue]) -> Iterator[Finding]:
    for value in values:
        if value.ticked is None:
            continue
        if (darkness(page, value.rect, _INSET) > _TICKED) != value.ticked:
            yield differs(value.where, f"the box is {'not ' if value.ticked else ''}ticked on the page")


def _structure(pdf: pikepdf.Pdf, layout: Layout) -> Iterator[Finding]:
    for key in sorted(pdf.Root.keys() - _CATALOG):
        yield differs("packet.pdf", f"holds {key}")
    for number, page in enumerate(pdf.pages, 1):
        for key in sorted(page.obj.keys() - _PAGE):
            yield differs(f"packet page {number}", f"holds {key}")
    with pdf.open_outline() as outline:
        if len(outline.root) != len(layout.sections):
            yield differs("packet.pdf", "its outline does not list every section")
        if any(entry.action is not None for entry in _every(outline.root)):
            yield differs("packet.pdf", "its outline does more than lead to pages")


def _every(entries: Iterable[pikepdf.OutlineItem]) -> Iterator[pikepdf.OutlineItem]:
    for entry in entries:
        yield entry
        yield from _every(entry.children)


class _Links:
    """Every link leads to the page whose number its text prints, and the index links to each exhibit."""

    def __init__(self, pdf: pikepdf.Pdf, layout: Layout) -> None:
        self._pages = [page.obj for page in pdf.pages]
        self._numbers = {page.objgen: number for number, page in enumerate(self._pages, 1)}
        self._exhibits = layout.exhibits
        self._index = layout.kind(SectionKind.INDEX).pages
        self._indexed: set[int] = set()

    def on_page(self, number: int, printed: pypdfium2.PdfTextPage) -> Iterator[Finding]:
        """What is wrong with the links of a packet page."""
        place = f"packet page {number}"
        for annot in self._pages[number - 1].get("/Annots", ()):
            if annot.get("/Subtype") != pikepdf.Name.Link or not annot.keys() <= _LINK:
                yield differs(place, "holds an annotation that is no link within the packet")
                continue
            dest = annot.get("/Dest")
            target = self._numbers.get(dest[0].objgen) if isinstance(dest, pikepdf.Array) else None
            if target is None:
                yield differs(place, "a link leads nowhere in the packet")
                continue
            text = printed.get_text_bounded(*(float(edge) for edge in annot.Rect))
            if str(target) not in re.findall(r"\d+", text):
                yield differs(place, "a link leads to another page than it prints")
            if self._index.first <= number <= self._index.last:
                self._indexed.add(target)

    def missing(self) -> Iterator[Finding]:
        """The exhibits that no link of the index led to."""
        for laid in self._exhibits:
            if laid.evidence.first not in self._indexed:
                yield differs(laid.section.title, "the index has no link to its first page")
