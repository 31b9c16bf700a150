"""The e-mail converter: a page of headers and words, then the pages of each attachment in the message's order."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pikepdf
from pikepdf import Pdf

from pipeline.errors import EvidenceError
from pipeline.evidence.letter_pdf import write_letter_pdf
from pipeline.evidence.mail.message import Message, is_message, read_message
from pipeline.evidence.model import Sheets, Source, Wishes, plural
from pipeline.evidence.other_kinds import PRINT_TO_PDF, kind_of
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.evidence.plain_text import typed_pages
from pipeline.findings import Finding, Level

_MALFORMED: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python's e-mail package raises for headers and parts that break the rules."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What became of one attachment: its pages, or the kind that cannot be shown."""

    name: str
    sheets: Sheets | None
    kind: str

    def line(self, number: int) -> str:
        """The attachment in the list at the head of the message."""
        what = plural(len(self.sheets.chosen), "page") if self.sheets else f"{self.kind}, not shown"
        return f"{number}. {self.name or 'without a name'} ({what})"


class MailConverter:
    """E-mails as mail programs save them (.eml): the headers a reader sees, the words, and every attachment as pages.

    Words that are there as HTML only are shown without their layout.  An attachment of a kind that intake does not take is listed on the
    first page and named in a finding; one that is damaged or locked keeps the message out, as it would alone.
    """

    def __init__(self, sheets_of: Callable[[Source], Sheets]) -> None:
        """`sheets_of` makes the pages of an attachment."""
        self._sheets_of = sheets_of

    def accepts(self, head: bytes) -> bool:
        return is_message(head)

    def convert(self, source: Source) -> Sheets:
        if source.depth >= source.limits.nesting:
            raise source.refusal("evidence-nesting", "messages lie too deep within each other", "Save the inner message as a file.")
        message = _read(source)
        shown = [self._attachment(source, message, number) for number in range(len(message.attachments))]
        typed = typed_pages(source, _first_pages(message, shown))
        words = PdfConverter().convert(replace(source, data=typed.pdf, wishes=Wishes()))
        every = [words, *(each.sheets for each in shown if each.sheets)]
        chosen = source.select(sum(len(sheets.chosen) for sheets in every))
        findings = [*_findings(source, message, shown), *typed.findings, *(f for sheets in every for f in sheets.findings)]
        return Sheets("an e-mail", _joined(every, chosen), sum(len(s.chosen) for s in every), chosen, findings=tuple(findings))

    def _attachment(self, source: Source, message: Message, index: int) -> _Shown:
        attachment = message.attachments[index]
        inner = replace(source, data=attachment.data, shown_as=_place(source, index), wishes=Wishes(), depth=source.depth + 1)
        if not attachment.data:
            return _Shown(attachment.name, None, "empty")
        try:
            return _Shown(attachment.name, self._sheets_of(inner), "")
        except EvidenceError as error:
            if any(finding.rule != "evidence-kind" for finding in error.findings):
                raise
            return _Shown(attachment.name, None, kind_of(attachment.data)[0])


def _place(source: Source, index: int) -> str:
    return f"{source.shown_as}, attachment {index + 1}"


def _read(source: Source) -> Message:
    try:
        message = read_message(source.data)
    except (UnicodeDecodeError, LookupError) as error:
        message_text = "the message's words are in a character set that is not known, or not in the one it states"
        raise source.refusal("evidence-text-encoding", message_text, PRINT_TO_PDF) from error
    except _MALFORMED as error:
        raise source.refusal("evidence-damaged", "the message is malformed and could not be read", PRINT_TO_PDF) from error
    if message.is_sealed:
        raise source.refusal("evidence-password", "the message is encrypted", PRINT_TO_PDF)
    if len(message.attachments) > source.limits.files:
        raise source.refusal("evidence-too-many-files", f"the message has more than {source.limits.files} attachments", PRINT_TO_PDF)
    return message


def _first_pages(message: Message, shown: Sequence[_Shown]) -> str:
    head = [f"{name}: {value}" for name, value in message.head]
    listed = [each.line(number) for number, each in enumerate(shown, 1)]
    return "\n".join([*head, *(["Attachments:", *listed] if listed else []), "", message.words])


def _findings(source: Source, message: Message, shown: Sequence[_Shown]) -> Iterator[Finding]:
    if message.had_layout:
        text = "the message's words were laid out as a web page, and are shown without that layout"
        yield source.finding("evidence-mail-layout", Level.INFO, text, f"If the layout matters: {PRINT_TO_PDF}")
    for index, each in enumerate(shown):
        if each.sheets is None:
            remedy = "Save the attachment as a file of its own, if it is evidence."
            message_text = f"the attachment is {each.kind} and is listed, but not shown"
            yield Finding("evidence-attachments", Level.WARNING, _place(source, index), message_text, remedy)


def _joined(every: Sequence[Sheets], chosen: Sequence[int]) -> bytes:
    """The chosen pages of all parts as one document."""
    target = Pdf.new()
    wanted = set(chosen)
    first = 1
    for sheets in every:
        with pikepdf.open(io.BytesIO(sheets.pdf)) as part:
            target.pages.extend(page for number, page in enumerate(part.pages, first) if number in wanted)
            first += len(part.pages)
    return write_letter_pdf(target)
