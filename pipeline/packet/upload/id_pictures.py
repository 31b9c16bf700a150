"""Identity papers as pictures, for the slots of an online account that take no PDF (capture of the upload screens, 2026-09-15)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from PIL import ImageChops

from pipeline.packet.exhibits import ReadyPart
from pipeline.packet.plan import Exhibit, PacketPlan, PartRole
from pipeline.pdfium import pdfium_document

_IDENTITY: Final = frozenset({"petitioner-identity", "beneficiary-identity"})
"""Kinds of evidence that go into a slot for a photo ID."""
_DOTS: Final = 300
_QUALITY: Final = 90


def id_pictures(plan: PacketPlan, exhibits: Mapping[int, Sequence[ReadyPart]]) -> dict[str, bytes]:
    """Every page of the identity papers as a JPEG of 300 dots per inch, by name without its ending.

    Translations and certificates stay out: they are uploaded with the evidence.
    """
    found: dict[str, bytes] = {}
    for number, parts in exhibits.items():
        exhibit = plan.sections[number].exhibit
        if exhibit is None or not _shows_identity(plan, exhibit):
            continue
        files = [file for part in parts if part.part.role is PartRole.ORIGINAL for file in part.files]
        pictures = (picture for file in files for picture in _pictures(file.kept.file.read_bytes()))
        name = plan.sections[number].file_name
        found |= {f"photo-id-{name}-page-{page}": picture for page, picture in enumerate(pictures, 1)}
    return found


def _shows_identity(plan: PacketPlan, exhibit: Exhibit) -> bool:
    return not _IDENTITY.isdisjoint(plan.case.at(f"{exhibit.pointer}/evidence") or ())


def _pictures(pdf: bytes) -> Iterator[bytes]:
    """Every page without its empty margins."""
    with pdfium_document(pdf) as document:
        for page in document:
            image = page.render(scale=_DOTS / 72).to_pil().convert("RGB")
            box = ImageChops.invert(image.convert("L")).getbbox()
            target = io.BytesIO()
            (image.crop(box) if box else image).save(target, "JPEG", quality=_QUALITY, dpi=(_DOTS, _DOTS))
            yield target.getvalue()
            page.close()
