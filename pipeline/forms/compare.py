"""What changed between two inventories of one form: the difference that decides whether a file may be filled."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from pipeline.forms.inventory import Field

_MOVED = 2.0
"""Points that a box may move and still be the same box (re-printings move some by 0.11)."""
_FACTS = ("type", "page", "comb", "multiline", "on_state", "options", "read_only")


class Change(Struct, frozen=True):
    """One difference: a field added, removed, renamed, or one fact of it changed."""

    field: str
    kind: str
    """added, removed, renamed, or the name of the fact that changed."""
    old: object = None
    new: object = None

    def __str__(self) -> str:
        if self.kind in ("added", "removed"):
            return f"{self.field}: {self.kind}"
        return f"{self.field}: {self.kind} {self.old!r} -> {self.new!r}"


def compare(old: Sequence[Field], new: Sequence[Field]) -> tuple[Change, ...]:
    """Every difference between two sets of fields, barcodes left out.

    A higher or absent length limit is no difference: it refuses nothing that the old one took.
    """
    was = {f.name: f for f in old if f.type != "barcode"}
    now = {f.name: f for f in new if f.type != "barcode"}
    renamed = _renamed([was[n] for n in was if n not in now], [now[n] for n in now if n not in was])
    changes: list[Change] = []
    for name, field in was.items():
        match = now.get(name) or renamed.get(name)
        if match is None:
            changes.append(Change(name, "removed"))
            continue
        if match.name != name:
            changes.append(Change(name, "renamed", name, match.name))
        changes.extend(_facts_changed(field, match))
    taken = {f.name for f in renamed.values()}
    changes.extend(Change(name, "added") for name in now if name not in was and name not in taken)
    return tuple(changes)


def _facts_changed(old: Field, new: Field) -> list[Change]:
    pairs = ((fact, getattr(old, fact), getattr(new, fact)) for fact in _FACTS)
    changes = [Change(old.name, fact, was, now) for fact, was, now in pairs if was != now]
    if new.max_len is not None and (old.max_len is None or new.max_len < old.max_len):
        changes.append(Change(old.name, "max_len", old.max_len, new.max_len))
    if _distance(old, new) > _MOVED:
        changes.append(Change(old.name, "rect", old.rect, new.rect))
    return changes


def _distance(a: Field, b: Field) -> float:
    return max(abs(p - q) for p, q in zip(a.rect, b.rect, strict=True))


def _renamed(removed: Sequence[Field], added: Sequence[Field]) -> dict[str, Field]:
    """Likely renames: a field of the same type at the same place, or with the same leaf name and label on the same page."""
    free = list(added)
    found: dict[str, Field] = {}
    for field in removed:
        same = [f for f in free if f.type == field.type and f.page == field.page]
        match = next((f for f in same if _distance(f, field) <= _MOVED), None)
        match = match or next((f for f in same if f.label and f.label == field.label and _leaf(f) == _leaf(field)), None)
        if match is not None:
            found[field.name] = match
            free.remove(match)
    return found


def _leaf(field: Field) -> str:
    return field.name.rpartition(".")[2]
