"""Filling a form: an editable copy, written as an incremental section after the blank, and the marks for its flat copy.

Fields and appearance streams are written with pypdf's objects.  Only what changes is written: the blank's bytes stay as
they are, so a filled I-131 costs about as much as copying it.
"""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NumberObject, TextStringObject

from pipeline.findings import Finding
from pipeline.forms.addendum import Continuation, Placed, place
from pipeline.forms.fieldmap import FieldMap
from pipeline.forms.fit import Fitted
from pipeline.forms.inventory import Field
from pipeline.forms.template import FONTS, FormTemplate, Slot
from pipeline.forms.values import FieldValue, Subject, evaluate
from pipeline.sealed import Sealed
from pipeline.typeset.fonts import lift

TICK_INSET = 2.0
"""Points between a checkbox's edge and its cross."""


class FilledForm(Sealed, frozen=True):
    """One form, filled: what stands in its fields, and the marks to lay over the flat blank."""

    template: FormTemplate
    values: tuple[FieldValue, ...]
    """Every text that was written, and every mapped checkbox, ticked or not."""
    marks: Mapping[int, bytes]
    """Form page, from 1, to a content stream for the flat copy of that page; pages without marks are absent."""
    continuations: tuple[Continuation, ...] = ()
    placed: tuple[Placed, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Warnings of boxes that were left empty."""

    def editable(self) -> bytes:
        """The filled PDF with its form fields, for changes by hand."""
        return _incremental(self.template, self.placed, self.values)

    def flat(self) -> bytes:
        """The filled PDF without form fields, as it is printed."""
        section = _Section(self.template.flat)
        for number, marks in self.marks.items():
            page, contents = self.template.pages[number - 1]
            stream = section.add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(marks), marks))
            section.replace(page, b" /Contents [%d 0 R %d 0 R] >>" % (contents, stream))
        return self.template.flat + section.finish()


def fill(template: FormTemplate, form_map: FieldMap, subject: Subject) -> FilledForm:
    """Fill a form for one subject; raises FormValueError with every value that cannot be written."""
    placement = place(form_map, evaluate(form_map, subject), subject)
    marks: dict[int, list[bytes]] = defaultdict(list)
    for placed in placement.placed:
        box = placed.value.field
        marks[box.page].append(_text_marks(placed.fitted, box.rect[0], box.rect[1]))
    for value in placement.boxes:
        if value.ticked:
            marks[value.field.page].append(_cross(value.field))
    written = (*(p.value for p in placement.placed), *placement.boxes)
    streams = {page: b"q 0 g 0 G\n" + b"\n".join(parts) + b"\nQ" for page, parts in sorted(marks.items())}
    return FilledForm(template, written, streams, placement.continuations, placement.placed, placement.findings)


def _text_marks(fitted: Fitted, x: float, y: float) -> bytes:
    """Operators that draw the lines with their box's lower left corner at x, y."""
    font = lift(FONTS[fitted.font])
    parts = [f"BT {fitted.font} {fitted.size:g} Tf".encode()]
    parts += [f"1 0 0 1 {x + line.x:.2f} {y + line.y:.2f} Tm ".encode() + font.encode(line.text) + b" Tj" for line in fitted.lines]
    return b"\n".join((*parts, b"ET"))


def _cross(box: Field) -> bytes:
    x0, y0, x1, y1 = box.rect
    left, low, right, high = x0 + TICK_INSET, y0 + TICK_INSET, x1 - TICK_INSET, y1 - TICK_INSET
    return f"1.4 w {left:.2f} {low:.2f} m {right:.2f} {high:.2f} l {left:.2f} {high:.2f} m {right:.2f} {low:.2f} l S".encode()


def _incremental(template: FormTemplate, placed: Iterable[Placed], values: Iterable[FieldValue]) -> bytes:
    """The editable blank and one more section: changed field dictionaries, and an appearance stream for each text."""
    section = _Section(template.editable)
    for entry in placed:
        stream = section.add(_appearance(entry, template.fonts))
        section.replace(template.slots[entry.value.field.name], _text_entries(entry.value.text, stream))
    for value in values:
        if value.ticked is not None:
            state = value.field.on_state if value.ticked and value.field.on_state else "/Off"
            section.replace(template.slots[value.field.name], _state_entries(state))
    return template.editable + section.finish()


def _trailer(base: bytes) -> tuple[int, bytes, int]:
    """Size, root reference and cross-reference offset of a PDF that we saved ourselves, with a classic trailer."""
    tail = base[base.rindex(b"trailer") :]
    size = int(tail.split(b"/Size", 1)[1].split(b"/", 1)[0].split(b">", 1)[0])
    root = tail.split(b"/Root", 1)[1].split(b"R", 1)[0].strip()
    return size, root + b" R", int(tail.rsplit(b"startxref", 1)[1].split()[0])


def _appearance(entry: Placed, fonts: Mapping[str, int]) -> bytes:
    box = entry.value.field
    drawn = b"/Tx BMC\nq 0 g\n" + _text_marks(entry.fitted, 0, 0) + b"\nQ\nEMC"
    resources = f" /Resources << /Font << {entry.fitted.font} {fonts[entry.fitted.font]} 0 R >> >> /Length {len(drawn)} >>".encode()
    return _form_entries(box.width, box.height) + resources + b"\nstream\n" + drawn + b"\nendstream"


@cache
def _form_entries(width: float, height: float) -> bytes:
    """The dictionary of an appearance stream for a box of this size, unclosed."""
    corner = (FloatObject(round(width, 2)), FloatObject(round(height, 2)))
    entries = {
        NameObject("/Type"): NameObject("/XObject"),
        NameObject("/Subtype"): NameObject("/Form"),
        NameObject("/BBox"): ArrayObject([NumberObject(0), NumberObject(0), *corner]),
    }
    return b"<<" + _written(DictionaryObject(entries)).removesuffix(b">>")


def _written(entries: DictionaryObject) -> bytes:
    out = io.BytesIO()
    entries.write_to_stream(out)
    return out.getvalue().removeprefix(b"<<")


def _text_entries(text: str, stream: int) -> bytes:
    value = DictionaryObject({NameObject("/V"): TextStringObject(text)})
    return b" /AP << /N %d 0 R >>" % stream + _written(value)


@cache
def _state_entries(state: str) -> bytes:
    return _written(DictionaryObject({NameObject("/V"): NameObject(state), NameObject("/AS"): NameObject(state)}))


class _Section:
    """An incremental section in the making, to stand after a PDF that we saved ourselves."""

    def __init__(self, base: bytes) -> None:
        self._offset = len(base)
        self._size, self._root, self._previous = _trailer(base)
        self._parts = [b"\n"]
        self._length = 1
        self._entries: dict[int, int] = {}

    def _put(self, number: int, body: bytes) -> None:
        self._entries[number] = self._offset + self._length
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        self._parts.append(part)
        self._length += len(part)

    def add(self, body: bytes) -> int:
        """Write a new object and return its number."""
        number = self._size
        self._size += 1
        self._put(number, body)
        return number

    def replace(self, slot: Slot, entries: bytes) -> None:
        """Write a field's dictionary again with other entries at its end."""
        self._put(slot.number, slot.head + entries)

    def finish(self) -> bytes:
        """The section's bytes, with its cross-reference table and trailer."""
        table = [b"xref\n"]
        for number in sorted(self._entries):
            table.append(b"%d 1\n%010d 00000 n \n" % (number, self._entries[number]))
        body = b"".join(self._parts)
        identity = hashlib.md5(body, usedforsecurity=False).hexdigest().encode()
        trailer = b"trailer\n<< /Size %d /Root %s /Prev %d /ID [<%s> <%s>] >>\n" % (
            self._size,
            self._root,
            self._previous,
            identity,
            identity,
        )
        return body + b"".join(table) + trailer + b"startxref\n%d\n%%%%EOF\n" % (self._offset + self._length)
