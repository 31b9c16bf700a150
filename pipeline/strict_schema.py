"""JSON Schema as this program reads it."""

from __future__ import annotations

from typing import Any, cast

from jsonschema import Draft202012Validator, validators


def _whole(_: object, value: object) -> bool:
    """A whole number written without a decimal point: 3.0 would be printed as 3.0."""
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKER = Draft202012Validator.TYPE_CHECKER.redefine("integer", _whole)

StrictValidator = cast(Any, validators.extend(Draft202012Validator, type_checker=_CHECKER))  # type: ignore[no-untyped-call]
"""Draft 2020-12, in which an integer is written as one."""
