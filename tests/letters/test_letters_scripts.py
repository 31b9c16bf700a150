"""Names in scripts that the program's own fonts lack: set by a font of the office or of this machine, or named with what to install."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
import typst
from msgspec.structs import replace

from pipeline.errors import TemplateError
from pipeline.letters import documents
from pipeline.letters.documents import Rendered, cover_letter
from pipeline.letters.office import OURS, Office, load_office
from pipeline.letters.request import Argument, Point
from pipeline.typeset.scripts import SCRIPTS, Script, families, font_for, remedy_for, script_of, scripts_of
from tests.letters.contexts import sample

ARABIC, CHINESE, DEVANAGARI = "محبت", "漢字", "क्षत्रिय"
APART = "\u200c".join(ARABIC)
"""The same letters with what keeps them from joining."""
_WHEELS = {"Devanagari": "fontpkg_noto_sans_devanagari", "Arabic": "fontpkg_noto_sans_arabic"}
"""Packages with a font of a script, for those who test on a machine without one."""


def _letter(text: str, office: Office = OURS) -> Rendered:
    return cover_letter(replace(sample(), argument=Argument(need=(Point(text),))), office)


def _script(name: str) -> Script:
    return next(script for script in SCRIPTS if script.name == name)


def _font_file(script: str) -> Path:
    """A font file of a script on this machine; skips the test where there is none (no font is a part of this project)."""
    spec = importlib.util.find_spec(_WHEELS.get(script, "nothing"))
    places = [Path(place) for place in spec.submodule_search_locations or ()] if spec else []
    packaged: Sequence[Path] = [font for place in places for font in sorted(place.rglob("*.ttf"))]
    installed = [Path(font.path) for font in typst.Fonts().fonts() if font.path and font.family in _script(script).fonts]
    if not packaged and not installed:
        pytest.skip(f"needs a font for {script}, such as {_script(script).fonts[0]}")
    return [*packaged, *sorted(installed)][0]


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    """An office whose folder has a font of the script that the test names."""
    (tmp_path / "fonts").mkdir()
    shutil.copy(_font_file(request.param), tmp_path / "fonts")
    return load_office(tmp_path)


def _characters(document: Rendered, text: str) -> list[tuple[float, float]]:
    """Left and right edge of each character of `text`, in the order of the text, on the page that has them."""
    pdf = pypdfium2.PdfDocument(document.pdf)
    try:
        for page in pdf:
            words = page.get_textpage()
            read = words.get_text_range()
            if set(text) <= set(read):
                boxes = {read[i]: words.get_charbox(i) for i in range(len(read)) if read[i] in text}
                return [(boxes[character][0], boxes[character][2]) for character in dict.fromkeys(text)]
    finally:
        pdf.close()
    return []


def _fonts_in(document: Rendered) -> str:
    return document.pdf.decode("latin-1")


@pytest.mark.parametrize("office", ["Arabic"], indirect=True)
def test_arabic_is_joined_and_runs_from_right_to_left(office: Office) -> None:
    joined = _characters(_letter(f"Name: {ARABIC}.", office), ARABIC)
    assert [left for left, _ in joined] == sorted((left for left, _ in joined), reverse=True)
    apart = _characters(_letter(f"Name: {APART}.", office), ARABIC)
    assert joined[0][1] - joined[-1][0] < apart[0][1] - apart[-1][0]
    own = font_for(_script("Arabic"), office.fonts)
    assert own in families(office.fonts, False)
    assert str(own).replace(" ", "") in _fonts_in(_letter(ARABIC, office))


@pytest.mark.parametrize("office", ["Devanagari"], indirect=True)
def test_devanagari_is_set_with_the_offices_font_and_not_with_one_that_cannot_join_it(office: Office) -> None:
    made = _fonts_in(_letter(DEVANAGARI, office))
    assert "Devanagari" in made
    assert "NewCM" not in made


def test_chinese_is_set_with_a_font_of_this_machine() -> None:
    _font_file("Chinese")
    assert len(_characters(_letter(f"Name: {CHINESE}."), CHINESE)) == 2


def test_a_script_without_a_font_is_named_with_the_font_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "font_for", lambda script, folders: None)
    with pytest.raises(TemplateError) as caught:
        _letter(f"Name: {DEVANAGARI}")
    (finding,) = caught.value.findings
    assert finding.where.startswith("parts/points.typ.j2:")
    assert finding.message.startswith("no font joins the characters U+0915 (DEVANAGARI LETTER KA), ")
    assert (
        finding.remedy
        == 'Install the font "Noto Serif Devanagari" (package fonts-noto-core), or put its file into the office\'s folder of fonts.'
    )


def test_latin_greek_cyrillic_and_hebrew_need_no_other_font() -> None:
    text = "Nguyễn Łódź Ελένη Олександр שלום"
    assert scripts_of(text) == ()
    assert set(text) <= set("".join(_read(_letter(text))))


def _read(document: Rendered) -> list[str]:
    pdf = pypdfium2.PdfDocument(document.pdf)
    try:
        return [page.get_textpage().get_text_range() for page in pdf]
    finally:
        pdf.close()


def test_every_script_is_told_by_its_letters() -> None:
    for script in SCRIPTS:
        assert script_of(script.letters[0]) == script
        assert script.fonts[0] in remedy_for(script.letters[0])
    assert [one.name for one in scripts_of(f"a {CHINESE} {ARABIC} {CHINESE}")] == ["Chinese", "Arabic"]
