"""Checkboxes, names and lists that say something else than they seem to: traps 7, 8, 9 and 13, one test a trap."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.errors import FormValueError, TemplateError
from pipeline.forms.editions import Edition, current, editions_folder
from pipeline.forms.fieldmap import load_map
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.inventory import Field, Inventory
from pipeline.forms.reader import leaves, read_form
from tests.forms.cases import ABROAD, Data, full_case
from tests.forms.reading import box_states, held, map_of, shown
from tests.forms.support import filled, subject_of, texts, ticks
from tests.forms.trapped import blank, trapped_bytes

FORMS = ("I-131", "I-134", "G-28")


@pytest.fixture(params=["trapped facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles with the same traps."""
    return request.getfixturevalue("official") if request.param == "official" else None


def field(form: str, leaf: str, page: int = 0) -> Field:
    """A field by the last part of its name, and its page when that is not enough."""
    (found,) = [f for f in current(form).inventory.fields if f.name.endswith("." + leaf) and page in (0, f.page)]
    return found


def on(done: FilledForm) -> set[str]:
    """Last parts of the names of ticked boxes."""
    return {t.partition(":")[2] for t in ticks(done)}


def changed(item: str = "7", /, **values: Any) -> Data:
    """A full case with some values at dotted places replaced: `petitioner__sex="male"`."""
    data = full_case(item)
    for place, value in values.items():
        node: Any = data
        *path, last = [int(step) if step.isdigit() else step for step in place.split("__")]
        for step in path:
            node = node[step]
        node[last] = value
    return data


# ---- 7. Checkboxes


@pytest.mark.parametrize(
    ("form", "place", "choices"),
    [
        ("I-131", "beneficiaries__0__refugee_status", [True, False]),
        ("I-131", "petitioner__sex", ["male", "female"]),
        ("I-131", "beneficiaries__0__biographic", None),
        ("I-134", "supporters__0__employment", [{"kind": "retired"}, {"kind": "not-employed"}]),
    ],
)
def test_trap_7_nothing_stops_two_boxes_of_a_pair(form: str, place: str, choices: list[Any] | None, source: Path | None) -> None:
    """Each box is a field of its own: the one that is chosen goes on, and every other of its group off, in the file as well."""
    base = full_case("7")["beneficiaries"][0]["biographic"]
    for choice in choices or [{**base, "eyes": eyes} for eyes in ("blue", "other")]:
        done = fill(blank(form, source), map_of(form), subject_of(changed(**{place: choice}), form))
        fields = box_states(done.editable())
        for target in map_of(form).targets:
            if target.kind == "choose":
                assert sum(fields[box.name] != "/Off" for box in target.boxes.values()) <= 1
        assert shown(done.flat(), current(form).inventory.fields).ticked == {v.field.name for v in done.values if v.ticked}


@pytest.mark.parametrize("form", [*FORMS, "G-1450", "G-1650"])
def test_trap_7_a_widget_has_only_its_on_state_and_a_wrong_one_means_off(form: str, source: Path | None) -> None:
    """Also for /Y, /Yes or APT, silently: the state is the inventory's, read from the file itself."""
    data = (source / f"{form.lower()}.pdf").read_bytes() if source else trapped_bytes(form)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        states = {name: {str(k) for k in leaf.AP.N.keys()} - {"/Off"} for name, leaf in leaves(pdf) if leaf.FT == "/Btn"}
    assert states == {f.name: {f.on_state} for f in current(form).inventory.fields if f.type == "checkbox"}


@pytest.mark.parametrize(("form", "spaced"), [("I-131", True), ("G-28", True), ("G-1450", True), ("I-134", False)])
def test_trap_7_unit_states_have_spaces_in_them(form: str, spaced: bool) -> None:
    states = {f.on_state for f in current(form).inventory.fields if f.on_state and f.on_state.strip("/ ") in ("APT", "STE", "FLR")}
    assert states == ({"/ APT ", "/ STE ", "/ FLR "} if spaced else {"/APT", "/STE", "/FLR"})


