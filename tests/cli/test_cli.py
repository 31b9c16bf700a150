"""The command line: help, exit codes, what is printed, and what never is."""

from __future__ import annotations

import io
import json
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.main import main
from pipeline.cli.report import Progress, print_findings
from pipeline.errors import EvidenceError, ExitCode
from pipeline.findings import Finding, Level
from pipeline.resources import shipped
from tests.conftest import ROOT, SAMPLE


def run(*arguments: str | Path) -> Result:
    """Run `packet` in this process."""
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of the sample that a test may break."""
    shutil.copytree(SAMPLE.parent, tmp_path / "case")
    return tmp_path / "case" / "case.json"


def change(case: Path, pointer: str, value: Any) -> None:
    """Set one value of a case file."""
    data = json.loads(case.read_text(encoding="utf-8"))
    *way, last = pointer.split("/")[1:]
    place: Any = data
    for token in way:
        place = place[int(token)] if isinstance(place, list) else place[token]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    case.write_text(json.dumps(data, indent=2, ensure_ascii=False), encoding="utf-8")


def strings(value: Any) -> list[str]:
    """Every text of a case that could name a person."""
    if isinstance(value, dict):
        return [s for k, v in value.items() if k not in ("$schema", "kind", "case_id", "id") for s in strings(v)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("command", ["", "validate", "show", "build", "verify", "forms", "forms add", "forms fetch", "forms diff"])
def test_every_command_has_help(command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


@pytest.mark.parametrize("command", ["", "validate", "show", "build", "verify", "forms"])
def test_help_of_commands_shows_examples(command: str) -> None:
    assert re.search(r"Examples?:\n", run(*command.split(), "--help").output)


def test_help_answers_in_a_fifth_of_a_second() -> None:
    """Processor time, so that a busy machine does not count."""
    packet = Path(sys.executable).parent / "packet"

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(3):
        start = spent()
        subprocess.run([packet, "--help"], check=True, capture_output=True)
        times.append(spent() - start)
    assert min(times) < 0.2


def test_every_exit_code_is_documented() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for code in ExitCode:
        if code is not ExitCode.OK:
            assert f"## {int(code)} {code.name}" in text
    assert min(int(c) for c in ExitCode if c is not ExitCode.OK) == 3


def test_validate_the_sample() -> None:
    result = run("validate", SAMPLE)
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.output


def test_validate_names_every_break_with_line_and_column(case: Path) -> None:
    change(case, "/beneficiaries/0/date_of_birth", "5 May 1990")
    change(case, "/beneficiaries/1/sex", "f")
    change(case, "/petitioner/fmaily", "x")
    result = run("validate", case)
    assert result.exit_code == ExitCode.CASE_INVALID
    lines = [line for line in result.output.splitlines() if line.startswith("case.json:")]
    assert len(lines) == 3
    assert all(re.match(r"case\.json:\d+:\d+ /\S+ ", line) for line in lines)
    assert [int(line.split(":")[1]) for line in lines] == sorted(int(line.split(":")[1]) for line in lines)
    assert "such as 1990-05-05" in result.output or "date" in result.output
    assert "5 May 1990" not in result.output


def test_a_file_that_is_no_json(case: Path) -> None:
    case.write_text('{"case_id": "x",,}', encoding="utf-8")
    result = run("validate", case)
    assert result.exit_code == ExitCode.CASE_UNREADABLE
    assert re.search(r"case\.json:1:\d+", result.output)


def test_several_cases_go_on_after_a_bad_one(case: Path) -> None:
    result = run("validate", case.parent / "nothing.json", case)
    assert result.exit_code == ExitCode.CASE_UNREADABLE
    assert "2 cases" in result.output


def test_show_prints_the_plan_as_a_tree() -> None:
    result = run("show", SAMPLE)
    assert result.exit_code == 0
    assert "├── Form I-131, beneficiary 1 of 2" in result.output
    assert "└── Exhibit K: Bank statement" in result.output
    assert "certificate: evidence/birth-certificate-certificate.pdf" in result.output


@pytest.mark.parametrize(("style", "first", "last"), [("tabs", "Tab 1: ", "Tab 11: "), ("numbers", "Exhibit 1: ", "Exhibit 11: ")])
def test_show_labels_the_exhibits_as_the_office_does(style: str, first: str, last: str, tmp_path: Path) -> None:
    (tmp_path / "office.yaml").write_text(f"labels: {style}\n", encoding="utf-8")
    result = run("show", SAMPLE, "--templates", tmp_path)
    assert result.exit_code == 0
    assert f"├── {first}" in result.output
    assert f"└── {last}Bank statement" in result.output
    assert "Exhibit A" not in result.output


def test_build_writes_a_draft_on_a_fresh_machine_and_says_how_to_get_the_forms(tmp_path: Path, no_official: Path) -> None:
    result = run("build", SAMPLE, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "draft" in result.output
    assert "packet forms add" in result.output
    assert (tmp_path / "out" / "quennevar-medical" / "packet.pdf").is_file()
    shown = run("verify", tmp_path / "out" / "quennevar-medical")
    assert shown.exit_code == 0
    assert "659 of 659 values read back, 100 %" in shown.output
    with (tmp_path / "out" / "quennevar-medical" / "packet.pdf").open("ab") as packet:
        packet.write(b"\n")
    changed = run("verify", tmp_path / "out" / "quennevar-medical")
    assert changed.exit_code != 0
    assert "NOT AS ITS MANIFEST SAYS, 1 found, 99 pages" in changed.output
    assert "draft, 99" not in changed.output


def test_build_prints_no_value_of_the_case(case: Path, tmp_path: Path, no_official: Path) -> None:
    change(case, "/petitioner/mailing_address/city", "Llanfairpwllgwyngyllgogerychwyrndrobwll")
    change(case, "/supporters/0/supports/1/beneficiary", "nobody")
    result = run("build", case, "--out", tmp_path / "out")
    assert result.exit_code != 0
    assert not (tmp_path / "out").exists()
    data = json.loads(case.read_text(encoding="utf-8"))
    named = {entry["file"] for entry in data["exhibits"]}
    people = [data["petitioner"], *data["beneficiaries"], data["representative"]]
    values = {s for s in strings(people) if len(s) > 3} - named
    words = result.output.replace(str(case), "")
    assert not [v for v in values if re.search(rf"(?<![\w-]){re.escape(v)}(?![\w-])", words) and v.lower() not in ("female", "male")]


def test_keep_work_keeps_the_typeset_sources(tmp_path: Path, no_official: Path) -> None:
    assert run("build", SAMPLE, "--out", tmp_path, "--keep-work").exit_code == 0
    work = tmp_path / "quennevar-medical" / "work"
    assert (work / "cover-letter.typ").is_file()
    assert (work / "exhibit-A-1.pdf").is_file()


def test_as_of_dates_the_letter(tmp_path: Path, no_official: Path) -> None:
    assert run("build", SAMPLE, "--out", tmp_path, "--as-of", "2026-12-01").exit_code == 0
    assert json.loads((tmp_path / "quennevar-medical" / "manifest.json").read_text())["as_of"] == "2026-12-01"


def test_verify_of_a_response_speaks_of_no_values_since_it_holds_no_form(tmp_path: Path, no_official: Path) -> None:
    response = Path(SAMPLE).parents[1] / "response" / "case.json"
    assert run("build", response, "--out", tmp_path / "out").exit_code == 0
    (manifest,) = (tmp_path / "out").glob("*/manifest.json")
    shown = run("verify", manifest.parent)
    assert (shown.exit_code, "15 pages, no form values to read back" in shown.output) == (0, True)


def test_verify_of_a_folder_without_a_packet(tmp_path: Path) -> None:
    result = run("verify", tmp_path)
    assert result.exit_code == ExitCode.VERIFY
    assert "manifest.json" in result.output


def test_a_file_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([Finding("a-rule", Level.ERROR, "evidence/\x1b[2J\nfake.pdf", "mañana", "a\x07 remedy")])
    said = capsys.readouterr().err
    assert "evidence/\\x1b[2J\\nfake.pdf" in said
    assert "mañana" in said
    assert not {"\x1b", "\x07"} & set(said)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_an_error_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with pytest.raises(EvidenceError) as caught, Progress("case.json").stage("forms and evidence"):
        raise EvidenceError.one("evidence-empty", "evidence/a.pdf", "the file is empty")
    print_findings(caught.value.findings)
    shown, _, rest = terminal.getvalue().rpartition("\r\x1b[K")
    assert shown.endswith("case.json: forms and evidence ...")
    assert rest.startswith("evidence/a.pdf  ")


def test_a_fault_of_ours_shows_no_traceback_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("Marisolda")

    monkeypatch.setattr("pipeline.packet.examine.read_case", fault)
    result = run("validate", SAMPLE)
    assert result.exit_code == ExitCode.INTERNAL
    assert "Marisolda" not in result.output
    assert "RuntimeError" in result.output
    with pytest.raises(RuntimeError):
        run("--debug", "validate", SAMPLE)


def test_forms_list_says_what_is_missing(no_official: Path) -> None:
    result = run("forms", "list")
    assert result.exit_code == 0
    assert result.output.count("missing") == 6


def test_the_manifest_schema_is_shipped() -> None:
    assert (shipped("schemas") / "manifest.json").is_file()


def test_a_build_that_is_interrupted_ends_with_the_code_of_the_signal_and_leaves_nothing(tmp_path: Path) -> None:
    command: list[str | Path] = [Path(sys.executable).with_name("packet"), "build", SAMPLE, "--draft", "--out", tmp_path / "out"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as build:
        assert build.stderr
        first = build.stderr.readline()
        build.send_signal(signal.SIGINT)
        _, said = build.communicate(timeout=60)
    assert ": check, " in first
    assert build.returncode == 130, said
    assert said.endswith("stopped\n")
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize("closed", ["2>&-", "2>&- <&- >&-"])
def test_a_stream_that_the_caller_closed_stops_no_batch(tmp_path: Path, closed: str) -> None:
    packet = Path(sys.executable).with_name("packet")
    command: list[str | Path] = ["bash", "-c", f'"$0" batch "$1" --draft --out "$2" {closed}', packet, SAMPLE, tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("1 case: " in done.stdout) == (closed == "2>&-")
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["states"]["failed"] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["rules"], ["show", str(SAMPLE)]])
def test_what_finds_no_room_on_the_disk_is_told_as_that(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        command = [str(Path(sys.executable).with_name("packet")), *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == ExitCode.OUTPUT
    assert done.stderr.endswith("[disk-full]\n    Free the space, or send the output elsewhere.\n")
    assert "Exception" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_where_there_is_no_room_for_the_message_either_the_exit_code_says_it() -> None:
    with Path("/dev/full").open("w") as full:
        command = [str(Path(sys.executable).with_name("packet")), "validate", str(SAMPLE)]
        assert subprocess.run(command, stdout=full, stderr=full, check=False, timeout=60).returncode == ExitCode.OUTPUT
