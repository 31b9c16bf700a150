"""Read back: the finished packet read with pdfium, page by page, against what it has to show.  Any difference stops the publish."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pikepdf
import pypdfium2

from pipeline.findings import Finding, Level
from pipeline.forms.continuation import BODY
from pipeline.packet.expect import ExpectedText, ExpectedValue, squeezed
from pipeline.packet.layout import Layout
from pipeline.packet.plan import SectionKind
from pipeline.packet.stamps import PAGE_HEIGHT, PAGE_WIDTH, Stamp

_SCALE = 2.0
"""Pixels a point in the pictures that checkboxes are judged from."""
_INSET = 1.5
"""Points left out at each edge of a checkbox, where its frame is."""
_TICKED = 0.06
"""Share of dark pixels from which a box counts as ticked: a cross covers about a third."""
_BANNED = ("/XFA", "/Perms", "/NeedAppearances", "/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/AcroForm")


def read_back(
    packet: Path, layout: Layout, values: Sequence[ExpectedValue], texts: Sequence[ExpectedText], stamps: Sequence[Stamp]
) -> tuple[Finding, ...]:
    """Every difference between the packet and what it has to show; empty when there is none."""
    document = pypdfium2.PdfDocument(packet)
    try:
        if len(document) != layout.pages:
            return (_wrong("packet.pdf", f"{len(document)} pages, and the layout has {layout.pages}"),)
        found = [*_structure(packet, document, layout), *_pages(document, values, stamps), *_continued(document, texts)]
    finally:
        document.close()
    return tuple(found)


def _wrong(where: str, message: str) -> Finding:
    return Finding("read-back", Level.ERROR, where, message, "Nothing was published; report this with the case's findings.")


def _pages(document: pypdfium2.PdfDocument, values: Sequence[ExpectedValue], stamps: Sequence[Stamp]) -> Iterator[Finding]:
    by_page: Mapping[int, list[ExpectedValue]] = defaultdict(list)
    for value in values:
        by_page[value.packet_page].append(value)
    for number, stamp in enumerate(stamps, 1):
        page = document[number - 1]
        text = page.get_textpage()
        if page.get_size() != (PAGE_WIDTH, PAGE_HEIGHT) or page.get_rotation():
            yield _wrong(f"packet page {number}", "not an upright US letter page")
        head = squeezed(text.get_text_bounded(0, PAGE_HEIGHT - 30, PAGE_WIDTH, PAGE_HEIGHT))
        for part in stamp.texts:
            if squeezed(part) not in head:
                yield _wrong(f"packet page {number}", "its stamp cannot be read")
        yield from _texts(text, by_page[number])
        yield from _ticks(page, by_page[number])
        text.close()
        page.close()


def _continued(document: pypdfium2.PdfDocument, texts: Sequence[ExpectedText]) -> Iterator[Finding]:
    for text in texts:
        pages = range(text.first_page - 1, text.last_page)
        read = "".join(document[page].get_textpage().get_text_bounded(*BODY) for page in pages)
        if squeezed(read) != squeezed(text.text):
            yield _wrong(f"packet page {text.first_page}, Form {text.form}", "the continuation pages do not hold the whole text")


def _texts(page: pypdfium2.PdfTextPage, values: Sequence[ExpectedValue]) -> Iterator[Finding]:
    for value in values:
        if value.ticked is None:
            read = page.get_text_bounded(*value.rect)
            if squeezed(read) != squeezed(value.text):
                yield _wrong(value.where, "the box does not hold the value that was written")


def _ticks(page: pypdfium2.PdfPage, values: Sequence[ExpectedValue]) -> Iterator[Finding]:
    boxes = [value for value in values if value.ticked is not None]
    if not boxes:
        return
    picture = page.render(scale=_SCALE, grayscale=True).to_pil()
    for value in boxes:
        x0, y0, x1, y1 = value.rect
        edges = (x0 + _INSET, PAGE_HEIGHT - y1 + _INSET, x1 - _INSET, PAGE_HEIGHT - y0 - _INSET)
        box = picture.crop(tuple(round(edge * _SCALE) for edge in edges))
        dark = sum(box.histogram()[:128]) / max(1, box.width * box.height)
        if (dark > _TICKED) != value.ticked:
            yield _wrong(value.where, f"the box is {'not ' if value.ticked else ''}ticked on the page")


def _structure(packet: Path, document: pypdfium2.PdfDocument, layout: Layout) -> Iterator[Finding]:
    with pikepdf.open(packet, access_mode=pikepdf.AccessMode.stream) as pdf:
        keys = {key for item in pdf.objects if isinstance(item, pikepdf.Dictionary | pikepdf.Stream) for key in item.keys()}
        for key in _BANNED:
            if key in keys:
                yield _wrong("packet.pdf", f"holds {key}")
        with pdf.open_outline() as outline:
            if len(outline.root) != len(layout.sections):
                yield _wrong("packet.pdf", "its outline does not list every section")
        yield from _links(pdf, document, layout)


def _links(pdf: pikepdf.Pdf, document: pypdfium2.PdfDocument, layout: Layout) -> Iterator[Finding]:
    """Every link leads to the page whose number its text prints, and the index links to each exhibit."""
    numbers = {str(page.objgen): number for number, page in enumerate(pdf.pages, 1)}
    index = layout.kind(SectionKind.INDEX).pages
    indexed: set[int] = set()
    for number, page in enumerate(pdf.pages, 1):
        links = page.obj.get("/Annots", ())
        printed = document[number - 1].get_textpage() if len(links) else None
        for annot in links:
            place = f"packet page {number}"
            dest = annot.get("/Dest")
            target = numbers.get(str(dest[0].objgen)) if isinstance(dest, pikepdf.Array) else None
            if target is None or printed is None:
                yield _wrong(place, "a link leads nowhere in the packet")
                continue
            text = printed.get_text_bounded(*(float(edge) for edge in annot.Rect))
            if str(target) not in re.findall(r"\d+", text):
                yield _wrong(place, "a link leads to another page than it prints")
            if index.first <= number <= index.last:
                indexed.add(target)
    for laid in layout.exhibits:
        if laid.evidence.first not in indexed:
            yield _wrong(laid.section.title, "the index has no link to its first page")
