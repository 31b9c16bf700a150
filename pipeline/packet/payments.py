"""Payment pages: one G-1450 or G-1650 for each fee, beside the packet and never in it, ready for the payer's pen.

Only the boxes that a map fills are written, and after writing every other box is proved empty; card and account data have
no place in a case.  Source: the forms themselves, and one payment for each benefit request (USCIS payment pages, read
2026-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image

from pipeline.errors import ReadBackError, TemplateError
from pipeline.findings import Finding, Level
from pipeline.forms.editions import current
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.inventory import Rect
from pipeline.forms.template import FormTemplate
from pipeline.forms.values import Subject
from pipeline.packet.filing import Payment
from pipeline.packet.plan import PacketPlan
from pipeline.packet.readback.expect import squeezed
from pipeline.packet.readback.ink import drawn
from pipeline.pdfium import pdfium_document


def payment_pages(plan: PacketPlan, payments: Sequence[Payment], template: FormTemplate) -> dict[str, bytes]:
    """Flat payment pages by path in the output folder, one for each payment, on the form that `template` is of.

    Raises ReadBackError when a box that has to stay empty is not.
    """
    form = template.inventory.form
    form_map = load_map(current(form))
    pages = {}
    for payment in payments:
        roles = {"petitioner": plan.case.petitioner, "beneficiary": payment.beneficiary}
        filled = fill(template, form_map, Subject(plan.case, roles, {"fee": payment.dollars}))
        _refuse_others(filled)
        pdf = filled.flat()
        _prove_empty(filled, pdf)
        number = plan.case.beneficiaries.index(payment.beneficiary) + 1
        pages[f"payment/form-{form.lower()}-beneficiary-{number}-{payment.what}.pdf"] = pdf
    return pages


def _refuse_others(filled: FilledForm) -> None:
    """Raise TemplateError when a map, which an office may change, writes a box that only the payer may."""
    wrong = [v.field for v in filled.values if (v.text or v.ticked) and v.field.fill != "office"]
    if wrong:
        where, remedy = f"{filled.template.inventory.form} map.yaml", "Take it out of the map: card and account data are never held."
        raise TemplateError(
            [Finding("map-payment", Level.ERROR, where, f"{field.label} is for the payer's pen", remedy) for field in wrong]
        )


def _prove_empty(filled: FilledForm, pdf: bytes) -> None:
    """Raise ReadBackError unless the written boxes hold what was written, and every other box looks as in the blank."""
    form, texts = f"Form {filled.template.inventory.form}", {value.field.name: value.text for value in filled.values}
    fields = filled.template.inventory.fillable
    blank = _unfilled(filled.template.flat, tuple(field.rect for field in fields))
    wrong = []
    with pdfium_document(pdf) as done:
        page = done[0]
        words = page.get_textpage()
        for field, before in zip(fields, blank, strict=True):
            if text := texts.get(field.name):
                good = squeezed(words.get_text_bounded(*field.rect)) == squeezed(text)
            else:
                good = drawn(page, field.rect) == before
            if not good:
                wrong.append(Finding("read-back", Level.ERROR, form, f"{field.label} is not as it should be"))
    if wrong:
        raise ReadBackError(wrong)


@lru_cache(maxsize=8)
def _unfilled(flat: bytes, boxes: tuple[Rect, ...]) -> tuple[Image.Image, ...]:
    """The pictures of these boxes on the first page of a blank."""
    with pdfium_document(flat) as blank:
        page = blank[0]
        return tuple(drawn(page, box) for box in boxes)
