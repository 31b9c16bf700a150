"""Files whose name promises another kind than their content is."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from msgspec.structs import replace

from pipeline.evidence.model import Kept
from pipeline.evidence.other_kinds import PLAIN_TEXT
from pipeline.findings import Finding, Level

_KINDS: Final = {
    "avif": "AVIF",
    "bmp": "BMP",
    "gif": "GIF",
    "heic": "HEIF",
    "heif": "HEIF",
    "jpe": "JPEG",
    "jpeg": "JPEG",
    "jpg": "JPEG",
    "pdf": "PDF",
    "png": "PNG",
    "tif": "TIFF",
    "tiff": "TIFF",
    "txt": PLAIN_TEXT,
    "webp": "WEBP",
}
"""Ending of a name to the kind that it promises; other endings promise nothing."""


def misnamed(kept: Kept, shown_as: str) -> Kept:
    """The conversion, with a warning when the ending of the file's name says another kind."""
    promised = _KINDS.get(PurePosixPath(shown_as).suffix[1:].lower(), kept.kind)
    if promised == kept.kind:
        return kept
    message = f"the file's name says {promised}, and its content is {kept.kind}"
    finding = Finding("evidence-misnamed", Level.WARNING, shown_as, message, "Check that it is the file that was meant.")
    return replace(kept, findings=(finding, *kept.findings))
