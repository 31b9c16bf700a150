"""The map language: every filter and key as `docs/forms.md` says, what a mistake in a map is told, and what an expression cannot do."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from pipeline.cli.main import main
from pipeline.errors import FormValueError, TemplateError
from pipeline.forms.coverage import cover
from pipeline.forms.editions import Edition, current, editions, editions_folder
from pipeline.forms.expressions import FILTERS, compile_all, parse
from pipeline.forms.fieldmap import load_map
from pipeline.forms.values import FieldValue, Subject, evaluate
from pipeline.resources import shipped
from tests.conftest import ROOT
from tests.forms.cases import full_case
from tests.forms.support import case_of, subject_of
from tests.forms.test_forms_editions import as_official


def value(expression: str, **names: Any) -> Any:
    """What an expression gives."""
    return compile_all([parse(expression)]).run(names)[0]


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """The G-1145 with a map of its own, which a test writes with `put`."""
    home = tmp_path / "forms" / "g-1145" / "2014-09-26"
    home.mkdir(parents=True)
    (tmp_path / "forms" / "groups.yaml").write_bytes((editions_folder() / "groups.yaml").read_bytes())
    return Edition(home, current("G-1145").inventory)


HEAD = 'form: G-1145\nedition: "09/26/14"\nper: packet\nprefix: "form1[0].#subform[0]."\nitems:\n'


def put(edition: Edition, items: str, head: str = HEAD) -> Edition:
    """Write the edition's map."""
    edition.map_path.write_text(head + items, encoding="utf-8")
    return edition


def evaluated(edition: Edition, items: str, **petitioner: Any) -> dict[str, FieldValue]:
    """Leaf name to value, for a petitioner with these properties."""
    data = full_case("7")
    data["petitioner"] |= petitioner
    subject: Subject = subject_of(data, "G-1145")
    return {v.field.name.rpartition(".")[2]: v for v in evaluate(load_map(put(edition, items)), subject).fields}


# ---- Filters


@pytest.mark.parametrize(
    ("expression", "given", "result"),
    [
        ("it | date", "1990-05-05", "05/05/1990"),
        ("it | date", "May 1990", "May 1990"),
        ("it | date", None, ""),
        ("it | digits", "A055-501 234", "055501234"),
        ("it | digits(9)", "A5501234", "005501234"),
        ("it | digits(3)", 68, "068"),
        ("it | digits(9)", None, ""),
        ("it | phone", "+1 (713) 555-0142", "7135550142"),
        ("it | phone", "1-713-555-0142", "7135550142"),
        ("it | phone", "+504 2555 0117", "50425550117"),
        ("it | a_number", "A5501234", "005501234"),
        ("it | a_number", "", ""),
        ("it | state", "tx", "TX"),
        ("it | country", "United States", "USA"),
        ("it | country", "u.s.a.", "USA"),
        ("it | country", "Honduras", "Honduras"),
        ("it | yes_no", True, "yes"),
        ("it | yes_no", False, "no"),
        ("it | yes_no", None, ""),
        ("it | yes_no", "yes", ""),
        ("it | money", 91400, "91,400"),
        ("it | money", 1234567, "1,234,567"),
        ("it | money", 630, "630"),
        ("it | upper", "tx", "TX"),
    ],
)
def test_filters(expression: str, given: Any, result: str) -> None:
    assert value(expression, it=given) == result


@pytest.mark.parametrize("filter_", FILTERS)
def test_every_filter_of_nothing_is_nothing(filter_: str) -> None:
    assert value(f"absent.so.far | {filter_}") == ""


def test_what_is_absent_is_empty_however_deep() -> None:
    assert value("a.b.c", a={}) == ""
    assert value("a.b[3].c | upper", a={"b": []}) == ""
    assert value("a.b or 'else'", a={}) == "else"
    assert value("preparer is defined") is False


