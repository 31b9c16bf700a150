"""`packet batch` and `packet status` as a person uses them."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from pipeline.batch.model import Outcome, State
from pipeline.cli.batch import summary
from pipeline.cli.main import main
from pipeline.errors import ExitCode
from tests.batch.cases import write_cases


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_official: Path) -> Path:
    """A case that breaks the schema and one that is no JSON."""
    monkeypatch.chdir(tmp_path)
    first, second = write_cases(tmp_path / "cases", 2)
    data = json.loads(first.read_text(encoding="utf-8"))
    del data["petitioner"]["sex"]
    first.write_text(json.dumps(data), encoding="utf-8")
    second.write_text("{", encoding="utf-8")
    return tmp_path / "cases"


def test_nothing_named_is_a_wrong_use() -> None:
    assert run("batch").exit_code == 2


@pytest.mark.parametrize("named", ["forms", "templates"])
def test_a_folder_that_is_named_and_not_there_is_one_error_before_any_case(
    named: str, cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if named == "forms":
        monkeypatch.setenv("PACKET_FORMS", str(cases.parent / "mistyped"))
    result = run("batch", cases, *(["--templates", "mistyped"] if named == "templates" else []))
    assert result.exit_code not in (0, ExitCode.INTERNAL)
    assert result.stderr.count("mistyped") == 1
    assert "case-0001" not in result.stderr + result.stdout
    assert not Path("out").exists()


def test_every_path_without_a_case_is_named_and_nothing_is_written(cases: Path) -> None:
    result = run("batch", "nowhere", cases, "*.cas")
    assert result.exit_code == ExitCode.BATCH
    assert [line.split("  ")[0] for line in result.stderr.splitlines() if "[batch-no-case]" in line] == ["nowhere", "*.cas"]
    assert not Path("out").exists()


def test_refused_cases_are_explained_and_status_says_what_is_next(cases: Path) -> None:
    result = run("batch", "cases", "-j", 1)
    assert result.exit_code == ExitCode.CASE_INVALID
    assert "cases/case-0001/case.json: refused (new)" in result.stderr
    assert "/petitioner/sex" in result.stderr
    assert "2 cases: 0 ready, 0 draft, 2 refused, 0 failed; 2 built, 0 unchanged" in result.stdout
    assert "built because: 2 new" in result.stdout.splitlines()
    result = run("status")
    assert result.exit_code == 0
    assert "ended" in result.stdout.splitlines()[0]
    assert "cases/case-0002/case.json: refused; to build: refused last time" in result.stdout
    assert result.stdout.splitlines()[-1] == "2 cases: 2 refused; 2 to build"
    assert run("status", cases).exit_code == ExitCode.BATCH


def test_status_lists_the_rows_of_a_roster_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_official: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.json").write_text("{}", encoding="utf-8")
    Path("families.csv").write_text("/case_id\n" + "".join(f"family-{number}\n" for number in range(11)), encoding="utf-8")
    assert run("batch", "--roster", "families.csv", "--base", "base.json", "--fail-fast", "-j", 1).exit_code == ExitCode.CASE_INVALID
    lines = run("status").stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[2:-1]] == [f"families.csv row {number}" for number in range(2, 13)]


def test_a_case_whose_folder_was_moved_is_gone_until_the_next_run_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_official: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    write_cases(tmp_path / "cases", 1)
    assert run("batch", "cases").exit_code == 0
    Path("cases/case-0001").rename("cases/moved")
    assert "cases/case-0001/case.json: draft; to build: case gone" in run("status").stdout.splitlines()
    assert "0 built, 1 unchanged" in run("batch", "cases").stdout
    assert run("status").stdout.splitlines()[1:] == ["cases/moved/case.json: draft", "1 case: 1 draft; 0 to build"]


def test_the_summary_counts_reasons_and_names_no_file_of_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    whys = ["new", "evidence changed: evidence/a.pdf", "evidence changed: evidence/b.pdf", "forms changed: i-131.pdf", "unchanged"]
    summary([Outcome("a", "a", State.READY, ExitCode.OK, (), None, 0, {}, 0, 0, why != "unchanged", why) for why in whys], 5)
    assert capsys.readouterr().out.splitlines()[-1] == "built because: 2 evidence changed, 1 new, 1 forms changed: i-131.pdf"


def test_cases_that_fail_fast_left_are_in_status_reports_and_the_sheet_for_the_mail_room(cases: Path) -> None:
    third, fourth = write_cases(cases, 2, first=3)
    assert run("batch", third, "-j", 1).exit_code == 0
    third.write_text(third.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    first = cases / "case-0001" / "case.json"
    first.write_text(first.read_text(encoding="utf-8") + " " * 1_000_000, encoding="utf-8")  # the largest, so that it is built first
    result = run("batch", first, cases / "case-0003", fourth, "-j", 1, "--fail-fast")
    ids = [json.loads(path.read_text(encoding="utf-8"))["case_id"] for path in (third, fourth)]
    assert result.exit_code == ExitCode.CASE_INVALID, result.stderr
    assert "3 cases: 0 ready, 0 draft, 1 refused, 0 failed; 1 built, 0 unchanged, 2 not begun" in result.stdout
    report = json.loads(Path("out/report.json").read_bytes())
    assert report["states"] == {"ready": 0, "draft": 0, "refused": 1, "failed": 0, "not begun": 2}
    assert [(one["case_id"], one["state"]) for one in report["cases"]][1:] == [(case_id, "not begun") for case_id in ids]
    assert Path("out/report.csv").read_text(encoding="utf-8").count("not begun") == 2
    assert "Not begun" in Path("out/report.html").read_text(encoding="utf-8")
    document = pypdfium2.PdfDocument(Path("out/mail-room.pdf"))
    sheet = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    assert f"not to be sent before another run has built them: {ids[0]}, {ids[1]}." in sheet
    lines = run("status").stdout.splitlines()
    assert lines[1].startswith("it has not begun")
    assert f"{third}: not begun, an earlier run left it draft; to build: case changed" in lines
    assert f"{fourth}: not begun; to build: new" in lines
    assert lines[-1] == "3 cases: 2 not begun, 1 refused; 3 to build"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's own")
@pytest.mark.parametrize("log", ["2>/dev/full", ">/dev/full 2>&1", "2>&1 | head -1"])
def test_a_log_that_cannot_be_written_stops_no_case(cases: Path, log: str) -> None:
    packet = Path(sys.executable).with_name("packet")
    shell = subprocess.run(
        ["bash", "-c", f'"$0" batch cases -j 1 {log}; exit ${{PIPESTATUS[0]}}', packet], capture_output=True, text=True, check=False
    )
    assert shell.returncode == ExitCode.CASE_INVALID, shell.stderr
    assert shell.stderr == ""
    assert json.loads(Path("out/report.json").read_bytes())["states"]["refused"] == 2
    assert ("2 cases: " in shell.stdout) == (log == "2>/dev/full")
    assert "; 2 built, 0 unchanged" in run("batch", "cases").stdout


def test_a_terminal_shows_a_bar_and_says_at_the_end_what_was_refused(cases: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    batch = subprocess.Popen(
        [Path(sys.executable).with_name("packet"), "batch", "cases", "-j", "1"], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert batch.wait() == ExitCode.CASE_INVALID
    text = shown.decode()
    assert "packets" in text
    assert "a second, 2 without a packet" in text
    bars = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9?;]*[a-zA-Z]", "", text)) if line.startswith("packets")]
    assert max(len(bar) for bar in bars) < 80, "a bar that is wider takes a line for each case"
    assert "2/2" in text
    assert "case.json: refused (new)" not in text
    assert "built because: 2 new" in text
    assert text.index("2/2") < text.index("case-0001/case.json: refused")
