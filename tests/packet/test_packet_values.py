"""Read back of form pages: whatever differs from the blank, the values or the stamp is found, and named by its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from tests.packet.finished import Damage, Finished

SHOWN = "what it shows is not what it was"
LIES = "what it shows does not lie on it as before"
FONTS = "its fonts are not those of the packet"
UPRIGHT = "not an upright US letter page without annotations"
STAMP = "its stamp cannot be read"
TEXT = "the box does not hold the value that was written"
TICK = "the box is not ticked on the page"


def _another_blank(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    drawing = page.Resources.XObject.Blank
    drawing.write(drawing.read_bytes() + b" ", filter=Name.FlateDecode)


def _another_font_in_the_blank(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    fonts = page.Resources.XObject.Blank.Resources.Font
    fonts[next(iter(fonts.keys()))] = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier))


def _moved(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents[1] = pdf.make_stream(b"q 1 0 0 1 0 9 cm /Blank Do Q\n")


def _more_ink(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents.insert(2, pdf.make_stream(b"0 0 612 792 re f\n"))


def _nothing_beneath(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    del page.Contents[1]


def _no_contents(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    del page["/Contents"]


def _no_fonts(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    del page.Resources["/Font"]


def _no_resources(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    del page["/Resources"]


def _own_fonts(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Resources["/Font"] = Dictionary(PpMono=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier))


def _on_its_side(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page["/Rotate"] = 90


def _smaller(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page["/CropBox"] = Array([0, 0, 600, 700])


def _stamp_of_another_page(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    stamp = pdf.pages[-1].obj.Contents[-1].read_bytes().partition(b"q 0 g BT")
    page.Contents[2] = pdf.make_stream(page.Contents[2].read_bytes().rpartition(b"q 0 g BT")[0] + stamp[1] + stamp[2])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_another_blank, SHOWN),
        (_another_font_in_the_blank, SHOWN),
        (_moved, LIES),
        (_more_ink, LIES),
        (_nothing_beneath, LIES),
        (_no_contents, LIES),
        (_no_fonts, FONTS),
        (_no_resources, SHOWN),
        (_own_fonts, FONTS),
        (_on_its_side, UPRIGHT),
        (_smaller, UPRIGHT),
        (_stamp_of_another_page, STAMP),
    ],
)
def test_a_page_with_another_blank_or_stamp_is_named(finished: Finished, tmp_path: Path, damage: Damage, message: str) -> None:
    assert f"packet page {finished.form_page}: {message}" in finished.found_after(damage, finished.form_page, tmp_path)


def _above(change: Callable[[bytes], bytes]) -> Damage:
    def damage(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        drawn = page.Contents[2].read_bytes()
        assert change(drawn) != drawn
        page.Contents[2] = pdf.make_stream(change(drawn))

    return damage


def _other_codes(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    """The same codes, which in this font are other letters."""
    font = page.Resources.Font.PpMono
    font.ToUnicode = pdf.make_stream(font.ToUnicode.read_bytes().replace(b"<0061>", b"<0062>"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_above(lambda drawn: drawn.replace(b" l S", b" l n")), TICK),
        (_above(lambda drawn: drawn.replace(b"/PpMono", b"/PpNone")), TEXT),
        (_above(lambda drawn: drawn.replace(b"q 0 g 0 G\n", b"q 1 0 0 1 0 -30 cm 0 g 0 G\n")), TEXT),
        (_other_codes, TEXT),
    ],
)
def test_a_value_that_is_not_shown_is_named(finished: Finished, tmp_path: Path, damage: Damage, message: str) -> None:
    found = finished.found_after(damage, finished.form_page, tmp_path)
    assert any(line.startswith(f"packet page {finished.form_page}, Form ") and line.endswith(message) for line in found), found
