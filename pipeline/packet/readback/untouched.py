"""Read back of what is not ours on a page: it is the page of the converted file, or of a form's blank, untouched.

Such a page is one drawing, put at its place by one line of content (`evidence/letter_pdf`, `forms/template`).  So it needs no eye to
prove that nothing of it was lost, changed or covered: in the finished file the page's content has to be that line between a save and
a restore, and the drawing has to be equal, byte for byte, in all that it holds.  What is left is what we laid over it: of evidence the
stamp, which is read here, of forms the values too (`values`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pikepdf
from pikepdf import Dictionary, Object

from pipeline.findings import Finding
from pipeline.packet.exhibits import LaidFile
from pipeline.packet.readback.equal import Contents, Pairs, equal
from pipeline.packet.readback.expect import differs
from pipeline.packet.stamps import Stamp, StampReader, is_letter

_NUMBER: Final = rb"-?\d+(?:\.\d+)?"
_PLACED: Final = re.compile(rb"q (?:%s ){6}cm (/Evidence|/Blank) Do Q\n" % _NUMBER)


def untouched(pages: Sequence[Object], files: Iterable[LaidFile], stamps: Sequence[Stamp]) -> Iterator[Finding]:
    """Every difference between the evidence among a finished packet's pages and the converted files; a stamp for each page."""
    reader, drawn = StampReader(), Contents()
    for laid in files:
        compared: Pairs = set()
        before = Contents()
        with pikepdf.open(laid.file.kept.file, access_mode=pikepdf.AccessMode.stream) as converted:
            for number, page in enumerate(converted.pages, laid.first):
                found = pages[number - 1]
                *beneath, above = drawn.of(found) or [b""]
                for wrong in differences(found, beneath, page.obj, before, compared):
                    yield differs(f"packet page {number}", wrong)
                if not reader.shows(found, above, stamps[number - 1]):
                    yield differs(f"packet page {number}", "its stamp cannot be read")


def differences(found: Object, beneath: Iterable[bytes], former: Object, before: Contents, compared: Pairs) -> Iterator[str]:
    """What is wrong with a packet page beneath its last stream, against the page that it was.

    `before` reads the former file, and `compared` holds what was compared with it.
    """
    if not is_letter(found) or "/Annots" in found:
        yield "not an upright US letter page without annotations"
    placed = b"".join(before.of(former))
    line = _PLACED.fullmatch(placed)
    if line is None or b"".join(beneath) != b"q\n" + placed:
        yield "what it shows does not lie on it as before"
    name = line[1].decode() if line else ""
    drawings = found.get("/Resources", Dictionary()).get("/XObject", Dictionary())
    if not equal(drawings.get(name), former.Resources.XObject.get(name), compared):
        yield "what it shows is not what it was"
