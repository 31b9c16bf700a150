"""A change that spoils a template is stopped with the right line; ours pass on samples, smallest and made-up cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, given, settings

from pipeline.case.vocabulary import validator
from pipeline.cli.templates import templates
from pipeline.findings import Finding
from pipeline.letters.checking.check import Checked, Proof, check_templates, together
from pipeline.letters.checking.golden import compare, update
from pipeline.letters.checking.variety import MadeUp, explore, made_up_cases
from pipeline.letters.office import Office
from pipeline.packet.proofs import specimens
from pipeline.packet.proofs.specimens import Specimen, check_all, kinds_and_items, made_up_specimen
from pipeline.resources import shipped
from tests.letters.reading import SAMPLES, sample_specimen

GOLDEN = Path(__file__).parent / "golden"
OURS = shipped("templates") / "letters"


def spoiled(tmp_path: Path, name: str, old: str, new: str) -> list[Finding]:
    """What the check says of one sample when one of our templates has `new` instead of `old`."""
    text = (OURS / name).read_text(encoding="utf-8")
    assert old in text
    target = tmp_path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text.replace(old, new, 1), encoding="utf-8")
    office = Office(templates=(tmp_path,))
    read_only, proof = check_templates(office), Proof(office)
    one = sample_specimen("urgent-humanitarian")
    proof.case(one.context, one.makers)
    return list(together(read_only, proof).findings)


def line_of(name: str, text: str) -> int:
    lines = (OURS / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_misspelled_variable_is_stopped(tmp_path: Path) -> None:
    found = spoiled(tmp_path, "parts/fee.typ.j2", "filing.permit_fee", "filing.permitt_fee")
    name, line = "parts/fee.typ.j2", line_of("parts/fee.typ.j2", "filing.permit_fee")
    assert all(finding.where == f"{name}:{line}" for finding in found)
    assert 'there is no "permitt_fee"; did you mean "permit_fee"?' in {finding.message for finding in found}


def test_a_broken_table_is_stopped(tmp_path: Path) -> None:
    found = spoiled(tmp_path, "index.typ.j2", "#ruled-table(", "#rulled-table(")
    assert [(f.where, f.message) for f in found] == [
        (f"index.typ.j2:{line_of('index.typ.j2', '#ruled-table(')}", "Typst: unknown variable: rulled-table")
    ]


def test_a_glyph_that_no_font_has_is_stopped(tmp_path: Path) -> None:
    """A sign of Linear A, which no font of an ordinary system has."""
    found = spoiled(tmp_path, "parts/enclosed.typ.j2", "= What is enclosed", "= What is enclosed \U00010600")
    assert [f.where for f in found] == [f"parts/enclosed.typ.j2:{line_of('parts/enclosed.typ.j2', '= What is')}"]
    assert "U+10600" in found[0].message


def test_a_doubled_word_and_a_leftover_brace_are_stopped(tmp_path: Path) -> None:
    found = spoiled(tmp_path, "parts/citations.typ.j2", "({%", "(see see }} {%")
    assert {f.rule for f in found} == {"template-doubled", "template-left-over"}
    assert {f.where for f in found} == {"parts/citations.typ.j2:2"}


def test_a_dropped_citation_is_a_difference_to_the_golden_text(tmp_path: Path) -> None:
    one = sample_specimen("urgent-humanitarian")
    text = (OURS / "parts/points.typ.j2").read_text(encoding="utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/points.typ.j2").write_text(text.replace('{% include "parts/citations.typ.j2" %}', ""), encoding="utf-8")
    proof = Proof(Office(templates=(tmp_path,)))
    made = proof.case(one.context, one.makers)
    proof.keep("samples/urgent-humanitarian", {"cover-letter": made["cover-letter"]})
    changes = {c.finding.where.rpartition(":")[0]: c for c in compare(proof.texts, GOLDEN, "golden")}
    letter = changes["golden/samples/urgent-humanitarian/cover-letter.txt"]
    assert any(line.startswith("-") and "(Ex. D" in line for line in letter.diff)


def test_our_documents_say_what_their_golden_texts_say() -> None:
    checked = check_all(SAMPLES, 0)
    assert [f"{finding.where} {finding.message}" for finding in checked.findings] == []
    changed = ["\n".join(change.diff) for change in compare(checked.texts, GOLDEN, "tests/letters/golden")]
    assert changed == []
    assert checked.documents > 500


@settings(max_examples=15, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(made_up_cases(kinds_and_items()))
def test_made_up_cases_are_valid_and_their_documents_are_clean(case: MadeUp) -> None:
    assert validator().is_valid(case)
    one, proof = made_up_specimen(case), Proof()
    proof.case(one.context, one.makers)
    assert [f"{finding.where} {finding.message}" for finding in proof.findings] == []


def _keep(made: list[str], case: MadeUp) -> None:
    made.append(json.dumps(case, sort_keys=True))


def test_the_same_cases_are_made_up_each_time() -> None:
    runs: list[list[str]] = [[], []]
    for made in runs:
        explore(partial(_keep, made), kinds_and_items(), 4)
    assert runs[0] == runs[1] != []


def test_golden_texts_are_written_compared_and_taken_out(tmp_path: Path) -> None:
    update({"a/one": "x\n", "a/two": "y\n"}, tmp_path)
    assert list(compare({"a/one": "x\n", "a/two": "y\n"}, tmp_path, "g")) == []
    changes = {change.finding.where: change for change in compare({"a/one": "x\nmore\n", "b": "z\n"}, tmp_path, "g")}
    assert sorted(changes) == ["g/a/one.txt:2", "g/a/two.txt:1", "g/b.txt:1"]
    assert "+more" in changes["g/a/one.txt:2"].diff
    assert changes["g/b.txt:1"].finding.message == "the document has no golden text yet"
    update({"b": "z\n"}, tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.txt")) == ["b.txt"]


def test_a_check_of_nothing_fails() -> None:
    assert [f.rule for f in together(Checked((), 0, 0), Proof()).findings] == ["template-nothing"]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sample and no smallest case, so that a command is quick."""
    monkeypatch.setattr(specimens, "smallest_specimens", lambda *_: iter(()))
    monkeypatch.setattr(specimens, "sample_specimens", _one)


