"""Composing the generated pages: typeset once to learn their lengths, laid out, and typeset again with real page numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.case.model import Case
from pipeline.errors import TemplateError
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import OURS, Office, Rendered, checklist, cover_letter, evidence_index, exhibit_sheets
from pipeline.letters.stage import Stage, stage_of
from pipeline.letters.stages import response_checklist, response_letter, stage_documents
from pipeline.letters.statements import certified, packet_certificates, statement_documents
from pipeline.packet.assemble import Piece, single_pages, whole
from pipeline.packet.context import answers, letter_context
from pipeline.packet.examine import Examined
from pipeline.packet.exhibits import extracts
from pipeline.packet.filing import FilingFacts
from pipeline.packet.gather import Gathered
from pipeline.packet.layout import Layout, lay_out
from pipeline.packet.manifest import Signature
from pipeline.packet.plan import PacketPlan, Section, SectionKind
from pipeline.packet.signing import signatures

_ROUNDS = 4
"""Typesettings after which a letter whose length depends on its own page numbers is given up."""


@dataclass(frozen=True)
class Letters:
    """The generated pages with the layout that they print."""

    layout: Layout
    context: LetterContext = field(repr=False)
    title: str
    cover: Piece
    index: Piece
    sheets: tuple[Piece, ...]
    """One page for each exhibit, in order."""
    certificates: tuple[Piece, ...]
    """One page for each certificate of translation that is made, in the order of the exhibits."""
    checklist: bytes = field(repr=False)
    signatures: tuple[Signature, ...]
    documents: Mapping[str, bytes] = field(repr=False)
    """File name to PDF of what an office may want alone."""
    sources: Mapping[str, str] = field(repr=False)
    """File name to Typst source."""
    facts: tuple[str, ...]
    """Ids of the facts of law that are printed."""


def compose(
    plan: PacketPlan, examined: Examined, gathered: Gathered, filing: FilingFacts, reasons: tuple[str, ...], office: Office = OURS
) -> Letters:
    """Typeset letter, index, sheets, checklist, the documents of the stage and what people sign; raises TemplateError."""
    parts = {number: [ready.pages for ready in exhibit] for number, exhibit in gathered.exhibits.items()}
    taken = extracts(plan, gathered.exhibits)
    lengths = {SectionKind.LETTER: 3, SectionKind.INDEX: 1}
    for _ in range(_ROUNDS):
        layout = lay_out(plan, _lengths(plan, gathered, lengths), parts)
        signed = signatures(plan.case, layout, dict(gathered.forms))
        context = letter_context(examined, layout, filing, signed, reasons, taken)
        stage = stage_of(plan.case, examined.facts, context, office.style.labels)
        cover, index = _letter(plan.case, stage, layout, context, office), evidence_index(context, office)
        real = {SectionKind.LETTER: cover.pages, SectionKind.INDEX: index.pages}
        if real == lengths:
            pages = _packet_pages(cover, index, stage, context, office)
            alone = {plan.letter_name: cover, "evidence-index": index, **stage_documents(plan.case, examined.facts, context, office)}
            if pages.certificates:
                alone["certificates-of-translation"] = pages.certificates
            if not plan.answers_notice:
                alone |= statement_documents(context, office)
            return _letters(layout, context, pages, alone, signed, filing.facts)
        lengths = real
    raise TemplateError.one(
        "letter-length",
        "cover letter and index",
        "their length changes with the page numbers they print",
        "Add or remove a line of the letter.",
    )


def _lengths(plan: PacketPlan, gathered: Gathered, generated: Mapping[SectionKind, int]) -> Sequence[int]:
    return [_length(number, section, gathered, generated) for number, section in enumerate(plan.sections)]


def _length(number: int, section: Section, gathered: Gathered, generated: Mapping[SectionKind, int]) -> int:
    """Pages of a section, sheets left out."""
    if section.form:
        return gathered.forms[number].pages
    if section.notice:
        return sum(ready.pages for ready in gathered.exhibits[number])
    return generated.get(section.kind, 0)


def _letter(case: Case, stage: Stage, layout: Layout, context: LetterContext, office: Office) -> Rendered:
    """The cover letter, or the letter that answers the notice of the stage."""
    if stage.notice:
        return response_letter(context, stage.notice, answers(case, layout), office)
    return cover_letter(context, office)


@dataclass(frozen=True, slots=True)
class _PacketPages:
    cover: Rendered
    index: Rendered
    sheets: Rendered | None
    """None for a response that encloses no exhibit."""
    certificates: Rendered | None
    """None when no certificate of translation is made."""
    checklist: Rendered


def _packet_pages(cover: Rendered, index: Rendered, stage: Stage, context: LetterContext, office: Office) -> _PacketPages:
    checks = response_checklist(context, stage, stage.notice, office) if stage.notice else checklist(context, office)
    sheets = exhibit_sheets(context, office) if context.exhibits else None
    certificates = packet_certificates(context, office) if certified(context) else None
    return _PacketPages(cover, index, sheets, certificates, checks)


def _letters(
    layout: Layout,
    context: LetterContext,
    pages: _PacketPages,
    alone: Mapping[str, Rendered],
    signed: tuple[Signature, ...],
    facts: tuple[str, ...],
) -> Letters:
    sources = {**alone, "checklist": pages.checklist} | ({"exhibit-sheets": pages.sheets} if pages.sheets else {})
    return Letters(
        layout=layout,
        context=context,
        title=f"Parole packet {context.case_id}",
        cover=whole(pages.cover.pdf),
        index=whole(pages.index.pdf),
        sheets=single_pages(pages.sheets.pdf) if pages.sheets else (),
        certificates=single_pages(pages.certificates.pdf) if pages.certificates else (),
        checklist=pages.checklist.pdf,
        signatures=signed,
        documents={name: document.pdf for name, document in alone.items()},
        sources={name: document.source for name, document in sources.items()},
        facts=facts,
    )
