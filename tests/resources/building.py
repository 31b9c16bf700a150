"""Small PDFs and PNGs, built piece by piece, so that a test can get each of them wrong in one way only."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

LETTER: Final = (0.0, 0.0, 612.0, 792.0)
CORNER: Final = 12.0
"""Side of a corner mark, in points."""

BoxNumbers = tuple[float, float, float, float]


def font(pdf: Pdf) -> Object:
    """Helvetica, not embedded: every reader has a stand-in."""
    return pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding))


def add_page(pdf: Pdf, content: bytes, box: Sequence[float] = LETTER, **entries: object) -> pikepdf.Page:
    """Appends a page with Helvetica as /F1; `entries` are set on its dictionary, None removes one."""
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array(list(box)),
        Resources=Dictionary(Font=Dictionary(F1=font(pdf))),
        Contents=pdf.make_stream(content),
    )
    for key, value in entries.items():
        if value is None:
            del page[f"/{key}"]
        else:
            page[f"/{key}"] = value
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1]


def words(text: str, x: float = 72, y: float = 700, size: float = 12) -> bytes:
    """The operators that show one line of text."""
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n".encode("cp1252")


def saved(pdf: Pdf, **options: object) -> bytes:
    """The PDF's bytes: the same for the same content, with a classic cross-reference table unless `options` say otherwise."""
    target = io.BytesIO()
    settings: dict[str, object] = {"object_stream_mode": pikepdf.ObjectStreamMode.disable, "fix_metadata_version": False}
    if "encryption" not in options:
        settings["deterministic_id"] = True
    pdf.save(target, **{**settings, **options})  # type: ignore[arg-type]
    return target.getvalue()


def pages(*contents: bytes, box: Sequence[float] = LETTER, **entries: object) -> bytes:
    """A PDF with one page for each content."""
    pdf = Pdf.new()
    for content in contents:
        add_page(pdf, content, box, **entries)
    return saved(pdf)


def corner_marks(visible: BoxNumbers, turn: int) -> bytes:
    """Four squares in the corners of the visible box, and a letter in the middle.

    A viewer shows red at the top left, green at the top right, blue at the bottom left and black at the bottom right.

    Which corner of the unturned page a viewer shows at the top left is written out here by hand, not computed.
    """
    x0, y0, x1, y1 = visible
    left, right, low, high = x0, x1 - CORNER, y0, y1 - CORNER
    around = [(left, high), (right, high), (right, low), (left, low)]
    """Clockwise from the top left of the unturned page."""
    start = {0: 0, 90: 3, 180: 2, 270: 1}[turn % 360]
    colours = ["1 0 0 rg", "0 0.6 0 rg", "0 0 0 rg", "0 0 1 rg"]
    """Clockwise from the top left as seen."""
    marks = [f"{colour} {x} {y} {CORNER} {CORNER} re f\n" for colour, (x, y) in zip(colours, around[start:] + around[:start], strict=True)]
    middle = f"0 g BT /F1 9 Tf {(x0 + x1) / 2 - 4} {(y0 + y1) / 2 - 4} Td (M) Tj ET\n"
    return "".join([*marks, middle]).encode("ascii")


def marked_page(media: BoxNumbers, crop: BoxNumbers | None = None, turn: int = 0, unit: float = 1) -> bytes:
    """A one-page PDF with corner marks in its visible box, and gray ink outside the crop that must not show."""
    pdf = Pdf.new()
    visible = crop or media
    outside = f"0.5 g {media[0]} {media[1]} {media[2] - media[0]} {media[3] - media[1]} re f\n" if crop else ""
    paper = f"1 g {visible[0]} {visible[1]} {visible[2] - visible[0]} {visible[3] - visible[1]} re f\n"
    entries: dict[str, object] = {}
    if crop:
        entries["CropBox"] = Array(list(crop))
    if turn:
        entries["Rotate"] = turn
    if unit != 1:
        entries["UserUnit"] = unit
    add_page(pdf, outside.encode() + paper.encode() + corner_marks(visible, turn), media, **entries)
    return saved(pdf)


def widget(pdf: Pdf, kind: str, name: str, rect: BoxNumbers, **entries: object) -> Object:
    """A form field with its one widget; `entries` go into its dictionary."""
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name(f"/{kind}"), T=String(name), Rect=Array(list(rect)), F=4)
    for key, value in entries.items():
        field[f"/{key}"] = value
    return pdf.make_indirect(field)


def form_with(pdf: Pdf, fields: Sequence[Object], **entries: object) -> None:
    """Puts the fields onto the first page and into an AcroForm."""
    pdf.pages[0].obj.Annots = Array(list(fields))
    form = Dictionary(Fields=Array(list(fields)), DR=Dictionary(Font=Dictionary(Helv=font(pdf))), DA=String("/Helv 12 Tf 0 g"))
    for key, value in entries.items():
        form[f"/{key}"] = value
    pdf.Root.AcroForm = form


def appearance(pdf: Pdf, content: bytes, width: float, height: float) -> Stream:
    """An annotation's appearance stream."""
    return pdf.make_stream(
        content,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, width, height]),
        Resources=Dictionary(Font=Dictionary(F1=font(pdf))),
    )


def mark(pdf: Pdf, kind: str, rect: BoxNumbers, drawn: bool = True, flags: int = 4, **entries: object) -> Object:
    """An annotation that is no field; when drawn, its appearance is a black bar over its rectangle."""
    annotation = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array(list(rect)), F=flags)
    if drawn:
        width, height = rect[2] - rect[0], rect[3] - rect[1]
        annotation.AP = Dictionary(N=appearance(pdf, f"0 g 0 0 {width} {height} re f".encode(), width, height))
    for key, value in entries.items():
        annotation[f"/{key}"] = value
    return pdf.make_indirect(annotation)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, colour: int, data: bytes, *extra: bytes, interlace: int = 0) -> bytes:
    """A PNG from filtered rows (a filter byte before each); `extra` chunks stand between header and data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def zipped(members: Mapping[str, str]) -> bytes:
    """A ZIP archive with these files, stored as they are and without dates."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return target.getvalue()
