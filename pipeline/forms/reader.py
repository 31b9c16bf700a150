"""What a form PDF says of itself: its fields, its barcodes and the edition printed at the foot of its pages."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator

import pikepdf
import pypdfium2
from msgspec import Struct

from pipeline.errors import FormFileError
from pipeline.forms.inventory import Field, Rect
from pipeline.pdfium import pdfium_document

_FOOT = re.compile(r"Form\s+([A-Z]+-\d+[A-Z]?)\s+(?:Edition\s+)?(\d{2}/\d{2}/\d{2})")
_BARCODE = re.compile(r"^([A-Z]+-\d+[A-Z]?)\|(\d{2}/\d{2}/\d{2})\|(\d+)$")
_FOOT_HEIGHT = 60.0
"""Points from the lower edge in which the edition is printed."""

_MULTILINE, _COMB, _RICH, _RADIO, _PUSH = 1 << 12, 1 << 24, 1 << 25, 1 << 15, 1 << 16

_AGAIN = "Download the form again from its publisher."
_DAMAGE = (AttributeError, TypeError, ValueError, KeyError, IndexError, RecursionError, pikepdf.PdfError, pypdfium2.PdfiumError)
"""What the PDF libraries raise over a file whose objects are not what they should be."""

FACSIMILE_MARK = "/ParolePacketFacsimile"
"""A key in the document catalogue of forms that we drew ourselves."""


class FormFile(Struct, frozen=True):
    """A form PDF as read: which form and edition it says it is, and its fields."""

    form: str | None
    edition: str | None
    """As printed, `01/20/25`; None when the pages print none."""
    pages: int
    fields: tuple[Field, ...]
    facsimile: bool
    mixed: tuple[str, ...] = ()
    """Editions printed on some pages but not on all, when pages of several editions are mixed."""


def open_form(data: bytes, shown_as: str) -> pikepdf.Pdf:
    """The PDF, decrypted with the empty password; raises FormFileError when it cannot be opened."""
    try:
        return pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError as error:
        raise FormFileError.one("form-encrypted", shown_as, "the file needs a password", _AGAIN) from error
    except pikepdf.PdfError as error:
        raise FormFileError.one("form-not-pdf", shown_as, "not a readable PDF", _AGAIN) from error


def read_form(data: bytes, shown_as: str) -> FormFile:
    """Read a form PDF; raises FormFileError when it is no PDF, is damaged or has no form fields."""
    try:
        return _read_form(data, shown_as)
    except _DAMAGE as error:
        raise FormFileError.one("form-not-pdf", shown_as, "the PDF is damaged", _AGAIN) from error


def _read_form(data: bytes, shown_as: str) -> FormFile:
    with open_form(data, shown_as) as pdf:
        fields = tuple(_fields(pdf))
        pages = len(pdf.pages)
        facsimile = FACSIMILE_MARK in pdf.Root
    if not fields:
        raise FormFileError.one("form-no-fields", shown_as, "the PDF has no form fields", "Use the fillable PDF that the publisher offers.")
    said = Counter(_said(data, fields))
    if not said:
        return FormFile(None, None, pages, fields, facsimile)
    (form, edition), _ = said.most_common(1)[0]
    return FormFile(form, edition, pages, fields, facsimile, tuple(sorted({e for f, e in said if (f, e) != (form, edition)})))


def _said(data: bytes, fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
    for field in fields:
        if field.type == "barcode" and (match := _BARCODE.match(field.value or "")):
            yield match[1], match[2]
    with pdfium_document(data) as document:
        feet = [page.get_textpage().get_text_bounded(0, 0, page.get_width(), _FOOT_HEIGHT) for page in document]
    for foot in feet:
        if match := _FOOT.search(foot):
            yield match[1], match[2]


def _fields(pdf: pikepdf.Pdf) -> Iterator[Field]:
    pages = {annot.objgen: number for number, page in enumerate(pdf.pages, 1) for annot in page.obj.get("/Annots", ())}
    for name, leaf in leaves(pdf):
        if (field := _field(name, leaf, pages.get(leaf.objgen, 0))) is not None:
            yield field


def leaves(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """Full name and object of every leaf field, which on these forms is also its widget."""
    form = pdf.Root.get("/AcroForm")
    stack = [("", f) for f in reversed(list(form.get("/Fields", ())))] if form is not None else []
    seen: set[tuple[int, int]] = set()
    while stack:
        prefix, node = stack.pop()
        if node.objgen in seen and node.objgen != (0, 0):
            continue
        seen.add(node.objgen)
        partial = str(node.get("/T", ""))
        name = f"{prefix}.{partial}" if prefix and partial else prefix or partial
        kids = [k for k in node.get("/Kids", ()) if "/T" in k]
        if kids:
            stack.extend((name, k) for k in reversed(kids))
        elif "/FT" in node:
            yield name, node


def _field(name: str, leaf: pikepdf.Object, page: int) -> Field | None:
    flags = int(leaf.get("/Ff", 0))
    kind = _type(name, str(leaf.FT), flags)
    if kind is None or "/Rect" not in leaf:
        return None
    appearance = re.search(r"([\d.]+)\s+Tf", str(leaf.get("/DA", "")))
    value = leaf.get("/V")
    return Field(
        name=name,
        type=kind,
        page=page,
        rect=_rect(leaf),
        label=str(leaf.get("/TU", ""))[:80],
        max_len=int(leaf.MaxLen) if "/MaxLen" in leaf else None,
        comb=bool(flags & _COMB),
        multiline=kind == "text" and bool(flags & _MULTILINE),
        rich=kind == "text" and bool(flags & _RICH),
        font_size=float(appearance[1]) if appearance else None,
        on_state=_on_state(leaf) if kind == "checkbox" else None,
        options=_options(leaf) if kind == "choice" else (),
        read_only=bool(flags & 1),
        align=int(leaf.get("/Q", 0)),
        value=str(value) if isinstance(value, pikepdf.String) and kind == "barcode" else None,
    )


def _type(name: str, kind: str, flags: int) -> str | None:
    if kind == "/Tx":
        leaf = name.rpartition(".")[2]
        if "BarCode" in leaf:
            return "barcode"
        return "signature" if flags & 1 and re.search(r"Sign(?!er)|Sig\[", leaf) and "Date" not in leaf else "text"
    if kind == "/Btn":
        return None if flags & (_RADIO | _PUSH) else "checkbox"
    return {"/Ch": "choice", "/Sig": "signature"}.get(kind)


def _rect(leaf: pikepdf.Object) -> Rect:
    x0, y0, x1, y1 = (round(float(v), 2) for v in leaf.Rect)
    return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _on_state(leaf: pikepdf.Object) -> str | None:
    states = leaf.AP.get("/N") if "/AP" in leaf else None
    return next((str(k) for k in states if k != "/Off"), None) if isinstance(states, pikepdf.Dictionary) else None


def _options(leaf: pikepdf.Object) -> tuple[str, ...]:
    return tuple(str(o[0]) if isinstance(o, pikepdf.Array) else str(o) for o in leaf.get("/Opt", ()))
