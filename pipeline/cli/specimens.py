"""Cases laid out with assumed lengths, so that letters can be rendered without forms and evidence at hand.

A form has the pages of its edition, every exhibit file two; page numbers are therefore plausible, and the same each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.case.model import Case
from pipeline.case.schema import read_case
from pipeline.case.skeleton import kinds, smallest_case
from pipeline.case.vocabulary import BASE, registry
from pipeline.findings import Finding, Level
from pipeline.forms.editions import current
from pipeline.law.facts import Facts
from pipeline.law.load import load_facts
from pipeline.letters.context import LetterContext
from pipeline.letters.facts import from_case
from pipeline.packet.context import citations, letter_context
from pipeline.packet.examine import Examined, part1_item
from pipeline.packet.filing import filing_of
from pipeline.packet.layout import Layout, lay_out
from pipeline.packet.plan import PacketPlan, SectionKind, make_plan
from pipeline.packet.signing import signatures

_FILE = Path("case.json")
_FILE_PAGES = 2
_LENGTHS = {SectionKind.LETTER: 3, SectionKind.INDEX: 1}
_FINDING = Finding("example", Level.WARNING, "case.json:1:1", "this finding stands for any", "It is here so that the table is shown.")
_REASON = "Form I-131 is a facsimile"


@dataclass(frozen=True)
class Specimen:
    """A case and the context of its letters."""

    name: str
    """`samples/urgent-humanitarian`, or `smallest/re-parole-10.C`."""
    case: Case
    facts: Facts
    context: LetterContext


def specimen(case: Case, name: str) -> Specimen:
    """A schema-valid case, laid out with assumed lengths as of the day it was prepared."""
    facts, day = load_facts(), date.fromisoformat(case.data["prepared_on"])
    examined = Examined(case, day, part1_item(case, facts, day), (_FINDING,), facts)
    layout = _layout(make_plan(case, examined.item))
    packet = letter_context(examined, layout, filing_of(examined), signatures(case, layout, {}), (_REASON,))
    said = from_case(case, examined.item, day, facts, lambda cited: citations(cited, layout))
    context = replace(
        said,
        filing=packet.filing,
        enclosures=packet.enclosures,
        exhibits=packet.exhibits,
        signatures=packet.signatures,
        findings=packet.findings,
        draft_reasons=packet.draft_reasons,
    )
    return Specimen(name, case, facts, context)


def sample_specimens(folder: Path) -> Iterator[Specimen]:
    """Every `<folder>/<name>/case.json`, in order of name.  Raises PacketError for a case that breaks the schema."""
    for path in sorted(folder.glob("*/case.json")):
        yield specimen(read_case(path), f"samples/{path.parent.name}")


def smallest_specimens() -> Iterator[Specimen]:
    """The smallest valid case of each filing kind and item, and of each reason that a kind may have."""
    for kind, item in kinds_and_items():
        yield specimen(Case(_FILE, smallest_case(kind, item)), f"smallest/{kind}-{item}")
    for kind in kinds():
        for reason in _request_of(kind).get("reasons", {}).get("items", {}).get("enum", ()):
            case = smallest_case(kind)
            case["request"]["reasons"] = [reason]
            yield specimen(Case(_FILE, case), f"smallest/{kind}-{reason}")


def made_up_specimen(data: Mapping[str, Any]) -> Specimen:
    """A case made up from the schema."""
    return specimen(Case(_FILE, data), "made up")


def kinds_and_items() -> list[tuple[str, str]]:
    """Every filing kind with every Part 1 item that it may have, in the schema's order."""
    return [(kind, str(item)) for kind in kinds() for item in _request_of(kind)["item"]["enum"]]


def _request_of(kind: str) -> dict[str, Any]:
    """What the schema says of the request of one filing kind beyond the others, by property."""
    found: dict[str, Any] = registry().contents(f"{BASE}parts/kinds.json")["$defs"][kind]["properties"]["request"]["properties"]
    return found


def _layout(plan: PacketPlan) -> Layout:
    lengths = [current(section.form).inventory.pages if section.form else _LENGTHS.get(section.kind, 0) for section in plan.sections]
    parts = {number: [_FILE_PAGES] * len(section.exhibit.parts) for number, section in enumerate(plan.sections) if section.exhibit}
    return lay_out(plan, lengths, parts)
