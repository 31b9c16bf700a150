"""Who signs where: every box for a pen in a packet, with its packet page."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.case.model import Case, Role
from pipeline.forms.values import Subject
from pipeline.packet.gather import ReadyForm
from pipeline.packet.layout import LaidSection, Layout
from pipeline.packet.manifest import Signature
from pipeline.packet.plan import SectionKind


def signatures(case: Case, layout: Layout, forms: dict[int, ReadyForm]) -> tuple[Signature, ...]:
    """Every signature the packet needs, in packet order; the letter's stands on its last page."""
    found: list[Signature] = []
    for number, laid in enumerate(layout.sections):
        if laid.section.kind is SectionKind.LETTER:
            who, signer = ("representative", case.representative) if case.representative else ("petitioner", case.petitioner)
            found.append(Signature(who, signer.full_name, laid.section.title, "", laid.pages.last))
        elif number in forms and laid.section.subject:
            found.extend(_of_form(laid, forms[number], laid.section.subject))
        elif laid.section.exhibit and laid.section.exhibit.translator:
            translator = laid.section.exhibit.translator.full_name
            found.append(Signature("translator", translator, f"Translator's certificate, {laid.section.title}", "", laid.pages.last))
    return tuple(found)


def _of_form(laid: LaidSection, ready: ReadyForm, subject: Subject) -> Iterator[Signature]:
    names = subject.names()
    title, first = laid.section.title, laid.pages.first
    signers = []
    for box in ready.form_map.signatures:
        if box.wanted(names) and (signer := _signer(box.who, subject)):
            signers.append((box.who, signer.full_name))
            yield Signature(box.who, signer.full_name, title, f"Part {box.part}, Item {box.item}", first + box.field.page - 1)
    for number in range(1, ready.continuation_pages + 1 if signers else 1):
        # The maps name first who signs the form itself; continuation pages ask for the same person's pen.
        yield Signature(*signers[0], title, f"Continuation page {number}", first + ready.own_pages + number - 1)


def _signer(who: str, subject: Subject) -> Role | None:
    return subject.roles.get("petitioner" if who == "client" else who)
