"""`docs/templates.md` names everything that a template may use, its example works, and the hook and workflow call what is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from pipeline.cli.templates import templates
from pipeline.letters.checking.check import Proof, check_templates
from pipeline.letters.checking.shapes import context_shapes
from pipeline.letters.office import load_office
from pipeline.letters.reminders import filing_facts
from pipeline.letters.wording import FILTERS
from tests.letters.reading import ROOT, sample_specimen

GUIDE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
WORKFLOW = ROOT / ".github" / "workflows" / "templates.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def test_the_guide_names_every_name_filter_and_setting() -> None:
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL)))))
    assert set(context_shapes()) - told == set()
    assert set(FILTERS) - told == set()
    assert set(filing_facts(sample_specimen("re-parole").context)) - told == set()
    schema = yaml.safe_load((ROOT / "templates" / "letters" / "office.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) - told == set()


def test_every_picture_of_the_guide_is_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", GUIDE)
    assert len(pictures) == 2
    assert all((ROOT / "docs" / picture).stat().st_size < 200_000 for picture in pictures)


def test_every_template_that_the_guide_names_is_there() -> None:
    named = set(re.findall(r"`((?:cover/|stages/)?[\w-]+\.(?:typ\.j2|yaml))`", GUIDE)) - {"office.yaml", "arrival.yaml", "response.yaml"}
    assert {name for name in named if not (ROOT / "templates" / "letters" / name).is_file()} == set()


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The folder that a reader of the guide has made."""
    settings, template = (re.search(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL) for kind in ("yaml", "jinja"))
    assert settings
    assert template
    (tmp_path / "cover").mkdir()
    (tmp_path / "office.yaml").write_text(settings[1], encoding="utf-8")
    (tmp_path / "cover" / "urgent-humanitarian.typ.j2").write_text(template[1], encoding="utf-8")
    return tmp_path


def test_the_example_of_the_guide_works(example: Path) -> None:
    office = load_office(example)
    assert check_templates(office).findings == ()
    one, proof = sample_specimen("urgent-humanitarian"), Proof(office)
    letter = " ".join(proof.case(one.context, one.makers)["cover-letter"].split())
    assert proof.findings == {}
    assert letter.startswith("Lantern Law, P.C. 1 Harbor Street, Houston, TX 77002 Telephone 713-555-0170 November")
    assert "To the officer who decides this request:" in letter
    assert "Please direct any question" in letter
    assert "Call 713-555-0188 at any hour." in letter
    assert "Very truly yours," in letter


def test_the_slip_of_the_guide_is_named_as_it_says(example: Path) -> None:
    template = example / "cover" / "urgent-humanitarian.typ.j2"
    template.write_text(template.read_text(encoding="utf-8").replace("{{ representative.phone", "{{ representative.fone"), encoding="utf-8")
    (finding,) = check_templates(load_office(example)).findings
    assert f"{finding.where}  {finding.message}  [{finding.rule}]" in GUIDE


def commands() -> Iterator[str]:
    """Every `packet templates` command of the hook and of the workflow."""
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            yield from (line for line in step.get("run", "").splitlines() if line.startswith("packet "))
    yield from (hook["entry"] for hook in yaml.safe_load(HOOKS.read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", list(commands()))
def test_hook_and_workflow_call_commands_that_are_there(command: str) -> None:
    program, group, name, *arguments = shlex.split(command)
    assert (program, group) == ("packet", "templates")
    known = templates.commands[name]
    options = {option for parameter in known.params if isinstance(parameter, click.Option) for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= options


def test_the_workflow_runs_for_a_change_of_templates_and_can_be_called() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    triggers = workflow[True]  # YAML reads the key `on` as true
    assert "templates/letters/**" in triggers["pull_request"]["paths"]
    assert set(triggers["workflow_call"]["inputs"]) == {"templates", "program"}
    assert len(list(commands())) == 4
