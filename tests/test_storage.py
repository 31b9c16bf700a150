"""What is made once and kept in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.storage import Shelf, made_by, open_regular


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return Shelf("things", "code 1")


def test_what_was_kept_is_found_for_the_same_sources_and_code_only(shelf: Shelf) -> None:
    shelf.keep(b"made", b"one", b"two")
    assert shelf.find(b"one", b"two") == b"made"
    assert shelf.find(b"onetwo") is None
    assert shelf.find(b"one", b"three") is None
    assert Shelf("things", "code 2").find(b"one", b"two") is None


def test_it_is_open_to_nobody_else(shelf: Shelf, tmp_path: Path) -> None:
    shelf.keep(b"made", b"source")
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_was_cut_off_or_changed_counts_as_none(shelf: Shelf, tmp_path: Path) -> None:
    shelf.keep(b"made", b"source")
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], whole[:10], whole[:-1] + b"E"):
        file.write_bytes(damaged)
        assert shelf.find(b"source") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    shelf = Shelf("things", "code")
    shelf.keep(b"made", b"source")
    assert shelf.find(b"source") is None


def test_the_hash_of_the_makers_changes_with_their_code(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("1")
    before = made_by([code], "jinja2")
    assert made_by([code], "jinja2") == before
    code.write_text("2")
    assert made_by([code], "jinja2") != before


def test_what_is_no_regular_file_is_refused_and_not_left_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    first = os.open(tmp_path, os.O_RDONLY)
    os.close(first)
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(path)
    again = os.open(tmp_path, os.O_RDONLY)
    os.close(again)
    assert again == first


def test_a_folder_that_others_may_write_into_is_not_trusted(shelf: Shelf, tmp_path: Path) -> None:
    shelf.keep(b"made", b"source")
    (tmp_path / "parole-packet" / "things").chmod(0o770)
    assert shelf.find(b"source") is None
    shelf.keep(b"more", b"other")
    (tmp_path / "parole-packet" / "things").chmod(0o700)
    assert (shelf.find(b"source"), shelf.find(b"other")) == (b"made", None)
