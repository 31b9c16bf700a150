"""A program that goes on for long builds with an office's files as they are, and not as they were when it read them first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.letters.documents import checklist, cover_letter, evidence_index
from pipeline.letters.environment import environment
from pipeline.letters.office import Office
from tests.letters.contexts import sample
from tests.letters.reading import smallest, words
from tests.letters.stage_cases import at, letter

OURS = Path(__file__).parents[2] / "templates" / "letters"

MADE: dict[str, tuple[str, Callable[[Office], str]]] = {
    "index.typ.j2": ("Evidence index", lambda office: words(evidence_index(sample(), office))),
    "reminders.yaml": ("no staples", lambda office: words(checklist(sample(), office))),
    "stages/steps.yaml": ("whether the filing is complete", lambda office: letter(at(), office)),
    "words.yaml": ("Request for humanitarian parole", lambda office: words(cover_letter(smallest("urgent-humanitarian"), office))),
}
"""Each file with words of it, and what shows them."""


@pytest.mark.parametrize("name", MADE)
def test_a_file_of_the_office_is_read_again_when_it_comes_changes_and_goes(name: str, tmp_path: Path) -> None:
    old, made = MADE[name]
    new, newer = old[::-1], old.upper()
    text, own, office = (OURS / name).read_text(encoding="utf-8"), tmp_path / name, Office(templates=(tmp_path,))
    own.parent.mkdir(exist_ok=True)
    seen = [made(office)]
    for words_of_it in (new, newer):  # of the same length
        own.write_text(text.replace(old, words_of_it), encoding="utf-8")
        seen.append(made(office))
    own.unlink()
    seen.append(made(office))
    assert [[word in shown for word in (old, new, newer)] for shown in seen] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [True, False, False],
    ]


def test_a_part_and_a_file_that_ours_is_extended_by_are_read_again_too(tmp_path: Path) -> None:
    office = Office(templates=(tmp_path,))
    (tmp_path / "index.typ.j2").write_text(
        '{% extends "ours/index.typ.j2" %}{% block about %}{% include "about.typ.j2" %}{% endblock %}', encoding="utf-8"
    )
    for told in ("First words.", "Other words."):
        (tmp_path / "about.typ.j2").write_text(told, encoding="utf-8")
        assert told in words(evidence_index(sample(), office))
    (tmp_path / "index.typ.j2").write_text('{% extends "ours/index.typ.j2" %}', encoding="utf-8")
    assert "words." not in words(evidence_index(sample(), office))


def test_what_did_not_change_is_not_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "index.typ.j2").write_text("x", encoding="utf-8")
    found = environment((tmp_path,))
    first = [found.get_template(name) for name in ("index.typ.j2", "cover.typ.j2")]
    assert [found.get_template(name) for name in ("index.typ.j2", "cover.typ.j2")] == first
    os.utime(tmp_path / "index.typ.j2", ns=(1, 1))
    assert found.get_template("index.typ.j2") is not first[0]
    assert not environment().auto_reload, "ours are looked at once"
