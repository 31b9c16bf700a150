"""Documents of word processors and spreadsheets: printed to PDF by LibreOffice, when it is installed."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pipeline.evidence.model import Sheets, Source
from pipeline.evidence.office.printed import boxed_letters, said_otherwise
from pipeline.evidence.office.unseen import too_narrow, unseen
from pipeline.evidence.other_kinds import OLD_OFFICE, PRINT_TO_PDF, RICH_TEXT, refusal_of
from pipeline.evidence.pdf.converter import PdfConverter
from pipeline.findings import Finding, Level
from pipeline.sealed import Sealed

_ZIP: Final = b"PK\x03\x04"
_MAC: Final = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")

_BAD_ZIP: Final = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, OverflowError, RuntimeError, EOFError)
"""What Python's zipfile raises for archives that break the rules."""

_MEMBERS: Final = (
    ("word/", "a Word document", "docx"),
    ("xl/", "an Excel workbook", "xlsx"),
    ("ppt/", "a PowerPoint presentation", "pptx"),
)
_OPEN_DOCUMENT: Final = {
    b"application/vnd.oasis.opendocument.text": ("an OpenDocument text", "odt"),
    b"application/vnd.oasis.opendocument.spreadsheet": ("an OpenDocument spreadsheet", "ods"),
    b"application/vnd.oasis.opendocument.presentation": ("an OpenDocument presentation", "odp"),
}
_OLD: Final = (
    ("WordDocument", "an old Word document", "doc"),
    ("Workbook", "an old Excel workbook", "xls"),
    ("PowerPoint Document", "an old PowerPoint presentation", "ppt"),
)
"""Names of the stream that holds the document, as the directory of the file has them: in UTF-16."""
_NEWER: Final = {"doc": "docx", "rtf": "docx", "xls": "xlsx"}
"""Formats that do not say in words what they hold, and those that LibreOffice copies them into to look."""

