"""Which cases a batch finds, and that everything that clashes is named before work starts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.batch.errands import find_errands
from pipeline.batch.fingerprint import changed, evidence_names, fingerprint, look
from pipeline.batch.journal import alone
from pipeline.batch.model import BuildSettings
from pipeline.batch.tasks import find_tasks, refuse_clashes, task_of
from pipeline.batch.worker import build_case
from pipeline.errors import BatchError, ExitCode, OutputError
from pipeline.packet.publish import publication
from tests.batch.cases import light_case, write_cases
from tests.batch.wrong import make_too_deep
from tests.conftest import ROOT

SAMPLES = sorted((ROOT / "samples").glob("*/case.json"))


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cases in a folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    write_cases(tmp_path / "cases", 3)
    return tmp_path / "cases"


def found(*paths: str) -> list[str]:
    return [task.name for task in find_tasks(paths)]


def test_a_folder_is_searched_to_the_bottom(cases: Path) -> None:
    assert found("cases") == ["cases/case-0001/case.json", "cases/case-0002/case.json", "cases/case-0003/case.json"]


def test_a_pattern_a_file_and_a_folder_name_the_same_cases(cases: Path) -> None:
    assert found("cases/*/case.json") == found("cases/case-000?") == found("cases/**/*.json") == found("cases")
    assert found("cases/case-0002/case.json") == ["cases/case-0002/case.json"]


def test_other_json_and_hidden_folders_are_no_cases_and_a_case_may_have_another_name(cases: Path) -> None:
    (cases / "case-0001" / "report.json").write_text('{"case_id": "report", "packet_sha256": ""}', encoding="utf-8")
    (cases / "case-0001" / "notes.json").write_text("[1, 2]", encoding="utf-8")
    shutil.copytree(cases / "case-0001", cases / ".trash")
    (cases / "case-0002" / "case.json").rename(cases / "case-0002" / "osei.json")
    (cases / "case-0003" / "case.json").rename(cases / "case-0003" / "CASE.JSON")
    names = ["cases/case-0001/case.json", "cases/case-0002/osei.json", "cases/case-0003/CASE.JSON"]
    assert found("cases") == names
    assert [errand.task.name for errand in find_errands(["cases"])] == names


def test_json_of_any_name_that_cannot_be_read_is_a_task_and_is_refused(cases: Path, tmp_path: Path) -> None:
    text = (cases / "case-0001" / "case.json").read_text(encoding="utf-8")
    (cases / "cut.json").write_text(text[:-20], encoding="utf-8")
    (cases / "latin.json").write_bytes(text.replace("Sixth", "Sixth \N{LATIN SMALL LETTER E WITH ACUTE}").encode("cp1252"))
    (cases / "gone.json").symlink_to("nowhere.json")
    (cases / "gone.txt").symlink_to("nowhere.json")
    odd = ["cases/cut.json", "cases/gone.json", "cases/latin.json"]
    assert found("cases")[:3] == found("cases/*.*") == found("cases/*.json") == odd
    tasks = find_tasks(["cases/*.json"])
    refuse_clashes(tasks)
    rules = [[finding.rule for finding in build_case(task, BuildSettings(tmp_path / "out")).findings] for task in tasks]
    assert rules == [["case-syntax"], ["case-missing"], ["case-not-utf8"]]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails when a block takes longer, also where it waits for another program."""

    def stop(*_: object) -> None:
        raise AssertionError("it waits")  # no OSError, which the block may catch

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_pipes_and_devices_with_the_name_of_a_case_are_refused_and_never_waited_for(cases: Path, tmp_path: Path) -> None:
    os.mkfifo(cases / "x.json")
    (cases / "device.json").symlink_to("/dev/null")
    (cases / "case-0002" / "case.json").unlink()
    os.mkfifo(cases / "case-0002" / "case.json")
    with within(20):
        tasks = find_tasks(["cases"])
        refuse_clashes(tasks)
        odd = [task for task in tasks if not task.case_id]
        assert [task.name for task in odd] == ["cases/device.json", "cases/x.json", "cases/case-0002/case.json"]
        outcomes = [build_case(task, BuildSettings(tmp_path / "out")) for task in odd]
        assert [[(found.rule, found.where) for found in outcome.findings] for outcome in outcomes] == [
            [("case-not-a-file", task.name)] for task in odd
        ]
        assert [look(task).case for task in odd] == ["", "", ""]


