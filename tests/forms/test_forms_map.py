"""The maps as a whole: every field accounted for, every path in the schema, and each filing kind's own boxes and parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import nodes

from pipeline.case.schema import schema_findings
from pipeline.forms import fieldmap
from pipeline.forms.coverage import cover
from pipeline.forms.editions import current, editions, editions_folder
from pipeline.forms.expressions import parse
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import FilledForm
from pipeline.forms.values import evaluate
from pipeline.resources import shipped
from tests.forms.cases import AGENCY, ITEMS, OTHER_BASIS, PROGRAM, RECEIPT, ROLES, SELF_ONLY, TASK_FORCE, Data, full_case
from tests.forms.reading import map_of
from tests.forms.support import case_of, filled, subject_of, ticks

FORMS = {"G-1145": 6, "G-1450": 29, "G-1650": 17, "G-28": 101, "I-131": 339, "I-134": 250}

PART_1 = {
    "4": (1, 3), "5.A": (1, 4), "5.B": (2, 12), "5.C": (2, 10), "5.D": (2, 7), "5.E": (2, 8), "5.F": (2, 9), "5.G": (2, 1),
    "5.H": (2, 0), "5.I": (2, 2), "5.J": (2, 3), "5.K": (2, 4), "5.L": (2, 11), "5.M": (2, 5), "6.A": (2, 6), "6.B": (3, 8),
    "6.C": (3, 7), "6.D": (3, 0), "6.E": (3, 1), "7": (3, 5), "8.A": (3, 2), "8.B": (3, 4), "8.C": (3, 3), "9": (3, 6),
    "10.A": (4, 5), "10.B": (4, 4), "10.C": (4, 6), "10.D": (4, 7), "10.E": (4, 8), "10.F": (4, 9), "10.G": (4, 1),
    "10.H": (4, 2), "10.I": (4, 3), "11": (4, 0),
}  # fmt: skip
"""Page and bracket number of each item's box, as read from the blank of 01/20/25; the numbers follow no order."""

OPENED = {
    **{item: {f"P1_Line{item.replace('.', '')}[0]": RECEIPT} for item in ITEMS if item[0] in "45" and item not in ("5.D", "5.H", "5.M")},
    "5.H": {"P1_Line5H[0]": "PAR"},
    "5.M": {"P1_Line5M[0]": OTHER_BASIS},
    "6.A": {"P1_Line6A[0]": RECEIPT},
    "6.C": {"P1_Line6C1[0]": AGENCY["name"], "P1_Line6C2[0]": AGENCY["email"]},
    "6.D": {"P1_Line6D[0]": TASK_FORCE},
    "6.E": {"P1_Line6E[0]": PROGRAM},
    "8.B": {"P1_Line8B[0]": TASK_FORCE},
    "8.C": {"P1_Line8C[0]": PROGRAM},
    "10.I": {"P1_Line10I[0]": PROGRAM},
}
"""What an item opens for text beside its box."""


def of_part(done: FilledForm, part: str, *items: str) -> set[str]:
    """The items of a part that hold text or a tick; all of its items unless some are named."""
    fields = [v.field for v in done.values if (v.text or v.ticked) and v.field.part == part]
    return {f.item or "" for f in fields if not items or f.item in items}


def everything(item: str) -> Data:
    """A case that says more than the item asks for: what belongs to another item must stay off the form."""
    data = full_case(item)
    data["request"] = {
        "receipt": RECEIPT, "other_basis": OTHER_BASIS, "agency": AGENCY, "task_force_number": TASK_FORCE, "program": PROGRAM,
        **full_case("5.A")["request"], **full_case("7")["request"], **data["request"],
    }  # fmt: skip
    data["beneficiaries"][0].setdefault("military_role", "family")
    data["beneficiaries"][0].setdefault("wants_work_permit", True)
    data["beneficiaries"][0].setdefault("qualifies_because", "Reasons.")
    return data


# ---- Coverage


@pytest.mark.parametrize("form", FORMS)
def test_every_field_is_mapped_signed_or_blank_for_a_reason(form: str) -> None:
    found = cover(map_of(form))
    assert found.findings == ()
    assert (found.accounted, found.fields) == (FORMS[form], FORMS[form])
    assert all(len(why.split()) >= 3 for why in map_of(form).blank.values())


def test_there_is_a_map_for_every_edition() -> None:
    assert {e.form for e in editions()} == set(FORMS)
    assert all(e.map_path.is_file() for e in editions())


