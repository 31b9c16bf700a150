"""The values of form fields are on the page as a viewer shows them, or the file is refused."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from pikepdf.exceptions import PageCopyWarning

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.letter import LETTER, placement
from pipeline.evidence.model import Converted, Wishes
from tests.evidence.seeing import box_of, picture, text, written
from tests.resources.building import BoxNumbers, add_page, appearance, form_with, mark, saved, widget, words

BLACK = (0, 0, 0)
LINE: BoxNumbers = (72, 600, 300, 618)
BOX: BoxNumbers = (72, 560, 92, 580)
SIGNED = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"))


class Form:
    """A page with a heading, and the fields that a test puts onto it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pdf = Pdf.new()
        self.fields: list[Object] = []
        add_page(self.pdf, words("Heading"))

    def add(self, kind: str, rect: BoxNumbers = LINE, **entries: object) -> Object:
        self.fields.append(widget(self.pdf, kind, f"field {len(self.fields)}", rect, **entries))
        return self.fields[-1]

    def picture_of(self, content: bytes = b"0 g 0 0 20 20 re f", width: float = 20, height: float = 20) -> Object:
        return appearance(self.pdf, content, width, height)

    def converted(self, **entries: object) -> Converted:
        form_with(self.pdf, self.fields, **entries)
        return convert(written(self.folder, saved(self.pdf)), shown_as="form.pdf")

    def refusal(self, **entries: object) -> str:
        """The rule of the one finding that keeps the form out."""
        with pytest.raises(EvidenceError) as caught:
            self.converted(**entries)
        (finding,) = caught.value.findings
        assert "print it to a new PDF" in finding.remedy
        return finding.rule


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return Form(tmp_path)


def ink(result: Converted, rect: BoxNumbers, scale: float = 4) -> tuple[float, float, float, float] | None:
    """The box around the dark pixels that are in or near a rectangle of the form, in points of the form's page; None when it is white."""
    place = placement(LETTER)
    (x0, y0), (x1, y1) = place.transform(rect[:2]), place.transform(rect[2:])
    left, top = x0 * scale, (792 - y1) * scale
    part = picture(result.pdf, scale=scale).crop((round(left), round(top), round(x1 * scale), round((792 - y0) * scale)))
    box = box_of(part, BLACK)
    share = (x1 - x0) / (rect[2] - rect[0]) * scale
    if box is None:
        return None
    height = part.height
    return (box[0] / share + rect[0], (height - box[3]) / share + rect[1], box[2] / share + rect[0], (height - box[1]) / share + rect[1])


def rules(result: Converted) -> Sequence[str]:
    return [finding.rule for finding in result.findings]


@pytest.mark.parametrize("kind", [0, 1 << 15], ids=["box", "circle"])
@pytest.mark.parametrize("stale", [True, False])
def test_a_mark_without_a_picture_is_refused(form: Form, kind: int, stale: bool) -> None:
    form.add("Btn", BOX, Ff=kind, V=Name.Yes, AS=Name.Yes, MK=Dictionary(CA=String("4")))
    assert form.refusal(**{"NeedAppearances": True} if stale else {}) == "evidence-form-value"


def test_a_mark_without_a_state_and_a_picture_is_refused(form: Form) -> None:
    form.add("Btn", BOX, V=Name.Yes)
    assert form.refusal() == "evidence-form-value"


def test_a_mark_whose_picture_is_of_another_state_is_refused(form: Form) -> None:
    form.add("Btn", BOX, V=Name.Yes, AS=Name.Yes, AP=Dictionary(N=Dictionary(On=form.picture_of())))
    assert form.refusal() == "evidence-form-value"


def test_boxes_that_are_off_or_hidden_and_buttons_need_no_picture(form: Form) -> None:
    form.add("Btn", BOX, V=Name.Off, AS=Name.Off)
    form.add("Btn", BOX)
    form.add("Btn", BOX, V=Name.Yes, AS=Name.Yes, F=2)
    form.add("Btn", (0, 0, 0, 0), V=Name.Yes, AS=Name.Yes)
    form.add("Btn", BOX, Ff=1 << 16, MK=Dictionary(CA=String("Send")))
    assert not rules(form.converted(NeedAppearances=True))


def test_a_box_without_a_state_shows_its_value(form: Form) -> None:
    """As viewers do; qpdf, which flattens, goes by the state alone."""
    pictures = Dictionary(N=Dictionary(Yes=form.picture_of(), Off=form.picture_of(b"")))
    form.add("Btn", BOX, V=Name.Yes, AP=pictures)
    assert ink(form.converted(), BOX)


