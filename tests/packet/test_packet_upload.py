"""Online filing: every file within the bound, every page in one of them, each part with an index of what is in it."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pikepdf
import pypdfium2
import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline.cli.main import main
from pipeline.errors import CaseInvalidError, EvidenceError
from pipeline.letters.office import LabelStyle, Office, Style
from pipeline.packet.examine import examine
from pipeline.packet.upload.parts import LIMIT
from pipeline.resources import shipped
from tests.conftest import SAMPLE
from tests.packet.conftest import Packet, built


def noise(width: int, height: int, seed: int, quality: int = 90) -> bytes:
    """A scan that no coding makes small."""
    image = Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality, dpi=(300, 300))
    return target.getvalue()


def online(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    """The sample, filed online, with a change to its exhibits."""
    shutil.copytree(SAMPLE.parent, folder / "case")
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    data["filing"] = {"mode": "online", "payment": "none"}
    change(data["exhibits"])
    (folder / "case" / "scans").mkdir()
    (folder / "case" / "case.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return folder / "case" / "case.json"


def build(folder: Path, case: Path) -> Packet:
    (folder / "forms").mkdir(exist_ok=True)
    return built(folder / "out", folder / "forms", case, draft=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Packet:
    """Exhibits D and F of 14 and 8 megabytes: one has to be divided, the other fits into a part."""
    folder = tmp_path_factory.mktemp("online")

    def change(exhibits: list[dict[str, Any]]) -> None:
        exhibits[3]["file"] = "scans/d-*.jpg"
        exhibits[3]["translation"] = next(exhibit["translation"] for exhibit in exhibits if "translation" in exhibit)
        exhibits[5]["file"] = "scans/f-*.jpg"

    case = online(folder, change)
    for name, count in (("d", 7), ("f", 4)):
        for number in range(count):
            (case.parent / "scans" / f"{name}-{number}.jpg").write_bytes(noise(1400, 1800, number))
    return build(folder, case)


def uploads(packet: Packet) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((packet.built.folder / "upload").iterdir())}


def texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def parts(packet: Packet) -> list[bytes]:
    return [data for name, data in uploads(packet).items() if "evidence-part" in name]


def test_no_file_is_larger_than_the_account_takes(large: Packet) -> None:
    sizes = [len(data) for data in uploads(large).values()]
    assert max(sizes) <= LIMIT
    assert sum(len(data) for data in parts(large)) > LIMIT
    assert len(parts(large)) == 4


def test_names_are_plain_and_in_order(large: Packet) -> None:
    names = list(uploads(large))
    assert all(re.fullmatch(r"\d\d-[a-z0-9-]+\.(pdf|jpg)", name) for name in names)
    assert [int(name[:2]) for name in names] == list(range(1, len(names) + 1))
    assert [name[3:] for name in names[:3]] == ["cover-letter.pdf", "form-g-28-beneficiary-1-of-2.pdf", "form-i-131-beneficiary-1-of-2.pdf"]
    assert [name[3:] for name in names if "evidence" in name] == [f"evidence-part-{n}-of-4.pdf" for n in (1, 2, 3, 4)]


def test_the_manifest_holds_every_file_with_its_size(large: Packet) -> None:
    schema = json.loads((shipped("schemas") / "manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(large.manifest, schema)
    found = {f"upload/{name}": (len(data), hashlib.sha256(data).hexdigest()) for name, data in uploads(large).items()}
    assert {entry["file"]: (entry["bytes"], entry["sha256"]) for entry in large.manifest["uploads"]} == found
    assert large.built.uploads == {name: len(data) for name, data in uploads(large).items()}


def test_every_page_but_the_index_is_in_one_file_and_keeps_its_stamp(large: Packet) -> None:
    index = next(s for s in large.manifest["sections"] if s["kind"] == "index")
    wanted = set(range(1, large.manifest["pages"] + 1)) - set(range(index["first_page"], index["last_page"] + 1))
    numbers = [
        int(found[1])
        for name, data in uploads(large).items()
        if name.endswith(".pdf")
        for text in texts(data)
        if (found := re.search(r"Packet page (\d+) of", text))
    ]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == wanted
    for entry in large.manifest["uploads"]:
        if "first_page" in entry:
            stamped = [int(n) for text in texts(uploads(large)[entry["file"][7:]]) for n in re.findall(r"Packet page (\d+) of", text)]
            assert stamped == list(range(entry["first_page"], entry["last_page"] + 1))


def test_pages_in_the_parts_look_as_in_the_packet(large: Packet) -> None:
    packet = pypdfium2.PdfDocument(large.path)
    part = pypdfium2.PdfDocument(parts(large)[1])
    for page in (1, len(part) - 1):
        number = int(re.findall(r"Packet page (\d+) of", part[page].get_textpage().get_text_range())[0])
        assert part[page].render(scale=0.3).to_pil() == packet[number - 1].render(scale=0.3).to_pil()


def test_files_are_not_encrypted_and_hold_nothing_active(large: Packet, qpdf: str) -> None:
    for name, data in uploads(large).items():
        if name.endswith(".pdf"):
            with pikepdf.open(io.BytesIO(data)) as pdf:
                assert not pdf.is_encrypted
                assert pdf.check_pdf_syntax() == []
                keys = {key for item in pdf.objects if isinstance(item, pikepdf.Dictionary | pikepdf.Stream) for key in item.keys()}
                assert not keys & {"/URI", "/AcroForm", "/JS", "/EmbeddedFiles", "/Launch"}
                assert all([float(value) for value in page.mediabox] == [0, 0, 612, 792] for page in pdf.pages)


def test_an_exhibit_is_divided_only_where_it_fits_into_no_part(large: Packet) -> None:
    def where(label: str) -> list[int]:
        return [
            n for n, part in enumerate(parts(large)) if any(re.search(rf"Exhibit {label}, (page|exhibit sheet)", t) for t in texts(part))
        ]

    assert len(where("D")) == 2
    assert all(len(where(label)) == 1 for label in "ABCEFGHIJK")


def test_an_original_that_is_parted_from_its_translation_is_named(large: Packet) -> None:
    named = [f for f in large.manifest["findings"] if f["rule"] == "upload-translation-divided"]
    assert [finding["where"] for finding in named] == ["Exhibit D"]
    assert named[0]["message"].count("evidence-part") > 1


def test_each_part_has_an_index_of_what_is_in_it(large: Packet) -> None:
    total = large.manifest["pages"]
    for number, part in enumerate(parts(large), 1):
        index, *pages = texts(part)
        assert f"Evidence, part {number} of 4, index page 1 of 1" in index
        inside = {found for text in pages for found in re.findall(r"Exhibit ([A-Z]), exhibit sheet", text)}
        divided = {found for text in pages for found in re.findall(r"Exhibit ([A-Z]), page", text)}
        listed = set(re.findall(r"^([A-Z])\b", index, re.MULTILINE)) & set("ABCDEFGHIJK")
        assert listed == inside | divided
        first, last = re.search(rf"Packet pages (\d+) to (\d+) of {total}", index).groups()  # type: ignore[union-attr]
        assert f"Packet page {first} of" in pages[0]
        assert f"Packet page {last} of" in pages[-1]
    assert "(continued)" in texts(parts(large)[1])[0] + texts(parts(large)[2])[0]


def test_the_links_of_the_index_lead_to_the_pages_they_print(large: Packet) -> None:
    for data in parts(large):
        stamps = texts(data)
        document = pypdfium2.PdfDocument(data)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            places = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
            links = list(pdf.pages[0].obj.Annots)
            assert links
            for link in links:
                printed = document[0].get_textpage().get_text_bounded(*(float(edge) for edge in link.Rect))
                first = re.findall(r"\d+", printed)[0]
                assert f"Packet page {first} of" in stamps[places[link.Dest[0].objgen]]


def test_identity_papers_are_also_pictures(large: Packet) -> None:
    names = [name[3:] for name in uploads(large) if name.endswith(".jpg")]
    assert names == ["photo-id-exhibit-a-page-1.jpg", "photo-id-exhibit-b-page-1.jpg"]
    for name, data in uploads(large).items():
        if name.endswith(".jpg"):
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                assert image.format == "JPEG"
                assert min(image.size) > 600


def test_names_are_plain_whatever_exhibits_are_called(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    office = Office(style=Style(labels=LabelStyle.TABS))
    packet = built(tmp_path / "out", tmp_path / "forms", online(tmp_path, lambda _: None), draft=True, office=office)
    assert [name[3:] for name in uploads(packet) if name.endswith(".jpg")] == ["photo-id-tab-1-page-1.jpg", "photo-id-tab-2-page-1.jpg"]


def test_the_same_case_gives_the_same_files(large: Packet, tmp_path: Path) -> None:
    case = large.built.folder.parent.parent / "case" / "case.json"
    assert uploads(build(tmp_path, case)) == uploads(large)


def one_page(exhibits: list[dict[str, Any]]) -> None:
    exhibits[3]["file"] = "scans/huge.jpg"


def test_a_page_that_is_too_large_alone_is_named_with_what_shrinking_would_give(tmp_path: Path) -> None:
    case = online(tmp_path, one_page)
    (case.parent / "scans" / "huge.jpg").write_bytes(noise(2500, 3200, 1, quality=100))
    with pytest.raises(EvidenceError) as caught:
        build(tmp_path, case)
    (finding,) = caught.value.findings
    assert finding.rule == "upload-page-too-large"
    assert re.fullmatch(r"scans/huge\.jpg, packet page \d+", finding.where)
    promised = re.search(r"at (\d+) dots per inch it would be ([\d,]+)", finding.message)
    assert promised is not None
    assert f'"shrink": {promised[1]}' in finding.remedy
    assert int(promised[2].replace(",", "")) < LIMIT
    assert list((tmp_path / "out").iterdir()) == []

    data = json.loads(case.read_text(encoding="utf-8"))
    data["exhibits"][3]["shrink"] = int(promised[1])
    case.write_text(json.dumps(data), encoding="utf-8")
    packet = build(tmp_path, case)
    assert max(len(data) for data in uploads(packet).values()) <= LIMIT


def test_a_filing_on_paper_has_no_uploads(draft: Packet) -> None:
    assert not (draft.built.folder / "upload").exists()
    assert "uploads" not in draft.manifest
    assert draft.built.uploads == {}
    assert draft.manifest["filing"]["mode"] == "paper"


@pytest.fixture(scope="module")
def overridden(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The output folder of the sample, a case for paper, that was told `--mode online`; and what was printed."""
    folder = tmp_path_factory.mktemp("mode")
    (folder / "forms").mkdir()
    command = ["build", str(SAMPLE), "--mode", "online", "--draft", "--out", str(folder / "out")]
    result = CliRunner().invoke(main, command, env={"PACKET_FORMS": str(folder / "forms")})
    return next((folder / "out").iterdir()), result.output


