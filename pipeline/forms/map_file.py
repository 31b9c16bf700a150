"""The file of a field map: read, and held against `schemas/map.json` before anything is made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pipeline.errors import TemplateError
from pipeline.findings import Finding, Level
from pipeline.forms.editions import Edition
from pipeline.resources import shipped
from pipeline.yaml_files import NotYamlError, read_yaml

_REMEDY = "Compare the map with docs/forms.md."
_TYPES = {
    "string": "text, in quotes",
    "object": "keys with values",
    "array": "a list",
    "integer": "a whole number",
    "boolean": "true or false",
}


def map_bytes(path: Path) -> bytes:
    """The file as it is; raises TemplateError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise TemplateError.one("map-missing", str(path), "the form edition has no such file", "See docs/forms.md.") from error


def map_data(path: Path) -> Any:
    """What the YAML of a file says; raises TemplateError with line and column when it is no YAML."""
    try:
        return read_yaml(path)
    except NotYamlError as error:
        raise TemplateError.one("map-syntax", path.name + error.at, f"not YAML: {error}", "Quote the value.") from error


def read_map(edition: Edition) -> Mapping[str, Any]:
    """The map of an edition, of the shape that the schema describes; raises TemplateError with everything that is not."""
    data = map_data(edition.map_path)
    if found := list(_findings(edition, data)):
        raise TemplateError(found)
    checked: Mapping[str, Any] = data
    return checked


def entry_place(edition: Edition, number: int, entry: Mapping[str, Any]) -> str:
    """How messages name an entry, the first of which is number 1."""
    return f"{edition.form} map.yaml, entry {number} (part {entry.get('part')}, item {entry.get('item')})"


def _findings(edition: Edition, data: Any) -> Iterator[Finding]:
    errors = sorted(_validator().iter_errors(data), key=lambda error: [str(step).zfill(6) for step in error.absolute_path])
    for error in errors:
        yield Finding("map-key", Level.ERROR, _place(edition, data, list(error.absolute_path)), _said(error), _REMEDY)
    if not errors and (said := (data["form"], data["edition"])) != (inventory := (edition.form, edition.inventory.edition)):
        message = f"the map says {' '.join(said)}, and the inventory beside it is of {' '.join(inventory)}"
        yield Finding("map-edition", Level.ERROR, f"{edition.form} map.yaml", message, "Correct `form` and `edition`, or move the map.")


def _place(edition: Edition, data: Any, path: Sequence[str | int]) -> str:
    match path:
        case ["items", int(number), *inner]:
            entry = data["items"][number]
            place = entry_place(edition, number + 1, entry if isinstance(entry, Mapping) else {})
        case inner:
            place = f"{edition.form} map.yaml"
    return ", ".join((place, *(f"{step + 1}" if isinstance(step, int) else step for step in inner)))


def _said(error: ValidationError) -> str:
    """What is wrong, in words; a map holds no personal data, so that a value may be named."""
    limit: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "required":
            return "; ".join(f"{key} is missing" for key in limit if key not in given)
        case "anyOf":
            return f"{' or '.join(each['required'][0] for each in limit)} is missing"
        case "additionalProperties":
            schema: Any = error.schema
            return "; ".join(_unknown(key, list(schema["properties"])) for key in given if key not in schema["properties"])
        case "enum":
            return f"{given!r} is none of {', '.join(limit)}"
        case "type":
            return f"{_TYPES[limit if isinstance(limit, str) else limit[0]]} is expected here"
        case _:
            return "there is nothing here"


def _unknown(key: str, known: Sequence[str]) -> str:
    near = get_close_matches(str(key), known, n=1)
    return f"there is no key {key}" + (f"; did you mean {near[0]}?" if near else "")


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((shipped("schemas") / "map.json").read_text(encoding="utf-8")))
