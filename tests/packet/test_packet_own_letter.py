"""A letter of the office's own takes the generated one's place, and what it cites is compared with the packet."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import CaseInvalidError, EvidenceError
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.typeset.compile import typeset
from tests.conftest import SAMPLE
from tests.packet.conftest import Packet, built

_DAY = date(2026, 11, 24)


@pytest.fixture
def case(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes the sample with a letter of the office's own into a folder of its own."""

    def write(letter: bytes) -> Path:
        folder = tmp_path / "case"
        shutil.copytree(SAMPLE.parent / "evidence", folder / "evidence")
        (folder / "my-letter.pdf").write_bytes(letter)
        data = json.loads(SAMPLE.read_text(encoding="utf-8"))
        data["letters"] = {"cover": "my-letter.pdf"}
        (folder / "case.json").write_text(json.dumps(data), encoding="utf-8")
        return folder / "case.json"

    return write


def _letter(*pages: str) -> bytes:
    body = "\n#pagebreak()\n".join(pages)
    source = f'#set document(title: "Letter")\n#set page(paper: "us-letter")\n#set text(lang: "en")\n{body}'
    return typeset(source, name="letter", timestamp=_DAY)


def test_the_generated_letter_may_come_back_as_the_offices_own(
    case: Callable[[bytes], Path], draft: Packet, tmp_path: Path, no_official: Path
) -> None:
    letter = (draft.built.folder / "letters" / "cover-letter.pdf").read_bytes()
    packet = built(tmp_path / "out", no_official, case(letter))
    assert packet.manifest["sections"] == draft.manifest["sections"]
    assert [f for f in packet.manifest["findings"] if f["rule"].startswith("letter-")] == []
    of_letter = [entry for entry in packet.manifest["inputs"] if entry["role"] == "letter"]
    digest = hashlib.sha256(letter).hexdigest()
    section = next(s for s in packet.manifest["sections"] if s["kind"] == "letter")
    count = section["last_page"] - section["first_page"] + 1
    assert of_letter == [{"path": "my-letter.pdf", "role": "letter", "sha256": digest, "pages_in": count, "pages_out": count}]
    page = packet.texts()[section["first_page"] - 1]
    assert "Dear Officer:" in page
    assert f"Packet page {section['first_page']} of {packet.manifest['pages']}" in page
    assert not (packet.built.folder / "letters" / "cover-letter.pdf").exists()


@pytest.mark.parametrize("name", ["evidence", "evidence/*.pdf"])
def test_a_letter_is_one_file(case: Callable[[bytes], Path], no_output: Path, no_official: Path, name: str) -> None:
    path = case(b"")
    data = json.loads(path.read_text(encoding="utf-8")) | {"letters": {"cover": name}}
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        build_packet(path, BuildOptions(out=no_output, forms=no_official))
    (finding,) = caught.value.findings
    assert finding.rule == "evidence-one-file"
    assert "/letters/cover" in finding.where


def test_stale_citations_keep_the_packet_a_draft_and_are_named_with_the_right_pages(
    case: Callable[[bytes], Path], tmp_path: Path, no_official: Path
) -> None:
    path = case(
        _letter("The boy is ill (Ex. C, p. 3). See Exs. B and Q.", "He is to be operated on. Exhibit G, pages 1-\\ 2; packet page 9000.")
    )
    with pytest.raises(CaseInvalidError) as caught:
        build_packet(path, BuildOptions(out=tmp_path / "out", forms=no_official))
    assert {f.rule for f in caught.value.findings} == {"letter-citation"}
    assert not (tmp_path / "out").exists()
    packet = built(tmp_path / "out", no_official, path, draft=True)
    assert packet.manifest["status"] == "draft"
    found = [f for f in packet.manifest["findings"] if f["rule"] == "letter-citation"]
    laid = {s["exhibit"]: s for s in packet.manifest["sections"] if s["exhibit"]}
    said = [(f["where"], f["message"], f["remedy"].removeprefix("Correct it: ").split(" `packet")[0]) for f in found]
    first, last = next(iter(laid)), list(laid)[-1]
    of = {label: f"Exhibit {label} is packet pages {s['first_page']} to {s['last_page']}." for label, s in laid.items()}
    assert said == [
        ("my-letter.pdf, page 1", '"Ex. C, p. 3" names a page outside Exhibit C', of["C"]),
        (
            "my-letter.pdf, page 1",
            '"Exs. B and Q" names an exhibit that the packet does not have',
            f"The packet has Exhibit {first} to Exhibit {last}.",
        ),
        ("my-letter.pdf, page 2", '"Exhibit G, pages 1- 2" names a page outside Exhibit G', of["G"]),
        (
            "my-letter.pdf, page 2",
            '"packet page 9000" names a page that the packet does not have',
            f"The packet has {packet.manifest['pages']} pages.",
        ),
    ]
    assert all(f"{f['where']}: {f['message']}" in packet.manifest["reasons"] for f in found)
    uncited = [f["message"] for f in packet.manifest["findings"] if f["rule"] == "letter-exhibit-uncited"]
    assert uncited == [f"the letter never cites Exhibit {label}" for label in "DEFHIJK"]


