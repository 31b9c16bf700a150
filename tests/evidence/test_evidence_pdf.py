from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any, Literal

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.letter import LETTER, placement
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Bookmark, Converted, Wishes
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError, inflated
from pipeline.findings import Level
from tests.evidence.seeing import converted, ink_box, picture, text, written
from tests.resources.building import LETTER as LETTER_BOX
from tests.resources.building import add_page, mark, saved, words
from tests.resources.make import FOLDER


def pixel_at(pdf: bytes, x: float, y: float) -> object:
    """The colour at a point of the client's letter page, on the converted page."""
    across, up = placement(LETTER).transform((x, y))
    return picture(pdf).getpixel((round(across), round(LETTER.height - up)))


def test_values_of_fields_become_part_of_the_page() -> None:
    words = text(converted("form-drawn.pdf").pdf)
    assert "Filled" in words
    assert pixel_at(converted("form-drawn.pdf").pdf, 82, 570) == (0, 0, 0), "the ticked box is dark"


def test_a_value_without_an_appearance_is_drawn() -> None:
    assert "Written in" in text(converted("form-not-drawn.pdf").pdf)


def test_an_appearance_that_is_out_of_date_is_replaced() -> None:
    words = text(converted("form-stale.pdf").pdf)
    assert "New value" in words
    assert "Old" not in words


def test_the_static_part_of_an_xfa_form_is_kept() -> None:
    assert "Filled" in text(converted("xfa-beside-form.pdf").pdf)


def test_the_picture_of_a_digital_signature_is_kept() -> None:
    assert "Signed by hand of machine" in text(converted("signed.pdf").pdf)


MARKS = [("mark-drawn.pdf", True), ("mark-screen-only.pdf", False), ("mark-hidden.pdf", False), ("note.pdf", True)]


@pytest.mark.parametrize(("name", "seen"), MARKS)
def test_marks_are_drawn_as_they_print(name: str, seen: bool) -> None:
    assert (pixel_at(converted(name).pdf, 172, 515) == (0, 0, 0)) == seen


def test_the_window_of_a_note_does_not_cover_the_page() -> None:
    assert pixel_at(converted("note.pdf").pdf, 172, 475) == (255, 255, 255)


def test_layers_hidden_in_print_are_gone_for_good() -> None:
    result = converted("layers.pdf")
    words = text(result.pdf)
    assert "Base" in words
    assert "Layer On" in words
    assert "Inner shown" in words
    with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
        streams = b"".join(item.read_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream))
    for hidden in (b"Layer Off", b"Layer Print", b"Hidden form", b"Inner hidden"):
        assert hidden not in streams


def test_layers_that_are_on_need_no_remark() -> None:
    assert "In a layer" in text(converted("layers-on.pdf").pdf)


def test_bookmarks_lead_to_the_pages_they_led_to() -> None:
    assert converted("bookmarks.pdf").bookmarks == (
        Bookmark("Part one", 1, (Bookmark("Chapter two", 2), Bookmark("By  name", 3))),
        Bookmark("By action", 4),
    )


def test_bookmarks_follow_a_page_range() -> None:
    assert converted("bookmarks.pdf", "2,4").bookmarks == (Bookmark("Part one", 1, (Bookmark("Chapter two", 1),)), Bookmark("By action", 2))


def test_bookmarks_that_run_in_a_circle_end() -> None:
    assert converted("bookmark-loop.pdf").bookmarks[0] == Bookmark("First", 1)


def test_the_number_of_bookmarks_is_bounded() -> None:
    result = convert(FOLDER / "bookmarks.pdf", shown_as="b.pdf", limits=Limits(bookmarks=2))
    assert result.bookmarks == (Bookmark("Part one", 1, (Bookmark("Chapter two", 2),)),)


def test_a_page_range_takes_no_picture_of_the_other_pages_along() -> None:
    assert _pictures("1-2") == 0
    assert _pictures("3") == 1


def _pictures(pages: str) -> int:
    with pikepdf.open(io.BytesIO(converted("shared-resources.pdf", pages).pdf)) as pdf:
        return sum(isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image" for item in pdf.objects)


def test_what_pages_share_is_stored_once() -> None:
    with pikepdf.open(io.BytesIO(converted("shared-resources.pdf").pdf)) as pdf:
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]
    assert len(fonts) == 1


def test_contents_keep_their_compressed_bytes() -> None:
    with pikepdf.open(FOLDER / "text-3-pages.pdf") as pdf:
        before = [page.obj.Contents.read_raw_bytes() for page in pdf.pages]
    with pikepdf.open(io.BytesIO(converted("text-3-pages.pdf").pdf)) as pdf:
        after = [page.obj.Resources.XObject.Evidence.read_raw_bytes() for page in pdf.pages]
    assert before == after


