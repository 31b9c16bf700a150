"""A field map: which case value goes into which field of a form edition.  The language is described in `docs/forms.md`."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from msgspec import Struct
from msgspec.structs import asdict

from pipeline.errors import TemplateError
from pipeline.forms.editions import Edition, current, editions
from pipeline.forms.expressions import Chain, Program, chains, compile_all, parse, substitute
from pipeline.forms.inventory import Field
from pipeline.forms.map_file import entry_place, map_bytes, map_data, read_map
from pipeline.sealed import Sealed
from pipeline.storage import Shelf, made_by


class Target(Struct, frozen=True):
    """One expression of the map and the boxes that its value decides.

    `kind` is text (one box), tick (one box, on when true), choose (the box of the value's key) or many (the box of each
    key in a list); `boxes` maps keys to fields, with the key "" for text and tick.
    """

    kind: str
    boxes: Mapping[str, Field]
    part: str
    item: str
    chains: tuple[Chain, ...]
    overflow: bool = False

    @property
    def field(self) -> Field:
        return next(iter(self.boxes.values()))


class More(Struct, frozen=True):
    """Text for the addendum alone: the list rows beyond a form's own, or a note, which is a list of one without boxes."""

    rows: Program
    """Gives the whole list."""
    skip: int
    """Rows that have boxes."""
    each: Program
    """Gives the text of the row named `it`."""
    target: Target
    chains: tuple[Chain, ...]


class AddendumBoxes(Struct, frozen=True):
    """One entry of a form's Additional Information part."""

    page: Field
    part: Field
    item: Field
    text: Field


class SignatureBox(Struct, frozen=True):
    """A box for a pen."""

    field: Field
    who: str
    part: str
    item: str
    when: Program | None
    """Whether it is to be signed; None means always."""

    def wanted(self, names: Mapping[str, Any]) -> bool:
        """Whether somebody has to sign here, for a form that is about these names."""
        return self.when is None or bool(self.when.run(names)[0])


class FieldMap(Sealed, frozen=True):
    """A compiled map: `program` gives one value for each target."""

    edition: Edition
    per: str
    """What one filled form is for: packet, beneficiary, support (a supporter for a beneficiary) or payment."""
    order: int | None
    """Its place among the forms of the same `per`; None keeps it out of packets."""
    needs: str | None
    """A role without which the form is left out."""
    when: Program | None
    """Whether it is wanted; None means always."""
    optional: bool
    """Nobody has to file it: a box that is too small for its text is left empty."""
    addendum_part: str | None
    addendum: tuple[AddendumBoxes, ...]
    signatures: tuple[SignatureBox, ...]
    targets: tuple[Target, ...]
    more: tuple[More, ...]
    blank: Mapping[str, str]
    """Field name to the reason why it is never filled."""
    program: Program

    @property
    def form(self) -> str:
        return self.edition.form

    def wanted(self, roles: Collection[str], names: Mapping[str, Any]) -> bool:
        """Whether a packet has this form for someone with these roles and names."""
        return (self.needs is None or self.needs in roles) and (self.when is None or bool(self.when.run(names)[0]))


def maps_in_order(per: str) -> tuple[FieldMap, ...]:
    """The maps of the current editions that packets hold one form of for each such thing, in their order."""
    every = (load_map(current(form)) for form in sorted({edition.form for edition in editions()}))
    found = [(m.order, m) for m in every if m.per == per and m.order is not None]
    return tuple(m for _, m in sorted(found, key=lambda pair: (pair[0], pair[1].form)))


@cache
def load_map(edition: Edition) -> FieldMap:
    """The map of an edition, from the user's cache or compiled, once a process; raises TemplateError naming the map file and entry."""
    shared = edition.folder.parent.parent / "groups.yaml"
    sources = (map_bytes(edition.map_path), map_bytes(shared), pickle.dumps(edition.inventory.fields))
    if kept := _shelf().find(*sources):
        return FieldMap(edition=edition, **pickle.loads(kept))
    made = _Compiler(edition, read_map(edition), map_data(shared)["groups"]).compile()
    rest = asdict(made)
    del rest["edition"]  # is at hand, and belongs to other threads too
    _shelf().keep(pickle.dumps(rest), *sources)
    return made


@cache
def _shelf() -> Shelf:
    return Shelf("maps", made_by(Path(__file__).parent.glob("*.py"), "jinja2"))


_KINDS = ("rows", "use", "choose", "choose_many", "tick", "note", "text")
"""What an entry may do, each said by a key; `rows` has a `use` too."""


