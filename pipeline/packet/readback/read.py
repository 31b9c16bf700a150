"""Read back: the finished packet, page by page, against what it has to show.  Any difference stops the publish.

Pages of forms and of evidence are proved to be those of the blanks and of the converted files, and what lies over them is read
(`values`, `untouched`).  Of the pages that we typeset, stamps, links and continuation pages are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pikepdf
import pypdfium2
from pikepdf import Object

from pipeline.findings import Finding
from pipeline.forms.continuation import BODY
from pipeline.packet.exhibits import LaidFile
from pipeline.packet.layout import Layout
from pipeline.packet.plan import SectionKind
from pipeline.packet.readback.equal import contents
from pipeline.packet.readback.expect import LaidForm, differs, squeezed
from pipeline.packet.readback.untouched import untouched
from pipeline.packet.readback.values import on_blanks
from pipeline.packet.stamps import Stamp, StampReader, is_letter
from pipeline.pdfium import pdfium_document
from pipeline.sealed import Sealed

_CATALOG = frozenset({"/Lang", "/Metadata", "/Outlines", "/PageLabels", "/PageMode", "/Pages", "/Type", "/ViewerPreferences"})
_PAGE = frozenset({"/Annots", "/Contents", "/CropBox", "/Group", "/MediaBox", "/Parent", "/Resources", "/Rotate", "/Tabs", "/Type"})
_LINK = frozenset({"/Border", "/Contents", "/Dest", "/F", "/Rect", "/Subtype", "/Type"})
"""What a packet, a page and a link may hold: what acts by itself, asks, sends or carries a file hangs on another entry of one of them."""


class Expected(Sealed, frozen=True):
    """What a packet has to show."""

    layout: Layout
    stamps: Sequence[Stamp]
    """Of each page."""
    forms: Sequence[LaidForm]
    files: Sequence[LaidFile]
    """The evidence, readable until this has been read back."""


def read_back(packet: Path, expected: Expected) -> tuple[Finding, ...]:
    """Every difference between the packet and what it has to show; empty when there is none."""
    layout = expected.layout
    with pikepdf.open(packet, access_mode=pikepdf.AccessMode.stream) as pdf, pdfium_document(packet) as document:
        pages = [page.obj for page in pdf.pages]
        if len(document) != layout.pages or len(pages) != layout.pages:
            return (differs("packet.pdf", f"{len(document)} pages, and the layout has {layout.pages}"),)
        return (
            *_structure(pdf, pages, layout),
            *_letters(document, pages, expected),
            *_continued(document, expected.forms),
            *on_blanks(pages, expected.forms, expected.stamps),
            *untouched(pages, expected.files, expected.stamps),
        )


def _letters(document: pypdfium2.PdfDocument, pages: Sequence[Object], expected: Expected) -> Iterator[Finding]:
    """What is wrong with the pages that we typeset: stamps, and links, for which alone a page is opened with pdfium."""
    others = {*(n for form in expected.forms for n in form.pages), *(n for file in expected.files for n in file.pages)}
    links, reader = _Links(pages, expected.layout), StampReader()
    for number, (page, stamp) in enumerate(zip(pages, expected.stamps, strict=True), 1):
        if number in others:
            continue
        if not is_letter(page):
            yield differs(f"packet page {number}", "not an upright US letter page")
        drawn = contents(page)
        if not drawn or not reader.shows(page, drawn[-1].read_bytes(), stamp):
            yield differs(f"packet page {number}", "its stamp cannot be read")
        if "/Annots" in page:
            with closing(document[number - 1]) as opened, closing(opened.get_textpage()) as text:
                yield from links.on_page(number, text)
    yield from links.missing()


def _continued(document: pypdfium2.PdfDocument, forms: Sequence[LaidForm]) -> Iterator[Finding]:
    for form in forms:
        read = "".join(document[page - 1].get_textpage().get_text_bounded(*BODY) for page in form.continued)
        if squeezed(read) != squeezed(form.text):
            yield differs(f"packet page {form.continued[0]}, Form {form.form}", "the continuation pages do not hold the whole text")


def _structure(pdf: pikepdf.Pdf, pages: Sequence[Object], layout: Layout) -> Iterator[Finding]:
    for key in sorted(pdf.Root.keys() - _CATALOG):
        yield differs("packet.pdf", f"holds {key}")
    for number, page in enumerate(pages, 1):
        for key in sorted(page.keys() - _PAGE):
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

    def __init__(self, pages: Sequence[Object], layout: Layout) -> None:
        self._pages = pages
        self._numbers = {page.objgen: number for number, page in enumerate(pages, 1)}
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
