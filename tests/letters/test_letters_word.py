"""Word files of the letters: every word of the PDF, the shapes that an editor needs, and the same bytes each time."""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from pipeline.errors import EnvironmentMissingError, TemplateError
from pipeline.letters import word
from pipeline.letters.checking.prose import read
from pipeline.letters.documents import Rendered, cover_letter
from pipeline.letters.office import OURS, load_office
from pipeline.letters.word import word_file
from tests.conftest import missing
from tests.letters.reading import sample_specimen

SAMPLES = ("urgent-humanitarian", "advance-parole")


@pytest.fixture(scope="module")
def documents() -> dict[str, Rendered]:
    """Every document of the sample."""
    return _documents(SAMPLES[0])


def _documents(sample: str) -> dict[str, Rendered]:
    specimen = sample_specimen(sample)
    return {name: document for maker in specimen.makers for name, document in maker(specimen.context, OURS).items()}


def _letters_of(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text))


def _word_text(data: bytes) -> str:
    """The text of a Word file with the numbers of its lists, read by pandoc."""
    page = subprocess.run([word._pandoc(), "-f", "docx", "-t", "html"], input=data, capture_output=True, check=True).stdout.decode()

    def numbered(found: re.Match[str]) -> str:
        numbers = iter(range(1, 1000))
        return re.sub("<li>", lambda _: f"<li>{next(numbers)}. ", found[0])

    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<ol.*?</ol>", numbered, page, flags=re.DOTALL)))


def _without_repeated_headers(document: Rendered) -> str:
    """The text of the PDF without page numbers; the header of a table that runs over pages counts once."""
    pages = (page.splitlines() for page in read(document.pdf, OURS.style).pages)
    first, *more = ([line for line in page if not re.fullmatch(r"\d+ of \d+", line)] for page in pages)
    return "\n".join([*first, *(line for page in more for line in _unheaded(page, first))])


def _unheaded(page: list[str], first: list[str]) -> Iterator[str]:
    headed = bool(page) and page[0] in first and len(page[0].split()) > 2
    yield from page[1:] if headed else page


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_word_file_has_the_words_of_the_letter_in_their_order(sample: str) -> None:
    documents = _documents(sample)
    assert len(documents) >= 8
    for name, document in documents.items():
        assert _letters_of(_word_text(word_file(document, OURS))) == _letters_of(_without_repeated_headers(document)), name


def test_headings_lists_tables_and_the_line_for_ink_are_those_of_word(documents: dict[str, Rendered]) -> None:
    with zipfile.ZipFile(io.BytesIO(word_file(documents["cover-letter"], OURS))) as opened:
        body, styles = opened.read("word/document.xml").decode(), opened.read("word/styles.xml").decode()
    used = set(re.findall(r'<w:pStyle w:val="([^"]+)"', body))
    assert {"Heading1", "BodyText", "Centered", "InkLine"} <= used
    assert body.count("<w:tbl>") == 1
    assert "<w:numPr>" in body
    assert re.search('<w:pgSz (?=[^>]*w:w="12240")[^>]*w:h="15840"', body)
    assert 'w:top="1584"' in body
    assert used <= set(re.findall(r'w:styleId="([^"]+)"', styles))
    assert "packet:page" not in body


def test_the_same_letter_gives_the_same_bytes(documents: dict[str, Rendered]) -> None:
    assert word_file(documents["cover-letter"], OURS) == word_file(documents["cover-letter"], OURS)


def test_the_logo_of_an_office_is_in_its_word_files(tmp_path: Path) -> None:
    Image.new("RGB", (30, 10), "navy").save(tmp_path / "logo.png")
    settings = "letterhead: {lines: [Lantern Law], logo: logo.png, logo_text: A lantern}\n"
    (tmp_path / "office.yaml").write_text(settings, encoding="utf-8")
    office = load_office(tmp_path)
    with zipfile.ZipFile(io.BytesIO(word_file(cover_letter(sample_specimen(SAMPLES[0]).context, office), office))) as opened:
        assert any(name.startswith("word/media/") for name in opened.namelist())
        body = opened.read("word/document.xml").decode()
    assert 'descr="A lantern"' in body
    assert re.findall(r'<wp:extent cx="(\d+)"', body) == [str(round(1.5 * 914400))]


def test_what_word_cannot_hold_is_an_error_at_its_template_line(tmp_path: Path) -> None:
    (tmp_path / "cover").mkdir()
    template = tmp_path / "cover" / "urgent-humanitarian.typ.j2"
    template.write_text(
        '{% extends "ours/cover/urgent-humanitarian.typ.j2" %}\n{% block date %}\n#place(top)[seal]\n{% endblock %}\n', "utf-8"
    )
    office = load_office(tmp_path)
    letter = cover_letter(sample_specimen(SAMPLES[0]).context, office)
    with pytest.raises(TemplateError) as caught:
        word_file(letter, office)
    (found,) = caught.value.findings
    assert found.where == "cover/urgent-humanitarian.typ.j2:3"
    assert "place was ignored" in found.message


def test_without_pandoc_the_extra_is_named(documents: dict[str, Rendered], monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    word._pandoc.cache_clear()
    monkeypatch.setattr(word, "import_module", absent)
    with pytest.raises(EnvironmentMissingError) as caught:
        word_file(documents["cover-letter"], replace(OURS, style=replace(OURS.style, size=12)))
    assert "parole-packet[word]" in caught.value.findings[0].remedy


def test_libreoffice_opens_a_word_file_as_a_letter(documents: dict[str, Rendered], tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        missing("LibreOffice")
    (tmp_path / "letter.docx").write_bytes(word_file(documents["cover-letter"], OURS))
    order = [str(office), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf", "letter.docx"]
    subprocess.run(order, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    made = read((tmp_path / "letter.pdf").read_bytes(), OURS.style)
    assert "Ex. G, p." in made.text
    assert made.outside == ()
