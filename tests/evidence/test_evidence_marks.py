"""Marks: a file that nobody has written is not read again to be known, and one that somebody has written is."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.evidence.intake import Intake
from pipeline.evidence.limits import Limits
from pipeline.evidence.marks import Marks
from pipeline.evidence.settings import Settings
from pipeline.evidence.source import digest_of
from tests.evidence.benches import shared_bench
from tests.resources.make import FOLDER

LONG_AGO = 1_700_000_000
KNOWN = "known without reading"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute after all files of the test were written."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60)


def file_in(folder: Path, data: bytes = b"as it was") -> Path:
    file = folder / "letter.txt"
    file.write_bytes(data)
    os.utime(file, (LONG_AGO, LONG_AGO))
    return file


def digest(file: Path, marks: Marks) -> str:
    return digest_of(file, shown_as=file.name, limits=Limits(), marks=marks)


def remembered(folder: Path, file: Path) -> Marks:
    """Marks that give a false hash for the file as it is, read again from the disk: who gives that hash did not read the file."""
    marks = Marks(folder / "marks", file.parent)
    digest(file, marks)
    marks.close()
    (kept,) = (folder / "marks").iterdir()
    kept.write_text(kept.read_text().replace(hashlib.sha256(file.read_bytes()).hexdigest(), KNOWN))
    return Marks(folder / "marks", file.parent)


@pytest.mark.usefixtures("later")
def test_a_file_as_it_was_is_known(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    assert digest(file, remembered(tmp_path, file)) == KNOWN


def _written_in_place(file: Path) -> None:
    file.write_bytes(b"as it is!")
    os.utime(file, (LONG_AGO, LONG_AGO))


def _replaced(file: Path) -> None:
    new = file.with_name("new")
    _written_in_place(new)
    new.replace(file)


def _grown(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b" and more")


def _touched(file: Path) -> None:
    os.utime(file)


CHANGES = [_written_in_place, _replaced, _grown, _touched]


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_in_any_way_is_read_again(tmp_path: Path, change: Callable[[Path], None]) -> None:
    file = file_in(tmp_path)
    marks = remembered(tmp_path, file)
    change(file)
    assert digest(file, marks) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_was_written_just_now_is_not_remembered(tmp_path: Path) -> None:
    """It may be written once more within the same step of the file system's clock."""
    file = file_in(tmp_path)
    marks = Marks(tmp_path / "marks", tmp_path)
    digest(file, marks)
    marks.close()
    assert marks.find(file.stat()) is None
    assert not (tmp_path / "marks").exists()


@pytest.mark.usefixtures("later")
def test_a_file_that_changes_while_it_is_read_is_not_remembered(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    before = file.stat()
    _written_in_place(file)
    marks = Marks(tmp_path / "marks", tmp_path)
    marks.note(before, file.stat(), time.time(), KNOWN)
    assert marks.find(file.stat()) is None


def test_a_file_that_was_written_just_before_a_long_reading_is_not_remembered(tmp_path: Path) -> None:
    """It may have been written once more while it was read, within the same step of the file system's clock."""
    state = file_in(tmp_path).stat()
    marks = Marks(tmp_path / "marks", tmp_path)
    marks.note(state, state, state.st_ctime + 1, KNOWN)
    assert marks.find(state) is None
    marks.note(state, state, state.st_ctime + 4, KNOWN)
    assert marks.find(state) == KNOWN


DAMAGED = [b"", b"[", b"{}", b"[1]", b"[[1, 2, 3]]", b'"text"', b"\xff", b"[[[], [], [], [], [], []]]"]


@pytest.mark.parametrize("content", DAMAGED)
@pytest.mark.usefixtures("later")
def test_a_damaged_memory_is_forgotten(tmp_path: Path, content: bytes) -> None:
    file = file_in(tmp_path)
    remembered(tmp_path, file)
    (kept,) = (tmp_path / "marks").iterdir()
    kept.write_bytes(content)
    assert digest(file, Marks(tmp_path / "marks", tmp_path)) == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.usefixtures("later")
def test_a_memory_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    (tmp_path / "marks").write_bytes(b"a file in its way")
    marks = Marks(tmp_path / "marks", tmp_path)
    assert digest(file, marks) == hashlib.sha256(file.read_bytes()).hexdigest()
    marks.close()


@pytest.mark.usefixtures("later")
def test_what_is_kept_is_private_and_holds_no_name(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    remembered(tmp_path, file)
    (kept,) = (tmp_path / "marks").iterdir()
    assert (stat.S_IMODE(kept.parent.stat().st_mode), stat.S_IMODE(kept.stat().st_mode)) == (0o700, 0o600)
    assert "letter" not in kept.name + kept.read_text()
    assert tmp_path.name not in kept.name + kept.read_text()


@pytest.mark.usefixtures("later")
def test_folders_hashed_longest_ago_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.evidence.marks._MOST_FOLDERS", 3)
    folder = tmp_path / "marks"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.json").write_bytes(b"[]")
        os.utime(folder / f"{number}.json", (number, number))
    before = {path.name for path in folder.iterdir()}
    marks = Marks(folder, tmp_path)
    digest(file_in(tmp_path), marks)
    marks.close()
    assert before - {path.name for path in folder.iterdir()} == {"0.json"}


@pytest.mark.usefixtures("later")
def test_the_next_intake_takes_the_changed_file(tmp_path: Path) -> None:
    """From the case's folder to the pages: what the packet shows is the file as it is."""
    case = tmp_path / "case"
    case.mkdir()

    def taken() -> str:
        with Intake(Settings(cache=tmp_path / "cache"), shared_bench()) as intake:
            return intake.start(case, "scan.pdf").result().sha256

    for name in ("bookmarks.pdf", "text-3-pages.pdf", "bookmarks.pdf"):
        data = (FOLDER / name).read_bytes()
        (case / "scan.pdf").write_bytes(data)
        os.utime(case / "scan.pdf", (LONG_AGO, LONG_AGO))
        assert [taken(), taken()] == 2 * [hashlib.sha256(data).hexdigest()]
    (kept,) = (tmp_path / "cache" / "marks").iterdir()
    assert len(json.loads(kept.read_bytes())) == 1


def test_without_a_cache_nothing_is_remembered(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    marks = Marks(None, tmp_path)
    assert digest(file, marks) == hashlib.sha256(b"as it was").hexdigest()
    marks.close()
