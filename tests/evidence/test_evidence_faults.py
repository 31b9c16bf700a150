"""Files that break: cut off, overwritten, shuffled.  Intake either takes them whole or refuses them; it never crashes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.model import Converted
from pipeline.evidence.office import converter as office
from pipeline.findings import Level
from tests.evidence.seeing import text, written
from tests.resources.make import FOLDER, RESOURCES


@pytest.fixture(autouse=True)
def _without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting it for each damaged document would take a second."""
    monkeypatch.setattr(office, "program", lambda: None)


def attempt(path: Path) -> Converted | None:
    """The file as letter pages, or None when it was refused; what is neither fails the test."""
    try:
        return convert(path, shown_as="file")
    except EvidenceError:
        return None


@pytest.mark.parametrize("share", [n / 20 for n in range(1, 20)])
@pytest.mark.parametrize("name", ["text-3-pages.pdf", "object-streams.pdf", "linearized.pdf"])
def test_a_pdf_cut_off_anywhere_is_refused_or_whole(tmp_path: Path, name: str, share: float) -> None:
    data = (FOLDER / name).read_bytes()
    whole = convert(FOLDER / name, shown_as="file")
    result = attempt(written(tmp_path, data[: int(len(data) * share)]))
    if result is not None:
        pages = range(1, whole.pages_out + 1)
        assert result.pages_out == whole.pages_out
        assert [text(result.pdf, page) for page in pages] == [text(whole.pdf, page) for page in pages]
        assert "evidence-damaged-repaired" in {finding.rule for finding in result.findings}


def overwritten(data: bytes, chance: random.Random) -> bytes:
    """The data with a few bytes, or a run of them, replaced."""
    broken = bytearray(data)
    for _ in range(chance.choice([1, 3, 10, 60])):
        at, length = chance.randrange(len(broken)), chance.choice([1, 1, 4, 40])
        broken[at : at + length] = chance.randbytes(min(length, len(broken) - at))
    return bytes(broken)


@pytest.mark.parametrize("seed", range(60))
def test_overwritten_files_never_crash_intake(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    small = [each for each in RESOURCES if (FOLDER / each.name).stat().st_size in range(1, 60_000)]
    data = (FOLDER / chance.choice(small).name).read_bytes()
    result = attempt(written(tmp_path, overwritten(data, chance)))
    if result is not None:
        assert result.pages_out >= 1
        assert all(finding.level is not Level.ERROR for finding in result.findings)


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        convert(tmp_path / "gone.pdf", shown_as="gone.pdf")
    assert caught.value.findings[0].rule == "evidence-unreadable"


@pytest.mark.parametrize("name", ["animated.gif", "animated.png", "pages.tiff", "burst.heic", "web.webp"])
def test_pictures_of_several_frames_cut_off_anywhere_never_crash_intake(tmp_path: Path, name: str) -> None:
    data = (FOLDER / name).read_bytes()
    for end in range(20, len(data), max(1, len(data) // 25)):
        result = attempt(written(tmp_path, data[:end]))
        assert result is None or result.pages_out >= 1
