"""A packet with 300 pages of evidence (63 MB) from a warm cache, against reading, hashing and writing the same bytes in the same run.

Where WeasyPrint is installed, the packet as everybody would make it (`recipe.py`) is measured in the same run.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from pipeline.packet.build import BuildOptions, build_packet
from tests.bench.recipe import Recipe, is_possible

_SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "urgent-humanitarian" / "case.json"
_PAGES = 300
_FILES = 20
_SCAN = (1275, 1650)
"""Pixels of a scanned letter page at 150 dots per inch; of noise, which no coding makes small: 310 KB."""
_ROUNDS = 7
_RECIPE_ROUNDS = 3
_GROWTH = (100, 300, 1000, 3000)


def rows() -> list[tuple[str, str, str]]:
    """What, figure and target of each measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = make_case(folder / "case", _PAGES, _FILES)
        return [*_speed(case, folder), *_memory(case, folder), *_growth(folder)]


def make_case(folder: Path, pages: int, files: int) -> Path:
    """The sample for its first beneficiary, with this many pages of evidence in its exhibits: a third text, the rest scans."""
    shutil.copytree(_SAMPLE.parent, folder)
    data = json.loads(_SAMPLE.read_text(encoding="utf-8"))
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


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _read_hash_write(files: list[Path], target: Path) -> None:
    """The floor: every byte of the evidence read, hashed, and written to the disk."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        for file in files:
            data = file.read_bytes()
            hashlib.sha256(data).hexdigest()
            stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _speed(case: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    files = sorted((case.parent / "scans").iterdir())
    size = sum(file.stat().st_size for file in files)
    options = BuildOptions(out=folder / "out", draft=True)
    what = f"packet with {_PAGES} evidence pages ({size / 1e6:.0f} MB)"
    yield f"{what}, nothing cached, wall", f"{_timed(lambda: build_packet(case, options)):.2f} s", ""
    builds: list[float] = []
    floors: list[float] = []
    for _ in range(_ROUNDS):  # taken in turns, so that both see the same machine
        builds.append(_timed(lambda: build_packet(case, options)))
        floors.append(_timed(lambda: _read_hash_write(files, folder / "floor.bin")))
    ours, floor = median(builds), median(floors)
    yield f"{what}, warm, read back included, wall", f"{1000 * ours:.0f} ms", ""
    yield "read + sha256 + write of the same bytes, wall", f"{1000 * floor:.0f} ms", ""
    yield f"{what}, warm / floor", f"{ours / floor:.1f} times", "at most 2.5"
    if is_possible():
        recipe = Recipe(case)
        theirs = median(_timed(lambda: recipe.make(folder / "recipe.pdf")) for _ in range(_RECIPE_ROUNDS))
        yield "the same with WeasyPrint and pypdf, nothing read back, wall", f"{theirs:.2f} s", ""
        yield "WeasyPrint and pypdf to ours, warm", f"{theirs / ours:.1f} times", "at least 10"


def _memory(case: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """The peak of a process of its own; on Linux not by getrusage, which counts the parent's before the start."""
    command = [sys.executable, "-m", "tests.bench.evidence", "--peak", str(case), str(folder / "memory")]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    yield "the same in a new process, warm, peak memory", f"{peak / 2**20:.0f} MiB", "under 200 MB"


def _print_peak(case: Path, out: Path) -> None:
    build_packet(case, BuildOptions(out=out, draft=True))
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
        print(int(line.split()[1]) * 1024)
    else:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _growth(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Time for each page at several sizes: level when the build grows linearly."""
    for pages in _GROWTH:
        case = make_case(folder / f"grow-{pages}", pages, max(11, pages // 15))
        options = BuildOptions(out=folder / "grown", draft=True)
        spent = min([_timed(partial(build_packet, case, options)) for _ in range(3)][1:])
        yield f"{pages} evidence pages, warm, for each page, wall", f"{1000 * spent / pages:.2f} ms", "does not rise"
        shutil.rmtree(case.parent)


if __name__ == "__main__":
    if "--peak" in sys.argv:
        _print_peak(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        for what, figure, target in rows():
            print(f"{what:<80}{figure:>12}   {target}")
