"""Coverage: every field of an inventory is mapped once or blank for a stated reason, and every path of a map is in the case schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from pipeline.findings import Finding, Level
from pipeline.forms.fieldmap import FieldMap


class Coverage(Struct, frozen=True):
    """How much of one form its map accounts for."""

    form: str
    edition: str
    fields: int
    mapped: int
    """Fields that a value, a tick or the addendum may go into."""
    signatures: int
    blank: int
    """Fields left empty for a stated reason."""
    findings: tuple[Finding, ...]

    @property
    def accounted(self) -> int:
        return self.mapped + self.signatures + self.blank


def cover(form_map: FieldMap) -> Coverage:
    """Count the fields of a form by what its map says of them; a field named twice or not at all is a finding."""
    inventory = form_map.edition.inventory
    mapped = list(_mapped(form_map))
    signed = [box.field.name for box in form_map.signatures]
    named = Counter((*mapped, *signed, *form_map.blank))
    where = f"{inventory.form} {inventory.edition} map.yaml"
    findings = [
        Finding("map-unlisted", Level.ERROR, where, f"{name} is neither mapped nor listed as blank", "Map it, or list it with the reason.")
        for name in inventory.by_name
        if name not in named
    ]
    findings += [
        Finding("map-twice", Level.ERROR, where, f"{name} is named {count} times", "Keep one of the entries.")
        for name, count in named.items()
        if count > 1
    ]
    known = set(inventory.by_name)
    return Coverage(
        inventory.form,
        inventory.edition,
        len(inventory.fields),
        len(set(mapped) & known),
        len(set(signed) & known),
        len(set(form_map.blank) & known),
        tuple(findings),
    )


def _mapped(form_map: FieldMap) -> Iterator[str]:
    for target in form_map.targets:
        yield from (box.name for box in target.boxes.values())
    for entry in form_map.addendum:
        yield from (box.name for box in (entry.page, entry.part, entry.item, entry.text))
