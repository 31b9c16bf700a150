"""A batch of a hundred cases, ten of them wrong in ten ways: all accounted for, none touched by another, and built again as needed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.batch.journal import open_known
from pipeline.batch.model import Bounds, BuildSettings, Outcome, State, Task
from pipeline.batch.report import write_reports
from pipeline.batch.run import reasons, run_batch, worst
from pipeline.batch.tasks import find_tasks, refuse_clashes, task_of
from pipeline.batch.worker import build_case
from pipeline.cli.batch import Watcher, summary
from pipeline.errors import ExitCode, PacketError
from tests.batch.cases import texts, write_cases
from tests.batch.whole import leftovers, packets
from tests.batch.wrong import IN_WORKER, ON_DISK, Saboteur, halt
from tests.conftest import ROOT

GOOD = 90
BOUNDS = Bounds(workers=2)


@dataclass(frozen=True)
class Batch:
    """A batch that has run once, mixed of good and wrong cases."""

    folder: Path
    settings: BuildSettings
    outcomes: Mapping[str, Outcome]
    """By the name of the case's folder."""
    wrong: Mapping[str, str]
    """What is wrong with a case, by the name of its folder."""
    log: str
    """Everything that was printed."""

    @property
    def out(self) -> Path:
        return self.settings.out

    @property
    def good(self) -> list[Task]:
        return [task for task in find_tasks([str(self.folder)]) if task.path.parent.name not in self.wrong]


