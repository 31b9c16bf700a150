"""The small cases of `tests/resources/cases`: whole ones under `base`, and patches of them under `bad`."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.case.model import Case
from pipeline.law.load import load_facts
from pipeline.rules.check import check

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "cases"
FILED = date(2026, 11, 24)
BASES = tuple(sorted(path.stem for path in (FOLDER / "base").glob("*.json")))
FACTS = load_facts()


@dataclass(frozen=True)
class Wrong:
    """A wrong case: the base it starts from, the rule or schema place its file name names, and the day it is judged on."""

    name: str
    base: str
    as_of: date
    case: Case

    @property
    def names(self) -> str:
        """The rule, or for `schema--...` the pointer of the place."""
        head, _, rest = self.name.partition("--")
        return "/" + rest.replace(".", "/") if head == "schema" else head


@cache
def base(name: str) -> Case:
    """A whole case without open errors."""
    return Case(Path("case.json"), json.loads((FOLDER / "base" / f"{name}.json").read_text(encoding="utf-8")))


@cache
def rules_of_base(name: str) -> tuple[str, ...]:
    """The rules that a base breaks, each as often as it does."""
    return tuple(finding.rule for finding in check(base(name), FILED, FACTS))


def wrong(path: Path) -> Wrong:
    """A wrong case from its file: a base and a JSON Patch (RFC 6902: add, remove)."""
    content = json.loads(path.read_text(encoding="utf-8"))
    data = patched(base(content["base"]).data, content["patch"])
    as_of = date.fromisoformat(content.get("as_of", FILED.isoformat()))
    return Wrong(path.stem, content["base"], as_of, Case(Path("case.json"), data))


def wrong_files(*, schema: bool) -> list[Path]:
    """The files of wrong cases: those that name a place of the schema, or those that name a rule."""
    return [path for path in sorted((FOLDER / "bad").glob("*.json")) if path.stem.startswith("schema--") is schema]


def patched(document: Mapping[str, Any], patch: Sequence[Mapping[str, Any]]) -> Any:
    """A copy of a JSON document with a patch applied; `add` takes the place of what stood there."""
    data: Any = copy.deepcopy(dict(document))
    for step in patch:
        *way, last = step["path"].split("/")[1:]
        target = data
        for token in way:
            target = target[int(token)] if isinstance(target, list) else target[token]
        key: Any = (len(target) if last == "-" else int(last)) if isinstance(target, list) else last
        if step["op"] == "remove":
            del target[key]
        elif isinstance(target, list):
            target[key : key + 1] = [step["value"]]
        else:
            target[key] = step["value"]
    return data