STORED = [("split-contents.pdf", "Split"), ("ascii-filters.pdf", "Hidden in hex"), ("wrong-checksum.pdf", "All here")]


@pytest.mark.parametrize(("name", "words"), STORED)
def test_contents_are_read_however_they_are_stored(name: str, words: str) -> None:
    assert words in text(converted(name).pdf)


def test_names_that_look_like_actions_are_kept() -> None:
    assert text(converted("name-traps.pdf").pdf).split() == ["Font", "F", "Font", "A", "Font", "JS"]


def test_names_that_look_like_entries_are_kept() -> None:
    pdf = converted("names-like-entries.pdf").pdf
    assert b"private words" not in pdf
    shown = [pixel_at(pdf, x, 645) for x in (117, 217, 317)]
    assert shown == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert pixel_at(pdf, 117, 525) == (255, 0, 255)
    assert all(100 < channel < 160 for channel in pixel_at(pdf, 217, 525)), "half transparent"  # type: ignore[attr-defined]
    assert [pixel_at(pdf, 72 + 54 * place + 20, 400) for place in range(4)] == [(0, 0, 0)] * 3 + [(255, 255, 255)]


def test_private_data_stay_behind() -> None:
    pdf = converted("private-data.pdf").pdf
    assert "Drawing" in text(pdf)
    assert b"private" not in pdf


def test_unrestored_states_do_not_reach_the_stamp() -> None:
    with pikepdf.open(io.BytesIO(converted("unbalanced.pdf").pdf)) as pdf:
        pdf.pages[0].contents_add(b"0 g 100 770 50 10 re f", prepend=False)
        target = io.BytesIO()
        pdf.save(target)
    box = ink_box(picture(target.getvalue()).crop((0, 0, 612, 40)).resize((612, 792)))
    assert box is not None
    assert (box.x0, box.x1) == (100, 150)


def test_a_password_that_was_given_opens_the_file() -> None:
    result = converted("encrypted-user.pdf", password="open sesame")
    assert "A page" in text(result.pdf)
    with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
        assert not pdf.is_encrypted
    assert [finding.rule for finding in result.findings] == ["evidence-owner-password"]


@pytest.mark.parametrize("revision", [4, 6])
def test_aes_of_128_and_256_bits_opens_with_its_password(tmp_path: Path, revision: Literal[4, 6]) -> None:
    """Not among the resources: its bytes are others each time."""
    target = io.BytesIO()
    with pikepdf.open(FOLDER / "text-3-pages.pdf") as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="owner", user="clave ñ", R=revision))
    path = written(tmp_path, target.getvalue())
    assert text(convert(path, shown_as="a.pdf", wishes=Wishes(password="clave ñ")).pdf) == text(converted("text-3-pages.pdf").pdf)
    for wrong in (None, "clave n", "ключ"):
        with pytest.raises(EvidenceError, match="opens only with a"):
            convert(path, shown_as="a.pdf", wishes=Wishes(password=wrong))


def test_a_wrong_password_is_refused_without_being_shown() -> None:
    with pytest.raises(EvidenceError) as caught:
        converted("encrypted-user.pdf", password="wrong sesame")
    assert caught.value.findings[0].rule == "evidence-password"
    assert "sesame" not in str(caught.value)


def test_a_repaired_file_is_named_with_its_page_count() -> None:
    (finding,) = converted("xref-lost.pdf").findings
    assert finding.level is Level.WARNING
    assert finding.message.endswith("repaired: it counted 2 pages before, and 2 pages could be read")


def test_the_page_limit_is_a_setting() -> None:
    with pytest.raises(EvidenceError, match="the limit is 2"):
        convert(FOLDER / "text-3-pages.pdf", shown_as="a.pdf", limits=Limits(pages=2))


def test_the_page_limit_is_about_the_pages_that_are_taken() -> None:
    made = converted("text-3-pages.pdf", "2-3", limits=Limits(pages=2))
    assert (made.pages_in, made.chosen) == (3, (2, 3))
    assert "Second page" in text(made.pdf)
    with pytest.raises(EvidenceError, match="the range asks for 3 pages; the limit is 2"):
        converted("text-3-pages.pdf", "1-3", limits=Limits(pages=2))
    with pytest.raises(EvidenceError) as caught:
        converted("text-3-pages.pdf", limits=Limits(pages=2))
    assert '"pages"' in caught.value.findings[0].remedy


def test_a_file_that_takes_too_long_to_look_through_is_refused_whatever_is_asked_for() -> None:
    with pytest.raises(EvidenceError, match="the file has 3 pages; the limit is 2") as caught:
        converted("text-3-pages.pdf", "1", limits=Limits(pages=1, file_pages=2))
    assert caught.value.findings[0].remedy == "Split the file."