def test_pages_of_an_exhibit_may_be_its_own_or_the_packets(case: Callable[[bytes], Path], tmp_path: Path, no_official: Path) -> None:
    text = 'Page 1 of Exhibit "C" shows it, and pages 8000-8001 of Exhibits "B"/"C" do not. See Exhibits D/Q.'
    packet = built(tmp_path / "out", no_official, case(_letter(text)), draft=True)
    laid = {s["exhibit"]: s for s in packet.manifest["sections"]}
    own = {label: laid[label]["last_page"] - laid[label]["first_page"] for label in "BC"}
    right = [
        f"Exhibit {label} is packet pages {laid[label]['first_page']} to {laid[label]['last_page']} "
        f"(its own {f'pages 1 to {count}' if count > 1 else 'page 1'})"
        for label, count in own.items()
    ]
    found = [f for f in packet.manifest["findings"] if f["rule"] == "letter-citation"]
    assert [f["message"] for f in found] == [
        '"pages 8000-8001 of Exhibits “B”/“C”" names a page outside Exhibit B and Exhibit C',
        '"Exhibits D/Q" names an exhibit that the packet does not have',
    ]
    assert found[0]["remedy"].startswith(f"Correct it: {'; '.join(right)}. ")


def test_what_is_found_in_a_letter_can_be_accepted_as_other_rules_are(
    case: Callable[[bytes], Path], tmp_path: Path, no_official: Path
) -> None:
    path = case(_letter("See Ex. Q to the brother's own request, and Ex. B."))
    decisions = {
        "letter-citation": "It is the exhibit of another request.",
        "letter-exhibit-uncited": "The index speaks for them.",
    }
    packet = built(tmp_path / "out", no_official, path, decisions=decisions)
    found = [f for f in packet.manifest["findings"] if f["rule"] in decisions]
    assert {f["rule"] for f in found} == set(decisions)
    assert {f["level"] for f in found} == {"info"}
    assert all(f["message"].startswith("accepted by the office: ") for f in found)
    assert not any("my-letter.pdf" in reason for reason in packet.manifest["reasons"])
    assert [entry["rule"] for entry in packet.manifest["accepted"]] == list(decisions)


@pytest.mark.parametrize(
    ("pages", "unread"),
    [(["#circle()"], "all pages"), (["#circle()", "#square()"], "all pages"), (["#circle()", "See Ex. B.", "#circle()"], "pages 1 and 3")],
)
def test_of_scanned_pages_it_is_said_that_none_of_their_citations_could_be_checked(
    case: Callable[[bytes], Path], tmp_path: Path, no_official: Path, pages: list[str], unread: str
) -> None:
    packet = built(tmp_path / "out", no_official, case(_letter(*pages)))
    first, *others = [f for f in packet.manifest["findings"] if f["rule"].startswith("letter-")]
    message = f"none of the citations on {unread} of the letter could be checked: there is no text to read, as on a scan"
    assert (first["rule"], first["level"], first["where"], first["message"]) == ("letter-unread", "warning", "my-letter.pdf", message)
    assert "Save the letter as a PDF from the program it was written in" in first["remedy"]
    assert bool(others) == (unread != "all pages")