@pytest.mark.parametrize("form", FORMS)
def test_pen_boxes_and_barcodes_are_never_mapped(form: str) -> None:
    form_map = map_of(form)
    boxes = [box for target in form_map.targets for box in target.boxes.values()]
    assert {box.type for box in boxes} <= {"text", "checkbox", "choice"}
    assert not [box.name for box in boxes if "DateofSignature" in box.name or box.name.endswith("Sign[0]")]
    pens = {f.name for f in form_map.edition.inventory.fields if f.type == "signature"}
    assert pens == {box.field.name for box in form_map.signatures} | (pens & form_map.blank.keys())


# ---- Paths


@cache
def _schema(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


Node = tuple[Path, Any]
"""A schema and the file that its references start from."""


def _resolve(file: Path, reference: str) -> Node:
    target, _, pointer = reference.partition("#")
    file = (file.parent / target).resolve() if target else file
    node = _schema(file)
    for token in pointer.split("/")[1:]:
        node = node[token]
    return file, node


def _alike(node: Node) -> Iterator[Node]:
    """A schema and every schema that it takes in: references and the branches of conditions."""
    file, schema = node
    yield node
    if "$ref" in schema:
        yield from _alike(_resolve(file, schema["$ref"]))
    for key in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(key, ()):
            yield from _alike((file, branch))


def _step(nodes_: list[Node], token: str | int) -> list[Node]:
    alike = [node for start in nodes_ for node in _alike(start)]
    if isinstance(token, int):
        return [(file, schema["items"]) for file, schema in alike if "items" in schema]
    return [(file, schema["properties"][token]) for file, schema in alike if token in schema.get("properties", {})]


def _roots() -> dict[str, list[Node]]:
    """What each name of an expression means in the case schema."""
    file = (shipped("schemas") / "case.json").resolve()
    top = [(file, _schema(file))]
    petitioner, representative, preparer = (_step(top, name) for name in ("petitioner", "representative", "preparer"))
    beneficiary = _step(_step(top, "beneficiaries"), 0)
    supporter = _step(_step(top, "supporters"), 0)
    return {
        "case": top,
        "request": _step(top, "request"),
        "filing": _step(top, "filing"),
        "petitioner": petitioner,
        "beneficiary": beneficiary,
        "supporter": supporter,
        "terms": _step(_step(supporter, "supports"), 0),
        "representative": representative,
        "preparer": preparer + representative,
        "interpreter": _step(petitioner, "interpreter"),
    }


FACTS = {"item", "self_filed", "fee", "forms_listed"}
METHODS = {"split", "startswith"}


def _path(node: nodes.Node) -> list[str | int] | None:
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Getattr) and (head := _path(node.node)) is not None:
        return [*head, node.attr]
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const | nodes.Neg) and (head := _path(node.node)) is not None:
        return [*head, 0]
    return None


def _paths(source: str) -> Iterator[list[str | int]]:
    def visit(node: nodes.Node) -> Iterator[list[str | int]]:
        if (path := _path(node)) is not None:
            yield path
        else:
            for child in node.iter_child_nodes():
                yield from visit(child)

    return visit(parse(source))


def _sources(raw: Any, groups: Any) -> Iterator[tuple[str, str | None]]:
    """Every expression of a map, and the expression that `it` stands for in it."""
    for signature in raw.get("signatures", ()):
        yield signature.get("when", "true"), None
    for entry in raw["items"]:
        for key in ("when", "text", "tick", "choose", "choose_many", "of", "rows"):
            if key in entry:
                yield str(entry[key]), None
        base = f"({entry['of']})" if "of" in entry else f"{entry.get('rows')}[0]"
        if "more" in entry:
            yield entry["more"], base
        boxes = entry["fields"] if "of" in entry else {k for row in entry.get("fields", ()) for k in row}
        for key in boxes if "use" in entry else ():
            rule = groups[entry["use"]][key]
            yield (rule["tick"] if isinstance(rule, dict) else rule), base


def _unknown(source: str, base: str | None) -> Iterator[str]:
    roots = _roots()
    bases = list(_paths(base)) if base else []
    for path in _paths(source):
        for full in [[*b, *path[1:]] for b in bases] if path[0] == "it" else [path]:
            if full[0] in FACTS:
                if not set(full[1:]) <= METHODS | {0}:
                    yield f"{full}: a fact has no properties"
                continue
            found = roots.get(str(full[0]), [])
            for token in full[1:]:
                found = _step(found, token)
            if not found:
                yield ".".join(map(str, full))