@pytest.mark.parametrize("listed", [None, Dictionary(), String("none")], ids=["no-form", "empty-form", "nonsense"])
def test_a_field_that_stands_on_its_page_alone_shows_its_value(form: Form, listed: Object | None) -> None:
    """Whatever drops the document's list of fields, as programs do that merge files, leaves the fields with their values."""
    field = form.add("Tx", V=String("Written in"), DA=String("/Helv 12 Tf 0 g"))
    form_with(form.pdf, [field])
    del form.pdf.Root.AcroForm
    if listed is not None:
        form.pdf.Root.AcroForm = listed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PageCopyWarning)  # which says that the fields stand alone
        data = saved(form.pdf)
    result = convert(written(form.folder, data), shown_as="form.pdf")
    assert "Written in" in text(result.pdf)
    assert ink(result, LINE)


def test_of_circles_without_states_the_chosen_one_is_marked(form: Form) -> None:
    other: BoxNumbers = (172, 560, 192, 580)
    group = form.add("Btn", Ff=1 << 15, V=Name.b)
    del group.Rect, group.Subtype, group.Type
    kids = []
    for rect, name in ((BOX, "a"), (other, "b")):
        kid = widget(form.pdf, "Btn", name, rect, Parent=group, AP=Dictionary(N=Dictionary({f"/{name}": form.picture_of()})))
        del kid.T, kid.FT
        kids.append(kid)
    group.Kids = Array(kids)
    form_with(form.pdf, [group])
    form.pdf.pages[0].obj.Annots = Array(kids)
    result = convert(written(form.folder, saved(form.pdf)), shown_as="form.pdf")
    assert ink(result, other)
    assert not ink(result, BOX)


@pytest.mark.parametrize("drawn", [True, False])
def test_a_field_that_is_seen_and_not_set_to_print_is_shown(form: Form, drawn: bool) -> None:
    field = form.add("Tx", V=String("Seen"), F=0)
    if drawn:
        field.AP = Dictionary(N=form.picture_of(b"BT /F1 12 Tf 2 5 Td (Seen) Tj ET", 228, 18))
    assert "Seen" in text(form.converted().pdf)


@pytest.mark.parametrize("flags", [2, 2 | 4, 32])
def test_a_field_that_is_hidden_stays_hidden(form: Form, flags: int) -> None:
    form.add("Tx", V=String("Unseen"), F=flags)
    form.add("Tx", V=String("Київ"), F=flags)
    assert "Unseen" not in text(form.converted().pdf)


@pytest.mark.parametrize(
    ("rect", "flags", "drawn", "looks"),
    [(LINE, 4, True, True), (LINE, 0, True, True), (LINE, 4, False, False), (LINE, 2 | 4, True, False), ((0, 0, 0, 0), 4, True, False)],
)
def test_a_signature_is_said_to_look_only_when_it_does(form: Form, rect: BoxNumbers, flags: int, drawn: bool, looks: bool) -> None:
    field = form.add("Sig", rect, F=flags, V=SIGNED)
    if drawn:
        field.AP = Dictionary(N=form.picture_of(b"BT /F1 12 Tf 2 5 Td (Signed) Tj ET", 228, 18))
    result = form.converted()
    (finding,) = result.findings
    assert finding.rule == "evidence-digital-signature"
    assert ("shows how the signature looks" in finding.message) is looks
    assert ("has no picture on the page" in finding.message) is not looks
    assert bool(ink(result, LINE)) is looks


LONG = "A very long value of a single line that does not fit at twelve points into the small box that is here"


@pytest.mark.parametrize("size", [0, 12])
def test_a_long_value_is_written_small_enough_to_be_whole(form: Form, size: int) -> None:
    form.add("Tx", V=String(LONG), DA=String(f"/Helv {size} Tf 0 g"))
    result = form.converted()
    assert LONG in text(result.pdf)
    box = ink(result, (LINE[0] - 20, LINE[1], LINE[2] + 20, LINE[3]))
    assert box
    assert LINE[0] < box[0] < LINE[0] + 4
    assert LINE[2] - 12 < box[2] < LINE[2] - 1.5, "as large as it can be, and not cut"
    assert box[3] - box[1] < 7


def test_a_value_that_fits_keeps_the_size_that_the_field_states(form: Form) -> None:
    form.add("Tx", V=String("HHH"), DA=String("/Helv 14 Tf 0 g"))
    box = ink(form.converted(), LINE)
    assert box
    assert box[3] - box[1] == pytest.approx(14 * 0.72, abs=1)


def test_a_value_that_fits_at_no_readable_size_is_refused(form: Form) -> None:
    form.add("Tx", V=String(LONG * 3), DA=String("/Helv 0 Tf 0 g"))
    assert form.refusal() == "evidence-form-value"


def test_accents_are_drawn_whatever_the_encoding_of_the_form_s_font(form: Form) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    form.add("Tx", V=String("José Muñoz – €"))
    result = form.converted(DR=Dictionary(Font=Dictionary(Helv=font)))
    assert "José Muñoz – €" in text(result.pdf)


