"""Exhibits in a packet: folders, page ranges, passwords, and findings that name packet pages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from pipeline.case.schema import read_case
from pipeline.errors import CaseInvalidError, EvidenceError, PacketError
from pipeline.evidence.intake import Intake
from pipeline.evidence.settings import Settings
from pipeline.evidence.workbench import Workbench
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.exhibits import ReadyPart, extracts, finish_exhibits, start_exhibits
from pipeline.packet.gather import gather
from pipeline.packet.plan import PacketPlan, make_plan
from tests.conftest import SAMPLE
from tests.evidence.benches import shared_bench
from tests.packet.conftest import Packet, built
from tests.resources.make import FOLDER

Exhibits = list[dict[str, Any]]


@pytest.fixture
def case(tmp_path: Path) -> Callable[[Callable[[Exhibits], None]], Path]:
    """Makes a copy of the sample with a change to its exhibits; `evidence/` also holds the small resources that a test puts there."""

    def make(change: Callable[[Exhibits], None]) -> Path:
        shutil.copytree(SAMPLE.parent, tmp_path / "case")
        data = json.loads(SAMPLE.read_text(encoding="utf-8"))
        change(data["exhibits"])
        (tmp_path / "case" / "case.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return tmp_path / "case" / "case.json"

    return make


@pytest.fixture
def intake() -> Iterator[Intake]:
    with Intake(Settings(), shared_bench()) as made:
        yield made


def exhibit(number: int, **entries: Any) -> Callable[[Exhibits], None]:
    """A change that sets entries of one exhibit; None takes one away."""

    def change(exhibits: Exhibits) -> None:
        for key, value in entries.items():
            exhibits[number].pop(key, None)
            if value is not None:
                exhibits[number][key] = value

    return change


def put(case: Path, *names: str, folder: str = "photos") -> None:
    """Copies resources into a folder of the case's evidence."""
    (case.parent / "evidence" / folder).mkdir(exist_ok=True)
    for name in names:
        shutil.copy(FOLDER / name, case.parent / "evidence" / folder / name)


def plan_of(case: Path) -> PacketPlan:
    return make_plan(read_case(case), "7")


def parts(case: Path, intake: Intake, number: int) -> tuple[ReadyPart, ...]:
    """The converted parts of one exhibit."""
    plan = plan_of(case)
    failures: list[PacketError] = []
    ready = finish_exhibits(start_exhibits(plan, intake), failures)
    assert failures == []
    return ready[[n for n, section in enumerate(plan.sections) if section.exhibit][number]]


def packet_of(tmp_path: Path, case: Path) -> Packet:
    (tmp_path / "forms").mkdir(exist_ok=True)
    return built(tmp_path / "out", tmp_path / "forms", case, draft=True)


def test_a_folder_is_one_exhibit_in_natural_order_and_the_manifest_lists_its_files(case: Any, tmp_path: Path) -> None:
    path = case(exhibit(0, file="evidence/photos"))
    put(path, "exif-8.jpg", "exif-2.jpg", "rgb.png", "pages.tiff")
    packet = packet_of(tmp_path, path)
    first = [entry for entry in packet.manifest["inputs"] if entry["path"].startswith("evidence/photos/")]
    assert [entry["path"].rpartition("/")[2] for entry in first] == ["exif-2.jpg", "exif-8.jpg", "pages.tiff", "rgb.png"]
    section = next(s for s in packet.manifest["sections"] if s["exhibit"] == "A")
    assert section["last_page"] - section["first_page"] == sum(entry["pages_out"] for entry in first) == 6


def test_findings_name_files_in_any_script_and_the_packet_pages_they_are_about(case: Any, tmp_path: Path) -> None:
    path = case(exhibit(0, file="evidence/фото 家族 صور"))
    put(path, "a4.pdf", "blank-page.pdf", "coarse.jpg", folder="фото 家族 صور")
    packet = packet_of(tmp_path, path)
    first = next(s for s in packet.manifest["sections"] if s["exhibit"] == "A")["first_page"] + 1
    places = {f["rule"]: f["where"] for f in packet.manifest["findings"] if f["where"].startswith("evidence/фото 家族 صور")}
    assert places["evidence-blank-page"] == f"evidence/фото 家族 صور/blank-page.pdf, packet page {first + 2}"
    assert places["evidence-low-resolution"] == f"evidence/фото 家族 صور/coarse.jpg, packet page {first + 3}"
    texts = packet.texts()
    assert not texts[first + 1].replace(texts[first + 1].splitlines()[0], "").strip(), "the page that is called blank"


