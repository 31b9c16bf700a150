"""Filling forms in tests, and reading them with pdfium and with poppler."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from pipeline.case.model import Case, Position
from pipeline.forms.editions import current
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.inventory import Field
from pipeline.forms.store import find_official
from pipeline.forms.template import FormTemplate, prepare
from pipeline.forms.values import Subject
from pipeline.packet.plan import make_plan
from pipeline.packet.readback.expect import squeezed


def template(form: str, folder: Path | None) -> FormTemplate:
    """The prepared official form of a folder, or a facsimile."""
    official = find_official(form, folder)[0] if folder else None
    return prepare(current(form), official)


def case_of(data: Mapping[str, Any]) -> Case:
    """A case from JSON data, as if it stood in `case.json`."""
    return Case(Path("case.json"), data, {"": Position(1, 1)})


def subject_of(data: Mapping[str, Any], form: str, item: str = "7") -> Subject:
    """The subject of the first such form in a case's packet."""
    plan = make_plan(case_of(data), item)
    section = next(s for s in plan.sections if s.form == form)
    assert section.subject is not None
    return section.subject


def filled(data: Mapping[str, Any], form: str, item: str = "7", folder: Path | None = None) -> FilledForm:
    """The first such form of a case, filled."""
    return fill(template(form, folder), load_map(current(form)), subject_of(data, form, item))


def texts(done: FilledForm) -> dict[str, str]:
    """Leaf name to text of every field that holds text; names that repeat are told apart by their page."""
    return {f"{v.field.page}:{v.field.name.rpartition('.')[2]}": v.text for v in done.values if v.text}


def ticks(done: FilledForm) -> set[str]:
    """Page and leaf name of every ticked box."""
    return {f"{v.field.page}:{v.field.name.rpartition('.')[2]}" for v in done.values if v.ticked}


class Pictures:
    """A PDF as seen by pdfium and by poppler: the text and the ink in a field's box."""

    scale = 3.0

    def __init__(self, pdf: bytes, work: Path, pdftoppm: str) -> None:
        self.document = pypdfium2.PdfDocument(pdf)
        self.document.init_forms()
        self.work = work
        self.file = work / "seen.pdf"
        self.file.write_bytes(pdf)
        self.pdftoppm = pdftoppm
        self.seen: dict[tuple[str, int], Image.Image] = {}

    def close(self) -> None:
        """Let pdfium go of the document."""
        self.document.close()

    def text(self, field: Field) -> str:
        """The text in the field's box, squeezed."""
        page = self.document[field.page - 1].get_textpage()
        return squeezed(page.get_text_bounded(*field.rect))

    def picture(self, viewer: str, page: int) -> Image.Image:
        """A page in shades of grey at three pixels a point."""
        if (viewer, page) not in self.seen:
            if viewer == "pdfium":
                image = self.document[page - 1].render(scale=self.scale, grayscale=True).to_pil()
            else:
                target = self.work / f"p{page}"
                dpi = str(int(72 * self.scale))
                command = [self.pdftoppm, "-r", dpi, "-gray", "-f", str(page), "-l", str(page), "-singlefile", str(self.file), str(target)]
                subprocess.run(command, check=True, capture_output=True)
                image = Image.open(target.with_suffix(".pgm")).convert("L")
            self.seen[viewer, page] = image
        return self.seen[viewer, page]

    def box(self, viewer: str, field: Field, inset: float) -> Image.Image:
        """The picture of the field's box, less `inset` points at each edge."""
        x0, y0, x1, y1 = field.rect
        edges = (x0 + inset, 792 - y1 + inset, x1 - inset, 792 - y0 - inset)
        left, top, right, bottom = (round(edge * self.scale) for edge in edges)
        return self.picture(viewer, field.page).crop((left, top, right, bottom))

    def ink(self, viewer: str, field: Field, inset: float = 1.5) -> float:
        """Share of dark pixels inside the field's box."""
        box = self.box(viewer, field, inset)
        return sum(box.histogram()[:128]) / (box.width * box.height)


def load(path: Path) -> dict[str, Any]:
    """A case file's JSON data."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
