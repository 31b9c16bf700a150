"""A batch on a Dask cluster: in this process, in processes that are killed, and on file systems that are no disk."""

from __future__ import annotations

import codecs
import gc
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fsspec
import pytest
from click.testing import CliRunner
from distributed import LocalCluster
from moto.server import ThreadedMotoServer

from pipeline.batch import dask as dask_module
from pipeline.batch import places
from pipeline.batch.dask import run_on_dask
from pipeline.batch.errands import errands_of, find_errands
from pipeline.batch.journal import open_known
from pipeline.batch.model import BuildSettings, Outcome, State, Task
from pipeline.batch.places import Place, desk_of, files_behind, require_extra
from pipeline.batch.pool import BatchStopped
from pipeline.batch.roster import roster_tasks
from pipeline.batch.tasks import find_tasks
from pipeline.cli.main import main
from pipeline.errors import BatchError, EnvironmentMissingError, ExitCode, OutputError
from tests.batch.cases import light_case, write_case, write_cases
from tests.batch.wrong import make_too_deep

pytestmark = [
    pytest.mark.enable_socket,  # a scheduler is a server, also within one process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@dataclass
class Seen:
    """A watch that remembers, and does something before the first case and after each."""

    after: Callable[[int], None] = lambda _: None
    first: Callable[[], None] = lambda: None
    counts: tuple[int, int] = (0, 0)
    outcomes: list[Outcome] = field(default_factory=list)

    def begin(self, total: int, unchanged: int) -> None:
        self.counts = total, unchanged
        self.first()

    def started(self, task: Task, pid: int) -> None:
        """Not told on a cluster."""

    def done(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.after(len(self.outcomes))


@pytest.fixture(autouse=True)
def _forms(no_official: Path) -> None:
    """Facsimiles."""


@pytest.fixture(scope="module")
def here() -> Iterator[str]:
    """The address of a cluster in this process."""
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call]
        yield cluster.scheduler_address


@pytest.fixture
def memory(tmp_path: Path) -> str:
    """A folder of a file system in memory, for one test."""
    return f"memory://{tmp_path.name}"


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an object store on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A folder of the object store for one test."""
    for name, value in {"ENDPOINT_URL": store, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    fsspec.filesystem("s3").makedirs("packets", exist_ok=True)
    return f"s3://packets/{tmp_path.name}"


def _put(folder: Path, place: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            Place(place).write(path.relative_to(folder).as_posix(), path.read_bytes())


def _packet(folder: Path, *more: str) -> Path:
    """A folder that is a packet as far as a place can tell."""
    for name in ("manifest.json", "packet.pdf", *more):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('{"packet_sha256": ""}' if name == "manifest.json" else name, encoding="utf-8")
    return folder


def _run(paths: list[str], out: str, scheduler: str, watch: Seen | None = None, **settings: Any) -> list[Outcome]:
    return run_on_dask(find_errands(paths), BuildSettings(Path("unused"), **settings), out, scheduler, watch or Seen())


@pytest.mark.parametrize("kind", ["memory", "bucket"])
def test_a_place_reads_writes_and_publishes(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    place = Place(f"{request.getfixturevalue(kind)}/a")
    assert place.marks() == {}
    place.write("b/c.txt", b"one")
    before = place.marks()
    assert place.read(["b/c.txt"]) == {"b/c.txt": b"one"}
    place.fetch(["b/c.txt"], tmp_path / "got")
    assert (tmp_path / "got" / "b" / "c.txt").read_bytes() == b"one"
    place.write("b/c.txt", b"two")
    assert before["b/c.txt"][0] == place.marks()["b/c.txt"][0] == 3
    assert before != place.marks()
    made = _packet(tmp_path / "made", "letters/index.pdf")
    place.publish(_packet(tmp_path / "older", "letters/older.pdf"), "osei")
    assert "osei/letters/older.pdf" in place.marks()
    marks = place.publish(made, "osei")
    assert sorted(marks) == ["letters/index.pdf", "manifest.json", "packet.pdf"]
    assert {name for name in place.marks() if name.startswith("osei/")} == {f"osei/{name}" for name in marks}


def test_a_packet_that_is_not_whole_has_no_manifest(memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _packet(tmp_path)
    place = Place(memory)
    place.publish(tmp_path, "osei")

    def refuse(_: object, local: str, path: str, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "put_file", refuse)
    with pytest.raises(OSError, match="full"):
        place.publish(tmp_path, "osei")
    assert "osei/manifest.json" not in place.marks()
    monkeypatch.undo()
    assert sorted(place.publish(tmp_path, "osei")) == ["manifest.json", "packet.pdf"]
    assert sorted(place.marks()) == ["osei/manifest.json", "osei/packet.pdf"]


def test_a_packet_on_a_disk_is_its_users_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    place = Place(str(out))
    before = os.umask(0o022)
    try:
        for _ in range(2):
            place.publish(_packet(tmp_path / "made", "letters/index.pdf"), "osei")
            assert {path.name: path.stat().st_mode & 0o777 for path in (out, *out.rglob("*"))} == {
                **dict.fromkeys(("out", "osei", "letters"), 0o700),
                **dict.fromkeys(("manifest.json", "packet.pdf", "index.pdf"), 0o600),
            }
            for path in (out / "osei").rglob("*"):
                path.chmod(0o755)  # as an earlier version left it
            (out / "osei" / ".packet.pdf.ab12_xyz").write_bytes(b"what a killed worker left")
    finally:
        os.umask(before)


def test_a_folder_that_is_no_packet_is_not_written_to(memory: str, tmp_path: Path) -> None:
    place = Place(memory)
    place.write("osei/notes.txt", b"somebody's own")
    place.write("vale/manifest.json", b'{"name": "another program"}')
    before = place.marks()
    for name in ("osei", "vale"):
        with pytest.raises(OutputError, match="exists and is not the output of an earlier run"):
            place.publish(_packet(tmp_path), name)
    assert place.marks() == before


def test_what_somebody_put_beside_a_packet_stays(memory: str, tmp_path: Path) -> None:
    place = Place(memory)
    place.publish(_packet(tmp_path / "older", "work/index.typ"), "osei")
    own = ("osei/notes.txt", "osei/letters/notes.docx", "osei/scans/letter.pdf")
    for name in own:
        place.write(name, b"somebody's own")
    marks = place.publish(_packet(tmp_path / "made"), "osei")
    assert sorted(marks) == ["manifest.json", "packet.pdf"]
    assert sorted(place.marks()) == sorted((*own, "osei/manifest.json", "osei/packet.pdf"))


def test_the_files_of_a_case_are_those_that_its_names_may_mean() -> None:
    known = ["evidence/a.pdf", "evidence/scans/1.png", "evidence/scans/2.png", "caf\N{COMBINING ACUTE ACCENT}.pdf", "other.pdf"]
    assert list(files_behind(["evidence/a.pdf", "evidence/scans"], known)) == known[:3]
    assert set(files_behind(["evidence/scans/*.png"], known)) == set(known[1:3])
    assert list(files_behind(["caf\N{LATIN SMALL LETTER E WITH ACUTE}.pdf"], ["cafe\N{COMBINING ACUTE ACCENT}.pdf"])) != []
    assert list(files_behind(["../secret.pdf", "evidence/b.pdf"], known)) == []


def test_cases_are_found_by_file_folder_and_pattern(memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 3)
    (tmp_path / "case-0003" / "case.json").rename(tmp_path / "case-0003" / "other.json")
    _put(tmp_path, f"{memory}/cases")
    url = f"{memory}/cases"
    found = find_errands([f"{url}/case-0003/other.json", url, f"{url}/case-000[12]"])
    names = [errand.task.name for errand in found]
    assert names == [
        f"{url}/case-0003/other.json",
        *(f"{url}/case-000{n}" for n in ("1/case.json", "2/case.json", "3/other.json", "1/case.json", "2/case.json")),
    ]
    assert (found[1].folder, found[1].task.case_id) == (f"{url}/case-0001", light_case(1)["case_id"])
    assert sorted(found[1].files) == ["case.json", "evidence/identity.pdf", "evidence/means.pdf", "evidence/reason.pdf"]
    assert found[1].task.weight > 3000
    with pytest.raises(BatchError) as caught:
        find_errands([f"{memory}/none", f"{url}/none.json", f"{url}/none*"])
    assert [finding.rule for finding in caught.value.findings] == ["batch-no-case"] * 3


def test_a_pipe_with_the_name_of_a_case_is_named_and_never_waited_for(here: str, tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2)
    pipes = [tmp_path / "cases" / "x.json", tmp_path / "cases" / "case-0002" / "evidence" / "means.pdf"]
    pipes[1].unlink()
    for pipe in pipes:
        os.mkfifo(pipe)
    errands = find_errands([str(tmp_path / "cases")])
    outcomes = run_on_dask(errands, BuildSettings(tmp_path / "out"), str(tmp_path / "out"), here, Seen())
    assert [(outcome.name, outcome.exit_code) for outcome in outcomes] == [
        (str(tmp_path / "cases" / "case-0001" / "case.json"), ExitCode.OK),
        (str(tmp_path / "cases" / "case-0002" / "case.json"), ExitCode.EVIDENCE),
        (str(pipes[0]), ExitCode.CASE_UNREADABLE),
    ]
    assert "regular file" in outcomes[2].findings[0].message, "as on one machine"
    (errand,) = find_errands([str(pipes[0])])
    assert errand.task.name == str(pipes[0])


def test_folders_of_this_machine_that_cannot_be_searched_are_named(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 1)
    make_too_deep(tmp_path / "cases")
    for path in ("cases", "cases/**/case.json", "c*"):
        with pytest.raises(BatchError) as caught:
            find_errands([f"{tmp_path}/{path}"])
        assert [finding.rule for finding in caught.value.findings] == ["batch-folder"]
    assert len(find_errands([f"{tmp_path}/cases/case-*/case.json"])) == 1, "it leads elsewhere"


def test_the_same_files_are_cases_as_on_one_machine(memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_cases(Path("cases"), 2)
    case = Path("cases/case-0002/case.json")
    case.write_bytes(codecs.BOM_UTF8 + case.read_bytes())
    for name in (".hidden/case.json", "case-0001/.case.json", "inner/odd [1]/deep/family.json"):
        Path("cases", name).parent.mkdir(parents=True, exist_ok=True)
        Path("cases", name).write_text(json.dumps(light_case(3)), encoding="utf-8")
    Path("cases/package.json").write_text('{"name": "no case"}', encoding="utf-8")
    Path("cases/half.json").write_text('{"case_id": ', encoding="utf-8")
    _put(Path("cases"), f"{memory}/cases")
    found = {errand.task.name: errand.task.case_id for errand in find_errands(["cases"])}
    assert found == {
        "cases/half.json": "",
        **{f"cases/case-000{number}/case.json": light_case(number)["case_id"] for number in (1, 2)},
        "cases/inner/odd [1]/deep/family.json": light_case(3)["case_id"],
    }
    assert find_tasks(["cases"])[0].name in found
    assert {errand.task.name.removeprefix(f"{memory}/") for errand in find_errands([f"{memory}/cases/"])} == found.keys()
    for pattern in ("cases/*/case.json", "cases/inner/*", "cases/**/deep/*.json", "cases/inner/odd [1]", "cases/.h*", "case*/*/*/deep"):
        assert [errand.task.name for errand in find_errands([pattern])] == [task.name for task in find_tasks([pattern])] != []


def test_a_case_file_that_is_too_large_is_refused(here: str, memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 2)
    (tmp_path / "case-0001" / "case.json").write_bytes(b'{"case_id": "x"}' + b" " * 10_000_000)
    _put(tmp_path, f"{memory}/cases")
    outcomes = _run([f"{memory}/cases"], f"{memory}/out", here)
    assert [one.state for one in outcomes] == [State.REFUSED, State.DRAFT]
    assert [finding.rule for finding in outcomes[0].findings] == ["case-too-large"]


def test_a_relative_path_is_meant_from_where_it_is_asked(here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asked").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "asked")
    base = write_case(Path("cases") / "case-0001", 1)
    Path("families.csv").write_text("/case_id\na\n", encoding="utf-8")
    (Path("office") / "letters").mkdir(parents=True)

    errands = [*find_errands(["cases"]), *errands_of(roster_tasks(Path("families.csv"), base))]
    settings = BuildSettings(Path("unused"), templates=Path("office"))
    outcomes = run_on_dask(errands, settings, "out", here, Seen(first=lambda: os.chdir(tmp_path / "elsewhere")))
    assert [(one.name, one.state) for one in outcomes] == [
        ("cases/case-0001/case.json", State.DRAFT),
        ("families.csv row 2", State.DRAFT),
    ]
    assert all((tmp_path / "asked" / "out" / str(one.folder) / "manifest.json").is_file() for one in outcomes)
    assert not list((tmp_path / "elsewhere").iterdir())
    monkeypatch.chdir(tmp_path / "asked")
    assert [one.why for one in run_on_dask(errands, settings, "out", here, Seen())] == ["unchanged"] * 2


def test_only_what_changed_is_built_again(here: str, memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 2)
    cases, out = f"{memory}/cases", f"{memory}/out"
    _put(tmp_path, cases)
    watch = Seen()
    first = _run([cases], out, here, watch)
    assert [(one.state, one.why) for one in first] == [(State.DRAFT, "new")] * 2
    assert watch.counts == (2, 0)
    assert {str(one.folder) for one in first} == {light_case(number)["case_id"] for number in (1, 2)}
    made = Place(out).marks()
    assert all(f"{one.folder}/{name}" in made for one in first for name in ("manifest.json", "packet.pdf"))
    assert [(one.built, one.why) for one in _run([cases], out, here)] == [(False, "unchanged")] * 2
    write_case(tmp_path / "again", 3)
    Place(cases).write("case-0001/evidence/means.pdf", (tmp_path / "again" / "evidence" / "means.pdf").read_bytes())
    fsspec.filesystem("memory").rm(f"{out}/{first[1].folder}/packet.pdf")
    assert [one.why for one in _run([cases], out, here)] == ["evidence changed: evidence/means.pdf", "packet changed: packet.pdf"]
    assert [one.why for one in _run([cases], out, here, draft=True)] == ["options changed: --draft"] * 2
    assert desk_of(out).is_dir()


def test_cases_and_packets_may_be_in_an_object_store(here: str, bucket: str, tmp_path: Path) -> None:
    write_case(tmp_path / "case-0001", 1)
    _put(tmp_path, f"{bucket}/cases")
    (outcome,) = _run([f"{bucket}/cases"], f"{bucket}/out", here)
    assert outcome.state is State.DRAFT
    packet = Place(f"{bucket}/out").read([f"{outcome.folder}/packet.pdf"])
    assert packet[f"{outcome.folder}/packet.pdf"].startswith(b"%PDF")
    assert _run([f"{bucket}/cases"], f"{bucket}/out", here)[0].why == "unchanged"


def test_the_rows_of_a_roster_are_errands(here: str, memory: str, tmp_path: Path) -> None:
    base = write_case(tmp_path / "base", 1)
    roster = tmp_path / "families.csv"
    roster.write_text("/case_id,/beneficiaries/0/name/given\na,Osei\nb,\n", encoding="utf-8")
    errands = errands_of(roster_tasks(roster, base))
    outcomes = run_on_dask(errands, BuildSettings(Path("unused")), f"{memory}/out", here, Seen())
    assert [(one.name, one.state, str(one.folder)) for one in outcomes] == [
        ("families.csv row 2", State.DRAFT, "a"),
        ("families.csv row 3", State.DRAFT, "b"),
    ]
    assert outcomes[0].parcel is not None
    assert outcomes[0].parcel.beneficiaries[0].startswith("Osei ")


def test_a_bad_case_and_one_that_cannot_be_fetched_change_no_other(here: str, memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 2)
    (tmp_path / "case-0003").mkdir()
    (tmp_path / "case-0003" / "case.json").write_text("{", encoding="utf-8")
    _put(tmp_path, f"{memory}/cases")
    errands = find_errands([f"{memory}/cases"])
    fsspec.filesystem("memory").rm(f"{memory}/cases/case-0001/evidence/means.pdf")
    outcomes = run_on_dask(errands, BuildSettings(Path("unused")), f"{memory}/out", here, Seen())
    assert [(one.state, one.exit_code) for one in outcomes] == [
        (State.FAILED, ExitCode.WORKER),
        (State.DRAFT, ExitCode.OK),
        (State.REFUSED, ExitCode.CASE_UNREADABLE),
    ]
    assert outcomes[0].findings[0].message == "could not be brought through (FileNotFoundError)"


def test_fail_fast_sends_no_further_case(here: str, memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 7)
    (tmp_path / "case-0004" / "case.json").write_text("{" + " " * 100_000, encoding="utf-8")  # the largest, so that it is sent first
    errands = find_errands([str(tmp_path)])
    outcomes = run_on_dask(errands, BuildSettings(Path("unused")), f"{memory}/out", here, Seen(), fail_fast=True)
    assert len(outcomes) < 7
    assert [one.state for one in outcomes if one.name.endswith("case-0004/case.json")] == [State.REFUSED]
    assert len(_run([str(tmp_path)], f"{memory}/out", here)) == 7


def test_bounds_of_local_workers_are_refused_with_a_scheduler(here: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["batch", str(tmp_path), "--scheduler", here, "--seconds", "60", "-j", "2"])
    assert result.exit_code == 2
    assert "--jobs, --seconds cannot be used with --scheduler" in result.output


def test_a_machine_with_other_forms_builds_nothing(here: str, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_case(tmp_path / "case-0001", 1)
    _put(tmp_path, f"{memory}/cases")
    monkeypatch.setattr(dask_module, "house_change", lambda before, now: "forms changed: i-131.pdf")
    (outcome,) = _run([f"{memory}/cases"], f"{memory}/out", here)
    assert (outcome.state, outcome.exit_code) == (State.FAILED, ExitCode.ENVIRONMENT)
    assert "forms changed: i-131.pdf" in outcome.findings[0].message
    assert Place(f"{memory}/out").marks() == {}


def test_a_packet_never_takes_the_place_of_its_own_case(here: str, memory: str, tmp_path: Path) -> None:
    case = write_case(tmp_path / "cases" / "soak-0001", 1)
    (tmp_path / "cases" / "soak-0001").rename(tmp_path / "cases" / json.loads(case.read_bytes())["case_id"])
    _put(tmp_path / "cases", f"{memory}/cases")
    before = Place(memory).marks()
    with pytest.raises(BatchError, match="take the place of the case and its evidence"):
        _run([f"{memory}/cases"], f"{memory}/cases/", here)
    assert Place(memory).marks() == before


def test_a_packet_never_takes_the_place_of_another_case(here: str, memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 2)
    (tmp_path / "case-0002").rename(tmp_path / light_case(1)["case_id"])
    _put(tmp_path, f"{memory}/mix")
    before = Place(memory).marks()
    with pytest.raises(BatchError, match=f"take the place of {memory}/mix/{light_case(1)['case_id']}/case.json and its evidence") as caught:
        _run([f"{memory}/mix"], f"{memory}/mix", here)
    assert [finding.where for finding in caught.value.findings] == [f"{memory}/mix/case-0001/case.json"]
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(BatchError, match="take the place of"):
        _run([str(tmp_path / "case-0001"), str(tmp_path / light_case(1)["case_id"])], str(tmp_path / "link"), here)
    assert Place(memory).marks() == before


def test_a_folder_that_is_taken_fails_its_case_alone(here: str, memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 2)
    taken = f"{memory}/out/{light_case(1)['case_id']}"
    Place(taken).write("notes.txt", b"somebody's own")
    outcomes = _run([str(tmp_path)], f"{memory}/out", here)
    assert [(one.state, one.exit_code) for one in outcomes] == [(State.FAILED, ExitCode.OUTPUT), (State.DRAFT, ExitCode.OK)]
    assert [(finding.rule, finding.where) for finding in outcomes[0].findings] == [("output-taken", f"{memory}/out")]
    assert list(Place(taken).marks()) == ["notes.txt"]


def test_a_missing_extra_scheduler_or_file_system_is_named(memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_case(tmp_path / "case-0001", 1)
    monkeypatch.setattr(dask_module, "_PATIENCE", 0.2)
    with pytest.raises(EnvironmentMissingError, match="no Dask scheduler answers"):
        _run([str(tmp_path)], f"{memory}/out", "inproc://nobody/1/1")
    with closing(open_known(desk_of(f"{memory}/out"))) as journal:
        run = journal.last_run()
    assert run is not None
    assert run.exit_code == ExitCode.ENVIRONMENT, "it was not killed"
    with pytest.raises(EnvironmentMissingError, match="cannot be opened"):
        Place("no-such-store://bucket")
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentMissingError, match="not installed: distributed, fsspec"):
        require_extra()


@contextmanager
def _signal(number: signal.Signals) -> Iterator[None]:
    """Sends a signal in a second; what the block does has to end with BatchStopped soon after."""
    timer, start = threading.Timer(1, os.kill, (os.getpid(), number)), time.monotonic()
    timer.start()
    try:
        with pytest.raises(BatchStopped) as caught:
            yield
    finally:
        timer.cancel()
    assert caught.value.signal == number
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait_for_a_scheduler_that_never_answers(number: signal.Signals, memory: str, tmp_path: Path) -> None:
    write_case(tmp_path / "case-0001", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent, _signal(number):
        _run([str(tmp_path)], f"{memory}/out", f"tcp://127.0.0.1:{silent.getsockname()[1]}")


def test_a_signal_ends_the_wait_for_a_scheduler_that_was_lost(memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 4)
    where = {"host": "127.0.0.1", "protocol": "tcp://", "dashboard_address": ":0"}
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **where)  # type: ignore[no-untyped-call]

    with ExitStack() as stack:

        def lose(done: int) -> None:
            if done == 1:
                cluster.close()
                stack.enter_context(_signal(signal.SIGINT))

        _run([str(tmp_path)], f"{memory}/out", cluster.scheduler_address, Seen(lose))


def test_a_host_that_is_not_known_is_named_without_a_traceback(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_case(tmp_path / "case-0001", 1)
    monkeypatch.setattr(dask_module, "_PATIENCE", 0.2)
    start = time.monotonic()
    with pytest.raises(EnvironmentMissingError, match=r"tcp://no-such-host.invalid:8786: no Dask scheduler answers"):
        _run([str(tmp_path)], f"{memory}/out", "tcp://no-such-host.invalid:8786")
    assert time.monotonic() - start < 5
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("address", ["", "localhost", "nonsense"])
def test_what_is_no_scheduler_is_named_at_once_without_a_traceback(
    memory: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], address: str
) -> None:
    write_case(tmp_path / "case-0001", 1)
    start = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=_greet_as_ssh, args=(other,), daemon=True).start()
        with pytest.raises(EnvironmentMissingError, match="no Dask scheduler answers"):
            _run([str(tmp_path)], f"{memory}/out", address or f"tcp://127.0.0.1:{other.getsockname()[1]}")
    assert time.monotonic() - start < 10
    gc.collect()
    assert capfd.readouterr().err == ""


def _greet_as_ssh(server: socket.socket) -> None:
    """Another program at a port: its first words, read as the length of a message, are beyond all memory."""
    with suppress(OSError):
        other, _ = server.accept()
        other.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
        other.recv(4096)


def test_a_scheduler_without_workers_is_named_and_waited_for(memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_case(tmp_path / "case-0001", 1)
    monkeypatch.setattr(dask_module, "_PATIENCE", 0.5)
    said: list[str] = []
    with LocalCluster(n_workers=0, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call]

        def say(text: str) -> None:
            said.append(text)
            if len(said) == 2:
                cluster.scale(1)

        errands = find_errands([str(tmp_path)])
        outcomes = run_on_dask(errands, BuildSettings(Path("unused")), f"{memory}/out", cluster.scheduler_address, Seen(), say=say)
        address = cluster.scheduler_address
    assert [one.state for one in outcomes] == [State.DRAFT]
    assert said[:2] == [f"{address}: no worker is there; the batch waits for one. Start some: dask worker {address}"] * 2


def test_the_command_delivers_packets_and_reports(here: str, memory: str, tmp_path: Path) -> None:
    write_case(tmp_path / "case-0001", 1)
    _put(tmp_path, f"{memory}/cases")
    command = ["batch", f"{memory}/cases", "--out", f"{memory}/out"]
    result = CliRunner().invoke(main, [*command, "--scheduler", here])
    assert result.exit_code == 0, result.output
    assert "1 case: 0 ready, 1 draft, 0 refused, 0 failed; 1 built, 0 unchanged" in result.stdout
    made = Place(f"{memory}/out").marks()
    assert {"report.html", "report.csv", "report.json", "mail-room.pdf", "print-order.csv"} < made.keys()
    told = CliRunner().invoke(main, ["status", f"{memory}/out"])
    assert told.stdout.splitlines()[1:] == [f"{memory}/cases/case-0001/case.json: draft", "1 case: 1 draft"]
    assert CliRunner().invoke(main, command).exit_code == 2


def test_a_worker_killed_in_mid_run_loses_nothing(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 4)
    out = str(tmp_path / "out")
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call]

        def kill(done: int) -> None:
            if done == 1:
                os.kill(next(iter(cluster.workers.values())).process.process.pid, signal.SIGKILL)

        outcomes = _run([str(tmp_path / "cases")], out, cluster.scheduler_address, Seen(kill))
    assert [one.state for one in outcomes] == [State.DRAFT] * 4
    assert all((tmp_path / "out" / str(one.folder) / "manifest.json").is_file() for one in outcomes)


def test_a_scheduler_that_comes_back_goes_on(memory: str, tmp_path: Path) -> None:
    write_cases(tmp_path, 4)
    _put(tmp_path, f"{memory}/cases")

    def cluster(port: int = 0) -> LocalCluster:
        where = {"host": "127.0.0.1", "protocol": "tcp://", "scheduler_port": port, "dashboard_address": ":0"}
        return LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **where)  # type: ignore[no-untyped-call]

    clusters = [cluster()]
    address = clusters[0].scheduler_address

    def restart(done: int) -> None:
        if done == 1:
            clusters[0].close()
            clusters.append(cluster(int(address.rpartition(":")[2])))

    watch = Seen(restart)
    outcomes = _run([f"{memory}/cases"], f"{memory}/out", address, watch)
    clusters[-1].close()
    assert len(clusters) == 2
    assert [one.state for one in outcomes] == [State.DRAFT] * 4
    assert sorted(one.name for one in watch.outcomes) == sorted(one.name for one in outcomes)
