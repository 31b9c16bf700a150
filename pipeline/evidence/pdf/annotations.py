"""The annotations of a page, as far as they are what they should be."""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Object


def annotations_of(page: Object) -> Iterator[Object]:
    """The page's annotations that are dictionaries."""
    annotations = page.get("/Annots")
    if isinstance(annotations, Array):
        yield from (each for each in annotations if isinstance(each, Dictionary))
