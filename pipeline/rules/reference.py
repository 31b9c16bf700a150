"""The page `docs/rules.md`, made from the rules."""

from __future__ import annotations

import re
from itertools import groupby

from pipeline.rules.catalog import concerns, rules
from pipeline.rules.model import Rule

_HEAD = """# Rules

Made by `pipeline.rules.reference` from `pipeline/rules/data/*.yaml`; change it there.

A rule of level **error** keeps a packet a draft, a **warning** is for the attorney to weigh, an **info** is to be known.
`packet build --accept RULE --because "..."` lowers an error or a warning to an info, and the manifest records the reason;
rules marked *final* cannot be accepted.  Words in brackets stand for what a finding says there.

Confidence: **H** the primary page or form itself, or the statute; **M** one good secondary source, or an older primary one;
**practice** what offices do, and no requirement.  A rule without a source is one of good form.  USCIS pages were read in public
copies, not on uscis.gov itself, on the day given: look there again before each filing.
"""

_MEANINGS = {
    "amount": "amount",
    "bar": "three-year or ten-year",
    "citation": "a citation of the letter",
    "days": "number of",
    "decides": "which agency decides on the request",
    "exception": "the exception",
    "exhibit": "an exhibit",
    "first": "an earlier place",
    "form": "name",
    "pages": "pages",
    "program": "a program",
    "right": "the right pages",
    "summary": "what is known of it",
    "text": "what the notice says",
    "in_all": "so many",
    "named": "some",
    "watch": "what to watch for with its edition",
    "what": "a question of the form",
    "where": "where",
    "wrong": "what is wrong with it",
}
"""What stands in a finding for each placeholder of a rule."""

_PER = {"case": "in the case", "beneficiary": "for each beneficiary", "petitioner": "for a petitioner who is no beneficiary"}


def reference_markdown() -> str:
    """All rules by concern, as Markdown that ends with a newline."""
    parts = [_HEAD]
    for concern, group in groupby(rules(), key=lambda one: one.concern):
        parts.append(f"\n## {concerns()[concern]}\n")
        parts.extend(f"\n{_entry(one)}" for one in group)
    return "".join(parts)


def in_words(text: str) -> str:
    """The message or remedy of a rule as one reads it without a case: what a finding fills in is told in brackets."""
    return re.sub(r"\{(\w+)\}", lambda found: f"[{_MEANINGS[found[1]]}]", text)


def explanation(one: Rule) -> str:
    """One rule as plain lines: what it says, what to do, where it comes from."""
    lines = [f"{one.id} ({one.level}{', final' if one.final else ''})", in_words(one.message), in_words(one.remedy)]
    lines += [line for line in (_asks(one), _source(one)) if line]
    return "\n".join(lines)


def _entry(one: Rule) -> str:
    final = ", final" if one.final else ""
    lines = [f"### {one.id}\n", f"**{one.level}**{final}: {in_words(one.message)}.", in_words(one.remedy)]
    lines += [line for line in (_asks(one), _source(one)) if line]
    return "\n".join(lines) + "\n"


def _asks(one: Rule) -> str:
    """What a rule of evidence asks for, and of which cases."""
    if one.needs is None:
        return ""
    when = one.when
    limits = [
        f"kind {', '.join(when.kinds)}" if when.kinds else "",
        f"item {', '.join(when.items)}" if when.items else "",
        f"reason {', '.join(when.reasons)}" if when.reasons else "",
        f"role {', '.join(when.roles)}" if when.roles else "",
    ]
    whom = "; ".join(limit for limit in limits if limit)
    return f"Asks for one of {', '.join(one.needs.any_of)} {_PER[one.needs.per]}" + (f" ({whom})." if whom else ".")


def _source(one: Rule) -> str:
    if not one.source:
        return ""
    if one.confidence == "practice":
        return f"Source: {one.source}."
    return f"Source: {one.source}; read {one.read_on}, confidence {one.confidence}."