_SCRIPTING: Final = "Office.Common/Security/Scripting"
_INTERNET: Final = "Inet/Settings"
_SETTINGS: Final = (
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "DisableActiveContent", "true"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    (_INTERNET, "ooInetProxyType", "2"),
    (_INTERNET, "ooInetHTTPProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPProxyPort", "9"),
    (_INTERNET, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPSProxyPort", "9"),
    ("Office.Calc/Content/Update", "Link", "1"),
    ("Office.Writer/Content/Update", "Link", "0"),
)
"""LibreOffice's own names: no macro runs, the way to the network leads nowhere, links to other files are not updated."""
_NAMESPACE: Final = "http://openoffice.org/2001/registry"


class OfficeConverter:
    """Word, Excel, PowerPoint, OpenDocument and rich text, as LibreOffice prints them: without macros and without the network's pictures.

    Raises EvidenceError where LibreOffice is missing, does not open the file, or needs longer than the limit.  Fonts that this machine
    lacks are replaced by LibreOffice, so that pages may break elsewhere than on the author's machine.  What a document holds and its print
    does not show is a finding.
    """

    def accepts(self, head: bytes) -> bool:
        return head.startswith((_ZIP, OLD_OFFICE, RICH_TEXT))

    def convert(self, source: Source) -> Sheets:
        kind, ending = _kind_of(source) or ("", "")
        if not kind:
            raise refusal_of(source)
        _refuse_damaged(source)
        found = program()
        if found is None:
            message = f"the file is {kind}; turning it into pages needs LibreOffice, which is not on this machine"
            raise source.refusal("evidence-kind", message, f"Install LibreOffice, or convert the file yourself: {PRINT_TO_PDF}")
        printed = _printed(source, kind, ending, found)
        sheets = PdfConverter().convert(replace(source, data=printed.pdf))
        findings = (*sheets.findings, *_beside_print(source, printed), *too_narrow(source, ending, sheets))
        return replace(sheets, kind=kind, findings=findings)


class _Printed(Sealed, frozen=True):
    """What LibreOffice made of a document."""

    pdf: bytes
    parts: bytes | None
    """The document, or its copy in the newer format, in which its parts can be looked into; None when there is no such copy."""
    ending: str
    """Of the format of `parts`."""


def _beside_print(source: Source, printed: _Printed) -> Iterator[Finding]:
    """The findings for what the document holds and its print does not show, or not as it was."""
    yield from boxed_letters(source, printed.pdf)
    if printed.parts is None:
        message = "the document could not be searched for hidden text, comments and dates that change by themselves"
        remedy = "Look for them in the program that made it; if they are evidence, print it to PDF there, and name that in the case."
        yield source.finding("evidence-office-unseen", Level.WARNING, message, remedy)
        return
    document = replace(source, data=printed.parts)
    yield from unseen(document, printed.ending)
    yield from said_otherwise(document, printed.ending, printed.pdf)


def _kind_of(source: Source) -> tuple[str, str] | None:
    """What the document is and the ending that LibreOffice knows it by; None when it is none."""
    data = source.data
    if data.startswith(RICH_TEXT):
        return "a rich-text document", "rtf"
    if data.startswith(OLD_OFFICE):
        return next(((kind, ending) for name, kind, ending in _OLD if name.encode("utf-16-le") in data), None)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _kind_in_zip(source, archive)
    except _BAD_ZIP:
        return None


def _kind_in_zip(source: Source, archive: zipfile.ZipFile) -> tuple[str, str] | None:
    names = archive.namelist()
    if any(member.file_size > source.limits.stream_bytes for member in archive.infolist()):
        message = f"a part of the document is larger than {source.limits.stream_bytes:,} bytes"
        raise source.refusal("evidence-too-large", message, PRINT_TO_PDF)
    if "[Content_Types].xml" in names:
        return next(((kind, ending) for start, kind, ending in _MEMBERS if any(name.startswith(start) for name in names)), None)
    if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 100:
        return _OPEN_DOCUMENT.get(archive.read("mimetype").strip())
    return None


def _refuse_damaged(source: Source) -> None:
    """Raises EvidenceError for an archive with a part that does not read whole: LibreOffice would print what is left, without a word."""
    if not source.data.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            is_whole = archive.testzip() is None
    except _BAD_ZIP:
        is_whole = False
    if not is_whole:
        message = "the document is damaged: a part of it cannot be read whole"
        raise source.refusal(
            "evidence-damaged", message, "Ask for the file again, or open it in the program that made it and save it anew."
        )


def program() -> str | None:
    """Where LibreOffice is."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or (str(_MAC) if _MAC.is_file() else None)


def _printed(source: Source, kind: str, ending: str, program: str) -> _Printed:
    """The document as LibreOffice prints it, in a profile of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="office-") as name:
        work = Path(name)
        settings = work / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_profile(), encoding="utf-8")
        document = work / f"document.{ending}"
        document.write_bytes(source.data)
        try:
            pdf = _made(program, document, "pdf", source.limits.seconds)
        except (OSError, subprocess.SubprocessError) as error:
            message = f"the file is {kind} that LibreOffice could not turn into pages"
            raise source.refusal("evidence-office", message, PRINT_TO_PDF) from error
        newer = _NEWER.get(ending)
        if newer is None:
            return _Printed(pdf, source.data, ending)
        try:
            return _Printed(pdf, _made(program, document, newer, source.limits.seconds), newer)
        except (OSError, subprocess.SubprocessError):
            return _Printed(pdf, None, newer)


def _profile() -> str:
    """The settings as LibreOffice reads them from a user's profile."""
    items = (
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="{_NAMESPACE}">{"".join(items)}</oor:items>'


def _made(program: str, document: Path, ending: str, seconds: float) -> bytes:
    """What LibreOffice makes of the document in this format; what it says goes nowhere, because it may quote the file."""
    work, nowhere = document.parent, subprocess.DEVNULL
    switches = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck")
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    command = (program, *switches, profile, "--convert-to", ending, "--outdir", str(work), str(document))
    environment = {**os.environ, "HOME": str(work), "TMPDIR": str(work)}  # what it leaves when it is ended goes with the folder
    subprocess.run(command, check=True, stdin=nowhere, stdout=nowhere, stderr=nowhere, cwd=work, env=environment, timeout=seconds)
    return document.with_suffix(f".{ending}").read_bytes()
