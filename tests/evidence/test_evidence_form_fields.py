"""The values of form fields are on the page as a viewer shows them, or the file is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.letter import LETTER, placement
from pipeline.evidence.model import Converted
from tests.evidence.seeing import box_of, picture, text, written
from tests.resources.building import BoxNumbers, add_page, appearance, form_with, saved, widget, words

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
