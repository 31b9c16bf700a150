"""An office's folder: its settings, its letterhead and logo, its type and margins, its labels; and faults named."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from pipeline.errors import TemplateError
from pipeline.letters.checking.prose import read
from pipeline.letters.documents import checklist, cover_letter, document
from pipeline.letters.office import LabelStyle, Office, Style, exhibit_label, load_office
from pipeline.letters.wording import Setting, WordingError, inches, points, quoted
from tests.letters.contexts import alone, sample
from tests.letters.reading import words
from tests.letters.stage_cases import at, letter

SETTINGS = """
letterhead:
  logo: logo.png
  logo_text: "A lantern over a door"
  logo_width: 0.8
  lines: ["Lantern Law, P.C.", "1 Harbor Street", "Houston, TX"]
closing: "Very truly yours,"
signature: ["Imogen P. Ravensholt", "Lantern Law, P.C."]
text: {fonts: ["New Computer Modern"], size: 12}
margins: {left: 1.25, right: 1.25}
labels: tabs
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "office.yaml").write_text(SETTINGS, encoding="utf-8")
    Image.new("RGB", (80, 40), "black").save(tmp_path / "logo.png")
    return tmp_path


def test_settings_shape_every_letter(folder: Path) -> None:
    office = load_office(folder)
    letter = cover_letter(sample(), office)
    text = words(letter)
    assert text.startswith("Lantern Law, P.C. 1 Harbor Street Houston, TX November 24, 2026")
    assert "Very truly yours, Imogen P. Ravensholt Lantern Law, P.C. Enclosures" in text
    assert "Respectfully submitted" not in text
    assert read(letter.pdf, office.style).outside == ()
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        fonts = {str(o.BaseFont) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/BaseFont" in o}
        alternatives = [str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure" and "/Alt" in o]
    assert any("NewCM" in font for font in fonts)
    assert alternatives == ["A lantern over a door"]
    page = pypdfium2.PdfDocument(letter.pdf)[0].get_textpage()
    assert min(page.get_rect(i)[0] for i in range(page.count_rects())) >= 89


def test_a_petitioner_without_a_representative_has_no_letterhead_of_the_office(folder: Path) -> None:
    text = words(cover_letter(alone(), load_office(folder)))
    assert "Lantern Law" not in text
    assert "Very truly yours," in text


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    office = load_office(tmp_path)
    assert office.style == Style()
    assert cover_letter(sample(), office).pdf == cover_letter(sample()).pdf


def test_fonts_of_the_office_are_found(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    assert load_office(tmp_path).fonts == (tmp_path / "fonts",)
    (tmp_path / "office.yaml").write_text("fonts: type\n", encoding="utf-8")
    with pytest.raises(TemplateError, match="fonts names no folder"):
        load_office(tmp_path)


@pytest.mark.parametrize(
    ("settings", "where", "message"),
    [
        ("margin: {top: 1}", "office.yaml /", 'has an unknown setting "margin"; did you mean "margins"?'),
        ("margins: {top: 0.2}", "office.yaml /margins/top", "has a number below or above what is allowed (0.9 to 3)"),
        ("text: {size: 20}", "office.yaml /text/size", "has a number below or above what is allowed (10.5 to 13)"),
        ("letterhead: {logo: a.png}", "office.yaml /letterhead", "lacks a setting that another one needs"),
        ("labels: roman", "office.yaml /labels", "has a value that is not allowed here"),
        ("- list", "office.yaml", "has a value that is not allowed here"),
        ("a: [\n", "office.yaml:2:1", "cannot be read as YAML: did not find expected node content"),
    ],
)
def test_a_fault_of_the_settings_is_named(tmp_path: Path, settings: str, where: str, message: str) -> None:
    (tmp_path / "office.yaml").write_text(settings, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        load_office(tmp_path)
    (finding,) = caught.value.findings
    assert (finding.where.rstrip("/ "), finding.message) == (where.rstrip("/ "), message)
    assert finding.remedy


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="is no folder"):
        load_office(tmp_path / "nowhere")


def test_a_logo_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    Image.new("RGB", (8, 4)).save(tmp_path / "logo.png")
    (tmp_path / "office" / "office.yaml").write_text("letterhead: {logo: ../logo.png, logo_text: x}", encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        cover_letter(sample(), load_office(tmp_path / "office"))
    assert caught.value.findings[0].where == "parts/letterhead.typ.j2:5"


def test_only_a_setting_may_be_printed_as_code(tmp_path: Path) -> None:
    assert quoted(Setting('a"]#read("x")')) == '"a\\"]#read(\\"x\\")"'
    with pytest.raises(WordingError):
        quoted("a name of the case")
    (tmp_path / "t.typ.j2").write_text("{{ petitioner.name | quoted }}", encoding="utf-8")
    with pytest.raises(TemplateError, match="only a setting of the office"):
        document("t.typ.j2", sample(), Office(templates=(tmp_path,)))
    assert (inches(1), points(11.5)) == ("1in", "11.5pt")
    with pytest.raises(WordingError):
        inches("1in")


def test_labels_of_each_style() -> None:
    assert [exhibit_label(n, LabelStyle.LETTERS) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
    assert exhibit_label(3, LabelStyle.NUMBERS) == "4"
    assert exhibit_label(3, LabelStyle.TABS) == "Tab 4"


@given(st.integers(0, 20_000), st.sampled_from(LabelStyle))
def test_no_two_exhibits_share_a_label(number: int, style: LabelStyle) -> None:
    assert exhibit_label(number, style) != exhibit_label(number + 1, style)
    assert len({exhibit_label(n, style) for n in range(number, number + 60)}) == 60


def test_labels_that_say_what_they_are_are_cited_as_they_are() -> None:
    base = sample()
    exhibits = tuple(replace(exhibit, label=exhibit_label(n, LabelStyle.TABS)) for n, exhibit in enumerate(base.exhibits))
    point = replace(base.argument.need[0], citations=tuple(replace(c, label="Tab 4") for c in base.argument.need[0].citations))
    text = words(cover_letter(replace(base, exhibits=exhibits, argument=replace(base.argument, need=(point,)))))
    assert "(Tab 4, p." in text
    assert "Ex. Tab" not in text


@pytest.mark.parametrize("name", ["words.yaml", "reminders.yaml", "stages/steps.yaml"])
@pytest.mark.parametrize(("content", "place"), [(b"a: 1\nx: [\n", "3:1"), ("ñ: ".encode() + b"\xff", "1:4")])
def test_a_file_beside_the_templates_that_is_no_yaml_is_named_with_its_place(name: str, content: bytes, place: str, tmp_path: Path) -> None:
    office = Office(templates=(tmp_path,))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TemplateError) as caught:
        letter(at(), office) if name.startswith("stages") else checklist(sample(), office)
    assert [(finding.rule, finding.where) for finding in caught.value.findings] == [("template-yaml", f"{name}:{place}")]
