"""Checking as a whole: order, what a message may say, acceptance, and rules that only other facts can break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.case.load import load
from pipeline.case.model import Case
from pipeline.case.pointer import walk
from pipeline.case.schema import schema_findings
from pipeline.findings import Finding, Level
from pipeline.law.facts import Facts
from pipeline.rules.answers import destination
from pipeline.rules.check import accept, check, unacceptable
from pipeline.rules.context import RuleContext
from tests.rules.case_files import BASES, FACTS, FILED, base, patched, wrong, wrong_files

PERSONAL = {
    "family",
    "given",
    "middle",
    "street",
    "number",
    "a_number",
    "ssn",
    "daytime_phone",
    "email",
    "text",
    "title",
    "i94_number",
    "receipt",
}


def test_the_sample_has_no_errors(sample: Path) -> None:
    findings = check(load(sample), FILED, FACTS)
    assert [finding.rule for finding in findings if finding.level is Level.ERROR] == []
    assert [finding.rule for finding in findings if finding.level is Level.WARNING] == []


def test_findings_stand_in_file_order_and_those_of_the_law_last(sample: Path) -> None:
    case = load(sample)
    wheres = [finding.where for finding in check(case, FILED, FACTS)]
    places = [tuple(map(int, match.groups())) for where in wheres if (match := re.match(r"case\.json:(\d+):(\d+) ", where))]
    assert places == sorted(places)
    assert len(places) > 5
    assert all(where.startswith("law/") for where in wheres[len(places) :])


@pytest.mark.parametrize("as_of", [FILED, FILED + timedelta(days=500)])
def test_no_message_holds_a_value_of_the_case(as_of: date) -> None:
    for case in _all_cases():
        values = {str(value) for pointer, value in walk(case.data) if pointer.rpartition("/")[2] in PERSONAL or _is_date(value)}
        spoken = {text for finding in check(case, as_of, FACTS) for text in (finding.message, finding.remedy, finding.where)}
        assert [value for value in values if len(value) > 3 and any(value in text for text in spoken)] == []


def test_every_message_is_filled_and_every_finding_has_a_remedy() -> None:
    for finding in _all_findings():
        assert not re.search(r"[{}]", finding.message + finding.remedy), finding.rule
        assert finding.remedy, finding.rule


@pytest.mark.parametrize("name", BASES)
def test_any_valid_case_can_be_checked(name: str) -> None:
    """Whatever one property fewer leaves valid is checked without a fault."""
    tried = 0
    for pointer, _ in list(walk(base(name).data))[1:]:
        case = Case(Path("case.json"), patched(base(name).data, [{"op": "remove", "path": pointer}]))
        if not schema_findings(case):
            check(case, FILED, FACTS)
            tried += 1
    assert tried > 10


def test_an_accepted_rule_becomes_an_info_and_the_rest_stays() -> None:
    case = wrong(next(path for path in wrong_files(schema=False) if path.stem == "translation-missing"))
    findings = check(case.case, FILED, FACTS)
    lowered = accept(findings, {"translation-missing": "The original is in English after all."})
    assert [finding.rule for finding in lowered] == [finding.rule for finding in findings]
    changed = [(before, after) for before, after in zip(findings, lowered, strict=True) if before != after]
    assert [(before.level, after.level) for before, after in changed] == [(Level.ERROR, Level.INFO)]
    assert all("original" not in after.message for _, after in changed)


def test_a_final_rule_an_unknown_one_and_one_without_reason_cannot_be_accepted() -> None:
    decisions = {"program-ended": "We try.", "no-such-rule": "Because.", "point-uncited": " ", "stay-over-a-year": "Two operations."}
    assert unacceptable(decisions) == ["program-ended", "no-such-rule", "point-uncited"]
    ended = Finding("program-ended", Level.ERROR, "case.json", "message")
    assert accept([ended], decisions) == [ended]


@pytest.mark.parametrize("name", ["request-for-evidence", "intent-to-deny"])
def test_a_response_letter_belongs_to_the_answer_to_a_notice(name: str) -> None:
    notice = {"file": "evidence/notice.pdf", "receipt": "IOE0915550104", "dated": "2026-11-02", "due": "2027-01-12"}
    steps: list[dict[str, Any]] = [
        {"op": "add", "path": "/stage", "value": {"name": name, "notice": notice}},
        {"op": "add", "path": "/letters", "value": {"response": "response-letter.pdf"}},
    ]
    case = Case(Path("case.json"), patched(base("urgent-humanitarian").data, steps))
    assert schema_findings(case) == []
    assert "response-letter-unused" not in {finding.rule for finding in check(case, FILED, FACTS)}


def _without(fact_id: str) -> Facts:
    return Facts(tuple(fact for fact in FACTS.facts if fact.id != fact_id), FACTS.ages)


def test_a_box_that_no_fact_describes_is_an_error() -> None:
    case = base("urgent-humanitarian")
    assert "item-unknown" in {finding.rule for finding in check(case, FILED, _without("item-7"))}
    assert "item-unknown" not in {finding.rule for finding in check(case, FILED, FACTS)}


def test_a_form_without_an_edition_is_an_error() -> None:
    findings = [
        finding for finding in check(base("urgent-humanitarian"), FILED, _without("edition-g-28")) if finding.rule == "edition-unknown"
    ]
    assert [finding.message for finding in findings] == ["no accepted edition of Form G-28 is known for this day"]


@pytest.mark.parametrize(
    ("arrive_on", "amount"),
    [
        ("2026-10-15", "fee is $1,020;"),
        ("2026-10-16", "fee is $1,050;"),
        ("2027-09-30", "fee is $1,050;"),
        ("2027-10-01", "fee is at least $1,050;"),
    ],
)
def test_the_parole_fee_follows_the_intended_arrival_and_is_not_sent(arrive_on: str, amount: str) -> None:
    steps: list[dict[str, Any]] = [
        {"op": "add", "path": "/prepared_on", "value": "2026-09-20"},
        {"op": "add", "path": "/request/stay", "value": {"arrive_on": arrive_on, "leave_by": "2027-04-15", "length": "6 months"}},
    ]
    case = Case(Path("case.json"), patched(base("urgent-humanitarian").data, steps))
    fee = next(finding for finding in check(case, date(2026, 9, 20), FACTS) if finding.rule == "parole-fee-at-port")
    assert amount in fee.message
    assert "CBP collects it" in fee.message
    assert "not sent with the filing" in fee.message


def _all_cases() -> Iterator[Case]:
    yield from map(base, BASES)
    yield from (wrong(path).case for path in wrong_files(schema=False))


def _all_findings() -> Iterator[Finding]:
    for case in _all_cases():
        yield from check(case, FILED, FACTS)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None


def test_online_nobody_is_asked_for_a_payment_form() -> None:
    several = wrong(next(path for path in wrong_files(schema=False) if path.stem == "payment-each-person")).case
    online = patched(several.data, [{"op": "add", "path": "/filing/mode", "value": "online"}, {"op": "remove", "path": "/filing/carrier"}])
    assert "payment-each-person" in {finding.rule for finding in check(several, FILED, FACTS)}
    assert "payment-each-person" not in {finding.rule for finding in check(Case(several.path, online), FILED, FACTS)}


@pytest.mark.parametrize(
    ("carrier", "line", "told"), [("courier", "PO BOX 12", True), ("courier", "Attn: HP (Box 12)", False), ("usps", "P.O. Box 12", False)]
)
def test_a_courier_delivers_to_no_post_office_box(carrier: str, line: str, told: bool) -> None:
    steps = {"/filing/carrier": carrier, "/filing/address/lines": ["USCIS", line, "Sampleton, OH 44999"]}
    patch = [{"op": "add", "path": path, "value": value} for path, value in steps.items()]
    case = Case(Path("case.json"), patched(base("re-parole-ukraine").data, patch))
    assert ("address-box-by-courier" in {finding.rule for finding in check(case, FILED, FACTS)}) is told


def test_an_address_is_compared_with_the_one_for_where_the_petitioner_lives() -> None:
    """The mailing address may be in another state: what the packet would take by itself is no difference."""
    home = {"street": "1 Elm Street", "city": "Austin", "state": "TX", "zip": "78701"}
    away = {"street": "1 Oak Street", "city": "Albany", "state": "NY", "zip": "12207"}
    patch = [
        {"op": "add", "path": f"/petitioner/{name}_address", "value": value} for name, value in (("physical", home), ("mailing", away))
    ]
    case = Case(Path("case.json"), patched(base("advance-parole").data, patch))
    sent_to = destination(RuleContext(case, FILED, FACTS))
    assert sent_to is not None
    given = {"lines": list(sent_to.lines), "source": "uscis.gov/i-131-addresses", "read_on": "2026-11-20"}
    told = Case(case.path, patched(case.data, [{"op": "add", "path": "/filing/address", "value": given}]))
    assert "address-differs" not in {finding.rule for finding in check(told, FILED, FACTS)}
