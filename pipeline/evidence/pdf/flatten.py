"""Form fields become part of the page as they look on the screen, other annotations as they look in print."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct
from pikepdf import AcroFormField, Array, Dictionary, Name, Object, Pdf, Stream, String

from pipeline.errors import EvidenceError
from pipeline.evidence.model import Source, plural
from pipeline.evidence.pdf.annotations import HIDDEN, annotations_of
from pipeline.evidence.pdf.field_text import FieldText, picture_of, style_of
from pipeline.evidence.pdf.intake import READER_FAULTS
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError, decoded
from pipeline.findings import Finding, Level

_INVISIBLE: Final = 1
_PRINTS: Final = 4
_NO_VIEW: Final = 32
"""Bits of an annotation's /F (ISO 32000-1, table 165)."""

_MULTILINE: Final = 1 << 12
_PASSWORD: Final = 1 << 13
_PUSH_BUTTON: Final = 1 << 16
_COMBO: Final = 1 << 17
_COMB: Final = 1 << 24
"""Bits of a field's /Ff (tables 221, 226, 228 and 230)."""

_SHOWS: Final = re.compile(rb"T[jJ]\b|Do\b|['\"]")
"""Operators that show text or another drawing."""
_EMPTY_TEXT: Final = re.compile(rb"\[?\s*(?:\(\s*\)|<\s*>)\s*\]?\s*(?:T[jJ]\b|')")
"""Text without letters, as some programs write into the picture of a field without a value."""
_NEVER_DRAWN: Final = frozenset({"/Link", "/Popup", "/Widget"})
_PRINT_IT: Final = "Open the file where it looks right, print it to a new PDF, and name that in the case."


class _Marks(Struct, frozen=True):
    """What the annotations of a document come to, by count."""

    lost: int
    """Visible, but the file holds no picture of them."""
    screen_only: int
    """Shown on the screen and set not to print."""
    notes: int
    """Comments behind an icon."""
    signatures: int
    """Digital signatures that have a picture on the page."""
    unseen_signatures: int
    redactions: int
    """Marks that say what shall be made unreadable, and have not done so."""


class _Drawn(Struct, frozen=True):
    """What there is to say of fields whose appearance was missing or out of date, by count."""

    unformatted: int = 0
    """Drawn here, without the script that formats the value."""
    emptied: int = 0
    """Without a value, but with an old appearance that shows one."""


def flatten(source: Source, pdf: Pdf) -> list[Finding]:
    """Draws fields and annotations into the pages and removes them; raises EvidenceError for a value that cannot be drawn whole.

    Uses the appearance that the file holds.  Where a text or choice field has none, or the file says that its appearances are out
    of date, one is made.  Other annotations without an appearance cannot be drawn and are named in a finding;
    a marked box or circle without one is refused.
    """
    if not any("/Annots" in page.obj for page in pdf.pages):
        return []
    _complete_form(pdf)
    _print_what_is_seen(pdf)
    _check_buttons(source, pdf)
    drawn = _draw_fields(source, pdf)
    noted = [*_about(source, drawn), *_unshown(source, pdf)]
    marks = _count(pdf)
    if "/NeedAppearances" in pdf.Root.AcroForm:
        del pdf.Root.AcroForm.NeedAppearances
    _drop_popups(pdf)
    pdf.flatten_annotations("print")
    return [*_findings(source, marks), *noted]


def _complete_form(pdf: Pdf) -> None:
    """Gives the document a list of fields when it has none: qpdf finds fields that stand on a page alone, but only beside such a list."""
    if not isinstance(pdf.Root.get("/AcroForm"), Dictionary):
        pdf.Root.AcroForm = Dictionary()
    if not isinstance(pdf.Root.AcroForm.get("/Fields"), Array):
        pdf.Root.AcroForm.Fields = Array()