def test_sizes_are_on_the_terminal(overridden: tuple[Path, str]) -> None:
    folder, output = overridden
    for path in (folder / "upload").iterdir():
        assert f"upload/{path.name}: {path.stat().st_size:,} bytes" in output


def test_letters_rules_and_manifest_know_of_the_mode_that_was_told(overridden: tuple[Path, str], draft: Packet) -> None:
    folder, _ = overridden
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["filing"]["mode"] == "online"
    rules = {finding["rule"] for finding in manifest["findings"]}
    assert {"signed-by-hand-online"} == {rule for rule in rules if rule.startswith("signed-by-hand")}
    letter, by_mail = ("".join(texts((at / "letters" / "cover-letter.pdf").read_bytes())) for at in (folder, draft.built.folder))
    assert "By U.S. Postal Service" in by_mail
    assert "Postal" not in letter
    assert (draft.built.folder / "payment").exists()
    assert not (folder / "payment").exists()


def test_a_filing_online_cannot_be_told_to_be_on_paper(tmp_path: Path) -> None:
    case = online(tmp_path, lambda _: None)
    with pytest.raises(CaseInvalidError) as caught:
        examine(case, mode="paper")
    (finding,) = caught.value.findings
    assert finding.rule == "mode-carrier"
    assert finding.where.endswith("/filing")
    assert examine(case, mode="online").case == examine(case).case