def test_evidence_that_became_a_pipe_is_gone_and_never_waited_for(cases: Path, tmp_path: Path, no_official: Path) -> None:
    settings = BuildSettings(tmp_path / "out", forms=no_official)
    task = task_of("one", cases / "case-0001" / "case.json")
    before, outcome = look(task), build_case(task, settings)
    assert outcome.folder
    made = fingerprint(before, outcome, outcome.folder)
    for path, why in (
        (outcome.folder / "checklist.pdf", "packet gone: checklist.pdf"),
        (cases / "case-0001/evidence/means.pdf", "evidence"),
    ):
        path.unlink()
        os.mkfifo(path)
        with within(20):
            assert changed(look(task), made, outcome.folder)[0].startswith(why)


def test_links_to_folders_are_followed_and_each_case_is_built_once(cases: Path) -> None:
    (cases.parent / "elsewhere").mkdir()
    (cases / "case-0003").rename(cases.parent / "elsewhere" / "case-0003")
    (cases / "a-link").symlink_to(cases.parent / "elsewhere" / "case-0003")
    (cases / "another").symlink_to(cases / "case-0002")
    (cases / "case-0002" / "loop").symlink_to(cases)
    (cases / "case-0002" / "up").symlink_to(cases.parent)
    (cases / "self").symlink_to("self")
    expected = ["cases/case-0001/case.json", "cases/case-0002/case.json", "cases/a-link/case.json"]
    assert found("cases") == found("cases/*") == found("cases/*/case.json") == expected
    refuse_clashes(find_tasks(["cases"]))


def test_folders_that_cannot_be_searched_are_named_with_all_else_that_is_wrong(cases: Path) -> None:
    make_too_deep(cases)
    with pytest.raises(BatchError) as caught:
        find_tasks(["nowhere", "cases"])
    assert [(finding.rule, finding.where[:7]) for finding in caught.value.findings] == [
        ("batch-no-case", "nowhere"),
        ("batch-folder", "cases/d"),
    ]


@pytest.mark.parametrize("pattern", ["cases/**/case.json", "cases/**", "cases/*/**/*.json", "{here}/cases/**/*.json"])
def test_folders_that_a_pattern_leads_into_and_that_cannot_be_searched_are_named(cases: Path, pattern: str) -> None:
    assert len(find_tasks([pattern.format(here=cases.parent)])) == 3
    make_too_deep(cases)
    with pytest.raises(BatchError) as caught:
        find_tasks([pattern.format(here=cases.parent)])
    (finding,) = caught.value.findings
    assert (finding.rule, "/cases/dddd" in f"/{finding.where}") == ("batch-folder", True)
    assert len(find_tasks(["cases/case-*/**/*.json", "cases/case-0001/case.jso[n]"])) == 4, "they lead elsewhere"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_folders_that_a_pattern_may_not_read_are_named(cases: Path) -> None:
    (cases / "case-0002").chmod(0)
    for pattern in ("cases/*/case.json", "cases/*/*.json", "cases/case-000?/case.json", "cases/**/case.json", "cases/case-0002/case.json"):
        with pytest.raises(BatchError) as caught:
            find_tasks([pattern])
        assert [(finding.rule, finding.where) for finding in caught.value.findings] == [("batch-folder", "cases/case-0002")]
    assert len(find_tasks(["cases/case-000[13]/case.json"])) == 2
    (cases / "case-0002").chmod(0o700)


def test_a_case_that_cannot_be_read_is_a_task_all_the_same(cases: Path) -> None:
    (cases / "case-0002" / "case.json").write_text("{", encoding="utf-8")
    tasks = find_tasks(["cases"])
    assert [bool(task.case_id) for task in tasks] == [True, False, True]
    refuse_clashes(tasks)


def test_every_path_without_a_case_is_named(cases: Path) -> None:
    (cases / "empty").mkdir()
    with pytest.raises(BatchError) as caught:
        find_tasks(["cases", "cases/empty", "nowhere.json", "*.txt"])
    assert caught.value.exit_code is ExitCode.BATCH
    assert [finding.where for finding in caught.value.findings] == ["cases/empty", "nowhere.json", "*.txt"]


