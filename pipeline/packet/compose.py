"""Composing the generated pages: typeset once to learn their lengths, laid out, and typeset again with real page numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pipeline.case.model import Case
from pipeline.errors import TemplateError
from pipeline.findings import Finding, Level
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import Rendered, cover_letter, evidence_index, exhibit_sheets
from pipeline.letters.office import OURS, Office
from pipeline.letters.stage import Stage, stage_of
from pipeline.letters.stages import response_letter
from pipeline.letters.statements import certified, packet_certificates
from pipeline.packet.assemble import Piece, single_pages, whole
from pipeline.packet.cited import pages_outside
from pipeline.packet.context import answers, letter_context
from pipeline.packet.examine import Examined
from pipeline.packet.exhibits import extracts
from pipeline.packet.filing import FilingFacts
from pipeline.packet.gather import Gathered
from pipeline.packet.glyphs import places_of
from pipeline.packet.layout import Layout, lay_out
from pipeline.packet.manifest import Signature
from pipeline.packet.own_letter import letter_findings
from pipeline.packet.plan import PacketPlan, Section, SectionKind
from pipeline.packet.signing import signatures
from pipeline.rules.check import accept
from pipeline.sealed import Sealed

_ROUNDS = 4
"""Typesettings after which a letter whose length depends on its own page numbers is given up."""


class Letters(Sealed, frozen=True):
    """The generated pages with the layout that they print."""

    layout: Layout
    context: LetterContext
    title: str
    cover: Piece | None
    """None when the office's own letter stands in its place."""
    index: Piece
    sheets: tuple[Piece, ...]
    """One page for each exhibit, in order."""
    certificates: tuple[Piece, ...]
    """One page for each certificate of translation that is made, in the order of the exhibits."""
    stage: Stage
    """What is done and what comes next."""
    signatures: tuple[Signature, ...]
    documents: Mapping[str, Rendered]
    """What an office may want alone, by file name without ending."""
    sources: Mapping[str, str]
    """File name to Typst source."""
    facts: tuple[str, ...]
    """Ids of the facts of law that are printed."""
    findings: tuple[Finding, ...]
    """About citations, and about the office's own letter."""
    reasons: tuple[str, ...]
    """Why the packet is a draft; empty when it is ready."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level is Level.ERROR)


def compose(
    plan: PacketPlan, examined: Examined, gathered: Gathered, filing: FilingFacts, reasons: tuple[str, ...], office: Office = OURS
) -> Letters:
    """Typeset what stands in the packet: letter, index, sheets and certificates; raises TemplateError.

    A letter of the office's own is compared with the layout instead, and what the attorney accepted of it is lowered.  `reasons` are
    the reasons for a draft that are known before.
    """
    with places_of(plan.case):
        return _composed(plan, examined, gathered, filing, reasons, office)


def _composed(
    plan: PacketPlan, examined: Examined, gathered: Gathered, filing: FilingFacts, reasons: tuple[str, ...], office: Office
) -> Letters:
    settled = _settled(plan, examined, gathered, filing, office)
    wrong_pages = pages_outside(plan.case, settled.layout)
    found = tuple(accept((*wrong_pages, *_own_letter(plan, gathered, settled.layout)), examined.decisions))
    wrong = tuple(f"{f.where}: {f.message}" for f in found if f.level is Level.ERROR)
    context = replace(settled.context, findings=(*settled.context.findings, *found), draft_reasons=(*reasons, *wrong))
    sheets = exhibit_sheets(context, office) if context.exhibits else None
    certificates = packet_certificates(context, office) if certified(context) else None
    alone = {plan.letter_name: settled.cover} if settled.cover else {}
    alone |= {"evidence-index": settled.index} | ({"certificates-of-translation": certificates} if certificates else {})
    sources = alone | ({"exhibit-sheets": sheets} if sheets else {})
    return Letters(
        layout=settled.layout,
        context=context,
        title=f"Parole packet {context.case_id}",
        cover=whole(settled.cover.pdf, settled.cover.pages) if settled.cover else None,
        index=whole(settled.index.pdf, settled.index.pages),
        sheets=single_pages(sheets.pdf, sheets.pages) if sheets else (),
        certificates=single_pages(certificates.pdf, certificates.pages) if certificates else (),
        stage=settled.stage,
        signatures=settled.signed,
        documents=alone,
        sources={name: document.source.text for name, document in sources.items()},
        facts=filing.facts,
        findings=found,
        reasons=context.draft_reasons,
    )


class _Settled(Struct, frozen=True):
    """The layout that the letter and the index agree with, and what they were made of."""

    layout: Layout
    context: LetterContext
    stage: Stage
    signed: tuple[Signature, ...]
    cover: Rendered | None
    """None when the office's own letter stands in its place."""
    index: Rendered


def _settled(plan: PacketPlan, examined: Examined, gathered: Gathered, filing: FilingFacts, office: Office) -> _Settled:
    """Typeset letter and index until their lengths are those of the layout whose pages they print."""
    parts = {number: [ready.pages for ready in exhibit] for number, exhibit in gathered.exhibits.items()}
    taken = extracts(plan, gathered.exhibits)
    lengths = {SectionKind.LETTER: 3, SectionKind.INDEX: 1}
    for _ in range(_ROUNDS):
        layout = lay_out(plan, _lengths(plan, gathered, lengths), parts)
        signed = signatures(plan.case, layout, dict(gathered.forms))
        context = letter_context(examined, layout, filing, signed, (), taken)
        stage = stage_of(plan.case, examined.facts, context, office.style.labels)
        cover = None if plan.own_letter else _letter(plan.case, stage, layout, context, office)
        index = evidence_index(context, office)
        real = {SectionKind.LETTER: cover.pages if cover else lengths[SectionKind.LETTER], SectionKind.INDEX: index.pages}
        if real == lengths:
            return _Settled(layout, context, stage, signed, cover, index)
        lengths = real
    raise TemplateError.one(
        "letter-length",
        "cover letter and index",
        "their length changes with the page numbers they print",
        "Add or remove a line of the letter.",
    )


def _own_letter(plan: PacketPlan, gathered: Gathered, layout: Layout) -> Iterator[Finding]:
    """What is wrong with the office's own letter in this layout."""
    for number, section in enumerate(plan.sections):
        if section.kind is SectionKind.LETTER and section.file:
            for letter in gathered.exhibits[number]:
                yield from letter_findings(plan, letter, layout)


def _lengths(plan: PacketPlan, gathered: Gathered, generated: Mapping[SectionKind, int]) -> Sequence[int]:
    return [_length(number, section, gathered, generated) for number, section in enumerate(plan.sections)]


def _length(number: int, section: Section, gathered: Gathered, generated: Mapping[SectionKind, int]) -> int:
    """Pages of a section, sheets left out."""
    if section.form:
        return gathered.forms[number].pages
    if section.file:
        return sum(ready.pages for ready in gathered.exhibits[number])
    return generated.get(section.kind, 0)


def generated_letter(plan: PacketPlan, examined: Examined, letters: Letters, office: Office = OURS) -> Rendered:
    """The letter that we would have written, with the pages of the packet, where the office's own stands in its place."""
    stage = stage_of(plan.case, examined.facts, letters.context, office.style.labels)
    with places_of(plan.case):
        return _letter(plan.case, stage, letters.layout, letters.context, office)


def _letter(case: Case, stage: Stage, layout: Layout, context: LetterContext, office: Office) -> Rendered:
    """The cover letter, or the letter that answers the notice of the stage."""
    if stage.notice:
        return response_letter(context, stage.notice, answers(case, layout), office)
    return cover_letter(context, office)