UNITS = {
    "I-131": {
        "petitioner__mailing_address": "Part2_Line3",
        "petitioner__physical_address": "Part2_Line4",
        "them__mailing_address": "P2_Line24",
    },
    "I-134": {
        "petitioner__mailing_address": "Part2_Line3",
        "petitioner__physical_address": "Part2_Line5",
        "them__mailing_address": "Part3_Item9",
    },
    "G-28": {"representative__address": "Line3b", "petitioner__mailing_address": "Line12b"},
}
UNITS["I-131"]["them__physical_address"] = "P2_Line25"
UNITS["I-134"]["them__physical_address"] = "P2_Line10"
ORDER = {"I-131": ["STE", "APT", "FLR"], "G-28": ["STE", "FLR", "APT"], "I-134": ["APT", "STE", "FLR"], "P2_Line10": ["FLR", "STE", "APT"]}


@pytest.mark.parametrize(
    ("form", "place", "name"), [(form, place, name) for form, places in UNITS.items() for place, name in places.items()]
)
def test_trap_7_the_bracket_order_of_unit_boxes_is_not_the_page_order(form: str, place: str, name: str, source: Path | None) -> None:
    for kind in ("apt", "ste", "flr"):
        place_in_case = place.replace("them", "beneficiaries__0")
        unit: Data = {**ABROAD, "unit": {"kind": kind, "number": "9"}}
        done = fill(blank(form, source), map_of(form), subject_of(changed(**{place_in_case: unit}), form))
        bracket = ORDER.get(name, ORDER[form]).index(kind.upper())
        assert {leaf for leaf in on(done) if leaf.startswith(f"{name}_Unit")} == {f"{name}_Unit[{bracket}]"}
        state = box_states(done.editable())[field(form, f"{name}_Unit[{bracket}]").name]
        assert state.strip("/ ") == kind.upper()


def test_trap_7_reversed_yes_and_no_in_part_6_of_the_i_131() -> None:
    """Asked only for a refugee travel document, so never filled; the inventory has the states for who maps them."""
    states = {
        f"{f.item}{'' if f.item != '4.c' else f.name[-6:-3]}:{f.name[-2]}": f.on_state
        for f in current("I-131").inventory.fields
        if f.part == "6" and f.on_state
    }
    no_first = {"2", "3.b", "4.a", "5", "6.a"}
    for item in (*no_first, "3.a", "3.c", "4.b"):
        assert [states[f"{item}:0"], states[f"{item}:1"]] == (["/N", "/Y"] if item in no_first else ["/Y", "/N"])
    assert {f.on_state for f in current("I-131").inventory.fields if f.item == "4.c"} == {"/Y"}
    assert {f.name for f in current("I-131").inventory.fields if f.part == "6" and f.on_state} <= map_of("I-131").blank.keys()


@pytest.mark.parametrize(("order", "box"), [(True, "Checkbox1dAm[0]"), (False, "Checkbox1dAmNot[0]")])
def test_trap_7_am_and_am_not_export_the_opposite(order: bool, box: str) -> None:
    done = filled(changed(representative__disciplinary_order=order), "G-28")
    assert {leaf for leaf in on(done) if leaf.startswith("Checkbox1d")} == {box}
    assert field("G-28", box).on_state == ("/N" if order else "/Y")


@pytest.mark.parametrize(("sex", "box"), [("female", "Part2_Line8_Gender[0]"), ("male", "Part2_Line8_Gender[1]")])
def test_trap_7_female_comes_first(sex: str, box: str) -> None:
    assert {leaf for leaf in on(filled(changed(petitioner__sex=sex), "I-131")) if "Gender" in leaf} == {box}


def test_trap_7_seven_b_comes_before_seven_a() -> None:
    assert [field("I-131", f"P4_Line7a[{n}]").item for n in (0, 1)] == ["7.b", "7.a"]
    assert {field("I-131", f"P4_Line7a[{n}]").name for n in (0, 1)} <= map_of("I-131").blank.keys()


@pytest.mark.parametrize(("ethnicity", "bracket"), [("not-hispanic", 0), ("hispanic", 1)])
def test_trap_7_not_hispanic_comes_first(ethnicity: str, bracket: int) -> None:
    data = changed(beneficiaries__0__biographic={**full_case("7")["beneficiaries"][0]["biographic"], "ethnicity": ethnicity})
    assert {leaf for leaf in on(filled(data, "I-131")) if "Ethnicity" in leaf} == {f"P3_Line1_Ethnicity[{bracket}]"}


