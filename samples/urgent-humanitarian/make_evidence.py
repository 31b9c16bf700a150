"""Makes the sample's evidence: run `python samples/urgent-humanitarian/make_evidence.py`; it writes the folder `evidence` beside it.

The documents are Typst files in `documents`.  What a client's files bring with them is added here: a scan's noise and skew, a
rotated page, an offset crop.  The same versions of Typst, pikepdf and Pillow write the same bytes; the files are committed, so
nobody needs to run this to build the sample.
"""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Final

import pikepdf
import typst
from PIL import Image

HERE: Final = Path(__file__).resolve().parent
SAMPLES: Final = HERE.parent
DOCUMENTS: Final = HERE / "documents"
EVIDENCE: Final = HERE / "evidence"

_LETTER_ON_LARGER_PAPER: Final = (48, 36, 660, 828)
"""The trim of bank-statement.typ, in points."""

_RENAMED: Final = {"cardiologist-letter": "carta del cardiólogo"}
"""Documents whose files carry the name a client gave them."""

_PICTURES: Final = frozenset({"parts", "passports", "petitioner-passport"})
"""Not written as PDF."""


def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _typeset(name: str) -> bytes:
    pdf = typst.compile(DOCUMENTS / f"{name}.typ", root=SAMPLES, format="pdf", font_paths=_fonts(), timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


def _picture(name: str, dots_per_inch: float) -> Image.Image:
    png = typst.compile(DOCUMENTS / f"{name}.typ", root=SAMPLES, format="png", ppi=dots_per_inch, font_paths=_fonts())
    assert isinstance(png, bytes)
    return Image.open(io.BytesIO(png)).convert("RGB")


def _changed(pdf_bytes: bytes, **entries: object) -> bytes:
    """The PDF with these entries on every page."""
    with pikepdf.open(io.BytesIO(pdf_bytes)) as pdf:
        for page in pdf.pages:
            for key, value in entries.items():
                page.obj[f"/{key}"] = value
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True, fix_metadata_version=False)
    return target.getvalue()


def _scanned(page: Image.Image, seed: int) -> Image.Image:
    """Gray, laid on the glass a little askew, with the noise of an office scanner."""
    chance = random.Random(seed)
    gray = page.convert("L").rotate(0.8, resample=Image.Resampling.BICUBIC, fillcolor=255)
    noise = Image.frombytes("L", gray.size, chance.randbytes(gray.width * gray.height))
    return Image.blend(gray, noise, 0.07)


def document(name: str) -> bytes:
    """A document of the folder `documents` as the client's PDF."""
    pdf = _typeset(name)
    if name == "visa-refusal":
        return _changed(pdf, Rotate=90)
    if name == "bank-statement":
        return _changed(pdf, CropBox=pikepdf.Array(_LETTER_ON_LARGER_PAPER))
    return pdf


def make() -> None:
    """Writes every file of the evidence folder."""
    EVIDENCE.mkdir(exist_ok=True)
    for name in sorted(path.stem for path in DOCUMENTS.glob("*.typ")):
        if name not in _PICTURES:
            (EVIDENCE / f"{_RENAMED.get(name, name)}.pdf").write_bytes(document(name))
    _picture("petitioner-passport", 200).save(EVIDENCE / "petitioner passport.png", optimize=True, dpi=(200, 200))
    _scanned(_picture("passports", 170), seed=1).save(EVIDENCE / "passports.jpg", quality=62, dpi=(170, 170))


if __name__ == "__main__":
    make()
