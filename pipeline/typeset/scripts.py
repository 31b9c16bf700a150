"""Scripts that the fonts in the Typst wheel lack or set badly, and the fonts that set them well, best first.

The wheel's fonts are Libertinus Serif (Latin, Greek, Cyrillic, Hebrew), New Computer Modern (also Armenian, Georgian, and Devanagari
without its ligatures) and DejaVu Sans Mono (also Arabic, in letters of one width; and Lao, badly).  Script ranges: Unicode 15, Blocks.txt.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import typst
from msgspec import Struct


class Script(Struct, frozen=True):
    """A script, and who can set it."""

    name: str
    letters: str
    """Its characters, as ranges of a regular expression."""
    fonts: tuple[str, ...]
    """Families that set it well, best first."""
    package: str = "fonts-noto-core"
    """What brings the first of them on Debian and Ubuntu."""
    unjoined: bool = False
    """Whether a font of the wheel has its letters and cannot join them, so that it must not be set with that."""


def _noto(name: str, letters: str, unjoined: bool = False) -> Script:
    return Script(name, letters, (f"Noto Serif {name}", f"Noto Sans {name}"), unjoined=unjoined)


def _cjk(name: str, letters: str, region: str) -> Script:
    fonts = (f"Noto Serif CJK {region}", f"Noto Sans CJK {region}", f"Source Han Serif {region}", "Droid Sans Fallback")
    return Script(name, letters, fonts, "fonts-noto-cjk")


SCRIPTS = (
    Script(
        "Arabic",
        "\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
        ("Noto Naskh Arabic", "Amiri", "Scheherazade New", "Noto Sans Arabic", "DejaVu Sans"),
    ),
    _cjk("Japanese", "\u3040-\u30ff\u31f0-\u31ff", "JP"),
    _cjk("Korean", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "KR"),
    _cjk("Chinese", "\u2e80-\u2fdf\u3000-\u303f\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af", "SC"),
    _noto("Syriac", "\u0700-\u074f"),
    _noto("Thaana", "\u0780-\u07bf"),
    _noto("NKo", "\u07c0-\u07ff"),
    _noto("Devanagari", "\u0900-\u097f\ua8e0-\ua8ff", unjoined=True),
    _noto("Bengali", "\u0980-\u09ff"),
    _noto("Gurmukhi", "\u0a00-\u0a7f"),
    _noto("Gujarati", "\u0a80-\u0aff"),
    _noto("Oriya", "\u0b00-\u0b7f"),
    _noto("Tamil", "\u0b80-\u0bff"),
    _noto("Telugu", "\u0c00-\u0c7f"),
    _noto("Kannada", "\u0c80-\u0cff"),
    _noto("Malayalam", "\u0d00-\u0d7f"),
    _noto("Sinhala", "\u0d80-\u0dff"),
    _noto("Thai", "\u0e00-\u0e7f"),
    _noto("Lao", "\u0e80-\u0eff", unjoined=True),
    _noto("Tibetan", "\u0f00-\u0fff"),
    _noto("Myanmar", "\u1000-\u109f\uaa60-\uaa7f"),
    _noto("Ethiopic", "\u1200-\u139f\u2d80-\u2ddf"),
    _noto("Cherokee", "\u13a0-\u13ff\uab70-\uabbf"),
    _noto("Khmer", "\u1780-\u17ff"),
    _noto("Mongolian", "\u1800-\u18af"),
    _noto("Tifinagh", "\u2d30-\u2d7f"),
)
"""What a name or a quotation in a case may be written in beside the scripts that the wheel sets well."""

_ANY = re.compile(f"[{''.join(script.letters for script in SCRIPTS)}]")


def scripts_of(text: str) -> tuple[Script, ...]:
    """The scripts of SCRIPTS that a text uses, in order of first use."""
    found = dict.fromkeys(script_of(character) for character in dict.fromkeys(_ANY.findall(text)))
    return tuple(script for script in found if script)


@cache
def script_of(character: str) -> Script | None:
    """The script of a character; None for those that the wheel sets well, and for symbols."""
    return next((script for script in SCRIPTS if re.match(f"[{script.letters}]", character)), None)


@cache
def families(folders: tuple[Path, ...], installed: bool) -> frozenset[str]:
    """The font families in some folders, and with `installed` those of this machine; never those of the wheel."""
    found = typst.Fonts(include_system_fonts=installed, include_embedded_fonts=False, font_paths=list(folders))
    return frozenset(found.families())


def font_for(script: Script, folders: tuple[Path, ...]) -> str | None:
    """The family to set a script with, from the office's folders or else from this machine; None when none is known to be there."""
    places = (families(folders, False), families((), True))
    return next((family for place in places for family in script.fonts if family in place), None)


def remedy_for(characters: str) -> str:
    """What to install for characters that no font has."""
    scripts = scripts_of(characters)
    if not scripts:
        return "Write the value with letters that the fonts have, or put a font that has them into the office's folder of fonts."
    fonts = " and ".join(f'"{script.fonts[0]}" (package {script.package})' for script in scripts)
    return f"Install the font {fonts}, or put its file into the office's folder of fonts."
