"""The plan: a packet's sections in order, the one source for letter, index, bookmarks, stamps, signatures and manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pipeline.case.exhibits import files_of
from pipeline.case.model import RESPONSES, Case, Role, Support
from pipeline.errors import CaseInvalidError
from pipeline.evidence.model import Attachments
from pipeline.forms.fieldmap import FieldMap, maps_in_order
from pipeline.forms.values import Subject
from pipeline.letters.office import LabelStyle, exhibit_label
from pipeline.sealed import Sealed


class SectionKind(StrEnum):
    """What a run of pages is."""

    NOTIFICATION = "notification"
    NOTICE = "notice"
    """The notice of USCIS that a response answers."""
    LETTER = "letter"
    FORM = "form"
    INDEX = "index"
    EXHIBIT = "exhibit"


class PartRole(StrEnum):
    """What a file is within its exhibit."""

    ORIGINAL = "original"
    TRANSLATION = "translation"
    CERTIFICATE = "certificate"
    NOTICE = "notice"
    """Of no exhibit: the notice that a response answers."""
    LETTER = "letter"
    """Of no exhibit: a letter of the office's own, in place of the generated one."""


class ExhibitPart(Struct, frozen=True):
    """One file of an exhibit, or the files of one folder or pattern."""

    role: PartRole
    file: str
    """As the case names it, relative to the case folder."""
    pointer: str
    pages: str | None = None
    """Which pages of the file, as the case gives them; None means all."""
    password_from: str | None = None
    """The environment variable that holds the file's password."""
    shrink: int | None = None
    """Dots per inch that pictures are reduced to; None leaves them as they are."""
    attachments: Attachments | None = None
    """What becomes of files in a PDF."""
    made: bool = False
    """No file of the case folder: a certificate of translation, one page that is made here for ink."""


class Exhibit(Struct, frozen=True):
    """An exhibit with its label: A to Z, then AA, AB, ...; or what the office's label style makes of its place."""

    label: str
    exhibit_id: str
    title: str
    shows: str
    language: str
    """Language of the original when a translation goes with it; else empty."""
    parts: tuple[ExhibitPart, ...]
    pointer: str
    translator: Role | None = None
    """Who signs the certificate of translation that is made here."""


class Section(Sealed, frozen=True):
    """A run of pages: its kind and title, and the form, exhibit or single file that it holds."""

    kind: SectionKind
    title: str
    form: str | None = None
    subject: Subject | None = None
    exhibit: Exhibit | None = None
    file: ExhibitPart | None = None
    """The notice that a response answers, or a letter of the office's own."""

    @property
    def heading(self) -> str:
        """Its title, and of an exhibit what that is called: `Exhibit B: Letter of the surgeon`."""
        return f"{self.title}: {self.exhibit.title}" if self.exhibit else self.title

    @property
    def file_name(self) -> str:
        """`Form I-131, beneficiary 1 of 2` as `form-i-131-beneficiary-1-of-2`."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def files(self) -> tuple[ExhibitPart, ...]:
        """The files of the case folder that go into it, in order, and behind them a certificate that is made here."""
        if self.exhibit:
            return self.exhibit.parts
        return (self.file,) if self.file else ()


class PacketPlan(Struct, frozen=True):
    """The ordered sections, before pages are known."""

    case: Case
    sections: tuple[Section, ...]

    @property
    def answers_notice(self) -> bool:
        """Whether it is the response to a notice and not a filing."""
        return any(s.kind is SectionKind.NOTICE for s in self.sections)

    @property
    def own_letter(self) -> ExhibitPart | None:
        """The office's own letter, when the case names one; None when the letter is generated."""
        return next((s.file for s in self.sections if s.kind is SectionKind.LETTER), None)

    @property
    def letter_name(self) -> str:
        """File name of its letter."""
        return "response-letter" if self.answers_notice else "cover-letter"


def make_plan(case: Case, part1_item: str, labels: LabelStyle = LabelStyle.LETTERS) -> PacketPlan:
    """The sections of a case's packet; `part1_item` is the I-131's Part 1 item, such as 7 or 5.A, `labels` how exhibits are labelled.

    Which forms a packet holds, for whom and in which order, is said by the field maps.  At the stage of a request for evidence
    or a notice of intent to deny the packet is the response to it: raises CaseInvalidError when the case has no answer yet.
    """
    if case.data.get("stage", {}).get("name") in RESPONSES:
        return _response_plan(case, labels)
    facts = {"item": part1_item}
    everyone = _subject(case, {}, facts)
    forms = [m.form for m in _wanted("packet", everyone)]
    sections = [Section(SectionKind.NOTIFICATION, f"Form {form}", form, everyone) for form in forms]
    sections.append(_letter(case, "Cover letter", "cover"))
    for number, beneficiary in enumerate(case.beneficiaries, 1):
        sections.extend(_person(case, beneficiary, number, facts))
    sections.append(Section(SectionKind.INDEX, "Index of evidence"))
    sections.extend(_exhibit(number, entry, labels) for number, entry in enumerate(case.data.get("exhibits", ())))
    return PacketPlan(case, tuple(sections))


