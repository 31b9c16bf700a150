"""Office documents: through LibreOffice where it is, and a clear way out where it is not.

A stand-in program shows how LibreOffice is called and what happens when it fails; the last test asks LibreOffice itself.
"""

from __future__ import annotations

import struct
import sys
import zipfile
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest
from pikepdf import Dictionary, Pdf

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import PageFinding
from pipeline.evidence.office import converter as office
from pipeline.findings import Finding
from tests.conftest import missing
from tests.evidence.seeing import converted, text, written
from tests.resources.building import add_page, pages, saved, words, zipped
from tests.resources.make import FOLDER

DOCUMENTS = {
    "letter.docx": "a Word document",
    "table.xlsx": "an Excel workbook",
    "letter.odt": "an OpenDocument text",
    "letter.rtf": "a rich-text document",
}


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Installs a program with this Python body in LibreOffice's place; returns a file that it may write to."""
    said = tmp_path / "said"

    def install(body: str) -> Path:
        program = tmp_path / "soffice"
        head = f"#!{sys.executable}\nimport os, sys, time\nfrom pathlib import Path\narguments, said = sys.argv[1:], Path({str(said)!r})\n"
        program.write_text(head + "document = Path(arguments[-1])\nout = Path(arguments[arguments.index('--outdir') + 1])\n" + body)
        program.chmod(0o755)
        monkeypatch.setattr(office, "program", lambda: str(program))
        return said

    return install


def refusal(name: str, limits: Limits | None = None) -> Finding:
    with pytest.raises(EvidenceError) as caught:
        convert(FOLDER / name, shown_as=name, limits=limits)
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize("name", DOCUMENTS)
def test_without_libreoffice_the_way_out_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "program", lambda: None)
    finding = refusal(name)
    assert finding.rule == "evidence-kind"
    assert DOCUMENTS[name] in finding.message
    assert "Install LibreOffice" in finding.remedy
    assert "PDF" in finding.remedy


def test_libreoffice_is_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_MAC", tmp_path / "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert office.program() is None
    for name in ("libreoffice", "soffice"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert office.program() == str(tmp_path / name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_printed_in_a_profile_of_its_own(name: str, stand_in: Callable[[str], Path]) -> None:
    prepared = FOLDER / "text-3-pages.pdf"
    said = stand_in(
        f"(out / 'document.pdf').write_bytes(Path({str(prepared)!r}).read_bytes())\n"
        "profile = next(a for a in arguments if a.startswith('-env:UserInstallation=file://')).partition('file://')[2]\n"
        "settings = Path(profile, 'user', 'registrymodifications.xcu').read_text()\n"
        "said.write_text('\\n'.join([*arguments, settings, os.environ['HOME'], document.read_bytes()[:2].decode('latin-1')]))\n"
    )
    result = converted.__wrapped__(name)
    assert (result.kind, result.pages_out) == (DOCUMENTS[name], 3)
    told = said.read_text()
    assert "--headless" in told
    for setting in ("DisableMacrosExecution", "BlockUntrustedRefererLinks", "ooInetProxyType"):
        assert setting in told
    assert not Path(told.split("\n")[-2]).exists(), "the profile is gone"


def test_a_page_range_counts_the_printed_pages(stand_in: Callable[[str], Path]) -> None:
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(FOLDER / 'text-3-pages.pdf')!r}).read_bytes())\n")
    assert converted.__wrapped__("letter.docx", pages="2").chosen == (2,)


@pytest.mark.parametrize("body", ["sys.exit(1)", "pass", "(out / 'document.pdf').mkdir()"])
def test_a_program_that_fails_is_a_refusal(body: str, stand_in: Callable[[str], Path]) -> None:
    stand_in(body)
    assert refusal("letter.docx").rule == "evidence-office"


def test_a_program_that_hangs_is_ended(stand_in: Callable[[str], Path]) -> None:
    """Whatever it was writing goes with it: pages of a client's document among them."""
    begun = "import tempfile\nleft = tempfile.mkdtemp(prefix='lu')\nPath(left, 'page').write_text('client')\n"
    said = stand_in(begun + "said.write_text(left)\ntime.sleep(60)")
    assert refusal("letter.docx", Limits(seconds=1)).rule == "evidence-office"
    assert said.read_text()
    assert not Path(said.read_text()).exists()


def test_a_document_that_would_swell_is_refused_unopened(tmp_path: Path) -> None:
    path = written(tmp_path, zipped({"[Content_Types].xml": "x", "word/document.xml": "x" * 5000}))
    with pytest.raises(EvidenceError) as caught:
        convert(path, shown_as="a.docx", limits=Limits(stream_bytes=4000))
    assert caught.value.findings[0].rule == "evidence-too-large"


