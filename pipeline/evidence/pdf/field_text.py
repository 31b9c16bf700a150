"""The picture of a form field's value where the file has none: its type, a size at which it fits, and where each line stands."""

from __future__ import annotations

import ctypes
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Final, Literal

import pypdfium2.raw as pdfium_c
from msgspec import Struct
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from pipeline.pdfium import pdfium_document
from pipeline.sealed import Sealed

_SMALLEST: Final = 4.0
"""The smallest size that can be read, in points."""
_LARGEST: Final = 12.0
"""The largest size that is chosen for a field which leaves it open."""
_SANE: Final = 1000.0
_LONGEST: Final = 1000
"""What is read of a size and of a /DA; honest ones are far below."""
_STEP: Final = 0.96
"""From one size that is tried to the next."""
_LEADING: Final = 1.15
_ABOVE: Final = 0.72
_BELOW: Final = 0.21
"""Line height, and Helvetica's ascent and descent, as shares of the size."""
_MARGIN: Final = 2.0
_HIGHLIGHT: Final = b"0.6 0.757 0.855 rg"
"""What Acrobat puts behind the chosen lines of a list."""

_FONT: Final = re.compile(rb"/(\S+)\s+([\d.]+)\s+Tf\b")
_COLOUR: Final = re.compile(rb"(?:[\d.]+\s+)(?:g|(?:[\d.]+\s+){2}rg|(?:[\d.]+\s+){3}k)\b")
_SYMBOLS: Final = re.compile("dingbat|zadb|symbol|webding|wingding", re.IGNORECASE)
_TYPEWRITER: Final = re.compile("cour|mono|^cob", re.IGNORECASE)
_ROMAN: Final = re.compile("times|^ti(ro|bo|it|bi)$", re.IGNORECASE)
_BOLD: Final = re.compile("bold|^(he|co|ti)b[oi]$", re.IGNORECASE)


class Face(Struct, frozen=True):
    """A font that every reader has."""

    name: str
    """Such as `Helvetica-Bold`."""
    widths: Mapping[int, float]
    """By byte of Windows code page 1252, in points at a size of 1."""

    def width(self, line: bytes) -> float:
        """Of a line at a size of 1."""
        return sum(self.widths.get(letter, 0) for letter in line)


class Style(Struct, frozen=True):
    """How a field wants its value written."""

    face: Face
    size: float
    """In points; 0 leaves it to the reader."""
    colour: bytes
    """As an operator."""
    alignment: int
    """0 left, 1 centred, 2 right."""


class FieldText(Sealed, frozen=True):
    """What is written into a field, in Windows code page 1252."""

    lines: tuple[bytes, ...]
    kind: Literal["line", "lines", "comb", "list"] = "line"
    cells: int = 0
    """Of a comb."""
    chosen: frozenset[int] = frozenset()
    """The lines of a list that are marked, from 0."""


class _Piece(Sealed, frozen=True):
    """Letters and the start of their baseline."""

    x: float
    y: float
    letters: bytes


def style_of(appearance: object, fonts: object, quadding: object) -> Style | None:
    """How a field's /DA and /Q want the value written, in Helvetica, Times or Courier; None when it wants signs instead of letters.

    `fonts` are the form's.  A font of the file itself is not used, since it may lack letters of the value.
    """
    operators = bytes(appearance)[:_LONGEST] if isinstance(appearance, String) else b""
    named = _FONT.findall(operators)
    name, size = (named[-1][0].decode("latin-1"), float(named[-1][1])) if named else ("Helv", 0.0)
    font = fonts.get(f"/{name}") if isinstance(fonts, Dictionary) else None
    base = str(font.get("/BaseFont", "/")) if isinstance(font, Dictionary) else "/"
    names = [each for each in (name, base.removeprefix("/").rpartition("+")[2]) if each]
    if any(_SYMBOLS.search(each) for each in names):
        return None
    colours = _COLOUR.findall(operators)
    alignment = quadding if isinstance(quadding, int) and quadding in {1, 2} else 0
    return Style(_face(_standard(names[-1])), min(size, _SANE), colours[-1] if colours else b"0 g", alignment)


def _standard(name: str) -> str:
    """The font of every reader that is nearest to the one of this name."""
    bold = bool(_BOLD.search(name))
    if _TYPEWRITER.search(name):
        return "Courier-Bold" if bold else "Courier"
    if _ROMAN.search(name):
        return "Times-Bold" if bold else "Times-Roman"
    return "Helvetica-Bold" if bold else "Helvetica"


@cache
def _face(name: str) -> Face:
    """One of six fonts, measured by PDFium."""
    empty = Pdf.new()
    empty.add_blank_page()
    data = io.BytesIO()
    empty.save(data)
    width = ctypes.c_float()
    widths: dict[int, float] = {}
    with pdfium_document(data.getvalue()) as document:
        font = pdfium_c.FPDFText_LoadStandardFont(document.raw, name.encode())
        for code in range(32, 256):
            letter = bytes([code]).decode("cp1252", errors="ignore")
            if letter and pdfium_c.FPDFFont_GetGlyphWidth(font, ord(letter), 1000.0, width):
                widths[code] = width.value / 1000
        pdfium_c.FPDFFont_Close(font)
    return Face(name, widths)