class _Loud(Saboteur):
    """Harms workers, and shows what the command shows."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.shown = Watcher()

    def begin(self, total: int, unchanged: int) -> None:
        super().begin(total, unchanged)
        self.shown.begin(total, unchanged)

    def done(self, outcome: Outcome) -> None:
        super().done(outcome)
        self.shown.done(outcome)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Ninety good cases and ten wrong ones, built on facsimiles by two workers."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "forms").mkdir()
    paths = write_cases(folder / "cases", GOOD + len(ON_DISK) + len(IN_WORKER))
    wrong: dict[str, str] = {}
    for place, (what, (spoil, _)) in enumerate(ON_DISK.items()):
        spoil(paths[place * 9])
        wrong[paths[place * 9].parent.name] = what
    harm = {paths[place * 9 + 2]: do for place, do in enumerate(IN_WORKER.values())}
    wrong |= {path.parent.name: what for path, what in zip(harm, IN_WORKER, strict=True)}
    settings = BuildSettings(folder / "out", forms=folder / "forms")
    tasks = find_tasks([str(folder / "cases")])
    refuse_clashes(tasks)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        watch = _Loud(harm)
        outcomes = run_batch(tasks, settings, BOUNDS, watch)
        watch.shown.end()
        summary(outcomes, len(tasks))
    by_folder = {task.path.parent.name: outcome for task, outcome in zip(tasks, outcomes, strict=True)}
    return Batch(folder / "cases", settings, by_folder, wrong, out.getvalue() + err.getvalue())


def test_every_case_has_an_outcome_and_only_the_wrong_ones_have_no_packet(batch: Batch) -> None:
    expected = dict.fromkeys(batch.outcomes, State.DRAFT)
    for folder, what in batch.wrong.items():
        expected[folder] = State.REFUSED if what in ON_DISK else State.FAILED
    assert {folder: outcome.state for folder, outcome in batch.outcomes.items()} == expected
    assert len(packets(batch.out)) == GOOD
    assert leftovers(batch.out) == []


@pytest.mark.parametrize("what", ON_DISK)
def test_a_refused_case_has_its_own_exit_code_and_findings(batch: Batch, what: str) -> None:
    outcome = next(batch.outcomes[folder] for folder, wrong in batch.wrong.items() if wrong == what)
    assert outcome.exit_code is ON_DISK[what][1]
    assert any(finding.level == "error" for finding in outcome.findings)


def test_a_case_that_ends_every_worker_fails(batch: Batch) -> None:
    outcome = next(batch.outcomes[folder] for folder, wrong in batch.wrong.items() if wrong == "worker killed")
    assert outcome.exit_code is ExitCode.WORKER
    assert [finding.rule for finding in outcome.findings] == ["batch-worker"]


def test_a_case_that_hangs_fails_and_is_built_by_the_next_run(batch: Batch, tmp_path: Path) -> None:
    task, settings = batch.good[0], replace(batch.settings, out=tmp_path / "out")
    (outcome,) = run_batch([task], settings, Bounds(1, seconds=1), Saboteur({task.path: halt}))
    assert (outcome.state, outcome.exit_code) == (State.FAILED, ExitCode.WORKER)
    assert [finding.rule for finding in outcome.findings] == ["batch-time"]
    assert packets(settings.out) == {}
    (outcome,) = run_batch([task], settings, BOUNDS, Saboteur({}))
    assert (outcome.state, outcome.why) == (State.DRAFT, "failed last time")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
def test_a_case_that_needs_more_memory_than_allowed_fails_and_its_worker_is_replaced(batch: Batch, tmp_path: Path) -> None:
    watch = Saboteur({})
    outcomes = run_batch(batch.good[:2], replace(batch.settings, out=tmp_path / "out"), Bounds(1, memory_bytes=200_000_000), watch)
    assert [(outcome.state, outcome.exit_code) for outcome in outcomes] == [(State.FAILED, ExitCode.WORKER)] * 2
    assert {finding.rule for outcome in outcomes for finding in outcome.findings} == {"batch-memory"}
    assert len(set(watch.pids)) == 2


def test_a_thread_that_finds_no_room_is_a_shortage_of_memory_and_no_fault(tmp_path: Path) -> None:
    case = write_cases(tmp_path / "cases", 1)[0]
    (tmp_path / "forms").mkdir()
    before = threading.stack_size(1 << 46)  # more than any address space has
    try:
        outcome = build_case(task_of("one", case), BuildSettings(tmp_path / "out", forms=tmp_path / "forms"))
    finally:
        threading.stack_size(before)
    assert (outcome.state, outcome.exit_code) == (State.FAILED, ExitCode.WORKER)
    assert [finding.rule for finding in outcome.findings] == ["batch-memory"]
    assert not (tmp_path / "out" / task_of("one", case).folder).exists()


def test_a_folder_that_cannot_be_written_is_named_without_the_id_of_its_case(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2)
    (tmp_path / "forms").mkdir()
    tasks = find_tasks([str(tmp_path / "cases")])
    out = tmp_path / "out"
    for task, name in zip(tasks, ("notes.txt", "manifest.json/stray"), strict=True):
        (out / task.folder / name).parent.mkdir(parents=True)
        (out / task.folder / name).write_text("somebody's own", encoding="utf-8")
    outcomes = run_batch(tasks, BuildSettings(out, forms=tmp_path / "forms"), Bounds(1), Saboteur({}))
    for task, outcome in zip(tasks, outcomes, strict=True):
        assert [(finding.rule, finding.where) for finding in outcome.findings] == [("output-taken", str(out))]
        assert task.case_id not in str(outcome.findings)


@pytest.mark.parametrize("readable", [True, False])
def test_a_case_that_takes_the_id_of_another_during_the_run_fails_and_spares_its_packet(tmp_path: Path, readable: bool) -> None:
    _, second = write_cases(tmp_path / "cases", 2)
    text = second.read_text(encoding="utf-8")
    if not readable:
        second.write_text("{", encoding="utf-8")
    tasks = [replace(task, weight=weight) for task, weight in zip(find_tasks([str(tmp_path / "cases")]), (2, 1), strict=True)]
    other = json.loads(text) | {"case_id": tasks[0].case_id}
    (tmp_path / "forms").mkdir()
    settings = BuildSettings(tmp_path / "out", forms=tmp_path / "forms")

    def edit(_: int) -> None:
        second.write_text(json.dumps(other, indent=2), encoding="utf-8")

    watch = Saboteur({second: edit})
    kept, failed = run_batch(tasks, settings, Bounds(1), watch)
    assert (kept.state, failed.state, failed.exit_code) == (State.DRAFT, State.FAILED, ExitCode.OUTPUT)
    assert [(finding.rule, finding.where) for finding in failed.findings] == [("case-changed", "case.json:3:14 /case_id")]
    assert tasks[0].case_id not in str(failed.findings)
    assert packets(settings.out) == {tasks[0].folder: kept.files["packet.pdf"]}


def test_the_exit_code_tells_the_worst(batch: Batch) -> None:
    assert worst(batch.outcomes.values()) == max(outcome.exit_code for outcome in batch.outcomes.values()) >= ExitCode.WORKER


def test_a_packet_of_the_batch_is_the_packet_that_is_built_alone(batch: Batch, tmp_path: Path) -> None:
    task = batch.good[-1]
    alone = build_case(task, replace(batch.settings, out=tmp_path / "alone"))
    assert alone.files == batch.outcomes[task.path.parent.name].files
    assert alone.inputs.keys() == {"evidence/identity.pdf", "evidence/reason.pdf", "evidence/means.pdf"}


def test_the_log_holds_no_value_of_any_case(batch: Batch) -> None:
    ours = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "pipeline").rglob("*.py"))
    ours += " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "pipeline" / "law" / "data").glob("*.yaml"))
    ours += " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "schemas").rglob("*.json"))
    values = {value for path in batch.folder.rglob("*.json") for value in _values(path)}
    told = {value for value in values if len(value) >= 4 and value not in ours} - _file_names()
    assert len(told) > 300, "the cases' own names, numbers and addresses"
    assert [value for value in told if value in batch.log] == []
    assert batch.log.count("case.json: ") == len(batch.outcomes)


def _file_names() -> set[str]:
    """What the cases call their files, which is said as the office wrote it."""
    return {"../secret.pdf", *(f"evidence/{name}.pdf" for name in ("identity", "reason", "means"))}


def _values(path: Path) -> set[str]:
    try:
        return set(texts(json.loads(path.read_text(encoding="utf-8"))))
    except ValueError:
        return set()


def again(batch: Batch, tasks: list[Task], **options: object) -> dict[str, str]:
    """Runs the good cases again; why each was built, by the name of its folder."""
    watch = Saboteur({})
    outcomes = run_batch(tasks, replace(batch.settings, **options), BOUNDS, watch)
    assert worst(outcomes) is ExitCode.OK
    assert watch.total == (len(tasks), len(tasks) - len(watch.outcomes))
    return {task.path.parent.name: outcome.why for task, outcome in zip(tasks, outcomes, strict=True) if outcome.built}


def test_a_second_run_builds_what_changed_and_says_why(batch: Batch) -> None:
    tasks = batch.good
    before = packets(batch.out)
    assert again(batch, tasks) == {}
    by_reason = dict(zip(["case", "evidence", "touched", "added", "gone", "altered", "part"], tasks, strict=False))
    path = by_reason["case"].path
    path.write_text(path.read_text(encoding="utf-8").replace("Sixth and last", "Sixth"), encoding="utf-8")
    _write_again(by_reason["evidence"].path.parent / "evidence" / "means.pdf", by_reason["added"].path.parent / "evidence" / "means.pdf")
    os.utime(by_reason["touched"].path.parent / "evidence" / "means.pdf", ns=(1, 1))
    data = json.loads(by_reason["added"].path.read_text(encoding="utf-8"))
    shutil.rmtree(batch.out / by_reason["gone"].folder)
    with (batch.out / by_reason["altered"].folder / "packet.pdf").open("ab") as packet:
        packet.write(b"\n")
    (batch.out / by_reason["part"].folder / "checklist.pdf").unlink()
    expected = {
        by_reason["case"].path.parent.name: "case changed",
        by_reason["evidence"].path.parent.name: "evidence changed: evidence/means.pdf",
        by_reason["gone"].path.parent.name: "packet gone",
        by_reason["altered"].path.parent.name: "packet changed: packet.pdf",
        by_reason["part"].path.parent.name: "packet gone: checklist.pdf",
    }
    assert data["case_id"] == by_reason["added"].case_id
    with contextlib.closing(open_known(batch.out)) as journal:
        foreseen = reasons(journal.entries().values(), batch.settings)
    assert {task.path.parent.name: foreseen[task.key] for task in tasks if foreseen[task.key]} == expected
    assert again(batch, tasks) == expected
    assert again(batch, tasks) == {}
    after = packets(batch.out)
    same = {task.folder for task in tasks} - {by_reason["case"].folder, by_reason["evidence"].folder}
    assert {folder: after[folder] for folder in same} == {folder: before[folder] for folder in same}


def _write_again(path: Path, other: Path) -> None:
    """Puts another content of the same size and time of change in a file's place."""
    path.write_bytes(other.read_bytes())


