"""Office documents, as small as they can be.  What happens to them where LibreOffice is installed is in `test_evidence_office.py`."""

from __future__ import annotations

from typing import Final

from tests.resources.building import zipped
from tests.resources.catalogue import Catalogue

OFFICE: Final = Catalogue()

_KIND = "evidence-kind"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FORMATS = "http://schemas.openxmlformats.org/officeDocument/2006"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _open_xml(main: str, kind: str, parts: dict[str, str], links: str = "") -> bytes:
    """An Office Open XML package: `main` is the document's part, `links` the relationships of that part."""
    folder, _, name = main.rpartition("/")
    types = f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{kind}'
    root = f'<Relationship Id="r1" Type="{_FORMATS}/relationships/officeDocument" Target="{main}"/>'
    return zipped(
        {
            "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{types}</Types>',
            "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{root}</Relationships>',
            f"{folder}/_rels/{name}.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
            **parts,
        }
    )


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'


@OFFICE.add("letter.docx", "A Word document.", refused=_KIND)
def letter_docx() -> bytes:
    body = "<w:body><w:p><w:r><w:t>Dear officer</w:t></w:r></w:p></w:body>"
    document = f'{_XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{body}</w:document>'
    kind = _override("word/document.xml", "wordprocessingml.document.main")
    return _open_xml("word/document.xml", kind, {"word/document.xml": document})


@OFFICE.add("table.xlsx", "An Excel workbook.", refused=_KIND)
def table_xlsx() -> bytes:
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    book = f'{_XML}<workbook {names} xmlns:r="{_FORMATS}/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>Rent</t></is></c><c r="B1"><v>1200</v></c></row>'
    sheet = f"{_XML}<worksheet {names}><sheetData>{row}</sheetData></worksheet>"
    kinds = _override("xl/workbook.xml", "spreadsheetml.sheet.main") + _override("xl/sheet1.xml", "spreadsheetml.worksheet")
    link = f'<Relationship Id="r1" Type="{_FORMATS}/relationships/worksheet" Target="sheet1.xml"/>'
    return _open_xml("xl/workbook.xml", kinds, {"xl/workbook.xml": book, "xl/sheet1.xml": sheet}, link)


@OFFICE.add("letter.odt", "An OpenDocument text.", refused=_KIND)
def letter_odt() -> bytes:
    kind = "application/vnd.oasis.opendocument.text"
    names = f'xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0" office:version="1.2"'
    body = "<office:body><office:text><text:p>Dear officer</text:p></office:text></office:body>"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media}"/>'
        for path, media in (("/", kind), ("content.xml", "text/xml"))
    )
    manifest = f'{_XML}<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0" manifest:version="1.2">{entries}</manifest:manifest>'
    content = f"{_XML}<office:document-content {names}>{body}</office:document-content>"
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


@OFFICE.add("letter.rtf", "A rich-text document.", refused=_KIND)
def letter_rtf() -> bytes:
    return b"{\\rtf1\\ansi Dear officer}"
