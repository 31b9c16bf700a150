"""Reading the facts: the shipped files first, then an office's own folder.

The files are YAML, one topic a file, of the shape in `schemas/law.json`.  A fact of an office's folder with the id of a
shipped one takes its place; a fact with a new id stands beside the others, and the lookups prefer it from its
`valid_from` on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from msgspec import Struct

from pipeline.errors import EnvironmentMissingError
from pipeline.findings import Finding, Level
from pipeline.law.facts import Facts
from pipeline.law.model import TOPICS, Confidence, Fact, ProgramStatus, Serves
from pipeline.resources import shipped
from pipeline.yaml_files import NotYamlError, read_yaml

_DATA = Path(__file__).resolve().parent / "data"
_REMEDY = "Write the file as schemas/law.json describes it, or take it out of the folder."
_DATES = frozenset({"valid_from", "valid_to", "read_on", "rises_on"})


class _File(Struct, frozen=True):
    shown_as: str
    topic: str
    max_age_days: int | None
    facts: tuple[Fact, ...]


def load_facts(office: Path | None = None) -> Facts:
    """All facts that ship with the program, and over them those of an office's folder.

    Raises EnvironmentMissingError naming every file and place of the office's folder that is not a file of facts.
    """
    files = list(_shipped_files())
    if office is not None:
        files += _checked(sorted(office.glob("*.yaml")), office)
    merged: dict[str, Fact] = {}
    ages: dict[str, int] = {}
    for file in files:
        if file.max_age_days is not None:
            ages[file.topic] = file.max_age_days
        for fact in file.facts:
            merged.pop(fact.id, None)
            merged[fact.id] = fact
    return Facts(tuple(merged.values()), ages)


@cache
def _shipped_files() -> tuple[_File, ...]:
    """The shipped files, which the tests check against the schema."""
    return tuple(_file(read_yaml(path), f"law/{path.name}") for path in sorted(_DATA.glob("*.yaml")))


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((shipped("schemas") / "law.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def _checked(paths: Iterable[Path], folder: Path) -> list[_File]:
    """The files of an office's folder, or one error with everything that is wrong in them."""
    found: list[Finding] = []
    files: list[_File] = []
    if not folder.is_dir():
        found.append(_problem(str(folder), "is not a folder"))
    for path in paths:
        shown_as = f"{folder.name}/{path.name}"
        try:
            content = read_yaml(path)
        except (OSError, NotYamlError) as problem:
            at = problem.at if isinstance(problem, NotYamlError) else ""
            found.append(_problem(shown_as + at, "cannot be read as YAML in UTF-8"))
            continue
        wrong = file_findings(content, shown_as)
        found += wrong
        if not wrong:
            files.append(_file(content, shown_as))
    if found:
        raise EnvironmentMissingError(found)
    return files


def file_findings(content: object, shown_as: str) -> list[Finding]:
    """Every way in which the content of a file of facts breaks `schemas/law.json`, in the file's order."""
    errors = sorted(_validator().iter_errors(content), key=lambda error: [str(step) for step in error.absolute_path])
    return [_problem(f"{shown_as} /{'/'.join(map(str, error.absolute_path))}", error.message) for error in errors]


def _problem(where: str, message: str) -> Finding:
    return Finding("law-file", Level.ERROR, where, message, _REMEDY)


def _file(content: Mapping[str, Any], shown_as: str) -> _File:
    topic = content["topic"]
    facts = tuple(_fact(TOPICS[topic], row, shown_as) for row in content["facts"])
    return _File(shown_as, topic, content.get("max_age_days"), facts)


def _fact(kind: type[Fact], row: Mapping[str, Any], shown_as: str) -> Fact:
    known = set(kind.__struct_fields__)
    return kind(**{name: _value(name, value) for name, value in row.items() if name in known}, file=shown_as)


def _value(name: str, value: Any) -> Any:
    if name in _DATES:
        return date.fromisoformat(value)
    if name == "confidence":
        return Confidence(value)
    if name == "status":
        return ProgramStatus(value)
    if name == "serves":
        return tuple(Serves(item=entry["item"], receipts=tuple(entry.get("receipts", ()))) for entry in value)
    return tuple(value) if isinstance(value, list) else value
