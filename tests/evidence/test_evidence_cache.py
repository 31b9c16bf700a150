"""The cache: one conversion for the same bytes and wishes, bounded, private, and whole whatever other processes do."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PacketError
from pipeline.evidence.cache import Run, key_of, open_run
from pipeline.evidence.intake import Intake
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Bookmark, Converted, Kept, PageFinding, Wishes
from pipeline.evidence.record import Made, named, record_of
from pipeline.evidence.settings import Settings
from pipeline.evidence.workbench import Workbench
from pipeline.findings import Finding, Level
from tests.evidence.benches import shared_bench
from tests.resources.make import FOLDER

ROOM = 1_000_000_000


@contextmanager
def running(cache: Path, most: int = ROOM) -> Iterator[Run]:
    run = open_run(cache, most)
    try:
        yield run
    finally:
        run.close()


def made_of(run: Run, pages: bytes) -> Made:
    """A conversion with these bytes as its pages."""
    file = run.new_path()
    file.write_bytes(pages)
    return Made(record_of(Converted(kind="PDF", pdf=pages, pages_in=1, chosen=(1,), sha256="0" * 64)), file)


def names(cache: Path) -> set[str]:
    return {path.name for path in (cache / "entries").iterdir()}


def take(cache: Path, name: str, wishes: Wishes | None = None, bench: Workbench | None = None, folder: Path = FOLDER) -> tuple[Kept, bytes]:
    """A file taken in by an intake of its own, and its pages."""
    with Intake(Settings(cache=cache), bench or shared_bench()) as intake:
        kept = intake.start(folder, name, wishes).result()
        return kept, kept.file.read_bytes()


def test_the_second_time_nothing_is_converted(tmp_path: Path) -> None:
    first, pages = take(tmp_path, "bookmarks.pdf")
    bench = Workbench()
    second, again = take(tmp_path, "bookmarks.pdf", bench=bench)
    assert bench.pid is None, "no worker was started"
    assert (second.bookmarks, second.findings, second.chosen, again) == (first.bookmarks, first.findings, first.chosen, pages)
    assert first.bookmarks


def test_findings_name_the_file_as_it_is_called_this_time(tmp_path: Path) -> None:
    (tmp_path / "carta escaneada.jpg").write_bytes((FOLDER / "coarse.jpg").read_bytes())
    first, _ = take(tmp_path / "cache", "coarse.jpg")
    second, _ = take(tmp_path / "cache", "carta escaneada.jpg", folder=tmp_path)
    assert [finding.where for finding in first.findings] == ["coarse.jpg"]
    assert [finding.where for finding in second.findings] == ["carta escaneada.jpg"]
    assert isinstance(second.findings[0], PageFinding)
    assert second.findings[0].pages == (1,)


def test_the_cache_is_open_to_nobody_else(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o755)
    take(cache, "rgb.jpg")
    for path in (cache, cache / "entries"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (cache / "entries").iterdir()} == {0o700}


def test_other_wishes_other_bytes_and_other_limits_are_other_conversions() -> None:
    wishes = [Wishes(), Wishes(pages="1"), Wishes(password="a"), Wishes(password="b"), Wishes(shrink=150)]
    keys = {key_of(digest * 64, wish, limits) for digest in "01" for wish in wishes for limits in (Limits(), Limits(pages=1))}
    assert len(keys) == 20
    assert key_of("0" * 64, Wishes(), Limits()) == key_of("0" * 64, Wishes(), Limits())


def test_a_wrong_password_does_not_open_what_the_right_one_left_in_the_cache(tmp_path: Path) -> None:
    take(tmp_path, "encrypted-user.pdf", Wishes(password="open sesame"))
    with pytest.raises(PacketError) as caught:
        take(tmp_path, "encrypted-user.pdf", Wishes(password="guess"))
    assert [finding.rule for finding in caught.value.findings] == ["evidence-password"]
    with pytest.raises(PacketError):
        take(tmp_path, "encrypted-user.pdf")


def test_the_bound_keeps_what_was_used_last(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        for number in range(6):
            run.keep(f"key-{number}", made_of(run, bytes(10_000)))
    for number in range(6):
        os.utime(tmp_path / "entries" / f"key-{number}" / "record.json", (number, number))
    with running(tmp_path) as run:
        assert run.find("key-0") is not None
    with running(tmp_path, 40_000) as run:
        run.keep("key-6", made_of(run, bytes(10_000)))
    assert names(tmp_path) == {"key-0", "key-5", "key-6"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=12), st.integers(1, 100_000))
def test_after_each_run_that_added_to_it_the_cache_is_within_its_bound(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], most: int
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    with running(cache, most) as run:
        for number, size in enumerate(sizes):
            run.keep(f"key-{number}", made_of(run, bytes(size)))
    total = sum(path.stat().st_size for path in (cache / "entries").rglob("*") if path.is_file())
    assert total <= most
    assert [path.name for path in cache.iterdir()] == ["entries"], "the run left nothing"


def test_what_a_run_uses_stays_readable_when_others_empty_the_cache(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        run.keep("key", made_of(run, b"pages"))
    with running(tmp_path) as run:
        found = run.find("key")
        with running(tmp_path, 1) as other:
            other.keep("other", made_of(other, b"more"))
        assert names(tmp_path) == set()
        assert found is not None
        assert found.file.read_bytes() == b"pages"


def test_a_cache_whose_name_is_no_text_is_left_alone(tmp_path: Path) -> None:
    """qpdf, which reads what it holds, could not open a file there."""
    home = Path(os.fsdecode(os.fsencode(tmp_path / "cache") + b"\xff"))
    with running(home) as run:
        assert not run.new_path().is_relative_to(home)
    assert not home.exists()


def test_a_cache_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    with running(tmp_path, 0) as run:
        run.keep("key", made_of(run, b"pages"))
        assert run.find("key") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("pages.pdf", b"cut"),
        ("pages.pdf", None),
        ("record.json", b"{}"),
        ("record.json", b"no json"),
        ("record.json", b'{"pages_crc32": 5}'),
    ],
)
def test_an_entry_that_is_not_whole_is_made_anew(tmp_path: Path, file: str, data: bytes | None) -> None:
    first, pages = take(tmp_path, "text-3-pages.pdf")
    place = tmp_path / "entries" / first.key / file
    zeros = bytes(place.stat().st_size)
    place.unlink()
    place.write_bytes(zeros if data is None else data)
    second, again = take(tmp_path, "text-3-pages.pdf")
    assert (second.chosen, again) == (first.chosen, pages)
    bench = Workbench()
    take(tmp_path, "text-3-pages.pdf", bench=bench)
    assert bench.pid is None, "the entry is whole again"


def test_an_entry_whose_times_a_copy_of_the_cache_changed_is_told_by_its_sum(tmp_path: Path) -> None:
    first, pages = take(tmp_path, "text-3-pages.pdf")
    os.utime(tmp_path / "entries" / first.key / "pages.pdf", (1, 1))
    bench = Workbench()
    _, again = take(tmp_path, "text-3-pages.pdf", bench=bench)
    assert again == pages
    assert bench.pid is None, "nothing was converted"


def test_of_two_that_keep_the_same_both_can_go_on(tmp_path: Path) -> None:
    with running(tmp_path) as one, running(tmp_path) as other:
        one.keep("key", made_of(one, b"pages"))
        other.keep("key", made_of(other, b"pages"))
        for run in (one, other):
            found = run.find("key")
            assert found is not None
            assert found.file.read_bytes() == b"pages"


def test_entries_from_the_future_are_used_and_bounded(tmp_path: Path) -> None:
    """The clock of the machine was set back: times in the cache lie ahead."""
    with running(tmp_path) as run:
        run.keep("ahead", made_of(run, bytes(1000)))
    os.utime(tmp_path / "entries" / "ahead" / "record.json", (2**33, 2**33))
    with running(tmp_path) as run:
        assert run.find("ahead") is not None
    with running(tmp_path, 10) as run:
        run.keep("other", made_of(run, bytes(1000)))
    assert names(tmp_path) == set()


@pytest.mark.parametrize("most_bytes", [1_000_000, 0])
def test_what_a_killed_run_left_goes_when_the_next_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_bytes: int) -> None:
    """In the cache, and without one in the temporary folder, where other programs have files too."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    others = [tmp_path / "temporary" / "run-of-another.lock", tmp_path / "temporary" / "run-of-another"]
    others[0].touch()
    others[1].mkdir()
    victim, link = tmp_path / "victim.txt", tmp_path / "temporary" / "parole-packet-run-link.lock"
    victim.write_text("not to be emptied", encoding="utf-8")
    link.symlink_to(victim)
    code = "import os, sys; from pathlib import Path; from pipeline.evidence.cache import open_run\n"
    code += "run = open_run(Path(sys.argv[1]), int(sys.argv[2])); print(run.new_path(), flush=True)\n"
    code += "run.new_path().mkdir(); os.kill(os.getpid(), 9)"
    killed = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "cache"), str(most_bytes)], check=False, capture_output=True, text=True
    )
    left = Path(killed.stdout.strip()).parent
    assert left.is_dir()
    with running(tmp_path / "cache", most_bytes) as alive, running(tmp_path / "cache", most_bytes) as run:
        kept = made_of(alive, b"mine")
        run.close()
        assert kept.file.read_bytes() == b"mine", "a run that lives is left alone"
    assert not left.exists()
    assert not left.with_suffix(".lock").exists()
    assert sorted(path.name for path in (tmp_path / "temporary").iterdir()) == sorted(path.name for path in (*others, link))
    assert victim.read_text(encoding="utf-8") == "not to be emptied"


