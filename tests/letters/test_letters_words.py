"""The tables of words.yaml name every word of the case schema, and an office may have its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from pipeline.case.skeleton import kinds
from pipeline.errors import TemplateError
from pipeline.letters.checking.check import check_templates
from pipeline.letters.checking.shapes import allowed
from pipeline.letters.documents import cover_letter
from pipeline.letters.office import Office
from pipeline.letters.words import TABLES, vocabulary
from tests.letters.reading import smallest, words

OURS = Path(__file__).parents[2] / "templates" / "letters" / "words.yaml"


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_an_entry_for_each_word_of_the_schema(table: str) -> None:
    assert set(getattr(vocabulary(), table)) == set(allowed(TABLES[table]))


def test_the_item_of_a_letter_is_named_with_its_sub_box() -> None:
    one = smallest("re-parole", "10.E")
    assert vocabulary().item(one).code == "10.E(2)"
    others = [replace(one.beneficiaries[0], military_role=role) for role in ("family", "guardian")]
    mixed = vocabulary().item(replace(one, beneficiaries=tuple(others)))
    assert (mixed.code, mixed.role) == ("10.E", None)
    assert vocabulary().item(smallest("program-parole", "6.E")).program == "Cooperative shipping program"


def test_every_kind_has_its_re_line() -> None:
    for kind in kinds():
        assert vocabulary().item(smallest(kind)).re.startswith("Request for ")


def test_an_office_has_its_own_words(tmp_path: Path) -> None:
    tables = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    tables["kinds"]["urgent-humanitarian"] = "Parole, please"
    (tmp_path / "words.yaml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    assert "Re: Parole, please" in words(cover_letter(smallest("urgent-humanitarian"), Office(templates=(tmp_path,))))


def test_a_missing_or_foreign_word_is_found(tmp_path: Path) -> None:
    tables = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    del tables["reasons"]["funeral"]
    tables["grounds"]["vacation"] = "a vacation"
    (tmp_path / "words.yaml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    found = check_templates(Office(templates=(tmp_path,))).findings
    assert [(f.where, f.message) for f in found] == [
        ("words.yaml reasons", 'has no entry for a word of the case schema, "funeral"'),
        ("words.yaml grounds", 'has an entry that is no word of the case schema, "vacation"'),
    ]


@pytest.mark.parametrize("content", ["3\n", "items: [1]\n", "items: {}\nkinds: {}\n"])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "words.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match=r"words\.yaml: does not hold the tables"):
        vocabulary((tmp_path,))
