"""PNG: the compressed picture data go into the packet unchanged wherever PDF can say the same thing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from pipeline.sealed import Sealed

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_SAMPLES = {0: 1, 2: 3, 3: 1}
"""Colour type to samples a pixel, for the colour types that PDF shows as they are (PNG specification, table 11.1): gray, RGB, palette."""


class PngData(Sealed, frozen=True):
    """The parts of a PNG file that a PDF image needs."""

    width: int
    height: int
    bits: int
    """Bits a sample: 1, 2, 4, 8 or 16."""
    colour: int
    """Colour type: 0 gray, 2 RGB, 3 palette."""
    palette: bytes
    pixels: bytes
    """Filtered rows, deflated: the joined IDAT chunks."""

    @property
    def decoded_bytes(self) -> int:
        """Length of the inflated data: a filter byte and the packed samples for each row."""
        return self.height * (1 + (self.width * self.bits * _SAMPLES[self.colour] + 7) // 8)

    def is_whole(self) -> bool:
        """Whether the data inflate to exactly the rows of the picture."""
        inflater = zlib.decompressobj()
        try:
            rows = inflater.decompress(self.pixels, self.decoded_bytes + 1)
        except zlib.error:
            return False
        return len(rows) == self.decoded_bytes

    def image(self, pdf: Pdf) -> Stream:
        """The picture as an image XObject of `pdf`."""
        shown = Stream(pdf, self.pixels)
        shown.stream_dict = Dictionary(
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=self.width,
            Height=self.height,
            BitsPerComponent=self.bits,
            ColorSpace=self._colour_space(),
        )
        parameters = Dictionary(Predictor=15, Colors=_SAMPLES[self.colour], BitsPerComponent=self.bits, Columns=self.width)
        shown.write(self.pixels, filter=Name.FlateDecode, decode_parms=parameters)
        return shown

    def _colour_space(self) -> Name | Array:
        if self.colour == 3:
            return Array([Name.Indexed, Name.DeviceRGB, len(self.palette) // 3 - 1, String(self.palette)])
        return Name.DeviceRGB if self.colour == 2 else Name.DeviceGray


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def read_png(data: bytes) -> PngData | None:
    """The file's parts, or None when PDF cannot show its data as they are: interlaced, animated, with transparency, or not whole."""
    chunks = list(_chunks(data)) if data.startswith(SIGNATURE) else []
    kinds = {kind for kind, _ in chunks}
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13 or kinds & {b"tRNS", b"acTL", b"CgBI"} or b"IEND" not in kinds:
        return None
    width, height, bits, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    palette = next((body for kind, body in chunks if kind == b"PLTE"), b"")
    if colour not in _SAMPLES or interlace or (colour == 3 and not 3 <= len(palette) <= 768):
        return None
    png = PngData(width, height, bits, colour, palette if colour == 3 else b"", b"".join(body for kind, body in chunks if kind == b"IDAT"))
    return png if png.is_whole() else None
