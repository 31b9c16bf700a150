"""Files that a PDF holds: attached to the document, or pinned to one of its pages."""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Object, Pdf, Stream

from pipeline.evidence.names import natural_key
from pipeline.evidence.pdf.annotations import annotations_of
from pipeline.sealed import Sealed


class Held(Sealed, frozen=True):
    """A file in a PDF, still encoded."""

    name: str
    """As the PDF calls it; empty when it has no name."""
    stream: Stream
    page: int = 0
    """The page that holds it, from 1; 0 for the document."""


def held_files(pdf: Pdf) -> tuple[Held, ...]:
    """Every file once: those of the document by name in natural order, then those of its pages in order.

    A file that is only named, and lies elsewhere, is none.
    """
    found: dict[tuple[int, int], Held] = {}
    for held in (*sorted(_of_document(pdf), key=lambda held: natural_key(held.name)), *_of_pages(pdf)):
        found.setdefault(held.stream.objgen, held)
    return tuple(found.values())


def _of_document(pdf: Pdf) -> Iterator[Held]:
    for name, specification in pdf.attachments.items():
        yield from _held(specification.obj, name)
    yield from _associated(pdf.Root)


def _of_pages(pdf: Pdf) -> Iterator[Held]:
    for number, page in enumerate(pdf.pages, 1):
        yield from _associated(page.obj, number)
        for annotation in annotations_of(page.obj):
            specification = annotation.get("/FS")
            if str(annotation.get("/Subtype", "")) == "/FileAttachment" and isinstance(specification, Dictionary):
                yield from _held(specification, "", number)


def _associated(owner: Object, page: int = 0) -> Iterator[Held]:
    """Files that are said to belong to the document or the page (ISO 32000-2, 14.13), and perhaps stand nowhere else."""
    files = owner.get("/AF")
    for specification in files if isinstance(files, Array) else ():
        if isinstance(specification, Dictionary):
            yield from _held(specification, "", page)


def _held(specification: Object, name: str, page: int = 0) -> Iterator[Held]:
    """The file of a file specification (ISO 32000-1, 7.11.3)."""
    embedded = specification.get("/EF")
    if not isinstance(embedded, Dictionary):
        return
    streams = (embedded.get(key) for key in ("/UF", "/F", "/DOS", "/Mac", "/Unix"))
    stream = next((each for each in streams if isinstance(each, Stream)), None)
    if stream is not None:
        yield Held(str(specification.get("/UF", specification.get("/F", name))), stream, page)