@pytest.mark.parametrize(("alignment", "left"), [(0, 74), (1, 176), (2, 277)])
def test_a_value_stands_left_centred_or_right(form: Form, alignment: int, left: float) -> None:
    form.add("Tx", V=String("HH"), Q=alignment, DA=String("/Helv 14 Tf 0 g"))
    box = ink(form.converted(), LINE)
    assert box
    assert box[0] == pytest.approx(left, abs=2)


def test_the_value_of_a_turned_field_is_turned(form: Form) -> None:
    rect: BoxNumbers = (300, 300, 320, 500)
    form.add("Tx", rect, V=String("Reads from below"), MK=Dictionary(R=90))
    box = ink(form.converted(), rect)
    assert box
    assert box[2] - box[0] < 16
    assert box[1] < 304
    assert box[3] - box[1] > 80


def test_a_field_of_several_lines_is_wrapped_and_whole(form: Form) -> None:
    rect: BoxNumbers = (72, 500, 200, 560)
    form.add("Tx", rect, Ff=1 << 12, V=String("First line that is longer than the box\r\nSecond\rThird"), DA=String("/Helv 10 Tf 0 g"))
    result = form.converted()
    assert " ".join(text(result.pdf).split()) == "Heading First line that is longer than the box Second Third"
    box = ink(result, (72, 440, 300, 600))
    assert box
    assert (box[0] > 72, box[1] > 500, box[2] < 200, box[3] < 560) == (True, True, True, True)
    assert box[3] - box[1] > 30, "four lines"


def test_a_field_of_several_lines_that_cannot_be_whole_is_refused(form: Form) -> None:
    form.add("Tx", Ff=1 << 12, V=String("Line\n" * 30))
    assert form.refusal() == "evidence-form-value"


def test_a_value_of_a_hundred_thousand_words_is_refused_at_once(form: Form) -> None:
    form.add("Tx", Ff=1 << 12, V=String("word " * 100_000))
    begun = time.process_time()
    assert form.refusal() == "evidence-form-value"
    assert time.process_time() - begun < 3


def test_each_letter_of_a_comb_stands_in_its_cell(form: Form) -> None:
    form.add("Tx", (72, 600, 272, 618), Ff=1 << 24, MaxLen=10, V=String("H H"))
    result = form.converted()
    for cell, inked in enumerate([True, False, True, False]):
        assert bool(ink(result, (72 + 20 * cell, 600, 92 + 20 * cell, 618))) is inked
    first = ink(result, (72, 600, 92, 618))
    assert first
    assert (first[0] + first[2]) / 2 == pytest.approx(82, abs=0.6)


def test_a_comb_without_a_number_of_cells_is_a_line(form: Form) -> None:
    form.add("Tx", Ff=1 << 24, V=String("A0123"))
    assert "A0123" in text(form.converted().pdf)


def test_a_comb_with_too_few_cells_is_refused(form: Form) -> None:
    form.add("Tx", Ff=1 << 24, MaxLen=3, V=String("A0123"))
    assert form.refusal() == "evidence-form-value"


def test_a_password_is_not_written_in_clear(form: Form) -> None:
    form.add("Tx", Ff=1 << 13, V=String("secret"))
    result = form.converted()
    assert "secret" not in text(result.pdf)
    assert "******" in text(result.pdf)


COUNTRIES = Array([Array([String("hn"), String("Honduras")]), Array([String("us"), String("United States")]), String("Mexico")])


@pytest.mark.parametrize(("value", "shown"), [("hn", "Honduras"), ("Mexico", "Mexico"), ("Typed in", "Typed in")])
def test_a_combo_box_shows_what_its_reader_sees(form: Form, value: str, shown: str) -> None:
    form.add("Ch", Ff=1 << 17, V=String(value), Opt=COUNTRIES)
    assert text(form.converted().pdf).split("\r\n") == ["Heading", shown]


@pytest.mark.parametrize("several", [True, False])
def test_a_list_shows_its_options_and_marks_the_chosen(form: Form, several: bool) -> None:
    rect: BoxNumbers = (72, 500, 200, 560)
    value = Array([String("us"), String("Mexico")]) if several else String("us")
    form.add("Ch", rect, Ff=1 << 21, V=value, Opt=COUNTRIES)
    result = form.converted()
    assert text(result.pdf).split("\r\n") == ["Heading", "Honduras", "United States", "Mexico"]
    marked = box_of(picture(result.pdf), (153, 193, 218), 8)
    assert marked
    assert marked[3] - marked[1] == pytest.approx(13.8 * (2 if several else 1), abs=2.5)


def test_a_list_whose_choice_it_does_not_offer_is_refused(form: Form) -> None:
    form.add("Ch", V=String("ca"), Opt=COUNTRIES)
    assert form.refusal() == "evidence-form-value"


