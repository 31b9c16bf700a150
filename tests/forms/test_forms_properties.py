"""Any case: each form is filled and read back equal, from the flat copy with pdfium and from the editable copy with pypdf."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.case.schema import schema_findings
from pipeline.errors import FormValueError
from pipeline.findings import Finding
from pipeline.forms.fieldmap import FieldMap
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.template import FormTemplate
from pipeline.forms.values import Subject, evaluate
from pipeline.packet.readback.expect import squeezed
from tests.forms.cases import ABROAD, Data, full_case
from tests.forms.reading import held, map_of, shown, written
from tests.forms.strategies import cases
from tests.forms.support import case_of, subject_of, template

EXAMPLES = {"I-131": 16, "I-134": 16, "G-28": 16, "G-1145": 12}
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example)


def some(count: int) -> settings:
    """Settings for a number of examples, the same each time."""
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    return settings(max_examples=count, deadline=None, derandomize=True, database=None, phases=phases, suppress_health_check=SLOW)


@pytest.fixture(scope="module", params=["facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles."""
    return request.getfixturevalue("official") if request.param == "official" else None


@some(40)
@given(cases())
def test_the_generated_cases_are_what_the_schema_allows(drawn: tuple[Data, str]) -> None:
    assert schema_findings(case_of(drawn[0])) == []


@pytest.mark.parametrize("form", EXAMPLES)
def test_any_case_is_read_back_equal(form: str, source: Path | None) -> None:
    blank, form_map = template(form, source), map_of(form)
    nothing = shown(blank.flat, blank.inventory.fillable).texts
    preset = {name: value for name, value in held(blank.editable).items() if value.strip() not in ("", "/Off")}

    @some(EXAMPLES[form])
    @given(cases())
    def check(drawn: tuple[Data, str]) -> None:
        data, item = drawn
        if form == "G-28" and "representative" not in data:
            return
        subject = subject_of(data, form, item)
        done = fill(blank, form_map, subject)
        _flat_copy_agrees(blank, done, dict(nothing))
        _editable_copy_agrees(done, preset)
        _nothing_is_lost(form_map, subject, done)

    check()


def _flat_copy_agrees(blank: FormTemplate, done: FilledForm, nothing: dict[str, str]) -> None:
    """Each written box shows its text, each other box what the blank shows, and the crosses stand where they should."""
    seen, wanted = shown(done.flat(), blank.inventory.fillable), written(done)
    assert seen.ticked == wanted.ticked
    assert dict(seen.texts) == nothing | dict(wanted.texts)


def _editable_copy_agrees(done: FilledForm, preset: dict[str, str]) -> None:
    """Each field holds its text or state, and the others what the blank holds."""
    fields = held(done.editable())
    wanted = {v.field.name: v.text for v in done.values if v.text}
    wanted |= {v.field.name: v.field.on_state or "" for v in done.values if v.ticked}
    assert {name: value for name, value in fields.items() if value.strip() not in ("", "/Off")} == preset | wanted


def _nothing_is_lost(form_map: FieldMap, subject: Subject, done: FilledForm) -> None:
    """What the map gives stands in its box, or whole in the Additional Information part and the continuation pages."""
    values = evaluate(form_map, subject)
    boxes = {v.field.name: v.text for v in done.values if v.text}
    more = [boxes.get(entry.text.name, "") for entry in form_map.addendum] + [note.text for note in done.continuations]
    elsewhere = squeezed("".join(more))
    reference = f"See Part {form_map.addendum_part}"
    for value in values.fields:
        if value.text and boxes[value.field.name] != value.text:
            assert boxes[value.field.name] == reference
            assert squeezed(value.text) in elsewhere
    for row in values.extra:
        assert squeezed(row.text) in elsewhere


ANY_LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), min_size=1, max_size=400)
LATIN_LINE = st.text(st.sampled_from("WwIil-'. éŁțẹ“—"), min_size=1, max_size=400)
REFUSALS = {"form-character", "form-too-long", "form-no-room"}


@some(80)
@given(st.one_of(ANY_LINE, LATIN_LINE, LATIN_LINE), st.sampled_from(["name", "city", "qualifies_because"]))
def test_any_text_is_shown_whole_or_refused_without_repeating_it(line: str, where: str) -> None:
    """Whatever a line holds, it is never cut, never a question mark, and never in a message."""
    text = line.strip()
    data = full_case("7")
    person = data["beneficiaries"][0]
    if not text:
        return
    if where == "name":
        person["name"] = {"family": text, "given": "Nerea"}
    elif where == "city":
        person["mailing_address"] = {**ABROAD, "city": text}
    else:
        person["qualifies_because"] = f"{text}\n{text}"
    blank, form_map, subject = template("I-131", None), map_of("I-131"), subject_of(data, "I-131")
    refused: tuple[Finding, ...] = ()
    try:
        done = fill(blank, form_map, subject)
    except FormValueError as error:
        refused = error.findings
    assert {f.rule for f in refused} <= REFUSALS
    assert all(len(text) < 12 or text not in f"{f.where} {f.message} {f.remedy}" for f in refused)
    if refused:
        return
    _flat_copy_agrees(blank, done, {})
    _nothing_is_lost(form_map, subject, done)
    assert all("?" not in v.text or "?" in text for v in done.values)
