"""Where text goes that its box cannot hold: the form's Additional Information part, then continuation pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from pipeline.errors import FormValueError
from pipeline.findings import Finding, Level
from pipeline.forms.fieldmap import AddendumBoxes, FieldMap
from pipeline.forms.fit import Fitted, fit, split_to_fit
from pipeline.forms.inventory import Field
from pipeline.forms.values import FieldValue, Subject, Values
from pipeline.sealed import Sealed

_ROW = re.compile(r" row (\d+): (.*)")
"""What a label says of the one box of a list: `Dependent row 9: receipt number` is about dependents."""
_ASIDE = re.compile(r" \(.*\)$")
"""What a label says of its field's name."""
_ELSEWHERE = "See the continuation pages that follow this form"


class Placed(Sealed, frozen=True):
    """A value and where its characters go in its box."""

    value: FieldValue
    fitted: Fitted


class Continuation(Sealed, frozen=True):
    """Text for a typeset page after the form, under the page, part and item that it belongs to."""

    page: int
    part: str
    item: str
    label: str
    text: str
    pointer: str


class Placement(Sealed, frozen=True):
    """Everything of one form: boxes with text, checkboxes, and what goes on continuation pages."""

    placed: tuple[Placed, ...]
    boxes: tuple[FieldValue, ...]
    continuations: tuple[Continuation, ...]
    findings: tuple[Finding, ...] = ()
    """Warnings of boxes of an optional form that are left empty."""


def place(form_map: FieldMap, values: Values, subject: Subject) -> Placement:
    """Fit every value into its box and move the rest, whole, to the addendum.

    Raises FormValueError for a value that does not fit its box on a form without an Additional Information part, or whose
    box cannot even hold the reference; an optional form's box is left empty instead, with a warning.
    """
    placed: list[Placed] = []
    moved: list[FieldValue] = []
    wrong: list[Finding] = []
    empty: list[Finding] = []
    for value in values.fields:
        if not value.text:
            continue
        written, fitted = value, _fit_in(value)
        if fitted is None and form_map.addendum:
            moved.append(value)
            written, fitted = _reference(value, form_map.addendum_part or "")
        if fitted is not None:
            placed.append(Placed(written, fitted))
        elif form_map.optional:
            empty.append(_left_empty(value, subject, form_map.form))
        else:
            wrong.append(_too_long(value, subject))
    notes = _notes(moved, values.extra)
    if notes and not form_map.addendum:
        wrong.extend(_too_long(value, subject) for value in values.extra)
    if wrong:
        raise FormValueError(wrong)
    entries, continuations = _fill_part(form_map, sorted(notes, key=lambda n: (n.page, _item_key(form_map, n))))
    ticks = tuple(value for value in values.fields if value.ticked is not None)
    return Placement((*placed, *entries), ticks, continuations, tuple(empty))


def _reference(value: FieldValue, part: str) -> tuple[FieldValue, Fitted | None]:
    """The longest reference to the part that the box holds: a phone's ten characters are too few for `See Part 13`."""
    found = (replace(value, text=text) for text in (f"See Part {part}", f"Part {part}", f"Pt. {part}"))
    return next(((written, fitted) for written in found if (fitted := _fit_in(written))), (value, None))


def _fit_in(value: FieldValue) -> Fitted | None:
    limit = value.field.max_len
    return None if limit is not None and len(value.text) > limit else fit(value.text, value.field)


def _too_long(value: FieldValue, subject: Subject) -> Finding:
    message = f"{value.field.place} has no room for this text, even in 8 point type"
    return Finding("form-no-room", Level.ERROR, subject.case.where(value.pointer), message, "Shorten or abbreviate it.")


def _left_empty(value: FieldValue, subject: Subject, form: str) -> Finding:
    message = f"{value.field.place} on Form {form} has no room for this text and is left empty; the form is optional"
    remedy = f"Write it by hand, or take Form {form} out of the printed packet."
    return Finding("form-left-empty", Level.WARNING, subject.case.where(value.pointer), message, remedy)


def _item(value: FieldValue) -> str:
    """The item that a note is about: the box's own, where an entry of the map stands for several items."""
    return (value.field.item if "-" in value.item else None) or value.item


