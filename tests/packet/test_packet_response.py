"""The packet that answers a notice of USCIS: the notice on top, the letter, the index, and the exhibits that the answers cite."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import CaseInvalidError, EvidenceError
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.readback.verify import verify
from tests.conftest import SAMPLE
from tests.packet.conftest import built

STAGE: dict[str, Any] = {
    "name": "request-for-evidence",
    "notice": {"file": "evidence/notice.pdf", "receipt": "IOE0915550104", "dated": "2026-11-12", "due": "2027-01-29"},
    "answers": [
        {"asked": "Who pays", "text": "The hospital does.", "exhibits": [{"exhibit": "surgeon-letter", "pages": "2"}]},
        {"asked": "Why not at home", "text": "It is not done there.", "exhibits": [{"exhibit": "cardiologist-letter"}]},
    ],
}


@pytest.fixture
def case(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Writes the sample at a stage into a folder of its own; the notice is a copy of another letter."""

    def write(stage: dict[str, Any]) -> Path:
        folder = tmp_path / "case"
        shutil.copytree(SAMPLE.parent / "evidence", folder / "evidence")
        shutil.copy(folder / "evidence" / "visa-refusal.pdf", folder / "evidence" / "notice.pdf")
        data = json.loads(SAMPLE.read_text(encoding="utf-8")) | {"stage": stage}
        (folder / "case.json").write_text(json.dumps(data), encoding="utf-8")
        return folder / "case.json"

    return write


def test_a_response_is_a_packet_of_its_own(case: Callable[[dict[str, Any]], Path], tmp_path: Path, no_official: Path) -> None:
    packet = built(tmp_path / "out", no_official, case(STAGE))
    sections = packet.manifest["sections"]
    assert [(s["kind"], s["exhibit"]) for s in sections] == [
        ("notice", None),
        ("letter", None),
        ("index", None),
        ("exhibit", "E"),
        ("exhibit", "G"),
    ]
    assert (packet.manifest["status"], packet.manifest["forms"]) == ("ready", [])
    words = [" ".join(page.split()) for page in packet.texts()]
    second = sections[4]["first_page"] + 2
    letter = " ".join(words[sections[1]["first_page"] - 1 : sections[1]["last_page"]])
    assert "Response due by January 29, 2027, as the notice says" in letter
    assert f"1. Who pays The hospital does. (Ex. G, p. {second})" in letter
    assert f"Exhibit G, page 2 of {sections[4]['last_page'] - sections[4]['first_page']}" in words[second - 1]
    assert "Notice, page 1 of" in words[0]
    assert [s["form"] for s in packet.manifest["signatures"]] == ["Response letter"]
    assert verify(packet.built.folder).findings == ()
    assert packet.built.folder.name == "quennevar-medical-response"
    names = {path.name for path in packet.built.folder.rglob("*.pdf")}
    assert {"checklist.pdf", "response-letter.pdf", "client-letter.pdf", "client-letter-sources.pdf"} <= names
    assert not any(name.startswith("form-") for name in names)
    assert packet.manifest["inputs"][0]["path"] == "evidence/notice.pdf"
    filing = packet.manifest["filing"]
    assert (filing["mode"], filing["address"], filing["fee"]["each"], filing["payment_pages"]) == ("online", None, 0, [])


def test_without_an_answer_there_is_no_response(case: Callable[[dict[str, Any]], Path], no_output: Path, no_official: Path) -> None:
    stage = {key: value for key, value in STAGE.items() if key != "answers"}
    with pytest.raises(CaseInvalidError) as caught:
        build_packet(case(stage), BuildOptions(out=no_output, forms=no_official))
    assert [f.rule for f in caught.value.findings] == ["stage-answers-missing"]
    assert caught.value.findings[0].where.endswith("/stage/answers")


def test_an_answer_may_cite_nothing(case: Callable[[dict[str, Any]], Path], tmp_path: Path, no_official: Path) -> None:
    stage = STAGE | {"answers": [{"asked": "An explanation", "text": "Here it is.", "exhibits": []}]}
    packet = built(tmp_path / "out", no_official, case(stage))
    assert [s["kind"] for s in packet.manifest["sections"]] == ["notice", "letter", "index"]


def test_a_missing_notice_is_named(case: Callable[[dict[str, Any]], Path], no_output: Path, no_official: Path) -> None:
    path = case(STAGE)
    (path.parent / "evidence" / "notice.pdf").unlink()
    with pytest.raises(EvidenceError) as caught:
        build_packet(path, BuildOptions(out=no_output, forms=no_official))
    assert [f.where for f in caught.value.findings] == ["evidence/notice.pdf"]


def test_an_approved_case_has_its_papers_beside_the_packet(
    case: Callable[[dict[str, Any]], Path], tmp_path: Path, no_official: Path
) -> None:
    packet = built(tmp_path / "out", no_official, case({"name": "approved"}))
    letters = {path.stem for path in (packet.built.folder / "letters").iterdir()}
    assert {"client-letter", "client-letter-sources", "arrival-checklist", "ds-160-ilario", "ds-160-nerea"} <= letters