@pytest.mark.parametrize("name", ["letter.docx", "table.xlsx", "letter.odt"])
def test_a_document_with_a_damaged_part_is_refused_before_it_is_printed(name: str, stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(FOLDER / 'text-3-pages.pdf')!r}).read_bytes())\n")
    data = bytearray((FOLDER / name).read_bytes())
    with zipfile.ZipFile(FOLDER / name) as archive:
        largest = max(archive.infolist(), key=lambda member: member.compress_size)
    data[largest.header_offset + 30 + len(largest.filename) + largest.compress_size // 2] ^= 0xFF
    with pytest.raises(EvidenceError) as caught:
        convert(written(tmp_path, bytes(data)), shown_as=name)
    assert caught.value.findings[0].rule == "evidence-damaged"


@pytest.mark.parametrize("name", ["scans.zip", "broken.zip", "letter.doc"])
def test_what_only_looks_like_a_document_is_refused_for_what_it_is(name: str) -> None:
    assert refusal(name).rule == "evidence-kind"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("letter.docx", "a damaged Word document"),
        ("table.xlsx", "a damaged Excel workbook"),
        ("letter.odt", "a damaged OpenDocument file"),
    ],
)
def test_a_document_that_is_cut_off_is_asked_for_again(tmp_path: Path, name: str, kind: str) -> None:
    whole = (FOLDER / name).read_bytes()
    with pytest.raises(EvidenceError) as caught:
        convert(written(tmp_path, whole[: len(whole) * 3 // 4]), shown_as=name)
    (finding,) = caught.value.findings
    assert finding.rule == "evidence-damaged"
    assert kind in finding.message
    assert finding.remedy == "Ask for the file again."


def test_a_document_that_is_cut_off_at_its_beginning_is_still_one(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="a damaged office document"):
        convert(written(tmp_path, (FOLDER / "letter.docx").read_bytes()[:200]), shown_as="letter.docx")


def test_an_archive_of_documents_that_is_cut_off_is_an_archive(tmp_path: Path) -> None:
    whole = zipped({"1.docx": (FOLDER / "letter.docx").read_bytes().decode("latin-1")})
    with pytest.raises(EvidenceError, match="a ZIP archive"):
        convert(written(tmp_path, whole[:-100]), shown_as="all.zip")


@pytest.mark.parametrize(("name", "shown"), [("letter.docx", "Dear officer"), ("table.xlsx", "1200"), ("letter.odt", "Dear officer")])
def test_libreoffice_prints_what_the_document_says(name: str, shown: str) -> None:
    if office.program() is None:
        missing("LibreOffice (libreoffice-writer-nogui and libreoffice-calc-nogui)")
    result = converted.__wrapped__(name)
    assert shown in text(result.pdf)
    assert result.pages_out == 1


_PARTS = {
    "xlsx": {
        "xl/workbook.xml": '<sheet name="S" state="veryHidden"/><definedName name="_xlnm.Print_Area">S!A1</definedName>',
        "xl/worksheets/sheet1.xml": '<col min="2" hidden="1"/>',
        "xl/comments/comment1.xml": "<comments/>",
    },
    "docx": {"word/document.xml": "<w:rPr><w:vanish/></w:rPr>", "word/comments.xml": '<w:comment w:id="1">'},
    "odt": {"content.xml": '<office:annotation/><style:text-properties text:display="none"/>'},
    "odp": {
        "content.xml": '<style:drawing-page-properties presentation:visibility="hidden"/>'
        '<draw:frame presentation:class="notes"><text:p>Say this</text:p></draw:frame>'
    },
}
_NOT_UNSEEN = '<draw:frame presentation:class="notes" presentation:placeholder="true"/><text:section text:display="true"/>'
_UNSEEN = [
    ("xlsx", "hidden sheets, hidden rows or columns, comments, a print area that leaves cells out"),
    ("docx", "comments, hidden text"),
    ("odt", "comments, hidden text"),
    ("odp", "hidden slides, speaker notes"),
]
_MIMETYPES = {f"od{letter}": f"application/vnd.oasis.opendocument.{name}" for letter, name in (("t", "text"), ("p", "presentation"))}


@pytest.mark.parametrize(("ending", "what"), _UNSEEN)
def test_what_the_print_of_a_document_does_not_show_is_named(
    ending: str, what: str, stand_in: Callable[[str], Path], tmp_path: Path
) -> None:
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(FOLDER / 'text-3-pages.pdf')!r}).read_bytes())\n")
    first = {"mimetype": _MIMETYPES[ending]} if ending in _MIMETYPES else {"[Content_Types].xml": "x"}
    findings = convert(written(tmp_path, zipped(first | _PARTS[ending])), shown_as=f"a.{ending}").findings
    assert [(finding.rule, finding.message) for finding in findings] == [
        ("evidence-office-unseen", f"the document has {what}, which its print does not show")
    ]


