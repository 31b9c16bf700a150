"""The built packet: its pages, stamps, order, links, manifest, and that a failed build changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from pipeline.errors import EvidenceError, FormFileError, OutputError, PacketError, ReadBackError, TemplateError
from pipeline.letters.office import Office
from pipeline.packet import build as build_module
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.readback.verify import verify
from pipeline.packet.stamps import DRAFT
from pipeline.resources import shipped
from tests.conftest import SAMPLE
from tests.packet.conftest import Packet, built

BANNED = ("/XFA", "/Perms", "/NeedAppearances", "/JS", "/JavaScript", "/AcroForm", "/EmbeddedFiles", "/Launch")


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], Path]:
    """Makes a copy of the sample with a change to its case."""

    def make(change: Callable[[dict[str, Any]], None]) -> Path:
        folder = tmp_path / "case"
        shutil.copytree(SAMPLE.parent, folder)
        data = json.loads(SAMPLE.read_text(encoding="utf-8"))
        change(data)
        (folder / "case.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        return folder / "case.json"

    return make


def test_the_sections_stand_in_the_order_of_the_mail_room(packet: Packet) -> None:
    kinds = [s["kind"] for s in packet.manifest["sections"]]
    assert kinds[:2] == ["notification", "letter"]
    titles = [s["title"].split(",")[0] for s in packet.manifest["sections"][2:8]]
    assert titles == ["Form G-28", "Form I-131", "Form I-134"] * 2
    assert kinds[8] == "index"
    assert set(kinds[9:]) == {"exhibit"}


def test_the_sections_cover_every_page_once(packet: Packet) -> None:
    pages = [p for s in packet.manifest["sections"] for p in range(s["first_page"], s["last_page"] + 1)]
    assert pages == list(range(1, packet.manifest["pages"] + 1))


def test_every_page_carries_its_section_and_its_packet_page(packet: Packet) -> None:
    document = pypdfium2.PdfDocument(packet.path)
    heads = [page.get_textpage().get_text_bounded(0, 760, 612, 792) for page in document]
    document.close()
    total = packet.manifest["pages"]
    for section in packet.manifest["sections"]:
        for page in range(section["first_page"], section["last_page"] + 1):
            head = heads[page - 1]
            assert f"Packet page {page} of {total}" in head
            count = section["last_page"] - section["first_page"] + 1
            if section["exhibit"] is None:
                assert f"{section['title']}, page {page - section['first_page'] + 1} of {count}" in head
            elif page == section["first_page"]:
                assert f"Exhibit {section['exhibit']}, exhibit sheet" in head
            else:
                assert f"Exhibit {section['exhibit']}, page {page - section['first_page']} of {count - 1}" in head
            assert (DRAFT in head) == (packet.manifest["status"] == "draft")


def test_every_page_is_an_upright_letter_page(packet: Packet) -> None:
    with pikepdf.open(packet.path) as pdf:
        for page in pdf.pages:
            assert [float(v) for v in page.mediabox] == [0, 0, 612, 792]
            assert page.obj.get("/Rotate", 0) == 0


def test_nothing_banned_is_in_the_packet(packet: Packet, qpdf: str) -> None:
    with pikepdf.open(packet.path) as pdf:
        keys = {k for o in pdf.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream) for k in o.keys()}
        assert not keys & set(BANNED)
        assert not any("/URI" in o for o in pdf.objects if isinstance(o, pikepdf.Dictionary))
    checked = subprocess.run([qpdf, "--check", str(packet.path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_of_our_fonts_is_in_the_packet_once(packet: Packet) -> None:
    """Stamps and the values of all forms share them; a subset is some 100 kB."""
    with pikepdf.open(packet.path) as pdf:
        fonts = [page.obj.Resources.Font for page in pdf.pages]
        ours = {name: {font[name].objgen for font in fonts if name in font} for name in ("/PpStamp", "/PpSerif", "/PpMono")}
    assert all(len(objects) == 1 for objects in ours.values())
    assert ours["/PpStamp"] == ours["/PpSerif"] != ours["/PpMono"]


def test_outline_labels_links_title_and_language(packet: Packet) -> None:
    with pikepdf.open(packet.path) as pdf:
        assert str(pdf.Root.Lang) == "en-US"
        assert "/PageLabels" in pdf.Root
        assert "quennevar-medical" in str(pdf.docinfo["/Title"])
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
            record = next(item for item in outline.root if "Medical record" in item.title)
            assert len(record.children) >= 2, "an exhibit's own bookmarks are kept beneath its entry"
        assert len(titles) == len(packet.manifest["sections"])
        targets = [annot.Dest[0].objgen for page in pdf.pages for annot in page.obj.get("/Annots", ())]
        assert len(targets) > 20
        assert set(targets) <= {page.objgen for page in pdf.pages}


def test_the_index_names_the_pages_where_each_exhibit_is(packet: Packet) -> None:
    index = next(s for s in packet.manifest["sections"] if s["kind"] == "index")
    text = " ".join(packet.texts()[index["first_page"] - 1 : index["last_page"]])
    for section in packet.manifest["sections"]:
        if section["exhibit"]:
            first, last = section["first_page"] + 1, section["last_page"]
            assert re.search(rf"\b{first}\b", text), section["title"]
            assert re.search(rf"\b{last}\b", text), section["title"]


def test_the_letter_cites_the_pages_that_hold_the_proof(packet: Packet) -> None:
    letter = next(s for s in packet.manifest["sections"] if s["kind"] == "letter")
    texts = packet.texts()
    words = " ".join(" ".join(texts[letter["first_page"] - 1 : letter["last_page"]]).split())
    surgeon = next(s for s in packet.manifest["sections"] if "Acceptance letter" in s["title"])
    second = surgeon["first_page"] + 2
    assert f"Ex. G, p. {second}" in words.replace("\u00a0", " ")
    assert "August 2027" in texts[second - 1]
    assert "P.O. Box 660865" in words
    assert "$1,260" in words or "$630" in words


def test_each_instance_of_a_form_keeps_its_own_values(packet: Packet) -> None:
    values = {}
    for form in packet.manifest["forms"]:
        if form["form"] == "I-131":
            given = next(v["text"] for v in form["values"] if v["field"].endswith("P2_Line16_GivenName[0]"))
            values[form["beneficiary"]] = given
    assert values == {"ilario": "Ilario", "nerea": "Nerea"}


FOOT = 108
"""Points at the foot of a form's page; the barcode stands there."""