class _Compiler:
    """Turns a map's entries into targets and one program."""

    def __init__(self, edition: Edition, raw: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]]) -> None:
        self.edition = edition
        self.raw = raw
        self.groups = groups
        self.prefix = raw.get("prefix", "")
        self.place = edition.map_path.name
        self.expressions: list[nodes.Expr] = []
        self.targets: list[Target] = []
        self.more: list[More] = []

    def compile(self) -> FieldMap:
        for number, entry in enumerate(self.raw["items"], 1):
            self.place = entry_place(self.edition, number, entry)
            self._entry(entry, next(kind for kind in _KINDS if kind in entry))
        return FieldMap(
            edition=self.edition,
            per=self.raw["per"],
            order=self.raw.get("order"),
            needs=self.raw.get("needs"),
            when=compile_all([self._parse(self.raw["when"])]) if "when" in self.raw else None,
            optional=bool(self.raw.get("optional")),
            addendum_part=self.raw.get("addendum", {}).get("part"),
            addendum=tuple(self._addendum()),
            signatures=tuple(self._signatures()),
            targets=tuple(self.targets),
            more=tuple(self.more),
            blank={self._field(name).name: group["why"] for group in self.raw.get("blank", ()) for name in group["fields"]},
            program=compile_all(self.expressions),
        )

    def _addendum(self) -> Iterator[AddendumBoxes]:
        for entry in self.raw.get("addendum", {}).get("entries", ()):
            yield AddendumBoxes(**{name: self._field(entry[name]) for name in ("page", "part", "item", "text")})

    def _signatures(self) -> Iterator[SignatureBox]:
        for entry in self.raw.get("signatures", ()):
            when = compile_all([self._parse(entry["when"])]) if "when" in entry else None
            yield SignatureBox(self._field(entry["field"]), entry["who"], str(entry["part"]), str(entry["item"]), when)

    def _field(self, name: str) -> Field:
        try:
            return self.edition.inventory.by_name[self.prefix + name]
        except KeyError:
            raise TemplateError.one(
                "map-field", self.place, f"the inventory has no field {name}", "Copy the name from inventory.json."
            ) from None

    def _parse(self, source: Any) -> nodes.Expr:
        try:
            return parse(str(source))
        except TemplateSyntaxError as error:
            raise TemplateError.one("map-expression", self.place, f"{source}: {error.message}", "Mend the expression.") from error

    def _entry(self, entry: Mapping[str, Any], kind: str) -> None:
        if kind == "rows":
            self._rows(entry)
        elif kind == "use":
            self._group(entry, entry["fields"], self._parse(entry["of"]))
        elif kind in ("choose", "choose_many"):
            boxes = {str(key): self._field(name) for key, name in entry["boxes"].items()}
            self._target(entry, "choose" if kind == "choose" else "many", boxes, self._parse(entry[kind]))
        elif kind == "note":
            self._note(entry, self._parse(entry["note"]))
        else:
            self._target(entry, kind, {"": self._field(entry["field"])}, self._parse(entry[kind]))

    def _group(self, entry: Mapping[str, Any], boxes: Mapping[str, str], base: nodes.Expr) -> None:
        group = self.groups.get(entry["use"], {})
        for key, name in boxes.items():
            if key not in group:
                message = f"groups.yaml has no {key} in a group {entry['use']}"
                raise TemplateError.one("map-group", self.place, message, "Use a group and its keys as groups.yaml names them.")
            rule = group[key]
            kind, source = ("tick", rule["tick"]) if isinstance(rule, Mapping) else ("text", rule)
            self._target(entry, kind, {"": self._field(name)}, substitute(self._parse(source), "it", base))

    def _rows(self, entry: Mapping[str, Any]) -> None:
        rows: Sequence[Mapping[str, str]] = entry["fields"]
        for number, boxes in enumerate(rows):
            self._group(entry, boxes, nodes.Getitem(self._parse(entry["rows"]), nodes.Const(number), "load"))
        if "more" in entry:
            source, each = self._parse(entry["rows"]), self._parse(entry["more"])
            listed = self._under_condition(entry, source)
            self.more.append(More(compile_all([listed]), len(rows), compile_all([each]), self.targets[-1], chains(source)))

    def _note(self, entry: Mapping[str, Any], expression: nodes.Expr) -> None:
        """Text that no box asks for, as the one row of a list that is empty when there is no text."""
        wanted = self._under_condition(entry, expression)
        listed = nodes.CondExpr(wanted, nodes.List([wanted]), nodes.Const(""))
        about = self._new_target(entry, "text", {"": self._field(entry["field"])}, expression)
        self.more.append(More(compile_all([listed]), 0, compile_all([nodes.Name("it", "load")]), about, about.chains))

    def _target(self, entry: Mapping[str, Any], kind: str, boxes: Mapping[str, Field], expression: nodes.Expr) -> None:
        self.targets.append(self._new_target(entry, kind, boxes, expression))
        self.expressions.append(self._under_condition(entry, expression))

    def _new_target(self, entry: Mapping[str, Any], kind: str, boxes: Mapping[str, Field], expression: nodes.Expr) -> Target:
        part, item = str(entry.get("part") or ""), str(entry.get("item") or "")
        overflow = bool(entry.get("overflow") or self.raw.get("optional"))
        return Target(kind, boxes, part, item, chains(expression), overflow)

    def _under_condition(self, entry: Mapping[str, Any], expression: nodes.Expr) -> nodes.Expr:
        """The expression, empty when the entry's `when` does not hold."""
        return nodes.CondExpr(self._parse(entry["when"]), expression, nodes.Const("")) if "when" in entry else expression
