"""`packet forms list|add|inspect|diff|coverage`: what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.main import main
from pipeline.errors import ExitCode
from pipeline.forms import coverage
from pipeline.forms.coverage import Coverage
from pipeline.forms.editions import current, editions
from pipeline.forms.fieldmap import FieldMap
from pipeline.forms.inventory import load_inventory
from tests.forms.test_forms_editions import as_official, edited

FORMS = {"G-1145": 6, "G-1450": 29, "G-1650": 17, "G-28": 101, "I-131": 339, "I-134": 250}


def packet(*words: object) -> Result:
    """Run `packet forms` with these words."""
    return CliRunner().invoke(main, ["forms", *map(str, words)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty forms folder that the commands use."""
    home = tmp_path / "forms"
    home.mkdir()
    monkeypatch.setenv("PACKET_FORMS", str(home))
    return home


@pytest.fixture
def beside(official: Path) -> Path:
    """The folder with superseded editions beside the official blanks."""
    old = official.parent / "old"
    if not old.is_dir():
        pytest.skip("needs the folder old beside the official blanks")
    return old


def put(path: Path, data: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(data)
    return path


def test_list_names_every_form_its_edition_expiry_and_where_to_get_it(folder: Path) -> None:
    done = packet("list")
    assert done.exit_code == 0
    for form in FORMS:
        inventory = current(form).inventory
        (line,) = [line for line in done.output.splitlines() if line.startswith(f"{form} ")]
        assert inventory.edition in line
        assert (inventory.omb_expires or "-") in line
        assert f"missing   get it from {inventory.source_url}" in line


def test_add_keeps_the_form_and_list_shows_its_hash(folder: Path, tmp_path: Path) -> None:
    added = packet("add", put(tmp_path / "download.pdf", as_official("G-28")), put(tmp_path / "x.pdf", as_official("G-1145")))
    assert added.exit_code == 0, added.output
    listed = packet("list").output
    for form in ("G-28", "G-1145"):
        (line,) = [line for line in listed.splitlines() if line.startswith(f"{form} ")]
        assert "official" in line
        assert line.endswith(f"{form.lower()}.pdf")
        assert len([word for word in line.split() if len(word) == 64]) == 1


def test_list_says_why_a_file_in_the_folder_is_not_used(folder: Path) -> None:
    put(folder / "g-28.pdf", edited("G-28", "edition 09/26/17"))
    put(folder / "i-131.pdf", b"<html>Access denied</html>")
    done = packet("list")
    assert "Form G-28 of 09/26/17 is superseded" in done.output
    assert "i-131.pdf  error: not a readable PDF" in done.output


@pytest.mark.parametrize(("change", "says"), [("rename", "renamed"), ("state", "on_state"), ("edition 01/01/27", "newer")])
def test_add_refuses_with_the_difference_and_its_exit_code(change: str, says: str, folder: Path, tmp_path: Path) -> None:
    done = packet("add", put(tmp_path / "g-28.pdf", edited("G-28", change)))
    assert done.exit_code == ExitCode.FORM_FILE
    assert says in done.output
    assert list(folder.iterdir()) == []


def test_add_of_a_missing_file_says_so(folder: Path, tmp_path: Path) -> None:
    done = packet("add", tmp_path / "nothing.pdf")
    assert done.exit_code == ExitCode.FORM_FILE
    assert "No such file" in done.output


def test_inspect_prints_every_field_with_its_limit_and_state(tmp_path: Path) -> None:
    done = packet("inspect", put(tmp_path / "a.pdf", as_official("G-28")))
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == "Form G-28, edition 09/17/18, 4 pages, 101 fields"
    assert sum(line.startswith("p") for line in lines) == 101
    assert any(line.endswith("Line3b_Unit[2] '/ APT '") for line in lines)
    assert {line.split()[1].rstrip(":") for line in lines if line.startswith("trap ")} >= {"state-with-spaces", "limit-over-width"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("I-131", {"repeated-name", "state-with-spaces", "no-before-yes", "no-says-yes", "limit-over-width", "rich-text"}),
        ("I-134", {"repeated-name", "rich-text"}),
        ("G-28", {"state-with-spaces", "limit-over-width", "no-says-yes"}),
        ("G-1450", {"state-with-spaces"}),
        ("G-1650", {"repeated-name"}),
    ],
)
def test_inspect_finds_the_traps_of_the_official_forms(form: str, expected: set[str], official: Path) -> None:
    done = packet("inspect", official / f"{form.lower()}.pdf")
    found = {line.split()[1].rstrip(":") for line in done.output.splitlines() if line.startswith("trap ")}
    assert found >= expected, found


@pytest.mark.parametrize("form", ["G-28", "G-1450"])
def test_inspect_writes_the_inventory_that_a_map_starts_from(form: str, tmp_path: Path) -> None:
    done = packet("inspect", put(tmp_path / "a.pdf", as_official(form)), "--write", tmp_path / "forms")
    assert done.exit_code == 0, done.output
    edition = current(form)
    written = load_inventory(tmp_path / "forms" / form.lower() / edition.date / "inventory.json")
    assert (written.form, written.edition, written.pages) == (form, edition.inventory.edition, edition.inventory.pages)
    ours = edition.inventory.by_name
    assert written.by_name.keys() == ours.keys()
    facts = ("type", "page", "part", "item", "label", "max_len", "on_state", "options", "comb", "multiline")
    for field in written.fields:
        assert [getattr(field, fact) for fact in facts] == [getattr(ours[field.name], fact) for fact in facts]


