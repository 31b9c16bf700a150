"""What in a form PDF would mislead a careless filler: found in any form, and printed by `packet forms inspect`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from pipeline.forms.inventory import Field


class Trap(Struct, frozen=True):
    """One kind of trap and the fields that it lies in."""

    name: str
    says: str
    fields: tuple[str, ...]


def traps(fields: Sequence[Field]) -> tuple[Trap, ...]:
    """Every trap in a form's fields, each kind once."""
    found = ((name, says, tuple(find(fields))) for name, says, find in _KINDS)
    return tuple(Trap(name, says, names) for name, says, names in found if names)


def _leaf(field: Field) -> str:
    return field.name.rpartition(".")[2]


def _repeated(fields: Sequence[Field]) -> Iterator[str]:
    count = Counter(_leaf(f) for f in fields)
    return (f.name for f in fields if count[_leaf(f)] > 1)


def _spaced(fields: Sequence[Field]) -> Iterator[str]:
    return (f.name for f in fields if f.on_state and " " in f.on_state)


def _groups(fields: Sequence[Field]) -> dict[str, list[Field]]:
    groups: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        if field.type == "checkbox":
            groups[re.sub(r"\[\d+\]$", "", field.name)].append(field)
    return groups


def _reversed(fields: Sequence[Field]) -> Iterator[str]:
    for group in _groups(fields).values():
        states = [f.on_state for f in group]
        if states[:1] == ["/N"] and "/Y" in states:
            yield group[0].name


def _same_state(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        leaf = _leaf(field)
        if field.type == "checkbox" and re.search(r"_No\[|Not\[", leaf) and field.on_state == "/Y":
            yield field.name


def _hidden_limits(fields: Sequence[Field]) -> Iterator[str]:
    """Boxes whose limit is more than fits at ten points in a font six points wide."""
    return (f.name for f in fields if f.max_len and not f.comb and not f.multiline and f.max_len * 6.0 > f.width)


def _misnamed(fields: Sequence[Field]) -> Iterator[str]:
    words = (("email", ("phone",)), ("telephone", ("email",)), ("interpreter", ("preparer",)), ("expires", ("accreditation",)))
    for field in fields:
        leaf, label = _leaf(field).lower(), field.label.lower()
        if any(word in leaf and word not in label and any(other in label for other in others) for word, others in words):
            yield field.name


_KINDS: Sequence[tuple[str, str, Callable[[Sequence[Field]], Iterator[str]]]] = (
    ("repeated-name", "the last part of the name is used more than once: only full names are safe", _repeated),
    ("state-with-spaces", "the checkbox's on state has spaces in it", _spaced),
    ("no-before-yes", "the first box of the pair is No", _reversed),
    ("no-says-yes", "a No box whose on state is /Y", _same_state),
    ("limit-over-width", "the limit allows more characters than the box shows", _hidden_limits),
    ("misleading-name", "the field's name says something else than its label", _misnamed),
    ("rich-text", "a rich text field: a reader may look for a rich value", lambda fields: (f.name for f in fields if f.rich)),
    ("preset", "the blank holds a value already", lambda fields: (f.name for f in fields if f.value and f.type != "barcode")),
)
