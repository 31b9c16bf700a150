"""`packet letters`: the letters alone, with the pages of the packet, and never over what somebody has edited."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import main
from pipeline.errors import OutputError
from pipeline.packet.build import BuildOptions
from pipeline.packet.letters_alone import letters_alone, save_letters
from tests.conftest import SAMPLE
from tests.packet.conftest import Packet


def test_the_letters_alone_are_those_of_the_packet(draft: Packet, no_official: Path, tmp_path: Path) -> None:
    out = tmp_path / "letters"
    done = CliRunner().invoke(main, ["letters", str(SAMPLE), "--docx", "--out", str(out)])
    assert done.exit_code == 0, done.output
    published = {path.name: path.read_bytes() for path in (draft.built.folder / "letters").iterdir()}
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert {name: data for name, data in written.items() if name.endswith(".pdf")} == published
    assert {name.removesuffix(".docx") for name in written if name.endswith(".docx")} == {name.removesuffix(".pdf") for name in published}
    assert str(out / "cover-letter.docx") in done.output


def test_beside_a_letter_of_the_offices_own_the_generated_one_has_the_packets_pages(no_official: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE.parent / "evidence", tmp_path / "evidence")
    shutil.copy(tmp_path / "evidence" / "medical-record.pdf", tmp_path / "mine.pdf")
    data = json.loads(SAMPLE.read_text(encoding="utf-8")) | {"letters": {"cover": "mine.pdf"}}
    (tmp_path / "case.json").write_text(json.dumps(data), encoding="utf-8")
    made = letters_alone(tmp_path / "case.json", BuildOptions(forms=no_official))
    assert made.files["cover-letter.pdf"].startswith(b"%PDF")
    assert "letter-exhibit-uncited" in {finding.rule for finding in made.findings}


def test_a_file_that_was_edited_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "cover-letter.docx").write_bytes(b"edited")
    files = {"cover-letter.docx": b"new", "cover-letter.pdf": b"new"}
    with pytest.raises(OutputError) as caught:
        save_letters(files, tmp_path)
    assert [finding.where for finding in caught.value.findings] == [str(tmp_path / "cover-letter.docx")]
    assert [path.name for path in tmp_path.iterdir()] == ["cover-letter.docx"]
    save_letters(files, tmp_path, replace=True)
    save_letters(files, tmp_path)
    assert (tmp_path / "cover-letter.docx").read_bytes() == b"new"
    assert (tmp_path / "cover-letter.pdf").stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.pdf"
    elsewhere.write_bytes(b"not ours")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cover-letter.pdf").symlink_to(elsewhere)
    save_letters({"cover-letter.pdf": b"new"}, tmp_path / "out", replace=True)
    assert elsewhere.read_bytes() == b"not ours"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cover-letter.pdf"]
