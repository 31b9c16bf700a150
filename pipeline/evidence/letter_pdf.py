"""Writing letter pages that each show one object, and nothing else."""

from __future__ import annotations

import io
from enum import StrEnum
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


_RESOURCES: Final = frozenset({"/ColorSpace", "/ExtGState", "/Font", "/Pattern", "/Properties", "/Shading", "/XObject"})
"""The entries of a resource dictionary whose keys are free names (ISO 32000-1, 7.8.3): a font may be called /F."""
_FREELY_NAMED: Final = frozenset({"/CharProcs", "/Colorants"})
"""The same of glyphs in a Type 3 font, and of spot colours."""
_DEEPEST: Final = 50


class _Role(StrEnum):
    """What the keys of a dictionary are."""

    ENTRIES = "entries"
    """Words with a meaning."""
    RESOURCES = "resources"
    """Kinds of resources."""
    NAMES = "names"
    """Free names."""

    def of(self, key: str) -> _Role:
        """The role of the dictionary that stands under a key."""
        if self is _Role.RESOURCES and key in _RESOURCES:
            return _Role.NAMES
        if self is not _Role.NAMES and key in _FREELY_NAMED:
            return _Role.NAMES
        return _Role.RESOURCES if self is _Role.ENTRIES and key == "/Resources" else _Role.ENTRIES


_Roles = dict[tuple[int, int], _Role]
"""By object number; what is not in it has entries."""


def _roles(pdf: Pdf) -> _Roles:
    roles: _Roles = {}
    for _ in range(2):  # first the resource dictionaries, then what stands in them
        for item in pdf.objects:
            _note(item, _role_of(item, roles), roles)
    return roles


def _role_of(item: object, roles: _Roles) -> _Role:
    return roles.get(item.objgen, _Role.ENTRIES) if isinstance(item, Object) else _Role.ENTRIES


def _note(value: object, role: _Role, roles: _Roles, depth: int = 0) -> None:
    """Notes the roles of dictionaries that an object refers to, also from the direct objects in it."""
    if not isinstance(value, (Stream, Dictionary, Array)) or depth > _DEEPEST:
        return
    inner = ((role.of(key), item) for key, item in value.items()) if not isinstance(value, Array) else ((_Role.ENTRIES, i) for i in value)
    for its_role, item in inner:
        if isinstance(item, Dictionary) and item.is_indirect and its_role is not _Role.ENTRIES:
            roles[item.objgen] = its_role
        elif isinstance(item, (Dictionary, Array)) and not item.is_indirect:
            _note(item, its_role, roles, depth + 1)


def _scrub(value: object, role: _Role, depth: int = 0) -> None:
    """Removes what `_DROPPED` names from an object and the direct objects in it; other indirect objects are visited on their own."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Stream):
        value = value.stream_dict
    if isinstance(value, Dictionary):
        for key in _unwanted(value, role):
            del value[key]
        for key, item in value.items():
            _scrub_direct(item, role.of(key), depth + 1)
    elif isinstance(value, Array):
        for item in value:
            _scrub_direct(item, _Role.ENTRIES, depth + 1)


def _scrub_direct(value: object, role: _Role, depth: int) -> None:
    if isinstance(value, (Dictionary, Array)) and not value.is_indirect:
        _scrub(value, role, depth)


def _unwanted(dictionary: Dictionary, role: _Role) -> list[str]:
    """Keys with a meaning that we drop, resources of no kind that is drawn with, and of free names those of no resource, such as a text."""
    if role is _Role.ENTRIES:
        return [key for key in dictionary.keys() if key in _DROPPED]
    if role is _Role.RESOURCES:
        return [key for key in dictionary.keys() if key not in _RESOURCES and key != "/ProcSet"]
    return [key for key, item in dictionary.items() if not isinstance(item, (Stream, Dictionary, Array, Name))]


def _share_contents(pdf: Pdf) -> None:
    """Pages that place what they show in the same way, as all pages of a scan do, have one content stream."""
    once: dict[bytes, Object] = {}
    for page in pdf.pages:
        drawn = page.obj.get("/Contents")
        if isinstance(drawn, Stream):  # a page of a packet, which is made smaller for an upload, has several
            page.obj.Contents = once.setdefault(drawn.read_bytes(), drawn)


def write_letter_pdf(pdf: Pdf) -> bytes:
    """The finished bytes: no object streams, no dates, an /ID made from the content, and no action or file that hung on an object.

    Streams keep the bytes they came with: nothing is decoded, so nothing can blow up here.
    """
    roles = _roles(pdf)
    for item in pdf.objects:
        _scrub(item, _role_of(item, roles))
    for key in ("/AcroForm", "/AA", "/Names", "/OpenAction", "/Outlines", "/Metadata"):
        if key in pdf.Root:
            del pdf.Root[key]
    _share_contents(pdf)
    target = io.BytesIO()
    pdf.save(
        target,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return target.getvalue()
