"""Read back of evidence: each of its pages is the page of the converted file, untouched, under a stamp that says where it is.

A converted page is one drawing, put at its place by one line of content (`evidence/letter_pdf`).  So it needs no drawing to prove
that nothing of it was lost, changed or covered: in the finished file the page's content has to be that line between a save and a
restore, and the drawing has to be equal, byte for byte, in all that it holds.  What is then left is the stamp, which is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from pipeline.findings import Finding
from pipeline.packet.exhibits import LaidFile
from pipeline.packet.expect import differs
from pipeline.packet.stamps import Stamp, StampReader, is_letter

ObjectId = tuple[int, int]

_NUMBER: Final = rb"-?\d+(?:\.\d+)?"
_PLACED: Final = re.compile(rb"q (?:%s ){6}cm /Evidence Do Q\n" % _NUMBER)


def untouched(packet: pikepdf.Pdf, files: Sequence[LaidFile], stamps: Sequence[Stamp]) -> Iterator[Finding]:
    """Every difference between the evidence pages of a finished packet and the converted files; `stamps` are those of all its pages."""
    reader = StampReader()
    pages = [page.obj for page in packet.pages]
    for laid in files:
        compared: set[tuple[ObjectId, ObjectId]] = set()
        with pikepdf.open(laid.file.kept.file, access_mode=pikepdf.AccessMode.stream) as converted:
            for number, page in enumerate(converted.pages, laid.first):
                found = pages[number - 1]
                for wrong in _page(found, page.obj, compared):
                    yield differs(f"packet page {number}", wrong)
                if not reader.shows(found, stamps[number - 1]):
                    yield differs(f"packet page {number}", "its stamp cannot be read")


def _page(found: Object, converted: Object, compared: set[tuple[ObjectId, ObjectId]]) -> Iterator[str]:
    """What is wrong with a page beneath its stamp; `compared` holds what other pages of the file share with it."""
    if not is_letter(found) or "/Annots" in found:
        yield "not an upright US letter page without annotations"
    placed = b"".join(_contents(converted))
    if b"".join(_contents(found)[:-1]) != b"q\n" + placed or not _PLACED.fullmatch(placed):
        yield "the evidence does not lie on it as it was converted"
    if not _same(found.Resources.XObject.get("/Evidence"), converted.Resources.XObject.Evidence, compared):
        yield "does not show the evidence as it was converted"


def _contents(page: Object) -> list[bytes]:
    contents = page.get("/Contents", Array())
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
            if a == b:  # pikepdf's own comparison is quick, but says no when an object holds itself
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
