from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.errors import EnvironmentMissingError, EvidenceError, ExitCode
from pipeline.evidence.limits import Limits
from pipeline.evidence.settings import Settings, load_settings
from pipeline.evidence.source import resolve_source


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "evidence.yaml"
    monkeypatch.setenv("PACKET_EVIDENCE", str(path))
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACKET_EVIDENCE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_settings() == Settings()
    assert Settings().cache.parts[-2:] == ("parole-packet", "evidence")


def test_the_file_changes_what_it_names(file: Path) -> None:
    file.write_text("cache_bytes: 0\ncache: /srv/cache\nallowed_folders: [/srv/scans, ~/scans]\nlimits: {seconds: 60, pages: 300}\n")
    found = load_settings()
    assert found.limits == Limits(seconds=60, pages=300)
    assert found.cache == Path("/srv/cache")
    assert found.cache_bytes == 0
    assert found.allowed_folders == (Path("/srv/scans"), Path.home() / "scans")


def test_an_empty_file_changes_nothing(file: Path) -> None:
    file.write_text("# nothing yet\n")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a list", "holds no settings"),
        ("cache_byte: 5", "cache_byte is no setting"),
        ("cache_bytes: many", "cache_bytes is no whole number"),
        ("cache_bytes: true", "cache_bytes is no whole number"),
        ("cache: here", "cache is no absolute path"),
        ("allowed_folders: /srv", "allowed_folders is no list"),
        ("allowed_folders: [scans]", "allowed_folders is no list"),
        ("limits: 5", "limits holds no settings"),
        ("limits: {second: 5}", "second is no setting"),
        ("limits: {seconds: 0}", "limits: seconds is no whole number"),
        ("limits: {pages: -1}", "limits: pages is no whole number"),
        ("a: [", "cannot be read as YAML"),
        ("!!python/object/apply:os.getcwd []", "cannot be read as YAML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(EnvironmentMissingError) as caught:
        load_settings()
    (finding,) = caught.value.findings
    assert caught.value.exit_code is ExitCode.ENVIRONMENT
    assert words in finding.message
    assert finding.remedy
    assert re.fullmatch(re.escape(str(file)) + (r":\d:1" if "YAML" in words else ""), finding.where)


def test_everything_wrong_is_named_at_once_and_a_slip_is_guessed(file: Path) -> None:
    file.write_text("cache_byte: 5\nlimits: {second: 1, pages: 0}\n")
    with pytest.raises(EnvironmentMissingError) as caught:
        load_settings()
    assert len(caught.value.findings) == 3
    assert "cache_bytes" in caught.value.findings[0].remedy


def test_a_named_file_has_to_be_there(file: Path) -> None:
    with pytest.raises(EnvironmentMissingError):
        load_settings()


def test_a_folder_that_the_office_allows_may_be_named_or_linked(tmp_path: Path) -> None:
    case, scans, other = tmp_path / "case", tmp_path / "scans", tmp_path / "other"
    for folder in (case, scans, other):
        folder.mkdir()
        (folder / "a.pdf").write_bytes(b"%PDF-")
    (case / "link.pdf").symlink_to(scans / "a.pdf")
    assert resolve_source(case, str(scans / "a.pdf"), [scans]) == (scans / "a.pdf").resolve()
    assert resolve_source(case, "link.pdf", [scans]) == (scans / "a.pdf").resolve()
    for name, allowed in (
        (str(scans / "a.pdf"), []),
        (str(other / "a.pdf"), [scans]),
        (f"{scans}/../other/a.pdf", [scans]),
        ("link.pdf", [other]),
    ):
        with pytest.raises(EvidenceError) as caught:
            resolve_source(case, name, allowed)
        assert caught.value.findings[0].rule == "evidence-path"