def _response_plan(case: Case, labels: LabelStyle) -> PacketPlan:
    """The notice on top, the letter, the index, and the exhibits that the answers cite, under the labels of the filing."""
    stage = case.data["stage"]
    if not stage.get("answers"):
        raise CaseInvalidError.one(
            "stage-answers-missing",
            case.where("/stage/answers"),
            "the notice has no answer yet",
            "Add an entry to stage.answers for each thing that the notice asks for.",
        )
    cited = {entry["exhibit"] for answer in stage["answers"] for entry in answer["exhibits"]}
    notice = ExhibitPart(PartRole.NOTICE, stage["notice"]["file"], "/stage/notice/file")
    exhibits = (_exhibit(number, entry, labels) for number, entry in enumerate(case.data["exhibits"]) if entry["id"] in cited)
    sections = (
        Section(SectionKind.NOTICE, "Notice", file=notice),
        _letter(case, "Response letter", "response"),
        Section(SectionKind.INDEX, "Index of evidence"),
        *exhibits,
    )
    return PacketPlan(case, sections)


def _letter(case: Case, title: str, key: str) -> Section:
    """The letter's section; with a file when the case names the office's own letter under `letters`."""
    named = case.data.get("letters", {}).get(key)
    return Section(SectionKind.LETTER, title, file=ExhibitPart(PartRole.LETTER, named, f"/letters/{key}") if named else None)


def _wanted(per: str, subject: Subject) -> list[FieldMap]:
    names = subject.names()
    return [m for m in maps_in_order(per) if m.wanted(subject.roles, names)]


def _person(case: Case, beneficiary: Role, number: int, facts: Mapping[str, Any]) -> Iterator[Section]:
    """The forms of one beneficiary: those of the request, then those of each promise of support."""
    count = len(case.beneficiaries)
    of = f", beneficiary {number} of {count}" if count > 1 else ""
    about = {**facts, "self_filed": beneficiary.pointers[-1] == case.petitioner.pointer}
    own = _subject(case, {"beneficiary": beneficiary}, about)
    supports = [_support(case, support, about) for support in case.supports_of(beneficiary)]
    request = _wanted("beneficiary", own)
    pledged = [(place, subject, m) for place, subject in enumerate(supports, 1) for m in _wanted("support", subject)]
    listed = dict.fromkeys(m.form for m in (*request, *(m for _, _, m in pledged)) if m.needs != "representative")
    about["forms_listed"] = ", ".join(listed)
    for form_map in request:
        yield Section(SectionKind.FORM, f"Form {form_map.form}{of}", form_map.form, replace(own, facts=about))
    for place, subject, form_map in pledged:
        which = f", supporter {place} of {len(supports)}" if len(supports) > 1 else ""
        yield Section(SectionKind.FORM, f"Form {form_map.form}{of}{which}", form_map.form, replace(subject, facts=about))


def _support(case: Case, support: Support, about: Mapping[str, Any]) -> Subject:
    roles = {"beneficiary": support.beneficiary, "supporter": support.supporter, "terms": support.terms}
    return _subject(case, roles, about, signer=support.supporter)


def _subject(case: Case, roles: Mapping[str, Role], facts: Mapping[str, Any], signer: Role | None = None) -> Subject:
    """The names that a form's map can read; `signer` is who signs the form, the petitioner unless another is given."""
    everyone = {"petitioner": case.petitioner, **roles}
    others = {
        "representative": case.representative,
        "preparer": case.preparer,
        "interpreter": case.interpreter_of(signer or case.petitioner),
    }
    return Subject(case, everyone | {name: role for name, role in others.items() if role}, facts)


def _exhibit(number: int, entry: Mapping[str, Any], labels: LabelStyle) -> Section:
    pointer, translation = f"/exhibits/{number}", entry.get("translation", {})
    for_all = (entry.get("password_from"), entry.get("shrink"), entry.get("attachments"))
    parts = [ExhibitPart(PartRole.ORIGINAL, named.file, named.pointer, named.pages, *for_all) for named in files_of(entry, pointer)]
    for role, key in ((PartRole.TRANSLATION, "file"), (PartRole.CERTIFICATE, "certificate")):
        if key in translation:
            parts.append(ExhibitPart(role, translation[key], f"{pointer}/translation/{key}", None, *for_all))
    translator = Role((f"{pointer}/translation/translator",), translation["translator"]) if "translator" in translation else None
    if translator:
        parts.append(ExhibitPart(PartRole.CERTIFICATE, "", translator.pointer, made=True))
    exhibit = Exhibit(
        exhibit_label(number, labels),
        entry["id"],
        entry["title"],
        entry.get("shows", ""),
        translation.get("language", ""),
        tuple(parts),
        pointer,
        translator,
    )
    title = exhibit.label if " " in exhibit.label else f"Exhibit {exhibit.label}"
    return Section(SectionKind.EXHIBIT, title, exhibit=exhibit)