def _one(*_: object) -> Iterator[Specimen]:
    yield sample_specimen("re-parole")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(templates, [str(argument) for argument in arguments])


@pytest.mark.usefixtures("few")
def test_the_command_prints_one_line_a_finding_in_each_format(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/remarks.typ.j2").write_text("\n{{ petitoner.name }}\n", encoding="utf-8")
    text = run("check", "--templates", tmp_path, "--samples", SAMPLES, "--made-up", "0")
    assert text.exit_code == 8
    assert 'parts/remarks.typ.j2:2  there is no "petitoner"; did you mean "petitioner"?  [template-name]' in text.output
    github = run("check", "--templates", tmp_path, "--samples", SAMPLES, "--made-up", "0", "--format", "github")
    assert ",line=2,title=template-name::there is no" in github.output
    data = json.loads(run("check", "--templates", tmp_path, "--samples", SAMPLES, "--made-up", "0", "--format", "json").stdout)
    assert {entry["line"] for entry in data} == {2}


@pytest.mark.usefixtures("few")
def test_the_command_keeps_and_compares_golden_texts(tmp_path: Path) -> None:
    missing = run("check", "--samples", SAMPLES, "--made-up", "0", "--golden", tmp_path)
    assert missing.exit_code == 8
    assert "the document has no golden text yet" in missing.output
    assert run("check", "--samples", SAMPLES, "--made-up", "0", "--golden", tmp_path, "--update").exit_code == 0
    assert run("check", "--samples", SAMPLES, "--made-up", "0", "--golden", tmp_path).exit_code == 0
    assert run("check", "--update").exit_code == 2


def test_a_folder_without_samples_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(specimens, "smallest_specimens", lambda *_: iter(()))
    empty = run("check", "--samples", tmp_path, "--made-up", "0")
    assert empty.exit_code == 8
    assert "nothing was checked" in empty.output