def test_a_place_for_notes_that_nobody_wrote_is_none(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(FOLDER / 'text-3-pages.pdf')!r}).read_bytes())\n")
    data = zipped({"mimetype": _MIMETYPES["odp"], "content.xml": _NOT_UNSEEN})
    assert convert(written(tmp_path, data), shown_as="a.odp").findings == ()


@pytest.mark.parametrize("does", [True, False])
def test_a_document_of_an_old_format_is_searched_in_a_newer_copy(does: bool, stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    """LibreOffice makes it; where that fails, the document is printed all the same, and a person has to look."""
    copy = written(tmp_path, zipped({"[Content_Types].xml": "x"} | _PARTS["docx"])).rename(tmp_path / "copy.docx")
    print_it = f"(out / 'document.pdf').write_bytes(Path({str(FOLDER / 'text-3-pages.pdf')!r}).read_bytes())"
    copy_it = f"(out / 'document.docx').write_bytes(Path({str(copy)!r}).read_bytes())" if does else "sys.exit(1)"
    stand_in(f"if 'pdf' in arguments:\n    {print_it}\nelse:\n    {copy_it}\n")
    (finding,) = converted.__wrapped__("letter.rtf").findings
    assert finding.rule == "evidence-office-unseen"
    assert ("comments, hidden text" if does else "could not be searched") in finding.message


@pytest.mark.parametrize(("hidden", "rules"), [("\\v ", ["evidence-office-unseen"]), ("\\b ", [])])
def test_libreoffice_tells_the_hidden_words_of_rich_text(hidden: str, rules: list[str], tmp_path: Path) -> None:
    if office.program() is None:
        missing("LibreOffice (libreoffice-writer-nogui)")
    data = f"{{\\rtf1\\ansi Dear officer {{{hidden}but}} goodbye}}".encode()
    result = convert(written(tmp_path, data), shown_as="a.rtf")
    assert [finding.rule for finding in result.findings] == rules
    assert ("but" in text(result.pdf)) is not bool(rules)


def font_of(glyphs: list[bytes], is_wide: bool) -> bytes:
    """The tables of a TrueType font that say which glyphs it has."""
    ends = list(accumulate((len(glyph) for glyph in glyphs), initial=0))
    loca = b"".join(end.to_bytes(4, "big") if is_wide else (end // 2).to_bytes(2, "big") for end in ends)
    tables = {b"glyf": b"".join(glyphs), b"head": bytes(50) + int(is_wide).to_bytes(2, "big") + bytes(2), b"loca": loca}
    start, lines = 12 + 16 * len(tables), b""
    for name, body in tables.items():
        lines += struct.pack(">4sIII", name, 0, start, len(body))
        start += len(body)
    return struct.pack(">IHHHH", 0x10000, len(tables), 0, 0, 0) + lines + b"".join(tables.values())


def printed_with(font: bytes, folder: Path) -> Path:
    """A print that holds this font."""
    pdf = Pdf.new()
    held = pdf.make_indirect(Dictionary(FontFile2=pdf.make_stream(font)))
    add_page(pdf, words("Dear officer")).obj.Resources.Font.F1.FontDescriptor = held
    return written(folder, saved(pdf)).rename(folder / "printed.pdf")


@pytest.mark.parametrize("is_wide", [True, False])
@pytest.mark.parametrize(
    ("glyphs", "is_told"),
    [([b"box!", b"a", b"", b"box!"], True), ([b"box!", b"a", b"", b"box?"], False), ([b"", b"ab", b"", b""], False), ([b"box!"], False)],
)
def test_a_letter_that_no_font_has_is_told_by_its_box(
    glyphs: list[bytes], is_told: bool, is_wide: bool, stand_in: Callable[[str], Path], tmp_path: Path
) -> None:
    """The first glyph of a font is its sign for a missing letter; the print holds it once more where it shows it."""
    font = font_of([each + b" " * (len(each) % 2) for each in glyphs], is_wide)
    printed = printed_with(font, tmp_path)
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(printed)!r}).read_bytes())\n")
    assert [finding.rule for finding in converted.__wrapped__("letter.docx").findings] == (["evidence-office-letters"] if is_told else [])


@pytest.mark.parametrize("font", [b"", b"OTTO" + bytes(8), bytes(200), font_of([b"ab", b"ab"], True)[:60]])
def test_a_font_of_another_kind_tells_nothing(font: bytes, stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    printed = printed_with(font, tmp_path)
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(printed)!r}).read_bytes())\n")
    assert converted.__wrapped__("letter.docx").findings == ()


