"""The packet as an office with a word processor would script it: pdftk fills and merges, LibreOffice makes the letters.

All letters of a batch are converted by one start of LibreOffice.  Nothing is read back, stamped or linked.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.recipe import Recipe, letter_html


def is_possible() -> bool:
    """Whether pdftk and LibreOffice are installed."""
    return shutil.which("pdftk") is not None and shutil.which("soffice") is not None


class OfficeRecipe:
    """Several cases, with their form values known beforehand, so that only making the packets is timed."""

    def __init__(self, cases: Sequence[Path], work: Path) -> None:
        self._work = work
        (work / "letters").mkdir(parents=True)
        self._recipes = [Recipe(case) for case in cases]
        for number, (case, recipe) in enumerate(zip(cases, self._recipes, strict=True)):
            html = letter_html(json.loads(case.read_text(encoding="utf-8")))
            (work / "letters" / f"{number}.html").write_text(html, encoding="utf-8")
            for place, (blank, values) in enumerate(recipe.forms):
                (work / f"{number}-{place}-blank.pdf").write_bytes(blank)
                (work / f"{number}-{place}.xfdf").write_text(_xfdf(values), encoding="utf-8")

    @property
    def cases(self) -> int:
        return len(self._recipes)

    def make(self) -> None:
        """Writes the packets."""
        letters = sorted((self._work / "letters").glob("*.html"))
        convert = [
            "soffice",
            f"-env:UserInstallation=file://{self._work}/profile",
            "--headless",
            "--convert-to",
            "pdf:writer_web_pdf_Export",
        ]
        subprocess.run([*convert, "--outdir", self._work, *letters], check=True, capture_output=True)
        for number, recipe in enumerate(self._recipes):
            parts = [f"{self._work}/{number}.pdf"]
            for place in range(len(recipe.forms)):
                stem = f"{self._work}/{number}-{place}"
                fill = ["pdftk", f"{stem}-blank.pdf", "fill_form", f"{stem}.xfdf", "output", f"{stem}.pdf", "drop_xfa", "flatten"]
                subprocess.run(fill, check=True, capture_output=True)
                parts.append(f"{stem}.pdf")
            merge = ["pdftk", *parts, *map(str, recipe.files), "cat", "output", f"{self._work}/packet-{number}.pdf"]
            subprocess.run(merge, check=True, capture_output=True)


def _xfdf(values: Mapping[str, str]) -> str:
    from xml.sax.saxutils import escape, quoteattr

    fields = "".join(
        f"<field name={quoteattr(name)}><value>{escape(value.removeprefix('/'))}</value></field>" for name, value in values.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><xfdf xmlns="http://ns.adobe.com/xfdf/"><fields>{fields}</fields></xfdf>'
