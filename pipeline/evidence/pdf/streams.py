"""Reading a stream of a PDF that may be damaged or made to exhaust memory."""

from __future__ import annotations

import zlib
from typing import Final

import pikepdf
from pikepdf import Array, Name, Stream

FLATE: Final = (Name.FlateDecode, Name.Fl)
JPEG: Final = (Name.DCTDecode, Name.DCT)
"""Filters, by their full and their short name."""
_PICTURES: Final = (*JPEG, Name.JPXDecode, Name.JBIG2Decode, Name.CCITTFaxDecode, Name.CCF)


class StreamDamagedError(ValueError):
    """A stream that does not decode to its end."""


class StreamTooLargeError(ValueError):
    """A stream that decodes to more bytes than allowed."""


def filters_of(stream: Stream) -> tuple[Name, ...]:
    """The stream's filters in the order they are undone."""
    stated = stream.get("/Filter")
    if isinstance(stated, Array):
        return tuple(item for item in stated if isinstance(item, Name))
    return (stated,) if isinstance(stated, Name) else ()


def is_plainly_deflated(stream: Stream) -> bool:
    """Whether Flate is the only filter, without a predictor, on data that are there."""
    filters = filters_of(stream)
    return len(filters) == 1 and filters[0] in FLATE and "/DecodeParms" not in stream and bool(stream.read_raw_bytes())


def inflated(raw: bytes, limit: int) -> bytes:
    """Deflated bytes in full; raises StreamTooLargeError beyond `limit` bytes and StreamDamagedError when they end early or are corrupt.

    The end is told by the data's own last-block mark; the checksum behind it is not looked at, because many writers get it wrong.
    """
    if not raw:
        return b""
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(raw[2:], limit + 1)
    except zlib.error as error:
        raise StreamDamagedError from error
    if len(data) > limit:
        raise StreamTooLargeError
    if not inflater.eof:
        raise StreamDamagedError
    return data


def decoded(stream: Stream, limit: int) -> bytes | None:
    """The stream's bytes with all filters undone, or None when what remains is a picture format.

    Raises StreamDamagedError and StreamTooLargeError.  One Flate filter is undone here, with the bound; of several filters qpdf undoes all,
    and two Flate filters in a row, which only a bomb has, count as too large.
    """
    filters = filters_of(stream)
    if any(each in _PICTURES for each in filters):
        return None
    if not filters:
        return stream.read_raw_bytes()
    if sum(each in FLATE for each in filters) > 1:
        raise StreamTooLargeError
    if filters[0] in FLATE:
        data = inflated(stream.read_raw_bytes(), limit)
        if len(filters) == 1 and "/DecodeParms" not in stream:
            return data
    try:
        return stream.read_bytes()
    except (pikepdf.PdfError, pikepdf.DataDecodingError) as error:
        raise StreamDamagedError from error
