"""The manifest: the JSON record of a built packet.  Its shape is `schemas/manifest.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from pipeline.case.model import Case
from pipeline.findings import Finding
from pipeline.forms.fill import FilledForm
from pipeline.letters.context import Filing
from pipeline.packet.layout import LaidSection, Layout
from pipeline.packet.readback.expect import ExpectedValue
from pipeline.packet.upload.parts import UPLOADS, Upload
from pipeline.sealed import Sealed

_LIBRARIES = ("jinja2", "pikepdf", "pypdf", "pypdfium2", "typst")
_encoded: Final = json.JSONEncoder(ensure_ascii=False).encode


class InputFile(Struct, frozen=True):
    """A file of the case folder that went into a packet."""

    path: str
    """As the case names it."""
    role: str
    """What it is in the packet, as in `PartRole`: original, translation, ...; letter for one of the office's own."""
    sha256: str
    pages_in: int
    pages_out: int


class Signature(Sealed, frozen=True):
    """A place where somebody signs in ink."""

    who: str
    """The role: petitioner, supporter, representative, ..."""
    name: str
    """Full name of who signs."""
    form: str
    """`Form I-131`, `Cover letter`, or `Translator's certificate, Exhibit C`."""
    part: str
    packet_page: int


class FormRecord(Struct, frozen=True):
    """A form of the packet: where it lies, how it was filled and what was read back."""

    laid: LaidSection
    filled: FilledForm
    values: tuple[ExpectedValue, ...]
    beneficiary: str | None
    """The beneficiary's id; None for forms of the whole packet."""


class Despatch(Struct, frozen=True):
    """How a packet leaves the office."""

    filing: Filing
    payment_pages: tuple[str, ...]
    """Paths within the packet's folder, in the order of the payments."""
    uploads: tuple[Upload, ...]
    """The files for an online account; none for a filing on paper."""


class Record(Struct, frozen=True):
    """Everything that the manifest says."""

    case: Case
    as_of: date
    reasons: tuple[str, ...]
    """Why the packet is a draft; empty when it is ready."""
    packet_sha256: str
    layout: Layout
    inputs: tuple[InputFile, ...]
    forms: tuple[FormRecord, ...]
    signatures: tuple[Signature, ...]
    findings: tuple[Finding, ...]
    facts: tuple[str, ...]
    """Ids of the facts of law that the packet prints."""
    decisions: Mapping[str, str]
    """Rules that the attorney accepted, with the reason."""
    despatch: Despatch


def manifest(record: Record) -> Mapping[str, Any]:
    """The manifest as JSON data; the same record gives the same data."""
    return {
        "case_id": record.case.case_id,
        "kind": record.case.kind,
        "status": "draft" if record.reasons else "ready",
        "reasons": list(record.reasons),
        "as_of": record.as_of.isoformat(),
        "pages": record.layout.pages,
        "packet_sha256": record.packet_sha256,
        "inputs": [asdict(entry) for entry in record.inputs],
        "sections": [_section(laid) for laid in record.layout.sections],
        "forms": [_form(form) for form in record.forms],
        "signatures": [asdict(signature) for signature in record.signatures],
        "findings": [asdict(finding) for finding in record.findings],
        "accepted": [{"rule": rule, "because": because} for rule, because in record.decisions.items()],
        "facts": list(record.facts),
        "filing": _filing(record.case, record.despatch),
        **({"uploads": [_upload(upload) for upload in record.despatch.uploads]} if record.despatch.uploads else {}),
        "versions": dict(_versions()),
    }


def _filing(case: Case, despatch: Despatch) -> dict[str, Any]:
    filing = despatch.filing
    return {
        "beneficiaries": [person.full_name for person in case.beneficiaries],
        "mode": filing.mode,
        "carrier": filing.carrier,
        "address": list(filing.address.lines) if filing.address else None,
        "fee": asdict(filing.fee) if filing.fee else None,
        "work_permit_fee": asdict(filing.permit_fee) if filing.permit_fee else None,
        "payment_pages": list(despatch.payment_pages),
    }


def _upload(upload: Upload) -> dict[str, Any]:
    pages = {"first_page": upload.pages.first, "last_page": upload.pages.last} if upload.pages else {}
    return {"file": f"{UPLOADS}/{upload.name}", "bytes": len(upload.data), "sha256": upload.sha256, **pages}


def to_json(data: Mapping[str, Any]) -> bytes:
    """The manifest's bytes, two spaces of indent: what holds no other object, such as a value of a form, stands on one line."""
    return (_indented(data, "") + "\n").encode()


@cache
def _versions() -> Mapping[str, str]:
    return {name: version(name) for name in ("parole-packet", *_LIBRARIES)}


def _indented(value: Any, margin: str) -> str:
    inner = margin + "  "
    if isinstance(value, dict) and any(_holds_records(each) for each in value.values()):
        lines = [f"{inner}{_encoded(name)}: {_indented(each, inner)}" for name, each in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and _holds_records(value):
        return "[\n" + ",\n".join(inner + _indented(each, inner) for each in value) + f"\n{margin}]"
    return _encoded(value)


def _holds_records(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _section(laid: LaidSection) -> dict[str, Any]:
    exhibit = laid.section.exhibit
    return {
        "title": laid.section.heading,
        "kind": str(laid.section.kind),
        "first_page": laid.pages.first,
        "last_page": laid.pages.last,
        "exhibit": exhibit.label if exhibit else None,
    }


def _form(record: FormRecord) -> dict[str, Any]:
    template = record.filled.template
    return {
        "form": template.inventory.form,
        "edition": template.inventory.edition,
        "source": template.source,
        "sha256": template.sha256,
        "beneficiary": record.beneficiary,
        "first_page": record.laid.pages.first,
        "last_page": record.laid.pages.last,
        "values": _values(record.values),
    }


def _values(values: Sequence[ExpectedValue]) -> list[dict[str, Any]]:
    return [
        {
            "field": value.field,
            "pointer": value.pointer,
            "packet_page": value.packet_page,
            "rect": list(value.rect),
            "kind": "text" if value.ticked is None else "checkbox",
            **({"text": value.text} if value.ticked is None else {"ticked": value.ticked}),
            "read": "text in the box, by pdfium" if value.ticked is None else "ink in the box, by pdfium",
        }
        for value in values
    ]
