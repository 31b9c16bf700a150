"""The inventory of a form edition: every field as a fact, from our data or read from a PDF."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from pipeline.sealed import Sealed

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points, origin at the page's lower left corner."""


class Field(Struct, frozen=True):
    """One leaf field of a form, which has exactly one widget."""

    name: str
    """Full name, such as `form1[0].P5[0].Part2_Line9_DateOfBirth[0]`."""
    type: str
    """text, checkbox, choice, signature or barcode."""
    page: int
    """Form page, from 1."""
    rect: Rect
    part: str | None = None
    item: str | None = None
    label: str = ""
    """Our own short label."""
    max_len: int | None = None
    comb: bool = False
    multiline: bool = False
    rich: bool = False
    font_size: float | None = None
    on_state: str | None = None
    """The checkbox's only state besides /Off, with its slash and any spaces: `/ STE `."""
    options: tuple[str, ...] = ()
    read_only: bool = False
    align: int = 0
    """0 left, 1 centred, 2 right."""
    value: str | None = None
    """A value the blank already holds (barcodes)."""
    fill: str | None = None
    """Who may write it, where that matters: office, payer, secret (never held), hand (a pen), client, attorney, copy."""

    @property
    def width(self) -> float:
        return self.rect[2] - self.rect[0]

    @property
    def height(self) -> float:
        return self.rect[3] - self.rect[1]

    @property
    def place(self) -> str:
        """`Part 2 Item 9 (Date of birth)`, for messages."""
        where = " ".join(w for w in (f"Part {self.part}" if self.part else "", f"Item {self.item}" if self.item else "") if w)
        return f"{where} ({self.label})" if where else self.label


class Inventory(Sealed, frozen=True, dict=True):
    """The fields of one form edition."""

    form: str
    """`I-131`."""
    edition: str
    """As printed: `01/20/25`."""
    title: str
    pages: int
    fields: tuple[Field, ...]
    omb_expires: str | None = None
    source_url: str = ""
    known_sha256: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def fillable(self) -> tuple[Field, ...]:
        """The fields that are not barcodes."""
        return tuple(f for f in self.fields if f.type != "barcode")


def edition_date(edition: str) -> str:
    """`01/20/25` as `2025-01-20`, which sorts and names folders."""
    month, day, year = edition.split("/")
    return f"20{year}-{month}-{day}"


def field_from_facts(facts: Mapping[str, Any]) -> Field:
    """A Field from one entry of `inventory.json`; absent facts mean no."""
    known = {k: v for k, v in facts.items() if k in Field.__struct_fields__}
    known["rect"] = tuple(known["rect"])
    known["options"] = tuple(known.get("options") or ())
    return Field(**known)


def load_inventory(path: Path) -> Inventory:
    """The inventory in an edition's folder."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Inventory(
        form=data["form"],
        edition=data["edition"],
        title=data["title"],
        pages=data["pages"],
        fields=tuple(field_from_facts(f) for f in data["fields"]),
        omb_expires=data.get("omb_expires"),
        source_url=data.get("source_url", ""),
        known_sha256=tuple(data.get("known_sha256", ())),
    )


def dump_inventory(inventory: Inventory) -> str:
    """`inventory.json` text, one field a line."""
    head = {
        "form": inventory.form,
        "edition": inventory.edition,
        "omb_expires": inventory.omb_expires,
        "title": inventory.title,
        "pages": inventory.pages,
        "source_url": inventory.source_url,
        "known_sha256": list(inventory.known_sha256),
    }
    lines = ",\n".join("  " + json.dumps(_facts(f), ensure_ascii=False) for f in inventory.fields)
    return f'{json.dumps(head, indent=1, ensure_ascii=False)[:-2]},\n "fields": [\n{lines}\n ]\n}}\n'


def _facts(f: Field) -> dict[str, Any]:
    return {k: v for k, v in asdict(f).items() if v not in (None, False, (), 0) or k == "page"}


def labels_from(old: Inventory, fields: Iterable[Field]) -> tuple[Field, ...]:
    """The same fields with the part, item and label that another edition of the form gives to fields of the same name."""
    known = old.by_name
    return tuple(
        replace(f, part=known[f.name].part, item=known[f.name].item, label=known[f.name].label) if f.name in known else f for f in fields
    )
