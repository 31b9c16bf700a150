"""Scans: pages that show one picture and nothing else, as scanners and phones write them."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct
from pikepdf import Dictionary, Matrix, Name, Object, Stream

from pipeline.evidence.letter import Box

_NUMBER: Final = rb"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
"""A number can be read in one way only: six long ones that could be in many would be tried in all, which takes for ever."""
_DRAWS: Final = rb"((?:%s\s+){6})cm\s*(/[\w.+-]+)\s+Do" % _NUMBER
_ONE_PICTURE: Final = re.compile(rb"\s*(?:q\s+%s\s+Q|%s)\s*" % (_DRAWS, _DRAWS))
_LONGEST: Final = 400
"""Bytes of contents that are looked at."""
_SLACK: Final = 0.01
"""Points by which a picture may lie outside the page: an edge that is rounded."""


class Scan(Struct, frozen=True):
    """The picture that a page shows, and the matrix that puts its unit square there, in the page's own units."""

    picture: Stream
    matrix: Matrix


def scan_of(page: Object, contents: bytes, visible: Box) -> Scan | None:
    """The scan that a page with these decoded contents is; None when it draws more, cuts the picture off, or changes its colours.

    A picture shows nothing outside its square, so the page needs no form around it to be cut to its visible box.
    """
    match = _ONE_PICTURE.fullmatch(contents) if len(contents) <= _LONGEST else None
    resources = page.get("/Resources")
    if not match or not isinstance(resources, Dictionary) or "/Group" in page or "/ColorSpace" in resources:
        return None
    matrix, name = (match[1] or match[3]), (match[2] or match[4]).decode("ascii")
    objects = resources.get("/XObject")
    picture = objects.get(name) if isinstance(objects, Dictionary) else None
    if not isinstance(picture, Stream) or picture.get("/Subtype") != Name.Image:
        return None
    placed = Matrix(*map(float, matrix.split()))
    return Scan(picture, placed) if _lies_within(placed, visible) else None


def _lies_within(placed: Matrix, visible: Box) -> bool:
    corners = [placed.transform((x, y)) for x in (0, 1) for y in (0, 1)]
    across = all(visible.x0 - _SLACK <= x <= visible.x1 + _SLACK for x, _ in corners)
    return across and all(visible.y0 - _SLACK <= y <= visible.y1 + _SLACK for _, y in corners)