CORRECTIONS = {
    "name": "Name", "a-number": "ANumber", "country": "CountryofBirthCitizenship", "terms": "Terms", "date-of-birth": "DOB",
    "sex": "Gender", "validity": "Validity", "photo": "Photo",
}  # fmt: skip


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_trap_7_correction_boxes_share_their_states(correction: str, source: Path | None) -> None:
    """A, B, C, D, E, and C, D, E again: a filler that goes by the state ticks two."""
    data = full_case("5.A")
    data["request"]["replacement"]["corrections"] = [correction]
    done = fill(blank("I-131", source), map_of("I-131"), subject_of(data, "I-131", "5.A"))
    assert {leaf for leaf in on(done) if leaf.startswith("P4_Line6a")} == {f"P4_Line6a_{CORRECTIONS[correction]}[0]"}


@pytest.mark.parametrize(("role", "number"), [("service-member", 1), ("family", 2), ("guardian", 3)])
def test_trap_7_sub_boxes_all_export_1(role: str, number: int) -> None:
    done = filled(changed("6.B", beneficiaries__0__military_role=role), "I-131", "6.B")
    assert {leaf for leaf in on(done) if leaf.startswith("P1_Line6B")} == {f"P1_Line6B_{number}[0]"}


def test_trap_7_the_boxes_of_part_5_all_export_y() -> None:
    boxes = [f for f in current("I-131").inventory.fields if f.part == "5"]
    assert [f.on_state for f in boxes] == ["/Y"] * 6
    assert {f.name for f in boxes} <= map_of("I-131").blank.keys()


@pytest.mark.parametrize(("alone", "bracket"), [(False, 0), (True, 1)])
def test_trap_7_myself_is_printed_first_and_is_box_1(alone: bool, bracket: int) -> None:
    done = filled(full_case("7", self_filed=alone), "I-134")
    assert {leaf for leaf in on(done) if leaf.startswith("Pt3Line17")} == {f"Pt3Line17[{bracket}]"}


STATUSES = {
    "us-citizen": "/C", "us-national": "/N", "lawful-permanent-resident": "/PR", "nonimmigrant": "/NI", "asylee": "/A",
    "refugee": "/R", "parolee": "/P", "tps-holder": "/TPS", "deferred-action": "/B", "none": "/Other",
}  # fmt: skip
MARITAL = {"single": "/S", "married": "/M", "divorced": "/D", "widowed": "/W", "legally-separated": "/E", "annulled": "/A", "other": "/O"}
EMPLOYMENT = {"employed": "/E", "self-employed": "/SE", "not-employed": "/U", "retired": "/M", "other": "/O"}


@pytest.mark.parametrize(
    ("item", "place", "value", "state"),
    [
        *(("10", "petitioner__status", value, state) for value, state in STATUSES.items()),
        *(("8", "beneficiaries__0__marital_status", value, state) for value, state in MARITAL.items()),
        *(
            ("12", "supporters__0__employment", {"kind": value, "occupation": "x", "employer": "y"}, state)
            for value, state in EMPLOYMENT.items()
        ),
    ],
)
def test_trap_7_states_of_the_i_134_abbreviate_other_words(item: str, place: str, value: Any, state: str) -> None:
    """Retired is /M, asylee /A, deferred action /B, legally separated /E, annulled /A; permanent resident stands third but is [1]."""
    done = filled(changed(**{place: value}), "I-134")
    boxes = [v.field for v in done.values if v.ticked and v.field.item == item and v.field.part == ("3" if item == "8" else "2")]
    assert [box.on_state for box in boxes] == [state]


# ---- 9. Names that repeat or mislead


@pytest.mark.parametrize(
    ("form", "leaf", "count"),
    [
        ("I-131", "CB_AppType[0]", 4),
        ("I-131", "Part2_Line1_FamilyName[0]", 2),
        ("I-134", "Part2_Item11_City[0]", 3),
        ("I-134", "P2_Line8_DateOfBirth[0]", 2),
        ("G-1650", "FamilyName[0]", 2),
    ],
)
def test_trap_9_a_bare_name_means_several_boxes(form: str, leaf: str, count: int, tmp_path: Path) -> None:
    """So a map that names a bare leaf does not load."""
    inventory = current(form).inventory
    assert sum(f.name.endswith("." + leaf) for f in inventory.fields) == count
    head = f"form: {form}\nedition: '{inventory.edition}'\nper: packet\n"
    with pytest.raises(TemplateError) as caught:
        load_map(edition(inventory, tmp_path, f"{head}items:\n- {{part: '1', item: '1', text: item, field: '{leaf}'}}\n"))
    assert caught.value.findings[0].rule == "map-field"


