"""Writing letter pages that each show one object, and nothing else."""

from __future__ import annotations

import io
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Object, Pdf, Stream

from pipeline.evidence.letter import LETTER, numbers

_SHOWN: Final = Name.Evidence
"""The resource name of the one object on each page."""

_DROPPED: Final = frozenset(
    {
        "/A",
        "/AA",
        "/AF",
        "/Alternates",
        "/Annots",
        "/Dest",
        "/EF",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/F",
        "/JS",
        "/JavaScript",
        "/LastModified",
        "/Launch",
        "/Metadata",
        "/NeedAppearances",
        "/OC",
        "/OPI",
        "/PS",
        "/Perms",
        "/PieceInfo",
        "/Ref",
        "/StructParent",
        "/StructParents",
        "/URI",
        "/XFA",
    }
)
"""Keys that have no business in a picture or a page's drawing: actions, files, scripts, private data, links into a tree that is gone."""


def add_letter_page(pdf: Pdf, shown: Stream, matrix: Matrix) -> None:
    """Appends a letter page that shows a form or image XObject of the same PDF through `matrix`."""
    contents = pdf.make_stream(f"q {numbers(matrix)} cm {_SHOWN} Do Q\n".encode("ascii"))
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([LETTER.x0, LETTER.y0, LETTER.x1, LETTER.y1]),
        Resources=Dictionary(XObject=Dictionary({str(_SHOWN): shown})),
        Contents=contents,
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def _scrub(value: object, depth: int = 0) -> None:
    """Removes what `_DROPPED` names from an object and the direct objects in it; other indirect objects are visited on their own."""
    if depth > 50:
        return
    if isinstance(value, Stream):
        _scrub(value.stream_dict, depth)
    elif isinstance(value, Dictionary):
        if not _is_name_map(value):
            for key in value.keys() & _DROPPED:
                del value[key]
        for _, item in value.items():
            _scrub_direct(item, depth + 1)
    elif isinstance(value, Array):
        for item in value:
            _scrub_direct(item, depth + 1)


def _scrub_direct(value: object, depth: int) -> None:
    if isinstance(value, (Dictionary, Array)) and not value.is_indirect:
        _scrub(value, depth)


def _is_name_map(dictionary: Object) -> bool:
    """Whether the keys are free names (resources, glyphs: a font may be called /F) and not entries with a meaning."""
    return not ({"/Type", "/Subtype", "/S", "/Length"} & dictionary.keys())


def write_letter_pdf(pdf: Pdf) -> bytes:
    """The finished bytes: no object streams, no dates, an /ID made from the content, and no action or file that hung on an object.

    Streams keep the bytes they came with: nothing is decoded, so nothing can blow up here.
    """
    for item in pdf.objects:
        _scrub(item)
    for key in ("/AcroForm", "/AA", "/Names", "/OpenAction", "/Outlines", "/Metadata"):
        if key in pdf.Root:
            del pdf.Root[key]
    target = io.BytesIO()
    pdf.save(
        target,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return target.getvalue()