def _notes(moved: Iterable[FieldValue], extra: Iterable[FieldValue]) -> list[Continuation]:
    """One note for each part and item: the texts of several boxes or rows of one item stand below each other, each with its name."""
    grouped: dict[tuple[str, str], tuple[list[FieldValue], list[FieldValue]]] = {}
    for place_in_group, values in enumerate((moved, extra)):
        for value in values:
            grouped.setdefault((value.part, _item(value)), ([], []))[place_in_group].append(value)
    return [_note(part, item, *group) for (part, item), group in grouped.items()]


def _note(part: str, item: str, moved: Sequence[FieldValue], extra: Sequence[FieldValue]) -> Continuation:
    first = (*moved, *extra)[0]
    rows: dict[int, list[str]] = {}
    lines = []
    for value in moved:
        label = _ASIDE.sub("", value.field.label)
        if row := _ROW.search(label):
            rows.setdefault(int(row[1]), []).append(f"{row[2]} {value.text}")
        else:
            lines.append(f"{label}: {value.text}" if len(moved) + len(extra) > 1 else value.text)
    lines += [f"Row {number}: {'; '.join(texts)}" for number, texts in rows.items()]
    lines += [f"Row {value.row}: {value.text}" if rows and value.row else value.text for value in extra]
    return Continuation(first.field.page, part, item, _ROW.sub("s", _ASIDE.sub("", first.field.label)), "\n".join(lines), first.pointer)


def _item_key(form_map: FieldMap, note: Continuation) -> int:
    places = ({(target.part, target.item), (target.part, target.field.item)} for target in form_map.targets)
    return next((number for number, place in enumerate(places) if (note.part, note.item) in place), len(form_map.targets))


def _fill_part(form_map: FieldMap, notes: Sequence[Continuation]) -> tuple[list[Placed], tuple[Continuation, ...]]:
    """Write the notes into the part's entries in order; a note that the free entries cannot hold goes whole to continuation pages.

    Every note is named in the part: when there are more notes than entries, the last entry names all that have none.
    """
    free = list(form_map.addendum)
    late = notes[len(free) - 1 :] if len(notes) > len(free) else ()
    written: list[Placed] = []
    continued: list[Continuation] = []
    early = notes[: len(notes) - len(late)]
    for number, note in enumerate(early):
        waiting = len(early) - number - 1 + bool(late)
        pieces = _pieces(note.text, free[: len(free) - waiting])
        if pieces is None:
            continued.append(note)
            pieces = [f"{_ELSEWHERE}."]
        for piece in pieces:
            written.extend(_entry(form_map, free.pop(0), note, piece))
    if late:
        written.extend(_entry(form_map, free[0], late[0], _places(late, free[0])))
    return written, (*continued, *late)


def _places(notes: Sequence[Continuation], boxes: AddendumBoxes) -> str:
    """The reference to several notes on continuation pages, with their places if the entry has room for them."""
    listed = "; ".join(f"Page {note.page} Part {note.part} Item {note.item}" for note in notes)
    text = f"{_ELSEWHERE}: {listed}."
    return text if fit(text, boxes.text) else f"{_ELSEWHERE}."


def _pieces(text: str, entries: Sequence[AddendumBoxes]) -> list[str] | None:
    pieces, rest = [], text
    for entry in entries:
        piece, rest = split_to_fit(rest, entry.text)
        if not piece:
            return None
        pieces.append(piece)
        if not rest:
            return pieces
    return None


def _entry(form_map: FieldMap, boxes: AddendumBoxes, note: Continuation, text: str) -> list[Placed]:
    cells: list[tuple[Field, str]] = [(boxes.page, str(note.page)), (boxes.part, note.part), (boxes.item, note.item), (boxes.text, text)]
    placed = []
    for box, content in cells:
        shown = content[: box.max_len]
        fitted = fit(shown, box)
        if fitted is None:
            where = f"Form {form_map.form} Part {form_map.addendum_part}"
            raise FormValueError.one("map-addendum", where, f"{box.label} has no room for its reference")
        value = FieldValue(box, note.pointer, shown, part=form_map.addendum_part or "", item=box.item or "")
        placed.append(Placed(value, fitted))
    return placed