def edition(inventory: Inventory, folder: Path, map_text: str) -> Edition:
    """An edition with a map of its own."""
    home = folder / "forms" / "x" / "2025-01-20"
    home.mkdir(parents=True)
    (home / "map.yaml").write_text(map_text, encoding="utf-8")
    (folder / "forms" / "groups.yaml").write_bytes((editions_folder() / "groups.yaml").read_bytes())
    return Edition(home, inventory)


def test_trap_9_each_person_has_an_own_date_and_phone_under_the_same_name() -> None:
    held_texts = texts(filled(changed(petitioner__date_of_birth="1970-01-31", beneficiaries__0__date_of_birth="2001-12-05"), "I-134"))
    assert held_texts["2:P2_Line8_DateOfBirth[0]"] == "01/31/1970"
    assert held_texts["4:P2_Line8_DateOfBirth[0]"] == "12/05/2001"
    assert "6:Part4_Line3_DaytimePhoneNumber3[0]" not in held_texts
    assert held_texts["7:Part4_Line3_DaytimePhoneNumber3[0]"] == "7135550142"


def test_trap_9_names_of_the_i_131_that_mislead() -> None:
    """`P4_Line9b_Email` is a phone, `Par2_Line15` is spelled so, and pages 8 to 14 are subforms 7 to 13."""
    assert "phone" in field("I-131", "P4_Line9b_Email[0]").label.lower()
    assert texts(filled(full_case("10.C"), "I-131", "10.C"))["6:Par2_Line15_eMedicalParoleeID[0]"] == "USP0155501"
    for f in current("I-131").inventory.fields:
        if ".#subform[" in f.name:
            assert f.page == int(f.name.split("#subform[")[1].split("]")[0]) + 1


def test_trap_9_the_g_28_swaps_phone_and_email() -> None:
    held_texts = texts(filled(full_case("7"), "G-28"))
    assert held_texts["1:Line6_EMail[0]"] == "7135550189"
    assert held_texts["1:Line7_MobileTelephoneNumber[0]"] == "counsel@example.org"


def test_trap_9_the_g_28_calls_the_date_of_accreditation_expires() -> None:
    data = full_case("7")
    data["representative"] |= {"kind": "accredited-representative", "organization": "Aid", "accredited_on": "2024-06-01"}
    held_texts = texts(filled(data, "G-28"))
    assert held_texts["1:Line2c_DateExpires[0]"] == "06/01/2024"
    assert "1:Pt2Line1b_BarNumber[0]" not in held_texts


def test_trap_9_client_fields_of_the_g_28_count_one_too_low() -> None:
    held_texts = texts(filled(full_case("7"), "G-28"))
    assert held_texts["2:Pt3Line5a_FamilyName[0]"] == "Quennevar"
    assert (held_texts["2:Line9_DaytimeTelephoneNumber[0]"], field("G-28", "Line9_DaytimeTelephoneNumber[0]").item) == ("7135550142", "10")
    assert (held_texts["2:Line11_EMail[0]"], field("G-28", "Line11_EMail[0]").item) == ("m.quennevar@example.org", "12")
    assert (held_texts["2:Line12c_CityOrTown[0]"], field("G-28", "Line12c_CityOrTown[0]").item) == ("Houston", "13.c")


def test_trap_9_items_5_and_6_of_the_g_28s_page_4_are_crossed() -> None:
    *_, fifth, sixth = map_of("G-28").addendum
    assert [f.name[-3:] for f in (fifth.page, fifth.part, fifth.item, fifth.text)] == ["[1]", "[1]", "[1]", "[0]"]
    assert [f.name[-3:] for f in (sixth.page, sixth.part, sixth.item, sixth.text)] == ["[0]", "[0]", "[0]", "[1]"]
    assert fifth.text.rect[3] > fifth.text.rect[1] > sixth.text.rect[3] or fifth.text.rect[0] != sixth.text.rect[0]
    for boxes in (fifth, sixth):
        assert boxes.page.rect[1] > boxes.text.rect[1]
        assert abs(boxes.page.rect[0] - boxes.text.rect[0]) < 40