def test_libreoffice_prints_a_box_for_what_no_font_has(tmp_path: Path) -> None:
    """U+0EFF is no letter of any script."""
    if office.program() is None:
        missing("LibreOffice (libreoffice-writer-nogui)")
    result = convert(written(tmp_path, b"{\\rtf1\\ansi Dear \\u3839? officer}"), shown_as="a.rtf")
    assert [finding.rule for finding in result.findings] == ["evidence-office-letters"]


def test_a_number_that_is_wider_than_its_column_is_named(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    printed = written(tmp_path, pages(words("Rent 1200"), words("Balance ####"))).rename(tmp_path / "printed.pdf")
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(printed)!r}).read_bytes())\n")
    (finding,) = converted.__wrapped__("table.xlsx").findings
    assert isinstance(finding, PageFinding)
    assert (finding.rule, finding.pages) == ("evidence-office-narrow", (2,))
    assert converted.__wrapped__("table.xlsx", pages="1").findings == ()


_WORD_BODY = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>'
_FIELD = '<w:fldChar w:fldCharType="{}"/>'


def printed_as(said: str, folder: Path, stand_in: Callable[[str], Path], name: str, parts: dict[str, str]) -> list[str]:
    """The rules of findings for a document with these parts whose print shows these words."""
    printed = written(folder, pages(words(said))).rename(folder / "printed.pdf")
    stand_in(f"(out / 'document.pdf').write_bytes(Path({str(printed)!r}).read_bytes())\n")
    first = {"mimetype": "application/vnd.oasis.opendocument.text"} if name.endswith("odt") else {"[Content_Types].xml": "x"}
    return [finding.rule for finding in convert(written(folder, zipped(first | parts), name), shown_as=name).findings]


@pytest.mark.parametrize(
    ("body", "said", "is_lost"),
    [
        (_WORD_BODY.format("Rent 900 Food 200"), "Rent 900 Food 200", False),
        (_WORD_BODY.format("Rent 900") + _WORD_BODY.format("Food 200"), "Rent 900 Food", True),
        (_WORD_BODY.format("Column 1") + _WORD_BODY.format("Column 2"), "Column 1 2", True),
        (_WORD_BODY.format("Tom &amp; Ana"), "Tom & Ana", False),
        ("<w:p><w:r><w:t>Nov</w:t></w:r><w:r><w:t>ember</w:t></w:r></w:p>", "November", False),
        (_WORD_BODY.format("unbreakable"), "unbreak- able", False),
        ("<w:p><w:del><w:delText>Gone</w:delText></w:del></w:p>", "x", False),
        (_WORD_BODY.format("Page ") + _FIELD.format("begin") + _WORD_BODY.format("7") + _FIELD.format("end"), "Page 1", False),
        (_WORD_BODY.format("Привет"), "x", False),
    ],
)
def test_words_of_a_document_that_its_print_lacks_are_named(
    body: str, said: str, is_lost: bool, stand_in: Callable[[str], Path], tmp_path: Path
) -> None:
    rules = printed_as(said, tmp_path, stand_in, "a.docx", {"word/document.xml": body})
    assert rules == (["evidence-office-lost"] if is_lost else [])


@pytest.mark.parametrize(
    ("name", "part", "body", "changes"),
    [
        ("a.docx", "word/document.xml", '<w:instrText xml:space="preserve"> DATE \\@ "M/d/yyyy" </w:instrText>', True),
        ("a.docx", "word/header1.xml", '<w:fldSimple w:instr=" TIME ">', True),
        ("a.docx", "word/document.xml", "<w:instrText> SAVEDATE </w:instrText>", False),
        ("a.xlsx", "xl/worksheets/sheet1.xml", "<f>IF(A1,TODAY()-3,0)</f>", True),
        ("a.xlsx", "xl/worksheets/sheet1.xml", "<f>A1</f>", False),
        ("a.odt", "content.xml", '<text:date text:date-value="2026-08-12">', True),
        ("a.odt", "content.xml", '<text:date text:fixed="true">', False),
    ],
)
def test_a_date_that_changes_by_itself_is_named(
    name: str, part: str, body: str, changes: bool, stand_in: Callable[[str], Path], tmp_path: Path
) -> None:
    main = {"xl/workbook.xml": "x"} if name.endswith("xlsx") else {"word/styles.xml": "x"} if name.endswith("docx") else {}
    rules = printed_as("8/12/2026", tmp_path, stand_in, name, main | {part: body})
    assert rules == (["evidence-office-today"] if changes else [])


def test_an_office_document_with_a_password_is_refused_for_that(tmp_path: Path) -> None:
    data = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EvidenceError, match="opens only with a password") as caught:
        convert(written(tmp_path, data), shown_as="a.docx")
    assert caught.value.findings[0].rule == "evidence-password"


def test_a_pdf_made_by_hand_is_no_office_document(tmp_path: Path) -> None:
    assert convert(written(tmp_path, pages(words("PK"))), shown_as="a").kind == "PDF"