def test_a_few_pages_of_a_very_long_file_are_found_quickly(tmp_path: Path) -> None:
    count, pdf = 20_000, Pdf.new()
    drawn, tree = pdf.make_stream(words("A page")), pdf.Root.Pages
    page = Dictionary(Type=Name.Page, Parent=tree, MediaBox=Array(LETTER_BOX), Contents=drawn)
    tree.Kids, tree.Count = Array([pdf.make_indirect(page.__copy__()) for _ in range(count)]), count
    made = convert(written(tmp_path, saved(pdf)), shown_as="long.pdf", wishes=Wishes("2,19999"))
    assert (made.pages_in, made.chosen) == (count, (2, 19_999))


def test_findings_say_which_pages() -> None:
    (finding,) = converted("blank-page.pdf").findings
    assert "page 2 of the file" in finding.message


def test_findings_count_pages_of_the_file_and_not_of_the_range() -> None:
    (finding,) = converted("blank-page.pdf", "2").findings
    assert "page 2 of the file" in finding.message


@pytest.mark.parametrize("length", [0, 1, 1000, 100_000])
def test_inflating_gives_the_data_or_says_why_not(length: int) -> None:
    data = bytes(range(256)) * (length // 256 + 1)
    packed = zlib.compress(data)
    assert inflated(packed, len(data)) == data
    assert inflated(packed[:-4], len(data)) == data, "the checksum may be missing"
    with pytest.raises(StreamTooLargeError):
        inflated(packed, len(data) - 1)
    with pytest.raises(StreamDamagedError):
        inflated(packed[: len(packed) // 2], len(data))
    with pytest.raises(StreamDamagedError):
        inflated(b"\x78\x9c" + b"\xff" * 20, len(data))


def test_a_password_that_is_not_needed_does_no_harm() -> None:
    assert converted("text-3-pages.pdf", password="unused").pages_out == 3
    (finding,) = converted("encrypted-owner.pdf", password="unused").findings
    assert "opens without a password" in finding.message


def test_the_right_password_opens_and_the_remedy_says_where_it_belongs() -> None:
    (finding,) = converted("encrypted-user.pdf", password="open sesame").findings
    assert "opened with its password" in finding.message
    with pytest.raises(EvidenceError) as caught:
        converted("encrypted-user.pdf", password="wrong")
    assert "another password" in caught.value.findings[0].message
    assert "password_from" in caught.value.findings[0].remedy
    assert "wrong" not in str(caught.value)


def with_font(folder: Path, **entries: Any) -> Converted:
    pdf = Pdf.new()
    add_page(pdf, words("Latin"))
    add_page(pdf, words("Latin").replace(b"(Latin)", b"<00FC>").replace(b"/F1", b"/F2"))
    inner = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    inner.Resources = Dictionary(Font=Dictionary(F2=Dictionary(Type=Name.Font, **entries)), XObject=Dictionary(Self=inner))
    pdf.pages[1].obj.Resources = Dictionary(XObject=Dictionary(X=inner), Font=Dictionary(F2=Dictionary(Type=Name.Font, **entries)))
    return convert(written(folder, saved(pdf)), shown_as="a.pdf", wishes=Wishes(attachments="drop"))


_CHINESE = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.SimSun)


@pytest.mark.parametrize(
    "entries",
    [
        {"Subtype": Name.TrueType, "BaseFont": Name("/Wingdings-Regular")},
        {"Subtype": Name.TrueType, "BaseFont": Name.IDAutomationHC39M},
        {"Subtype": Name.Type0, "BaseFont": Name.SimSun, "Encoding": Name("/Identity-H"), "DescendantFonts": Array([_CHINESE])},
    ],
)
def test_fonts_of_signs_that_the_file_does_not_hold_are_named(tmp_path: Path, entries: dict[str, object]) -> None:
    found = [finding for finding in with_font(tmp_path, **entries).findings if finding.rule == "evidence-font-missing"]
    assert [finding.message.endswith("page 2 of the file") for finding in found] == [True]


@pytest.mark.parametrize("name", ["Arial", "TimesNewRomanPS-BoldMT", "ZapfDingbats", "Symbol", "Winchester", "Code"])
def test_letters_that_every_program_has_are_not_named(tmp_path: Path, name: str) -> None:
    made = with_font(tmp_path, Subtype=Name.TrueType, BaseFont=Name(f"/{name}"))
    assert "evidence-font-missing" not in [finding.rule for finding in made.findings]


def test_a_redaction_that_was_not_carried_out_is_named(tmp_path: Path) -> None:
    pdf = Pdf.new()
    add_page(pdf, words("SSN 123-45-6789"))
    pdf.pages[0].obj.Annots = Array([mark(pdf, "Redact", (70, 695, 250, 715))])
    made = convert(written(tmp_path, saved(pdf)), shown_as="a.pdf")
    assert "SSN 123-45-6789" in text(made.pdf)
    assert [(finding.rule, finding.level) for finding in made.findings] == [("evidence-redaction-open", Level.WARNING)]
