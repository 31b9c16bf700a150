"""The e-mail converter: a page of headers and words, then the pages of each attachment in the message's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from pipeline.evidence.enclosed import SheetsOf, Shown, joined, not_shown, noted, shown
from pipeline.evidence.mail.head import is_mailbox, is_message, is_saved_page, without_envelope
from pipeline.evidence.mail.message import Message, read_message
from pipeline.evidence.mail.whole import CutOffError
from pipeline.evidence.model import Sheets, Source, Wishes, plural
from pipeline.evidence.other_kinds import PRINT_TO_PDF
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.evidence.plain_text import typed_pages
from pipeline.findings import Finding, Level

_MALFORMED: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python's e-mail package raises for headers and parts that break the rules."""

_AGAIN: Final = "Save the message again in the mail program, or ask for it again."


class MailConverter:
    """E-mails as mail programs save them (.eml): the headers a reader sees, the words, and every attachment as pages.

    Words that are there as HTML only are shown without their layout.  An attachment of a kind that intake does not take is listed on the
    first page and named in a finding; one that is damaged or locked keeps the message out, as it would alone.
    """

    def __init__(self, sheets_of: SheetsOf) -> None:
        """`sheets_of` makes the pages of an attachment."""
        self._sheets_of = sheets_of

    def accepts(self, head: bytes) -> bool:
        return is_message(head)

    def convert(self, source: Source) -> Sheets:
        if source.depth >= source.limits.nesting:
            raise source.refusal("evidence-nesting", "messages lie too deep within each other", "Save the inner message as a file.")
        message = _read(source)
        inner = Wishes(password=source.wishes.password, attachments=source.wishes.attachments)
        attached = shown(source, message.attachments, inner, self._sheets_of)
        typed = typed_pages(source, _first_pages(message, attached))
        words = PdfConverter().convert(replace(source, data=typed.pdf, wishes=Wishes()))
        every = [words, *(each.sheets for each in attached if each.sheets)]
        chosen = source.select(sum(len(sheets.chosen) for sheets in every))
        findings = [*_findings(source, message, attached), *typed.findings, *noted(every, chosen)]
        return Sheets("an e-mail", joined(every, chosen), sum(len(s.chosen) for s in every), chosen, findings=tuple(findings))


def _read(source: Source) -> Message:
    if is_mailbox(source.data):
        text = "the file is a mailbox of several messages"
        raise source.refusal("evidence-mailbox", text, "Save each message as a file of its own (.eml).")
    try:
        data = without_envelope(source.data)
        if is_saved_page(data):
            raise source.refusal("evidence-kind", "the file is a web page that a browser saved", PRINT_TO_PDF)
        message = read_message(data)
    except (UnicodeDecodeError, LookupError) as error:
        message_text = "the message's words are in a character set that is not known, or not in the one it states"
        raise source.refusal("evidence-text-encoding", message_text, PRINT_TO_PDF) from error
    except CutOffError as error:
        text = "the message is cut off: some of its words or attachments are missing"
        raise source.refusal("evidence-damaged", text, _AGAIN) from error
    except _MALFORMED as error:
        raise source.refusal("evidence-damaged", "the message is malformed and could not be read", PRINT_TO_PDF) from error
    if message.is_sealed:
        raise source.refusal("evidence-password", "the message is encrypted, or wrapped in its own signature", PRINT_TO_PDF)
    if len(message.attachments) > source.limits.files:
        raise source.refusal("evidence-too-many-files", f"the message has more than {source.limits.files} attachments", PRINT_TO_PDF)
    return message


def _first_pages(message: Message, attached: Sequence[Shown]) -> str:
    head = [f"{name}: {value}" for name, value in message.head]
    listed = [f"{number}. {each.name or 'without a name'} ({_became(each)})" for number, each in enumerate(attached, 1)]
    return "\n".join([*head, *(["Attachments:", *listed] if listed else []), "", message.words])


def _became(attached: Shown) -> str:
    return plural(attached.pages, "page") if attached.sheets else f"{attached.kind}, not shown"


def _findings(source: Source, message: Message, attached: Sequence[Shown]) -> Iterator[Finding]:
    if message.pages:
        text = "the message's words were laid out as a web page, and are shown without that layout"
        text += " and without its pictures from the network" if any(page.has_pictures for page in message.pages) else ""
        text += "; those that are struck out there are in brackets" if any(page.has_struck for page in message.pages) else ""
        yield source.finding("evidence-mail-layout", Level.INFO, text, f"If the layout matters: {PRINT_TO_PDF}")
    if message.missing:
        text = f"{plural(message.missing, 'picture')} that the message shows and does not hold"
        yield source.finding("evidence-mail-picture", Level.WARNING, text, "Ask for the message as its sender or first reader has it.")
    if hidden := sum(page.hidden for page in message.pages):
        text = f"{plural(hidden, 'word')} that the message hides from its reader stayed out"
        yield source.finding("evidence-mail-hidden", Level.INFO, text, "Compare with what a mail program shows.")
    if message.doubt:
        yield source.finding("evidence-mail-cut", Level.WARNING, message.doubt, _AGAIN)
    if message.doubt_of_headers:
        remedy = "Compare names and subject with what a mail program shows."
        yield source.finding("evidence-mail-headers", Level.WARNING, message.doubt_of_headers, remedy)
    yield from not_shown(attached)
