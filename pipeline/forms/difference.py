"""How two editions of a form differ, and which mapped values each change hits."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from pipeline.forms.compare import Change, compare
from pipeline.forms.editions import editions
from pipeline.forms.fieldmap import FieldMap, load_map
from pipeline.forms.inventory import edition_date
from pipeline.forms.reader import FormFile


class Hit(Struct, frozen=True):
    """A change and the part and item whose value it would misplace; empty when nothing is mapped there."""

    change: Change
    hits: str

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {**asdict(self.change), "hits": self.hits}


def difference(old: FormFile, new: FormFile) -> tuple[Hit, ...]:
    """Every change from one form PDF to another; what a change hits is known when we have a map of either edition, the old one first."""
    changes = compare(old.fields, new.fields)
    form_map = _map_of(old) or _map_of(new)
    mapped = _mapped(form_map) if form_map else {}
    renamed = {change.field: str(change.new) for change in changes if change.kind == "renamed"}
    return tuple(Hit(change, mapped.get(change.field) or mapped.get(renamed.get(change.field, ""), "")) for change in changes)


def _map_of(read: FormFile) -> FieldMap | None:
    if not read.form or not read.edition:
        return None
    date = edition_date(read.edition)
    known = next((e for e in editions() if e.form == read.form and e.date == date and e.map_path.is_file()), None)
    return load_map(known) if known else None


def _mapped(form_map: FieldMap) -> dict[str, str]:
    places = {}
    for target in form_map.targets:
        for box in target.boxes.values():
            places[box.name] = f"Part {target.part} Item {target.item}" if target.part else box.label
    for entry in form_map.addendum:
        places |= {box.name: f"Part {form_map.addendum_part}" for box in (entry.page, entry.part, entry.item, entry.text)}
    return places | {box.field.name: f"signature, Part {box.part} Item {box.item}" for box in form_map.signatures}
