"""Cutting runs of pages out of a finished packet, each as a PDF that stands alone."""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from pipeline.packet.assemble import linked_page
from pipeline.packet.stamps import FONT, Stamp
from pipeline.packet.upload.split import Weights
from pipeline.typeset.fonts import SERIF, lift

_OBJECT: Final = 40
"""Bytes of an object beside its content: its frame and its line in the cross-reference table."""
_OUTWARD: Final = frozenset({"/Parent", "/Dest", "/P"})
"""Entries that lead from a page to other pages."""


class Cutter:
    """Cuts pages out of a packet that stays open meanwhile."""

    def __init__(self, packet: pikepdf.Pdf) -> None:
        self._packet = packet
        self._numbers = {page.obj.objgen: number for number, page in enumerate(packet.pages, 1)}

    def cut(self, numbers: Sequence[int], index: bytes | None = None, stamps: Sequence[Stamp] = ()) -> bytes:
        """These packet pages with their stamps, behind an index whose pages get `stamps`; links to pages that are not in it go.

        Not encrypted; the same pages give the same bytes.
        """
        with pikepdf.new() as part:
            before = _append_index(part, index, stamps) if index else 0
            for number in numbers:
                part.pages.append(self._packet.pages[number - 1])
            places = {number: before + place for place, number in enumerate(numbers)}
            for number, place in places.items():
                self._relink(part, number, place, places)
            _relink_index(part, before, places)
            part.Root["/Lang"] = String("en-US")
            target = io.BytesIO()
            part.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True, fix_metadata_version=False)
        return target.getvalue()

    def _relink(self, part: pikepdf.Pdf, number: int, place: int, places: Mapping[int, int]) -> None:
        """Leads a page's links to where their goals are in this part."""
        page = part.pages[place].obj
        if "/Annots" not in page:
            return
        kept = []
        for annot, original in zip(page.Annots, self._packet.pages[number - 1].obj.Annots, strict=True):
            dest = original.get("/Dest")
            goal = places.get(self._numbers.get(dest[0].objgen, 0)) if isinstance(dest, Array) else None
            if goal is not None:
                annot["/Dest"] = Array([part.pages[goal].obj, Name.Fit])
                kept.append(annot)
        page.Annots = Array(kept)

    def weights(self, number: int) -> Weights:
        """Every object that a packet page is drawn with, by object number, with its bytes in a file."""
        found: dict[Hashable, int] = {}
        stack: list[object] = [self._packet.pages[number - 1].obj]
        while stack:
            item = stack.pop()
            if not isinstance(item, (Array, Dictionary, Stream)):
                continue
            if item.is_indirect:
                if item.objgen in found:
                    continue
                found[item.objgen] = _OBJECT + _bytes_of(item)
            stack.extend(item if isinstance(item, Array) else (value for key, value in item.items() if key not in _OUTWARD))
        return found


def _bytes_of(item: Array | Dictionary | Stream) -> int:
    """Length of an object in a file, about: streams as they are stored."""
    if isinstance(item, Stream):
        return int(item.Length) + len(item.stream_dict.unparse())
    return len(item.unparse(resolved=True))


def _append_index(part: pikepdf.Pdf, index: bytes, stamps: Sequence[Stamp]) -> int:
    """Puts the index first, each page with its stamp; returns how many pages it has."""
    font = lift(SERIF).install(part)
    with pikepdf.open(io.BytesIO(index)) as opened:
        part.pages.extend(opened.pages)
    for page, stamp in zip(part.pages, stamps, strict=True):
        resources = Dictionary({key: page.resources[key] for key in page.resources.keys()})
        fonts = resources.get("/Font") or Dictionary()
        resources.Font = Dictionary({**{key: fonts[key] for key in fonts.keys()}, FONT: font})
        page.obj.Resources = resources
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(b"\nQ\n" + stamp.operators())
        for key in ("/StructParents", "/Tabs"):
            if key in page.obj:
                del page.obj[key]
    return len(part.pages)


def _relink_index(part: pikepdf.Pdf, before: int, places: Mapping[int, int]) -> None:
    """Turns the index's links, `packet:page/41`, into links to where that page is in this part."""
    for page in list(part.pages)[:before]:
        if "/Annots" in page.obj:
            page.obj.Annots = Array([link for annot in page.obj.Annots if (link := _link(part, annot, places))])


def _link(part: pikepdf.Pdf, annot: pikepdf.Object, places: Mapping[int, int]) -> pikepdf.Object | None:
    number = linked_page(annot)
    if number is None or number not in places:
        return None
    goal = Array([part.pages[places[number]].obj, Name.Fit])
    return part.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=annot.Rect, Border=Array([0, 0, 0]), Dest=goal, F=4))
