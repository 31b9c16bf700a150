"""The packet as everybody would make it: WeasyPrint letters, pypdf to fill, flatten and merge, a stamp merged onto every page.

It reads nothing back, keeps no links and checks nothing; where it could be made faster without losing its simplicity, it was.
"""

from __future__ import annotations

import importlib.util
import io
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader, PdfWriter

from pipeline.forms.editions import current
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import fill
from pipeline.forms.store import find_official
from pipeline.forms.template import prepare
from pipeline.packet.examine import examine
from pipeline.packet.plan import make_plan

_STYLE = "<style>@page {size: letter; margin: 1in} td {border-bottom: 1px solid black} body {font: 11pt serif}</style>"


def is_possible() -> bool:
    """Whether WeasyPrint is installed; it is no dependency of ours."""
    return importlib.util.find_spec("weasyprint") is not None


class Recipe:
    """One case, with its form values known beforehand, so that only making the packet is timed."""

    def __init__(self, case: Path) -> None:
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        self._case: Mapping[str, Any] = json.loads(case.read_text(encoding="utf-8"))
        self.files = [case.parent / name for exhibit in self._case["exhibits"] for name in exhibit["files"]]
        plan = make_plan(examine(case).case, "7")
        self.forms: list[tuple[bytes, Mapping[str, str]]] = []
        """The blank of each form, and its values."""
        for section in plan.forms:
            assert section.form is not None
            assert section.subject is not None
            official = find_official(section.form, None)[0]
            template = prepare(current(section.form), official)
            done = fill(template, load_map(current(section.form)), section.subject)
            values = {v.field.name: v.text if v.ticked is None else (v.field.on_state or "") if v.ticked else "/Off" for v in done.values}
            self.forms.append((official.data if official else template.editable, values))
        self._readers = {blank: PdfReader(io.BytesIO(blank)) for blank, _ in self.forms}

    def make(self, out: Path) -> int:
        """Writes the packet; returns its pages."""
        merged = PdfWriter()
        for part in (self._letters(), *(_filled(self._readers[blank], values) for blank, values in self.forms)):
            merged.append(io.BytesIO(part))
        for file in self.files:
            merged.append(file)
        pages = len(merged.pages)
        stamps = PdfReader(io.BytesIO(_stamps(pages)))
        for page, stamp in zip(merged.pages, stamps.pages, strict=True):
            page.merge_page(stamp)
        merged.write(out)
        return pages

    def _letters(self) -> bytes:
        from weasyprint import HTML  # type: ignore[import-not-found,import-untyped,unused-ignore]

        pdf: bytes = HTML(string=letter_html(self._case)).write_pdf()
        return pdf


def letter_html(case: Mapping[str, Any]) -> str:
    """A letter with the argument of a case, and the index of its exhibits."""
    points = [point["text"] for points in case["request"]["argument"].values() for point in points]
    rows = "".join(f"<tr><td>{e['title']}</td><td>{e['shows']}</td><td>{n}</td></tr>" for n, e in enumerate(case["exhibits"], 1))
    body = "".join(f"<p>{text}</p>" for text in points) + f'<table style="break-before: page">{rows}</table>'
    return f"<html lang=en><head>{_STYLE}</head><body>{body}</body></html>"


def _filled(blank: PdfReader, values: Mapping[str, str]) -> bytes:
    writer = PdfWriter(clone_from=blank)
    for page in writer.pages:
        writer.update_page_form_field_values(page, dict(values), auto_regenerate=False, flatten=True)
    writer.remove_annotations(subtypes="/Widget")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _stamps(count: int) -> bytes:
    """A page with the stamp for each page of the packet."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for number in range(1, count + 1):
            words = f"BT /F1 8 Tf 470 772 Td (Packet page {number} of {count}) Tj ET".encode()
            page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 612, 792]), Resources=Dictionary(Font=Dictionary(F1=font)))
            page.Contents = pdf.make_stream(words)
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(target)
    return target.getvalue()