def test_the_documentation_names_every_filter_and_every_name() -> None:
    page = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)(?:\(\d+\))?`", page))
    assert set(FILTERS) <= told
    names = {
        "petitioner",
        "beneficiary",
        "supporter",
        "terms",
        "representative",
        "preparer",
        "interpreter",
        "request",
        "filing",
        "case",
        "item",
    }
    assert names | {"self_filed", "fee", "forms_listed", "it"} <= told
    keys = {"form", "edition", "per", "order", "needs", "when", "prefix", "signatures", "addendum", "items", "blank"}
    assert (
        keys | {"part", "text", "tick", "choose", "choose_many", "boxes", "field", "fields", "use", "of", "rows", "more", "overflow", "why"}
        <= told
    )


# ---- Entries


def test_text_tick_use_and_rows(edition: Edition) -> None:
    items = """
- {part: "1", item: "1", use: name, of: petitioner.name, fields: {family: "LastName[0]", given: "FirstName[0]"}}
- {part: "1", item: "2", text: petitioner.email | upper, field: "Email[0]"}
"""
    held = evaluated(edition, items)
    assert (held["LastName[0]"].text, held["FirstName[0]"].text) == ("Quennevar", "Marisolda")
    assert held["Email[0]"].text == "M.QUENNEVAR@EXAMPLE.ORG"
    assert held["LastName[0]"].pointer == "/petitioner/name/family"
    assert (held["Email[0]"].part, held["Email[0]"].item) == ("1", "2")


def test_rows_take_what_there_is_and_more_takes_the_rest(edition: Edition) -> None:
    items = """
- part: "1"
  item: "1"
  rows: petitioner.other_names
  use: name
  fields: [{family: "LastName[0]"}]
  more: it.given ~ ' ' ~ it.family
"""
    data = full_case("7")
    data["petitioner"]["other_names"] = [{"family": f"F{n}", "given": f"G{n}"} for n in range(3)]
    values = evaluate(load_map(put(edition, items)), subject_of(data, "G-1145"))
    assert [v.text for v in values.fields] == ["F0"]
    assert [(v.text, v.pointer) for v in values.extra] == [("G1 F1", "/petitioner/other_names/1"), ("G2 F2", "/petitioner/other_names/2")]


@pytest.mark.parametrize(
    ("condition", "text"), [("true", "Quennevar"), ("false", ""), ('item == "7"', "Quennevar"), ("petitioner.nothing", "")]
)
def test_when_empties_the_boxes(edition: Edition, condition: str, text: str) -> None:
    items = f"- {{part: '1', item: '1', when: '{condition}', text: petitioner.name.family, field: 'LastName[0]'}}\n".replace(
        "'item == \"7\"'", 'item == "7"'
    )
    assert evaluated(edition, items)["LastName[0]"].text == text


def test_a_choice_that_has_no_box_names_the_boxes_and_not_the_value() -> None:
    data = full_case("7")
    data["petitioner"]["sex"] = "Quennevarian"
    with pytest.raises(FormValueError) as caught:
        evaluate(load_map(current("I-131")), subject_of(data, "I-131"))
    (finding,) = caught.value.findings
    assert (finding.rule, finding.where.split()[-1]) == ("form-choice", "/petitioner/sex")
    assert "female" in finding.remedy
    assert "Quennevarian" not in f"{finding.message}{finding.remedy}"


def test_every_wrong_value_is_named_at_once() -> None:
    data = full_case("7")
    data["petitioner"]["mailing_address"] |= {"city": "Llanfairpwllgwyngyllgogerych", "state": "XX"}
    data["beneficiaries"][0]["name"]["given"] = "Дмитрий"
    with pytest.raises(FormValueError) as caught:
        evaluate(load_map(current("I-131")), subject_of(data, "I-131"))
    assert {f.rule for f in caught.value.findings} == {"form-too-long", "form-option", "form-character"}


# ---- Mistakes in a map


@pytest.mark.parametrize(
    ("items", "rule", "says"),
    [
        ("- {part: '1', item: '1', text: petitioner.email, field: 'Nowhere[0]'}\n", "map-field", "Nowhere[0]"),
        ("- {part: '1', item: '1', text: petitioner.email |, field: 'Email[0]'}\n", "map-expression", "petitioner.email"),
        ("- {part: '1', item: '1', text: 'petitioner.email }} {{ 1', field: 'Email[0]'}\n", "map-expression", "unexpected '}'"),
        (
            "- {part: '1', item: '1', text: petitioner.email | nosuch, field: 'Email[0]'}\n",
            "map-expression",
            "no filter or test named nosuch",
        ),
        (
            "- {part: '1', item: '1', text: petitioner.email is nosuch, field: 'Email[0]'}\n",
            "map-expression",
            "no filter or test named nosuch",
        ),
        ("- {part: '1', item: '1', text: petitioner.email}\n", "map-key", "field is missing"),
        ("- {part: '1', item: '1', field: 'Email[0]'}\n", "map-key", "text is missing"),
        ("- {part: '1', item: '1', text: petitioner.email, field: 'Email[0]', overflw: true}\n", "map-key", "no key overflw"),
        ("- {part: '1', item: '1', use: nobody, of: petitioner, fields: {email: 'Email[0]'}}\n", "map-group", "no email in a group nobody"),
        ("- {part: '1', item: '1', use: contact, of: petitioner, fields: {fax: 'Email[0]'}}\n", "map-group", "no fax in a group contact"),
        ("- {part: '1', item: '1'\n", "map-syntax", "map.yaml:"),
    ],
)
def test_a_mistake_in_a_map_is_named_with_its_place(edition: Edition, items: str, rule: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        load_map(put(edition, items))
    (finding,) = caught.value.findings
    assert finding.rule == rule
    assert says in f"{finding.where} {finding.message}"
    assert finding.remedy
    if rule != "map-syntax":
        assert "entry 1 (part 1, item 1)" in finding.where


HEADS = [
    ("order: 10\n", "ordr: 10\n", "there is no key ordr; did you mean order?"),
    ("per: packet\n", "", "per is missing"),
    ("per: packet\n", "per: family\n", "'family' is none of packet, beneficiary, support, payment"),
    ("order: 10\n", "order: first\n", "order: a whole number is expected here"),
    ("order: 10\n", "wen: self_filed\n", "there is no key wen; did you mean when?"),
    ("order: 10\n", "signatures: [{field: 'Email[0]', who: nobody, part: '1', item: '1'}]\n", "signatures, 1, who: 'nobody' is none of"),
    ("order: 10\n", "addendum: {part: '2', entries: []}\n", "addendum, entries: there is nothing here"),
    ("order: 10\n", "blank: [{fields: ['Email[0]']}]\n", "blank, 1: why is missing"),
    ("form: G-1145\n", "form: G-28\n", "the map says G-28 09/26/14, and the inventory beside it is of G-1145 09/26/14"),
    ('"09/26/14"', '"09/26/15"', "the map says G-1145 09/26/15"),
]


@pytest.mark.parametrize(("right", "wrong", "says"), HEADS)
def test_a_mistake_in_the_head_of_a_map_is_named(edition: Edition, right: str, wrong: str, says: str) -> None:
    """A `when` or `order` that was misspelled was left out without a word, and with it what it asked for."""
    head = HEAD.replace("per: packet\n", "per: packet\norder: 10\n")
    load_map.__wrapped__(put(edition, "  []\n", head))
    with pytest.raises(TemplateError) as caught:
        load_map.__wrapped__(put(edition, "  []\n", head.replace(right, wrong)))
    (finding,) = caught.value.findings
    assert says in f"{finding.where}: {finding.message}"
    assert finding.where.startswith("G-1145 map.yaml")


def test_all_mistakes_of_a_map_are_named_at_once(edition: Edition) -> None:
    wrong = "- {part: 1, text: petitioner.email}\n- {part: '1', tick: 'true', text: '1', field: 'Email[0]'}\n- nothing\n"
    with pytest.raises(TemplateError) as caught:
        load_map(put(edition, wrong))
    assert [f"{finding.where}: {finding.message}" for finding in caught.value.findings] == [
        "G-1145 map.yaml, entry 1 (part 1, item None): field is missing",
        "G-1145 map.yaml, entry 1 (part 1, item None), part: text, in quotes is expected here",
        "G-1145 map.yaml, entry 2 (part 1, item None): there is no key text",
        "G-1145 map.yaml, entry 2 (part 1, item None): there is no key tick",
        "G-1145 map.yaml, entry 3 (part None, item None): keys with values is expected here",
    ]


def test_the_schema_of_maps_explains_every_key() -> None:
    schema = json.loads((shipped("schemas") / "map.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for kind in ("rows", "use", "choose", "choose_many", "tick", "note", "text"):
        assert schema["$defs"][kind]["description"].endswith(".")
    assert all(one["description"].endswith(".") for one in schema["properties"].values())


def test_a_missing_map_points_to_the_documentation(edition: Edition) -> None:
    with pytest.raises(TemplateError) as caught:
        load_map(edition)
    assert (caught.value.findings[0].rule, caught.value.findings[0].remedy) == ("map-missing", "See docs/forms.md.")


@pytest.mark.parametrize(
    "attack",
    [
        "().__class__.__base__.__subclasses__()",
        "petitioner.__class__.__mro__",
        "''.__class__",
        "cycler.__init__.__globals__.os.popen('id').read()",
        "self._TemplateReference__context",
        "lipsum.__globals__",
        "request.__init__",
        "case.update({'a': 1})",
    ],
)
def test_an_expression_reads_the_case_and_nothing_of_python(attack: str) -> None:
    data = full_case("7")
    before = repr(data)
    names = Subject(case_of(data)).names() | {"petitioner": data["petitioner"]}
    with contextlib.suppress(SecurityError, UndefinedError, TemplateSyntaxError):
        assert value(attack, **names) == ""
    assert repr(data) == before


def test_a_kept_map_is_found_again_whatever_its_inventory_was_asked(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inventory remembers its fields by name when asked: no part of what a map is made from, and another thread may be asking."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    items = "- {part: '1', item: '1', text: petitioner.name.family, field: 'LastName[0]'}\n"
    made, found = (load_map(put(Edition(edition.folder, inventory), items)) for inventory in [replace(edition.inventory)] * 2)
    assert len(list((tmp_path / "cache").rglob("maps/*"))) == 1
    assert (made.targets, made.per, made.blank) == (found.targets, found.per, found.blank)


# ---- The example of the documentation


def test_the_example_of_the_documentation_makes_a_form_from_nothing(tmp_path: Path) -> None:
    """Its commands write the inventory, its map loads, and every field is accounted for."""
    page = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8")
    first, last = (re.search(r"```yaml\n(form: G-1450.*?)```", page[start:], re.DOTALL) for start in (0, page.index("<!-- the map that")))
    assert first is not None
    assert last is not None
    blank = tmp_path / "g-1450.pdf"
    blank.write_bytes(as_official("G-1450"))
    done = CliRunner().invoke(main, ["forms", "inspect", str(blank), "--write", str(tmp_path / "forms")])
    home = tmp_path / "forms" / "g-1450" / "2026-02-06"
    assert done.output.splitlines()[-1] == f"wrote {home / 'inventory.json'}"
    (tmp_path / "forms" / "groups.yaml").write_bytes((editions_folder() / "groups.yaml").read_bytes())
    for text, accounted in ((first[1], 3), (last[1], 29)):
        shutil.rmtree(tmp_path / str(accounted), ignore_errors=True)
        copy = shutil.copytree(tmp_path / "forms", tmp_path / str(accounted) / "forms")
        (copy / "g-1450" / "2026-02-06" / "map.yaml").write_text(text, encoding="utf-8")
        (made,) = editions(copy)
        found = cover(load_map(made))
        assert (found.accounted, found.fields, len(found.findings)) == (accounted, 29, 29 - accounted)
    assert {v.text for v in evaluate(load_map(made), _paying()).fields} == {"Marisolda", "Ivette", "Quennevar", "1,440"}


def _paying() -> Subject:
    case = case_of(full_case("7"))
    return Subject(case, {"petitioner": case.petitioner}, {"fee": 1440})


def test_the_pictures_of_the_documentation_are_there_and_small() -> None:
    page = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8")
    pictures = [ROOT / "docs" / name for name in re.findall(r"\]\((pictures/[\w-]+\.png)\)", page)]
    assert len(pictures) == 3
    assert all(0 < picture.stat().st_size < 200_000 for picture in pictures)
