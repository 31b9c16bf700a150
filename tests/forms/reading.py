"""Reading filled forms back without the code that wrote them: pdfium and poppler for the flat copy, pypdf for the editable one."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
from jinja2 import nodes
from msgspec.structs import replace
from PIL import Image, ImageChops
from pypdf import PdfReader

from pipeline.forms.editions import current
from pipeline.forms.expressions import compile_all, parse
from pipeline.forms.fieldmap import FieldMap, Target, load_map
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.inventory import Field
from pipeline.forms.reader import leaves
from pipeline.forms.template import FormTemplate
from pipeline.forms.values import Subject
from pipeline.packet.readback.expect import squeezed
from tests.forms.support import case_of

INK = 0.05
"""Share of a checkbox's inside that is dark when it is ticked."""


@dataclass(frozen=True)
class Shown:
    """What the boxes of a flat copy show: text by field name, and the names of the ticked boxes."""

    texts: Mapping[str, str]
    ticked: frozenset[str]


def shown(pdf: bytes, fields: Iterable[Field], scale: float = 2.0) -> Shown:
    """Every box of a flat copy as pdfium sees it; texts are squeezed, empty ones absent."""
    texts: dict[str, str] = {}
    ticked: set[str] = set()
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [document[n] for n in range(len(document))]
        words = [page.get_textpage() for page in pages]
        pictures: dict[int, Image.Image] = {}
        for field in fields:
            if field.type != "checkbox":
                if text := squeezed(words[field.page - 1].get_text_bounded(*field.rect)):
                    texts[field.name] = text
                continue
            if field.page not in pictures:
                pictures[field.page] = pages[field.page - 1].render(scale=scale, grayscale=True).to_pil()
            if ink(pictures[field.page], field, scale) > INK:
                ticked.add(field.name)
    finally:
        document.close()
    return Shown(texts, frozenset(ticked))


def ink(picture: Image.Image, field: Field, scale: float, inset: float = 1.5) -> float:
    """Share of dark pixels inside a field's box on a page picture of `scale` pixels a point."""
    x0, y0, x1, y1 = field.rect
    left, top, right, bottom = (round(v * scale) for v in (x0 + inset, 792 - y1 + inset, x1 - inset, 792 - y0 - inset))
    box = picture.crop((left, top, right, bottom))
    return sum(box.histogram()[:128]) / (box.width * box.height)


def written(done: FilledForm) -> Shown:
    """What a filled form should show."""
    texts = {v.field.name: squeezed(v.text) for v in done.values if v.text}
    return Shown(texts, frozenset(v.field.name for v in done.values if v.ticked))


def held(pdf: bytes) -> dict[str, str]:
    """The value of every field of an editable copy as pypdf reads it; a checkbox's is its state."""
    fields = PdfReader(io.BytesIO(pdf)).get_fields() or {}
    return {name: str(field.get("/V") or "") for name, field in fields.items() if "/FT" in field}


def box_states(pdf: bytes) -> dict[str, str]:
    """The state of every checkbox of an editable copy, which its value and its appearance agree on; `/Off` when it has none."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        boxes = {name: leaf for name, leaf in leaves(opened) if leaf.FT == "/Btn"}
        looks = {name: str(box.get("/AS", "/Off")) for name, box in boxes.items()}
        assert looks == {name: str(box.get("/V", "/Off")) for name, box in boxes.items()}
    return looks


def only_ticked(template: FormTemplate, *boxes: Field) -> FilledForm:
    """The form with these boxes ticked and nothing else written, whatever its map says of them."""
    targets = tuple(Target("tick", {"": box}, "", "", ()) for box in boxes)
    every = compile_all([parse("true") for _ in boxes])
    lone = replace(map_of(template.inventory.form), targets=targets, program=every, more=(), addendum=())
    return fill(template, lone, Subject(case_of({})))


def only_written(template: FormTemplate, texts: Mapping[str, str]) -> FilledForm:
    """The form with these texts in these fields and nothing else, whatever its map says of them; none may need more room."""
    boxes = template.inventory.by_name
    targets = tuple(Target("text", {"": boxes[name]}, "", "", ()) for name in texts)
    every = compile_all([nodes.Const(text) for text in texts.values()])
    lone = replace(map_of(template.inventory.form), targets=targets, program=every, more=(), addendum=())
    return fill(template, lone, Subject(case_of({})))


@dataclass(frozen=True)
class Glyph:
    """A drawn character and the box around its ink: points, origin lower left."""

    text: str
    left: float
    low: float
    right: float
    high: float


def glyphs(pdf: bytes, page: int) -> list[Glyph]:
    """The characters of a page that leave ink, as pdfium places them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        words = document[page - 1].get_textpage()
        text = words.get_text_range()
        boxes = ((text[i], *words.get_charbox(i)) for i in range(min(len(text), words.count_chars())))
        return [Glyph(*box) for box in boxes if not box[0].isspace() and box[3] > box[1]]
    finally:
        document.close()


def one_page_each(template: FormTemplate, marks: Sequence[tuple[int, bytes]]) -> bytes:
    """The blank's pages, and after them one more page for each form page with a content stream of its own."""
    with pikepdf.open(io.BytesIO(template.flat)) as pdf:
        blank = list(pdf.pages)
        for number, stream in marks:
            pdf.pages.append(blank[number - 1])
            pdf.pages[-1].obj["/Contents"] = pikepdf.Array([blank[number - 1].obj.Contents, pdf.make_stream(stream)])
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def pictures(pdf: bytes, viewer: str, work: Path, dpi: int = 72) -> list[Image.Image]:
    """Every page in shades of grey, by `pdfium` or by the pdftoppm at `viewer`."""
    if viewer == "pdfium":
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()
        try:
            return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]
        finally:
            document.close()
    file = work / "pages.pdf"
    file.write_bytes(pdf)
    done = subprocess.run([viewer, "-r", str(dpi), "-gray", str(file), str(work / "page")], check=True, capture_output=True)
    assert done.stderr == b"", done.stderr
    return [Image.open(path).convert("L") for path in sorted(work.glob("page-*.pgm"))]


def changed(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around every pixel that differs, in pixels from the upper left corner; None when none does."""
    return ImageChops.difference(before, after).point(lambda v: 255 if v > 40 else 0).getbbox()


def within(box: tuple[int, int, int, int], field: Field, dpi: int = 72) -> bool:
    """Whether a box of pixels lies inside a field's box, give or take the pixel that its edge falls into."""
    scale, (x0, y0, x1, y1) = dpi / 72, field.rect
    edges = (x0 * scale - 1, (792 - y1) * scale - 1, x1 * scale + 1, (792 - y0) * scale + 1)
    return box[0] >= edges[0] and box[1] >= edges[1] and box[2] <= edges[2] and box[3] <= edges[3]


def map_of(form: str) -> FieldMap:
    """The map of a form's current edition."""
    return load_map(current(form))
