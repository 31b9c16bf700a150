"""Cases to measure with: the sample for its first beneficiary, with as many pages of evidence as wanted, and the like under other names."""

from __future__ import annotations

import io
import itertools
import json
import random
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "urgent-humanitarian" / "case.json"
_SCAN = (1275, 1650)
"""Pixels of a scanned letter page at 150 dots per inch; of noise, which no coding makes small: 310 KB."""
_NAMES = ("Marisol", "Ivette", "Dolores", "Amparo", "Rosaura", "Celeste", "Noemi", "Beatriz", "Paloma", "Ximena", "Lucero", "Jacinta")


def make_case(folder: Path, pages: int, files: int) -> Path:
    """The sample for its first beneficiary, with this many pages of evidence in its exhibits: a third text, the rest scans."""
    shutil.copytree(SAMPLE.parent, folder)
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    data["beneficiaries"] = data["beneficiaries"][:1]
    data["supporters"][0]["supports"] = data["supporters"][0]["supports"][:1]
    (folder / "scans").mkdir()
    borders = [pages * number // files for number in range(files + 1)]
    for number, (first, after) in enumerate(pairwise(borders)):
        (folder / "scans" / f"{number:03}.pdf").write_bytes(_document(first, after - first))
    for number, exhibit in enumerate(data["exhibits"]):
        exhibit.pop("translation", None)
        exhibit.pop("file")
        exhibit["files"] = [f"scans/{n:03}.pdf" for n in range(number, files, len(data["exhibits"]))]
    for point in (p for points in data["request"]["argument"].values() for p in points):
        for citation in point["exhibits"]:
            citation.pop("pages", None)
    data["request"]["expedite"]["exhibits"] = [{"exhibit": "surgeon-letter"}]
    path = folder / "case.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def others(case: Path) -> Iterator[Path]:
    """The case under one name after the other, without end: what was typeset and filled for one person is of no use for the next."""
    data = json.loads(case.read_text(encoding="utf-8"))
    for number, (given, middle) in enumerate(itertools.cycle(itertools.permutations(_NAMES, 2))):
        data["case_id"] = f"bench-{number}"
        data["petitioner"]["name"] |= {"given": given, "middle": middle}
        data["beneficiaries"][0]["name"] |= {"given": middle, "middle": given}
        path = case.with_name(f"other-{number}.json")
        path.write_text(json.dumps(data), encoding="utf-8")
        yield path


def _document(first: int, count: int) -> bytes:
    """Pages from number `first` on: every third of text, the others scans."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for number in range(first, first + count):
            is_text = number % 3 == 0
            resources = Dictionary(Font=Dictionary(F1=font)) if is_text else Dictionary(XObject=Dictionary(Im=_scan(pdf, number)))
            content = _text(number) if is_text else b"q 612 0 0 792 0 0 cm /Im Do Q"
            page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 612, 792]), Resources=resources, Contents=pdf.make_stream(content))
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


def _text(number: int) -> bytes:
    lines = (f"BT /F1 10 Tf 54 {730 - 13 * line} Td (Page {number}, line {line}: some words of a report.) Tj ET\n" for line in range(50))
    return "".join(lines).encode()


def _scan(pdf: pikepdf.Pdf, number: int) -> pikepdf.Stream:
    small = Image.frombytes("L", (213, 275), random.Random(number).randbytes(213 * 275))
    target = io.BytesIO()
    small.resize(_SCAN, Image.Resampling.BICUBIC).save(target, "JPEG", quality=58)
    image = pdf.make_stream(target.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=_SCAN[0], Height=_SCAN[1], BitsPerComponent=8)
    image.ColorSpace, image.Filter = Name.DeviceGray, Name.DCTDecode
    return image