def test_inspect_that_cannot_write_says_where_and_what_to_do(tmp_path: Path) -> None:
    put(tmp_path / "taken", b"")
    done = packet("inspect", put(tmp_path / "a.pdf", as_official("G-28")), "--write", tmp_path / "taken" / "x")
    assert done.exit_code == ExitCode.OUTPUT
    assert f"{tmp_path / 'taken' / 'x' / 'g-28'}" in done.output
    assert "Name a folder that can be written into." in done.output


def test_list_goes_on_past_a_folder_with_the_name_of_a_pdf(folder: Path) -> None:
    (folder / "weird.pdf").mkdir()
    done = packet("list")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines() if "  missing " in line] == sorted(FORMS)
    assert "weird.pdf  error: " in done.output


def test_inspect_of_a_pdf_that_names_no_form_writes_nothing(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        box = pikepdf.Dictionary(
            Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("Box"), Rect=pikepdf.Array([0, 0, 90, 18])
        )
        pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(box)])
        pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=pikepdf.Array([pdf.pages[0].obj.Annots[0]]))
        pdf.save(tmp_path / "plain.pdf")
    assert "Form unknown, edition unknown, 1 pages, 1 fields" in packet("inspect", tmp_path / "plain.pdf").output
    done = packet("inspect", tmp_path / "plain.pdf", "--write", tmp_path / "forms")
    assert done.exit_code == ExitCode.FORM_FILE
    assert not (tmp_path / "forms").exists()


def test_diff_names_the_change_and_what_it_hits(tmp_path: Path) -> None:
    old, new = put(tmp_path / "old.pdf", as_official("G-28")), put(tmp_path / "new.pdf", edited("G-28", "rename"))
    text = packet("diff", old, new)
    assert text.exit_code == 0
    assert text.output.splitlines()[0].endswith("1 changes")
    assert "renamed" in text.output
    assert "[hits Part 1 Item 3.a-3.h]" in text.output
    data = json.loads(packet("diff", old, new, "--format", "json").output)
    assert [(d["kind"], d["hits"]) for d in data] == [("renamed", "Part 1 Item 3.a-3.h")]
    assert data[0]["new"].endswith("Renamed[0]")
    assert packet("diff", old, old).output.splitlines()[0].endswith("0 changes")
    assert json.loads(packet("diff", old, old, "--format", "json").output) == []


def test_diff_of_the_superseded_editions(beside: Path, official: Path) -> None:
    """What changed since the editions of 2016 and 2019; the G-1450's change is the box for the CVV."""
    data = json.loads(packet("diff", beside / "g-1450_2019-09-27.pdf", official / "g-1450.pdf", "--format", "json").output)
    assert {(d["field"].rpartition(".")[2], d["kind"]) for d in data} == {
        ("CreditCardNumber_4[1]", "added"),
        ("CCHolderAptSteFlrNumber[0]", "read_only"),
    }
    for form, old in (("i-131", "i-131_2016-12-23.pdf"), ("i-134", "i-134_2016-11-30.pdf")):
        done = packet("diff", beside / old, official / f"{form}.pdf")
        assert done.exit_code == 0
        assert "[hits Part" in done.output
        kinds = {line.partition(": ")[2].split()[0] for line in done.output.splitlines()[1:]}
        assert kinds >= {"added", "removed", "renamed"}


def test_superseded_editions_are_refused_by_name_and_date(beside: Path, folder: Path) -> None:
    dates = {"g-1450_2019-09-27.pdf": "09/27/19", "i-131_2016-12-23.pdf": "12/23/16", "i-134_2016-11-30.pdf": "11/30/16"}
    for name, date in dates.items():
        done = packet("add", beside / name)
        assert done.exit_code == ExitCode.FORM_FILE
        assert f"Form {name.split('_')[0].upper()} of {date} is superseded" in done.output
    assert list(folder.iterdir()) == []


def test_coverage_accounts_for_every_field_of_every_form() -> None:
    done = packet("coverage")
    assert done.exit_code == 0
    for form, fields in FORMS.items():
        assert f"{form:<8}{current(form).inventory.edition:<10}{fields}/{fields}".replace(" ", "") in done.output.replace(" ", "")
    assert {e.form for e in editions()} == set(FORMS)


def test_coverage_fails_on_a_field_that_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = coverage.cover

    def without_one(form_map: FieldMap) -> Coverage:
        blank = dict(form_map.blank)
        blank.pop(next(iter(blank)))
        return real(FieldMap(**{**{n: getattr(form_map, n) for n in FieldMap.__struct_fields__}, "blank": blank}))

    monkeypatch.setattr(coverage, "cover", without_one)
    done = packet("coverage")
    assert done.exit_code == ExitCode.TEMPLATE
    assert done.output.count("is neither mapped nor listed as blank") == len(FORMS)
