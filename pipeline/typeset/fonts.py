"""Fonts for text that we draw ourselves (form values, stamps): subsets taken from what Typst embeds.

The Typst wheel carries its fonts inside its binary.  A page that Typst sets with every character we may need holds
exactly the subset font that a PDF wants, with its character map; `lift` takes it from there, so no font file is shipped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import pikepdf
import typst

from pipeline.sealed import Sealed
from pipeline.storage import Shelf, made_by
from pipeline.typeset.compile import literal
from pipeline.typeset.kept import kept_open

MONO = "DejaVu Sans Mono"
SERIF = "Libertinus Serif"

LATIN = ((0x20, 0x7F), (0xA0, 0x250), (0x1E00, 0x1F00), (0x2010, 0x2027), (0x20AC, 0x20AD))
"""Code point ranges for names and text in Latin letters with any accents."""


class EmbeddedFont(Sealed, frozen=True):
    """A subset font ready to be put into any PDF."""

    family: str
    codes: Mapping[str, str]
    """Character to two-byte code, as four hexadecimal digits."""
    widths: Mapping[str, float]
    """Character to advance, in thousandths of the font size."""
    source: bytes
    """The PDF that holds the font."""

    def width(self, text: str, size: float) -> float:
        """Advance of a line in points; characters the font lacks count nothing."""
        return sum(map(self.widths.__getitem__, filter(self.widths.__contains__, text))) * size / 1000

    def shows(self, text: str) -> bool:
        """Whether the font has every character of `text`."""
        return self.codes.keys() >= set(text)

    def encode(self, text: str) -> bytes:
        """The PDF hex string that shows `text`; raises KeyError for a character the font lacks."""
        return b"<" + "".join(map(self.codes.__getitem__, text)).encode() + b">"

    def install(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """A copy of the font object in another PDF, as an indirect object."""
        return pdf.copy_foreign(_type0(kept_open(self.source)))


def _characters() -> str:
    every = (chr(code) for low, high in LATIN for code in range(low, high))
    return "".join(c for c in every if unicodedata.category(c)[0] not in "CM" and not c.isspace())


def _type0(pdf: pikepdf.Pdf) -> pikepdf.Object:
    fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Subtype") == "/Type0"]
    return fonts[0]


def characters(font: pikepdf.Object) -> Mapping[int, str]:
    """Two-byte code to character, as the character map of a font that Typst made has it."""
    return _map_of(font.ToUnicode.read_bytes())


@lru_cache(maxsize=8)
def _map_of(to_unicode: bytes) -> Mapping[int, str]:
    blocks = re.findall(rb"beginbfchar(.*?)endbfchar", to_unicode, re.DOTALL)
    pairs = (pair for block in blocks for pair in re.findall(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>", block))
    return {int(code, 16): chr(int(text, 16)) for code, text in pairs}


def _cids(font: pikepdf.Object) -> dict[str, int]:
    cids: dict[str, int] = {}
    for code, character in characters(font).items():
        cids.setdefault(character, code)
    return cids


def _widths(descendant: pikepdf.Object) -> dict[int, float]:
    widths: dict[int, float] = {}
    entries = list(descendant.W)
    while entries:
        first, second = int(entries.pop(0)), entries.pop(0)
        if isinstance(second, pikepdf.Array):
            widths.update({first + i: float(w) for i, w in enumerate(second)})
        else:
            width = float(entries.pop(0))
            widths.update(dict.fromkeys(range(first, int(second) + 1), width))
    return widths


def _typeset(source: str) -> bytes:
    """The page as PDF, from the user's cache when it is there: 15 ms less at each start."""
    shelf = Shelf("fonts", made_by([Path(__file__)], "typst"))
    if kept := shelf.find(source.encode()):
        return kept
    compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True)
    made = compiler.compile(input=source.encode(), format="pdf", timestamp=0)
    assert isinstance(made, bytes)
    shelf.keep(made, source.encode())
    return made


@cache
def lift(family: str) -> EmbeddedFont:
    """The Latin subset of a font in the Typst wheel, once a process (about 10 ms)."""
    style = f'font: "{family}", weight: 400, ligatures: false, kerning: false'
    source = f"#set page(width: 612pt, height: auto)\n#set text({style})\n#({literal(' '.join(_characters()))})"
    pdf_bytes = _typeset(source)
    font = _type0(kept_open(pdf_bytes))
    cids = _cids(font)
    by_cid = _widths(font.DescendantFonts[0])
    default = float(font.DescendantFonts[0].get("/DW", 1000))
    return EmbeddedFont(
        family,
        {character: f"{cid:04X}" for character, cid in cids.items()},
        {character: by_cid.get(cid, default) for character, cid in cids.items()},
        pdf_bytes,
    )
