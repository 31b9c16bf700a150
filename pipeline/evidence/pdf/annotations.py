"""The annotations of a page, as far as they are what they should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pikepdf import Array, Dictionary, Object, Pdf

HIDDEN: Final = 2
"""A bit of an annotation's /F (ISO 32000-1, table 165)."""


def annotations_of(page: Object) -> Iterator[Object]:
    """The page's annotations that are dictionaries."""
    annotations = page.get("/Annots")
    if isinstance(annotations, Array):
        yield from (each for each in annotations if isinstance(each, Dictionary))


def leave_marks_of_others(pdf: Pdf, chosen: Sequence[int]) -> None:
    """Takes fields and other annotations from the pages that are not chosen, so that nothing is said of what no reader asks for.

    A field that is on a chosen page too stays as it is there.
    """
    wanted = frozenset(chosen)
    kept = {each.objgen for number in chosen for each in annotations_of(pdf.pages[number - 1].obj)}
    for number, page in enumerate(pdf.pages, 1):
        if number in wanted or "/Annots" not in page.obj:
            continue
        for annotation in annotations_of(page.obj):
            if annotation.objgen not in kept:
                annotation.F = HIDDEN
        del page.obj.Annots
