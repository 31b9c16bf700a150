"""The generated pages of a packet: cover letter, evidence index, exhibit sheets, and the office's checklist.

Each is one template of `templates/letters/`, filled and typeset; the same context gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec.structs import replace

from pipeline.errors import TemplateError
from pipeline.findings import Finding
from pipeline.letters.context import LetterContext
from pipeline.letters.environment import render
from pipeline.letters.office import OURS, Office
from pipeline.letters.reminders import reminders
from pipeline.letters.source import Source
from pipeline.letters.wording import Setting
from pipeline.sealed import Sealed
from pipeline.typeset.compile import ENDLESS, glyph_finding, typeset
from pipeline.typeset.job import Bounds, Reach
from pipeline.typeset.kept import page_count
from pipeline.typeset.scripts import Script, families, font_for, scripts_of


class Rendered(Sealed, frozen=True, dict=True):
    """A typeset document."""

    pdf: bytes
    """Tagged PDF, letter size; links to packet pages have the target `packet:page/41`."""
    source: Source
    """The Typst source behind it."""

    @cached_property
    def pages(self) -> int:
        """How many pages it has, counted when first asked for: of most documents nobody asks."""
        return page_count(self.pdf)


BOUNDS = Bounds()
"""What Typst may use for one document of an office's own templates."""

_REPEATS = re.compile(r"\b(?:for|while|range|lorem|repeat)\b|\d{5}|\de\d")
"""What may go on without end in Typst code."""


def cover_letter(context: LetterContext, office: Office = OURS) -> Rendered:
    """The letter to USCIS: who asks what, what is enclosed, the argument with its citations, the fee, a line for ink.

    Each filing kind has its own, `cover/<kind>.typ.j2`.  Raises TemplateError.
    """
    return document(f"cover/{context.request.kind}.typ.j2", context, office)


def evidence_index(context: LetterContext, office: Office = OURS) -> Rendered:
    """The table of exhibits with what each shows and its packet pages, every page number a link.  Raises TemplateError."""
    return document("index.typ.j2", context, office)


def exhibit_sheets(context: LetterContext, office: Office = OURS) -> Rendered:
    """One plain page before each exhibit, in exhibit order, as one PDF.

    Raises TemplateError, also when a sheet does not fit on its page; there must be at least one exhibit.
    """
    sheets = document("exhibit-sheets.typ.j2", context, office)
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
    return document("checklist.typ.j2", context, office, reminders=reminders(context, office.templates))


def document(template: str, context: LetterContext, office: Office, **more: object) -> Rendered:
    """Fill a template and typeset it; `more` are the names it uses beside the context's.  Raises TemplateError.

    Where the text is in a script that the program's own fonts do not set well, fonts of the office's folder or of this machine do.
    """
    filled = render(template, context, office.templates, **({"style": office.style} | more))
    scripts = scripts_of(filled.text)
    if scripts:
        style = replace(office.style, fonts=(*office.style.fonts, *_fonts(scripts, filled, office)))
        filled = render(template, context, office.templates, **({"style": style} | more))
    try:
        pdf = typeset(filled.text, name=template, timestamp=context.day, reach=reach(office, bool(scripts)), trace=filled.place)
    except TemplateError as error:
        raise TemplateError([_narrowed(finding, filled, office) for finding in error.findings]) from None
    return Rendered(pdf, filled)


def reach(office: Office, installed: bool = False) -> Reach:
    """What Typst may reach for an office's documents; ours are tested, and so are not watched."""
    return Reach(office.assets, office.fonts, installed, BOUNDS if office.templates else None)


def _fonts(scripts: Sequence[Script], filled: Source, office: Office) -> Iterator[Setting]:
    """The families that set these scripts, then all others of the office's folders, whose letters we do not know.

    Raises TemplateError for a script whose letters the program's own fonts have and cannot join, when there is no font for it.
    """
    others = sorted(families(office.fonts, False))
    for script in scripts:
        family = font_for(script, office.fonts)
        if family:
            yield Setting(family)
        elif script.unjoined and not others:
            found = re.findall(f"[{script.letters}]", filled.text)
            where = filled.place_at(filled.text.index(found[0]))
            raise TemplateError([glyph_finding("".join(found), where, "no font joins")])
    yield from (Setting(family) for family in others)


def _narrowed(finding: Finding, filled: Source, office: Office) -> Finding:
    """A finding about a document that does not end, at the first line of the office's own that may be the reason."""
    if finding.rule != ENDLESS:
        return finding
    places = (filled.place_at(found.start()) for found in _REPEATS.finditer(filled.text))
    own = (place for place in places if any((folder / place.rpartition(":")[0]).is_file() for folder in office.templates))
    return replace(finding, where=next(own, finding.where))
