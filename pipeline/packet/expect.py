"""What a finished packet has to show, page by page: the one list that read back, manifest and verify work from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.findings import Finding, Level
from pipeline.forms.fill import FilledForm
from pipeline.forms.inventory import Rect
from pipeline.packet.layout import LaidSection


@dataclass(frozen=True, slots=True)
class ExpectedValue:
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


@dataclass(frozen=True, slots=True)
class ExpectedText:
    """What the continuation pages of a form have to say, from their first to their last line."""

    form: str
    first_page: int
    last_page: int
    text: str


def expected_texts(laid: LaidSection, filled: FilledForm) -> Iterator[ExpectedText]:
    """The text of a form's continuation pages, when it has any."""
    if filled.continuations:
        inventory = filled.template.inventory
        text = "\n".join(note.text for note in filled.continuations)
        yield ExpectedText(inventory.form, laid.pages.first + inventory.pages, laid.pages.last, text)


def expected_values(laid: LaidSection, filled: FilledForm) -> Iterator[ExpectedValue]:
    """Every value of a filled form; its rectangles are the form's own, since form pages are placed unscaled."""
    for value in filled.values:
        page = laid.pages.first + value.field.page - 1
        yield ExpectedValue(
            filled.template.inventory.form, value.field.name, value.pointer, page, value.field.rect, value.text, value.ticked
        )


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