def test_what_a_killed_run_left_goes_with_the_next_that_adds_something(tmp_path: Path) -> None:
    code = "import os, sys; from pathlib import Path; from pipeline.evidence.cache import open_run\n"
    code += "run = open_run(Path(sys.argv[1]), 1000000); run.new_path().write_bytes(b'x'); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob("run-*"))) == 2, "a folder and its lock"
    with running(tmp_path) as alive, running(tmp_path) as run:
        kept = made_of(alive, b"mine")
        run.keep("key", made_of(run, b"pages"))
        run.close()
        assert kept.file.read_bytes() == b"mine", "a run that lives is left alone"
    assert [path.name for path in tmp_path.iterdir()] == ["entries"]


_TAKE_IN = """
import sys
from pathlib import Path
from pipeline.evidence.intake import Intake
from pipeline.evidence.settings import Settings
cache, folder, name = sys.argv[1:]
with Intake(Settings(cache=Path(cache))) as intake:
    sys.stdout.buffer.write(intake.start(Path(folder), name).result().file.read_bytes())
"""


def test_four_processes_at_once_make_the_same_and_leave_one_entry(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _TAKE_IN, str(tmp_path), str(FOLDER), "bookmarks.pdf"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    outputs = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(outputs) == 1
    assert outputs != {b""}
    assert len(names(tmp_path)) == 1


_texts = st.text(max_size=20)
_pages = st.lists(st.integers(1, 99), min_size=1, max_size=5).map(tuple)
_bookmarks = st.recursive(
    st.builds(Bookmark, _texts, st.integers(1, 99)),
    lambda inner: st.builds(Bookmark, _texts, st.integers(1, 99), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)
_plain = st.builds(Finding, _texts, st.sampled_from(Level), _texts, _texts, _texts)
_paged = st.builds(PageFinding, _texts, st.sampled_from(Level), _texts, _texts, _texts, pages=_pages)


@settings(max_examples=50)
@given(_pages, st.lists(_bookmarks, max_size=3).map(tuple), st.lists(_plain | _paged, max_size=4).map(tuple))
def test_a_record_says_all_that_was_known(chosen: tuple[int, ...], bookmarks: tuple[Bookmark, ...], findings: tuple[Finding, ...]) -> None:
    before = Converted(kind="PDF", pdf=b"", pages_in=99, chosen=chosen, sha256="ab", bookmarks=bookmarks, findings=findings)
    record = json.loads(json.dumps(record_of(before)))
    after = Made(record, Path("x")).kept("key", "carta.pdf")
    assert (after.kind, after.pages_in, after.chosen, after.sha256, after.bookmarks) == ("PDF", 99, chosen, "ab", bookmarks)
    assert after.findings == tuple(named(finding, "carta.pdf") for finding in findings)
