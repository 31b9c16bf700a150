"""PDFs in memory as qpdf opens them."""

from __future__ import annotations

import io
import threading
from functools import lru_cache

import pikepdf


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has; raises pikepdf.PdfError when it is none."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def kept_open(pdf: bytes) -> pikepdf.Pdf:
    """A PDF that serves many packets, such as a form's blank, as this thread opened it for an earlier one; it is not to be changed.

    To open the blanks of four forms anew takes 10 ms.  Raises pikepdf.PdfError when it is none.
    """
    return _opened(pdf, threading.get_ident())


@lru_cache(maxsize=32)
def _opened(pdf: bytes, thread: int) -> pikepdf.Pdf:
    del thread
    return pikepdf.open(io.BytesIO(pdf))
