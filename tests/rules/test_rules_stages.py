"""What is asked of a request that is still to be filed, and no longer of one that has been; and rules that look at who a person is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.case.model import Case
from pipeline.case.schema import schema_findings
from pipeline.rules.check import check
from tests.rules.case_files import FACTS, FILED, base, patched

ABROAD, TRAVEL = ("urgent-humanitarian", "/beneficiaries/0"), ("advance-parole", "/petitioner")
ENDLESS = ("/request/stay", {"arrive_on": "2027-01-11", "no_end_date": True, "length": "as long as needed"})
TRIP = ("/request/trip/departs_on", "2027-01-20")
LATER = ("filed", "approved", "arrived")


def found(name: str, *changes: tuple[str, Any], as_of: date = FILED) -> list[str]:
    """The rules that a base case breaks with some values changed."""
    case = Case(Path("case.json"), patched(base(name).data, [{"op": "add", "path": path, "value": value} for path, value in changes]))
    assert schema_findings(case) == []
    return [finding.rule for finding in check(case, as_of, FACTS)]


def stay(first: str, last: str, length: str = "6 months") -> tuple[str, dict[str, str]]:
    return "/request/stay", {"arrive_on": first, "leave_by": last, "length": length}


@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("urgent-humanitarian", stay("2026-11-20", "2027-05-20"), "arrival-before-packet"),
        ("urgent-humanitarian", stay("2026-12-20", "2027-06-20"), "arrival-soon"),
        ("advance-parole", ("/request/trip/departs_on", "2026-11-20"), "trip-before-packet"),
        ("advance-parole", ("/request/trip/departs_on", "2026-12-01"), "trip-within-15-days"),
        ("re-parole", ("/petitioner/immigration/i94_expires", "2026-11-01"), "re-parole-after-end"),
        ("parole-in-place", stay("2026-11-01", "2027-05-01"), "period-before-packet"),
    ],
)
def test_what_a_request_asks_for_is_judged_until_it_is_filed(name: str, change: tuple[str, Any], rule: str) -> None:
    assert rule in found(name, change)
    for stage in LATER:
        assert rule not in found(name, change, ("/stage", {"name": stage}))


def test_the_age_of_facts_that_decided_the_filing_is_of_no_matter_for_what_comes_after() -> None:
    """An answer has a last day, which no reading of a fee or an address may cost; what the parole will cost still matters."""
    late = date(2028, 6, 1)
    changes: list[tuple[str, Any]] = [stay("2028-12-01", "2029-05-01")]
    assert _aged(changes, late) >= {"FeeFact", "EditionFact", "AddressFact", "ParoleFeeFact"}
    changes.append(notice("request-for-evidence", "2028-08-01"))
    assert "ParoleFeeFact" in _aged(changes, late) <= {"ParoleFeeFact", "ParoleFeeException", "NoticeFact"}


def _aged(changes: Sequence[tuple[str, Any]], as_of: date) -> set[str]:
    """The kinds of facts that are called stale or too old."""
    patch = [{"op": "add", "path": path, "value": value} for path, value in changes]
    found = check(Case(Path("case.json"), patched(base("urgent-humanitarian").data, patch)), as_of, FACTS)
    named = {finding.where.rpartition(" ")[2] for finding in found if finding.rule in ("fact-stale", "fact-too-old")}
    return {type(fact).__name__ for fact in FACTS.facts if fact.id in named}


def test_exhibits_that_were_filed_need_no_citation_any_more() -> None:
    uncited = ("/exhibits/-", {"id": "more", "title": "More", "shows": "More", "evidence": ["ties-abroad"], "file": "evidence/more.pdf"})
    assert "exhibit-uncited" in found("urgent-humanitarian", uncited)
    assert "exhibit-uncited" not in found("urgent-humanitarian", uncited, notice("request-for-evidence", "2027-02-01"))


def test_a_person_in_proceedings_has_an_a_number_whatever_is_asked_for() -> None:
    assert "a-number-missing" not in found("urgent-humanitarian")
    assert "a-number-missing" in found("urgent-humanitarian", ("/beneficiaries/0/ever_in_proceedings", True))


def test_an_income_that_is_too_high_proves_no_waiver() -> None:
    waived = ("/filing/payment", "waiver")
    assert "waiver-not-shown" in found("urgent-humanitarian", waived)
    assert "waiver-not-shown" not in found("urgent-humanitarian", waived, ("/supporters/0/annual_income", 20000))


def test_a_notice_that_names_not_every_country_says_so_to_the_others() -> None:
    assert "country-notice-elsewhere" in found("urgent-humanitarian")
    haiti = [("/beneficiaries/0/citizenship", "Haiti"), ("/beneficiaries/0/passport/country", "Haiti")]
    assert "country-notice-elsewhere" not in found("urgent-humanitarian", *haiti)


def notice(name: str, due: str) -> tuple[str, dict[str, Any]]:
    given = {"file": "evidence/notice.pdf", "receipt": "IOE0915550104", "dated": "2026-11-20", "due": due}
    return "/stage", {"name": name, "notice": given}


@pytest.mark.parametrize(
    ("name", "last", "late"),
    [("request-for-evidence", "2027-02-15", "2027-02-16"), ("intent-to-deny", "2026-12-23", "2026-12-24")],
)
def test_an_answer_is_due_within_the_time_that_the_rules_allow_and_three_days_of_mail(name: str, last: str, late: str) -> None:
    assert "notice-due-late" not in found("urgent-humanitarian", notice(name, last))
    assert "notice-due-late" in found("urgent-humanitarian", notice(name, late))


def claim(exception: str) -> tuple[str, dict[str, Any]]:
    return "/beneficiaries/0/parole_fee_exception", {
        "exception": exception,
        "because": "So it is.",
        "exhibits": [{"exhibit": base("urgent-humanitarian").data["exhibits"][0]["id"]}],
    }


@pytest.mark.parametrize(
    ("exception", "born", "fits"),
    [
        ("parent-of-medical-minor", "2015-06-09", False),
        ("parent-of-medical-minor", "1988-02-17", False),
        ("adopted-child", "2015-06-09", True),
        ("adopted-child", "1988-02-17", False),
        ("medical-emergency", "2015-06-09", True),
        ("medical-emergency", "1988-02-17", True),
    ],
)
def test_an_exception_goes_with_the_age_of_who_claims_it(exception: str, born: str, fits: bool) -> None:
    """The base has one beneficiary, so that a parent of a minor patient is claimed with no minor in the case."""
    rules = found("urgent-humanitarian", claim(exception), ("/beneficiaries/0/date_of_birth", born))
    assert ("exception-not-for-request" not in rules) is fits


def test_a_parent_claims_beside_a_minor() -> None:
    def born(own: str) -> list[str]:
        other = {**base("urgent-humanitarian").data["beneficiaries"][0], "id": "other", "date_of_birth": "2015-06-09"}
        return found(
            "urgent-humanitarian", claim("parent-of-medical-minor"), ("/beneficiaries/0/date_of_birth", own), ("/beneficiaries/-", other)
        )

    assert "exception-not-for-request" not in born("1988-02-17")
    assert "exception-not-for-request" in born("2014-06-09")


@pytest.mark.parametrize(
    ("where", "change", "expires", "hits"),
    [
        (ABROAD, ENDLESS, "2027-01-10", True),
        (ABROAD, ENDLESS, "2027-01-11", False),
        (ABROAD, stay("2027-01-11", "2027-07-11"), "2027-07-10", True),
        (TRAVEL, TRIP, "2027-02-11", True),
        (TRAVEL, TRIP, "2027-02-12", False),
    ],
)
def test_a_passport_lasts_until_the_end_of_the_stay_or_trip(
    where: tuple[str, str], change: tuple[str, Any], expires: str, hits: bool
) -> None:
    name, person = where
    days = [("/request/trip/days", 24)] if where == TRAVEL else []
    assert ("passport-expires-during-stay" in found(name, (f"{person}/passport/expires", expires), change, *days)) is hits


def test_the_income_of_somebody_else_is_no_ground_of_a_fee_waiver() -> None:
    shown = (("/filing/payment", "waiver"), ("/exhibits/0/evidence", ["supporter-income"]), ("/supporters/0/annual_income", 20000))
    data = base("urgent-humanitarian").data
    own, person = data["supporters"][0], data["petitioner"]
    names = ("name", "date_of_birth", "sex", "birth", "citizenship", "status", "marital_status", "mailing_address", "daytime_phone")
    somebody = {name: person[name] for name in names if name in person} | {key: own[key] for key in own if key != "same_as"}
    assert "waiver-not-shown" not in found("urgent-humanitarian", *shown)
    assert "waiver-not-shown" in found("urgent-humanitarian", *shown, ("/supporters/0", somebody))
    assert "waiver-not-shown" not in found(
        "urgent-humanitarian", ("/filing/payment", "waiver"), ("/exhibits/0/evidence", ["benefit-letter"]), ("/supporters/0", somebody)
    )
