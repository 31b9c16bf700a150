"""A page of a foreign PDF as one drawing, a form or picture XObject, and where it stands on the letter page."""

from __future__ import annotations

import zlib
from typing import Final

from pikepdf import Array, Dictionary, Matrix, Name, Object, Page, Pdf, Stream

from pipeline.evidence.letter import LETTER, Box, placement
from pipeline.evidence.pdf.scan import scan_of
from pipeline.evidence.pdf.streams import decoded, is_plainly_deflated

_SMALLEST: Final = 1.0
"""Points; a box narrower than this is a mistake."""
_UNITS: Final = (0.01, 1000.0)
"""A /UserUnit outside is a mistake."""


def _box(page: Object, key: str) -> Box | None:
    value = page.get(key)
    try:
        box = Box.around(float(number) for number in value) if isinstance(value, Array) else None
    except (TypeError, ValueError, ArithmeticError):
        return None
    return box if box and box.width >= _SMALLEST and box.height >= _SMALLEST else None


def visible_box(page: Object) -> Box:
    """What a viewer shows of the page: its CropBox where it lies in the MediaBox; letter size when neither makes sense."""
    media = _box(page, "/MediaBox") or LETTER
    crop = _box(page, "/CropBox")
    return (media.common(crop) if crop else None) or media


def quarter_turn(page: Object) -> int:
    """The page's /Rotate as 0, 90, 180 or 270 degrees clockwise; other angles count as the nearest of these below."""
    value = page.get("/Rotate")
    try:
        degrees = int(float(str(value))) if value is not None else 0
    except (ValueError, OverflowError):
        return 0
    return degrees % 360 // 90 * 90


def unit_of(page: Object) -> float:
    """How many points one unit of the page is: /UserUnit, normally 1."""
    try:
        unit = float(str(page.get("/UserUnit", 1)))
    except ValueError:
        return 1.0
    low, high = _UNITS
    return unit if low <= unit <= high else 1.0


def _streams(page: Object) -> list[Stream]:
    """The streams that draw the page, in order."""
    stated = page.get("/Contents")
    several = list(stated) if isinstance(stated, Array) else [stated]
    return [each for each in several if isinstance(each, Stream)]


def drawing_of(pdf: Pdf, page: Page, limit: int) -> tuple[Stream, Matrix]:
    """An XObject of the same PDF that shows exactly the page's visible box, and the matrix that places it.

    Of a scan it is the scanned picture itself, of any other page a form.  Raises StreamDamagedError and StreamTooLargeError for the
    page's content.
    """
    visible = visible_box(page.obj)
    place = placement(visible, quarter_turn(page.obj), unit_of(page.obj))
    streams = _streams(page.obj)
    contents = b"\n".join(decoded(stream, limit) or b"" for stream in streams)
    scan = scan_of(page.obj, contents, visible)
    if scan:
        return scan.picture, scan.matrix @ place
    resources = page.obj.get("/Resources")
    drawing = pdf.make_stream(
        b"",
        Type=Name.XObject,
        Subtype=Name.Form,
        FormType=1,
        BBox=Array([visible.x0, visible.y0, visible.x1, visible.y1]),
        Resources=resources if isinstance(resources, Dictionary) else Dictionary(),
    )
    as_it_is = len(streams) == 1 and is_plainly_deflated(streams[0])
    drawing.write(streams[0].read_raw_bytes() if as_it_is else zlib.compress(contents), filter=Name.FlateDecode)
    group = page.obj.get("/Group")
    if isinstance(group, Dictionary):
        drawing.Group = group
    return drawing, place
