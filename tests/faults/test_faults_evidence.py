"""A build on a machine where something goes wrong: it fails with a name and a mend, or it succeeds with the same packet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, OutputError, PacketError
from pipeline.evidence.workbench import Workbench
from pipeline.packet.build import BuildOptions, build_packet
from tests.conftest import SAMPLE
from tests.faults.injectors import clock_jumps, disk_full_after, killed_worker, read_only_output, unreadable_file

PACKET = Path(sys.executable).parent / "packet"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of evidence of this test's own."""
    (tmp_path / "evidence.yaml").write_text(f"cache: {tmp_path / 'cache'}\n", encoding="utf-8")
    monkeypatch.setenv("PACKET_EVIDENCE", str(tmp_path / "evidence.yaml"))
    return tmp_path / "cache"


@pytest.fixture
def bench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the sample where nothing went wrong."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    built(SAMPLE, out)
    return out


@pytest.fixture(scope="module")
def expected(undisturbed: Path) -> bytes:
    """The packet of the sample where nothing goes wrong."""
    return (next(undisturbed.iterdir()) / "packet.pdf").read_bytes()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE.parent, tmp_path / "case")
    return tmp_path / "case" / "case.json"


def built(case: Path, out: Path, bench: Workbench | None = None) -> bytes:
    """The packet's bytes."""
    (out.parent / "forms").mkdir(parents=True, exist_ok=True)
    done = build_packet(case, BuildOptions(out=out, forms=out.parent / "forms", bench=bench))
    return (done.folder / "packet.pdf").read_bytes()


def run(case: Path, out: Path, most: int) -> subprocess.CompletedProcess[str]:
    """The command on a disk that holds files of at most `most` bytes."""
    forms = out.parent / "forms"
    forms.mkdir(exist_ok=True)
    environment = {**os.environ, "PACKET_FORMS": str(forms)}
    command = [str(PACKET), "build", str(case), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, preexec_fn=disk_full_after(most))


def test_disk_full_while_the_packet_is_written_leaves_the_former_packet(
    case: Path, tmp_path: Path, undisturbed: Path, expected: bytes
) -> None:
    shutil.copytree(undisturbed, tmp_path / "out")
    files = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*"))
    result = run(case, tmp_path / "out", len(expected) // 2)
    assert result.returncode == ExitCode.OUTPUT
    assert "could not be written" in result.stderr
    assert "Free" in result.stderr or "free" in result.stderr
    assert (next((tmp_path / "out").iterdir()) / "packet.pdf").read_bytes() == expected
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")) == files


def test_disk_full_while_evidence_is_converted_is_named(case: Path, cache: Path, tmp_path: Path) -> None:
    result = run(case, tmp_path / "out", 8_000)
    assert result.returncode == ExitCode.OUTPUT
    assert "evidence-not-stored" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()
    assert not list(cache.rglob("run-*")), "the run left nothing behind"


def test_a_killed_worker_changes_nothing(case: Path, cache: Path, tmp_path: Path, bench: Workbench, expected: bytes) -> None:
    with killed_worker(lambda: bench.pid, times=1) as killed:
        assert built(case, tmp_path / "disturbed" / "out", bench) == expected
    assert len(killed) == 1


def test_workers_that_are_killed_again_and_again_end_in_an_error_that_names_the_file(
    case: Path, cache: Path, tmp_path: Path, bench: Workbench
) -> None:
    with killed_worker(lambda: bench.pid, times=1000), pytest.raises(PacketError) as caught:
        built(case, tmp_path / "out", bench)
    assert {finding.rule for finding in caught.value.findings} == {"evidence-crash"}
    assert all(finding.where.startswith("evidence/") for finding in caught.value.findings)
    assert not (tmp_path / "out").exists()


def test_an_unreadable_file_is_named_with_all_others(case: Path, tmp_path: Path) -> None:
    for name in ("passports.jpg", "visa-refusal.pdf"):
        unreadable_file(case.parent / "evidence" / name)
    with pytest.raises(PacketError) as caught:
        built(case, tmp_path / "out")
    assert [finding.where for finding in caught.value.findings] == ["evidence/passports.jpg", "evidence/visa-refusal.pdf"]
    assert {finding.rule for finding in caught.value.findings} <= {"evidence-unreadable", "evidence-missing"}
    assert not (tmp_path / "out").exists()


def test_read_only_output_is_named_and_nothing_is_left(case: Path, tmp_path: Path) -> None:
    with read_only_output(tmp_path / "place") as out:
        with pytest.raises(OutputError) as caught:
            build_packet(case, BuildOptions(out=out, forms=tmp_path))
        (finding,) = caught.value.findings
        assert finding.rule.startswith("output")
        assert finding.remedy


@pytest.mark.parametrize("seconds", [3600.0, -86_400.0])
def test_clock_jumps_change_nothing(
    case: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, expected: bytes
) -> None:
    start = time.monotonic()
    with monkeypatch.context() as patch:
        clock_jumps(patch, seconds)
        packets = {built(case, tmp_path / f"jumping-{number}" / "out") for number in range(2)}
    assert packets == {expected}
    assert time.monotonic() - start < 30, "no wait became longer"
