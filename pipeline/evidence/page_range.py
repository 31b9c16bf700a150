"""Page ranges such as `1-3,7`: reading them, and saying them in words.  Pages count from 1."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PIECE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)


class PageRangeError(ValueError):
    """A page range that does not fit; the text says why and holds nothing of the case but page numbers."""


def parse_pages(text: str, count: int) -> tuple[int, ...]:
    """The pages that `text` names in a document of `count` pages, in rising order.

    `text` is a comma-separated list of pages (`7`) and ranges (`1-3`), as the case schema has it.  Raises PageRangeError for
    anything else, for a page that the document does not have, and for pages that are out of order or named twice.
    """
    pages: list[int] = []
    for piece in text.split(","):
        match = _PIECE.fullmatch(piece.strip())
        if match is None:
            raise PageRangeError('a page range is written like "1-3,7"')
        first = int(match[1])
        last = int(match[2] or first)
        if not 1 <= first <= last <= count:
            raise PageRangeError(f"the file has pages 1 to {count}; the range asks for {piece.strip()}")
        if pages and first <= pages[-1]:
            raise PageRangeError(f"the range names page {first} twice or out of order")
        pages.extend(range(first, last + 1))
    return tuple(pages)


def _runs(pages: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], page)
        else:
            runs.append((page, page))
    return runs


def describe_pages(pages: Sequence[int]) -> str:
    """Pages in words: `page 7`, `pages 1-3`, `pages 1-3, 5 and 7`; empty for no pages."""
    if not pages:
        return ""
    parts = [str(first) if first == last else f"{first}-{last}" for first, last in _runs(pages)]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return f"page{'s' if len(pages) > 1 else ''} {listed}"
