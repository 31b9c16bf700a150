"""The generated page of rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import main
from pipeline.rules.catalog import rule, rules
from pipeline.rules.reference import explanation, reference_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def test_the_committed_page_is_the_generated_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_markdown(), "write reference_markdown() to docs/rules.md"


@pytest.mark.parametrize("command", [["rules"], *(["explain", one.id] for one in rules() if "{" in one.message + one.remedy)], ids=" ".join)
def test_what_is_read_without_a_case_has_words_for_what_a_finding_fills_in(command: list[str]) -> None:
    said = CliRunner().invoke(main, command)
    assert (said.exit_code, "{" in said.output, "[" in said.output) == (0, False, True)


def test_every_rule_has_its_heading_once() -> None:
    headings = [line.removeprefix("### ") for line in reference_markdown().splitlines() if line.startswith("### ")]
    assert headings == [one.id for one in rules()]


def test_explanation_says_what_and_where_from() -> None:
    one = rule("medical-cost")
    assert one is not None
    text = explanation(one)
    for part in (one.id, "warning", one.message, one.remedy, one.source, "treatment-cost", "reason medical"):
        assert part in text