def _about(source: Source, drawn: _Drawn) -> Iterator[Finding]:
    if drawn.emptied:
        message = f"{plural(drawn.emptied, 'form field')} shown as in the file's own picture, which is out of date: the value is empty"
        remedy = "Look whether the words there were meant to go; open the file in the program that filled it, and print it to a new PDF."
        yield source.finding("evidence-value-gone", Level.WARNING, message, remedy)
    if drawn.unformatted:
        message = f"{plural(drawn.unformatted, 'form field')} drawn here without the format that a script of the file gives the value"
        remedy = "Compare dates and numbers with what Adobe Reader shows; where that matters, print the file there to a new PDF."
        yield source.finding("evidence-value-format", Level.WARNING, message, remedy)


def _unshown(source: Source, pdf: Pdf) -> list[Finding]:
    """The finding for fields that hold a value and whose picture shows no letter, which viewers print empty too."""
    texts = (field for field in pdf.acroform.fields if field.field_type in {"/Tx", "/Ch"} and field.value_as_string.strip())
    widgets = (widget.obj for field in texts for widget in pdf.acroform.get_annotations_for_field(field))
    count = sum(_is_printed(widget) and _shows_nothing(source, widget) for widget in widgets)
    if not count:
        return []
    message = f"{plural(count, 'form field')} with a value that the page does not show, as the file's own picture of it is empty"
    remedy = "Open the file in the program that filled it, see that the value is there, and print it to a new PDF."
    return [source.finding("evidence-value-unshown", Level.WARNING, message, remedy)]


def _shows_nothing(source: Source, widget: Object) -> bool:
    picture = widget.AP.get("/N") if _has_appearance(widget) else None
    if not isinstance(picture, Stream):
        return False
    try:
        return not _SHOWS.search(_EMPTY_TEXT.sub(b"", decoded(picture, source.limits.stream_bytes) or b""))
    except (StreamDamagedError, StreamTooLargeError):
        return False


def _drop_popups(pdf: Pdf) -> None:
    """Takes out the windows that notes open into: they are for the screen, and one that has an appearance would cover the page."""
    for page in pdf.pages:
        kept = [each for each in annotations_of(page.obj) if each.get("/Subtype") != Name.Popup]
        if "/Annots" in page.obj:
            page.obj.Annots = Array(kept)


def _widgets(pdf: Pdf) -> Iterator[Object]:
    for page in pdf.pages:
        yield from (each for each in annotations_of(page.obj) if each.get("/Subtype") == Name.Widget)


def _print_what_is_seen(pdf: Pdf) -> None:
    """Sets the fields that are seen on the screen to print: a value belongs to what the file looks like."""
    for widget in _widgets(pdf):
        if not _flags(widget) & (_INVISIBLE | HIDDEN | _NO_VIEW):
            widget.F = _flags(widget) | _PRINTS


def _flags(annotation: Object) -> int:
    flags = annotation.get("/F", 0)
    return flags if isinstance(flags, int) else 0


def _is_printed(annotation: Object) -> bool:
    """Whether the annotation has a place on the page and nothing hides it in print."""
    if not _flags(annotation) & _PRINTS or _flags(annotation) & (_INVISIBLE | HIDDEN):
        return False
    rect = annotation.get("/Rect")
    if not isinstance(rect, Array) or len(rect) != 4:
        return False
    x0, y0, x1, y1 = (float(value) for value in rect)
    return x0 != x1 and y0 != y1


def _inherited(field: Object, key: str) -> Object | None:
    """An entry of the field, or of the nearest one above it that has the entry."""
    node: object = field
    for _ in range(64):
        if not isinstance(node, Dictionary):
            break
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _check_buttons(source: Source, pdf: Pdf) -> None:
    """Refuses a ticked box or chosen circle of which the file has no picture: it would be printed empty."""
    for widget in _widgets(pdf):
        if _inherited(widget, "/FT") != Name.Btn or int(_inherited(widget, "/Ff") or 0) & _PUSH_BUTTON or not _is_printed(widget):
            continue
        appearances = widget.get("/AP")
        pictures = appearances.get("/N") if isinstance(appearances, Dictionary) else None
        if isinstance(pictures, Stream):
            continue
        if "/AS" not in widget:
            _choose_state(widget, pictures)
        state = str(widget.get("/AS", "/Off"))
        if state != "/Off" and not (isinstance(pictures, Dictionary) and isinstance(pictures.get(state), Stream)):
            message = "a box or circle of the file's form is marked, and the file has no picture of the mark"
            raise source.refusal("evidence-form-value", message, _PRINT_IT)