@pytest.mark.parametrize("form", FORMS)
def test_every_access_path_of_the_map_is_in_the_case_schema(form: str) -> None:
    raw = yaml.safe_load(current(form).map_path.read_text(encoding="utf-8"))
    groups = yaml.safe_load((editions_folder() / "groups.yaml").read_text(encoding="utf-8"))["groups"]
    sources = list(_sources(raw, groups))
    assert len(sources) >= len(raw["items"])
    assert [unknown for source, base in sources for unknown in _unknown(source, base)] == []


def test_a_path_that_is_not_in_the_schema_is_found() -> None:
    """The check above can fail: a misspelled name, property or row property is unknown."""
    assert list(_unknown("petitoner.name.family", None)) == ["petitoner.name.family"]
    assert list(_unknown("petitioner.name.familly | upper", None)) == ["petitioner.name.familly"]
    assert list(_unknown("it.name.giben", "supporter.dependents[0]")) == ["supporter.dependents.0.name.giben"]
    assert list(_unknown("petitioner.earlier_documents.advance_parole[-1].isued", None)) == [
        "petitioner.earlier_documents.advance_parole.0.isued"
    ]
    assert list(_unknown("it.zip[:5]", "petitioner.mailing_address")) == []


# ---- Part 1 of the I-131


@pytest.mark.parametrize("item", ITEMS)
def test_the_test_cases_are_what_the_schema_allows(item: str) -> None:
    assert schema_findings(case_of(full_case(item))) == []


@pytest.mark.parametrize("item", ITEMS)
def test_a_part_1_item_ticks_exactly_its_own_box(item: str) -> None:
    done = filled(everything(item), "I-131", item)
    page, bracket = PART_1[item]
    assert {t for t in ticks(done) if "CB_AppType" in t} == {f"{page}:CB_AppType[{bracket}]"}
    (box,) = [v.field for v in done.values if v.ticked and "CB_AppType" in v.field.name]
    assert box.on_state == f"/{ITEMS.index(item) + 4}", "the export value is the running number of the item"


@pytest.mark.parametrize("item", ITEMS)
def test_a_part_1_item_opens_only_its_own_text(item: str) -> None:
    done = filled(everything(item), "I-131", item)
    opened = {
        v.field.name.rpartition(".")[2]: v.text for v in done.values if v.text and v.field.name.rpartition(".")[2].startswith("P1_Line")
    }
    opened.pop("P1_Line12_DateOfAdmission[0]", None)
    assert opened == OPENED.get(item, {})


@pytest.mark.parametrize("item", ITEMS)
def test_a_part_1_item_opens_only_its_own_sub_boxes(item: str) -> None:
    roles = ROLES.get(item, ("family",))
    for number, role in enumerate(roles, 1):
        data = everything(item)
        data["beneficiaries"][0]["military_role"] = role
        ticked = {t.partition(":")[2] for t in ticks(filled(data, "I-131", item))}
        subs = {t for t in ticked if t.startswith("P1_Line") and not t.startswith("P1_Line13")}
        assert subs == ({f"P1_Line{item.replace('.', '')}_{number}[0]"} if item in ROLES else set())


@pytest.mark.parametrize("item", ["1", "2", "3"])
def test_items_1_to_3_are_refused_with_the_reason(item: str) -> None:
    data = full_case("5.A")
    data["request"]["item"] = item
    (finding,) = schema_findings(case_of(data))
    assert "reentry permits and refugee travel documents, not parole" in finding.message
    assert finding.where.endswith("/request/item")


# ---- Which parts each kind fills: the table of the form's own page directions