def test_a_picture_that_a_file_calls_js_is_no_script(case: Any, tmp_path: Path) -> None:
    path = case(exhibit(0, file="evidence/photos/names-like-entries.pdf"))
    put(path, "names-like-entries.pdf")
    packet = packet_of(tmp_path, path)
    assert [entry["pages_out"] for entry in packet.manifest["inputs"] if entry["path"].endswith("names-like-entries.pdf")] == [1]


def test_findings_about_a_range_name_the_pages_where_they_went(case: Any, tmp_path: Path) -> None:
    path = case(exhibit(0, file="evidence/photos/blank-page.pdf", pages="2"))
    put(path, "blank-page.pdf")
    packet = packet_of(tmp_path, path)
    first = next(s for s in packet.manifest["sections"] if s["exhibit"] == "A")["first_page"] + 1
    (finding,) = [f for f in packet.manifest["findings"] if f["rule"] == "evidence-blank-page"]
    assert finding["where"] == f"evidence/photos/blank-page.pdf, packet page {first}"
    assert finding["message"].endswith("page 2 of the file")


def test_an_extract_is_described(case: Any, intake: Intake) -> None:
    path = case(exhibit(3, pages="1-2,4"))
    (part,) = parts(path, intake, 3)
    assert part.extract == "pages 1-2 and 4 of 5"
    plan = plan_of(path)
    every = finish_exhibits(start_exhibits(plan, intake), [])
    assert extracts(plan, every) == {"medical-record": "pages 1-2 and 4 of 5"}


def test_extracts_of_several_files_are_counted(case: Any, intake: Intake) -> None:
    files = ["evidence/photos/", {"file": "evidence/medical-record.pdf", "pages": "2-3, 5"}, {"file": "evidence/bank-statement.pdf"}]
    path = case(exhibit(3, file=None, files=files))
    put(path, "rgb.jpg", "rgb.png")
    plan = plan_of(path)
    every = finish_exhibits(start_exhibits(plan, intake), [])
    assert extracts(plan, every) == {"medical-record": "document 3: pages 2-3 and 5 of 5"}


def test_sheet_and_index_say_which_pages_an_exhibit_holds(case: Any, tmp_path: Path) -> None:
    def change(exhibits: Exhibits) -> None:
        exhibit(3, pages="1-2,4")(exhibits)
        record = {"file": "evidence/medical-record.pdf", "pages": "2"}
        exhibit(4, file=None, files=["evidence/carta del cardiólogo.pdf", record])(exhibits)

    packet = packet_of(tmp_path, case(change))
    texts = packet.texts()
    sections = {s["exhibit"] or s["kind"]: s for s in packet.manifest["sections"]}
    index = texts[sections["index"]["first_page"] - 1]
    for label, extract in (("D", "Extract: pages 1-2 and 4 of 5"), ("E", "Extract: document 2: page 2 of 5")):
        assert extract in texts[sections[label]["first_page"] - 1]
        assert extract in index
    assert index.count("Extract") == 2
    assert sections["D"]["last_page"] - sections["D"]["first_page"] == 3
    first = sections["E"]["first_page"] + 1
    assert f"Original in Spanish, pp. {first}-{first + 1}" in index
    record = [entry for entry in packet.manifest["inputs"] if entry["path"] == "evidence/medical-record.pdf"]
    assert [(entry["pages_in"], entry["pages_out"]) for entry in record] == [(5, 3), (5, 1)]


