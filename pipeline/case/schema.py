"""The schema errors of a case, every one at once, in file order and in words an office can act on.

One mistake gives one finding: a misspelled property is named with the spelling that was meant, and the rest of the case
is judged as if it had been spelled right.  No message holds a value of the case; names of properties as the file has
them, and words that the schema allows, may be shown.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from jsonschema.exceptions import ValidationError
from msgspec import Struct

from pipeline.case.load import load
from pipeline.case.model import Case, CaseSource, Position
from pipeline.case.pointer import pointer_of
from pipeline.case.vocabulary import validator
from pipeline.case.wording import Meant, Wording, missing, misspelled, unknown_person, wrong
from pipeline.errors import CaseInvalidError
from pipeline.findings import Finding, Level

RULE = "schema"
"""The rule id of every finding of this module."""

PathTokens = tuple[str | int, ...]

_CLOSED = frozenset({"additionalProperties", "unevaluatedProperties"})
_EXCESS = 0
_RANKS = {"not": _EXCESS, "enum": 1, "const": 1}


class _Mistake(Struct, frozen=True):
    """One thing wrong at a path of the case; of several at one path the lowest rank tells most."""

    path: PathTokens
    rank: int
    wording: Wording


def read_case(source: CaseSource) -> Case:
    """The schema-valid case in a file or a text.

    Raises CaseUnreadableError as `load` does, and CaseInvalidError with every schema finding in file order.
    """
    case = load(source)
    findings = schema_findings(case)
    if findings:
        raise CaseInvalidError(findings)
    return case


def schema_findings(case: Case) -> list[Finding]:
    """Every schema error of a case in file order, one for each mistake; empty when the case is valid."""
    data = case.data
    errors = list(validator().iter_errors(data))
    written: dict[PathTokens, PathTokens] = {}
    mistakes: list[_Mistake] = []
    while names := list(_misspellings(errors)):
        mistakes += [_Mistake(_as_written(path, written), 1, meant.wording) for path, meant in names]
        data, renamed = _respelled(data, names)
        written |= renamed
        errors = list(validator().iter_errors(data))
    mistakes += [_Mistake(_as_written(one.path, written), one.rank, one.wording) for one in _mistakes(errors)]
    if not mistakes:
        mistakes += [_Mistake(path, 1, unknown_person()) for path in _nobody(case.data)]
    return [_finding(case, one) for one in _one_each(case, mistakes)]


def _misspellings(errors: Iterable[ValidationError]) -> Iterator[tuple[PathTokens, Meant]]:
    """The properties that no part of the schema knows, each with the one that was meant."""
    for error in errors:
        if error.validator in _CLOSED:
            path = tuple(error.absolute_path)
            present = cast(Mapping[str, Any], error.instance)
            for name in present:
                meant = misspelled(path, name, present)
                if meant is not None and not name.startswith("$comment"):
                    yield (*path, name), meant


def _respelled(data: Any, names: Iterable[tuple[PathTokens, Meant]]) -> tuple[Any, dict[PathTokens, PathTokens]]:
    """The case with its unknown properties renamed to what was meant or taken out, and where the renamed ones stand."""
    data = copy.deepcopy(data)
    written: dict[PathTokens, PathTokens] = {}
    for path, meant in sorted(names, key=lambda one: -len(one[0])):
        holder = data
        for token in path[:-1]:
            holder = holder[token]
        value = holder.pop(path[-1])
        if meant.name is not None and meant.name not in holder:
            holder[meant.name] = value
            written[(*path[:-1], meant.name)] = path
    return data, written


def _as_written(path: PathTokens, written: Mapping[PathTokens, PathTokens]) -> PathTokens:
    """The path with every renamed property as the file spells it."""
    for length in range(len(path), 0, -1):
        if path[:length] in written:
            return (*_as_written(written[path[:length]][:-1], written), written[path[:length]][-1], *path[length:])
    return path


def _mistakes(errors: Iterable[ValidationError]) -> Iterator[_Mistake]:
    """What is missing or wrong; of two at one path the one with the lower rank tells more."""
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator == "required":
            present = cast(Mapping[str, Any], error.instance)
            absent = (name for name in cast(list[str], error.validator_value) if name not in present)
            yield from (_Mistake((*path, name), 3, missing((*path, name))) for name in absent)
        elif error.validator not in _CLOSED:
            yield _Mistake(path, _RANKS.get(str(error.validator), 2), wrong(path, error))


def _nobody(data: Any) -> Iterator[PathTokens]:
    """Where a supporter is said to be a person whom the case does not have."""
    known = {"petitioner", *(one["id"] for one in data["beneficiaries"])}
    for index, supporter in enumerate(data.get("supporters", ())):
        if supporter.get("same_as", "petitioner") not in known:
            yield ("supporters", index, "same_as")


def _one_each(case: Case, mistakes: Iterable[_Mistake]) -> list[_Mistake]:
    """The most telling mistake of each place, none inside a value that should not be there at all, in file order."""
    best: dict[PathTokens, _Mistake] = {}
    for one in mistakes:
        known = best.get(one.path)
        if known is None or (one.rank, one.wording.breadth) < (known.rank, known.wording.breadth):
            best[one.path] = one
    excess = {one.path for one in best.values() if one.rank == _EXCESS}
    told = [one for one in best.values() if not any(one.path[:length] in excess for length in range(len(one.path)))]
    return sorted(told, key=lambda one: case.place(pointer_of(one.path)) or Position(0, 0))


def _finding(case: Case, mistake: _Mistake) -> Finding:
    wording = mistake.wording
    return Finding(RULE, Level.ERROR, case.where(pointer_of(mistake.path)), wording.message, wording.remedy, wording.source)
