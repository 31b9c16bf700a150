"""Makes the evidence of samples: run `python samples/make_evidence.py KIND...`; it writes the folder `evidence` of each named sample.

The documents are Typst files in `<kind>/documents`, named for the file they become: `visa-refusal.typ` a PDF, `passport.jpg.typ` a
scanned JPEG in gray, `citizenship.png.typ` a PNG.  What several samples share stands in `documents/parts.typ`.  The same versions of
Typst, pikepdf and Pillow write the same bytes; the files are committed, so nobody needs to run this.
"""

from __future__ import annotations

import io
import random
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pikepdf
import typst
from PIL import Image

SAMPLES: Final = Path(__file__).resolve().parent

_SCAN_DOTS_PER_INCH: Final = 150
_PICTURE_DOTS_PER_INCH: Final = 160


def documents(kind: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of the sample's evidence, by name."""
    for source in sorted((SAMPLES / kind / "documents").glob("*.typ")):
        name = source.stem
        if name.endswith(".jpg"):
            yield name, _scan(source)
        elif name.endswith(".png"):
            yield name, _picture(source)
        else:
            yield f"{name}.pdf", _pdf(source)


def make(kind: str) -> None:
    """Writes the evidence folder of a sample."""
    folder = SAMPLES / kind / "evidence"
    folder.mkdir(exist_ok=True)
    for name, content in documents(kind):
        (folder / name).write_bytes(content)


def _typeset(source: Path, kind: Literal["pdf", "png"], dots_per_inch: float | None = None) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False)
    made = typst.compile(source, root=SAMPLES, format=kind, ppi=dots_per_inch, font_paths=fonts, timestamp=0, pdf_tags=False)
    assert isinstance(made, bytes)
    return made


def _pdf(source: Path) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(_typeset(source, "pdf"))) as pdf:
        pdf.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()


def _page(source: Path, dots_per_inch: float) -> Image.Image:
    return Image.open(io.BytesIO(_typeset(source, "png", dots_per_inch))).convert("L")


def _scan(source: Path) -> bytes:
    """As from an office scanner: gray, laid on the glass a little askew, with noise that follows from the file's name."""
    page = _page(source, _SCAN_DOTS_PER_INCH)
    chance = random.Random(zlib.crc32(source.stem.encode()))
    askew = page.rotate(chance.uniform(-0.9, 0.9), resample=Image.Resampling.BICUBIC, fillcolor=255)
    noise = Image.frombytes("L", askew.size, chance.randbytes(askew.width * askew.height))
    target = io.BytesIO()
    Image.blend(askew, noise, 0.025).save(target, "JPEG", quality=40, optimize=True, dpi=(_SCAN_DOTS_PER_INCH, _SCAN_DOTS_PER_INCH))
    return target.getvalue()


def _picture(source: Path) -> bytes:
    """Eight grays without noise, as a screen or a telephone's scanning program gives them."""
    page = _page(source, _PICTURE_DOTS_PER_INCH).quantize(8)
    target = io.BytesIO()
    page.save(target, "PNG", optimize=True, dpi=(_PICTURE_DOTS_PER_INCH, _PICTURE_DOTS_PER_INCH))
    return target.getvalue()


if __name__ == "__main__":
    for chosen in sys.argv[1:]:
        make(chosen)
