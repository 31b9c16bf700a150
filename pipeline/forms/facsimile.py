"""A stand-in for a form whose official PDF is not here: drawn from the inventory, and marked NOT FOR FILING on each page.

It has the official form's field names, boxes, limits and states, with our own short labels, so that everything built on
the form works on it; it never becomes part of a packet that is ready.
"""

from __future__ import annotations

import io

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, String

from pipeline.forms.inventory import Field, Inventory, Rect
from pipeline.forms.reader import FACSIMILE_MARK
from pipeline.typeset.compile import literal
from pipeline.typeset.fonts import SERIF, lift

_HEIGHT = 792.0
_FLAGS = {"read_only": 1, "multiline": 1 << 12, "comb": 1 << 24}
_CHOICE_COMBO = 1 << 17


def draw_facsimile(inventory: Inventory) -> bytes:
    """The facsimile as PDF bytes; the same inventory gives the same bytes."""
    compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True)
    background = compiler.compile(input=_source(inventory).encode(), format="pdf", timestamp=0, pdf_tags=False)
    assert isinstance(background, bytes)
    with pikepdf.open(io.BytesIO(background)) as pdf:
        _add_fields(pdf, inventory)
        pdf.Root[FACSIMILE_MARK] = True
        pdf.Root["/Lang"] = String("en-US")
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return out.getvalue()


def _source(inventory: Inventory) -> str:
    pages = [_page(inventory, number) for number in range(1, inventory.pages + 1)]
    head = (
        "#set page(width: 612pt, height: 792pt, margin: 0pt)\n"
        '#set text(font: "Libertinus Serif", size: 6.5pt, top-edge: "ascender", bottom-edge: "descender")\n'
    )
    return head + "\n#pagebreak()\n".join(pages)


def _page(inventory: Inventory, number: int) -> str:
    title = f"Form {inventory.form}: {inventory.title.partition(', ')[2] or inventory.title}"
    parts = [
        _at(36, 36, 12, f"text(size: 11pt, weight: 700, {literal('FACSIMILE - NOT FOR FILING')})"),
        _at(230, 38, 10, f"text(size: 7.5pt, {literal(title)})"),
        _at(36, _HEIGHT - 30, 9, f"text(size: 7.5pt, {literal(f'Facsimile of Form {inventory.form}, edition {inventory.edition}')})"),
        _at(470, _HEIGHT - 30, 9, f"text(size: 7.5pt, {literal(f'Form page {number} of {inventory.pages}')})"),
    ]
    boxes = [field for field in inventory.fields if field.page == number and field.type != "barcode"]
    for field in boxes:
        parts.extend(_box(field))
        x, y, width, height = _label_room(field)
        free = all(_apart((x, _HEIGHT - y - height, x + width, _HEIGHT - y), other.rect) for other in boxes)
        if free:
            parts.append(_label(x, y, width, height, _label_text(field)))
    return "\n".join(parts)


def _box(field: Field) -> list[str]:
    x0, y0, x1, y1 = field.rect
    top = _HEIGHT - y1
    drawn = [f"#place(dx: {x0}pt, dy: {top}pt, rect(width: {x1 - x0:.2f}pt, height: {y1 - y0:.2f}pt, stroke: 0.5pt))"]
    if field.comb and field.max_len:
        cell, size = field.width / field.max_len, f"length: {field.height:.2f}pt, angle: 90deg, stroke: 0.3pt"
        drawn += [f"#place(dx: {x0 + cell * n:.2f}pt, dy: {top}pt, line({size}))" for n in range(1, field.max_len)]
    return drawn


def _label_room(field: Field) -> Rect:
    """Where a field's label goes, as left, top (from the page's head), width and height: after a checkbox, else above the box."""
    x0, _, x1, y1 = field.rect
    top = _HEIGHT - y1
    return (x1 + 2, top + 2, 60, 5) if field.type == "checkbox" else (x0, top - 6, max(field.width, 40), 5.5)


