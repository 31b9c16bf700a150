"""A document's own outline, with the pages that are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, String

from pipeline.evidence.model import Bookmark
from pipeline.evidence.pdf.intake import READER_FAULTS

_DEPTH: Final = 8
_LONGEST: Final = 200
"""Characters of a title; viewers cut it much earlier."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def bookmarks_of(pdf: Pdf, shown: Mapping[int, int], most: int) -> tuple[Bookmark, ...]:
    """The outline down to 8 levels and `most` entries.

    `shown` maps a page of the document to the page of the output, both from 1.  An entry whose page is not shown takes the page
    of its first child that is, and goes when there is none; so does an entry that leads out of the file.  A damaged outline
    counts as none.
    """
    try:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        pages = {objgen: shown.get(number) for objgen, number in numbers.items()}
        return _Reader(pdf, pages, most).entries(pdf.open_outline(max_depth=_DEPTH).root)
    except READER_FAULTS:
        return ()


def clean_title(title: str) -> str:
    """A title on one line, without signs that change how others are shown, and not longer than a viewer shows."""
    return _CONTROL.sub(" ", title).strip()[:_LONGEST]


class _Reader:
    """Reads items until the bound is reached."""

    def __init__(self, pdf: Pdf, pages: Mapping[tuple[int, int], int | None], most: int) -> None:
        self._pdf = pdf
        self._pages = pages
        self._left = most

    def entries(self, items: Sequence[OutlineItem]) -> tuple[Bookmark, ...]:
        found = []
        for item in items:
            if self._left <= 0:
                break
            self._left -= 1
            children = self.entries(item.children)
            page = self._page_of(item) or (children[0].page if children else None)
            title = clean_title(item.title)
            if page is not None and title:
                found.append(Bookmark(title, page, children))
        return tuple(found)

    def _page_of(self, item: OutlineItem) -> int | None:
        action = item.action
        if item.destination is None and isinstance(action, Dictionary) and action.get("/S") == Name.GoTo:
            target = action.get("/D")
            item.destination = target if isinstance(target, (Array, String, Name)) else None
        destination = item.resolved_destination(self._pdf)
        page = destination.page if destination else None
        return self._pages.get(page.objgen) if isinstance(page, Dictionary) else None
