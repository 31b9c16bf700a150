"""Making pages smaller on request: pictures finer than wanted become JPEGs of fewer dots, everything else stays."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import Final

import pikepdf
from msgspec.structs import replace
from pikepdf import Array, Dictionary, Matrix, Name, Object, Pdf, PdfImage, Stream
from PIL import Image

from pipeline.evidence.letter_pdf import write_letter_pdf
from pipeline.evidence.model import Sheets, Source, plural
from pipeline.evidence.pdf.streams import JPEG, filters_of
from pipeline.findings import Level
from pipeline.sealed import Sealed

_SLACK: Final = 1.1
"""A picture this little finer than wanted stays: coding it anew would cost more than it gives."""
_QUALITY: Final = 80
"""Of JPEG: small print stays readable."""
_DEPTH: Final = 12
"""Drawings within drawings that are looked into."""
_PLAIN: Final = (Name.DeviceGray, Name.DeviceRGB)
_CALIBRATED: Final = (Name.CalGray, Name.CalRGB, Name.ICCBased)
_PDF_FAULTS: Final = (
    pikepdf.PikepdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What reading contents and pictures raises when they are malformed, or of a kind that pikepdf or Pillow does not know."""


class Shrunk(Sealed, frozen=True):
    """A letter PDF with smaller pictures."""

    pdf: bytes
    pictures: int
    """How many were reduced."""
    left: int = 0
    """How many are finer than wanted and stayed as they are."""


def shrunk(sheets: Sheets, source: Source) -> Sheets:
    """The pages with their pictures reduced to what the case asks for, and a finding for those that were and for those that stayed."""
    if source.wishes.shrink is None:
        return sheets
    done = shrink(sheets.pdf, source.wishes.shrink, source.limits.pixels)
    findings = list(sheets.findings)
    if done.pictures:
        message = f"{plural(done.pictures, 'picture')} reduced to {source.wishes.shrink} dots per inch, as the case asks"
        findings.append(source.finding("evidence-shrunk", Level.INFO, message, "Compare the pages with the original."))
    if done.left:
        message = f"{plural(done.left, 'picture')} stayed as before: of one bit, of inks, with a mask, or no smaller as a JPEG"
        findings.append(source.finding("evidence-not-shrunk", Level.INFO, message, "Scan it again in gray, if the file is too large."))
    return replace(sheets, pdf=done.pdf, findings=tuple(findings))


def shrink(pdf: bytes, dots: int, pixels: int) -> Shrunk:
    """A letter PDF whose gray and coloured pictures have at most about `dots` dots per inch on paper.

    A picture that is drawn several times keeps enough for its largest.  Pictures of one bit, of inks (CMYK), with transparency, with a
    /Decode array or of more than `pixels` pixels stay as they are, and so does one whose JPEG would not be smaller, and everything when
    some page's contents are malformed.
    """
    count = left = 0
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        try:
            resolutions = _resolutions(opened)
        except _PDF_FAULTS:  # then nobody knows how large anything is drawn
            return Shrunk(pdf, 0)
        for number, dpi in resolutions.items():
            if dpi > dots * _SLACK:
                done = _reduce(opened.get_object(number), dots / dpi, pixels)
                count, left = count + done, left + (not done)
        return Shrunk(write_letter_pdf(opened) if count else pdf, count, left)


def _resolutions(pdf: Pdf) -> dict[tuple[int, int], float]:
    """Dots per inch on paper of every picture, by object number; of one drawn several times the lowest."""
    found: dict[tuple[int, int], float] = {}
    for page in pdf.pages:
        for image, matrix in _drawn(page.obj, page.resources, Matrix(), 0):
            across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
            if across > 0 and down > 0:
                dpi = min(int(image.Width) / across, int(image.Height) / down) * 72
                found[image.objgen] = min(dpi, found.get(image.objgen, dpi))
    return found


def _drawn(holder: Object, resources: Object, matrix: Matrix, depth: int) -> Iterator[tuple[Stream, Matrix]]:
    """Every picture that a page or form draws, with the matrix of its unit square."""
    objects = resources.get("/XObject") if isinstance(resources, Dictionary) else None
    if not isinstance(objects, Dictionary) or depth > _DEPTH:
        return
    saved: list[Matrix] = []
    for step in pikepdf.parse_content_stream(holder, "q Q cm Do"):
        word = str(step.operator)
        if word == "q":
            saved.append(matrix)
        elif word == "Q" and saved:
            matrix = saved.pop()
        elif word == "cm":
            matrix = Matrix(*(float(value) for value in step.operands)) @ matrix
        elif word == "Do":
            shown = objects.get(str(step.operands[0]))
            if isinstance(shown, Stream):
                yield from _shown(shown, resources, matrix, depth)


def _shown(shown: Stream, resources: Object, matrix: Matrix, depth: int) -> Iterator[tuple[Stream, Matrix]]:
    if shown.get("/Subtype") == Name.Image:
        yield shown, matrix
    elif shown.get("/Subtype") == Name.Form:
        own = Matrix(*(float(value) for value in shown.Matrix)) if "/Matrix" in shown else Matrix()
        yield from _drawn(shown, shown.get("/Resources", resources), own @ matrix, depth + 1)


def _reduce(image: Object, share: float, pixels: int) -> bool:
    """Codes a picture anew with this share of its width and height; returns whether that made it smaller."""
    if not isinstance(image, Stream) or not _may_be_reduced(image, pixels):
        return False
    try:
        seen = PdfImage(image).as_pil_image()
        if seen.mode == "P":
            seen = seen.convert("RGB")
        if seen.mode not in {"L", "RGB"}:
            return False
        size = math.ceil(seen.width * share), math.ceil(seen.height * share)
        target = io.BytesIO()
        seen.resize(size, Image.Resampling.LANCZOS, reducing_gap=3).save(target, "JPEG", quality=_QUALITY, optimize=True)
    except _PDF_FAULTS:
        return False
    if len(target.getvalue()) >= len(image.read_raw_bytes()):
        return False
    for key in ("/Decode", "/DecodeParms", "/Intent"):
        if key in image:
            del image[key]
    image.Width, image.Height = size
    image.BitsPerComponent = 8
    image.ColorSpace = Name.DeviceGray if seen.mode == "L" else Name.DeviceRGB
    image.write(target.getvalue(), filter=Name.DCTDecode)
    return True


def _may_be_reduced(image: Stream, pixels: int) -> bool:
    """Whether nothing but its own samples decides how the picture looks, and it is not too large to be decoded.

    A /Decode array, as of scans that are stored as their negative, and the colour space of a JPEG are not applied by pikepdf.
    """
    others = any(key in image for key in ("/SMask", "/Mask", "/SMaskInData", "/Decode")) or bool(image.get("/ImageMask"))
    is_jpeg = any(each in JPEG for each in filters_of(image))
    return not others and not (is_jpeg and not _is_plain(image.get("/ColorSpace"))) and int(image.Width) * int(image.Height) <= pixels


def _is_plain(space: object) -> bool:
    """Whether a colour space is gray or RGB as screens have it."""
    return space in _PLAIN or (isinstance(space, Array) and len(space) > 1 and space[0] in _CALIBRATED)