def test_every_official_form_page_still_has_its_barcode(ready: Packet) -> None:
    document = pypdfium2.PdfDocument(ready.path)
    read = 0
    for form in ready.manifest["forms"]:
        for page in range(form["first_page"], form["last_page"] + 1):
            codes = zxingcpp.read_barcodes(document[page - 1].render(scale=3, crop=(0, 0, 0, 792 - FOOT)).to_pil())
            assert any(code.text.startswith(form["form"] + "|") for code in codes), page
            read += 1
    document.close()
    assert read == 57


def test_status_and_reasons(draft: Packet) -> None:
    assert draft.manifest["status"] == "draft"
    assert (
        sum("facsimile" in reason and "packet forms add" in reason for reason in draft.manifest["reasons"]) == 5
    )  # four forms and the one to pay with


def test_the_sample_on_official_forms_is_ready(ready: Packet) -> None:
    assert (ready.manifest["status"], ready.manifest["reasons"]) == ("ready", [])


@pytest.mark.parametrize("there", [b"", b"%PDF-1.7 not the form"])
def test_without_the_official_form_to_pay_with_the_packet_is_a_draft(official: Path, tmp_path: Path, there: bytes) -> None:
    forms = Path(shutil.copytree(official, tmp_path / "forms"))
    (forms / "g-1450.pdf").unlink()
    if there:
        (forms / "g-1450.pdf").write_bytes(there)
    manifest = built(tmp_path / "out", forms).manifest
    assert manifest["status"] == "draft"
    assert [reason.partition(":")[0] for reason in manifest["reasons"]] == ["Form G-1450 is a facsimile"]
    assert ["form-not-pdf"] * bool(there) == [finding["rule"] for finding in manifest["findings"] if finding["where"] == "g-1450.pdf"]


