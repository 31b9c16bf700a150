"""Opening a PDF with PDFium, one thread at a time: its authors say that it is not safe in threads, and it crashes when two use it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2

_TURN = threading.RLock()


@contextmanager
def pdfium_document(source: Path | bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The document, closed at the end with all that was taken from it; other threads that want one wait.

    Pictures made of its pages may be used longer.  Raises pypdfium2.PdfiumError when PDFium cannot read it.
    """
    with _TURN:
        document = pypdfium2.PdfDocument(source)
        try:
            yield document
        finally:
            document.close()
