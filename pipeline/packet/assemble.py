"""Assembly: all sections into one PDF, with stamps, outline, page labels, links and metadata; the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path

import pikepdf
from msgspec import field
from msgspec.structs import replace
from pikepdf import Array, Dictionary, Name, String

from pipeline.evidence.model import Bookmark
from pipeline.forms.template import FONTS
from pipeline.packet.layout import Layout
from pipeline.packet.readback.equal import contents
from pipeline.packet.stamps import FONT, Stamp
from pipeline.sealed import Sealed
from pipeline.typeset.fonts import MONO, SERIF, lift

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>en-US</rdf:li></rdf:Bag></dc:language>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
"""Title and language as XMP; pikepdf's own writer would load an XML library for it."""

_PACKET_PAGE = re.compile(r"packet:page/(\d+)$")
"""Where a link of our letters leads."""


class Piece(Sealed, frozen=True):
    """The pages of one PDF, all upright US letter, and marks to draw on them."""

    key: str
    """The same for PDFs of the same bytes, such as a form's blank: what they hold is then in the packet once."""
    pdf: bytes | Path
    """In memory, or a file that stays until the packet is assembled."""
    pages: int
    marks: Mapping[int, bytes] = field(default_factory=dict)
    """Page of the piece, from 1, to a content stream."""
    bookmarks: tuple[Bookmark, ...] = ()
    first: int = 1
    """The first of the PDF's pages that belong to the piece."""


def whole(pdf: bytes, pages: int) -> Piece:
    """All pages of a PDF that we made, as a piece; `pages` is how many there are."""
    return Piece(hashlib.sha256(pdf).hexdigest(), pdf, pages)


def single_pages(pdf: bytes, pages: int) -> tuple[Piece, ...]:
    """Each page of a PDF that we made, as a piece of its own; `pages` is how many there are."""
    every = whole(pdf, pages)
    return tuple(replace(every, pages=1, first=number) for number in range(1, pages + 1))


def assemble(layout: Layout, pieces: Sequence[Sequence[Piece]], stamps: Sequence[Stamp], *, title: str, as_of: date, into: Path) -> None:
    """Writes the packet to the new file `into`, mode 0600, and does not wait for the disk; raises OSError when it refuses.

    `pieces` holds the pieces of each section in order, whose pages must be as many as the layout says.
    """
    every = [piece for section in pieces for piece in section]
    with tempfile.TemporaryDirectory(dir=into.parent) as folder, _pages_of(every, Path(folder)) as packet:
        _dress(packet, every, stamps)
        _links(packet)
        _outline(packet, layout, pieces)
        _describe(packet, title, as_of)
        _identify(packet, pieces, stamps)
        handle = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            packet.save(  # what we lay over a page is short: to deflate and inflate it takes longer than to write and read it
                stream,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                compress_streams=False,
                static_id=True,
                fix_metadata_version=False,
            )


def _pages_of(pieces: Iterable[Piece], folder: Path) -> pikepdf.Pdf:
    """A PDF of all pieces' pages, still bare, in which what one blank copied twice holds is once.

    qpdf reads their streams from the pieces' files when the PDF is written, so that they never are in memory together; what is in memory
    is put into `folder` for it.
    """
    files: dict[str, Path] = {}
    chosen: list[Mapping[str, str]] = []
    for piece in pieces:
        if piece.key not in files:
            files[piece.key] = _on_disk(piece.pdf, folder / str(len(files)))
        chosen.append({"file": str(files[piece.key]), "range": f"{piece.first}-{piece.first + piece.pages - 1}"})
    return pikepdf.Job({"empty": "", "outputFile": "-", "removeUnreferencedResources": "no", "pages": chosen}).create_pdf()


def _on_disk(pdf: bytes | Path, file: Path) -> Path:
    if isinstance(pdf, Path):
        return pdf
    file.write_bytes(pdf)
    return file


def _identify(packet: pikepdf.Pdf, pieces: Sequence[Sequence[Piece]], stamps: Sequence[Stamp]) -> None:
    """Sets the file's /ID from all that decides its content: qpdf would hash every byte for it, which takes longer than the rest."""
    sums = hashlib.sha256(str(packet.docinfo).encode())
    for piece in (piece for section in pieces for piece in section):
        sums.update(f"{piece.key} {piece.first} {piece.pages} {piece.bookmarks}\n".encode())
        for page, marks in sorted(piece.marks.items()):
            sums.update(b"%d %b\n" % (page, marks))
    for stamp in stamps:
        sums.update("\n".join(stamp.texts).encode())
    identity = String(sums.digest()[:16])
    packet.trailer["/ID"] = Array([identity, identity])


