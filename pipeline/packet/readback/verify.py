"""Verify: a packet on disk read with pdfplumber against its manifest.  pdfplumber shares no code with what wrote the packet."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pdfplumber
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from msgspec import Struct

from pipeline.errors import VerifyError
from pipeline.findings import Finding, Level
from pipeline.packet.publish import MANIFEST, PACKET
from pipeline.packet.readback.expect import squeezed
from pipeline.resources import shipped
from pipeline.sealed import Sealed

_SCHEMA = "manifest.json"
_AGAIN = "Build the packet again."


class Verified(Struct, frozen=True):
    """What was read: values compared that agree, of all in the manifest; pages, and every difference."""

    values_read: int
    values: int
    pages: int
    status: str
    findings: tuple[Finding, ...]


class _PageRead(Sealed, frozen=True):
    """What pdfplumber reads of a page: its characters, and the lines and curves that a cross may be."""

    number: int
    of: int
    height: float
    chars: Sequence[Mapping[str, Any]]
    strokes: Sequence[Mapping[str, Any]]


def _no_progress(_: int, __: int) -> None:
    return


def verify(folder: Path, progress: Callable[[int, int], None] = _no_progress) -> Verified:
    """Read `packet.pdf` in a packet's folder against its `manifest.json`.

    `progress` is called with pages read and pages in all.  Raises VerifyError when there is nothing to read, or a manifest
    that is not as its schema says.
    """
    manifest = _manifest(folder / MANIFEST)
    packet = folder / PACKET
    try:
        data = packet.read_bytes()
    except OSError as error:
        raise VerifyError.one("verify-missing", str(packet), "cannot be read", _AGAIN) from error
    found: list[Finding] = []
    if hashlib.sha256(data).hexdigest() != manifest["packet_sha256"]:
        found.append(_differs(PACKET, "its bytes are not those that the manifest records"))
    values = _by_page(manifest)
    pages = compared = 0
    for page in _pages(packet):
        pages += 1
        compared += len(values.get(page.number, ()))
        found.extend(_page(page, manifest, values.get(page.number, [])))
        progress(page.number, page.of)
    if pages != manifest["pages"]:
        found.append(_differs(PACKET, f"{pages} pages, and the manifest says {manifest['pages']}"))
    total = sum(len(v) for v in values.values())
    if compared != total:
        found.append(_differs(PACKET, f"{total - compared} values stand on pages that it does not have"))
    wrong = sum(f.rule == "verify-value" for f in found)
    return Verified(compared - wrong, total, pages, manifest["status"], tuple(found))


def _pages(packet: Path) -> Iterator[_PageRead]:
    """Each page as pdfplumber reads it.  Raises VerifyError when that cannot read it, in which case none of our code is at fault."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        with pdfplumber.open(packet) as pdf:
            of = len(pdf.pages)
            for number, page in enumerate(pdf.pages, 1):
                yield _PageRead(number, of, float(page.height), page.chars, (*page.lines, *page.curves))
                page.close()
    except Exception as error:  # pdfminer raises many kinds on a damaged file
        raise VerifyError.one("verify-unreadable", str(packet), "is not a readable PDF", _AGAIN) from error


def _manifest(path: Path) -> Mapping[str, Any]:
    """The manifest, of the shape that its schema describes; raises VerifyError with the first place that is not."""
    try:
        data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise VerifyError.one("verify-manifest", str(path), "cannot be read", "Name the folder of a built packet.") from error
    wrong = sorted(_validator().iter_errors(data), key=lambda error: [str(step).zfill(6) for step in error.absolute_path])
    if wrong:
        place = "".join(f"/{step}" for step in wrong[0].absolute_path)
        others = f" ({len(wrong) - 1} more such faults)" if wrong[1:] else ""
        message = f"is not as schemas/{_SCHEMA} says: {_said(wrong[0])}{others}"
        raise VerifyError.one("verify-manifest", f"{path} {place}".strip(), message, _AGAIN)
    return data


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((shipped("schemas") / _SCHEMA).read_text(encoding="utf-8")))


def _said(error: ValidationError) -> str:
    """What is wrong, without a value: a manifest holds those of the case."""
    wanted: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "required":
            return f"{next(name for name in wanted if name not in given)} is missing"
        case "type":
            return f"{wanted if isinstance(wanted, str) else ' or '.join(wanted)} is expected here"
        case _:
            return "what stands here is not allowed"


def _by_page(manifest: Mapping[str, Any]) -> Mapping[int, list[tuple[str, Mapping[str, Any]]]]:
    pages: Mapping[int, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for form in manifest["forms"]:
        for value in form["values"]:
            pages[value["packet_page"]].append((form["form"], value))
    return pages


def _differs(where: str, message: str, rule: str = "verify") -> Finding:
    return Finding(rule, Level.ERROR, where, message, _AGAIN)


def _page(page: _PageRead, manifest: Mapping[str, Any], values: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Finding]:
    head = squeezed("".join(c["text"] for c in page.chars if c["top"] < 30))
    wanted = [f"Packet page {page.number} of {manifest['pages']}", *(["DRAFT - NOT FOR FILING"] if manifest["status"] == "draft" else [])]
    for text in wanted:
        if squeezed(text) not in head:
            yield _differs(f"packet page {page.number}", "its stamp cannot be read")
    for form, value in values:
        good = _ticked(page, value) == value["ticked"] if value["kind"] == "checkbox" else _text(page, value) == squeezed(value["text"])
        if not good:
            leaf = value["field"].rpartition(".")[2]
            yield _differs(f"packet page {page.number}, Form {form} {leaf}", "not as the manifest says", "verify-value")


def _inside(page: _PageRead, thing: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    x0, y0, x1, y1 = value["rect"]
    x = (thing["x0"] + thing["x1"]) / 2
    y = page.height - (thing["top"] + thing["bottom"]) / 2
    return bool(x0 <= x <= x1 and y0 <= y <= y1)


def _text(page: _PageRead, value: Mapping[str, Any]) -> str:
    """The characters whose centre lies in the box, line by line."""
    inside = [c for c in page.chars if _inside(page, c, value)]
    inside.sort(key=lambda c: (round(c["doctop"]), c["x0"]))
    return squeezed("".join(c["text"] for c in inside))


def _ticked(page: _PageRead, value: Mapping[str, Any]) -> bool:
    """Whether both strokes of a cross lie in the box."""
    strokes = [s for s in page.strokes if _inside(page, s, value) and s["width"] > 2 and s["height"] > 2]
    return bool(strokes)
