"""How dark a box is: the same as in its picture, wherever it stands and whatever is drawn in it."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from pipeline.packet.readback.ink import darkness, drawn

_INSET = 1.5


def _page(content: bytes) -> pypdfium2.PdfDocument:
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 612, 792]), Contents=pdf.make_stream(content))
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(target)
    return pypdfium2.PdfDocument(target.getvalue())


@given(
    st.integers(0, 1180),
    st.integers(0, 1540),
    st.integers(12, 40),
    st.integers(12, 40),
    st.floats(0.2, 6),
    st.sampled_from(["0", "0.3", "0.8"]),
)
def test_it_is_the_share_of_dark_pixels_in_the_picture(left: int, low: int, across: int, up: int, pen: float, gray: str) -> None:
    """Boxes on whole pixels of half a point, so that both round alike."""
    x, y, width, height = left / 2, low / 2, across / 2, up / 2
    box = (x, y, x + width, y + height)
    cross = f"{gray} G {pen:.2f} w {x:.2f} {y:.2f} m {x + width:.2f} {y + height:.2f} l S".encode()
    document = _page(cross)
    inner = (box[0] + _INSET, box[1] + _INSET, box[2] - _INSET, box[3] - _INSET)
    picture = drawn(document[0], inner)
    share = sum(picture.histogram()[:128]) / (picture.width * picture.height)
    assert darkness(document[0], box, _INSET) == share
    document.close()


def test_a_crossed_box_is_dark_and_an_empty_or_a_tiny_one_is_not() -> None:
    document = _page(b"1.4 w 101.5 101.5 m 107 107 l 101.5 107 m 107 101.5 l S 200 100 8.5 8.5 re S")
    assert darkness(document[0], (100, 100, 108.5, 108.5), _INSET) > 0.2
    assert darkness(document[0], (200, 100, 208.5, 108.5), _INSET) == 0
    assert darkness(document[0], (100, 100, 102, 102), _INSET) == 0
    document.close()