def test_a_page_that_two_places_take_is_named_with_both(case: Any, tmp_path: Path) -> None:
    """Overlapping ranges, one exhibit or two, a folder, and a copy under another name; the same choice twice is said by the rules."""

    def change(exhibits: Exhibits) -> None:
        record = "evidence/medical-record.pdf"
        exhibit(3, file=None, files=[{"file": record, "pages": "1-3"}, {"file": record, "pages": "2-4"}, "evidence/photos/"])(exhibits)
        exhibit(6, file=None, files=[{"file": record, "pages": "1-3"}, {"file": record, "pages": "5"}, "evidence/copy/rgb.png"])(exhibits)

    path = case(change)
    put(path, "rgb.jpg", "rgb.png")
    put(path, "rgb.png", folder="copy")
    packet = packet_of(tmp_path, path)
    d, g = (next(s["first_page"] for s in packet.manifest["sections"] if s["exhibit"] == label) for label in "DG")
    found = [f for f in packet.manifest["findings"] if f["rule"] == "exhibit-pages-twice"]
    record = "evidence/medical-record.pdf"
    said = [(f["level"], f["where"].partition(" ")[2], f["message"].partition(" the first is at ")[0]) for f in found]
    assert said == [
        ("warning", f"/exhibits/3/files/1/file, packet pages {d + 4}-{d + 5}", f"this takes pages 2-3 of {record} a second time;"),
        ("warning", f"/exhibits/6/files/2, packet page {g + 5}", "this takes page 1 of evidence/copy/rgb.png a second time;"),
    ]
    firsts = [f["message"].partition(" the first is at ")[2].partition(" ")[2] for f in found]
    assert firsts == [f"/exhibits/3/files/0/file, packet pages {d + 2}-{d + 3}", f"/exhibits/3/files/2, packet page {d + 8}"]
    assert [f["where"].partition(" ")[2] for f in packet.manifest["findings"] if f["rule"] == "exhibit-file-twice"] == [
        "/exhibits/6/files/0/file"
    ]


def test_a_certificate_that_is_a_copy_of_the_translation_or_the_original_is_named(case: Any, tmp_path: Path) -> None:
    """Under another name, since the rules say it of the same name; one certificate for two translations is no mistake."""

    def change(exhibits: Exhibits) -> None:
        spanish = {"file": "evidence/photos/rgb.png", "language": "Spanish"}
        exhibit(2, language="Spanish", translation={**spanish, "certificate": "evidence/copy/rgb.png"})(exhibits)
        gray = {**spanish, "file": "evidence/photos/gray.jpg"}
        exhibit(3, language="Spanish", translation={**gray, "certificate": "evidence/copy.pdf"})(exhibits)
        both = "evidence/photos/note.txt"
        exhibit(4, translation={**spanish, "file": "evidence/photos/rgb.jpg", "certificate": both})(exhibits)
        exhibit(5, language="Spanish", translation={**spanish, "file": "evidence/photos/small.jpg", "certificate": both})(exhibits)
        exhibit(6, file=both)(exhibits)

    path = case(change)
    put(path, "rgb.jpg", "rgb.png", "gray.jpg", "small.jpg", "note.txt")
    put(path, "rgb.png", folder="copy")
    shutil.copy(path.parent / "evidence" / "medical-record.pdf", path.parent / "evidence" / "copy.pdf")
    packet = packet_of(tmp_path, path)
    found = [f for f in packet.manifest["findings"] if f["rule"] == "exhibit-pages-twice"]
    assert [f["where"].partition(" ")[2].partition(",")[0] for f in found] == [
        "/exhibits/2/translation/certificate",
        "/exhibits/3/translation/certificate",
        "/exhibits/6/file",
    ]
    assert [f["message"].partition(";")[0] for f in found] == [
        "this takes page 1 of evidence/copy/rgb.png a second time",
        "this takes pages 1-5 of evidence/copy.pdf a second time",
        "this takes pages 1-2 of evidence/photos/note.txt a second time",
    ]
    assert "/exhibits/2/translation/file, packet page " in found[0]["message"]


@pytest.mark.parametrize("pages", [None, "1-5"])
def test_a_whole_file_is_no_extract(case: Any, intake: Intake, pages: str | None) -> None:
    path = case(exhibit(3, pages=pages))
    (part,) = parts(path, intake, 3)
    assert part.extract == ""


def test_a_page_range_of_a_folder_is_refused(case: Any, intake: Intake, tmp_path: Path) -> None:
    path = case(exhibit(0, file="evidence/photos/*", pages="1"))
    put(path, "rgb.jpg", "rgb.png")
    with pytest.raises(EvidenceError) as caught:
        gather(plan_of(path), tmp_path, date(2026, 11, 24), intake)
    assert [finding.rule for finding in caught.value.findings] == ["evidence-page-range"]


def test_files_in_a_pdf_become_pages_of_the_exhibit_when_the_case_says_so(case: Any, intake: Intake) -> None:
    path = case(exhibit(0, file="evidence/photos/portfolio.pdf", attachments="add"))
    put(path, "portfolio.pdf")
    (part,) = parts(path, intake, 0)
    assert part.pages == 4
    assert part.extract == ""