def test_a_case_named_twice_a_shared_id_and_a_shared_folder_are_all_named_at_once(cases: Path) -> None:
    first, second, third = (json.loads((cases / f"case-000{number}" / "case.json").read_text(encoding="utf-8")) for number in (1, 2, 3))
    second["case_id"] = first["case_id"]
    third["case_id"] = f"{first['case_id']}-decided"
    for number, data in ((2, second), (3, third)):
        (cases / f"case-000{number}" / "case.json").write_text(json.dumps(data), encoding="utf-8")
    write_cases(cases / "more", 1)
    staged = light_case(1) | {"stage": {"name": "decided"}}
    (cases / "more" / "case-0001" / "case.json").write_text(json.dumps(staged | {"case_id": "another"}), encoding="utf-8")
    fourth = cases / "more" / "case-0001" / "fourth.json"
    fourth.write_text(json.dumps(light_case(1) | {"case_id": "another-decided"}), encoding="utf-8")
    (cases / "link").symlink_to(cases / "case-0001")
    with pytest.raises(BatchError) as caught:
        refuse_clashes(find_tasks(["cases", "cases/link/case.json"]))
    assert [(finding.rule, finding.where) for finding in caught.value.findings] == [
        ("batch-same-id", "cases/case-0002/case.json"),
        ("batch-same-folder", "cases/more/case-0001/fourth.json"),
        ("batch-named-twice", "cases/link/case.json"),
    ]
    assert first["case_id"] not in str(caught.value), "an id is a value of the case"


def test_a_filing_and_what_follows_it_may_share_their_id_and_both_are_built(cases: Path, tmp_path: Path, no_official: Path) -> None:
    staged = json.loads((cases / "case-0001" / "case.json").read_text(encoding="utf-8")) | {"stage": {"name": "approved"}}
    for name in ("approved.json", "again.json"):
        (cases / "case-0001" / name).write_text(json.dumps(staged), encoding="utf-8")
    filing, approved, again = find_tasks([f"cases/case-0001/{name}.json" for name in ("case", "approved", "again")])
    refuse_clashes([filing, approved])
    settings = BuildSettings(tmp_path / "out", draft=True, forms=no_official)
    outcomes = [build_case(task, settings) for task in (filing, approved)]
    assert [outcome.folder and outcome.folder.name for outcome in outcomes] == [filing.case_id, f"{filing.case_id}-approved"]
    with pytest.raises(BatchError) as caught:
        refuse_clashes([filing, approved, again])
    assert [(finding.rule, finding.where) for finding in caught.value.findings] == [("batch-same-folder", "cases/case-0001/again.json")]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows names of any bytes")
def test_names_that_are_no_text_are_refused_before_work_starts(cases: Path) -> None:
    odd = Path(os.fsdecode(b"odd\xff"))
    (cases / "case-0001").rename(cases / odd)
    with pytest.raises(BatchError) as caught:
        refuse_clashes(find_tasks(["cases"]))
    assert [(finding.rule, finding.where) for finding in caught.value.findings] == [("batch-name", f"cases/{odd}/case.json")]
    with pytest.raises(OutputError, match="no UTF-8 text"), alone(odd):
        pass
    with pytest.raises(OutputError, match="no UTF-8 text"), publication(odd / "packet", cases):
        pass
    assert not odd.exists()


def test_the_weight_counts_case_and_evidence(cases: Path) -> None:
    folder = cases / "case-0001"
    sizes = [path.stat().st_size for path in (folder / "case.json", *(folder / "evidence").iterdir())]
    assert task_of("one", folder / "case.json").weight == sum(sizes)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_every_file_that_a_sample_holds_is_among_its_names(sample: Path) -> None:
    names = set(evidence_names(json.loads(sample.read_text(encoding="utf-8"))))
    assert {f"evidence/{path.name}" for path in (sample.parent / "evidence").iterdir()} == names


def test_pages_of_several_files_and_letters_of_the_office_are_files_too() -> None:
    case = {"exhibits": [{"files": ["a.pdf", {"file": "b.pdf", "pages": "1-2"}]}], "letters": {"cover": "c.docx", "salutation": "Dear all"}}
    assert list(evidence_names(case)) == ["a.pdf", "b.pdf", "c.docx"]


@pytest.mark.parametrize(
    "wrong", ["[]", "1", '{"case_id": 5}', '{"case_id": "a", "stage": 1}', '{"case_id": "a/../b"}', '{"exhibits": {"file": 3}}']
)
def test_a_task_is_made_of_whatever_a_file_holds(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "case.json"
    path.write_text(wrong, encoding="utf-8")
    assert task_of("case.json", path).folder == ""
