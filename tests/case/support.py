"""Cases to break: the sample as data, its places, and what the schema says of a changed copy."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.case.model import Case
from pipeline.case.schema import schema_findings
from pipeline.findings import Finding

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "urgent-humanitarian" / "case.json"

Pointer = tuple[str | int, ...]


@cache
def _sample() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return data


def sample() -> dict[str, Any]:
    """A fresh copy of the urgent-humanitarian sample's data."""
    return copy.deepcopy(dict(_sample()))


def findings(data: object) -> list[Finding]:
    """The schema findings of data that stand in no file, so that `where` is `case.json` and the pointer."""
    return schema_findings(Case(Path("case.json"), data))  # type: ignore[arg-type]  # data of any JSON type


def found(data: object) -> list[tuple[str, str]]:
    """Where and message of every schema finding."""
    return [(one.where.removeprefix("case.json").strip(), one.message) for one in findings(data)]


def places(value: object, at: Pointer = ()) -> Iterator[Pointer]:
    """The path of every value below the top, in file order."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for token, child in inner:
        yield (*at, token)
        yield from places(child, (*at, token))


def at(data: Any, path: Pointer) -> Any:
    """The value at a path."""
    for token in path:
        data = data[token]
    return data


def written(path: Pointer) -> str:
    """A path as a JSON pointer; the sample has no name that needs escapes."""
    return "".join(f"/{token}" for token in path)
