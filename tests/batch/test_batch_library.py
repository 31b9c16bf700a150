"""The package as a library: what it exports, the examples of its page, and threads."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline import BuildOptions, CaseText, ExitCode, Finding, Level, PacketError, Workbench, build_packet, validate
from pipeline.pdfium import pdfium_document
from tests.batch.cases import write_cases
from tests.conftest import ROOT, SAMPLE
from tests.resources.building import pages, words

PAGE = ROOT / "docs" / "library.md"


@pytest.fixture
def bench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_name_that_is_offered_is_there() -> None:
    for name in pipeline.__all__:
        assert getattr(pipeline, name).__name__ == name
    assert set(pipeline.__all__) <= set(dir(pipeline))
    with pytest.raises(AttributeError):
        getattr(pipeline, "build_" + "everything")


def test_importing_the_package_imports_no_part_of_it() -> None:
    code = "import sys, pipeline; print([name for name in sys.modules if name.startswith('pipeline.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_validate_tells_and_does_not_raise(tmp_path: Path) -> None:
    good = validate(SAMPLE)
    assert (good.valid, good.exit_code, good.case_id, good.errors) == (True, ExitCode.OK, "quennevar-medical", ())
    broken = validate(CaseText(SAMPLE, "{", "case 7"))
    assert (broken.valid, broken.exit_code, broken.case_id) == (False, ExitCode.CASE_UNREADABLE, None)
    assert [finding.where for finding in broken.errors] == ["case 7:1:2"]
    assert validate(CaseText(SAMPLE, "{}", "case 8")).exit_code is ExitCode.CASE_INVALID
    assert validate(SAMPLE, decisions={"no-such-rule": "because"}).exit_code is ExitCode.CASE_INVALID


def test_a_case_may_be_named_as_text_and_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    assert validate(str(SAMPLE)) == validate(SAMPLE)
    assert validate(str(tmp_path / "none.json")).errors[0].where == str(tmp_path / "none.json")
    for wrong in ({"kind": "urgent-humanitarian"}, b"{}", None):
        with pytest.raises(TypeError):
            validate(wrong)  # type: ignore[arg-type]


def test_the_examples_of_the_page_run(tmp_path: Path, no_official: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(example, str(PAGE), "exec"), names)
    assert {path.name for path in (tmp_path / "packets").iterdir()} == {"quennevar-medical", "osei-4711"}


def test_four_threads_give_the_same_bytes_as_one(tmp_path: Path, no_official: Path, bench: Workbench) -> None:
    cases = write_cases(tmp_path / "cases", 4)
    alone = [build_packet(str(case), BuildOptions(out=str(tmp_path / "alone"), bench=bench)).folder for case in cases]
    with ThreadPoolExecutor(4) as pool:
        options = BuildOptions(out=tmp_path / "together", bench=bench)
        together = [built.folder for built in pool.map(lambda case: build_packet(case, options), cases)]
    for one, other in zip(alone, together, strict=True):
        assert _files(one) == _files(other)


THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pipeline import BuildOptions, Workbench, build_packet

if __name__ == "__main__":
    sys.setswitchinterval(1e-5)
    bench = Workbench()
    options = BuildOptions(out=sys.argv[1], bench=bench)
    with ThreadPoolExecutor(4) as pool:
        print([built.status for built in pool.map(lambda case: build_packet(case, options), map(Path, sys.argv[2:]))])
    bench.close()
"""


def test_four_threads_may_be_the_first_to_use_anything(tmp_path: Path, no_official: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new process with an empty cache, in which the threads change places as often as they can."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    program = tmp_path / "program.py"
    program.write_text(THREADS, encoding="utf-8")
    command = [sys.executable, str(program), str(tmp_path / "out"), *map(str, write_cases(tmp_path / "cases", 4))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == f"{['draft'] * 4}\n", done.stderr[-3000:]


@pytest.mark.parametrize("kind", [PacketError, *PacketError.__subclasses__()])
def test_an_error_comes_back_from_another_process_as_it_was(kind: type[PacketError]) -> None:
    error = kind([Finding("rule", Level.ERROR, "place", "message", "remedy"), Finding("other", Level.INFO, "place", "message")])
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(again), again.findings, again.exit_code, str(again)) == (kind, error.findings, error.exit_code, str(error))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mode": "fax"}, "mode is one of paper, online"),
        ({"as_of": "2026-11-30"}, "as_of is a datetime.date"),
        ({"as_of": datetime(2026, 11, 30)}, "as_of is a datetime.date"),
        ({"decisions": ["photos-unknown"]}, "decisions is a mapping"),
    ],
)
def test_an_option_that_is_of_no_use_is_named(wrong: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=words):
        build_packet(SAMPLE, BuildOptions(out=tmp_path, draft=True, **wrong))
    assert not list(tmp_path.iterdir())


def test_pdfium_is_used_by_one_thread_at_a_time(tmp_path: Path) -> None:
    pdf = pages(words("one"))
    inside = threading.Event()

    def other() -> bool:
        with pdfium_document(pdf):
            return inside.is_set()

    with ThreadPoolExecutor(1) as pool:
        with pdfium_document(pdf):
            waiting = pool.submit(other)
            with pytest.raises(TimeoutError):
                waiting.result(0.05)
            inside.set()
        assert waiting.result(5)
