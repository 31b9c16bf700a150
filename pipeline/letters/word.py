"""A letter as a Word file for editing: Typst gives its content as HTML, and pandoc makes the file.

pandoc comes with the wheel pypandoc-binary, the optional extra `word`.  What a letter looks like in Word stands in
`templates/letters/word/styles.xml`; fonts, size and margins are those of the office.
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib import import_module
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from pipeline.errors import EnvironmentMissingError, TemplateError
from pipeline.letters.documents import Rendered, reach
from pipeline.letters.office import Office, Style
from pipeline.resources import shipped
from pipeline.typeset.compile import hypertext

ENDING = ".docx"

_FONT = "Times New Roman"
"""Instead of the letters' own font, which Word does not have."""
_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_TABLE = re.compile(r'<div data-columns="([^"]*)"><table>')
_PICTURE = re.compile(r'width="\d+" height="\d+" style="[^"]*?width: ([\d.]+)pt[^"]*"')
_SECTION = re.compile(rb"<w:sectPr>.*?</w:sectPr>", re.DOTALL)
_TWIPS = 1440
"""Twentieths of a point in an inch, the unit of Word."""


def word_file(document: Rendered, office: Office) -> bytes:
    """A rendered document as a Word file with the same words; the same input gives the same bytes.

    Raises TemplateError when the document holds something that Word cannot, and EnvironmentMissingError when pandoc is not installed.
    Limits: the file says of itself that it was made on January 1, 1970, since pandoc's sandbox has no clock.
    """
    source = document.source
    page = hypertext(source.text, name=source.name, prelude=_prelude(), reach=reach(office), trace=source.place)
    found = _BODY.search(page)
    assert found is not None
    width = 8.5 - office.style.left - office.style.right
    body = _TABLE.sub(lambda table: _with_columns(table, width), found[1])
    body = _PICTURE.sub(lambda picture: f'width="{float(picture[1]) / 72:.3f}in"', body)
    return _converted(body, office.style, source.name)


@cache
def _prelude() -> str:
    return (_folder() / "prelude.typ").read_text(encoding="utf-8")


def _folder() -> Path:
    return shipped("templates") / "letters" / "word"


def _with_columns(table: re.Match[str], width: float) -> str:
    """A table with the widths of its columns, as shares of the line; `width` is the line's, in inches."""
    shares = _shares(table[1].split(), width)
    columns = "".join(f'<col style="width: {100 * share:.1f}%">' for share in shares)
    return f"{table[0]}<colgroup>{columns}</colgroup>"


def _shares(columns: Sequence[str], width: float) -> list[float]:
    """From widths in points and fractions, such as `28.8pt` and `1fr`, to shares of a line of `width` inches."""
    fixed = [float(c.removesuffix("pt")) / 72 / width if c.endswith("pt") else 0.0 for c in columns]
    parts = [float(c.removesuffix("fr")) if c.endswith("fr") else 0.0 for c in columns]
    left = max(0.0, 1 - sum(fixed)) / (sum(parts) or 1)
    return [share + part * left for share, part in zip(fixed, parts, strict=True)]


def _converted(body: str, style: Style, name: str) -> bytes:
    """HTML as a Word file; pandoc may read nothing but what it is given."""
    with TemporaryDirectory() as folder:
        looks = Path(folder) / "reference.docx"
        looks.write_bytes(_reference(style))
        order = ["--sandbox", "-f", "html", "-t", "docx", "--shift-heading-level-by=-1", "--reference-doc", str(looks), "-o", "-"]
        try:
            return subprocess.run([_pandoc(), *order], input=body.encode(), check=True, capture_output=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise TemplateError.one("template-word", name, f"pandoc failed with {type(error).__name__}", "Report this.") from None


@cache
def _pandoc() -> str:
    """The path of pandoc.  Raises EnvironmentMissingError."""
    try:
        return str(import_module("pypandoc").get_pandoc_path())
    except (ImportError, OSError):
        message, remedy = (
            "a Word file is made with pandoc, which is not installed",
            "Install pypandoc-binary (the extra parole-packet[word]).",
        )
        raise EnvironmentMissingError.one("word-missing", "packet letters --docx", message, remedy) from None


@cache
def _reference(style: Style) -> bytes:
    """The document whose looks pandoc copies: its own, with our styles and the office's margins."""
    own = subprocess.run([_pandoc(), "--print-default-data-file", "reference.docx"], check=True, capture_output=True).stdout
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(own)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/styles.xml":
                data = _styles(style)
            elif entry.filename == "word/document.xml":
                data = _SECTION.sub(_page(style), data)
            new.writestr(zipfile.ZipInfo(entry.filename), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _styles(style: Style) -> bytes:
    font = str(style.fonts[0]) if len(style.fonts) > 1 else _FONT
    template = Template((_folder() / "styles.xml").read_text(encoding="utf-8"))
    return template.substitute(font=escape(font), size=round(2 * style.size)).encode()


def _page(style: Style) -> bytes:
    """US letter with the office's margins."""
    sides = {"top": style.top, "right": style.right, "bottom": style.bottom, "left": style.left}
    margins = " ".join(f'w:{side}="{round(_TWIPS * inches)}"' for side, inches in sides.items())
    page = '<w:pgSz w:w="12240" w:h="15840"/>'
    return f'<w:sectPr>{page}<w:pgMar {margins} w:header="720" w:footer="720" w:gutter="0"/></w:sectPr>'.encode()
