"""`verify` says only what it compared: a packet cut short, and manifests that are not what one is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.errors import ExitCode, VerifyError
from pipeline.packet.readback.verify import verify
from tests.cli.test_cli import run
from tests.packet.conftest import Packet


@pytest.fixture
def folder(draft: Packet, tmp_path: Path) -> Path:
    """A copy of the packet, its first pages alone, one with values,, so that reading it takes no time."""
    target = tmp_path / "short"
    target.mkdir()
    shutil.copy(draft.built.folder / "manifest.json", target)
    with pikepdf.open(draft.path) as pdf:
        del pdf.pages[_first(draft) :]
        pdf.save(target / "packet.pdf")
    return target


def _first(draft: Packet) -> int:
    """The first page with values."""
    return min(int(value["packet_page"]) for form in draft.manifest["forms"] for value in form["values"])


def _edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_values_of_missing_pages_are_not_read(draft: Packet, folder: Path) -> None:
    values = [value for form in draft.manifest["forms"] for value in form["values"]]
    there = sum(value["packet_page"] == _first(draft) for value in values)
    result = verify(folder)
    assert (result.pages, result.values, result.values_read) == (_first(draft), len(values), there)
    assert 0 < there < 50 < len(values)
    assert f"{len(values) - there} values stand on pages that it does not have" in [f.message for f in result.findings]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("{}", "manifest.json", "case_id is missing"),
        ("[]", "manifest.json", "object is expected here"),
        ('{"pages": "many"}', "manifest.json", "is missing"),
    ],
)
def test_what_is_no_manifest_is_one_clear_error(folder: Path, text: str, place: str, said: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(VerifyError) as caught:
        verify(folder)
    (finding,) = caught.value.findings
    assert finding.where.endswith(place)
    assert said in finding.message
    assert finding.remedy


@pytest.mark.parametrize("name", ["rect", "text", "packet_page"])
def test_a_value_without_what_it_needs_is_named_by_its_place_and_not_by_what_it_says(folder: Path, name: str) -> None:
    def leave_out(data: dict[str, Any]) -> None:
        value = next(v for v in data["forms"][0]["values"] if v["kind"] == "text")
        data["forms"][0]["values"].insert(0, {key: value[key] for key in value if key != name})

    _edit(folder, leave_out)
    with pytest.raises(VerifyError) as caught:
        verify(folder)
    (finding,) = caught.value.findings
    assert (finding.rule, finding.where) == ("verify-manifest", f"{folder / 'manifest.json'} /forms/0/values/0")
    assert finding.message == f"is not as schemas/manifest.json says: {name} is missing"


def test_a_manifest_is_refused_without_a_word_of_the_case(folder: Path) -> None:
    _edit(folder, lambda data: data["signatures"][0].update(form=["Marisolda"]))
    with pytest.raises(VerifyError, match=r"/signatures/0/form: .*string is expected here") as caught:
        verify(folder)
    assert "Marisolda" not in str(caught.value)


def test_a_packet_that_is_no_pdf_is_told_as_such(folder: Path) -> None:
    (folder / "packet.pdf").write_bytes(b"no PDF")
    with pytest.raises(VerifyError, match="is not a readable PDF"):
        verify(folder)


def test_a_fault_of_ours_is_not_laid_to_the_packet(folder: Path) -> None:
    def fault(*_: int) -> None:
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        verify(folder, fault)


def test_a_bad_folder_does_not_stop_the_next(folder: Path, tmp_path: Path) -> None:
    result = run("verify", tmp_path / "nothing-here", folder)
    assert result.exit_code == ExitCode.VERIFY
    assert "nothing-here: not verified" in result.output
    assert f"{folder}: NOT AS ITS MANIFEST SAYS" in result.output
    assert "659 of 659" not in result.output