TRANSLATOR = {
    "name": {"family": "Velanique", "given": "Corisande"},
    "competence": "I grew up with Spanish",
    "address": {"street": "77 Larkmere Avenue", "city": "Houston", "state": "TX", "zip": "77036"},
    "daytime_phone": "713-555-0151",
}


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Packet:
    """The sample, online, with certificates of translation to be made for exhibits C and E, and a blank page in exhibit F."""
    folder = tmp_path_factory.mktemp("certified")
    shutil.copytree(SAMPLE.parent, folder / "case")
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for number in (2, 4):
        translation = data["exhibits"][number]["translation"]
        del translation["certificate"]
        translation["translator"] = TRANSLATOR if number == 4 else {"name": TRANSLATOR["name"]}
    shutil.copy(FOLDER / "blank-page.pdf", folder / "case" / "evidence" / "blank-page.pdf")
    data["exhibits"][5]["file"] = "evidence/blank-page.pdf"
    (folder / "case" / "case.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    (folder / "forms").mkdir()
    return built(folder / "out", folder / "forms", folder / "case" / "case.json", draft=True, mode="online")


def certificate_pages(packet: Packet) -> list[int]:
    return [next(s["last_page"] for s in packet.manifest["sections"] if s["exhibit"] == label) for label in "CE"]


def test_a_certificate_for_ink_stands_behind_its_translation(certified: Packet) -> None:
    texts = certified.texts()
    without, complete = (" ".join(texts[page - 1].split()) for page in certificate_pages(certified))
    assert "Exhibit C, page 3 of 3" in without
    assert "I, Corisande Velanique, certify that I am competent to translate from Spanish into English" in without
    assert "8 CFR 103.2(b)(3)" in without
    assert "Exhibit E, page 3 of 3" in complete
    for said in ("I grew up with Spanish. I make", "77 Larkmere Avenue", "Houston, TX 77036", "713-555-0151"):
        assert said in complete
        assert said not in without


def test_a_certificate_for_ink_is_in_index_signatures_checklist_and_no_finding(certified: Packet) -> None:
    pages = certificate_pages(certified)
    index = next(s["first_page"] for s in certified.manifest["sections"] if s["kind"] == "index")
    assert [f"Translator's certificate, p. {page}" in certified.texts()[index - 1] for page in pages] == [True, True]
    signed = [entry for entry in certified.manifest["signatures"] if entry["who"] == "translator"]
    assert [(entry["packet_page"], entry["name"]) for entry in signed] == [(page, "Corisande Velanique") for page in pages]
    assert [entry["form"] for entry in signed] == [f"Translator's certificate, Exhibit {label}" for label in "CE"]
    document = pypdfium2.PdfDocument(certified.built.folder / "checklist.pdf")
    checklist = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert checklist.count("Corisande Velanique") == 2
    assert not [finding for finding in certified.manifest["findings"] if finding["rule"].startswith("translation")]
    assert {path.name for path in (certified.built.folder / "letters").glob("*certificate*")} == {"certificates-of-translation.pdf"}


def test_pages_behind_a_certificate_are_counted_right(certified: Packet) -> None:
    first = next(s["first_page"] for s in certified.manifest["sections"] if s["exhibit"] == "F") + 1
    (finding,) = [each for each in certified.manifest["findings"] if each["rule"] == "evidence-blank-page"]
    assert finding["where"] == f"evidence/blank-page.pdf, packet page {first + 1}"
    inputs = sum(entry["pages_out"] for entry in certified.manifest["inputs"])
    evidence = sum(s["last_page"] - s["first_page"] for s in certified.manifest["sections"] if s["kind"] == "exhibit")
    assert evidence == inputs + 2


def test_a_certificate_for_ink_goes_with_its_exhibit_into_an_upload(certified: Packet) -> None:
    parts = [entry for entry in certified.manifest["uploads"] if "evidence-part" in entry["file"]]
    for page in certificate_pages(certified):
        assert sum(entry["first_page"] <= page <= entry["last_page"] for entry in parts) == 1


def test_a_password_comes_from_the_environment(case: Any, intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    path = case(exhibit(0, file="evidence/photos/encrypted-user.pdf", password_from="RECORD_PASSWORD"))
    put(path, "encrypted-user.pdf")
    monkeypatch.setenv("RECORD_PASSWORD", "open sesame")
    (part,) = parts(path, intake, 0)
    assert part.pages == 1


@pytest.mark.parametrize("value", [None, "", "wrong"])
def test_a_password_that_is_missing_or_wrong_is_named_and_never_quoted(
    case: Any, intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    path = case(exhibit(0, file="evidence/photos/encrypted-user.pdf", password_from="RECORD_PASSWORD"))
    put(path, "encrypted-user.pdf")
    monkeypatch.delenv("RECORD_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("RECORD_PASSWORD", value)
    with pytest.raises(EvidenceError) as caught:
        gather(plan_of(path), tmp_path, date(2026, 11, 24), intake)
    (finding,) = caught.value.findings
    assert finding.rule == "evidence-password"
    assert value != "wrong" or "wrong" not in finding.message + finding.remedy
    assert value or "RECORD_PASSWORD" in finding.message


def test_a_password_in_the_case_is_not_possible(case: Any) -> None:
    with pytest.raises(CaseInvalidError) as caught:
        read_case(case(exhibit(0, password_from="open sesame")))
    assert "open sesame" not in str(caught.value)


def test_shrink_reaches_the_converter(case: Any, intake: Intake) -> None:
    path = case(exhibit(0, file="evidence/photos/rgb.jpg", shrink=150))
    put(path, "rgb.jpg")
    (part,) = parts(path, intake, 0)
    assert part.files[0].kept.pages_out == 1
    with pytest.raises(CaseInvalidError):
        read_case(case_with(path, shrink=72))


def case_with(path: Path, **entries: Any) -> Path:
    """The same case with other entries of its first exhibit."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["exhibits"][0].update(entries)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_every_file_that_fails_is_named_in_the_order_of_the_case(case: Any, intake: Intake, tmp_path: Path) -> None:
    path = case(lambda exhibits: [exhibits[n].update(file=f"evidence/photos/{name}") for n, name in enumerate(BROKEN)])
    put(path, *BROKEN[:-1])
    with pytest.raises(EvidenceError) as caught:
        gather(plan_of(path), tmp_path, date(2026, 11, 24), intake)
    assert [finding.where for finding in caught.value.findings] == [f"evidence/photos/{name}" for name in BROKEN]


BROKEN = ["cut-off.pdf", "bomb.png", "empty.pdf", "not-there.pdf"]


def test_the_second_build_converts_nothing_and_gives_the_same_packet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "forms").mkdir()
    packets, workers = [], []
    for _ in range(2):
        bench = Workbench()
        done = build_packet(SAMPLE, BuildOptions(out=tmp_path / "out", forms=tmp_path / "forms", bench=bench))
        packets.append((done.folder / "packet.pdf").read_bytes())
        workers.append(bench.pid)
        bench.close()
    assert packets[0] == packets[1]
    assert workers[0] is not None
    assert workers[1] is None


@pytest.mark.parametrize("pages", ["6", "2-6", "1, 999", "99999"])
def test_a_page_that_an_exhibit_does_not_have_cannot_be_cited(tmp_path: Path, no_official: Path, no_output: Path, pages: str) -> None:
    with pytest.raises(CaseInvalidError) as refused:
        build_packet(_cited(tmp_path, pages), BuildOptions(out=no_output, bench=shared_bench()))
    (finding,) = [one for one in refused.value.findings if one.rule == "citation-pages-outside"]
    assert finding.where.endswith("/request/argument/need/0/exhibits/0/pages")
    assert "it has 5 pages" in finding.message


def test_the_last_page_of_an_exhibit_can_be_cited_and_a_draft_cites_the_whole_exhibit(tmp_path: Path, no_official: Path) -> None:
    packet = built(tmp_path / "out", no_official, _cited(tmp_path, "5"))
    last = next(section["last_page"] for section in packet.manifest["sections"] if section.get("exhibit") == "D")
    assert f"(Ex. D, p. {last})" in " ".join(" ".join(packet.texts()).split())
    draft = built(tmp_path / "out", no_official, _cited(tmp_path, "6"), draft=True)
    assert f"(Ex. D, pp. {last - 4}-{last})" in " ".join(" ".join(draft.texts()).split())
    assert any("names a page that its exhibit does not have" in reason for reason in draft.manifest["reasons"])


def _cited(folder: Path, pages: str) -> Path:
    """A copy of the sample whose first point cites these pages of its exhibit."""
    if not (folder / "case").is_dir():
        shutil.copytree(SAMPLE.parent, folder / "case")
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    data["request"]["argument"]["need"][0]["exhibits"][0]["pages"] = pages
    (folder / "case" / "case.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return folder / "case" / "case.json"
