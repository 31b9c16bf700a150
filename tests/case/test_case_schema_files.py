"""The schema files themselves: explained everywhere, closed everywhere, and true to their own examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.case.vocabulary import BASE, Node, node_at, registry, root, validator
from pipeline.resources import shipped

_FOLDER = shipped("schemas")
_FILES = [_FOLDER / "case.json", *sorted((_FOLDER / "parts").glob("*.json"))]
_KEYWORDS_WITH_SCHEMAS = ("properties", "patternProperties", "$defs")
_SECRETS = ("card_number", "cvv", "account_number", "routing", "iban", "pin")


def _schemas(schema: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a file, conditional ones included, with its place."""
    if not isinstance(schema, dict):
        return
    yield at, schema
    for keyword in _KEYWORDS_WITH_SCHEMAS:
        for name, inner in schema.get(keyword, {}).items():
            yield from _schemas(inner, f"{at}/{keyword}/{name}")
    for keyword in ("items", "if", "then", "else", "not"):
        yield from _schemas(schema.get(keyword), f"{at}/{keyword}")
    for keyword in ("allOf", "anyOf"):
        for number, inner in enumerate(schema.get(keyword, ())):
            yield from _schemas(inner, f"{at}/{keyword}/{number}")


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def _described() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every property that a case may have: file, place, name and schema; conditions only narrow what stands elsewhere."""
    for path in _FILES:
        for at, schema in _schemas(_read(path), path.name):
            if path.name != "kinds.json" and not any(f"/{word}" in at for word in ("allOf", "if", "then", "else")):
                for name, inner in schema.get("properties", {}).items():
                    yield path.name, at, name, inner


PROPERTIES = list(_described())


def _id(one: tuple[str, str, str, dict[str, Any]]) -> str:
    return f"{one[1]}/{one[2]}"


def test_there_are_properties_to_look_at() -> None:
    assert len(PROPERTIES) > 150


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_a_file_is_a_schema_of_draft_2020_12(path: Path) -> None:
    schema = _read(path)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("one", PROPERTIES, ids=_id)
def test_a_property_has_title_description_and_examples(one: tuple[str, str, str, dict[str, Any]]) -> None:
    schema = one[3]
    assert schema["title"].strip() == schema["title"] != ""
    assert schema["description"].endswith((".", ".gov address."))
    assert schema["examples"]


@pytest.mark.parametrize("one", PROPERTIES, ids=_id)
def test_an_example_is_of_its_property(one: tuple[str, str, str, dict[str, Any]]) -> None:
    """An example of an object may show only a part of it."""
    file, at, name, schema = one
    address = BASE + (file if file == "case.json" else f"parts/{file}")
    reference = {"$ref": f"{address}#{at.removeprefix(file)}/properties/{name}"}
    judge = validator().evolve(schema=reference, _resolver=registry().resolver())
    for example in schema["examples"]:
        assert [error.message for error in judge.iter_errors(example) if error.validator != "required"] == []


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_every_object_is_closed(path: Path) -> None:
    for at, schema in _schemas(_read(path), path.name):
        if schema.get("type") == "object" and not at.endswith("/person"):
            assert schema["additionalProperties"] is False, at
        if schema.get("$ref") == "#/$defs/person":
            assert schema["unevaluatedProperties"] is False, at


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_every_reference_is_relative_and_leads_somewhere(path: Path) -> None:
    address = BASE + path.relative_to(_FOLDER).as_posix()
    for at, schema in _schemas(_read(path), path.name):
        if "$ref" in schema:
            assert ":" not in schema["$ref"], at
            assert list(Node(schema, address).targets()), at


def test_no_property_is_named_like_a_method_of_a_dictionary() -> None:
    assert {one[2] for one in PROPERTIES} & set(dir(dict)) == set()


def test_no_property_holds_a_card_or_an_account_of_a_bank() -> None:
    names = {one[2] for one in PROPERTIES}
    assert not [name for name in names if any(secret in name for secret in _SECRETS)]


def test_nothing_is_fetched() -> None:
    assert all(address.startswith(BASE) for address in registry())


def test_no_shipped_part_is_unused() -> None:
    used = {root().address}
    waiting = [root()]
    while waiting:
        node = waiting.pop()
        for _, schema in _schemas(node.schema, ""):
            for target in Node(schema, node.address).targets():
                if target.address not in used:
                    used.add(target.address)
                    waiting.append(Node(registry().contents(target.address), target.address))
    assert used == set(registry())


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        (("petitioner", "date_of_birth"), "date"),
        (("beneficiaries", 0, "mailing_address"), "address"),
        (("exhibits", 0, "evidence", 0), "kind of evidence"),
        (("beneficiaries",), "list"),
        (("beneficiaries", 0, "biographic", "weight_pounds"), "whole number"),
        (("filing", "mode"), "text"),
    ],
)
def test_a_value_has_a_noun(path: tuple[str | int, ...], noun: str) -> None:
    node = node_at(path)
    assert node is not None
    assert node.noun == noun


@pytest.mark.parametrize("path", [("nothing",), ("petitioner", 0), ("petitioner", "name", "family", "x"), ("exhibits", "id")])
def test_the_schema_knows_nothing_of_other_places(path: tuple[str | int, ...]) -> None:
    assert node_at(path) is None