@pytest.mark.parametrize("font", ["ZaDb", "WD"])
def test_a_value_in_signs_is_refused_and_not_drawn_in_letters(form: Form, font: str) -> None:
    signs = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/ABCDEF+Wingdings"))
    form.add("Tx", V=String("4"), DA=String(f"/{font} 0 Tf 0 g"))
    assert form.refusal(DR=Dictionary(Font=Dictionary(WD=signs))) == "evidence-form-value"


def test_a_value_that_is_a_number_is_shown_and_one_that_is_no_text_is_refused(form: Form) -> None:
    field = form.add("Tx", V=38250)
    assert "38250" in text(form.converted().pdf)
    field.V = form.pdf.make_stream(b"Long text")
    assert form.refusal() == "evidence-form-value"


def test_the_ground_and_border_of_a_field_are_drawn_with_its_value(form: Form) -> None:
    """White letters on a dark ground would not be seen without it."""
    form.add("Tx", V=String("White"), DA=String("/Helv 12 Tf 1 g"), MK=Dictionary(BG=Array([0, 0, 0.5])))
    assert box_of(picture(form.converted().pdf), (0, 0, 128), 10)


def test_what_stands_on_pages_that_are_not_asked_for_is_not_spoken_of(form: Form) -> None:
    lost = mark(form.pdf, "Highlight", (72, 400, 90, 420), drawn=False)
    links = [mark(form.pdf, "Link", BOX, drawn=False, A=Dictionary(S=Name.URI, URI=String("https://example.org")))]
    field = form.add("Tx", V=String("имя"))
    add_page(form.pdf, words("Second page"))
    form_with(form.pdf, form.fields)
    form.pdf.pages[0].obj.Annots = Array([field, lost, *links])
    path = written(form.folder, saved(form.pdf))
    result = convert(path, shown_as="form.pdf", wishes=Wishes("2"))
    assert not result.findings
    with pytest.raises(EvidenceError):
        convert(path, shown_as="form.pdf", wishes=Wishes("1"))


def test_a_field_that_is_on_two_pages_is_drawn_on_the_one_that_is_asked_for(form: Form) -> None:
    field = form.add("Tx", V=String("Twice"))
    add_page(form.pdf, words("Second page"))
    form_with(form.pdf, form.fields)
    form.pdf.pages[1].obj.Annots = Array([field])
    result = convert(written(form.folder, saved(form.pdf)), shown_as="form.pdf", wishes=Wishes("2"))
    assert "Twice" in text(result.pdf)


@pytest.mark.parametrize("stale", [True, False])
@pytest.mark.parametrize("value", ["1234.5", ""])
def test_a_value_that_a_script_formats_is_drawn_plainly_with_a_warning(form: Form, stale: bool, value: str) -> None:
    script = Dictionary(S=Name.JavaScript, JS=String('AFNumber_Format(2, 0, 0, 0, "$", true);'))
    field = form.add("Tx", V=String(value), AA=Dictionary(F=script))
    if stale:
        field.AP = Dictionary(N=appearance(form.pdf, words("$1,234.50", 2, 4), 228, 18))
    form.add("Tx", BOX, V=String("7"), AA=Dictionary(K=script))
    result = form.converted(NeedAppearances=stale, XFA=form.pdf.make_stream(b"<xdp/>"))
    assert value in text(result.pdf)
    found = [finding for finding in result.findings if finding.rule == "evidence-value-format"]
    assert len(found) == bool(value)
    assert all("1 form field drawn here without the format" in finding.message for finding in found)


def test_a_value_whose_own_picture_is_shown_keeps_its_format(form: Form) -> None:
    script = Dictionary(S=Name.JavaScript, JS=String("AFDate_FormatEx('mm/dd/yyyy');"))
    form.add(
        "Tx", V=String("2026-08-12"), AA=Dictionary(F=script), AP=Dictionary(N=appearance(form.pdf, words("08/12/2026", 2, 4), 228, 18))
    )
    result = form.converted()
    assert "08/12/2026" in text(result.pdf)
    assert "evidence-value-format" not in rules(result)


@pytest.mark.parametrize(
    ("content", "is_named"), [(words("Old value", 2, 4), True), (words("", 2, 4), False), (b"0.9 g 0 0 228 18 re f", False)]
)
def test_an_old_picture_of_a_value_that_is_gone_is_named(form: Form, content: bytes, is_named: bool) -> None:
    """Some programs show it, and some an empty field."""
    form.add("Tx", V=String(""), AP=Dictionary(N=appearance(form.pdf, content, 228, 18)))
    result = form.converted(NeedAppearances=True)
    assert ("Old value" in text(result.pdf)) == is_named
    assert rules(result) == (["evidence-value-gone"] if is_named else [])
