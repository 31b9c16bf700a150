"""The generated pages of a packet: cover letter, evidence index, exhibit sheets, and the office's checklist.

Each is one template of `templates/letters/`, filled and typeset; the same context gives the same bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from pipeline.errors import TemplateError
from pipeline.letters.context import LetterContext
from pipeline.letters.environment import TemplateFolders, render
from pipeline.letters.reminders import reminders
from pipeline.typeset.compile import typeset


@dataclass(frozen=True, slots=True)
class Office:
    """What an office lays over ours; all of it optional."""

    templates: TemplateFolders = ()
    """Folders of templates that are looked into before ours."""
    fonts: tuple[Path, ...] = ()
    """Folders of fonts beside those that come with Typst."""
    assets: Path | None = None
    """The only folder that templates may read files from, such as a logo."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A typeset document."""

    pdf: bytes = field(repr=False)
    """Tagged PDF, letter size; links to packet pages have the target `packet:page/41`."""
    pages: int
    source: str = field(repr=False)
    """The Typst source behind it."""


OURS = Office()


def cover_letter(context: LetterContext, office: Office = OURS) -> Rendered:
    """The letter to USCIS: who asks what, what is enclosed, the argument with its citations, the fee, a line for ink.

    Raises TemplateError.  Only the parole requests from abroad (urgent humanitarian, significant public benefit) have
    their wording.
    """
    return _document("cover.typ.j2", context, office)


def evidence_index(context: LetterContext, office: Office = OURS) -> Rendered:
    """The table of exhibits with what each shows and its packet pages, every page number a link.  Raises TemplateError."""
    return _document("index.typ.j2", context, office)


def exhibit_sheets(context: LetterContext, office: Office = OURS) -> Rendered:
    """One plain page before each exhibit, in exhibit order, as one PDF.

    Raises TemplateError, also when a sheet does not fit on its page; there must be at least one exhibit.
    """
    sheets = _document("exhibit-sheets.typ.j2", context, office)
    if sheets.pages != len(context.exhibits):
        raise TemplateError.one(
            "template-sheet-length",
            "exhibit-sheets.typ.j2",
            f"{len(context.exhibits)} exhibits made {sheets.pages} sheets; each must fit on one page",
            "Shorten the longest exhibit title or description.",
        )
    return sheets


def checklist(context: LetterContext, office: Office = OURS) -> Rendered:
    """The office's own list, not part of the packet: what is open, who signs where, the fee, the address, assembly.

    Raises TemplateError.
    """
    return _document("checklist.typ.j2", context, office, reminders=reminders(context, office.templates))


def _document(template: str, context: LetterContext, office: Office, **more: object) -> Rendered:
    filled = render(template, context, office.templates, **more)
    pdf = typeset(filled.text, name=template, timestamp=context.day, root=office.assets, fonts=office.fonts, trace=filled.place)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return Rendered(pdf, len(document.pages), filled.text)