def _dress(packet: pikepdf.Pdf, pieces: Sequence[Piece], stamps: Iterable[Stamp]) -> None:
    """Lay over every page its marks and its stamp; what it draws beneath, and its resources, it may share with other pages.

    The fonts of stamps and marks are in the packet once, and so is the list of them for pages that have no others.
    """
    save = packet.make_stream(b"q\n")
    installed = {family: lift(family).install(packet) for family in (SERIF, MONO)}
    for_stamp = Dictionary({FONT: installed[SERIF]})
    for_both = Dictionary({FONT: installed[SERIF], **{name: installed[family] for name, family in FONTS.items()}})
    shared = {False: packet.make_indirect(for_stamp), True: packet.make_indirect(for_both)}
    marks = (piece.marks.get(number, b"") for piece in pieces for number in range(1, piece.pages + 1))
    for page, mark, stamp in zip((page.obj for page in packet.pages), marks, stamps, strict=True):
        above = packet.make_stream(b"\nQ\n%b\n%b" % (mark, stamp.operators()))
        page["/Contents"] = Array([save, *contents(page), above])
        resources, fonts = page.Resources, shared[bool(mark)]
        here = resources.get("/Font")
        resources["/Font"] = fonts if here is None else Dictionary({**dict(here.items()), **dict(fonts.items())})
        if "/StructParents" in page:
            del page["/StructParents"]


def linked_page(annot: pikepdf.Object) -> int | None:
    """The packet page that a link of our letters leads to, `packet:page/41`; None for another annotation."""
    match = _PACKET_PAGE.match(str(annot.A.get("/URI", ""))) if "/A" in annot else None
    return int(match[1]) if match else None


def _links(packet: pikepdf.Pdf) -> None:
    """Turn the links that our letters carry into links to their pages."""
    pages = [page.obj for page in packet.pages]
    for page in pages:
        for annot in page.get("/Annots", ()):
            number = linked_page(annot)
            if number is not None:
                del annot["/A"]
                annot["/Dest"] = Array([pages[number - 1], Name.Fit])
                annot["/Border"] = Array([0, 0, 0])
                annot["/Contents"] = String(f"Packet page {number}")
            for key in ("/StructParent", "/P"):
                if key in annot:
                    del annot[key]


def _outline(packet: pikepdf.Pdf, layout: Layout, pieces: Sequence[Sequence[Piece]]) -> None:
    with packet.open_outline() as outline:
        for laid, section in zip(layout.sections, pieces, strict=True):
            item = pikepdf.OutlineItem(laid.section.heading, laid.pages.first - 1, "Fit")
            start = laid.pages.first - 1
            for piece in section:
                item.children.extend(_bookmark(b, start) for b in piece.bookmarks)
                start += piece.pages
            item.is_closed = True
            outline.root.append(item)


def _bookmark(bookmark: Bookmark, start: int) -> pikepdf.OutlineItem:
    """An exhibit's own bookmark; `start` is the packet page, from 0, of the piece's first page."""
    item = pikepdf.OutlineItem(bookmark.title, start + bookmark.page - 1, "Fit")
    item.children.extend(_bookmark(child, start) for child in bookmark.children)
    return item


def _describe(packet: pikepdf.Pdf, title: str, as_of: date) -> None:
    packet.Root["/Lang"] = String("en-US")
    packet.Root["/PageMode"] = Name.UseOutlines
    packet.Root["/ViewerPreferences"] = Dictionary(DisplayDocTitle=True, Duplex=Name.Simplex, PrintScaling=Name("/None"))
    packet.Root["/PageLabels"] = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))
    packet.docinfo["/Title"] = String(title)
    packet.docinfo["/CreationDate"] = String(f"D:{as_of:%Y%m%d}000000Z")
    packet.docinfo["/ModDate"] = String(f"D:{as_of:%Y%m%d}000000Z")
    packet.Root["/Metadata"] = packet.make_stream(
        _XMP.format(title=escape(title, quote=False)).encode(), Type=Name.Metadata, Subtype=Name.XML
    )