def _apart(a: Rect, b: Rect) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def _label_text(field: Field) -> str:
    return " ".join(w for w in (f"{field.part}." if field.part else "", f"{field.item}" if field.item else "", field.label) if w)


def _label(x: float, y: float, width: float, height: float, label: str) -> str:
    size, font = round(height / 1.2, 2), lift(SERIF)
    while font.width(label, size) > width:
        label = label[:-1]
    return f"#place(dx: {x:.2f}pt, dy: {y:.2f}pt, text(size: {size}pt, {literal(label)}))"


def _at(x: float, y: float, height: float, body: str) -> str:
    return f"#place(dx: {x}pt, dy: {y}pt, box(height: {height}pt, {body}))"


def _add_fields(pdf: pikepdf.Pdf, inventory: Inventory) -> None:
    form = pdf.make_indirect(Dictionary(Fields=Array(), DA=String("/Helv 0 Tf 0 g"), DR=Dictionary(Font=_standard_fonts(pdf))))
    pdf.Root["/AcroForm"] = form
    parents: dict[str, pikepdf.Object] = {}
    for field in inventory.fields:
        prefix, _, leaf = field.name.rpartition(".")
        widget = _widget(pdf, field, leaf)
        page = pdf.pages[field.page - 1]
        widget["/P"] = page.obj
        page.obj["/Annots"] = page.obj.get("/Annots", Array())
        page.obj.Annots.append(widget)
        if prefix:
            parent = _parent(pdf, parents, prefix)
            widget["/Parent"] = parent
            parent.Kids.append(widget)
        else:
            form.Fields.append(widget)


def _parent(pdf: pikepdf.Pdf, parents: dict[str, pikepdf.Object], name: str) -> pikepdf.Object:
    if name not in parents:
        prefix, _, leaf = name.rpartition(".")
        node = parents[name] = pdf.make_indirect(Dictionary(T=String(leaf), Kids=Array()))
        if prefix:
            node["/Parent"] = _parent(pdf, parents, prefix)
            node.Parent.Kids.append(node)
        else:
            pdf.Root.AcroForm.Fields.append(node)
    return parents[name]


def _standard_fonts(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    def font(base: str) -> pikepdf.Object:
        return pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/" + base)))

    return Dictionary(Helv=font("Helvetica"), CourierStd=font("Courier-Bold"), ZaDb=font("ZapfDingbats"))


def _widget(pdf: pikepdf.Pdf, field: Field, leaf: str) -> pikepdf.Object:
    widget = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        T=String(leaf),
        TU=String(field.label),
        Rect=Array(list(field.rect)),
        F=4,
        Ff=sum(bit for fact, bit in _FLAGS.items() if getattr(field, fact)),
        DA=String(f"/CourierStd {field.font_size or 10:g} Tf 0 g"),
    )
    if field.max_len is not None:
        widget["/MaxLen"] = field.max_len
    if field.align:
        widget["/Q"] = field.align
    if field.type == "checkbox":
        _as_checkbox(pdf, widget, field)
    elif field.type == "choice":
        widget["/FT"] = Name.Ch
        widget["/Ff"] = int(widget.Ff) | _CHOICE_COMBO
        widget["/Opt"] = Array([String(o) for o in field.options])
    else:
        widget["/FT"] = Name.Tx
        if field.value is not None:
            widget["/V"] = String(field.value)
    return pdf.make_indirect(widget)


def _as_checkbox(pdf: pikepdf.Pdf, widget: pikepdf.Dictionary, field: Field) -> None:
    tick = pdf.make_stream(b"q BT /ZaDb 8 Tf 1.5 1.8 Td (8) Tj ET Q")
    tick.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, field.width, field.height])))
    tick["/Resources"] = Dictionary(Font=Dictionary(ZaDb=pdf.Root.AcroForm.DR.Font.ZaDb))
    widget["/FT"] = Name.Btn
    widget["/DA"] = String("/ZaDb 8 Tf 0 g")
    widget["/AP"] = Dictionary(N=Dictionary({field.on_state or "/Yes": tick}))
    widget["/AS"] = Name.Off
    widget["/V"] = Name.Off
