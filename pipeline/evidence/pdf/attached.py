"""Adding the files that a PDF holds behind its own pages, when the case asks for it; all there is of a portfolio is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from pikepdf import Pdf, Stream

from pipeline.errors import EvidenceError
from pipeline.evidence.enclosed import Enclosed, SheetsOf, Shown, joined, not_shown, noted, shown
from pipeline.evidence.model import Bookmark, Sheets, Source, Wishes, plural
from pipeline.evidence.pdf.bookmarks import clean_title
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.evidence.pdf.held import held_files
from pipeline.evidence.pdf.intake import is_portfolio, opened, reading
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError, decoded
from pipeline.findings import Finding, Level


class PdfAndItsFilesConverter:
    """A PDF; and behind its own pages the files in it, when the case says `"attachments": "add"`.

    A page range then counts through all of these pages.  A file of a kind that intake does not take is named in a finding; one that is
    damaged or locked keeps the PDF out, and so do more files, or files deeper within each other, than the limits allow.
    """

    def __init__(self, sheets_of: SheetsOf) -> None:
        """`sheets_of` makes the pages of a file in the PDF."""
        self._sheets_of = sheets_of
        self._document = PdfConverter()

    def accepts(self, head: bytes) -> bool:
        return self._document.accepts(head)

    def convert(self, source: Source) -> Sheets:
        if source.wishes.attachments != "add":
            return self._document.convert(source)
        with reading(source), opened(source) as (pdf, _):
            files, portfolio = _files(source, pdf), is_portfolio(pdf)
        if not files:
            return self._document.convert(source)
        own = self._document.convert(replace(source, wishes=replace(source.wishes, pages=None)))
        inner = Wishes(password=source.wishes.password, attachments="add")
        return _together(source, own, shown(source, files, inner, self._sheets_of), portfolio)


def _together(source: Source, own: Sheets, added: Sequence[Shown], portfolio: bool) -> Sheets:
    every = [own, *(each.sheets for each in added if each.sheets)]
    count = sum(len(sheets.chosen) for sheets in every)
    chosen = source.select(count)
    findings = [*_findings(source, added, portfolio), *noted(every, chosen)]
    places = {page: number for number, page in enumerate(chosen, 1)}
    bookmarks = (*_moved(own.bookmarks, places), *_entries(added, len(own.chosen) + 1, places))
    return Sheets("PDF", joined(every, chosen), count, chosen, bookmarks, tuple(findings))


def _findings(source: Source, added: Sequence[Shown], portfolio: bool) -> Iterator[Finding]:
    pages, files = sum(each.pages for each in added), sum(each.sheets is not None for each in added)
    message = f"{plural(files, 'attached file')} added behind the file's own pages: {plural(pages, 'page')}"
    yield source.finding("evidence-attachments-added", Level.INFO, message)
    if portfolio:
        remedy = 'Leave the cover out with "pages", if it says nothing.'
        yield source.finding("evidence-portfolio", Level.INFO, "the file is a portfolio; its own pages, a cover, come first", remedy)
    yield from not_shown(added)


def _moved(bookmarks: Sequence[Bookmark], places: dict[int, int]) -> Iterator[Bookmark]:
    """The bookmarks whose pages were chosen."""
    for bookmark in bookmarks:
        children = tuple(_moved(bookmark.children, places))
        page = places.get(bookmark.page) or (children[0].page if children else None)
        if page is not None:
            yield replace(bookmark, page=page, children=children)


def _entries(added: Sequence[Shown], first: int, places: dict[int, int]) -> Iterator[Bookmark]:
    """A bookmark for each file that was added, by its name."""
    for each in added:
        page = next((places[page] for page in range(first, first + each.pages) if page in places), None)
        title = clean_title(each.name)
        if page is not None and title:
            yield Bookmark(title, page)
        first += each.pages


def _files(source: Source, pdf: Pdf) -> list[Enclosed]:
    """The files in a PDF, decoded; together they may be as large as one stream."""
    held = held_files(pdf)
    if held and source.depth >= source.limits.nesting:
        raise source.refusal("evidence-nesting", "files lie too deep within each other", "Save the inner file as a file of its own.")
    if len(held) > source.limits.files:
        message = f"the file holds more than {source.limits.files} files"
        raise source.refusal("evidence-too-many-files", message, "Save those that are evidence, and name them in the case.")
    left = source.limits.stream_bytes
    files: list[Enclosed] = []
    for number, each in enumerate(held, 1):
        files.append(Enclosed(each.name, _data(source, number, each.stream, left)))
        left -= len(files[-1].data)
    return files


def _data(source: Source, number: int, stream: Stream, most: int) -> bytes:
    """The file as it was before it was put into the PDF; `most` bytes at most."""
    try:
        data = decoded(stream, most)
    except StreamDamagedError as error:
        message = f"attachment {number} of the file is damaged; part of it is lost"
        raise source.refusal("evidence-damaged", message, "Ask for the file again.") from error
    except StreamTooLargeError as error:
        raise _too_large(source, number) from error
    data = stream.read_raw_bytes() if data is None else data
    if len(data) > most:
        raise _too_large(source, number)
    return data


def _too_large(source: Source, number: int) -> EvidenceError:
    message = f"attachment {number} of the file needs more memory than allowed"
    return source.refusal("evidence-too-large", message, "Save the attached files, and name them in the case.")
