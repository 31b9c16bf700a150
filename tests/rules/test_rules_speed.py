"""Checking a large case is quick."""

from __future__ import annotations

import time
from pathlib import Path

from pipeline.case.model import Case
from pipeline.rules.check import check
from tests.rules.case_files import FACTS, FILED, base


def test_fifty_beneficiaries_are_checked_in_a_fraction_of_a_second() -> None:
    data = dict(base("urgent-humanitarian").data)
    person = data["beneficiaries"][0]
    everyone = range(50)
    data["beneficiaries"] = [
        {**person, "id": f"b{n}", "name": {"family": "Carvallo", "given": f"Beluna {chr(97 + n // 26)}{chr(97 + n % 26)}"}}
        for n in everyone
    ]
    data["supporters"] = [{**data["supporters"][0], "supports": [{"beneficiary": f"b{n}", "relationship": "Sister"} for n in everyone]}]
    case = Case(Path("case.json"), data)
    check(case, FILED, FACTS)
    start = time.perf_counter()
    findings = check(case, FILED, FACTS)
    assert time.perf_counter() - start < 0.5
    assert sum(finding.rule == "biometrics" for finding in findings) == 50
