"""A template that loops without end, or asks for something huge, is stopped and named with its line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.errors import TemplateError
from pipeline.findings import Finding
from pipeline.letters import documents
from pipeline.letters.documents import document
from pipeline.letters.office import load_office
from pipeline.typeset.job import Bounds
from tests.letters.contexts import sample

_HEAD = '#set document(title: "x")\n#set text(lang: "en")\n'
_DOUBLED = "{% set x = 'abc' %}" + "{% set x = [x, x] | join %}" * 40


def _stopped(folder: Path, template: str) -> Finding:
    (folder / "t.typ.j2").write_text(_HEAD + template, encoding="utf-8")
    start = time.monotonic()
    with pytest.raises(TemplateError) as caught:
        document("t.typ.j2", sample(), load_office(folder))
    assert time.monotonic() - start < 10
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for a in range(10000000000) %}{% endfor %}", "count at most 100,000 numbers"),
        ("{% for a in range(400) %}{% for b in range(400) %}{% endfor %}{% endfor %}", "count at most 100,000 numbers"),
        ("{% for a in 'x' * 9 %}{% endfor %}", "may not use *"),
        ("{% set n = range(900) | list %}{% for a in n %}{% for b in n %}{% endfor %}{% endfor %}", "at most 100,000 turns"),
        (_DOUBLED, "at most 1,000,000 characters"),
        (_DOUBLED.replace("[x, x] | join", "x ~ x"), "at most 1,000,000 characters"),
        (_DOUBLED.replace("[x, x] | join", "x + x"), "at most 1,000,000 characters"),
        ("{{ '%9999999999d' % 1 }}", "may not use %"),
        ("{{ 'a'.ljust(9999999999) }}", "a text has no methods here"),
        ("{{ 'a' | center(9999999999) }}", "No filter named 'center'"),
        ("{{ [1] | batch(9999999999, 0) | list }}", "No filter named 'batch'"),
        ("{{ lipsum(99999) }}", 'there is no "lipsum"'),
    ],
)
def test_jinja2_is_stopped_at_the_line(tmp_path: Path, template: str, message: str) -> None:
    finding = _stopped(tmp_path, f"one\n{template}")
    assert message in finding.message
    assert finding.where == "t.typ.j2:4"


def test_a_template_that_extends_itself_is_told_how_to_extend_ours(tmp_path: Path) -> None:
    finding = _stopped(tmp_path, '{% extends "t.typ.j2" %}')
    assert "without end" in finding.message
    assert "ours/t.typ.j2" in finding.message


def test_typst_code_without_end_is_stopped_at_the_offices_own_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "BOUNDS", Bounds(seconds=1))
    finding = _stopped(tmp_path, "= {{ day | long_date }}\n\n#for a in range(99999) { for b in range(99999) {} }\n")
    assert (finding.rule, finding.where) == ("template-endless", "t.typ.j2:5")
    assert "longer than 1 seconds" in finding.message


def test_typst_code_that_typst_stops_is_named_with_its_line(tmp_path: Path) -> None:
    finding = _stopped(tmp_path, "one\n\n#while true {}\n")
    assert (finding.where, finding.message) == ("t.typ.j2:5", "Typst: condition is always true")