def _choose_state(widget: Object, pictures: Object | None) -> None:
    """Gives a box without a state the one that viewers show: its field's value, or off when its pictures are of other values."""
    value = _inherited(widget, "/V")
    if isinstance(value, Name) and (not isinstance(pictures, Dictionary) or value in pictures):
        widget.AS = value


def _draw_fields(source: Source, pdf: Pdf) -> _Drawn:
    """Makes the appearances of text and choice fields that have a value and no appearance, or one that is out of date."""
    unformatted = emptied = 0
    stale = bool(pdf.Root.AcroForm.get("/NeedAppearances"))
    for field in pdf.acroform.fields:
        widgets = [widget.obj for widget in pdf.acroform.get_annotations_for_field(field) if _is_printed(widget.obj)]
        if field.field_type not in {"/Tx", "/Ch"} or not widgets or (not stale and all(map(_has_appearance, widgets))):
            continue
        try:
            is_drawn = _draw_field(source, pdf, field, widgets)
            unformatted += is_drawn and any(map(_is_formatted, (field.obj, *widgets)))
            may_be_empty = field.field_type == "/Tx" or field.flags & _COMBO
            emptied += (
                bool(may_be_empty) and not is_drawn and any(_has_appearance(each) and not _shows_nothing(source, each) for each in widgets)
            )
        except READER_FAULTS as error:
            raise _undrawn(source, "its value is stored in a way that is not known here") from error
    return _Drawn(unformatted, emptied)


def _is_formatted(field: Object) -> bool:
    """Whether a script says how the value is shown (ISO 32000-1, table 196)."""
    actions = field.get("/AA")
    return isinstance(actions, Dictionary) and "/F" in actions


def _draw_field(source: Source, pdf: Pdf, field: AcroFormField, widgets: Sequence[Object]) -> bool:
    """Whether there was a value to draw."""
    text = _text_of(source, field)
    if text is None:
        return False
    form = pdf.Root.AcroForm
    for widget in widgets:
        style = style_of(_stated(widget, form, "/DA"), form.get("/DR", Dictionary()).get("/Font"), _stated(widget, form, "/Q"))
        if style is None:
            raise _undrawn(source, "its value is written in signs instead of letters")
        drawn = picture_of(pdf, widget, text, style)
        if drawn is None:
            raise _undrawn(source, "its value fits at no size that can be read")
        widget.AP = Dictionary(N=drawn)
    return True


def _undrawn(source: Source, why: str) -> EvidenceError:
    return source.refusal("evidence-form-value", f"a form field of the file has no picture of its value, and {why}", _PRINT_IT)


def _stated(widget: Object, form: Object, key: str) -> Object | None:
    """An entry of the widget or its field, or else of the whole form."""
    stated = _inherited(widget, key)
    return form.get(key) if stated is None else stated


def _text_of(source: Source, field: AcroFormField) -> FieldText | None:
    """What a viewer shows in the field; None when it has no value."""
    value = _inherited(field.obj, "/V")
    said = [_words(each) for each in (value if isinstance(value, Array) else [value]) if each is not None]
    if not any(said):
        return None
    if field.field_type == "/Ch" and not field.flags & _COMBO:
        return _list_text(source, field, said)
    if len(said) > 1:
        raise _undrawn(source, "it has several values")
    if field.field_type == "/Ch":
        return FieldText((_letters(source, dict(_options(field)).get(said[0], said[0])),))
    return _typed_text(source, field, said[0])


