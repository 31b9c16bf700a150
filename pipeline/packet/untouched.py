"""Read back of evidence: each of its pages is the page of the converted file, untouched, under a stamp that says where it is.

A converted page is one drawing, put at its place by one line of content (`evidence/letter_pdf`).  So it needs no drawing to prove
that nothing of it was lost, changed or covered: in the finished file the page's content has to be that line between a save and a
restore, and the drawing has to be equal, byte for byte, in all that it holds.  What is then left is the stamp, which is read as a
reader reads it: from the codes that the page draws, through the character map of the font in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from pipeline.findings import Finding
from pipeline.packet.exhibits import LaidFile
from pipeline.packet.expect import differs
from pipeline.packet.stamps import BASELINE, FONT, PAGE_HEIGHT, PAGE_WIDTH, SIZE, Stamp
from pipeline.typeset.fonts import characters

ObjectId = tuple[int, int]

_LETTER: Final = Array([0, 0, int(PAGE_WIDTH), int(PAGE_HEIGHT)])
_UNWANTED: Final = frozenset({"/Annots", "/CropBox", "/Rotate", "/UserUnit"})
_NUMBER: Final = rb"-?\d+(?:\.\d+)?"
_PLACED: Final = re.compile(rb"q (?:%s ){6}cm /Evidence Do Q\n" % _NUMBER)
_SHOWN: Final = re.compile(rb"1 0 0 1 (%s) (%s) Tm <((?:[0-9A-F]{4})+)> Tj" % (_NUMBER, _NUMBER))
_STAMP: Final = re.compile(rb"q 0 g BT %s %g Tf\n(?:%s\n)+ET Q" % (FONT.encode(), SIZE, _SHOWN.pattern))


def untouched(packet: pikepdf.Pdf, files: Sequence[LaidFile], stamps: Sequence[Stamp]) -> Iterator[Finding]:
    """Every difference between the evidence pages of a finished packet and the converted files; `stamps` are those of all its pages."""
    maps: dict[ObjectId, Mapping[int, str]] = {}
    pages = [page.obj for page in packet.pages]
    for laid in files:
        compared: set[tuple[ObjectId, ObjectId]] = set()
        with pikepdf.open(laid.file.kept.file, access_mode=pikepdf.AccessMode.stream) as converted:
            for number, page in enumerate(converted.pages, laid.first):
                found = pages[number - 1]
                *beneath, drawn = _contents(found)
                for wrong in (*_page(found, beneath, page.obj, compared), *_stamp(found, drawn, stamps[number - 1], maps)):
                    yield differs(f"packet page {number}", wrong)


def _page(found: Object, beneath: Sequence[bytes], converted: Object, compared: set[tuple[ObjectId, ObjectId]]) -> Iterator[str]:
    """What is wrong with a page beneath its stamp; `compared` holds what other pages of the file share with it."""
    if found.get("/MediaBox") != _LETTER or not _UNWANTED.isdisjoint(found.keys()):
        yield "not an upright US letter page without annotations"
    placed = b"".join(_contents(converted))
    if b"".join(beneath) != b"q\n" + placed + b"\nQ\n" or not _PLACED.fullmatch(placed):
        yield "the evidence does not lie on it as it was converted"
    if not _same(found.Resources.XObject.get("/Evidence"), converted.Resources.XObject.Evidence, compared):
        yield "does not show the evidence as it was converted"


def _contents(page: Object) -> list[bytes]:
    contents = page.Contents
    return [part.read_bytes() for part in (contents if isinstance(contents, Array) else [contents])]


def _same(one: object, other: object, compared: set[tuple[ObjectId, ObjectId]]) -> bool:
    """Whether objects of two files are equal in all that they hold and refer to; of streams, the bytes as they are stored."""
    waiting = [(one, other)]
    while waiting:
        a, b = waiting.pop()
        if isinstance(a, Object) and isinstance(b, Object) and a.is_indirect and b.is_indirect:
            if (pair := (a.objgen, b.objgen)) in compared:
                continue
            compared.add(pair)
            if a is not one and a == b:  # pikepdf's own comparison is quick, but says no when an object holds itself
                continue
        within = _within(a, b)
        if within is None:
            return False
        waiting += within
    return True


def _within(a: object, b: object) -> Iterable[tuple[object, object]] | None:
    """What two objects hold, in pairs; None when they differ already."""
    if not isinstance(a, Object) or not isinstance(b, Object):  # a number, a truth value, or nothing
        return () if type(a) is type(b) and a == b else None
    if isinstance(a, Stream) and isinstance(b, Stream) and a.read_raw_bytes() == b.read_raw_bytes():
        a, b = a.stream_dict, b.stream_dict
    if isinstance(a, Dictionary) and isinstance(b, Dictionary) and a.keys() == b.keys():
        return [(value, b[key]) for key, value in a.items()]
    if isinstance(a, Array) and isinstance(b, Array) and len(a) == len(b):
        return zip(a, b, strict=True)
    return () if not isinstance(a, Stream | Dictionary | Array) and a == b else None


def _stamp(page: Object, drawn: bytes, stamp: Stamp, maps: dict[ObjectId, Mapping[int, str]]) -> Iterator[str]:
    """Whether `drawn`, the page's last stream, is a stamp at the head of the page with these words; `maps` keeps the maps of fonts."""
    font = page.Resources.Font.get(FONT)
    if font is None or not _STAMP.fullmatch(drawn):
        yield "its stamp cannot be read"
        return
    if font.objgen not in maps:
        maps[font.objgen] = characters(font)
    shown = [(float(x), float(y), _read(codes.decode(), maps[font.objgen])) for x, y, codes in _SHOWN.findall(drawn)]
    if sorted(text for _, _, text in shown) != sorted(stamp.texts) or not all(0 <= x < PAGE_WIDTH and y == BASELINE for x, y, _ in shown):
        yield "its stamp cannot be read"


def _read(codes: str, font: Mapping[int, str]) -> str:
    """What two-byte codes show, given as hexadecimal digits; a font has too few glyphs for its codes to be surrogates."""
    return bytes.fromhex(codes).decode("utf-16-be", "replace").translate(font)
