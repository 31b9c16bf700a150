"""Layers: what print hides is gone, what it shows is there, whatever decides it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from pipeline.evidence.convert import convert
from pipeline.evidence.model import Converted, Wishes
from pipeline.findings import Level
from tests.evidence.seeing import ink_box, picture, text, written
from tests.resources.building import add_page, appearance, font, saved, words


@dataclass(frozen=True, slots=True)
class Layered:
    """A PDF with a layer that is on, one that is off, and what else a test hangs on it."""

    pdf: Pdf = field(default_factory=Pdf.new)

    def layer(self, **entries: object) -> Object:
        return self.pdf.make_indirect(
            Dictionary({"/Type": Name.OCG, "/Name": String("a layer")} | {f"/{k}": v for k, v in entries.items()})
        )

    def configure(self, groups: list[Object], **config: object) -> None:
        self.pdf.Root.OCProperties = Dictionary(OCGs=Array(groups), D=Dictionary({f"/{key}": value for key, value in config.items()}))

    def page(self, content: bytes, **properties: object) -> pikepdf.Page:
        page = add_page(self.pdf, content)
        page.obj.Resources.Properties = Dictionary({f"/{name}": value for name, value in properties.items()})
        return page

    def converted(self, folder: Path, pages: str | None = None) -> Converted:
        return convert(written(folder, saved(self.pdf)), shown_as="file.pdf", wishes=Wishes(pages))


def marked(name: str, content: bytes) -> bytes:
    return b"/OC /%s BDC %s EMC " % (name.encode(), content)


def streams_of(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return b"".join(each.read_bytes() for each in opened.objects if isinstance(each, Stream))


def is_blank(result: Converted) -> bool:
    return ink_box(picture(result.pdf)) is None


def said_of_layers(result: Converted) -> list[Level]:
    return [each.level for each in result.findings if each.rule == "evidence-layers"]


HIDING = [Level.INFO]

Member = Callable[[Object, Object], Dictionary]


def by_policy(policy: str | None, *members: str) -> Member:
    def made(on: Object, off: Object) -> Dictionary:
        member = Dictionary(Type=Name.OCMD, OCGs=Array([on if each == "on" else off for each in members]))
        if policy:
            member.P = Name(f"/{policy}")
        return member

    return made


def by_expression(expression: Callable[[Object, Object], list[object]], policy: str = "AnyOn") -> Member:
    def made(on: Object, off: Object) -> Dictionary:
        return Dictionary(Type=Name.OCMD, OCGs=Array([on]), P=Name(f"/{policy}"), VE=Array(expression(on, off)))

    return made


MEMBERS: list[tuple[Member, bool]] = [
    (by_policy(None, "on", "off"), True),
    (by_policy(None, "off"), False),
    (by_policy("AllOn", "on", "off"), False),
    (by_policy("AllOn", "on"), True),
    (by_policy("AnyOff", "on", "off"), True),
    (by_policy("AnyOff", "on"), False),
    (by_policy("AllOff", "off"), True),
    (by_policy("AllOff", "on", "off"), False),
    (by_policy("AllOff", "on"), False),
    (by_policy("AllOff"), True),
    (lambda _, off: Dictionary(Type=Name.OCMD, OCGs=off, P=Name.AllOff), True),
    (lambda _, off: Dictionary(Type=Name.OCMD, OCGs=off), False),
    (by_expression(lambda _, off: [Name.Not, off]), True),
    (by_expression(lambda on, _: [Name.Not, on]), False),
    (by_expression(lambda on, off: [Name.And, on, off]), False),
    (by_expression(lambda on, off: [Name.And, on, Array([Name.Not, off])], "AllOff"), True),
    (by_expression(lambda on, off: [Name.Or, off, on], "AllOff"), True),
    (by_expression(lambda on, off: [Name.Or, off, Array([Name.Not, on])]), False),
    (by_expression(lambda on, _: [Name.Xor, on], "AllOff"), False),
    (by_expression(lambda on, off: [Name.Not, on, off]), True),
]


@pytest.mark.parametrize(("member", "shown"), MEMBERS)
@pytest.mark.parametrize("holder", ["mark", "form"])
def test_a_membership_dictionary_decides_once_and_for_all(tmp_path: Path, holder: str, member: Member, shown: bool) -> None:
    layered = Layered()
    on, off = layered.layer(), layered.layer()
    layered.configure([on, off], OFF=Array([off]))
    owner = layered.pdf.make_indirect(member(on, off))
    if holder == "mark":
        layered.page(marked("M", words("Some words")), M=owner)
    else:
        form = appearance(layered.pdf, words("Some words", 10, 10), 600, 60)
        form.OC = owner
        layered.page(b"/Fm Do").obj.Resources.XObject = Dictionary(Fm=form)
    result = layered.converted(tmp_path)
    assert is_blank(result) != shown
    assert (b"Some words" in streams_of(result.pdf)) == shown
    assert said_of_layers(result) == ([] if shown else HIDING)


def test_a_membership_dictionary_hides_where_no_layer_is_off(tmp_path: Path) -> None:
    layered = Layered()
    on = layered.layer()
    layered.configure([on])
    layered.page(
        marked("M", words("Off")) + marked("N", words("Not", y=600)),
        M=Dictionary(Type=Name.OCMD, OCGs=on, P=Name.AllOff),
        N=Dictionary(Type=Name.OCMD, VE=Array([Name.Not, on])),
    )
    result = layered.converted(tmp_path)
    assert is_blank(result)
    assert said_of_layers(result) == HIDING


def test_an_expression_that_holds_itself_counts_as_none(tmp_path: Path) -> None:
    layered = Layered()
    on = layered.layer()
    layered.configure([on])
    inner = loop = layered.pdf.make_indirect(Array([Name.Or]))
    for _ in range(30):
        inner = layered.pdf.make_indirect(Array([Name.Or, *[inner] * 9]))
    loop.append(inner)
    layered.page(marked("M", words("Some words")), M=Dictionary(Type=Name.OCMD, OCGs=on, P=Name.AllOff, VE=inner))
    result = layered.converted(tmp_path)
    assert is_blank(result), "its policy decides"
    assert said_of_layers(result) == HIDING


def applied(layer: Object, event: Name = Name.Print, category: Name = Name.Print) -> Array:
    return Array([Dictionary(Event=event, OCGs=Array([layer]), Category=Array([category]))])


USAGES: list[tuple[str, Callable[[Object], Array] | None, bool]] = [
    ("OFF", None, True),
    ("OFF", applied, False),
    ("OFF", lambda layer: applied(layer, event=Name.View), True),
    ("OFF", lambda layer: applied(layer, category=Name.View), True),
    ("OFF", lambda layer: Array([Dictionary(Event=Name.Print, Category=Array([Name.Print]))]), True),
    ("ON", applied, True),
]


@pytest.mark.parametrize(("state", "automatic", "shown"), USAGES)
def test_the_print_usage_of_a_layer_counts_where_the_configuration_applies_it(
    tmp_path: Path, state: str, automatic: Callable[[Object], Array] | None, shown: bool
) -> None:
    layered = Layered()
    view = Dictionary(ViewState=Name.OFF)
    layer = layered.layer(Usage=Dictionary(View=view, Print=Dictionary(PrintState=Name(f"/{state}"))))
    layered.configure([layer], **({"AS": automatic(layer)} if automatic else {}))
    layered.page(marked("L", words("Some words")), L=layer)
    result = layered.converted(tmp_path)
    assert is_blank(result) != shown
    assert said_of_layers(result) == ([] if shown else HIDING)


def test_a_layer_that_is_off_on_the_screen_and_on_in_print_is_shown(tmp_path: Path) -> None:
    layered = Layered()
    layer = layered.layer(Usage=Dictionary(Print=Dictionary(PrintState=Name.ON)))
    layered.configure([layer], OFF=Array([layer]), AS=applied(layer))
    layered.page(marked("L", words("Some words")), L=layer)
    assert not is_blank(layered.converted(tmp_path))


def test_a_layer_of_another_intent_has_no_effect(tmp_path: Path) -> None:
    layered = Layered()
    layer = layered.layer(Intent=Name.Design)
    layered.configure([layer], OFF=Array([layer]))
    layered.page(marked("L", words("Some words")), L=layer)
    assert not is_blank(layered.converted(tmp_path))


def one_off() -> tuple[Layered, Object]:
    layered = Layered()
    off = layered.layer()
    layered.configure([off], OFF=Array([off]))
    return layered, off


def test_marks_may_be_nested_and_written_out(tmp_path: Path) -> None:
    layered, off = one_off()
    inner = b"/Span <</MCID 0>> BDC " + words("Hidden one") + b"EMC /P BMC " + words("Hidden two") + b"EMC "
    shown = (
        b"/OC <</Type /OCMD /P /AllOff>> BDC " + words("Shown one", y=600) + b"EMC /OC /Nowhere BDC " + words("Shown two", y=500) + b"EMC "
    )
    layered.page(
        marked("L", inner + marked("On", words("Hidden three"))) + shown + b"EMC " + words("Shown three", y=400), L=off, On=layered.layer()
    )
    result = layered.converted(tmp_path)
    assert [each for each in ("one", "two", "three") if f"Shown {each}" in text(result.pdf)] == ["one", "two", "three"]
    assert b"Hidden" not in streams_of(result.pdf)
    assert b"/OC" not in streams_of(result.pdf)


def test_a_page_that_hides_nothing_keeps_its_bytes(tmp_path: Path) -> None:
    layered, off = one_off()
    on = layered.layer(Usage=Dictionary(View=Dictionary(ViewState=Name.OFF)))
    contents = marked("On", words("Some  words")) + b"% as it came ("
    layered.page(contents, On=on, Off=layered.layer())
    layered.page(marked("L", words("Hidden")), L=off)
    result = layered.converted(tmp_path, "1")
    assert contents in streams_of(result.pdf)
    assert not is_blank(result)
    assert said_of_layers(result) == [], "the second page is not in the packet"


def test_lines_that_are_hidden_still_move_the_next_line(tmp_path: Path) -> None:
    content = b"BT /F1 12 Tf 20 TL 72 700 Td /OC /L BDC (One) ' 3 1 (Two) \" EMC (a b) ' ET"
    layered, off = one_off()
    layered.page(content, L=off)
    bare = Layered()
    bare.page(content.replace(b"(One)", b"()").replace(b"(Two)", b"()"))
    result = layered.converted(tmp_path)
    assert picture(result.pdf).tobytes() == picture(bare.converted(tmp_path).pdf).tobytes()
    assert said_of_layers(result) == HIDING


def test_text_that_may_have_moved_is_named(tmp_path: Path) -> None:
    layered, off = one_off()
    layered.page(b"BT /F1 12 Tf 72 700 Td /OC /L BDC (One) Tj EMC (Two) Tj ET", L=off)
    assert said_of_layers(layered.converted(tmp_path)) == [*HIDING, Level.WARNING]


def test_hidden_parts_of_patterns_glyphs_and_masks_are_gone(tmp_path: Path) -> None:
    layered, off = one_off()
    pdf = layered.pdf
    inside = Dictionary(Properties=Dictionary(L=off), Font=Dictionary(F1=font(pdf)))
    square, hidden = b"0 0 20 20 re f ", marked("L", b"30 0 20 20 re f ")
    pattern = pdf.make_stream(
        square + hidden, PatternType=1, PaintType=1, TilingType=1, BBox=Array([0, 0, 60, 60]), XStep=60, YStep=60, Resources=inside
    )
    glyphs = Dictionary(a=pdf.make_stream(b"60 0 0 0 60 60 d1 " + square + hidden))
    drawn = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 60, 60]),
        FontMatrix=Array([1, 0, 0, 1, 0, 0]),
        CharProcs=glyphs,
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([60]),
        Resources=inside,
    )
    mask = appearance(pdf, b"1 g " + square + hidden, 60, 60)
    mask.Resources, mask.Group = inside, Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    soft = Dictionary(Type=Name.ExtGState, SMask=Dictionary(S=Name.Luminosity, G=mask))
    page = layered.page(b"/Pattern cs /P scn 0 600 55 55 re f 0 g BT /T 1 Tf 0 480 Td (a) Tj ET q 1 0 0 1 0 360 cm /S gs 0 0 60 60 re f Q")
    page.obj.Resources = Dictionary(Pattern=Dictionary(P=pattern), Font=Dictionary(T=drawn), ExtGState=Dictionary(S=soft))
    result = layered.converted(tmp_path)
    assert streams_of(result.pdf).count(b"30 0 20 20 re\nn") == 3, "the path ends unpainted"
    box = ink_box(picture(result.pdf))
    assert box is not None
    assert box.width < 25, "only the squares on the left"
    assert said_of_layers(result) == HIDING


def test_only_pages_that_draw_something_hidden_are_counted(tmp_path: Path) -> None:
    layered, off = one_off()
    outer = appearance(layered.pdf, words("Shown", 10, 10) + marked("L", words("Hidden", 10, 30)), 600, 60)
    outer.Resources.Properties = Dictionary(L=off)
    resources = layered.pdf.make_indirect(Dictionary(XObject=Dictionary(Fm=outer), Font=Dictionary(F1=font(layered.pdf))))
    for content in (b"/Fm Do", words("None"), b"/Fm Do"):
        add_page(layered.pdf, content, Resources=resources)
    result = layered.converted(tmp_path)
    assert b"Hidden" not in streams_of(result.pdf)
    assert ["Shown" in text(result.pdf, page) for page in (1, 2, 3)] == [True, False, True]
    (finding,) = (each for each in result.findings if each.rule == "evidence-layers")
    assert finding.message.endswith("from 2 pages")


def stamp(pdf: Pdf, drawing: Stream, y: float) -> Object:
    rect = Array([72, y, 172, y + 20])
    return pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=rect, F=4, AP=Dictionary(N=drawing)))


def test_annotations_follow_their_layers(tmp_path: Path) -> None:
    layered, off = one_off()
    pdf = layered.pdf
    page = layered.page(b"")
    shown = Dictionary(Type=Name.OCMD, OCGs=off, P=Name.AllOff)
    drawings = {name: appearance(pdf, words(name, 5, 5), 100, 20) for name in ("Shown", "Hidden", "Part", "Whole")}
    drawings["Part"].write(words("Partly", 5, 5) + marked("L", words("Hidden", 50, 5)))
    drawings["Part"].Resources.Properties = Dictionary(L=off)
    drawings["Whole"].write(words("Hidden", 5, 5))
    drawings["Whole"].OC = off
    marks = {name: stamp(pdf, drawing, 600 - 40 * n) for n, (name, drawing) in enumerate(drawings.items())}
    marks["Shown"].OC, marks["Hidden"].OC = shown, off
    page.obj.Annots = Array(list(marks.values()))
    result = layered.converted(tmp_path)
    assert "Shown" in text(result.pdf)
    assert "Partly" in text(result.pdf)
    assert b"Hidden" not in streams_of(result.pdf)
    assert said_of_layers(result) == HIDING
