"""Where evidence stands on its letter page, and the matrix that puts it there.

Points (1/72 inch), origin at the lower left, as in PDF.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from pikepdf import Matrix


class Box(Struct, frozen=True):
    """A rectangle with its lower left and upper right corners, in points."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @classmethod
    def around(cls, values: Iterable[float]) -> Box:
        """The box between two corners given in any order; raises ValueError unless there are four numbers."""
        ax, ay, bx, by = values
        return cls(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def common(self, other: Box) -> Box | None:
        """The part that lies in both boxes, or None when they share no area."""
        box = Box(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))
        return box if box.width > 0 and box.height > 0 else None


LETTER = Box(0, 0, 612, 792)
"""The page that every piece of evidence ends on."""

CONTENT = Box(18, 18, 594, 752)
"""The part of LETTER that evidence may use; the 40 points above it belong to the stamp."""

_QUARTER_TURNS = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
"""The linear part of a clockwise turn, without the rounding noise of sine and cosine."""


def fitting_scale(width: float, height: float, largest: float = 1.0) -> float:
    """How much a sheet of this size is enlarged or reduced to lie in CONTENT; never more than `largest`."""
    return min(largest, CONTENT.width / width, CONTENT.height / height)


def placement(visible: Box, turn: int = 0, largest: float = 1.0) -> Matrix:
    """The matrix that turns a page's visible box upright, reduces it to CONTENT and centres it there.

    `turn` is the page's /Rotate: degrees clockwise, a multiple of 90.  `largest` is the scale at which nothing needs to be
    reduced: the page's /UserUnit, normally 1.  A page that is smaller than CONTENT keeps its size.
    """
    turned = Matrix(*_QUARTER_TURNS[turn % 360], 0, 0)
    corners = [turned.transform((x, y)) for x in (visible.x0, visible.x1) for y in (visible.y0, visible.y1)]
    upright = Box(min(x for x, _ in corners), min(y for _, y in corners), max(x for x, _ in corners), max(y for _, y in corners))
    scale = fitting_scale(upright.width, upright.height, largest)
    left = (CONTENT.x0 + CONTENT.x1 - upright.width * scale) / 2 - upright.x0 * scale
    bottom = (CONTENT.y0 + CONTENT.y1 - upright.height * scale) / 2 - upright.y0 * scale
    a, b, c, d = (part * scale for part in _QUARTER_TURNS[turn % 360])
    return Matrix(a, b, c, d, left, bottom)


def numbers(matrix: Matrix) -> str:
    """The six numbers of a matrix as PDF text, with six decimals: always the same text for the same matrix."""
    parts = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
    return " ".join(f"{part:.6f}".rstrip("0").rstrip(".") if round(part, 6) else "0" for part in parts)
