"""Pages in = pages out: 200 files in one packet, every page accounted for and found."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator

import pikepdf
import pytest
from PIL import Image

from pipeline.evidence.convert import convert
from tests.conftest import SAMPLE
from tests.packet.conftest import Packet, built
from tests.resources.building import pages, words
from tests.resources.pictures import encoded

FILES = 200


def content_of(number: int) -> tuple[str, bytes]:
    """Ending and bytes of a file that no other file equals: PDFs of one to three pages, pictures, text."""
    if number % 4 == 0:
        picture = Image.new("RGB", (300, 400), (number, 255 - number, 100))
        return "png", encoded(picture, "PNG", dpi=(150, 150))
    if number % 4 == 1:
        return "jpg", encoded(Image.new("L", (200 + number, 300), number), "JPEG", dpi=(150, 150))
    if number % 4 == 2:
        return "txt", f"Note {number} of the file\n".encode()
    return "pdf", pages(*(words(f"File {number}, page {page}") for page in range(1, 2 + number % 3)))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Packet:
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(SAMPLE.parent, folder / "case")
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for number in range(FILES):
        ending, content = content_of(number)
        place = folder / "case" / "many" / str(number % 10)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"file {number}.{ending}").write_bytes(content)
    for number in range(10):
        data["exhibits"][number] = {**data["exhibits"][number], "file": f"many/{number}"}
        data["exhibits"][number].pop("translation", None)
    (folder / "case" / "case.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "forms").mkdir()
    return built(folder / "out", folder / "forms", folder / "case" / "case.json", draft=True)


def hashes(pdf: pikepdf.Pdf) -> list[str]:
    """Of each page, the hash of the one drawing of evidence on it; empty for a page without one."""
    found = []
    for page in pdf.pages:
        shown = page.resources.get("/XObject", pikepdf.Dictionary()).get("/Evidence")
        found.append(hashlib.sha256(shown.read_raw_bytes()).hexdigest() if shown is not None else "")
    return found


def evidence_pages(packet: Packet) -> Iterator[int]:
    """The packet pages that the manifest says hold evidence."""
    for section in packet.manifest["sections"]:
        if section["kind"] == "exhibit":
            yield from range(section["first_page"] + 1, section["last_page"] + 1)


def test_the_manifest_accounts_for_every_file_and_page(many: Packet) -> None:
    inputs = [entry for entry in many.manifest["inputs"] if entry["path"].startswith("many/")]
    assert len(inputs) == len({entry["sha256"] for entry in inputs}) == FILES
    folder = many.built.folder.parent.parent / "case"
    for entry in inputs:
        assert entry["sha256"] == hashlib.sha256((folder / entry["path"]).read_bytes()).hexdigest()
        assert entry["pages_in"] == entry["pages_out"]
    every = sum(entry["pages_out"] for entry in many.manifest["inputs"])
    assert len(list(evidence_pages(many))) == every > FILES


def test_each_page_of_each_file_is_in_the_packet_at_its_place(many: Packet) -> None:
    folder = many.built.folder.parent.parent / "case"
    wanted = []
    for entry in many.manifest["inputs"]:
        made = convert(folder / entry["path"], shown_as=entry["path"])
        path = folder / "made.pdf"
        path.write_bytes(made.pdf)
        with pikepdf.open(path) as pdf:
            wanted += hashes(pdf)
    with pikepdf.open(many.path) as pdf:
        found = hashes(pdf)
    assert "" not in wanted
    assert [found[page - 1] for page in evidence_pages(many)] == wanted
    assert sum(bool(each) for each in found) == len(wanted), "no page is there twice"