def test_trap_9_names_of_the_i_134_that_mislead() -> None:
    """One leaf is contributions on page 4 and a language on page 6; the preparer is called interpreter; Part 8 is called Pt9."""
    data = full_case("7", self_filed=True)
    alone, other = texts(filled(data, "I-134")), texts(filled(full_case("7"), "I-134"))
    assert alone["6:Pt4Line1b_language[0]"] == "Spanish"
    assert other["4:Pt4Line1b_language[0]"].startswith("Room and board")
    assert other["9:P4_Line1_InterpreterFamilyName[0]"] == "Ravensholt"
    assert other["8:Pt6Line1_InterpreterFamilyName[0]"] == "Velanique"
    assert all(entry.text.name.rpartition(".")[2].startswith("Pt9Line") for entry in map_of("I-134").addendum)
    pages = {"P8": 4, "P4": 5, "P5": 6, "P9": 7, "P10": 8, "P11": 9, "P13": 10}
    for f in current("I-134").inventory.fields:
        if (name := f.name.split(".")[1].partition("[")[0]) in pages:
            assert f.page == pages[name]


def test_trap_9_tooltips_err(official: Path) -> None:
    """Labels, parts and items are ours, so no tooltip decides anything."""
    tooltips = {f.name: f.label for f in read_form((official / "i-131.pdf").read_bytes(), "i-131.pdf").fields}
    assert [
        field("I-131", leaf).item for leaf in ("Part2_Line12_ClassofAdmission[0]", "P2_Line25_PostalCode[0]", "P3_Line4_Pound1[0]")
    ] == ["12", "25", "4"]
    same = [f.name for f in current("I-131").inventory.fields if f.label == tooltips[f.name]]
    assert same == []


# ---- 13. Choice fields


@pytest.mark.parametrize(
    ("form", "first", "count"), [("I-131", {" ", ""}, 63), ("G-28", {" "}, 63), ("I-134", {""}, 64), ("G-1450", {" "}, 63)]
)
def test_trap_13_state_lists_begin_with_a_space_or_nothing(form: str, first: set[str], count: int) -> None:
    """The I-131's list for an address of Part 4 begins with nothing, its four others with a space."""
    lists = [f.options for f in current(form).inventory.fields if "State" in f.name.rpartition(".")[2] and f.type == "choice"]
    assert {states[0] for states in lists} == first
    assert {len(states) for states in lists} == {count}
    for states in lists:
        assert {"AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"} <= set(states)
        assert ("N/A" in states) is (form == "I-134")


@pytest.mark.parametrize("state", ["Texas", "XX", "N/A"])
def test_trap_13_a_list_takes_any_word(state: str) -> None:
    """pypdf would write it; a word that is not on the list is an error with the place and no value."""
    with pytest.raises(FormValueError) as caught:
        filled(changed(petitioner__mailing_address__state=state), "I-131")
    (finding,) = caught.value.findings
    assert finding.rule == "form-option"
    assert "/petitioner/mailing_address/state" in finding.where
    assert state not in finding.message


def test_trap_13_small_letters_are_made_capitals() -> None:
    assert texts(filled(changed(petitioner__mailing_address__state="tx"), "I-131"))["5:Part2_Line3_State[0]"] == "TX"


def test_trap_13_has_a_value_is_not_was_filled(source: Path | None) -> None:
    """The blank's own list comes with a space as its value and an appearance."""
    name = field("I-131", "P4_Line9a_State[0]").name
    done = fill(blank("I-131", source), map_of("I-131"), subject_of(full_case("7"), "I-131"))
    assert held(done.editable())[name] == " "
    assert name not in shown(done.flat(), current("I-131").inventory.fields).texts
    assert name not in {v.field.name for v in done.values if v.text}


@pytest.mark.parametrize(("feet", "inches"), [(2, 0), (8, 11)])
def test_trap_13_height_is_two_lists(feet: int, inches: int) -> None:
    data = full_case("7")
    data["beneficiaries"][0]["biographic"]["height"] = {"feet": feet, "inches": inches}
    held_texts = texts(filled(data, "I-131"))
    assert (held_texts["7:P3_Line3_HeightFeet[0]"], held_texts["7:P3_Line3_HeightInches[0]"]) == (str(feet), str(inches))


def test_trap_13_asset_types_are_spelled_as_on_the_list() -> None:
    kinds = ["checking", "savings", "annuities", "securities", "retirement", "real-estate", "personal-property"]
    for first in range(0, len(kinds), 3):
        assets = [{"type": kind, "amount": 1} for kind in kinds[first : first + 3]]
        done = filled(changed(supporters__0__assets=assets), "I-134")
        written = [v for v in done.values if v.text and v.field.options and "TypeofAsset" in v.field.name]
        assert len(written) == len(assets)
        assert all(v.text in v.field.options for v in written)
