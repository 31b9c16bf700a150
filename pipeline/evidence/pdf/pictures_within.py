"""The pictures on the pages of a PDF: whole, and no larger than allowed.  A viewer shows what is left of one that is cut off."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from typing import Final

from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from pipeline.evidence.model import Source
from pipeline.evidence.pdf.damage import ASK_AGAIN, streams_of
from pipeline.evidence.pdf.streams import FLATE, JPEG, filters_of

_END_OF_JPEG: Final = b"\xff\xd9"
_TAIL: Final = 4096
"""Bytes at the end of a JPEG in which its end mark is looked for: some writers pad behind it."""
_CHUNK: Final = 1 << 20
_CHANNELS: Final = {Name.DeviceRGB: 3, Name.CalRGB: 3, Name.Lab: 3, Name.DeviceCMYK: 4}


def check_pictures(source: Source, pdf: Pdf, chosen: Sequence[int]) -> None:
    """Raises EvidenceError for the first chosen page with a picture that is cut off, or that decodes to more bytes than allowed.

    Limits: of JPEG and deflated pictures it is told whether they are whole; fax, JBIG2 and JPEG 2000 pictures are not decoded here.
    """
    seen: set[tuple[int, int]] = set()
    for number in chosen:
        for picture in streams_of(pdf.pages[number - 1].obj):
            if picture.get("/Subtype") != Name.Image or picture.objgen in seen:
                continue
            seen.add(picture.objgen)
            if _decoded_bytes(picture) > source.limits.stream_bytes:
                message = f"page {number} of the file has a picture that needs more memory than allowed"
                raise source.refusal("evidence-too-large", message, "Save the picture with fewer dots, or print the file to a new PDF.")
            if _is_cut_off(picture):
                raise source.refusal("evidence-damaged", f"a picture on page {number} of the file is cut off", ASK_AGAIN)


def _decoded_bytes(picture: Stream) -> int:
    width, height, bits = (picture.get(key) for key in ("/Width", "/Height", "/BitsPerComponent"))
    if not isinstance(width, int) or not isinstance(height, int):
        return 0
    return width * height * (bits if isinstance(bits, int) else 1) * _channels(picture.get("/ColorSpace")) // 8


def _channels(space: object) -> int:
    if isinstance(space, Array) and len(space) > 1 and space[0] == Name.ICCBased and isinstance(space[1], (Dictionary, Stream)):
        count = space[1].get("/N")
        return count if isinstance(count, int) else 1
    return next((count for name, count in _CHANNELS.items() if space == name), 1)


def _is_cut_off(picture: Stream) -> bool:
    filters = filters_of(picture)
    if len(filters) != 1 or filters[0] not in (*JPEG, *FLATE):
        return False
    data = picture.read_raw_bytes()
    return _is_short_jpeg(data) if filters[0] in JPEG else _is_short_deflate(data)


def _is_short_jpeg(data: bytes) -> bool:
    """Whether a JPEG lacks its end mark and, since some writers forget it, data too."""
    if _END_OF_JPEG in data[-_TAIL:]:
        return False
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
    except (OSError, SyntaxError, ValueError):
        return True
    return False


def _is_short_deflate(data: bytes) -> bool:
    """Whether deflated data end before their last block; the checksum behind it is not looked at, because many writers get it wrong."""
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        waiting = data[2:]
        while waiting and not inflater.eof:
            inflater.decompress(waiting, _CHUNK)
            waiting = inflater.unconsumed_tail
    except zlib.error:
        return True
    return not inflater.eof
