"""Opening a PDF: passwords, damage and repair, and documents that are not what they show."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Object, Pdf, Stream

from pipeline.errors import EvidenceError
from pipeline.evidence.model import Source, plural
from pipeline.evidence.pdf.streams import StreamDamagedError, StreamTooLargeError, decoded
from pipeline.findings import Finding, Level

logging.getLogger("pikepdf").addHandler(logging.NullHandler())
"""pikepdf logs what qpdf says, which may quote the file; without a handler Python would print it."""

_ASK_AGAIN: Final = "Ask for the file again, or open it in a PDF viewer and print it to a new PDF."

READER_FAULTS: Final = (
    pikepdf.PikepdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What reading a malformed file can raise: entries of the wrong type, loops, numbers that are none."""


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Turns whatever a malformed file raises into an EvidenceError that names the file."""
    try:
        yield
    except READER_FAULTS as error:
        raise source.refusal(
            "evidence-damaged", f"the file is damaged and could not be read ({type(error).__name__})", _ASK_AGAIN
        ) from error


@contextmanager
def opened(source: Source) -> Iterator[tuple[Pdf, list[Finding]]]:
    """The PDF and what was noted while opening it.

    Raises EvidenceError for a password that is needed, encryption that qpdf does not know, damage that lost something, a portfolio,
    and a form whose pages exist only in Adobe's own XFA.
    """
    try:
        pdf = pikepdf.open(io.BytesIO(source.data), password=source.password or "", inherit_page_attributes=False)
    except pikepdf.PasswordError as error:
        given = "another password than the one given" if source.password else "a password"
        raise source.refusal("evidence-password", f"the file opens only with {given}", "Save a copy without a password.") from error
    except pikepdf.PdfError as error:
        raise _not_opened(source) from error
    with pdf:
        stated = pdf.Root.Pages.get("/Count")  # before qpdf walks the page tree, which corrects it
        found = len(pdf.pages)
        if isinstance(stated, int) and stated > found:
            raise source.refusal(
                "evidence-damaged", f"the file is damaged: it says it has {stated} pages, {found} could be read", _ASK_AGAIN
            )
        _bring_down(pdf)
        _refuse_stand_ins(source, pdf)
        findings = _encryption(source, pdf)
        if pdf.get_warnings():
            findings.append(_repaired(source, pdf))
        yield pdf, findings


_INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")


def _bring_down(pdf: Pdf) -> None:
    """Gives each page the attributes that stand at a parent in the page tree."""
    for page in pdf.pages:
        for key in _INHERITED:
            node: object = page.obj
            for _ in range(64):
                if not isinstance(node, Dictionary) or key in node:
                    break
                node = node.get("/Parent")
            if isinstance(node, Dictionary) and key in node and node.objgen != page.obj.objgen:
                value = node[key]
                page.obj[key] = pdf.make_indirect(value) if isinstance(value, Dictionary) else value


def _not_opened(source: Source) -> EvidenceError:
    if b"/Encrypt" in source.data:
        return source.refusal(
            "evidence-password", "the file is damaged, or encrypted in a way that is not known", "Save a copy without encryption."
        )
    return source.refusal("evidence-damaged", "the file is damaged beyond repair, or is not a whole PDF", _ASK_AGAIN)


def _encryption(source: Source, pdf: Pdf) -> list[Finding]:
    if not pdf.is_encrypted:
        return []
    if source.password:
        message = "the file was opened with its password; the packet holds its pages without one"
    else:
        message = "the file restricts what may be done with it; it opens without a password"
    return [source.finding("evidence-owner-password", Level.INFO, message)]


def _refuse_stand_ins(source: Source, pdf: Pdf) -> None:
    """Refuses files whose pages are only a cover for what they hold."""
    root = pdf.Root
    if "/Collection" in root:
        remedy = "Save each file in it as a PDF of its own, and name those in the case."
        raise source.refusal("evidence-portfolio", "the file is a portfolio: its pages are only a cover for other files", remedy)
    form = root.get("/AcroForm")
    dynamic = isinstance(form, Dictionary) and "/XFA" in form and (bool(root.get("/NeedsRendering")) or not _fields(form))
    if dynamic:
        remedy = "Open it in Adobe Reader and print it to PDF."
        message = 'the file is a form that only Adobe Reader can draw; its page says "Please wait"'
        raise source.refusal("evidence-xfa-only", message, remedy)


def _fields(form: Object) -> bool:
    fields = form.get("/Fields")
    return isinstance(fields, Array) and len(fields) > 0


def _repaired(source: Source, pdf: Pdf) -> Finding:
    """The finding for a file that qpdf had to repair; raises EvidenceError when something of a page is missing."""
    found = len(pdf.pages)
    if max(_counts_in_bytes(source.data), default=0) > found:
        message = f"the file is damaged: its page tree has room for more pages than the {found} that could be read"
        raise source.refusal("evidence-damaged", message, _ASK_AGAIN)
    if _is_cut_off(source.data):
        raise source.refusal(
            "evidence-damaged", "the file was cut off: its end is missing, and with it things that its pages show", _ASK_AGAIN
        )
    torn = [number for number, page in enumerate(pdf.pages, 1) if _is_torn(page.obj, source.limits.stream_bytes)]
    if torn:
        message = f"the file is damaged: parts of {len(torn)} of its {found} pages are missing, first of page {torn[0]}"
        raise source.refusal("evidence-damaged", message, _ASK_AGAIN)
    message = f"the file was damaged and has been repaired; all of its {plural(found, 'page')} could be read"
    return source.finding("evidence-damaged-repaired", Level.WARNING, message, "Compare every page with the original.")


_PAGES_NODE: Final = re.compile(rb"/Type\s*/Pages\b")
_COUNT: Final = re.compile(rb"/Count\s+(\d{1,7})\b")


def _counts_in_bytes(data: bytes) -> Iterator[int]:
    """The page counts as the bytes have them: qpdf corrects them while it repairs.  Those in object streams are not seen."""
    for node in _PAGES_NODE.finditer(data):
        start = data.rfind(b"obj", 0, node.start())
        end = data.find(b"endobj", node.end())
        count = _COUNT.search(data, max(start, 0), end if end >= 0 else len(data))
        if count:
            yield int(count[1])


_END_MARK: Final = b"%%EOF"
_DEFINED: Final = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+obj\b")
_REFERRED: Final = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+R\b")


def _is_cut_off(data: bytes) -> bool:
    """Whether the end mark is missing and objects are named that are nowhere in the file."""
    if _END_MARK in data:
        return False
    return bool(set(_REFERRED.findall(data)) - set(_DEFINED.findall(data)))


def _is_torn(page: Object, limit: int) -> bool:
    """Whether the page has no content any more, or a stream that it is drawn with is empty or does not decode."""
    return "/Contents" not in page or any(_is_broken(stream, limit) for stream in _streams_of(page))


_OUTWARD: Final = frozenset({"/Parent", "/StructParents", "/B", "/P", "/Metadata", "/PieceInfo", "/Thumb", "/Dest", "/A", "/Popup"})


def _streams_of(page: Object) -> Iterator[Stream]:
    """Every stream that the page's entries lead to, each once."""
    seen: set[tuple[int, int]] = set()
    stack: list[object] = [page]
    while stack:
        item = stack.pop()
        if not isinstance(item, (Array, Dictionary, Stream)) or item.objgen in seen:
            continue
        if item.is_indirect:
            seen.add(item.objgen)
        if isinstance(item, Array):
            stack.extend(item)
            continue
        if isinstance(item, Stream):
            yield item
        stack.extend(value for key, value in item.items() if key not in _OUTWARD)


def _is_broken(stream: Stream, limit: int) -> bool:
    try:
        return not stream.read_raw_bytes() or decoded(stream, limit) == b""
    except (StreamDamagedError, StreamTooLargeError):
        return True
