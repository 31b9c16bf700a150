"""The packet as everybody would make it: WeasyPrint letters, pypdf to fill, flatten and merge, a stamp merged onto every page.

It makes the files that a build makes: the packet, each letter and the checklist alone, each form to be edited, and the payment pages,
with the same words.  It reads nothing back, keeps no links, writes no manifest and checks nothing; where it could be made faster
without losing its simplicity, it was.
"""

from __future__ import annotations

import importlib.util
import io
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader, PdfWriter

from pipeline.evidence.intake import Intake
from pipeline.forms.editions import current
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import fill
from pipeline.forms.store import find_official
from pipeline.forms.template import prepare
from pipeline.forms.values import Subject
from pipeline.packet.beside import papers
from pipeline.packet.compose import compose
from pipeline.packet.examine import Examined, examine
from pipeline.packet.filing import filing_of
from pipeline.packet.gather import gather
from pipeline.packet.plan import PacketPlan, make_plan
from pipeline.resources import shipped
from pipeline.rules.answers import PAYMENT_FORMS
from pipeline.typeset.compile import hypertext

IN_PACKET = ("cover-letter", "evidence-index", "exhibit-sheets")
"""The letters that stand in the packet; the sheets in one block, before the evidence."""
_STYLE = """<style>@page {size: letter; margin: 1in} body {font: 11pt serif} table {width: 100%} td {border-bottom: 1px solid black}
[data-custom-style="New Page"] {break-before: page}</style>"""


def is_possible() -> bool:
    """Whether WeasyPrint is installed; it is no dependency of ours."""
    return importlib.util.find_spec("weasyprint") is not None


@dataclass(frozen=True)
class FormToFill:
    """A blank, and what stands in it."""

    blank: bytes = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    in_packet: bool
    """Otherwise a payment page, which is wanted flat and alone."""


@dataclass(frozen=True)
class Ingredients:
    """All that is known of a case before its packet is made, so that only making it is timed."""

    letters: Mapping[str, str] = field(repr=False)
    """Name to HTML, with the words of the letters of a build."""
    forms: tuple[FormToFill, ...]
    evidence: tuple[Path, ...]


def ingredients(case: Path) -> Ingredients:
    """What the packet of a case is made of; every rule of ours has done its work then, and counts for neither side."""
    examined = examine(case)
    plan = make_plan(examined.case, examined.item)
    with Intake() as intake:
        letters = compose(plan, examined, gather(plan, None, examined.as_of, intake), filing_of(examined), ())
    sources = {**letters.sources, **papers(plan, examined, letters).sources}
    shapes = (shipped("templates") / "letters" / "word" / "prelude.typ").read_text(encoding="utf-8")
    pages = {name: hypertext(source, name=name, prelude=shapes) for name, source in sources.items()}
    data = json.loads(case.read_text(encoding="utf-8"))
    files = tuple(case.parent / name for exhibit in data["exhibits"] for name in exhibit["files"])
    return Ingredients(
        {name: page.replace("</head>", f"{_STYLE}</head>") for name, page in pages.items()}, tuple(_forms(plan, examined)), files
    )


def _forms(plan: PacketPlan, examined: Examined) -> Iterator[FormToFill]:
    for section in plan.sections:
        if section.form is None:
            continue
        assert section.subject is not None
        yield _form(section.form, section.subject, True)
    for payment in filing_of(examined).payments:
        roles = {"petitioner": plan.case.petitioner, "beneficiary": payment.beneficiary}
        form = PAYMENT_FORMS[plan.case.data["filing"]["payment"]]
        yield _form(form, Subject(plan.case, roles, {"fee": payment.dollars}), False)


def _form(form: str, subject: Subject, in_packet: bool) -> FormToFill:
    official = find_official(form, None)[0]
    template = prepare(current(form), official)
    done = fill(template, load_map(current(form)), subject)
    values = {v.field.name: v.text if v.ticked is None else (v.field.on_state or "") if v.ticked else "/Off" for v in done.values}
    return FormToFill(official.data if official else template.editable, values, in_packet)


class Recipe:
    """The packet of one case, with WeasyPrint and pypdf; readers of the blanks and the fonts are kept."""

    def __init__(self, case: Path) -> None:
        from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-not-found,import-untyped,unused-ignore]

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        self._parts = ingredients(case)
        self._readers = {form.blank: PdfReader(io.BytesIO(form.blank)) for form in self._parts.forms}
        self._fonts = FontConfiguration()

    def make(self, out: Path) -> int:
        """Writes the packet and the files beside it into a folder; returns the pages of the packet."""
        out.mkdir(exist_ok=True)
        merged = PdfWriter()
        for name, page in self._parts.letters.items():
            pdf = self._letter(page)
            (out / f"{name}.pdf").write_bytes(pdf)
            if name in IN_PACKET:
                merged.append(io.BytesIO(pdf))
        for number, form in enumerate(self._parts.forms):
            flat = _filled(self._readers[form.blank], form.values, flatten=True)
            if form.in_packet:
                merged.append(io.BytesIO(flat))
                (out / f"form-{number}.pdf").write_bytes(_filled(self._readers[form.blank], form.values, flatten=False))
            else:
                (out / f"payment-{number}.pdf").write_bytes(flat)
        for file in self._parts.evidence:
            merged.append(file)
        pages = len(merged.pages)
        stamps = PdfReader(io.BytesIO(_stamps(pages)))
        for leaf, stamp in zip(merged.pages, stamps.pages, strict=True):
            leaf.merge_page(stamp)
        merged.write(out / "packet.pdf")
        return pages

    def _letter(self, page: str) -> bytes:
        from weasyprint import HTML  # type: ignore[import-not-found,import-untyped,unused-ignore]

        pdf: bytes = HTML(string=page).write_pdf(font_config=self._fonts)
        return pdf


def _filled(blank: PdfReader, values: Mapping[str, str], *, flatten: bool) -> bytes:
    writer = PdfWriter(clone_from=blank)
    for page in writer.pages:
        writer.update_page_form_field_values(page, dict(values), auto_regenerate=False, flatten=flatten)
    if flatten:
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
