"""Verify: a packet on disk read with pdfplumber against its manifest.  pdfplumber shares no code with what wrote the packet."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber
from pdfplumber.page import Page

from pipeline.errors import VerifyError
from pipeline.findings import Finding, Level
from pipeline.packet.publish import MANIFEST, PACKET
from pipeline.packet.readback.expect import squeezed


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read: values that agree of all in the manifest, pages, and every difference."""

    values_read: int
    values: int
    pages: int
    status: str
    findings: tuple[Finding, ...]


def _no_progress(_: int, __: int) -> None:
    return


def verify(folder: Path, progress: Callable[[int, int], None] = _no_progress) -> Verified:
    """Read `packet.pdf` in a packet's folder against its `manifest.json`.

    `progress` is called with pages read and pages in all.  Raises VerifyError when there is nothing to read.
    """
    manifest = _manifest(folder)
    packet = folder / PACKET
    try:
        data = packet.read_bytes()
    except OSError as error:
        raise VerifyError.one("verify-missing", str(packet), "cannot be read", "Build the packet again.") from error
    found: list[Finding] = []
    if hashlib.sha256(data).hexdigest() != manifest["packet_sha256"]:
        found.append(_differs(PACKET, "its bytes are not those that the manifest records"))
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    values = _by_page(manifest)
    try:
        with pdfplumber.open(packet) as pdf:
            pages = len(pdf.pages)
            if pages != manifest["pages"]:
                found.append(_differs(PACKET, f"{pages} pages, and the manifest says {manifest['pages']}"))
            for number, page in enumerate(pdf.pages, 1):
                found.extend(_page(page, number, manifest, values.get(number, [])))
                page.close()
                progress(number, pages)
    except Exception as error:  # pdfminer raises many kinds on a damaged file
        raise VerifyError.one("verify-unreadable", str(packet), "is not a readable PDF", "Build the packet again.") from error
    total = sum(len(v) for v in values.values())
    wrong = sum(f.rule == "verify-value" for f in found)
    return Verified(total - wrong, total, pages, manifest["status"], tuple(found))


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        data: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VerifyError.one("verify-manifest", str(folder / MANIFEST), "cannot be read", "Name the folder of a built packet.") from error
    return data


def _by_page(manifest: Mapping[str, Any]) -> Mapping[int, list[tuple[str, Mapping[str, Any]]]]:
    pages: Mapping[int, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for form in manifest["forms"]:
        for value in form["values"]:
            pages[value["packet_page"]].append((form["form"], value))
    return pages


def _differs(where: str, message: str, rule: str = "verify") -> Finding:
    return Finding(rule, Level.ERROR, where, message, "Build the packet again.")


def _page(page: Page, number: int, manifest: Mapping[str, Any], values: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Finding]:
    head = squeezed("".join(c["text"] for c in page.chars if c["top"] < 30))
    wanted = [f"Packet page {number} of {manifest['pages']}", *(["DRAFT - NOT FOR FILING"] if manifest["status"] == "draft" else [])]
    for text in wanted:
        if squeezed(text) not in head:
            yield _differs(f"packet page {number}", "its stamp cannot be read")
    for form, value in values:
        good = _ticked(page, value) == value["ticked"] if value["kind"] == "checkbox" else _text(page, value) == squeezed(value["text"])
        if not good:
            leaf = value["field"].rpartition(".")[2]
            yield _differs(f"packet page {number}, Form {form} {leaf}", "not as the manifest says", "verify-value")


def _inside(page: Page, thing: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    x0, y0, x1, y1 = value["rect"]
    x = (thing["x0"] + thing["x1"]) / 2
    y = page.height - (thing["top"] + thing["bottom"]) / 2
    return bool(x0 <= x <= x1 and y0 <= y <= y1)


def _text(page: Page, value: Mapping[str, Any]) -> str:
    """The characters whose centre lies in the box, line by line."""
    inside = [c for c in page.chars if _inside(page, c, value)]
    inside.sort(key=lambda c: (round(c["doctop"]), c["x0"]))
    return squeezed("".join(c["text"] for c in inside))


def _ticked(page: Page, value: Mapping[str, Any]) -> bool:
    """Whether both strokes of a cross lie in the box."""
    strokes = [s for s in (*page.lines, *page.curves) if _inside(page, s, value) and s["width"] > 2 and s["height"] > 2]
    return bool(strokes)
