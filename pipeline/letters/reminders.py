"""What the office must not forget when it puts a filing together: sourced sentences, chosen by how the case is filed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from pipeline.errors import TemplateError
from pipeline.letters.context import LetterContext
from pipeline.letters.office import TemplateFile, content_of, template_file

FILE = "reminders.yaml"
_KEYS = frozenset({"text", "source", "read_on", "confidence", "when"})
FACTS = frozenset(
    {"kind", "item", "mode", "carrier", "payment_form", "several", "waiver", "expedite", "supported", "translated", "represented"}
)
"""What a reminder's `when` may ask for."""

Condition = str | bool


class Reminder(Struct, frozen=True):
    """One thing to do or to avoid, where the rule comes from, and for which filings it holds."""

    text: str
    source: str
    read_on: str
    """The day or month the source was read, as 2026-09-12 or 2026-09; empty when it is not known."""
    when: Mapping[str, tuple[Condition, ...]]
    """Fact to the values for which it holds; no entry means always."""


def reminders(context: LetterContext, folders: tuple[Path, ...] = ()) -> tuple[Reminder, ...]:
    """The reminders that hold for a filing, in file order; an office's own file replaces ours.  Raises TemplateError."""
    facts = filing_facts(context)
    return tuple(reminder for reminder in _read(template_file(FILE, folders)) if holds(reminder.when, facts))


def holds(when: Mapping[str, tuple[Condition, ...]], facts: Mapping[str, Condition]) -> bool:
    """Whether every fact that `when` names has one of its values; an unknown fact never has."""
    return all(facts.get(name) in allowed for name, allowed in when.items())


def filing_facts(context: LetterContext) -> dict[str, Condition]:
    """The facts that a reminder's `when` may ask for."""
    fee = context.filing.fee
    return {
        "kind": context.request.kind,
        "item": context.request.item,
        "mode": context.filing.mode,
        "carrier": context.filing.carrier or "",
        "payment_form": (fee.form or "") if fee else "",
        "several": len(context.beneficiaries) > 1,
        "waiver": bool(fee and fee.waiver),
        "expedite": context.request.expedite is not None,
        "supported": bool(context.supporters),
        "translated": any(exhibit.parts for exhibit in context.exhibits),
        "represented": context.representative is not None,
    }


@lru_cache(maxsize=32)
def _read(file: TemplateFile) -> tuple[Reminder, ...]:
    try:
        entries = content_of(file, FILE)
        return tuple(_reminder(entry) for entry in entries)
    except (TypeError, KeyError, AttributeError):
        raise TemplateError.one(
            "template-reminders",
            file.path.name,
            f"is not a list of reminders with text, source, read_on and when, which asks for some of {', '.join(sorted(FACTS))}",
            "Compare it with the file that ships with the templates.",
        ) from None


def _reminder(entry: Mapping[str, object]) -> Reminder:
    text, source, read_on, when = entry["text"], entry["source"], str(entry.get("read_on", "")), entry.get("when", {})
    if not (isinstance(text, str) and text and isinstance(source, str) and source and isinstance(when, Mapping)):
        raise TypeError("text and source are texts, and when is a mapping")
    if unknown := [*(entry.keys() - _KEYS), *(when.keys() - FACTS)]:
        raise KeyError(unknown)
    return Reminder(text, source, read_on, {str(name): _allowed(value) for name, value in when.items()})


def _allowed(value: object) -> tuple[Condition, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(entry if isinstance(entry, bool) else str(entry) for entry in values)
