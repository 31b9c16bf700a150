"""How a schema error is said: what was expected, with an example of the schema's own, and the remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from jsonschema.exceptions import ValidationError
from msgspec import Struct

from pipeline.case.refusals import refusal
from pipeline.case.vocabulary import Node, node_at

_PLAIN = {
    "not": ("not allowed here: {why}", "Take the property out."),
    "maxLength": ("too long: {limit} characters at most", "{said}"),
    "minLength": ("empty; {expected}", "{said} Leave an optional property out altogether."),
    "minItems": ("the list is empty; at least one entry is expected", "{said}"),
    "uniqueItems": ("the list names the same entry twice", "Keep one of the two."),
    "minimum": ("expected a whole number {range}", "{said}"),
    "maximum": ("expected a whole number {range}", "{said}"),
}
_SHOWN_WORDS = 24
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A longer list of allowed words is not printed whole."""


class Wording(Struct, frozen=True):
    """The text of a finding.  `breadth` counts the words that an error allows: the narrower one tells more."""

    message: str
    remedy: str = ""
    source: str = ""
    breadth: int = 0


class Meant(Struct, frozen=True):
    """The property that an unknown name comes near to, or None, and how that is said."""

    name: str | None
    wording: Wording


def misspelled(path: Sequence[str | int], name: str, present: Collection[str]) -> Meant | None:
    """What to say of a property of the object at `path`; None when the schema knows the property."""
    node = node_at(path)
    known = node.properties() if node else {}
    if name in known:
        return None
    near = get_close_matches(name.lower(), [one for one in known if one not in present], n=1, cutoff=0.6)
    shown = json.dumps(name, ensure_ascii=False)
    if near:
        message = f'unknown property {shown}; did you mean "{near[0]}"?'
        return Meant(near[0], Wording(message, f"Rename it, or take it out. {near[0]}: {_said(known[near[0]])}"))
    return Meant(None, Wording(f"unknown property {shown}", f"Take it out, or use one of: {', '.join(known)}."))


def missing(path: Sequence[str | int]) -> Wording:
    """What to say of a required property that is not there."""
    node = node_at(path)
    return Wording(f'required property "{path[-1]}" is missing; {_expected(node)}', f"Add it: {_said(node)}")


def wrong(path: Sequence[str | int], error: ValidationError) -> Wording:
    """What to say of a value that the schema does not allow; its text never holds the value."""
    node = node_at(path)
    said = _said(node) or _said(node_at(path[:-1]))
    if error.validator in {"enum", "const"}:
        return _one_of(path, error, node, said)
    if error.validator == "pattern" and str(error.instance).strip() not in ("", error.instance):
        return Wording(f"{_expected(node)}, without a space or a line break at its ends", "Take the space or the line break out.")
    if error.validator == "pattern" and node and node.noun == "date" and _DAY.fullmatch(str(error.instance)):
        return Wording("expected a date of the years 1800 to 2199", said)
    message, remedy = _PLAIN.get(str(error.validator), ("{expected}", "{said}"))
    words = {"expected": _expected(node), "said": said, "limit": error.validator_value, "range": "", "why": ""}
    if isinstance(error.schema, Mapping):
        words |= {"range": _range(error.schema), "why": error.schema.get("description", "")}
    return Wording(message.format_map(words), remedy.format_map(words))


def unknown_person() -> Wording:
    """What to say of a `same_as` that names nobody."""
    return Wording("expected petitioner or the id of a beneficiary of this case", "Correct the id, or describe the supporter here instead.")


def _one_of(path: Sequence[str | int], error: ValidationError, node: Node | None, said: str) -> Wording:
    schema = cast(Mapping[str, Any], error.schema)
    words = [_word(word) for word in schema.get("enum", [schema.get("const")])]
    refused = refusal(path, error.instance, ", ".join(words))
    if refused is not None:
        return Wording(refused.message, refused.remedy, refused.source)
    if len(words) <= _SHOWN_WORDS:
        return Wording(f"expected {_listed(words)}", said, breadth=len(words))
    near = get_close_matches(str(error.instance), words, n=3)
    message = f"expected {_article(node.noun)}, perhaps {' or '.join(near)}" if node and near else _expected(node)
    return Wording(message, f"{said} docs/case.md lists all {len(words)}.", breadth=len(words))


def _word(word: object) -> str:
    """A word of the schema as it is written in JSON, but bare when it needs no quotes to be told from a number."""
    return word if isinstance(word, str) and word[:1].isalpha() else json.dumps(word)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"one of: {', '.join(words)}"


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"from {low} to {high}" if high is not None else f"from {low}"


def _said(node: Node | None) -> str:
    """The schema's description of a property, which is a sentence."""
    return str(node.first("description") or "") if node else ""


def _expected(node: Node | None) -> str:
    """`expected a date such as 1990-05-05`, `expected a name with family, given`, `expected one of: paper, online`."""
    if node is None:
        return "this value is not allowed here"
    words = node.first("enum")
    if words and len(words) <= _SHOWN_WORDS:
        return f"expected {_listed([_word(word) for word in words])}"
    kind, noun = node.first("type"), node.noun
    if kind == "boolean":
        return "expected true or false, without quotes"
    if kind == "object":
        return f"expected {_article(noun)} in braces, with {', '.join(node.first('required') or list(node.properties())[:4])}"
    if kind == "array":
        return "expected a list in brackets"
    return f"expected {_article(noun)} such as {node.example}"


def _article(noun: str) -> str:
    """The noun with `a` or `an`, or bare where English has none."""
    if noun == "text" or (noun.endswith("s") and not noun.endswith("ss")):
        return noun
    sounds_like_you = noun.startswith(("U.S.", "USCIS", "uni"))
    return f"{'an' if noun[:1].lower() in 'aeiou' and not sounds_like_you else 'a'} {noun}"
