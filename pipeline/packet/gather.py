"""Gathering what goes into a packet: the filled forms and the converted evidence.  Every failure is collected before one is raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from pipeline.errors import PacketError
from pipeline.evidence.intake import Intake
from pipeline.findings import Finding, Level
from pipeline.forms.continuation import continuation_pages
from pipeline.forms.editions import current
from pipeline.forms.expressions import nine_digits
from pipeline.forms.fieldmap import FieldMap, load_map
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.inventory import Inventory
from pipeline.forms.store import find_official
from pipeline.forms.template import FormTemplate, prepare
from pipeline.packet.assemble import Piece, whole
from pipeline.packet.exhibits import ReadyPart, finish_exhibits, start_exhibits
from pipeline.packet.filing import Payment, payment_form
from pipeline.packet.payments import payment_pages
from pipeline.packet.plan import PacketPlan, Section
from pipeline.sealed import Sealed
from pipeline.typeset.kept import page_count


class ReadyForm(Sealed, frozen=True):
    """A filled form with its pages for the packet."""

    filled: FilledForm
    form_map: FieldMap
    pieces: tuple[Piece, ...]
    editable: bytes
    """The filled PDF with its form fields; made here, while threads hash the evidence."""

    @property
    def pages(self) -> int:
        return sum(piece.pages for piece in self.pieces)

    @property
    def own_pages(self) -> int:
        """Pages of the form itself, before its continuation pages."""
        return self.pieces[0].pages

    @property
    def continuation_pages(self) -> int:
        """Typeset pages after the form, each with a line for the pen of the form's signer."""
        return self.pages - self.own_pages


class Gathered(Struct, frozen=True):
    """By place in the plan: the filled form, or the converted files, of each section that has them."""

    forms: Mapping[int, ReadyForm]
    exhibits: Mapping[int, tuple[ReadyPart, ...]]
    """Of exhibits, of the notice that a response answers, and of a letter of the office's own."""
    payments: Mapping[str, bytes]
    """The pages to pay with, by their path in the output folder."""
    facsimiles: tuple[Inventory, ...]
    """Of forms, those to pay with included, that had to be drawn because no official PDF is there."""
    findings: tuple[Finding, ...]


def gather(plan: PacketPlan, forms_folder: Path | None, as_of: date, intake: Intake, payments: Sequence[Payment] = ()) -> Gathered:
    """Fill every form and payment page and convert every exhibit; raises a PacketError with every failure of every form and file.

    Evidence is hashed, and converted when it is not in the cache, while the forms are filled.
    What is gathered is readable until `intake` is closed.
    """
    failures: list[PacketError] = []
    findings: list[Finding] = []
    forms: dict[int, ReadyForm] = {}
    started = start_exhibits(plan, intake)
    templates: dict[str, FormTemplate] = {}
    for number, section in enumerate(plan.sections):
        try:
            if section.form and section.form not in templates:
                templates[section.form] = _template(section.form, forms_folder, findings)
            if section.form:
                forms[number] = _form(section, templates[section.form], as_of)
                findings.extend(forms[number].filled.findings)
        except PacketError as error:
            failures.append(error)
    paid: Mapping[str, bytes] = {}
    try:
        if payments and (form := payment_form(plan.case)):
            templates[form] = _template(form, forms_folder, findings)
            paid = payment_pages(plan, payments, templates[form])
    except PacketError as error:
        failures.append(error)
    exhibits = finish_exhibits(started, failures)
    if failures:
        raise type(failures[0])(list(dict.fromkeys(finding for error in failures for finding in error.findings)))
    facsimiles = tuple(template.inventory for template in templates.values() if template.source == "facsimile")
    return Gathered(forms, exhibits, paid, facsimiles, tuple(findings))


def _template(form: str, folder: Path | None, findings: list[Finding]) -> FormTemplate:
    official, refused = find_official(form, folder)
    findings.extend(Finding(f.rule, Level.WARNING, f.where, f.message, f.remedy) for f in refused)
    return prepare(current(form), official)


def _form(section: Section, template: FormTemplate, as_of: date) -> ReadyForm:
    assert section.form is not None
    assert section.subject is not None
    form_map = load_map(current(section.form))
    filled = fill(template, form_map, section.subject)
    pieces = [Piece(template.sha256, template.bare, template.inventory.pages, filled.marks)]
    if filled.continuations:
        signer = section.subject.roles["supporter" if form_map.per == "support" else "petitioner"]
        pages = continuation_pages(filled, signer.full_name, nine_digits(signer.data.get("a_number", "")), as_of)
        pieces.append(whole(pages, page_count(pages)))
    return ReadyForm(filled, form_map, tuple(pieces), filled.editable())
