"""Opening a PDF: passwords, damage and repair, and documents that are not what they show."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Object, Pdf

from pipeline.errors import EvidenceError
from pipeline.evidence.model import Source
from pipeline.evidence.pdf.damage import ASK_AGAIN, repaired
from pipeline.findings import Finding, Level

logging.getLogger("pikepdf").addHandler(logging.NullHandler())
"""pikepdf logs what qpdf says, which may quote the file; without a handler Python would print it."""

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
            "evidence-damaged", f"the file is damaged and could not be read ({type(error).__name__})", ASK_AGAIN
        ) from error


@contextmanager
def opened(source: Source) -> Iterator[tuple[Pdf, list[Finding]]]:
    """The PDF and what was noted while opening it.

    Raises EvidenceError for a password that is needed, encryption that qpdf does not know, damage that lost something, a portfolio
    unless the case says what becomes of the files in it, and a form whose pages exist only in Adobe's own XFA.
    """
    pdf, needed_password = _open(source)
    with pdf:
        stated = pdf.Root.Pages.get("/Count")  # before qpdf walks the page tree, which corrects it
        found = len(pdf.pages)
        if isinstance(stated, int) and stated > found:
            raise source.refusal(
                "evidence-damaged", f"the file is damaged: it says it has {stated} pages, {found} could be read", ASK_AGAIN
            )
        source.check_length(found)
        _bring_down(pdf)
        _refuse_stand_ins(source, pdf)
        findings = _encryption(source, pdf, needed_password)
        for _ in pdf.objects:  # qpdf reads an object when it is asked for, and says only then what is wrong with it
            pass
        if pdf.get_warnings():
            findings.append(repaired(source, pdf))
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
                if isinstance(node[key], Dictionary) and not node[key].is_indirect:
                    node[key] = pdf.make_indirect(node[key])
                page.obj[key] = node[key]


def _open(source: Source) -> tuple[Pdf, bool]:
    """The PDF, and whether it opened only with the password that was given: one that needs none opens whatever was given."""
    for password in ("", *_spellings(source.wishes.password or "")):
        try:
            return pikepdf.open(io.BytesIO(source.data), password=password, inherit_page_attributes=False), bool(password)
        except pikepdf.PasswordError:
            continue
        except pikepdf.PdfError as error:
            raise _not_opened(source) from error
    given = "another password than the one given" if source.wishes.password else "a password"
    remedy = "Put its password into an environment variable and name that in the exhibit's `password_from`, or save a copy without one."
    raise source.refusal("evidence-password", f"the file opens only with {given}", remedy)


def _spellings(password: str) -> Iterator[str | bytes]:
    """The bytes that a password may stand for: UTF-8, and in files before PDF 2.0 PDFDocEncoding (ISO 32000-1, 7.6.3.3) or Windows' own."""
    if not password:
        return
    yield password
    for encoding in ("pdfdoc", "cp1252"):
        with suppress(UnicodeEncodeError):
            yield password.encode(encoding)


def _not_opened(source: Source) -> EvidenceError:
    if b"/Encrypt" in source.data:
        return source.refusal(
            "evidence-password", "the file is damaged, or encrypted in a way that is not known", "Save a copy without encryption."
        )
    return source.refusal("evidence-damaged", "the file is damaged beyond repair, or is not a whole PDF", ASK_AGAIN)


def _encryption(source: Source, pdf: Pdf, needed_password: bool) -> list[Finding]:
    if not pdf.is_encrypted:
        return []
    if needed_password:
        message = "the file was opened with its password; the packet holds its pages without one"
    else:
        message = "the file restricts what may be done with it; it opens without a password"
    return [source.finding("evidence-owner-password", Level.INFO, message)]


def is_portfolio(pdf: Pdf) -> bool:
    """Whether viewers show the files in the document, and not its pages."""
    return "/Collection" in pdf.Root


def _refuse_stand_ins(source: Source, pdf: Pdf) -> None:
    """Refuses files whose pages are only a cover for what they hold."""
    root = pdf.Root
    if is_portfolio(pdf) and source.wishes.attachments not in {"add", "drop"}:
        remedy = 'Set "attachments": "add" in the exhibit, or save the files in it and name those in the case.'
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
