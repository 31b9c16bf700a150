"""A character that no font has is named with the template's line and the place in the case."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.errors import TemplateError
from pipeline.packet.build import BuildOptions, build_packet
from tests.conftest import SAMPLE


def test_a_character_without_a_font_is_named_with_its_place_in_the_case(tmp_path: Path, no_output: Path, no_official: Path) -> None:
    shutil.copytree(SAMPLE.parent / "evidence", tmp_path / "evidence")
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    data["letters"] = {"remarks": ["Thank you.", "A gift \N{TEDDY BEAR}."]}
    data["exhibits"][2]["shows"] += " \N{TEDDY BEAR}"
    (tmp_path / "case.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        build_packet(tmp_path / "case.json", BuildOptions(out=no_output, forms=no_official))
    (finding,) = caught.value.findings
    assert finding.where.startswith("parts/remarks.typ.j2:")
    assert finding.message.startswith("no font has the character U+1F9F8 (TEDDY BEAR), which the case has at case.json:")
    assert "/letters/remarks/1" in finding.message
    assert "/exhibits/2/shows" in finding.message
    assert "gift" not in finding.message
