"""The reports of a batch, over outcomes whose parcel comes from a packet that was really built."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from pipeline.batch.model import BuildSettings, Outcome, State
from pipeline.batch.parcel import Parcel, Signer, parcel_of
from pipeline.batch.report import report_html, write_reports
from pipeline.batch.tasks import task_of
from pipeline.batch.worker import build_case
from pipeline.errors import ExitCode, OutputError, TemplateError
from pipeline.findings import Finding, Level
from tests.conftest import SAMPLE

NAMES = ("report.json", "report.csv", "report.html", "print-order.csv", "mail-room.pdf")
WRONG = Finding("date-order", Level.ERROR, "case.json:4:2 /request", "is <not> as it should be", "Correct it & build again.")
NOTE = Finding("history-short", Level.WARNING, "case.json:9:2 /request", "is short", "Look at it.")


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The sample on facsimiles, with one finding and round times."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "forms").mkdir()
    settings = BuildSettings(folder / "out", forms=folder / "forms")
    outcome = build_case(task_of("cases/quennevar/case.json", SAMPLE), settings)
    return replace(outcome, findings=(NOTE,), seconds={"check": 0.02, "letters": 0.25}, why="new")


@pytest.fixture
def outcomes(draft: Outcome) -> list[Outcome]:
    """One case in each state, and an online filing; the ready ones have the draft's parcel."""
    ready = replace(draft, case_id="ready-one", state=State.READY, folder=Path("ready-one"), built=False, why="unchanged")
    assert draft.parcel
    online = replace(ready, case_id="online-one", folder=Path("online-one"), parcel=replace(draft.parcel, mode="online", address=()))
    refused = replace(
        draft, case_id="", name="=bad/case.json", state=State.REFUSED, exit_code=ExitCode.CASE_INVALID, findings=(WRONG, WRONG), folder=None
    )
    gone = replace(refused, parcel=None, pages=0)
    failed = replace(gone, case_id="failed-one", state=State.FAILED, exit_code=ExitCode.INTERNAL, findings=(), seconds={})
    return [ready, draft, online, gone, failed]


