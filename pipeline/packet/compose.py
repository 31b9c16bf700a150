"""Composing the generated pages: typeset once to learn their lengths, laid out, and typeset again with real page numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.errors import TemplateError
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import Rendered, checklist, cover_letter, evidence_index, exhibit_sheets
from pipeline.packet.assemble import Piece, single_pages, whole
from pipeline.packet.context import letter_context
from pipeline.packet.examine import Examined
from pipeline.packet.filing import FilingFacts
from pipeline.packet.gather import Gathered
from pipeline.packet.layout import Layout, lay_out
from pipeline.packet.manifest import Signature
from pipeline.packet.plan import PacketPlan, SectionKind
from pipeline.packet.signing import signatures

_ROUNDS = 4
"""Typesettings after which a letter whose length depends on its own page numbers is given up."""


@dataclass(frozen=True)
class Letters:
    """The generated pages with the layout that they print."""

    layout: Layout
    title: str
    cover: Piece
    index: Piece
    sheets: tuple[Piece, ...]
    """One page for each exhibit, in order."""
    checklist: bytes = field(repr=False)
    signatures: tuple[Signature, ...]
    documents: Mapping[str, bytes] = field(repr=False)
    """File name to PDF of what an office may want alone."""
    sources: Mapping[str, str] = field(repr=False)
    """File name to Typst source."""
    facts: tuple[str, ...]
    """Ids of the facts of law that are printed."""


def compose(plan: PacketPlan, examined: Examined, gathered: Gathered, filing: FilingFacts, reasons: tuple[str, ...]) -> Letters:
    """Typeset letter, index, sheets and checklist; raises TemplateError."""
    parts = {number: [ready.pages for ready in exhibit] for number, exhibit in gathered.exhibits.items()}
    lengths = {SectionKind.LETTER: 3, SectionKind.INDEX: 1}
    for _ in range(_ROUNDS):
        layout = lay_out(plan, _lengths(plan, gathered, lengths), parts)
        signed = signatures(plan.case, layout, dict(gathered.forms))
        context = letter_context(examined, layout, filing, signed, reasons)
        cover, index = cover_letter(context), evidence_index(context)
        real = {SectionKind.LETTER: cover.pages, SectionKind.INDEX: index.pages}
        if real == lengths:
            return _letters(layout, context, cover, index, signed, filing.facts)
        lengths = real
    raise TemplateError.one(
        "letter-length",
        "cover letter and index",
        "their length changes with the page numbers they print",
        "Add or remove a line of the letter.",
    )


def _lengths(plan: PacketPlan, gathered: Gathered, generated: Mapping[SectionKind, int]) -> Sequence[int]:
    return [
        gathered.forms[number].pages if number in gathered.forms else generated.get(section.kind, 0)
        for number, section in enumerate(plan.sections)
    ]


def _letters(
    layout: Layout, context: LetterContext, cover: Rendered, index: Rendered, signed: tuple[Signature, ...], facts: tuple[str, ...]
) -> Letters:
    sheets, checks = exhibit_sheets(context), checklist(context)
    rendered = {"cover-letter": cover, "evidence-index": index, "exhibit-sheets": sheets, "checklist": checks}
    return Letters(
        layout=layout,
        title=f"Parole packet {context.case_id}",
        cover=whole(cover.pdf),
        index=whole(index.pdf),
        sheets=single_pages(sheets.pdf),
        checklist=checks.pdf,
        signatures=signed,
        documents={name: rendered[name].pdf for name in ("cover-letter", "evidence-index")},
        sources={name: document.source for name, document in rendered.items()},
        facts=facts,
    )
