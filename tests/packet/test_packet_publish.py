"""Publishing a packet's folder: what a run leaves that dies or is stopped in the middle of it, and two runs at the same time."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.packet.publish import mend, publication
from tests.conftest import ROOT
from tests.packet.conftest import built

NAME = "quennevar-medical"

_DIES = """
import os, sys
from pathlib import Path
from pipeline.packet.publish import publication

real = Path.rename

def rename(self, target):
    real(self, target)
    if str(target).endswith(".former"):
        os._exit(9)

Path.rename = rename
target = Path(sys.argv[1])
with publication(target, target.parent.parent / "case") as work:
    (work / "manifest.json").write_text("dead")
"""
"""A run that dies between the two renames."""


def publish(target: Path, text: str) -> None:
    """Publishes a folder of one file."""
    with publication(target, target.parent.parent / "case") as work:
        (work / "manifest.json").write_text(text, encoding="utf-8")


def killed_between_the_renames(target: Path) -> None:
    """Leaves the packet set aside, and the new folder beside it."""
    ended = subprocess.run([sys.executable, "-c", _DIES, str(target)], cwd=ROOT, check=False)
    assert ended.returncode == 9
    assert not target.exists()
    assert len(list(target.parent.iterdir())) == 2


def test_a_packet_that_a_killed_run_set_aside_comes_back_with_what_somebody_keeps_in_it(tmp_path: Path, no_official: Path) -> None:
    folder = built(tmp_path / "out", no_official).built.folder
    (folder / "signed-scan.pdf").write_bytes(b"signed")
    killed_between_the_renames(folder)
    again = built(tmp_path / "out", no_official).built.folder
    assert (again / "signed-scan.pdf").read_bytes() == b"signed"
    assert [path.name for path in (tmp_path / "out").iterdir()] == [NAME]


def test_a_publication_of_a_batch_brings_it_back_too(tmp_path: Path) -> None:
    target = tmp_path / "out" / NAME
    publish(target, "first")
    (target / "own.txt").write_text("mine", encoding="utf-8")
    killed_between_the_renames(target)
    with publication(target, tmp_path / "case", mended=True) as work:
        (work / "manifest.json").write_text("second", encoding="utf-8")
    assert {path.name: path.read_text(encoding="utf-8") for path in target.iterdir()} == {"manifest.json": "second", "own.txt": "mine"}
    assert not (target.parent / f".{NAME}.former").exists()


def test_a_run_that_is_stopped_between_the_renames_undoes_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, real = tmp_path / "out" / NAME, Path.rename
    publish(target, "first")

    def stopped(self: Path, there: Path) -> Path:
        if there == target and ".new-" in self.name:
            raise KeyboardInterrupt
        return real(self, there)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        publish(target, "second")
    assert [path.name for path in target.parent.iterdir()] == [NAME]
    assert (target / "manifest.json").read_text(encoding="utf-8") == "first"


def test_what_another_run_is_at_work_on_is_left_to_it(tmp_path: Path) -> None:
    target = tmp_path / "out" / NAME
    with publication(target, tmp_path / "case") as slow:
        (slow / "manifest.json").write_text("slow", encoding="utf-8")
        publish(target, "quick")
        mend(target.parent, {NAME})
        assert slow.is_dir()
    assert (target / "manifest.json").read_text(encoding="utf-8") == "slow"
    assert [path.name for path in target.parent.iterdir()] == [NAME]


def test_runs_of_one_packet_at_the_same_time_take_turns(tmp_path: Path) -> None:
    target = tmp_path / "out" / NAME
    publish(target, "first")
    (target / "own.txt").write_text("mine", encoding="utf-8")
    failures: list[BaseException] = []

    def often() -> None:
        try:
            for number in range(60):
                publish(target, str(number))
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (target / "own.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in target.parent.iterdir()] == [NAME]


def test_without_locks_a_packet_is_published_and_nothing_of_others_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    target = tmp_path / "out" / NAME
    other = target.with_name(f".{NAME}.new-abc")
    other.mkdir(parents=True)
    publish(target, "first")
    publish(target, "second")
    assert (target / "manifest.json").read_text(encoding="utf-8") == "second"
    assert sorted(path.name for path in target.parent.iterdir()) == [other.name, NAME]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into every folder")
def test_a_packet_whose_folder_was_made_read_only_is_replaced_all_the_same(tmp_path: Path) -> None:
    target = tmp_path / "out" / NAME
    publish(target, "first")
    target.chmod(0o500)
    publish(target, "second")
    assert (target / "manifest.json").read_text(encoding="utf-8") == "second"
    assert [path.name for path in target.parent.iterdir()] == [NAME]