def picture_of(pdf: Pdf, widget: Object, text: FieldText, style: Style) -> Stream | None:
    """An appearance for the widget that shows all of the text; None when it fits at no size that can be read.

    The size is the one that the field states, or smaller when the text needs it: never below 4 points unless the field says so.
    """
    x0, y0, x1, y1 = (float(value) for value in widget.Rect)
    width, height = abs(x1 - x0), abs(y1 - y0)
    look = widget.get("/MK")
    look = look if isinstance(look, Dictionary) else Dictionary()
    turn = int(look.get("/R", 0)) // 90 * 90 % 360
    if turn in {90, 270}:
        width, height = height, width
    for size in _sizes(style.size, height):
        pieces = _laid_out(text, style, size, width, height)
        if pieces is None:
            continue
        content = [*_backdrop(widget, look, width, height), *_marks(text, size, width, height), *_written(pieces, style, size)]
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{style.face.name}"), Encoding=Name.WinAnsiEncoding)
        return pdf.make_stream(
            b"\n".join(content),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, width, height]),
            Matrix=Array([round(value) for value in _turned(turn)]),
            Resources=Dictionary(Font=Dictionary(F=font)),
        )
    return None


def _turned(degrees: int) -> tuple[float, ...]:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (cosine, sine, -sine, cosine, 0, 0)


def _sizes(stated: float, height: float) -> Iterator[float]:
    """The sizes to try, from the one that is wanted to the smallest."""
    size = stated or min(_LARGEST, height / _LEADING)
    smallest = min(_SMALLEST, stated or _SMALLEST)
    while size > smallest:
        yield size
        size *= _STEP
    yield smallest


def _laid_out(text: FieldText, style: Style, size: float, width: float, height: float) -> list[_Piece] | None:
    """The letters in their places; None when they do not fit."""
    face = style.face
    margin = min(_MARGIN, width / 20)
    room = width - 2 * margin
    if text.kind == "comb":
        return _combed(b"".join(text.lines), text.cells, face, size, width, height)
    rows = max(1, int(height / (_LEADING * size)))
    lines = list(islice(_wrapped(text.lines, face, room / size), rows + 2)) if text.kind == "lines" else text.lines
    if text.kind == "list":
        lines = lines[:rows]
        if any(number >= len(lines) for number in text.chosen):
            return None
    tall = (len(lines) - 1) * _LEADING * size + (_ABOVE + _BELOW) * size
    if tall > height or any(face.width(line) * size > room for line in lines):
        return None
    top = (height - tall) / 2 if text.kind == "line" else min(_MARGIN, (height - tall) / 2)
    return [
        _Piece(
            margin + (room - face.width(line) * size) * style.alignment / 2,
            height - top - _ABOVE * size - number * _LEADING * size,
            line,
        )
        for number, line in enumerate(lines)
    ]


def _combed(letters: bytes, cells: int, face: Face, size: float, width: float, height: float) -> list[_Piece] | None:
    """One letter in the middle of each cell."""
    cell = width / cells
    if len(letters) > cells or (_ABOVE + _BELOW) * size > height or any(face.width(bytes([each])) * size > cell for each in letters):
        return None
    foot = (height - (_ABOVE + _BELOW) * size) / 2 + _BELOW * size
    return [
        _Piece(number * cell + (cell - face.width(bytes([each])) * size) / 2, foot, bytes([each])) for number, each in enumerate(letters)
    ]


def _wrapped(lines: Sequence[bytes], face: Face, room: float) -> Iterator[bytes]:
    """The lines, broken at spaces where they are wider than `room`; a word that is wider stays whole."""
    for line in lines:
        words = line.split(b" ")
        begun, long = words[0], face.width(words[0])
        for word in words[1:]:
            longer = long + face.width(b" " + word)
            if longer > room:
                yield begun
                begun, long = word, face.width(word)
            else:
                begun, long = begun + b" " + word, longer
        yield begun


def _backdrop(widget: Object, look: Object, width: float, height: float) -> Iterator[bytes]:
    """The field's ground and border."""
    ground, border = _paint(look.get("/BG"), ("g", "rg", "k")), _paint(look.get("/BC"), ("G", "RG", "K"))
    if ground:
        yield f"q {ground} 0 0 {width:.3f} {height:.3f} re f Q".encode()
    if border:
        style = widget.get("/BS")
        line = float(style.get("/W", 1)) if isinstance(style, Dictionary) else 1.0
        if line > 0:
            inner = f"{line / 2:.3f} {line / 2:.3f} {width - line:.3f} {height - line:.3f} re"
            yield f"q {border} {line:.3f} w {inner} S Q".encode()


def _paint(colour: Object | None, operators: tuple[str, str, str]) -> str:
    """The operator that sets a colour of one, three or four parts; empty for none, which is transparent."""
    parts = [float(part) for part in colour] if isinstance(colour, Array) else []
    operator = {1: operators[0], 3: operators[1], 4: operators[2]}.get(len(parts))
    return " ".join([*(f"{part:.3f}" for part in parts), operator]) if operator else ""


def _marks(text: FieldText, size: float, width: float, height: float) -> Iterator[bytes]:
    """The ground of the chosen lines of a list."""
    line = _LEADING * size
    for number in sorted(text.chosen):
        foot = height - min(_MARGIN, height / 20) - (number + 1) * line + (line - (_ABOVE + _BELOW) * size) / 2
        yield b"q %b 1 %.3f %.3f %.3f re f Q" % (_HIGHLIGHT, foot, width - 2, line)


def _written(pieces: Sequence[_Piece], style: Style, size: float) -> Iterator[bytes]:
    yield b"/Tx BMC q BT %b /F %.3f Tf" % (style.colour, size)
    for piece in pieces:
        yield b"1 0 0 1 %.3f %.3f Tm <%b> Tj" % (piece.x, piece.y, piece.letters.hex().encode())
    yield b"ET Q EMC"
