"""The PDF converter: open, note, clean, and set each page onto a letter page."""

from __future__ import annotations

from typing import Final

from pikepdf import Pdf, Stream

from pipeline.evidence.letter_pdf import add_letter_page, write_letter_pdf
from pipeline.evidence.model import Sheets, Source, plural
from pipeline.evidence.pdf.active import active_content
from pipeline.evidence.pdf.annotations import leave_marks_of_others
from pipeline.evidence.pdf.bookmarks import bookmarks_of
from pipeline.evidence.pdf.damage import ASK_AGAIN
from pipeline.evidence.pdf.flatten import flatten
from pipeline.evidence.pdf.fonts_within import missing_fonts
from pipeline.evidence.pdf.intake import opened, reading
from pipeline.evidence.pdf.layers import layers_of, remove_hidden
from pipeline.evidence.pdf.pages import drawing_of
from pipeline.evidence.pdf.pictures_within import check_pictures
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError
from pipeline.findings import Finding, Level

_HEADER_WITHIN: Final = 1024
"""Readers accept the header anywhere in the first 1024 bytes (Acrobat implementation note 13)."""


class PdfConverter:
    """PDF of any page size, rotation and crop.

    A page is drawn as a viewer shows it: CropBox within MediaBox, turned by /Rotate, reduced to the content box, never enlarged.
    Fields and annotations are flattened, hidden layers removed, and everything that is not drawing stays behind.
    """

    def accepts(self, head: bytes) -> bool:
        return b"%PDF-" in head[:_HEADER_WITHIN]

    def convert(self, source: Source) -> Sheets:
        with reading(source), opened(source) as (pdf, noted):
            chosen = source.select(len(pdf.pages))
            check_pictures(source, pdf, chosen)
            findings = [*noted, *active_content(source, pdf, chosen)]
            leave_marks_of_others(pdf, chosen)
            findings += [*_layers(source, pdf, chosen), *flatten(source, pdf), *missing_fonts(source, pdf, chosen)]
            if len(chosen) < len(pdf.pages):
                pdf.remove_unreferenced_resources()
            shown = {page: number for number, page in enumerate(chosen, 1)}
            bookmarks = bookmarks_of(pdf, shown, source.limits.bookmarks)
            return Sheets("PDF", _rebuilt(source, pdf, chosen), len(pdf.pages), chosen, bookmarks, tuple(findings))


def _layers(source: Source, pdf: Pdf, chosen: tuple[int, ...]) -> list[Finding]:
    layers = layers_of(pdf)
    if layers is None:
        return []
    removed = remove_hidden(pdf, layers, chosen)
    if not removed.pages:
        return []
    pdf.remove_unreferenced_resources()
    message = f"layers that the file hides in print were removed from {plural(removed.pages, 'page')}"
    findings = [source.finding("evidence-layers", Level.INFO, message, "Compare the pages with the original.")]
    if removed.moved:
        message = f"on {plural(removed.moved, 'page')} text that follows hidden text on its line may stand in another place"
        remedy = "Compare the pages with the original; where they differ, print it to a new PDF and name that in the case."
        findings.append(source.finding("evidence-layers", Level.WARNING, message, remedy))
    return findings


def _rebuilt(source: Source, pdf: Pdf, chosen: tuple[int, ...]) -> bytes:
    """The chosen pages in a new document that holds nothing else."""
    target = Pdf.new()
    for number in chosen:
        try:
            drawing, matrix = drawing_of(pdf, pdf.pages[number - 1], source.limits.stream_bytes)
        except StreamDamagedError as error:
            raise source.refusal("evidence-damaged", f"page {number} of the file is damaged; part of it is lost", ASK_AGAIN) from error
        except StreamTooLargeError as error:
            remedy = "Open it in a PDF viewer and print it to a new PDF."
            raise source.refusal("evidence-too-large", f"page {number} of the file needs more memory than allowed", remedy) from error
        copy = target.copy_foreign(drawing)
        if not isinstance(copy, Stream):
            raise TypeError("a form XObject is a stream")
        add_letter_page(target, copy, matrix)
    return write_letter_pdf(target)
