"""Cases to start from: a skeleton for the office to fill in, and the smallest valid case of a filing kind.

Both grow from an outline: what the schema finds missing is added until nothing is missing, so that neither can fall
behind the schema.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from jsonschema.exceptions import ValidationError

from pipeline.case.model import SECTIONS
from pipeline.case.vocabulary import Node, kind_schema, node_at, root, validator

_ROUNDS = 20
"""Far more rounds than the schema has levels."""

_ABROAD = {"street": "", "city": "", "province": "", "postal_code": "", "country": ""}
_HERE = {"street": "", "city": "", "state": "", "zip": ""}
_CONTACT = {"daytime_phone": "", "email": ""}
_BORN = {"birth": {"city": ""}}
"""What Form I-134 asks of who signs it and of whom it supports, and the schema leaves open."""
_SUPPORTER = {
    "same_as": "petitioner",
    "supports": [{"beneficiary": "beneficiary-1", "relationship": ""}],
    "employment": {"kind": "employed", "occupation": "", "employer": ""},
    "annual_income": None,
    "assets": [{"type": "", "amount": None}],
    "earlier_declarations": None,
    "dependents_counting_self": None,
    "dependents": [],
    "contributions": "",
}
_REPRESENTATIVE = {
    "kind": "attorney",
    "firm": "",
    "bar_number": "",
    "address": _HERE,
    **_CONTACT,
    "notices_to_representative": True,
    "documents_to_representative": False,
}
_EXHIBIT = {"id": "passports", "title": "", "shows": "", "evidence": ["beneficiary-identity"], "file": "evidence/"}
_FROM_ABROAD = frozenset({"urgent-humanitarian", "significant-public-benefit", "program-parole"})
_FOR_ONESELF = frozenset({"advance-parole", "military-parole-in-place"})


def kinds() -> tuple[str, ...]:
    """The filing kinds that a case may be of, in the schema's order."""
    return tuple(root().properties()["kind"].first("enum"))


def meaning(kind: str) -> str:
    """What is asked for by a filing kind, in the schema's words."""
    return str(kind_schema(kind)["description"])


def skeleton(kind: str, schema: str = "../../schemas/case.json") -> str:
    """The text of a case file of a filing kind, with the schema's descriptions as comments and blanks for the office.

    `schema` is where the file says that its schema is, for editors.  A blank is an empty text or null; every schema error of
    the skeleton is at a blank.  Raises ValueError for a kind that the schema does not have.
    """
    grown = _grown({"$schema": schema, **_outline(kind)}, _blank)
    return json.dumps(_commented(root(), grown, set()), indent=2, ensure_ascii=False) + "\n"


def smallest_case(kind: str, item: str | None = None) -> dict[str, Any]:
    """The smallest schema-valid case of a filing kind, made of the schema's own examples.

    `item` is the Part 1 item; without it the first that the kind may use.  Raises ValueError for a kind, or an item of
    it, that the schema does not have.
    """
    _known(kind)
    grown = _grown({"kind": kind, "request": {"item": item} if item else {}}, _example)
    if not validator().is_valid(grown) or item not in (None, grown["request"].get("item")):
        raise ValueError(f"no case of kind {kind} has item {item}")
    return grown


def _known(kind: str) -> None:
    if kind not in kinds():
        raise ValueError(f"{kind} is no filing kind; there are {', '.join(kinds())}")


def _outline(kind: str) -> dict[str, Any]:
    """What a case of the kind usually has beyond what the schema requires."""
    _known(kind)
    supported = kind in _FROM_ABROAD
    person = {"same_as": "petitioner"} if kind in _FOR_ONESELF else {"mailing_address": _ABROAD if supported else _HERE, **_CONTACT}
    signer = {**_CONTACT, "earlier_documents": {"travel_document": [], "advance_parole": []}, "reads_english": True}
    outline: dict[str, Any] = {
        "case_id": "",
        "kind": kind,
        "prepared_on": "",
        "petitioner": {**signer, **(_BORN if supported else {})},
        "beneficiaries": [{"id": "beneficiary-1", **person, "biographic": {}, **({**_BORN, "marital_status": ""} if supported else {})}],
        **({"supporters": [_SUPPORTER]} if supported else {}),
        "representative": _REPRESENTATIVE,
        "request": {"argument": {section: [{"text": "", "exhibits": [{"exhibit": ""}]}] for section in SECTIONS}},
        "exhibits": [_EXHIBIT],
        "filing": {"mode": "paper", "carrier": "usps", "payment": "card"},
    }
    return copy.deepcopy(outline)


def _grown(case: dict[str, Any], leaf: Callable[[Node], Any]) -> dict[str, Any]:
    """The case with everything that the schema finds missing; `leaf` gives the value of a property that is no object."""
    for _ in range(_ROUNDS):
        changed = False
        for error in validator().iter_errors(case):
            changed |= _mended(case, error, leaf)
        if not changed:
            return case
    raise AssertionError("the schema asks for more in every round")


def _mended(case: dict[str, Any], error: ValidationError, leaf: Callable[[Node], Any]) -> bool:
    """Whether the case was changed so that this error is gone."""
    path = list(error.absolute_path)
    holder: Any = case
    for token in path if error.validator == "required" else path[:-1]:
        holder = holder[token]
    schema = cast(Mapping[str, Any], error.schema)
    if error.validator == "required":
        absent = [name for name in schema["required"] if name not in holder]
        for name in absent:
            holder[name] = _filled(node_at([*path, name]), leaf)
        return bool(absent)
    if error.validator == "enum" and leaf is _example:
        holder[path[-1]] = schema["enum"][0]
        return True
    return False


def _filled(node: Node | None, leaf: Callable[[Node], Any]) -> Any:
    if node is None:
        return None
    if node.first("type") == "object":
        return {}
    if node.first("type") == "array":
        entry = node.entry()
        return [_filled(entry, leaf)] if entry and node.first("minItems") else []
    return leaf(node)


def _example(node: Node) -> Any:
    words = node.first("enum")
    if words:
        return node.example if node.example in words else words[0]
    return node.first("const") or node.example


def _blank(node: Node) -> Any:
    return None if node.first("type") in {"boolean", "integer"} else ""


def _commented(node: Node | None, value: Any, said: set[str]) -> Any:
    """The value in the schema's order, with a comment before the first property of each description."""
    if isinstance(value, list):
        return [_commented(node.entry() if node else None, entry, said) for entry in value]
    if not isinstance(value, Mapping):
        return value
    known = node.properties() if node else {}
    order = {name: place for place, name in enumerate(known)}
    commented: dict[str, Any] = {}
    for name in sorted(value, key=lambda name: order.get(name, len(order))):
        description = str(known[name].first("description")) if name in known else ""
        if description and description not in said and name != "$schema":
            commented[f"$comment {name}"] = description
            said.add(description)
        commented[name] = _commented(known.get(name), value[name], said)
    return commented
