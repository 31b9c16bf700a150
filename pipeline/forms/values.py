"""A field map applied to a case: which value goes into which field, where it comes from in the case, and what will not go in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import field

from pipeline.case.model import Case, Role
from pipeline.errors import FormValueError
from pipeline.findings import Finding, Level
from pipeline.forms.expressions import Chain
from pipeline.forms.fieldmap import FieldMap, More, Target
from pipeline.forms.fit import clean, unshowable
from pipeline.forms.inventory import Field
from pipeline.sealed import Sealed


class FieldValue(Sealed, frozen=True):
    """What one field is to hold.  For a checkbox `text` is empty and `ticked` says whether it is on."""

    field: Field
    pointer: str
    """JSON pointer of the case value it comes from; the nearest one when the expression reads several."""
    text: str = ""
    ticked: bool | None = None
    overflow: bool = False
    part: str = ""
    item: str = ""
    row: int = 0
    """Which row of its list it is, from 1; 0 for what is no row without boxes."""


class Subject(Sealed, frozen=True):
    """Whom one filled form is about: the names that its map's expressions can read."""

    case: Case
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Role name (petitioner, beneficiary, supporter, terms, representative, ...) to the person or entry."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Other names: `item`, `self_filed`, `fee`, `forms_listed`."""

    def names(self) -> dict[str, Any]:
        """Everything an expression may name."""
        data = self.case.data
        return {
            "case": data,
            "request": data.get("request", {}),
            "filing": data.get("filing", {}),
            **{name: role.data for name, role in self.roles.items()},
            **self.facts,
        }

    def pointer(self, found: Sequence[Chain]) -> str:
        """The JSON pointer of the first access path that leads to something in the case, else of the first path."""
        places = [place for chain in found for place in self._places(chain)]
        return next((p for p in places if self.case.at(p) is not None), places[0] if places else "")

    def _places(self, chain: Chain) -> list[str]:
        head, *rest = chain
        tail = "".join(f"/{token}" for token in rest)
        if head in self.roles:
            return [pointer + tail for pointer in self.roles[str(head)].pointers]
        if head == "case":
            return [tail]
        if head in ("request", "filing"):
            return [f"/{head}{tail}"]
        return ["/kind"] if head in self.facts else []


_ABBREVIATE = (
    "Abbreviate it as the Postal Service does, such as Blvd, Hwy and NW, or its short name of a long city, leave titles out, and write an "
    'apartment or suite under "unit"; mail goes by this box, so that the text cannot move to the Additional Information part.'
)


class Values(Sealed, frozen=True):
    """The values of one form: one entry for each mapped field, filled or not, in the map's order."""

    fields: tuple[FieldValue, ...]
    extra: tuple[FieldValue, ...] = ()
    """Text for the addendum alone: list rows that the form has no boxes for, of which `field` is the list's last box, and notes."""


def evaluate(form_map: FieldMap, subject: Subject) -> Values:
    """Apply a map to a case; raises FormValueError with every value that cannot be written."""
    names = subject.names()
    results = form_map.program.run(names)
    wrong: list[Finding] = []
    values: list[FieldValue] = []
    for target, result in zip(form_map.targets, results, strict=True):
        values.extend(_values(target, result, subject, wrong))
    extra = tuple(value for more in form_map.more for value in _extra(more, subject, names))
    wrong.extend(finding for value in values if value.text for finding in _check(value, subject.case, form_map.form))
    wrong.extend(finding for value in extra for finding in _characters(value, subject.case))
    if wrong:
        raise FormValueError(wrong)
    return Values(tuple(values), extra)


def _values(target: Target, result: Any, subject: Subject, wrong: list[Finding]) -> Iterator[FieldValue]:
    part, item = target.part, target.item
    pointer = subject.pointer(target.chains) if result or target.kind != "text" else ""
    if target.kind == "text":
        yield FieldValue(target.field, pointer, clean(str(result), target.field.multiline), None, target.overflow, part, item)
    elif target.kind == "tick":
        yield FieldValue(target.field, pointer, "", bool(result), part=part, item=item)
    else:
        chosen = set(result if target.kind == "many" and not isinstance(result, str) else [result] if result else [])
        if unknown := chosen - target.boxes.keys():
            message = f"{target.field.place} has no box for {'this value' if len(unknown) == 1 else 'these values'}"
            wrong.append(
                Finding("form-choice", Level.ERROR, subject.case.where(pointer), message, f"Use one of: {', '.join(target.boxes)}.")
            )
        for key, box in target.boxes.items():
            yield FieldValue(box, pointer, "", key in chosen, part=part, item=item)


def _extra(more: More, subject: Subject, names: Mapping[str, Any]) -> Iterator[FieldValue]:
    (rows,) = more.rows.run(names)
    target = more.target
    for number in range(more.skip, len(rows) if isinstance(rows, Sequence) and not isinstance(rows, str) else 0):
        (text,) = more.each.run({**names, "it": rows[number]})
        is_row = more.skip > 0
        pointer = subject.pointer([(*chain, number) if is_row else chain for chain in more.chains])
        row = number + 1 if is_row else 0
        yield FieldValue(target.field, pointer=pointer, text=clean(str(text), True), part=target.part, item=target.item, row=row)


def _check(value: FieldValue, case: Case, form: str) -> Iterator[Finding]:
    """Character class, length limit and list of options of one value; an official form cuts or refuses what breaks them."""
    where, box, name = case.where(value.pointer), value.field, value.field.place
    yield from _characters(value, case)
    if box.options and value.text not in box.options:
        yield Finding("form-option", Level.ERROR, where, f"{name} is not on the form's list", "Use the code that the form lists.")
    if box.max_len is not None and len(value.text) > box.max_len and not value.overflow:
        message = f"{name} on Form {form} holds at most {box.max_len} characters, and this has {len(value.text)}"
        yield Finding("form-too-long", Level.ERROR, where, message, _shorten(value))


def _shorten(value: FieldValue) -> str:
    """How a text comes to fit: an address has to stand in its own boxes, since mail is addressed by them."""
    if "address" in value.pointer:
        return _ABBREVIATE
    return "Shorten or abbreviate it."


def _characters(value: FieldValue, case: Case) -> Iterator[Finding]:
    if unshowable(value.text):
        message = f"{value.field.place} has a letter that the form cannot show"
        yield Finding("form-character", Level.ERROR, case.where(value.pointer), message, "Write the English spelling, in Latin letters.")
