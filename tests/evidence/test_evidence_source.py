from __future__ import annotations

import os
import unicodedata
from functools import partial
from pathlib import Path

import pytest

from pipeline.errors import EvidenceError, ExitCode
from pipeline.evidence import source
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Wishes
from pipeline.evidence.source import digest_of, read_source, resolve_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    case = tmp_path / "case"
    (case / "evidence" / "deep").mkdir(parents=True)
    (case / "evidence" / "a.pdf").write_bytes(b"%PDF-")
    (case / "evidence" / "deep" / "b c.pdf").write_bytes(b"%PDF-")
    (tmp_path / "outside.pdf").write_bytes(b"%PDF-")
    return case


def refusal(folder: Path, name: str) -> tuple[str, str]:
    with pytest.raises(EvidenceError) as caught:
        resolve_source(folder, name)
    (finding,) = caught.value.findings
    assert caught.value.exit_code is ExitCode.EVIDENCE
    assert finding.remedy
    return finding.rule, finding.remedy


@pytest.mark.parametrize("name", ["evidence/a.pdf", "./evidence/a.pdf", "evidence//a.pdf", "evidence/deep/b c.pdf"])
def test_a_file_in_the_case_folder_is_found(folder: Path, name: str) -> None:
    assert resolve_source(folder, name).read_bytes() == b"%PDF-"


@pytest.mark.parametrize(
    "name",
    [
        "../outside.pdf",
        "evidence/../../outside.pdf",
        "evidence/../evidence/a.pdf",
        "evidence\\..\\..\\outside.pdf",
        "/etc/passwd",
        "C:\\outside.pdf",
        "C:/outside.pdf",
        "\\\\server\\share\\a.pdf",
        "~/outside.pdf",
        "",
        "  ",
        "evidence/a\0.pdf",
    ],
)
def test_a_name_that_leaves_the_folder_is_refused(folder: Path, name: str) -> None:
    assert refusal(folder, name)[0] == "evidence-path"


def test_a_missing_file_is_refused_with_the_nearest_name(folder: Path) -> None:
    rule, remedy = refusal(folder, "evidence/A.pfd")
    assert rule == "evidence-missing"
    assert '"a.pdf"' in remedy


def test_a_missing_folder_is_refused(folder: Path) -> None:
    assert refusal(folder, "nowhere/a.pdf")[0] == "evidence-missing"


def test_a_file_used_as_a_folder_is_refused(folder: Path) -> None:
    assert refusal(folder, "evidence/a.pdf/b.pdf")[0] == "evidence-missing"


def test_a_folder_is_refused(folder: Path) -> None:
    assert refusal(folder, "evidence/deep")[0] == "evidence-not-a-file"
    assert refusal(folder, ".")[0] == "evidence-not-a-file"


def test_a_pipe_is_refused_without_being_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.pdf")
    assert refusal(folder, "pipe.pdf")[0] == "evidence-not-a-file"


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / "link.pdf").symlink_to(folder / "evidence" / "a.pdf")
    assert resolve_source(folder, "link.pdf") == (folder / "evidence" / "a.pdf").resolve()


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "link.pdf").symlink_to(folder.parent / "outside.pdf")
    (folder / "up").symlink_to(folder.parent)
    assert refusal(folder, "link.pdf")[0] == "evidence-path"
    assert refusal(folder, "up/outside.pdf")[0] == "evidence-path"


def test_a_link_to_nowhere_and_a_loop_are_refused(folder: Path) -> None:
    (folder / "gone.pdf").symlink_to(folder / "never.pdf")
    (folder / "loop.pdf").symlink_to(folder / "loop.pdf")
    assert refusal(folder, "gone.pdf")[0] == "evidence-missing"
    assert refusal(folder, "loop.pdf")[0] == "evidence-missing"


def test_a_folder_that_merely_begins_alike_is_outside(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case-of-another").mkdir()
    (tmp_path / "case-of-another" / "a.pdf").write_bytes(b"%PDF-")
    (tmp_path / "case" / "link").symlink_to(tmp_path / "case-of-another")
    assert refusal(tmp_path / "case", "link/a.pdf")[0] == "evidence-path"


@pytest.mark.parametrize("name", ["carta del cardiólogo.pdf", "паспорт.pdf", "身分證.pdf", "שלום.pdf"])
@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_case", ["NFC", "NFD"])
def test_names_in_any_script_are_found_however_their_accents_are_stored(tmp_path: Path, name: str, on_disk: str, in_case: str) -> None:
    stored = tmp_path / unicodedata.normalize(on_disk, name)  # type: ignore[arg-type]
    stored.write_bytes(b"x")
    found = resolve_source(tmp_path, unicodedata.normalize(in_case, name))  # type: ignore[arg-type]
    assert found.read_bytes() == b"x"


def test_a_file_without_permission_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert refusal(folder, "evidence/a.pdf")[0] == "evidence-unreadable"


class FailingDisk:
    """A fault injector: a file whose reading fails."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> FailingDisk:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, _: int) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_disk_that_fails_while_reading_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "open_regular", FailingDisk)
    with pytest.raises(EvidenceError) as caught:
        read_source(folder / "evidence" / "a.pdf", shown_as="evidence/a.pdf", wishes=Wishes(), limits=Limits())
    assert [finding.rule for finding in caught.value.findings] == ["evidence-unreadable"]


def test_a_file_that_has_become_a_pipe_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "evidence" / "pipe")
    for read in (partial(read_source, wishes=Wishes()), digest_of):
        with pytest.raises(EvidenceError) as caught:
            read(folder / "evidence" / "pipe", shown_as="pipe", limits=Limits())
        assert [finding.rule for finding in caught.value.findings] == ["evidence-unreadable"]


def test_a_file_over_the_limit_is_refused_before_it_is_looked_at(folder: Path) -> None:
    with pytest.raises(EvidenceError, match="larger than 4 bytes"):
        read_source(folder / "evidence" / "a.pdf", shown_as="a", wishes=Wishes(), limits=Limits(file_bytes=4))