def test_the_manifest_says_how_the_packet_leaves_the_office(packet: Packet) -> None:
    filing = packet.manifest["filing"]
    assert filing["beneficiaries"] == ["Ilario Benedicto Tostabrel", "Nerea Luz Tostabrel"]
    printed = " ".join(packet.texts()[1].split())
    assert all(line in printed for line in filing["address"])
    assert (filing["mode"], filing["fee"]["count"], filing["fee"]["form"]) == ("paper", 2, "G-1450")
    assert filing["payment_pages"] == [f"payment/form-g-1450-beneficiary-{number}-request.pdf" for number in (1, 2)]
    assert all((packet.built.folder / page).is_file() for page in filing["payment_pages"])


def test_the_manifest_keeps_its_schema(packet: Packet) -> None:
    schema = json.loads((shipped("schemas") / "manifest.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(packet.manifest)
    assert packet.manifest["packet_sha256"] == hashlib.sha256(packet.path.read_bytes()).hexdigest()
    assert all(entry["pages_in"] == entry["pages_out"] for entry in packet.manifest["inputs"])
    assert len(packet.manifest["inputs"]) == 19


def test_signatures_name_pages_that_have_the_line(packet: Packet) -> None:
    texts = packet.texts()
    wanted = [(s["form"].split(",")[0], s["who"]) for s in packet.manifest["signatures"]]
    assert wanted.count(("Form I-131", "petitioner")) == 2
    assert wanted.count(("Form I-134", "supporter")) == 2
    assert wanted.count(("Form G-28", "representative")) == 2
    assert wanted.count(("Form G-28", "client")) == 2
    for signature in packet.manifest["signatures"]:
        mark = signature["name"] if signature["form"] == "Cover letter" else "ign"
        assert mark in texts[signature["packet_page"] - 1]


def test_the_output_folder_is_whole_and_private(packet: Packet) -> None:
    names = {path.relative_to(packet.built.folder).as_posix() for path in packet.built.folder.rglob("*") if path.is_file()}
    assert {"packet.pdf", "manifest.json", "checklist.pdf", "letters/cover-letter.pdf", "letters/evidence-index.pdf"} <= names
    assert sum(name.startswith("forms/") for name in names) == 7
    assert {name for name in names if name.startswith("payment/")} == {f"payment/form-g-1450-beneficiary-{n}-request.pdf" for n in (1, 2)}
    for path in packet.built.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) in (0o600, 0o700)
    assert not [p for p in packet.built.folder.parent.iterdir() if p != packet.built.folder]


def test_verify_reads_every_value_back(packet: Packet) -> None:
    result = verify(packet.built.folder)
    assert result.findings == ()
    assert result.values_read == result.values == sum(len(f["values"]) for f in packet.manifest["forms"])
    assert result.values > 500


def test_verify_finds_a_packet_that_was_changed(draft: Packet, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(draft.built.folder, folder)
    with pikepdf.open(folder / "packet.pdf", allow_overwriting_input=True) as pdf:
        form = next(f for f in draft.manifest["forms"] if f["form"] == "I-131")
        page = pdf.pages[form["first_page"] + 3]
        page.obj["/Contents"] = pdf.make_stream(b"")
        pdf.save(folder / "packet.pdf")
    result = verify(folder)
    assert {f.rule for f in result.findings} == {"verify", "verify-value"}
    assert result.values_read < result.values


def test_another_process_with_another_clock_gives_the_same_bytes(draft: Packet, tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from pipeline.packet.build import BuildOptions, build_packet
        case, out, forms = map(Path, sys.argv[1:])
        build_packet(case, BuildOptions(out=out, forms=forms))
    """
    forms = tmp_path / "forms"
    forms.mkdir()
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", code, str(SAMPLE), str(tmp_path / "out"), str(forms)], check=True, env=environment)
    for file in ("packet.pdf", "manifest.json", "checklist.pdf"):
        assert (tmp_path / "out" / "quennevar-medical" / file).read_bytes() == (draft.built.folder / file).read_bytes(), file


def test_papers_are_the_same_whether_set_in_a_thread_or_in_turn(draft: Packet, tmp_path: Path, no_official: Path) -> None:
    one = draft.built.folder
    other = build_packet(SAMPLE, BuildOptions(out=tmp_path / "out", forms=no_official, alone=False)).folder
    both = [{path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} for folder in (one, other)]
    assert both[0] == both[1]
    assert len(both[0]) > 10


def test_open_errors_refuse_a_packet_and_draft_writes_one(copy: Callable[..., Path], tmp_path: Path, no_official: Path) -> None:
    def break_rule(data: dict[str, Any]) -> None:
        data["request"]["argument"]["need"][0]["exhibits"][0]["exhibit"] = "medical-record"
        data["supporters"][0]["supports"][1]["beneficiary"] = "nobody"

    case = copy(break_rule)
    out = tmp_path / "out"
    with pytest.raises(PacketError) as caught:
        build_packet(case, BuildOptions(out=out, forms=no_official))
    assert not out.exists()
    assert any("/supporters/0/supports/1" in f.where for f in caught.value.findings)


def test_a_missing_exhibit_stops_drafts_too_and_is_named(copy: Callable[..., Path], no_output: Path, no_official: Path) -> None:
    case = copy(lambda data: None)
    (case.parent / "evidence" / "visa-refusal.pdf").unlink()
    (case.parent / "evidence" / "bank-statement.pdf").write_bytes(b"%PDF-1.7\nbroken")
    with pytest.raises(EvidenceError) as caught:
        build_packet(case, BuildOptions(out=no_output, forms=no_official, draft=True))
    assert [f.where for f in caught.value.findings] == ["evidence/visa-refusal.pdf", "evidence/bank-statement.pdf"]
    assert all(f.remedy for f in caught.value.findings)


def test_a_failed_run_leaves_the_former_packet(copy: Callable[..., Path], tmp_path: Path, no_official: Path) -> None:
    case = copy(lambda data: None)
    done = built(tmp_path / "out", no_official, case)
    before = {p: p.read_bytes() for p in done.built.folder.rglob("*") if p.is_file()}
    (case.parent / "evidence" / "visa-refusal.pdf").unlink()
    with pytest.raises(EvidenceError):
        build_packet(case, BuildOptions(out=tmp_path / "out", forms=no_official))
    assert {p: p.read_bytes() for p in done.built.folder.rglob("*") if p.is_file()} == before
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["quennevar-medical"]


def test_a_full_disk_leaves_the_former_packet(
    copy: Callable[..., Path], tmp_path: Path, no_official: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = copy(lambda data: None)
    done = built(tmp_path / "out", no_official, case)
    before = done.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.packet.publish.os.fsync", full)
    with pytest.raises(OutputError) as caught:
        build_packet(case, BuildOptions(out=tmp_path / "out", forms=no_official))
    assert "No space left" in caught.value.findings[0].message
    assert done.path.read_bytes() == before
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["quennevar-medical"]


def test_what_somebody_keeps_beside_a_packet_stays_when_it_is_built_again(
    copy: Callable[..., Path], tmp_path: Path, no_official: Path
) -> None:
    before = built(tmp_path, no_official)
    (before.built.folder / "signed-scan.pdf").write_bytes(b"signed")
    (before.built.folder / "mailed").mkdir()
    (before.built.folder / "mailed" / "receipt.txt").write_text("posted", encoding="utf-8")
    (before.built.folder / "letters" / "of-another-build.pdf").write_bytes(b"old")
    (before.built.folder / "letters" / "notes.txt").write_text("mine", encoding="utf-8")
    after = built(tmp_path, no_official)
    assert (after.built.folder / "signed-scan.pdf").read_bytes() == b"signed"
    assert (after.built.folder / "mailed" / "receipt.txt").read_text(encoding="utf-8") == "posted"
    assert (after.built.folder / "letters" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert not (after.built.folder / "letters" / "of-another-build.pdf").exists()


def test_a_folder_that_is_not_ours_is_not_replaced(copy: Callable[..., Path], tmp_path: Path, no_official: Path) -> None:
    taken = tmp_path / "out" / "quennevar-medical"
    taken.mkdir(parents=True)
    (taken / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError):
        build_packet(copy(lambda data: None), BuildOptions(out=tmp_path / "out", forms=no_official))
    assert (taken / "thesis.docx").read_text() == "years of work"


def test_read_back_stops_a_packet_whose_forms_lost_their_values(
    no_output: Path, no_official: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault: form pages go into the packet without their marks, as a filler that matched no field would leave them."""
    from pipeline.packet.assemble import assemble as real

    def without_marks(layout: Any, pieces: Any, stamps: Any, **more: Any) -> None:
        from msgspec.structs import replace

        real(layout, [[replace(p, marks={}) for p in section] for section in pieces], stamps, **more)

    monkeypatch.setattr(build_module, "assemble", without_marks)
    with pytest.raises(ReadBackError) as caught:
        build_packet(SAMPLE, BuildOptions(out=no_output, forms=no_official))
    assert len(caught.value.findings) > 300
    assert all("Quennevar" not in f.message for f in caught.value.findings)


@pytest.mark.parametrize("alone", [True, False])
def test_a_paper_beside_the_packet_that_cannot_be_typeset_stops_the_build_and_leaves_the_earlier_packet(
    alone: bool, tmp_path: Path, no_official: Path
) -> None:
    before = built(tmp_path / "out", no_official, SAMPLE)
    former = before.path.read_bytes()
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "checklist.typ.j2").write_text("{{ nothing }}", encoding="utf-8")
    options = BuildOptions(out=tmp_path / "out", forms=no_official, office=Office(templates=(tmp_path / "office",)), alone=alone)
    with pytest.raises(TemplateError) as caught:
        build_packet(SAMPLE, options)
    assert [f.where for f in caught.value.findings] == ["checklist.typ.j2:1"]
    assert before.path.read_bytes() == former
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_forms_folder_that_is_named_and_not_there_is_one_error(
    by: str, tmp_path: Path, no_output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "mistyped"
    monkeypatch.delenv("PACKET_FORMS", raising=False)
    if by == "environment":
        monkeypatch.setenv("PACKET_FORMS", str(missing))
    with pytest.raises(FormFileError) as caught:
        build_packet(SAMPLE, BuildOptions(out=no_output, draft=True, forms=missing if by == "option" else None))
    assert [(f.rule, f.where) for f in caught.value.findings] == [("forms-folder", str(missing))]


@pytest.mark.parametrize("inner", ["", "from-client"])
def test_a_packet_never_takes_the_place_of_its_own_case(inner: str, tmp_path: Path, no_official: Path) -> None:
    """The folder looks like an earlier run's: somebody has put the case beside the packet."""
    folder = tmp_path / "quennevar-medical" / inner
    shutil.copytree(SAMPLE.parent, folder)
    (tmp_path / "quennevar-medical" / "manifest.json").write_text("{}", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(OutputError) as caught:
        build_packet(folder / "case.json", BuildOptions(out=tmp_path, forms=no_official))
    assert [(f.rule, f.where) for f in caught.value.findings] == [("output-case", str(tmp_path))]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_hostile_names_are_printed_as_typed_in_the_letter(copy: Callable[..., Path], tmp_path: Path, no_official: Path) -> None:
    hostile = '#read("/etc/passwd") {{ 7*7 }} <b>'

    def rename(data: dict[str, Any]) -> None:
        data["exhibits"][0]["title"] = hostile
        data["petitioner"]["name"]["middle"] = "{{ 7*7 }}"

    done = built(tmp_path / "out", no_official, copy(rename))
    words = " ".join(" ".join(done.texts()).split())
    assert hostile in words
    assert "{{ 7*7 }}" in words
    assert "49" not in re.findall(r"Marisolda (\S+)", words)


def test_a_hostile_person_name_is_printed_as_typed_in_the_letter_and_on_the_forms(
    copy: Callable[..., Path], tmp_path: Path, no_official: Path
) -> None:
    hostile = '#read("/etc/passwd") {{ 7*7 }} <b>'

    def rename(data: dict[str, Any]) -> None:
        data["beneficiaries"][1]["name"]["given"] = hostile

    done = built(tmp_path / "out", no_official, copy(rename))
    texts = done.texts()
    letter = next(s for s in done.manifest["sections"] if s["kind"] == "letter")
    assert hostile in " ".join(" ".join(texts[letter["first_page"] - 1 : letter["last_page"]]).split())
    held = [v["text"] for f in done.manifest["forms"] if f["beneficiary"] == "nerea" for v in f["values"] if "text" in v]
    assert any(hostile in text for text in held)


def test_twelve_thousand_characters_arrive_whole_on_continuation_pages(
    copy: Callable[..., Path], tmp_path: Path, no_official: Path
) -> None:
    why = "He cannot wait for another year, and nobody at home can help him. " * 3
    long = "\n".join(f"Paragraph {n}. {why}".strip() for n in range(60))
    assert len(long) > 12_000

    def explain(data: dict[str, Any]) -> None:
        data["beneficiaries"][0]["qualifies_because"] = long

    done = built(tmp_path / "out", no_official, copy(explain))
    form = next(f for f in done.manifest["forms"] if f["form"] == "I-131")
    assert form["last_page"] - form["first_page"] + 1 > 14
    texts = done.texts()[form["first_page"] + 13 : form["last_page"]]
    assert all("A-Number: none" in text and "Part 8, Item 1" in text and "Page 11" in text for text in texts)
    words = " ".join(" ".join(texts).split())
    assert [f"Paragraph {n}." in words for n in range(60)] == [True] * 60
    pens = [s for s in done.manifest["signatures"] if s["part"].startswith("Continuation page")]
    assert [s["packet_page"] for s in pens] == list(range(form["first_page"] + 14, form["last_page"] + 1))
    assert {(s["who"], s["form"].split(",")[0]) for s in pens} == {("petitioner", "Form I-131")}


def test_a_supporters_continuation_pages_are_signed_by_the_supporter_and_say_the_a_number_as_the_form_does(
    copy: Callable[..., Path], tmp_path: Path, no_official: Path
) -> None:
    def promise(data: dict[str, Any]) -> None:
        data["supporters"][0] |= {"contributions": "\n".join(f"Month {n}: room and board." for n in range(200)), "a_number": "5501234"}

    done = built(tmp_path / "out", no_official, copy(promise))
    pens = [s for s in done.manifest["signatures"] if s["part"].startswith("Continuation page")]
    assert pens
    assert {s["who"] for s in pens} == {"supporter"}
    texts = done.texts()
    for pen in pens:
        page = texts[pen["packet_page"] - 1]
        assert "Signature" in page
        assert pen["name"] in page
        assert "A-Number: 005501234" in page
    checklist = pypdfium2.PdfDocument(done.built.folder / "checklist.pdf")
    words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in checklist)
    checklist.close()
    assert all(re.search(f"{re.escape(pen['part'])} {pen['packet_page']}\\b", words) for pen in pens)


def test_a_name_too_long_for_the_optional_g_1145_is_a_warning_and_the_packet_is_built(
    copy: Callable[..., Path], tmp_path: Path, no_official: Path
) -> None:
    def rename(data: dict[str, Any]) -> None:
        data["petitioner"]["name"]["given"] = "Maria del Carmen Marisolda"
        data["petitioner"]["daytime_phone"] = "+504 2555-0117 12"

    done = built(tmp_path / "out", no_official, copy(rename))
    (finding,) = [f for f in done.manifest["findings"] if f["rule"] == "form-left-empty"]
    assert finding["level"] == "warning"
    assert "Form G-1145" in finding["message"]
    section = next(s for s in done.manifest["sections"] if s["kind"] == "notification")
    page = done.texts()[section["first_page"] - 1]
    assert "Maria del" not in page
    assert "Quennevar" in page
