"""Jinja2's immutable sandbox, as letters and field maps use it."""

from __future__ import annotations

from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment


class Sandbox(ImmutableSandboxedEnvironment):
    """Answers once for each type and attribute whether a template may read it, on which Jinja2's answer alone depends.

    Jinja2 asks itself anew at each access, which takes half the time of filling a template.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read this attribute."""
        asked = (type(obj), attr)
        known = self._safe.get(asked)
        if known is None:
            known = self._safe[asked] = super().is_safe_attribute(obj, attr, value)
        return known