def _read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def _words(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def test_every_report_is_written_for_the_owner_alone(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    written = write_reports(outcomes, tmp_path / "out")
    assert [path.name for path in written] == list(NAMES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    again = write_reports(outcomes, tmp_path / "again")
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in again]


def test_what_a_killed_run_left_of_a_report_goes_and_nothing_else(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    kept = [".report.csv.mine", "report.csv.x6u_20s6", ".notes.x6u_20s6"]
    for name in (*kept, ".report.csv.x6u_20s6", ".mail-room.pdf.abcdefgh"):
        (tmp_path / name).touch()
    write_reports(outcomes, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*NAMES, *kept}


def test_the_json_report_gives_the_outcomes_back(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    write_reports(outcomes, tmp_path)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["states"] == {"ready": 2, "draft": 1, "refused": 1, "failed": 1}
    assert report["rules"] == [
        {"rule": "history-short", "level": "warning", "count": 3, "cases": 3},
        {"rule": "date-order", "level": "error", "count": 2, "cases": 1},
    ]
    assert report["stages"][0] == {"stage": "check", "seconds": 0.04, "cases": 2}
    back = [Outcome.from_json(case) for case in report["cases"]]
    assert [replace(one, folder=None) for one in back] == [replace(one, folder=None) for one in outcomes]


def test_a_parcel_comes_back_from_json(draft: Outcome) -> None:
    assert draft.parcel is not None
    assert Parcel.from_json(json.loads(json.dumps(to_builtins(draft.parcel)))) == draft.parcel


def test_a_work_permit_that_is_paid_without_the_request_is_signed_by_its_payer(draft: Outcome) -> None:
    assert draft.folder is not None
    manifest = json.loads((draft.folder / "manifest.json").read_bytes())
    free = manifest["filing"]["fee"] | {"each": 0, "form": None}
    paid = {"each": 560, "count": 1, "form": "G-1650", "waiver": False, "exemption": None}
    page = "payment/form-g-1650-beneficiary-1-work-permit.pdf"
    parcel = parcel_of(manifest | {"filing": manifest["filing"] | {"fee": free, "work_permit_fee": paid, "payment_pages": [page]}})
    assert (parcel.payment_form, parcel.signers[-1]) == ("G-1650", Signer("the payer, on G-1650", 1))
    assert [
        one for one in parcel_of(manifest | {"filing": manifest["filing"] | {"payment_pages": []}}).signers if "payer" in one.name
    ] == []


def test_the_table_has_a_line_for_each_case_and_no_formula(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    write_reports(outcomes, tmp_path)
    lines = _read(tmp_path / "report.csv")
    assert [line["state"] for line in lines] == ["ready", "draft", "ready", "refused", "failed"]
    assert lines[0]["packet"] == "ready-one/packet.pdf"
    assert lines[0]["payment forms"] == "2 x G-1450"
    assert lines[0]["beneficiaries"] == "Ilario Benedicto Tostabrel; Nerea Luz Tostabrel"
    assert lines[0]["signatures"] == "Imogen P Ravensholt 7; Marisolda Ivette Quennevar 6; the payer, on G-1450 2"
    assert lines[3]["source"] == "'=bad/case.json"
    assert lines[3]["errors"] == "2"


def test_what_is_printed_is_each_ready_packet_on_paper_with_its_payment_pages_on_top(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    write_reports(outcomes, tmp_path)
    pages = [(line["packet"], line["file"], line["pages"]) for line in _read(tmp_path / "print-order.csv")]
    assert pages == [
        ("1", "ready-one/payment/form-g-1450-beneficiary-1-request.pdf", "1"),
        ("1", "ready-one/payment/form-g-1450-beneficiary-2-request.pdf", "1"),
        ("1", "ready-one/packet.pdf", str(outcomes[0].pages)),
    ]


def test_the_mail_room_sheet_has_a_line_a_packet(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    write_reports(outcomes, tmp_path)
    words = _words(tmp_path / "mail-room.pdf")
    parcel = outcomes[0].parcel
    assert parcel is not None
    assert "1 packet goes out on paper" in words
    assert ", ".join(parcel.address) in words
    assert "ready-one" in words
    assert "Ilario Benedicto Tostabrel" in words
    assert "2 x G-1450" in words
    assert f" {outcomes[0].pages} " in words
    assert "7 by Imogen P Ravensholt" in words
    assert "6 by Marisolda Ivette Quennevar" in words
    assert "2 by the payer, on G-1450" in words
    assert "Drafts, not to be sent: quennevar-medical." in words
    assert "To be uploaded: online-one." in words


def test_papers_tell_a_request_from_its_response_and_name_what_is_no_longer_right(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    ready, draft, _, _, failed = outcomes
    response = replace(draft, case_id="ready-one", folder=Path("ready-one-response"))
    write_reports([ready, response, replace(failed, former="failed-one")], tmp_path)
    words = _words(tmp_path / "mail-room.pdf")
    assert "Drafts, not to be sent: ready-one-response." in words
    assert "An earlier packet lies there and is not right any more, not to be sent: failed-one." in words
    assert {line["case"] for line in _read(tmp_path / "print-order.csv")} == {"ready-one"}
    assert "An earlier packet lies in failed-one" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_batch_without_packets_has_reports(tmp_path: Path) -> None:
    write_reports([], tmp_path)
    assert "No packet goes out on paper." in _words(tmp_path / "mail-room.pdf")
    assert "Nothing was built" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert _read(tmp_path / "report.csv") == []


class _Page(HTMLParser):
    """The links, addresses and elements of a page, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input", "br", "rect"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.loads += [value or "" for name, value in attrs if name in ("src", "style")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""


def test_the_page_stands_alone_and_prints_no_value_as_markup(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    write_reports(outcomes, tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert page.loads == []
    assert page.links[4:] == [
        *("ready-one/packet.pdf", "#open-1", "quennevar-medical/packet.pdf", "#open-2", "online-one/packet.pdf", "#open-3", "#open-4")
    ]
    assert "http" not in re.sub(r"https://www\.uscis\.gov\S+|http-equiv", "", text)
    assert "is &lt;not&gt; as it should be" in text
    assert "Draft because:" in text


def test_markup_in_a_name_stays_text(draft: Outcome) -> None:
    evil = "</script><script>alert(1)</script>"
    assert draft.parcel is not None
    page = report_html([replace(draft, name=evil, parcel=replace(draft.parcel, beneficiaries=(evil,)))]).decode()
    assert evil not in page
    assert page.count("<script>") == 1


def test_a_name_that_no_font_has_costs_the_mail_room_sheet_alone(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    ready = outcomes[0]
    assert ready.parcel is not None
    strange = replace(ready, parcel=replace(ready.parcel, beneficiaries=("\N{LINEAR A SIGN AB001}",)))
    with pytest.raises(TemplateError) as caught:
        write_reports([strange], tmp_path)
    assert "U+10600" in caught.value.findings[0].message
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES) - {"mail-room.pdf"}


def test_a_disk_that_refuses_is_an_output_error(outcomes: Sequence[Outcome], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError):
        write_reports(outcomes, tmp_path / "out")
