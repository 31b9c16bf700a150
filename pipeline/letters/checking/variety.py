"""Cases made up from the schema, for trying templates on what no sample says.

Only `packet templates check` imports this module, since it needs hypothesis, which is a development tool.

A made-up case starts from the smallest case of a filing kind, takes on a random choice of what the schema allows, and is
mended until the schema accepts it.  Its texts are tame words in several scripts, so that what looks wrong in a document was
written by a template.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from jsonschema.exceptions import ValidationError

from pipeline.case.skeleton import smallest_case
from pipeline.case.vocabulary import Node, node_at, validator

MadeUp = dict[str, Any]

KindAndItem = tuple[str, str]

_WORDS = ("harbor", "Étoile", "Łódź", "Δελφοί", "Київ", "O'Hara", "No. 7", "(copy)", "A & B", "50 %", "“quoted”", "long-standing")
_COUNTRIES = ("Honduras", "Philippines", "Dominican Republic", "Congo", "United Kingdom", "Ukraine")
_LEFT_ALONE = frozenset({"$schema", "case_id", "kind", "item", "same_as", "id", "supports", "file", "files", "translation", "stage"})
"""Properties that hang together with others; they are set by hand or not at all."""
_ROUNDS = 8
_DAYS = (date(1930, 1, 1), date(2035, 12, 31))
_DEEPEST = 4


def explore(try_case: Callable[[MadeUp], None], items: Sequence[KindAndItem], count: int) -> None:
    """Call `try_case` with that many made-up cases of those filing kinds and items, the same ones each time."""
    quiet = settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @quiet
    @given(made_up_cases(items))
    def try_each(case: MadeUp) -> None:
        try_case(case)

    try_each()


@st.composite
def made_up_cases(draw: DrawFn, items: Sequence[KindAndItem]) -> MadeUp:
    """Schema-valid cases of those filing kinds and items."""
    case = smallest_case(*draw(st.sampled_from(items)))
    case["exhibits"] = [_exhibit(number, draw) for number in range(draw(st.integers(0, 3)))]
    _grow(case, node_at([]), draw, _DEEPEST)
    _people(case, draw)
    _mend(case)
    assume(validator().is_valid(case))
    return case


def _exhibit(number: int, draw: DrawFn) -> dict[str, Any]:
    exhibit: MadeUp = {
        "id": f"exhibit-{number}",
        "title": draw(_text(60)),
        "shows": draw(_text(90)),
        "evidence": ["other"],
        "file": f"evidence/{number}.pdf",
    }
    if draw(st.booleans()):
        exhibit["translation"] = {"file": f"evidence/{number}-english.pdf", "language": "Spanish"}
        certificate = draw(st.sampled_from(["", "filed", "made"]))
        if certificate == "filed":
            exhibit["translation"]["certificate"] = f"evidence/{number}-certificate.pdf"
        elif certificate == "made":
            exhibit["translation"]["translator"] = _translator(draw)
    return exhibit


def _translator(draw: DrawFn) -> dict[str, Any]:
    node = node_at(["exhibits", 0, "translation", "translator"])
    made: MadeUp = {}
    _grow(made, node, draw, _DEEPEST)
    return {**made, "name": {"family": draw(_text(20)), "given": draw(_text(20))}}


def _people(case: MadeUp, draw: DrawFn) -> None:
    """Several beneficiaries, perhaps the petitioner among them, and supporters for some."""
    first = case["beneficiaries"][0]
    people = [copy.deepcopy(first) for _ in range(draw(st.integers(1, 6)))]
    for number, person in enumerate(people):
        person["id"] = f"beneficiary-{number}"
        person["sex"] = draw(st.sampled_from(["female", "male"]))
    if draw(st.booleans()):
        people[draw(st.integers(0, len(people) - 1))]["same_as"] = "petitioner"
    case["beneficiaries"] = people
    for supporter in case.get("supporters", ()):
        supporter["supports"] = [
            {"beneficiary": person["id"], "relationship": draw(_text(40))} for person in people[: draw(st.integers(1, len(people)))]
        ]


def _grow(value: MutableMapping[str, Any], node: Node | None, draw: DrawFn, depth: int) -> None:
    """Give an object a random choice of the properties that its schema knows."""
    for name, known in node.properties().items() if node else ():
        if name in _LEFT_ALONE or (name == "exhibits" and depth == _DEEPEST):
            continue
        if isinstance(value.get(name), dict):
            _grow(value[name], known, draw, depth - 1)
        elif isinstance(value.get(name), list) and value[name] and isinstance(value[name][0], dict):
            _grow(value[name][0], known.entry(), draw, depth - 1)
        elif draw(st.booleans()):
            value[name] = _value(known, draw, depth - 1)


def _value(node: Node, draw: DrawFn, depth: int) -> Any:
    if node.first("type") == "object":
        made = copy.deepcopy(node.example) or {}
        if depth > 0:
            _grow(made, node, draw, depth)
        return made
    entry = node.entry()
    if entry is not None:
        return [_value(entry, draw, depth) for _ in range(draw(st.integers(1, 3)))] if depth > 0 else copy.deepcopy(node.example)
    return draw(_leaf(node))


def _leaf(node: Node) -> SearchStrategy[Any]:
    words = node.first("enum")
    if words:
        return st.sampled_from(list(words))
    if node.first("type") == "boolean":
        return st.booleans()
    if node.first("type") == "integer":
        return st.integers(node.first("minimum") or 0, min(node.first("maximum") or 999, 999_999))
    by_noun: Mapping[str, SearchStrategy[Any]] = {
        "line of text": _text(node.first("maxLength") or 60),
        "text": _text(200),
        "country": st.sampled_from(_COUNTRIES),
        "date": st.dates(*_DAYS).map(date.isoformat),
    }
    return by_noun.get(node.noun, st.just(node.first("const") or node.example))


@cache
def _text(longest: int) -> SearchStrategy[str]:
    """One to many tame words, with or without a full stop."""
    words = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=12).map(lambda drawn: " ".join(drawn)[:longest].strip())
    return st.tuples(words, st.sampled_from(["", "."])).map(lambda pair: (pair[0] + pair[1])[:longest])


def _mend(case: MadeUp) -> None:
    """Take out what the schema refuses and add what it then misses, until it accepts the case or gives up."""
    for _ in range(_ROUNDS):
        errors = list(validator().iter_errors(case))
        for error in errors:
            _mend_one(case, error)
        if not errors:
            break
    exhibits = [exhibit["id"] for exhibit in case["exhibits"]]
    _cite({name: value for name, value in case.items() if name != "exhibits"}, exhibits)


def _mend_one(case: MadeUp, error: ValidationError) -> None:
    path: list[Any] = list(error.absolute_path)
    holder: Any = case
    try:
        for token in path if error.validator == "required" else path[:-1]:
            holder = holder[token]
    except (KeyError, IndexError):
        return
    if error.validator == "required" and isinstance(holder, dict):
        for name in error.validator_value if isinstance(error.validator_value, list) else ():
            node = node_at([*path, name])
            if name not in holder and node is not None:
                holder[name] = copy.deepcopy(node.example)
    elif path and isinstance(holder, dict):
        holder.pop(path[-1], None)
    elif path and isinstance(holder, list) and len(holder) > path[-1]:
        del holder[path[-1]]


def _cite(value: Any, exhibits: list[str]) -> None:
    """Every citation names an exhibit of the case; without exhibits nothing is cited."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "exhibits" and isinstance(inner, list):
                value[name] = [{"exhibit": exhibits[number % len(exhibits)]} for number in range(len(inner))] if exhibits else []
            else:
                _cite(inner, exhibits)
    elif isinstance(value, list):
        for inner in value:
            _cite(inner, exhibits)
