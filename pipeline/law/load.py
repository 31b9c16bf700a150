"""Reading the facts: the shipped files first, then an office's own folder.

The files are YAML, one topic a file, of the shape in `schemas/law.json`.  A fact of an office's folder with the id of a
shipped one takes its place; a fact with a new id stands beside the others, and the lookups prefer it from its
`valid_from` on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from textwrap import shorten
from typing import Any, cast

from jsonschema import FormatChecker
from jsonschema.protocols import Validator
from msgspec import Struct

from pipeline.errors import EnvironmentMissingError
from pipeline.findings import Finding, Level
from pipeline.law.facts import Facts
from pipeline.law.model import TOPICS, Confidence, Fact, ProgramStatus, Serves
from pipeline.resources import shipped
from pipeline.strict_schema import StrictValidator
from pipeline.yaml_files import NotYamlError, read_yaml

_DATA = Path(__file__).resolve().parent / "data"
_REMEDY = "Write the file as schemas/law.json describes it, or take it out of the folder."
_LONGEST = 300
"""Letters of a message about a file's content, of which it may quote a value."""
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
        files += _checked(office)
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
def _validator() -> Validator:
    schema = json.loads((shipped("schemas") / "law.json").read_text(encoding="utf-8"))
    return cast(Validator, StrictValidator(schema, format_checker=FormatChecker()))


def _checked(folder: Path) -> list[_File]:
    """The files of an office's folder, or one error with everything that is wrong in them."""
    found: list[Finding] = []
    files: list[_File] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.casefold() in (".yaml", ".yml"))
    except OSError as error:
        raise EnvironmentMissingError.one("law-file", str(folder), "is not a folder that can be read", _REMEDY) from error
    for path in paths:
        shown_as = f"{folder.name}/{path.name}"
        if path.suffix != ".yaml":
            found.append(_problem(shown_as, "has not a name that ends in .yaml, so that nothing would read it"))
            continue
        try:
            content = read_yaml(path)
        except OSError as problem:
            found.append(_problem(shown_as, f"cannot be read: {problem.strerror}"))
            continue
        except NotYamlError as problem:
            found.append(_problem(shown_as + problem.at, f"cannot be read as YAML: {problem}"))
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
    errors = sorted(_validator().iter_errors(cast(Any, content)), key=lambda error: [str(step) for step in error.absolute_path])
    return [_problem(f"{shown_as} /{'/'.join(map(str, error.absolute_path))}", shorten(error.message, _LONGEST)) for error in errors]


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
