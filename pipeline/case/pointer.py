"""JSON pointers (RFC 6901), by which findings, forms and rosters name the places of a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def step(token: str | int) -> str:
    """The end of a pointer that leads from an object or list to what stands in it under a name or number."""
    return f"/{str(token).replace('~', '~0').replace('/', '~1')}"


def pointer_of(path: Sequence[str | int]) -> str:
    """The pointer to the end of a path of names and numbers."""
    return "".join(map(step, path))


def tokens_of(pointer: str) -> list[str]:
    """The names and numbers on the way of a pointer; numbers as text."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a JSON document with its pointer, in file order, the document itself first; `$comment` and the like left out."""
    yield pointer, value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not name.startswith("$"):
                yield from walk(inner, pointer + step(name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from walk(inner, f"{pointer}/{n}")
