"""Read back of evidence pages: each way in which a finished page can differ from its converted file is found, and named by its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from msgspec.structs import replace
from pikepdf import Array, Dictionary, Name

from pipeline.errors import ReadBackError
from pipeline.packet import build as build_module
from pipeline.packet.assemble import assemble
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.readback.equal import equal
from tests.conftest import SAMPLE
from tests.packet.finished import Damage, Finished


def _another_picture(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    drawing = page.Resources.XObject.Evidence
    drawing.write(drawing.read_bytes() + b" ", filter=Name.FlateDecode)


def _turned_box(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Resources.XObject.Evidence["/Matrix"] = Array([0, 1, -1, 0, 0, 0])


def _more_ink(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents.insert(2, pdf.make_stream(b"0 0 612 792 re f\n"))


def _shifted(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents[1] = pdf.make_stream(b"q 1 0 0 1 900 0 cm /Evidence Do Q\n")


def _stamp_of_another_page(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents[2] = pdf.pages[-1].obj.Contents[2]


def _stamp_lower(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents[2] = pdf.make_stream(page.Contents[2].read_bytes().replace(b" 772 Tm", b" 72 Tm"))


def _stamp_in_another_font(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    """The same codes, which in this font are other letters."""
    font = Dictionary(dict(page.Resources.Font.PpStamp.items()))
    font.ToUnicode = pdf.make_stream(font.ToUnicode.read_bytes().replace(b"<0050>", b"<0051>"))
    page.Resources["/Font"] = Dictionary(PpStamp=pdf.make_indirect(font))


def _no_stamp(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Contents[2] = pdf.make_stream(b"")


def _on_its_side(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page["/Rotate"] = 90


def _a_link(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page["/Annots"] = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9])])


SHOWN = "what it shows is not what it was"
LIES = "what it shows does not lie on it as before"
STAMP = "its stamp cannot be read"
UPRIGHT = "not an upright US letter page without annotations"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_another_picture, SHOWN),
        (_turned_box, SHOWN),
        (_more_ink, LIES),
        (_shifted, LIES),
        (_stamp_of_another_page, STAMP),
        (_stamp_lower, STAMP),
        (_stamp_in_another_font, STAMP),
        (_no_stamp, STAMP),
        (_on_its_side, UPRIGHT),
        (_a_link, UPRIGHT),
    ],
)
def test_a_page_that_differs_from_its_converted_file_is_named(finished: Finished, tmp_path: Path, damage: Damage, message: str) -> None:
    assert finished.found_after(damage, finished.page, tmp_path) == [f"packet page {finished.page}: {message}"]


def _one_stream(page: pikepdf.Page) -> None:
    page.contents_coalesce()


def _nothing_drawn(page: pikepdf.Page) -> None:
    page.obj.Contents = Array([])


def _no_contents(page: pikepdf.Page) -> None:
    del page.obj["/Contents"]


def _no_resources(page: pikepdf.Page) -> None:
    del page.obj["/Resources"]


def _no_fonts(page: pikepdf.Page) -> None:
    del page.obj.Resources["/Font"]


@pytest.mark.parametrize("damage", [_one_stream, _nothing_drawn, _no_contents, _no_resources, _no_fonts])
def test_a_page_without_what_every_page_of_a_packet_has_is_a_difference_and_no_fault(
    finished: Finished, tmp_path: Path, damage: Callable[[pikepdf.Page], None]
) -> None:
    with pikepdf.open(finished.packet) as pdf:
        damage(pdf.pages[finished.page - 1])
        pdf.save(tmp_path / "damaged.pdf")
    assert f"packet page {finished.page}: {STAMP}" in finished.found(tmp_path / "damaged.pdf")


@pytest.mark.parametrize("damage", [_no_stamp, _stamp_of_another_page, _stamp_lower, _on_its_side])
def test_an_exhibit_sheet_with_another_stamp_is_found(finished: Finished, tmp_path: Path, damage: Damage) -> None:
    """A sheet has nothing else to be read back, and is not opened with pdfium while its stamp is right."""
    sheet = finished.page - 1
    found = finished.found_after(damage, sheet, tmp_path)
    assert {line.partition(":")[0] for line in found} == {f"packet page {sheet}"}


LAUNCH = Dictionary(S=Name.Launch, F="calc.exe")


def _opened_with(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/OpenAction"] = LAUNCH


def _with_a_file(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["notes.txt"] = b"private"


def _with_fields(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/AcroForm"] = Dictionary(Fields=[])


def _page_that_acts(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj["/AA"] = Dictionary(O=LAUNCH)


def _bookmark_that_acts(pdf: pikepdf.Pdf) -> None:
    first = pdf.Root.Outlines.First
    del first["/Dest"]
    first["/A"] = LAUNCH


def _link_that_acts(pdf: pikepdf.Pdf) -> None:
    _first_link(pdf)["/A"] = LAUNCH


def _link_out(pdf: pikepdf.Pdf) -> None:
    link = _first_link(pdf)
    del link["/Dest"]
    link["/A"] = Dictionary(S=Name.URI, URI="https://example.org")


def _note(pdf: pikepdf.Pdf) -> None:
    _first_link(pdf)["/Subtype"] = Name.Text


def _first_link(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return next(annot for page in pdf.pages for annot in page.obj.get("/Annots", ()))


OUT = "holds an annotation that is no link within the packet"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_opened_with, "packet.pdf: holds /OpenAction"),
        (_with_a_file, "packet.pdf: holds /Names"),
        (_with_fields, "packet.pdf: holds /AcroForm"),
        (_page_that_acts, "packet page 2: holds /AA"),
        (_bookmark_that_acts, "packet.pdf: its outline does more than lead to pages"),
        (_link_that_acts, OUT),
        (_link_out, OUT),
        (_note, OUT),
    ],
)
def test_whatever_acts_asks_or_carries_a_file_is_found(
    finished: Finished, tmp_path: Path, damage: Callable[[pikepdf.Pdf], None], message: str
) -> None:
    with pikepdf.open(finished.packet) as pdf:
        damage(pdf)
        pdf.save(tmp_path / "damaged.pdf")
    assert any(found.endswith(message) for found in finished.found(tmp_path / "damaged.pdf"))


def test_pages_in_another_order_are_found(finished: Finished, tmp_path: Path) -> None:
    page = finished.page
    with pikepdf.open(finished.packet) as pdf:
        first, second = pdf.pages[page - 1].obj, pdf.pages[page].obj
        first.Resources, second.Resources = second.Resources, first.Resources
        pdf.save(tmp_path / "swapped.pdf")
    assert {f"packet page {page}: {SHOWN}", f"packet page {page + 1}: {SHOWN}"} <= set(finished.found(tmp_path / "swapped.pdf"))


def test_the_packet_as_it_was_written_has_no_difference(finished: Finished) -> None:
    assert finished.found(finished.packet) == []


def test_a_drawing_that_holds_itself_is_compared_and_ends() -> None:
    """Pages that share their resources often have such drawings."""

    def drawing(content: bytes) -> pikepdf.Stream:
        pdf = pikepdf.new()
        stream = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form)
        stream["/Resources"] = Dictionary(XObject=Dictionary(Evidence=stream))
        made.append(pdf)
        return stream

    made: list[pikepdf.Pdf] = []
    assert equal(drawing(b"0 g"), drawing(b"0 g"), set())
    assert not equal(drawing(b"0 g"), drawing(b"1 g"), set())


def test_a_build_with_another_file_in_the_place_of_an_exhibit_is_stopped(
    no_output: Path, no_official: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = assemble

    def mixed_up(layout: Any, pieces: Any, stamps: Any, **more: Any) -> None:
        sections = [list(section) for section in pieces]
        whole = [(s, p) for s, section in enumerate(sections) for p, piece in enumerate(section) if isinstance(piece.pdf, Path)]
        one, other = next((a, b) for a in whole for b in whole if a < b and sections[a[0]][a[1]].pages == sections[b[0]][b[1]].pages)
        first, second = sections[one[0]][one[1]], sections[other[0]][other[1]]
        sections[one[0]][one[1]] = replace(second, bookmarks=first.bookmarks)
        sections[other[0]][other[1]] = replace(first, bookmarks=second.bookmarks)
        real(layout, sections, stamps, **more)

    monkeypatch.setattr(build_module, "assemble", mixed_up)
    with pytest.raises(ReadBackError) as caught:
        build_packet(SAMPLE, BuildOptions(out=no_output, forms=no_official))
    assert any(finding.message == SHOWN for finding in caught.value.findings)