def test_a_changed_form_option_fact_or_template_is_named(batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, settings = batch.good[-1].key, batch.settings
    with contextlib.closing(open_known(batch.out)) as journal:
        entry = journal.entries()[key]

    def why(**options: object) -> str:
        return reasons([entry], replace(settings, **options))[key]

    assert why() == ""
    assert why(mode="online") == "options changed: --mode"
    assert why(keep_work=True) == "options changed: --keep-work"
    assert why(decisions={"stay-over-a-year": "two operations"}) == "options changed: --accept"
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.7 no form")
    assert why(forms=tmp_path) == "forms changed: other.pdf"
    (tmp_path / "index.typ.j2").write_text("Index", encoding="utf-8")
    for beside in (".git/HEAD", ".DS_Store", ".index.typ.j2.swp", "index.typ.j2~"):
        (tmp_path / beside).parent.mkdir(exist_ok=True)
        (tmp_path / beside).write_text("nothing that a template is made of", encoding="utf-8")
    assert why(templates=tmp_path) == "office's templates changed: index.typ.j2 and 1 more"
    (tmp_path / "fees.yaml").write_text("topic: fees\nfacts: []\n", encoding="utf-8")
    monkeypatch.setenv("PACKET_LAW", str(tmp_path))
    assert why() == "office's facts changed: fees.yaml"
    (tmp_path / ".addresses.yaml").write_text("topic: addresses\nfacts: []\n", encoding="utf-8")  # read like any other, so it counts
    assert why() == "office's facts changed: .addresses.yaml and 1 more"
    monkeypatch.setattr("pipeline.batch.fingerprint._LIBRARIES", ("pikepdf",))
    assert why().startswith("libraries changed: jinja2 and ")


@pytest.mark.parametrize("wrong", ["decision", "facts"])
def test_a_setting_that_no_case_can_be_built_with_is_refused_once_and_costs_nothing(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    watch = Saboteur({})
    settings = batch.settings
    if wrong == "facts":
        monkeypatch.setenv("PACKET_LAW", str(tmp_path / "nowhere"))
    else:
        settings = replace(settings, decisions={"no-such-rule": "because"})
    with pytest.raises(PacketError):
        run_batch(batch.good[-2:], settings, BOUNDS, watch)
    assert watch.outcomes == []
    monkeypatch.delenv("PACKET_LAW", raising=False)
    assert again(batch, batch.good[-2:]) == {}


def test_evidence_that_is_gone_is_not_called_added_and_what_was_built_of_it_is_named(batch: Batch, tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases", 1)[0]
    more = path.parent / "evidence" / "more"
    more.mkdir()
    shutil.copy(path.parent / "evidence" / "means.pdf", more / "means.pdf")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["exhibits"][0]["file"] = "evidence/more"
    path.write_text(json.dumps(data), encoding="utf-8")
    settings = replace(batch.settings, out=tmp_path / "out")
    (task,) = find_tasks([str(path)])
    (first,) = run_batch([task], settings, BOUNDS, Saboteur({}))
    assert (first.state, first.former) == (State.DRAFT, "")
    shutil.rmtree(more)
    (second,) = run_batch([task], settings, BOUNDS, Saboteur({}))
    assert (second.state, second.why, second.former) == (State.REFUSED, "evidence gone: evidence/more/means.pdf", task.folder)
    assert (tmp_path / "out" / task.folder / "packet.pdf").is_file()


def test_a_case_that_has_another_id_now_names_the_packet_that_it_left(batch: Batch, tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases", 1)[0]
    settings = replace(batch.settings, out=tmp_path / "out")
    (first,) = run_batch(find_tasks([str(path)]), settings, BOUNDS, Saboteur({}))
    assert first.folder
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "case_id": "another-id"}), encoding="utf-8")
    formers = []
    for _ in range(2):
        (outcome,) = run_batch(find_tasks([str(path)]), settings, BOUNDS, Saboteur({}))
        formers.append((outcome.built, outcome.title, outcome.former))
    assert formers == [(True, "another-id", first.folder.name), (False, "another-id", first.folder.name)]
    shutil.rmtree(first.folder)
    assert run_batch(find_tasks([str(path)]), settings, BOUNDS, Saboteur({}))[0].former == ""


def test_fail_fast_begins_no_further_case(batch: Batch, tmp_path: Path) -> None:
    wrong = next(folder for folder, what in batch.wrong.items() if what == "breaks the schema")
    tasks = [replace(task, weight=10**9 if task.path.parent.name == wrong else 1) for task in find_tasks([str(batch.folder)])]
    watch = Saboteur({})
    outcomes = run_batch(tasks, replace(batch.settings, out=tmp_path / "out"), Bounds(1, fail_fast=True), watch)
    assert [outcome.state for outcome in outcomes] == [State.REFUSED]
    assert len(watch.began) == 1


def test_the_largest_case_is_begun_first(batch: Batch) -> None:
    from pipeline.batch.pool import in_order

    tasks = [Task(str(number), Path("case.json"), str(number), weight) for number, weight in enumerate([5, 9, 1, 9])]
    assert [task.name for task in in_order(tasks)] == ["1", "3", "0", "2"]


def test_reports_of_a_batch_are_written(batch: Batch) -> None:
    written = write_reports(list(batch.outcomes.values()), batch.out)
    assert {path.name for path in written} >= {"report.json", "report.csv", "report.html"}
    assert leftovers(batch.out) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory of a process")
def test_a_worker_that_has_grown_too_large_is_replaced(batch: Batch, tmp_path: Path) -> None:
    watch = Saboteur({})
    tasks = [
        task for task in find_tasks([str(batch.folder)]) if batch.wrong.get(task.path.parent.name) in ("not JSON", "breaks the schema")
    ]
    run_batch(tasks, replace(batch.settings, out=tmp_path / "out"), Bounds(1, recycle_bytes=1), watch)
    assert len(set(watch.pids)) == 2


def test_outcomes_name_stages_time_and_memory(batch: Batch) -> None:
    outcome = batch.outcomes[batch.good[0].path.parent.name]
    assert {"check", "letters", "assemble", "read back", "publish"} <= outcome.seconds.keys()
    assert outcome.cpu_seconds > 0
    assert outcome.memory_bytes > 10_000_000
    assert outcome.why == "new"
