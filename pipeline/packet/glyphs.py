"""A character that no font has, led back from a template's line to the places of the case that hold it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.case.model import Case
from pipeline.case.pointer import walk
from pipeline.errors import TemplateError
from pipeline.findings import Finding
from pipeline.typeset.compile import GlyphFinding

_SHOWN = 3
"""Places that a message names; of more it says how many there are."""


@contextmanager
def places_of(case: Case) -> Iterator[None]:
    """Within this block a TemplateError about a character also says where the case has it."""
    try:
        yield
    except TemplateError as error:
        raise TemplateError([_placed(finding, case) for finding in error.findings]) from None


def _placed(finding: Finding, case: Case) -> Finding:
    if not isinstance(finding, GlyphFinding):
        return finding
    held = [pointer for pointer, value in walk(case.data) if isinstance(value, str) and not set(finding.characters).isdisjoint(value)]
    if not held:
        return finding
    places = ", ".join(case.where(pointer) for pointer in held[:_SHOWN])
    more = f", and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
    message = f"{finding.message}, which the case has at {places}{more}"
    return Finding(finding.rule, finding.level, finding.where, message, finding.remedy, finding.source)