@pytest.mark.parametrize(
    ("item", "self_filed"), [(item, alone) for item in ITEMS for alone in (True, False) if alone or item not in SELF_ONLY]
)
def test_each_item_fills_the_parts_that_it_asks_for(item: str, self_filed: bool) -> None:
    data = everything(item)
    if self_filed:
        data["beneficiaries"] = [{**full_case(item, self_filed=True)["beneficiaries"][0], "qualifies_because": "Reasons."}]
    assert (data["beneficiaries"][0].get("same_as") == "petitioner") is self_filed
    done = filled(data, "I-131", item)
    group = item.partition(".")[0]
    travel, abroad, again = group in ("4", "5"), group in ("6", "7"), group in ("10", "11")
    assert of_part(done, "1", "12") == ({"12"} if again else set())
    assert of_part(done, "1", "13") == {"13"}
    assert of_part(done, "2", *map(str, range(1, 12))) == set(map(str, range(1, 12)))
    assert of_part(done, "2", "12", "13", "14", "15") == (set() if abroad else {"12", "13", "14", "15"})
    them = {"16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27"}
    assert of_part(done, "2", *them) == (set() if self_filed else them)
    assert of_part(done, "3") == {"1", "2", "3", "4", "5", "6"}
    assert of_part(done, "4", "1", "2.a", "3.a", "3.b", "3.c") == {"1", "2.a", "3.a", "3.b", "3.c"}
    assert of_part(done, "4", "4", "5", "6.a", "6.b") == ({"4", "5", "6.a", "6.b"} if travel else set())
    assert of_part(done, "4", "7.a", "7.b", "8.a", "8.b", "9.a", "9.b", "9.c") == set()
    assert of_part(done, "5") == of_part(done, "6") == set()
    assert of_part(done, "7") == ({"1", "2", "3", "4", "5"} if travel else set())
    assert of_part(done, "8", "1", "2") == (set() if travel else {"1", "2"})
    assert of_part(done, "8", "3.a", "3.b") == ({"3.a", "3.b"} if abroad else set())
    assert of_part(done, "9") == ({"1"} if again else set())
    assert of_part(done, "10", "1", "2", "3") == {"1", "2", "3"}
    assert "1" in of_part(done, "11")
    assert "1" in of_part(done, "12")
    assert of_part(done, "13", "1", "2") == {"1", "2"}


def test_parts_3_and_4_are_about_the_recipient_and_parts_2_and_10_about_the_filer() -> None:
    done = filled(everything("7"), "I-131", "7")
    texts = {(v.field.part, v.field.item): v.text for v in done.values if v.text}
    assert texts["2", "9"] == "03/17/1984"
    assert texts["2", "18"] == "11/02/1990"
    pointers = {v.field.part: v.pointer for v in done.values if v.field.part in ("3", "10") and v.pointer}
    assert pointers["3"].startswith("/beneficiaries/0/biographic")
    assert pointers["10"].startswith("/petitioner/")


def test_without_interpreter_preparer_and_representative_their_parts_stay_empty() -> None:
    data = full_case("7")
    data["petitioner"]["reads_english"] = True
    del data["petitioner"]["interpreter"], data["representative"]
    for form, parts in (("I-131", ("11", "12")), ("I-134", ("6", "7"))):
        done = filled(data, form)
        assert [of_part(done, part) for part in parts] == [set(), set()]
    assert "1:G28_Attached[0]" not in ticks(filled(data, "I-131"))


@pytest.mark.parametrize(("alone", "part"), [(True, "4"), (False, "5")])
def test_an_interpreter_alone_says_that_the_signer_does_not_read_english(alone: bool, part: str) -> None:
    data = full_case("7", self_filed=alone)
    del data["petitioner"]["reads_english"]
    done = filled(data, "I-134")
    language = next(v.text for v in done.values if v.part == part and v.item == "1.B")
    ticked = [v.field.item for v in done.values if v.part == part and v.item == "1" and v.ticked]
    assert language == "Spanish"
    assert ticked == ["1.B"]
    del data["petitioner"]["interpreter"]
    assert of_part(filled(data, "I-134"), part, "1.A", "1.B") == set()


def test_a_preparer_of_its_own_stands_in_part_12_and_the_representative_else() -> None:
    data = full_case("7")
    data["preparer"] = {"name": {"family": "Ostrivane", "given": "Leopold"}, "firm": "Elsewhere", "email": "l.ostrivane@example.org"}
    for form, part in (("I-131", "12"), ("I-134", "7")):
        assert "Ostrivane" in {v.text for v in filled(data, form).values if v.field.part == part}
        assert "Ravensholt" in {v.text for v in filled(full_case("7"), form).values if v.field.part == part}


@pytest.mark.parametrize("form", ["G-28", "I-131", "I-134"])
def test_a_map_from_the_cache_says_the_same_as_a_compiled_one(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_nothing(_: object) -> None:
        raise AssertionError("the map was compiled again")

    compiled, subject = load_map.__wrapped__(current(form)), subject_of(full_case("7"), form)
    monkeypatch.setattr(fieldmap, "read_map", read_nothing)
    cached = load_map.__wrapped__(current(form))
    assert cached.edition is current(form)
    assert evaluate(cached, subject).fields == evaluate(compiled, subject).fields
    assert (cached.blank, cached.signatures[0].field, cached.targets) == (compiled.blank, compiled.signatures[0].field, compiled.targets)
