"""What a finished packet has to show, page by page: the one list that read back, manifest and verify work from."""

from __future__ import annotations

import re
import unicodedata

from pipeline.findings import Finding, Level
from pipeline.forms.fill import FilledForm
from pipeline.forms.inventory import Rect
from pipeline.packet.layout import LaidSection
from pipeline.sealed import Sealed


class ExpectedValue(Sealed, frozen=True):
    """A field's text or tick at its place in the packet."""

    form: str
    field: str
    pointer: str
    packet_page: int
    rect: Rect
    """Points of that packet page, origin lower left."""
    text: str
    ticked: bool | None
    """None for text."""

    @property
    def where(self) -> str:
        return f"packet page {self.packet_page}, Form {self.form} {self.field.rpartition('.')[2]}"


class LaidForm(Sealed, frozen=True):
    """A form with its place in the packet, and what it has to show there."""

    form: str
    blank: bytes
    """The PDF whose pages the form's own are."""
    pages: range
    """The packet pages that are the blank's."""
    values: tuple[ExpectedValue, ...]
    continued: range
    """The packet pages of what does not fit on the form."""
    text: str
    """What these say, from their first to their last line."""


def laid_form(laid: LaidSection, filled: FilledForm) -> LaidForm:
    """A filled form as it lies in the packet; its rectangles are the form's own, since form pages are placed unscaled."""
    inventory, first = filled.template.inventory, laid.pages.first
    values = tuple(
        ExpectedValue(inventory.form, v.field.name, v.pointer, first + v.field.page - 1, v.field.rect, v.text, v.ticked)
        for v in filled.values
    )
    text = "\n".join(note.text for note in filled.continuations)
    after = first + inventory.pages
    return LaidForm(inventory.form, filled.template.bare, range(first, after), values, range(after, laid.pages.last + 1), text)


def differs(where: str, message: str) -> Finding:
    """A difference that read back found."""
    return Finding("read-back", Level.ERROR, where, message, "Nothing was published; report this with the case's findings.")


def squeezed(text: str) -> str:
    """Composed characters without white space and soft breaks, for comparing what was written with what was read.

    pdfium reports a hyphen at the end of a line as U+FFFE or U+0002.
    """
    if text.isascii() and "\x02" not in text:
        return "".join(text.split())
    hyphens = re.sub("[\ufffe\x02]", "-", text)
    return re.sub("[\\s\u00ad\u200b\ufeff]+", "", unicodedata.normalize("NFKC", hyphens))
