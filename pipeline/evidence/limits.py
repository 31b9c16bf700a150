"""How large a piece of evidence may be, and how long and with how much memory it may be worked on."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Upper bounds for one file; a file beyond one of them is an EvidenceError that names the bound."""

    file_bytes: int = 200_000_000
    """Bytes on disk."""
    pages: int = 2_000
    """Pages taken of a PDF, or pictures of one picture file."""
    file_pages: int = 100_000
    """Pages of a file of which the case asks for some: to find those takes a tenth of a millisecond and 3 kB for each that is there."""
    pixels: int = 80_000_000
    """Pixels of one picture; a letter page at 600 dpi has 33.7 million.  Below Pillow's own warning threshold."""
    stream_bytes: int = 256_000_000
    """Decoded bytes of one compressed stream of a PDF or PNG, or of one file in an office document."""
    bookmarks: int = 2_000
    """Bookmarks taken over from one file, all levels together."""
    nesting: int = 3
    """Messages within messages, PDFs within PDFs, and folders within the folder of an exhibit."""
    files: int = 1_000
    """Files that one folder or pattern may stand for, or that are attached to one message or PDF."""
    seconds: int = 120
    """Time for one file, as a clock on the wall counts it."""
    memory_bytes: int = 2_000_000_000
    """Address space of the process that converts; macOS does not enforce it."""
