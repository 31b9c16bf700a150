"""The way in: one worker for many files, bounded in time and memory; a file that ends it is named, and the others go on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from pipeline.errors import EvidenceError, OutputError, PacketError
from pipeline.evidence.intake import Intake
from pipeline.evidence.limits import Limits
from pipeline.evidence.misnamed import misnamed
from pipeline.evidence.model import Kept, Wishes
from pipeline.evidence.office.converter import program
from pipeline.evidence.process import Job, WorkerEndedError
from pipeline.evidence.settings import Settings
from pipeline.evidence.workbench import Workbench
from pipeline.findings import Level
from tests.conftest import missing
from tests.evidence.seeing import converted
from tests.resources.make import FOLDER, RESOURCES


@pytest.fixture
def bench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


@pytest.fixture
def intake(tmp_path: Path, bench: Workbench) -> Iterator[Intake]:
    with Intake(Settings(cache=tmp_path / "cache"), bench) as made:
        yield made


def take(intake: Intake, name: str, wishes: Wishes | None = None, folder: Path = FOLDER) -> Kept:
    return intake.start(folder, name, wishes).result()


def refusal(intake: Intake, name: str, folder: Path = FOLDER) -> tuple[str, str]:
    """Rule and place of the one error."""
    with pytest.raises(PacketError) as caught:
        take(intake, name, folder=folder)
    (finding,) = caught.value.findings
    assert finding.level is Level.ERROR
    assert finding.remedy
    return finding.rule, finding.where


def large_picture(folder: Path) -> str:
    """A few kilobytes of PNG that need 400 megabytes once they are decoded."""
    Image.new("RGBA", (6000, 6000), (255, 0, 0, 128)).save(folder / "large.png", compress_level=1)
    return "large.png"


def test_the_worker_makes_what_this_process_would(intake: Intake) -> None:
    for resource in RESOURCES:
        if resource.name in {"bookmarks.pdf", "coarse.jpg", "note.txt", "pages.tiff", "layers.pdf"}:
            kept, direct = take(intake, resource.name), converted(resource.name)
            assert kept.file.read_bytes() == direct.pdf
            assert (kept.kind, kept.pages_in, kept.chosen, kept.sha256) == (direct.kind, direct.pages_in, direct.chosen, direct.sha256)
            assert (kept.bookmarks, kept.findings) == (direct.bookmarks, direct.findings)


def test_what_is_asked_for_reaches_the_worker(intake: Intake) -> None:
    assert take(intake, "text-3-pages.pdf", Wishes(pages="1,3")).chosen == (1, 3)
    assert take(intake, "encrypted-user.pdf", Wishes(password="open sesame")).pages_out == 1


def test_one_worker_serves_many_files_and_packets(tmp_path: Path, bench: Workbench) -> None:
    started = set()
    for number in range(3):
        with Intake(Settings(cache=tmp_path / str(number)), bench) as intake:
            for name in ("rgb.jpg", "a4.pdf", "empty.pdf", "noise.bin"):
                future = intake.start(FOLDER, name)
                assert (future.exception() is None) == (name in {"rgb.jpg", "a4.pdf"})
            started.add(bench.pid)
    assert len(started) == 1


def test_every_file_is_refused_under_its_own_name(intake: Intake) -> None:
    waiting = {name: intake.start(FOLDER, name) for name in ("bomb.png", "cut-off.pdf", "letter.doc")}
    for name, future in waiting.items():
        error = future.exception()
        assert isinstance(error, EvidenceError)
        assert [finding.where for finding in error.findings] == [name]


def test_a_file_that_needs_too_much_memory_is_named_and_the_next_is_taken(tmp_path: Path, bench: Workbench) -> None:
    limits = Limits(memory_bytes=700_000_000)
    with Intake(Settings(cache=tmp_path / "cache", limits=limits), bench) as intake:
        assert refusal(intake, large_picture(tmp_path), tmp_path) == ("evidence-memory", "large.png")
        assert take(intake, "rgb.png").pages_out == 1


def test_a_file_that_takes_too_long_is_named_and_the_next_is_taken(tmp_path: Path, bench: Workbench) -> None:
    with Intake(Settings(cache=tmp_path / "cache"), bench) as patient:
        take(patient, "rgb.jpg")
        assert bench.pid is not None
        os.kill(bench.pid, 19)  # stopped, as a conversion that never ends
        with Intake(Settings(cache=tmp_path / "cache", limits=Limits(seconds=1)), bench) as hurried:
            assert refusal(hurried, "a4.pdf") == ("evidence-time", "a4.pdf")
        assert take(patient, "legal.pdf").pages_out == 1


def test_a_file_that_crashes_the_worker_is_named_and_the_next_is_taken(intake: Intake, bench: Workbench) -> None:
    take(intake, "rgb.jpg")
    assert bench.pid is not None
    os.kill(bench.pid, 11)
    rule, where = refusal(intake, "a4.pdf")
    assert (rule, where) == ("evidence-crash", "a4.pdf")
    assert take(intake, "legal.pdf").pages_out == 1


def test_a_worker_that_was_killed_from_outside_is_replaced(intake: Intake, bench: Workbench) -> None:
    take(intake, "rgb.jpg")
    first = bench.pid
    assert first is not None
    os.kill(first, 9)
    assert take(intake, "a4.pdf").pages_out == 1
    assert bench.pid != first


def test_a_worker_that_is_killed_at_work_is_replaced(intake: Intake, bench: Workbench) -> None:
    take(intake, "rgb.jpg")
    first = bench.pid
    assert first is not None
    os.kill(first, 19)
    future = intake.start(FOLDER, "a4.pdf")
    time.sleep(0.2)
    os.kill(first, 9)
    assert future.result().pages_out == 1


def test_closing_ends_what_is_under_way(tmp_path: Path) -> None:
    bench = Workbench()
    with Intake(Settings(cache=tmp_path), bench) as intake:
        take(intake, "rgb.jpg")
        assert bench.pid is not None
        os.kill(bench.pid, 19)
        under_way, behind = intake.start(FOLDER, "a4.pdf"), intake.start(FOLDER, "legal.pdf")
        time.sleep(0.1)
        bench.close()
        assert isinstance(under_way.exception(), EvidenceError)
        assert isinstance(behind.exception(), EvidenceError)
    with pytest.raises(WorkerEndedError):
        bench.convert(Job(FOLDER / "a4.pdf", Wishes(), Limits(), tmp_path / "x"))


def test_an_intake_that_is_left_by_an_error_ends_its_own_worker(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Intake(Settings(cache=tmp_path)) as intake:
            intake.start(FOLDER, "bomb.pdf")
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - start < 5
    assert list(tmp_path.glob("run-*")) == []


def test_threads_may_share_a_worker(tmp_path: Path, bench: Workbench) -> None:
    taken: list[int] = []

    def work(number: int) -> None:
        with Intake(Settings(cache=tmp_path / str(number)), bench) as intake:
            taken.append(sum(take(intake, name).pages_out for name in ("rgb.jpg", "text-3-pages.pdf", "a4.pdf")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [5] * 4


def test_the_same_file_twice_is_converted_once(tmp_path: Path, bench: Workbench) -> None:
    with Intake(Settings(cache=tmp_path, cache_bytes=0), bench) as intake:
        futures = [intake.start(FOLDER, "text-3-pages.pdf") for _ in range(3)]
        assert len({future.result().file for future in futures}) == 1


@pytest.mark.parametrize(("letter", "is_kept"), [("a", True), ("\\u3839?", False)])
def test_a_print_that_a_font_would_mend_is_made_anew_next_time(tmp_path: Path, bench: Workbench, letter: str, is_kept: bool) -> None:
    """U+0EFF (3839) is no letter of any script, so that LibreOffice prints a box."""
    if program() is None:
        missing("LibreOffice (libreoffice-writer-nogui)")
    (tmp_path / "a.rtf").write_bytes(f"{{\\rtf1\\ansi Dear {letter} officer}}".encode())
    with Intake(Settings(cache=tmp_path / "cache"), bench) as intake:
        first = take(intake, "a.rtf", folder=tmp_path)
        assert take(intake, "a.rtf", folder=tmp_path).key == first.key
        assert first.file.is_file()
    assert bool(list((tmp_path / "cache" / "entries").iterdir())) is is_kept


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, bench: Workbench) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with Intake(Settings(cache=tmp_path / "cache"), bench) as intake:
        assert take(intake, "rgb.jpg").pages_out == 1


def test_pages_that_do_not_fit_beside_the_cache_go_to_the_temporary_folder(tmp_path: Path, bench: Workbench) -> None:
    with Intake(Settings(cache=tmp_path / "cache"), bench) as intake:
        for folder in (tmp_path / "cache").glob("run-*"):
            if folder.is_dir():
                folder.rmdir()  # as if its disk had gone
        kept = take(intake, "rgb.jpg")
        assert not kept.file.is_relative_to(tmp_path / "cache")
        assert kept.file.stat().st_size > 0
    assert not kept.file.exists()


def test_without_room_anywhere_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    monkeypatch.setattr("tempfile.tempdir", str(blocked))
    with pytest.raises(OutputError) as caught:
        Intake(Settings(cache=blocked))
    assert caught.value.findings[0].rule == "evidence-not-stored"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("picture-called.pdf", "says PDF, and its content is JPEG"),
        ("pdf-called.jpg", "says JPEG, and its content is PDF"),
    ],
)
def test_a_file_whose_name_promises_another_kind_is_taken_with_a_warning(intake: Intake, name: str, said: str) -> None:
    finding = take(intake, name).findings[0]
    assert (finding.rule, finding.level, finding.where) == ("evidence-misnamed", Level.WARNING, name)
    assert said in finding.message


def test_text_that_is_called_a_pdf_is_taken_with_a_warning(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "declaración.pdf").write_text("I declare that this is plain text.\n", encoding="utf-8")
    finding = take(intake, "declaración.pdf", folder=tmp_path).findings[0]
    assert finding.rule == "evidence-misnamed"
    assert "says PDF, and its content is plain text" in finding.message


@pytest.mark.parametrize("ending", ["pdf", "PDF", "scan", "", "v2"])
def test_a_name_that_promises_its_own_kind_or_nothing_is_no_finding(intake: Intake, ending: str) -> None:
    kept = replace(take(intake, "a4.pdf"), findings=())
    assert misnamed(kept, f"a letter.{ending}").findings == ()
