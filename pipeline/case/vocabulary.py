"""The case schema as a vocabulary: which properties stand where, and how the schema describes them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urldefrag, urljoin

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from msgspec import Struct
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from pipeline.resources import shipped
from pipeline.storage import Shelf, made_by
from pipeline.strict_schema import StrictValidator

BASE = "https://parole-packet.invalid/schemas/"
"""Stands for the `schemas` folder inside the program; nothing is ever fetched from it."""

ROOT = BASE + "case.json"

Schema = Mapping[str, Any]

_TELLING = frozenset({"title", "description", "examples"})
"""Keywords that ask for nothing."""


class Node(Struct, frozen=True):
    """A schema and the address of its file, which its references start from."""

    schema: Schema
    address: str

    def targets(self) -> Iterator[Node]:
        """This schema and those that its references lead to, nearest first; conditional parts stay out."""
        yield self
        if "$ref" in self.schema:
            reference = urljoin(self.address, self.schema["$ref"])
            yield from Node(registry().resolver().lookup(reference).contents, urldefrag(reference).url).targets()

    def properties(self) -> dict[str, Node]:
        """The properties that an object may have here, its own before those of its references."""
        named: dict[str, Node] = {}
        for node in self.targets():
            for name, schema in node.schema.get("properties", {}).items():
                named.setdefault(name, Node(schema, node.address))
        return named

    def entry(self) -> Node | None:
        """The schema of a list's entries; None when this is no list."""
        for node in self.targets():
            if "items" in node.schema:
                return Node(node.schema["items"], node.address)
        return None

    def first(self, keyword: str) -> Any:
        """The nearest value of a keyword along the references, or None."""
        return next((node.schema[keyword] for node in self.targets() if keyword in node.schema), None)

    @property
    def noun(self) -> str:
        """What a value here is called, such as `date` or `list`: the title of what is referred to, else its type."""
        _, *referred = self.targets()
        titles = (str(node.schema["title"]) for node in referred if "title" in node.schema)
        return next(titles, {"array": "list", "integer": "whole number", "object": "object"}.get(str(self.first("type")), "text"))

    @property
    def example(self) -> Any:
        """The schema's first example of a value, or None."""
        examples = self.first("examples")
        return examples[0] if examples else None


@cache
def registry() -> Registry[Schema]:
    """The schema files that ship with the program, by address."""
    folder = shipped("schemas")
    return Registry().with_resources([(BASE + path.relative_to(folder).as_posix(), _resource(path)) for path in _files()]).crawl()


def _files() -> Sequence[Path]:
    folder = shipped("schemas")
    return [folder / "case.json", *sorted((folder / "parts").glob("*.json"))]


def _resource(path: Path) -> Resource[Schema]:
    """A schema file without its `$schema`, at which jsonschema would go back to its own notion of a whole number.

    Its references are made absolute, so that they can be looked up from anywhere.
    """
    address = BASE + path.relative_to(shipped("schemas")).as_posix()

    def absolute(part: dict[str, Any]) -> dict[str, Any]:
        return part | {"$ref": urljoin(address, part["$ref"])} if isinstance(part.get("$ref"), str) else part

    contents = json.loads(path.read_text(encoding="utf-8"), object_hook=absolute)
    del contents["$schema"]
    return DRAFT202012.create_resource(contents)


@cache
def _in_one_piece() -> Schema:
    """The schema of a whole case without references, from the user's cache or made from the files."""
    shelf = Shelf("schemas", made_by([Path(__file__)], "referencing"))
    sources = [path.read_bytes() for path in _files()]
    if kept := shelf.find(*sources):
        found: Schema = pickle.loads(kept)
        return found
    made: Schema = _referred(ROOT)
    shelf.keep(pickle.dumps(made), *sources)
    return made


@cache
def _referred(reference: str) -> Any:
    return _without_references(registry().resolver().lookup(reference).contents)


def _without_references(schema: Any) -> Any:
    """A schema that says the same with what its references lead to in their place: following one takes longer than checking a value."""
    if isinstance(schema, list):
        return [_without_references(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: _without_references(part) for key, part in schema.items() if key != "$ref"}
    if not isinstance(schema.get("$ref"), str):
        return own
    referred = _referred(schema["$ref"])
    return referred if own.keys() <= _TELLING else own | {"allOf": [*own.get("allOf", ()), referred]}


@cache
def root() -> Node:
    """The schema of a whole case."""
    return Node(registry().contents(ROOT), ROOT)


def node_at(tokens: Sequence[str | int]) -> Node | None:
    """The schema of the value at a path of property names and list indexes; None where the schema knows nothing."""
    node: Node | None = root()
    for token in tokens:
        if node is None:
            return None
        node = node.entry() if isinstance(token, int) else node.properties().get(token)
    return node


def kind_schema(kind: str) -> Schema:
    """What the schema says of a filing kind beyond the others: its `description`, and what it asks for as `properties`."""
    found: Schema = registry().contents(f"{BASE}parts/kinds.json")["$defs"][kind]
    return found


@cache
def validator() -> Validator:
    """The validator of whole cases, with formats checked; built once."""
    return cast(Validator, StrictValidator(_in_one_piece(), format_checker=Draft202012Validator.FORMAT_CHECKER))
