"""What the generated pages print: the case's own facts, and what hangs on the plan and the layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from pipeline.case.model import Case
from pipeline.findings import Level
from pipeline.letters.context import Enclosure, ExhibitEntry, Filing, LetterContext, PartEntry, SignatureEntry
from pipeline.letters.facts import from_case, translator
from pipeline.letters.request import Citation
from pipeline.letters.stage import Answer
from pipeline.packet.examine import Examined
from pipeline.packet.filing import FilingFacts
from pipeline.packet.layout import LaidSection, Layout
from pipeline.packet.manifest import Signature
from pipeline.packet.plan import SectionKind
from pipeline.rules.exhibits import page_ranges


def letter_context(
    examined: Examined,
    layout: Layout,
    filing: FilingFacts,
    signatures: Sequence[Signature],
    reasons: tuple[str, ...],
    extracts: Mapping[str, str],
) -> LetterContext:
    """The context of all generated pages of a packet; `extracts` says by id of an exhibit which pages of a file it holds."""
    facts = from_case(examined.case, examined.item, examined.as_of, examined.facts, lambda cited: citations(cited, layout))
    return replace(
        facts,
        filing=filing.filing,
        enclosures=tuple(_enclosures(layout, filing.filing)),
        exhibits=tuple(_exhibit(laid, extracts) for laid in layout.exhibits),
        signatures=tuple(SignatureEntry(f"{s.name} ({s.who})", s.form, s.part, s.packet_page) for s in signatures),
        findings=tuple(f for f in examined.findings if f.level is not Level.INFO),
        draft_reasons=reasons,
    )


def citations(cited: Sequence[Mapping[str, Any]], layout: Layout) -> tuple[Citation, ...]:
    """The packet pages of a case's citations, in their order; a response leaves out those of exhibits that it does not enclose."""
    return tuple(citation for entry in cited if layout.holds(entry["exhibit"]) for citation in _citation(entry, layout))


def answers(case: Case, layout: Layout) -> tuple[Answer, ...]:
    """The answers to the notice of the case's stage, with the packet pages of their exhibits; empty at other stages."""
    given = case.data.get("stage", {}).get("answers", ())
    return tuple(Answer(entry["asked"], entry["text"], citations(entry["exhibits"], layout)) for entry in given)


def _citation(entry: Mapping[str, Any], layout: Layout) -> Iterator[Citation]:
    """Packet pages of a citation: its pages count within the exhibit, from 1, its sheet left out.

    All pages of the exhibit when the case names none, or one that is not there, which is an error of its own.
    """
    laid = layout.exhibit(entry["exhibit"])
    assert laid.section.exhibit is not None
    pages = laid.evidence
    runs = page_ranges(str(entry.get("pages", "")))
    for low, high in runs if runs and all(max(run) <= pages.count for run in runs) else [(1, pages.count)]:
        yield Citation(laid.section.exhibit.label, pages.first + low - 1, pages.first + high - 1)


def _enclosures(layout: Layout, filing: Filing) -> Iterator[Enclosure]:
    """The forms that pay, each form of the packet by name with how many there are, then index and exhibits, in packet order."""
    counts = Counter(laid.section.form for laid in layout.forms)
    if layout.forms:
        yield from _beside(filing)
    seen: set[str | None] = set()
    for laid in layout.sections:
        form = laid.section.form
        if form and form not in seen:
            seen.add(form)
            yield Enclosure(f"Form {form}", counts[form])
        elif laid.section.kind is SectionKind.INDEX:
            yield Enclosure(laid.section.title)
    labels = [laid.section.exhibit.label for laid in layout.exhibits if laid.section.exhibit]
    if labels:
        word = "" if " " in labels[0] else "Exhibits " if len(labels) > 1 else "Exhibit "
        yield Enclosure(f"{word}{labels[0]} to {labels[-1]}" if len(labels) > 1 else f"{word}{labels[0]}")


def _beside(filing: Filing) -> Iterator[Enclosure]:
    """What goes on top of a packet and is no part of it: a form for each payment, and the request for a fee waiver."""
    paid = Counter[str]()
    for fee in (filing.fee, filing.permit_fee):
        if fee and fee.form and not fee.waiver:
            paid[fee.form] += fee.count
    yield from (Enclosure(f"Form {form}", count) for form, count in paid.items() if count)
    if filing.fee and filing.fee.waiver:
        yield Enclosure("Form I-912")


def _exhibit(laid: LaidSection, extracts: Mapping[str, str]) -> ExhibitEntry:
    exhibit = laid.section.exhibit
    assert exhibit is not None
    parts = tuple(_parts(laid, exhibit.language)) if exhibit.language else ()
    return ExhibitEntry(
        exhibit.label,
        exhibit.exhibit_id,
        exhibit.title,
        exhibit.shows,
        laid.evidence.first,
        laid.evidence.last,
        parts,
        extracts.get(exhibit.exhibit_id, ""),
        translator(exhibit.translator) if exhibit.translator else None,
    )


def _parts(laid: LaidSection, language: str) -> Iterator[PartEntry]:
    """Original, translation and certificate with their packet pages; the files of one of them follow each other."""
    for role, group in groupby(laid.parts, key=lambda part: part.part.role):
        parts = list(group)
        yield PartEntry(str(role), parts[0].pages.first, parts[-1].pages.last, language)
