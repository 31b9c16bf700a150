"""The packet as an office with a word processor would script it: pdftk fills and merges, LibreOffice makes the letters.

It makes the files that `recipe` makes.  All letters of a batch are converted by one start of LibreOffice.  Nothing is read back, stamped
or linked.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.recipe import IN_PACKET, FormToFill, ingredients


def is_possible() -> bool:
    """Whether pdftk and LibreOffice are installed."""
    return shutil.which("pdftk") is not None and shutil.which("soffice") is not None


class OfficeRecipe:
    """Several cases; their letters lie as HTML, and their form values as XFDF, in a folder beforehand."""

    def __init__(self, cases: Sequence[Path], work: Path) -> None:
        self._work = work
        (work / "letters").mkdir(parents=True)
        self._cases = [ingredients(case) for case in cases]
        for number, parts in enumerate(self._cases):
            for name, page in parts.letters.items():
                (work / "letters" / f"{number}-{name}.html").write_text(page, encoding="utf-8")
            for place, form in enumerate(parts.forms):
                (work / f"{number}-{place}-blank.pdf").write_bytes(form.blank)
                (work / f"{number}-{place}.xfdf").write_text(_xfdf(form.values), encoding="utf-8")

    @property
    def cases(self) -> int:
        return len(self._cases)

    def make(self) -> None:
        """Writes the packets, and the files beside them."""
        letters = sorted((self._work / "letters").glob("*.html"))
        profile = f"-env:UserInstallation=file://{self._work}/profile"
        convert = ["soffice", profile, "--headless", "--convert-to", "pdf:writer_web_pdf_Export", "--outdir", str(self._work)]
        subprocess.run([*convert, *map(str, letters)], check=True, capture_output=True)
        for number, parts in enumerate(self._cases):
            flat = list(self._forms(number, parts.forms))
            pages = [f"{self._work}/{number}-{name}.pdf" for name in IN_PACKET]
            merge = ["pdftk", *pages, *flat, *map(str, parts.evidence), "cat", "output", f"{self._work}/packet-{number}.pdf"]
            subprocess.run(merge, check=True, capture_output=True)

    def _forms(self, number: int, forms: Sequence[FormToFill]) -> Iterator[str]:
        """Fills the forms of a case; yields the flat ones that stand in its packet."""
        for place, form in enumerate(forms):
            stem = f"{self._work}/{number}-{place}"
            fill = ["pdftk", f"{stem}-blank.pdf", "fill_form", f"{stem}.xfdf", "output"]
            subprocess.run([*fill, f"{stem}-flat.pdf", "drop_xfa", "flatten"], check=True, capture_output=True)
            if form.in_packet:
                subprocess.run([*fill, f"{stem}.pdf", "drop_xfa"], check=True, capture_output=True)
                yield f"{stem}-flat.pdf"


def _xfdf(values: Mapping[str, str]) -> str:
    from xml.sax.saxutils import escape, quoteattr

    fields = "".join(
        f"<field name={quoteattr(name)}><value>{escape(value.removeprefix('/'))}</value></field>" for name, value in values.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><xfdf xmlns="http://ns.adobe.com/xfdf/"><fields>{fields}</fields></xfdf>'
