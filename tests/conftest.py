"""What every test may use: the sample, the official forms when they are here, and a cache of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "urgent-humanitarian" / "case.json"


def missing(what: str) -> None:
    """Skip for want of something that CI has to have: there it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Caches and data of the tests, apart from the user's."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        yield


@pytest.fixture(scope="session")
def official() -> Path:
    """The folder of blank official forms that PACKET_FORMS names."""
    folder = os.environ.get("PACKET_FORMS", "")
    if not folder or not (Path(folder) / "i-131.pdf").is_file():
        missing("the official blanks: set PACKET_FORMS to a folder that holds them")
    return Path(folder)


@pytest.fixture
def no_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty forms folder, so that every form is a facsimile."""
    folder = tmp_path / "no-forms"
    folder.mkdir()
    monkeypatch.setenv("PACKET_FORMS", str(folder))
    return folder


@pytest.fixture
def no_output(tmp_path: Path) -> Iterator[Path]:
    """An output folder that must still be empty when the test ends."""
    out = tmp_path / "out"
    out.mkdir()
    yield out
    assert list(out.iterdir()) == [], "a failed run left output"


@pytest.fixture(scope="session")
def poppler() -> str:
    """The path of pdftoppm."""
    found = shutil.which("pdftoppm")
    if found is None:
        missing("poppler-utils")
    return str(found)


@pytest.fixture(scope="session")
def qpdf() -> str:
    """The path of the qpdf command."""
    found = shutil.which("qpdf")
    if found is None:
        missing("qpdf")
    return str(found)


@pytest.fixture(scope="session")
def sample() -> Path:
    """The case file of the urgent-humanitarian sample."""
    return SAMPLE
