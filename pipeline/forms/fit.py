"""Whether text fits its box, and where its characters go: measured in points with the font that draws it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from pipeline.forms.inventory import Field
from pipeline.forms.template import FONTS
from pipeline.sealed import Sealed
from pipeline.typeset.fonts import EmbeddedFont, lift

FLOOR = 8.0
"""The smallest type size in points."""
_STEP = 0.5
_PADDING = 2.0
"""Points left free at either end of a box."""
RULE = 18.0
"""Points between the printed rules of a box of several lines."""
_SPACES = re.compile("[\t\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_SOFT = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""What word processors put between letters and nobody sees."""
_CAP_HEIGHT = 0.72
"""Height of capitals as a share of the type size, to centre a line in its row."""


class Line(Sealed, frozen=True):
    """One line of text; x and y of its start on the baseline, in points from the box's lower left corner."""

    x: float
    y: float
    text: str


class Fitted(Sealed, frozen=True):
    """Text laid out in its box."""

    font: str
    """Resource name."""
    size: float
    lines: tuple[Line, ...]


def clean(text: str, multiline: bool) -> str:
    """Composed characters, plain line ends; in a box of one line, single spaces instead of line ends."""
    composed = _SOFT.sub("", _SPACES.sub(" ", unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")))
    return composed.strip() if multiline else " ".join(composed.split())


def font_for(text: str) -> str | None:
    """The resource name of the first font that has all characters of the text; None when no font has."""
    plain = text.replace("\n", "")
    return next((name for name, family in FONTS.items() if lift(family).shows(plain)), None)


def unshowable(text: str) -> bool:
    """Whether the text has a character that neither font can draw."""
    return font_for(text) is None


def fit(text: str, field: Field) -> Fitted | None:
    """The text at the largest size that fits, from the form's own down to 8 pt in half points; None when it fits at none.

    `text` is clean and every character of it can be drawn.
    """
    name = font_for(text)
    if name is None:
        return None
    font = lift(FONTS[name])
    if field.comb and field.max_len:
        return _comb(text, field, name, font)
    for size in _sizes(field.font_size or 10.0):
        lines = _rows(text, field, font, size) if _rows_of(field) > 1 else _single(text, field, font, size)
        if lines is not None:
            return Fitted(name, size, lines)
    return None


def _sizes(start: float) -> Iterator[float]:
    size = max(start, FLOOR)
    while size >= FLOOR:
        yield size
        size -= _STEP


def _rows_of(field: Field) -> int:
    return max(1, round(field.height / RULE)) if field.multiline else 1


def _baseline(height: float, size: float) -> float:
    return round((height - _CAP_HEIGHT * size) / 2, 2)


def _comb(text: str, field: Field, name: str, font: EmbeddedFont) -> Fitted | None:
    cells = field.max_len or 1
    if len(text) > cells:
        return None
    size, cell = field.font_size or 10.0, field.width / cells
    y = _baseline(field.height, size)
    return Fitted(name, size, tuple(Line(round(cell * i + (cell - font.width(c, size)) / 2, 2), y, c) for i, c in enumerate(text)))


def _single(text: str, field: Field, font: EmbeddedFont, size: float) -> tuple[Line, ...] | None:
    width, room = font.width(text, size), field.width - 2 * min(_PADDING, field.width / 12)
    if width > room:
        return None
    x = {1: (field.width - width) / 2, 2: field.width - _PADDING - width}.get(field.align, min(_PADDING, (field.width - width) / 2))
    return (Line(round(x, 2), _baseline(field.height, size), text),)


def _rows(text: str, field: Field, font: EmbeddedFont, size: float) -> tuple[Line, ...] | None:
    rows = _rows_of(field)
    wrapped = wrap(text, field.width - 2 * _PADDING, font, size)
    if len(wrapped) > rows:
        return None
    pitch = field.height / rows
    rest = _baseline(pitch, size)
    return tuple(Line(_PADDING, round(field.height - pitch * (i + 1) + rest, 2), line) for i, line in enumerate(wrapped) if line)


def wrap(text: str, width: float, font: EmbeddedFont, size: float) -> list[str]:
    """Lines no wider than `width` points, broken at spaces and given line ends; a word wider than a line is broken inside."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _pieces(paragraph.split(), width, font, size):
            candidate = f"{line} {word}" if line else word
            if font.width(candidate, size) <= width:
                line = candidate
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return lines


def _pieces(words: Sequence[str], width: float, font: EmbeddedFont, size: float) -> Iterator[str]:
    for word in words:
        rest = word
        while font.width(rest, size) > width:
            count = next(n for n in range(1, len(rest) + 1) if font.width(rest[:n], size) > width) - 1
            yield rest[: max(1, count)]
            rest = rest[max(1, count) :]
        yield rest


def split_to_fit(text: str, field: Field) -> tuple[str, str]:
    """The longest beginning of the text that fits the box at 8 pt, and the rest; broken at a space or line end, nothing lost."""
    if fit(text, field) is not None:
        return text, ""
    font = lift(FONTS[font_for(text) or next(iter(FONTS))])
    rows, width = _rows_of(field), field.width - 2 * _PADDING
    ends = [i for i, c in enumerate(text) if c in " \n"]
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if len(wrap(text[: ends[middle - 1]], width, font, FLOOR)) <= rows:
            low = middle
        else:
            high = middle - 1
    if low == 0:
        return "", text
    return text[: ends[low - 1]], text[ends[low - 1] + 1 :]
