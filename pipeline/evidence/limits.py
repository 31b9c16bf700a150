"""How large a piece of evidence may be before intake refuses it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one file; a file beyond one of them is an EvidenceError that names the bound."""

    file_bytes: int = 200_000_000
    """Bytes on disk."""
    pages: int = 2_000
    """Pages of a PDF, or pictures in one picture file."""
    pixels: int = 80_000_000
    """Pixels of one picture; a letter page at 600 dpi has 33.7 million.  Below Pillow's own warning threshold."""
    stream_bytes: int = 256_000_000
    """Decoded bytes of one compressed stream of a PDF or PNG."""
    bookmarks: int = 2_000
    """Bookmarks taken over from one file, all levels together."""