def _typed_text(source: Source, field: AcroFormField, said: str) -> FieldText:
    if field.flags & _PASSWORD:
        return FieldText((b"*" * len(said),))
    if field.flags & _MULTILINE:
        return FieldText(tuple(_letters(source, line) for line in said.splitlines()), "lines")
    line = _letters(source, " ".join(said.splitlines()))
    cells = _inherited(field.obj, "/MaxLen")
    if field.flags & _COMB and isinstance(cells, int) and cells > 0:
        return FieldText((line,), "comb", cells)
    return FieldText((line,))


def _list_text(source: Source, field: AcroFormField, said: Sequence[str]) -> FieldText:
    """The options of a list from the one that is scrolled to; the chosen ones are marked."""
    options = _options(field) or [(each, each) for each in said]
    first = _inherited(field.obj, "/TI")
    options = options[first if isinstance(first, int) and first > 0 else 0 :]
    chosen = frozenset(number for number, (export, _) in enumerate(options) if export in said)
    if len(chosen) < len(set(said)):
        raise _undrawn(source, "a choice is not among those that the field offers")
    return FieldText(tuple(_letters(source, shown) for _, shown in options), "list", chosen=chosen)


def _options(field: AcroFormField) -> list[tuple[str, str]]:
    """What a choice field offers: the value that is stored, and the words that are shown."""
    options = _inherited(field.obj, "/Opt")
    pairs = [each if isinstance(each, Array) else (each, each) for each in options] if isinstance(options, Array) else []
    return [(_words(pair[0]), _words(pair[1])) for pair in pairs]


def _words(value: object) -> str:
    """A value as text; raises TypeError for what is none."""
    if isinstance(value, String):
        return str(value)
    if isinstance(value, Name):
        return str(value).removeprefix("/")
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    raise TypeError("neither text nor a number")


def _letters(source: Source, line: str) -> bytes:
    """A made appearance knows only the letters of Windows code page 1252."""
    try:
        return unicodedata.normalize("NFC", line).replace("\t", "    ").encode("cp1252")
    except UnicodeEncodeError as error:
        raise _undrawn(source, "the value has letters that cannot be drawn here") from error


def _count(pdf: Pdf) -> _Marks:
    counts: Counter[str] = Counter()
    for page in pdf.pages:
        for annotation in annotations_of(page.obj):
            counts.update(_marks_of(annotation))
    return _Marks(counts["lost"], counts["screen"], counts["note"], counts["signature"], counts["unseen signature"], counts["redaction"])


def _marks_of(annotation: Object) -> Iterator[str]:
    flags = _flags(annotation)
    kind = str(annotation.get("/Subtype", ""))
    if kind == "/Widget" and _inherited(annotation, "/FT") == Name.Sig and _inherited(annotation, "/V") is not None:
        yield "signature" if _is_printed(annotation) and _has_appearance(annotation) else "unseen signature"
    if flags & HIDDEN or kind in {"/Link", "/Popup"}:
        return
    if kind == "/Redact":
        yield "redaction"
    if kind == "/Text":
        yield "note"
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
    if marks.redactions:
        message = f"{plural(marks.redactions, 'place')} marked to be made unreadable, and not made so: the packet shows what is there"
        remedy = "Carry the redaction out in the program that marked it, and save the file anew, or print it unmarked."
        yield source.finding("evidence-redaction-open", Level.WARNING, message, remedy)
    if marks.notes:
        message = f"the text of {plural(marks.notes, 'comment note')} is not shown in the packet"
        yield source.finding("evidence-notes", Level.INFO, message, "Print the file with its comments if they are evidence.")
    if marks.signatures:
        message = (
            "the file was signed digitally; the packet shows how the signature looks, and its cryptographic proof stays with the original"
        )
        yield source.finding("evidence-digital-signature", Level.INFO, message, "Keep the original file.")
    if marks.unseen_signatures:
        message = (
            "the file was signed digitally; the signature has no picture on the page, and its cryptographic proof stays with the original"
        )
        yield source.finding("evidence-digital-signature", Level.INFO, message, "Keep the original file.")
