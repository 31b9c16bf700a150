"""Form fields and annotations become part of the page, as they look in print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from pikepdf.form import ExtendedAppearanceStreamGenerator

from pipeline.evidence.model import Source, plural
from pipeline.evidence.pdf.annotations import annotations_of
from pipeline.findings import Finding, Level

_HIDDEN: Final = 2
_PRINTS: Final = 4
"""Bits of an annotation's /F (ISO 32000-1, table 165)."""

_NEVER_DRAWN: Final = frozenset({"/Link", "/Popup", "/Widget"})
_PRINT_IT: Final = "Open the file where it looks right, print it to a new PDF, and name that in the case."


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the annotations of a document come to, by count."""

    lost: int
    """Visible, but the file holds no picture of them."""
    screen_only: int
    """Shown on the screen and set not to print."""
    notes: int
    """Comments behind an icon."""
    signatures: int


def flatten(source: Source, pdf: Pdf) -> list[Finding]:
    """Draws fields and annotations into the pages and removes them; raises EvidenceError for a value that could only be drawn garbled.

    Uses the appearance that the file holds.  Where a text or choice field has none, or the file says that its appearances are out
    of date, one is made by pikepdf.  Other annotations without an appearance cannot be drawn and are named in a finding.
    """
    if not any("/Annots" in page.obj for page in pdf.pages):
        return []
    _draw_fields(source, pdf)
    marks = _count(pdf)
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/NeedAppearances" in form:
        del form.NeedAppearances
    _drop_popups(pdf)
    pdf.flatten_annotations("print")
    return list(_findings(source, marks))


def _drop_popups(pdf: Pdf) -> None:
    """Takes out the windows that notes open into: they are for the screen, and one that has an appearance would cover the page."""
    for page in pdf.pages:
        kept = [each for each in annotations_of(page.obj) if each.get("/Subtype") != Name.Popup]
        if "/Annots" in page.obj:
            page.obj.Annots = Array(kept)


def _draw_fields(source: Source, pdf: Pdf) -> None:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return
    stale = bool(form.get("/NeedAppearances"))
    generator = ExtendedAppearanceStreamGenerator(pdf, pdf.acroform)
    for field in pdf.acroform.fields:
        if field.field_type not in {"/Tx", "/Ch"} or not field.value_as_string:
            continue
        widgets = [widget.obj for widget in pdf.acroform.get_annotations_for_field(field)]
        if not stale and all("/AP" in widget for widget in widgets):
            continue
        for widget in widgets:
            if "/AP" in widget:
                del widget.AP
        _check_letters(source, field.value_as_string)
        if field.field_type == "/Tx":
            generator.generate_text(field)
        else:
            generator.generate_choice(field)


def _check_letters(source: Source, value: str) -> None:
    """A made appearance knows only the letters of Windows code page 1252."""
    try:
        value.encode("cp1252")
    except UnicodeEncodeError as error:
        message = "a form field of the file has no picture of its value, and the value has letters that cannot be drawn here"
        raise source.refusal("evidence-form-value", message, _PRINT_IT) from error


def _count(pdf: Pdf) -> _Marks:
    counts: Counter[str] = Counter()
    for page in pdf.pages:
        for annotation in annotations_of(page.obj):
            counts.update(_marks_of(annotation))
    return _Marks(counts["lost"], counts["screen"], counts["note"], counts["signature"])


def _marks_of(annotation: Object) -> Iterator[str]:
    flags = annotation.get("/F", 0)
    flags = flags if isinstance(flags, int) else 0
    kind = str(annotation.get("/Subtype", ""))
    if flags & _HIDDEN or kind in {"/Link", "/Popup"}:
        return
    if kind == "/Text":
        yield "note"
    elif kind == "/Widget" and annotation.get("/FT") == Name.Sig and "/V" in annotation:
        yield "signature"
    if not flags & _PRINTS:
        if kind not in {"/Text", "/Widget"}:
            yield "screen"
    elif kind not in _NEVER_DRAWN and not _has_appearance(annotation):
        yield "lost"


def _has_appearance(annotation: Object) -> bool:
    appearances = annotation.get("/AP")
    return isinstance(appearances, Dictionary) and isinstance(appearances.get("/N"), (Stream, Dictionary))


def _findings(source: Source, marks: _Marks) -> Iterator[Finding]:
    if marks.lost:
        message = f"{plural(marks.lost, 'mark')} (highlight, drawing or comment) cannot be drawn: the file holds no picture of it"
        yield source.finding("evidence-mark-lost", Level.WARNING, message, _PRINT_IT)
    if marks.screen_only:
        message = f"{plural(marks.screen_only, 'mark')} shown on the screen only, and set not to print, stayed out"
        yield source.finding(
            "evidence-mark-not-printed",
            Level.WARNING,
            message,
            "Look whether the packet should show it; if so, print the screen view to PDF.",
        )
    if marks.notes:
        message = f"the text of {plural(marks.notes, 'comment note')} is not shown in the packet"
        yield source.finding("evidence-notes", Level.INFO, message, "Print the file with its comments if they are evidence.")
    if marks.signatures:
        message = (
            "the file was signed digitally; the packet shows how the signature looks, and its cryptographic proof stays with the original"
        )
        yield source.finding("evidence-digital-signature", Level.INFO, message, "Keep the original file.")
