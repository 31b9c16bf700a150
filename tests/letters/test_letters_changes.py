"""`packet templates diff`: one page that shows what a change of templates does to each document."""

from __future__ import annotations

import base64
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline.cli.templates import templates
from pipeline.errors import EnvironmentMissingError
from pipeline.packet.proofs.changes_page import write
from pipeline.packet.proofs.template_changes import Changed, Comparison, Version, compare
from pipeline.resources import shipped
from tests.conftest import missing
from tests.letters.reading import SAMPLES

PART = "templates/letters/parts/addressee.typ.j2"
RED = (200, 0, 0)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose one commit has another heading for the address than the templates here, and one sample beside it."""
    if shutil.which("git") is None:
        missing("git")
    shutil.copytree(shipped("templates") / "letters", tmp_path / "templates" / "letters")
    part = tmp_path / PART
    part.write_text(part.read_text(encoding="utf-8").replace("{{ filing.delivery }}", "Sent {{ filing.delivery }}"), encoding="utf-8")
    (tmp_path / "samples" / "re-parole").mkdir(parents=True)
    shutil.copy(SAMPLES / "re-parole" / "case.json", tmp_path / "samples" / "re-parole")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "templates")
    git(tmp_path, "commit", "--quiet", "-m", "before")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("clone")
def test_what_changes_is_shown_as_text_and_outlined_on_the_page() -> None:
    result = CliRunner().invoke(templates, ["diff", "HEAD", "--out", "changes"])
    assert result.exit_code == 0, result.output
    assert "samples/re-parole/cover-letter: changed, 1 lines added, 1 removed" in result.output
    page = Path("changes/index.html").read_text(encoding="utf-8")
    assert page.count("<h2>") == 1
    assert "<del>-Sent By U.S. Postal Service</del>" in page
    assert "<ins>+By U.S. Postal Service</ins>" in page
    pictures = re.findall(r'<img alt="page 1 (before|after)" src="data:image/png;base64,([^"]+)">', page)
    assert [side for side, _ in pictures] == ["before", "after"]
    for _, data in pictures:
        picture = Image.open(io.BytesIO(base64.b64decode(data)))
        assert picture.size == (612, 792)
        assert RED in {color for _, color in picture.getcolors(1 << 24) or ()}
    assert "| samples/re-parole/cover-letter | changed | +1 -1 |" in Path("changes/summary.md").read_text(encoding="utf-8")


def test_the_same_templates_change_nothing(clone: Path, tmp_path: Path) -> None:
    shutil.copy(shipped("templates") / "letters/parts/addressee.typ.j2", clone / PART)
    git(clone, "commit", "--quiet", "-am", "after")
    assert compare("HEAD", Path("samples")) == Comparison((), ())
    write(Comparison((), ()), "HEAD", tmp_path / "out")
    assert "No document changes." in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "summary.md").read_text(encoding="utf-8") == "No letter of any sample differs from `HEAD`.\n"


@pytest.mark.usefixtures("clone")
def test_a_revision_that_is_not_there_is_named() -> None:
    with pytest.raises(EnvironmentMissingError, match="nowhere: git has no templates/letters"):
        compare("nowhere", Path("samples"))


def test_text_of_a_case_is_no_markup_on_the_page(tmp_path: Path) -> None:
    change = Changed("samples/a/letter", Version(("<b>old</b>\n",)), Version(("<b>new</b>\n",), (Image.new("RGB", (4, 4)),)))
    write(Comparison((change,), ()), "<main>", tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;new" in page
    assert "no such page" in page


def test_new_documents_documents_of_a_stage_and_templates_that_are_gone_are_named(clone: Path) -> None:
    letters = clone / "templates" / "letters"
    shutil.copy(shipped("templates") / "letters/parts/addressee.typ.j2", clone / PART)
    (letters / "declaration-petitioner.typ.j2").rename(letters / "oath.typ.j2")
    (letters / "checklist.typ.j2").write_text("{{ nothing }}", encoding="utf-8")
    part = letters / "stages" / "arrival.typ.j2"
    part.write_text(part.read_text(encoding="utf-8").replace("{% block body %}", "{% block body %}\nSafe travels.\n"), encoding="utf-8")
    git(clone, "add", "--all", "templates")
    git(clone, "commit", "--quiet", "-m", "after")
    found = compare("HEAD", Path("samples"))
    assert found.templates_gone == ("oath.typ.j2",)
    assert {(change.name, change.what) for change in found.documents} >= {
        ("samples/re-parole/declaration-petitioner", "new"),
        ("samples/re-parole/checklist.typ.j2", "failed before"),
        ("samples/re-parole at approved/arrival-checklist", "changed"),
        ("samples/re-parole at arrived/arrival-checklist", "changed"),
    }
    write(found, "HEAD", clone / "out")
    page = (clone / "out" / "index.html").read_text(encoding="utf-8")
    assert "Templates that are no longer there: oath.typ.j2." in page
    assert "checklist.typ.j2:1  there is no &quot;nothing&quot;" in page
    assert "| samples/re-parole/declaration-petitioner | new |" in (clone / "out" / "summary.md").read_text(encoding="utf-8")
