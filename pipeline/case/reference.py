"""`docs/case.md`: everything that may stand in a case file, written from the schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from pipeline.case.skeleton import kinds, meaning
from pipeline.case.vocabulary import Node, kind_schema, root

_INTRODUCTION = """\
# The case file

<!-- Generated from schemas/ by pipeline/case/reference.py: change the schema, not this page. -->

A case is one JSON file (UTF-8) with its evidence beside it. `packet init --kind KIND` writes a skeleton, and `packet validate` names
every mistake with line and column. With `"$schema"` set to the path of `schemas/case.json`, an editor such as VS Code explains and
checks the file while it is written.

- A property that is not on this page is an error. One whose name begins with `$comment` may stand in every object and is never printed.
- Dates are written `2026-11-24`, amounts are whole dollars without a comma, and pages count from 1.
- An empty text is an error: leave a property out when there is nothing to say.
- No property holds the number of a card or of a bank account. Those are written by hand on the payment form.

"Must" says whether a property has to be there: *yes*, or *depends* on the filing kind or on another property.
"""
_SHOWN_WORDS = 12
"""A longer list of words has a section of its own."""


class _Section(Struct, frozen=True):
    """An object or a long list of words that other parts of the page refer to."""

    title: str
    node: Node

    @property
    def link(self) -> str:
        return f"[{self.title}](#{self.title.lower().replace(' ', '-')})"


def reference_markdown() -> str:
    """The whole page, the same for the same schema."""
    sections = _sections()
    return "\n".join([_INTRODUCTION, _kinds(), *(_written(section) for section in sections)])


def _sections() -> list[_Section]:
    """The case and every object and long list in it, in the order of first mention."""
    found = [_Section("Case", root())]
    titles = {"Case"}
    for section in found:  # grows while it is walked
        for _, node in _properties(section):
            inner = _referred(node)
            if inner is not None and inner.title not in titles:
                titles.add(inner.title)
                found.append(inner)
    return sorted(found, key=lambda section: bool(section.node.first("enum")))


def _referred(node: Node) -> _Section | None:
    """The section that tells what a property holds, or what its list holds; None for a plain value."""
    title, node = str(node.first("title")), node.entry() or node
    if node.properties() or len(node.first("enum") or ()) > _SHOWN_WORDS:
        noun = node.noun if "$ref" in node.schema else title
        return _Section(noun[:1].upper() + noun[1:], node)
    return None


def _written(section: _Section) -> str:
    description = _description(section.node)
    words = section.node.first("enum")
    if words:
        return f"## {section.title}\n\n{description}\n\n{_code(words)}\n"
    required, depends = _required(section.node)
    rows = [_row(name, node, "yes" if name in required else "depends" if name in depends else "") for name, node in _properties(section)]
    return "\n".join(
        [f"## {section.title}\n\n{description}\n", "| Property | Must | Value | Meaning | Example |", "|---|---|---|---|---|", *rows, ""]
    )


def _properties(section: _Section) -> list[tuple[str, Node]]:
    return list(section.node.properties().items())


def _row(name: str, node: Node, must: str) -> str:
    return f"| `{name}` | {must} | {_value(node)} | {_cell(node.first('description'))} | {_example(node)} |"


def _description(node: Node) -> str:
    """What the definition says of itself, rather than the property that refers to it."""
    own, *referred = node.targets()
    return str(next((one.schema["description"] for one in [*referred, own] if "description" in one.schema), ""))


def _required(node: Node) -> tuple[set[str], set[str]]:
    """The properties of an object that must be there, and those that must be there under a condition."""
    always: set[str] = set()
    depends: set[str] = set()
    for target in node.targets():
        always.update(target.schema.get("required", ()))
        for part in target.schema.get("allOf", ()):
            depends |= _conditional(part)
    return always, depends - always | _of_kinds(node)


def _conditional(part: Any) -> set[str]:
    branches = [part[word] for word in ("then", "else") if word in part]
    return {name for branch in branches for name in [*branch.get("required", ()), *_conditional(branch)]}


def _of_kinds(node: Node) -> set[str]:
    """What some filing kind asks for in the request or of a beneficiary."""
    found: set[str] = set()
    for kind in kinds():
        request, beneficiary = _of_kind(kind)
        part = {"request": request, "beneficiary": beneficiary}.get(node.noun, {})
        found.update(part.get("required", ()))
        for condition in part.get("allOf", ()):
            found |= _conditional(condition)
    return found


def _of_kind(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a filing kind asks for beyond the others: in the request, and of each beneficiary."""
    parts = kind_schema(kind)["properties"]
    return parts["request"], parts["beneficiaries"]["items"]


def _kinds() -> str:
    head = "| `kind` | What is asked for | Part 1 items | Reasons | The request must have |"
    ended = "The name of a program that has ended is refused with the reason and the date; `packet validate --format json` adds the source."
    introduction = f"## Filing kinds\n\n{ended}\n"
    return "\n".join([introduction, head, "|---|---|---|---|---|", *(_kind_row(kind) for kind in kinds()), ""])


def _kind_row(kind: str) -> str:
    request, _ = _of_kind(kind)
    properties = request["properties"]
    items = ", ".join(properties["item"]["enum"])
    reasons = properties.get("reasons", {}).get("items", {}).get("enum", ())
    return f"| `{kind}` | {_cell(meaning(kind))} | {items} | {_code(reasons)} | {_code(request['required'])} |"


def _code(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _value(node: Node) -> str:
    """What a property holds, with a link where it is told elsewhere."""
    entry, referred = node.entry(), _referred(node)
    if entry is not None:
        return f"list of {referred.link if referred else _value(entry)}"
    if referred is not None:
        return referred.link
    words = node.first("enum")
    if words:
        return _code(words)
    constant = node.first("const")
    return f"`{constant if isinstance(constant, str) else json.dumps(constant)}`" if constant is not None else node.noun


def _example(node: Node) -> str:
    """The example of a plain value; objects and lists are told elsewhere."""
    if node.properties() or node.entry() is not None or node.first("enum") or isinstance(node.example, bool):
        return ""
    return f"`{_cell(node.example)}`"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
