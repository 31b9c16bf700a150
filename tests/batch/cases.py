"""Light cases for batches: any number of valid ones, each with people and papers of its own, the same for the same number.

They are made of the sample of a clinical trial: one beneficiary, one supporter and an attorney, so that a packet holds all four forms,
with three exhibits.  All people are fictional.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.conftest import ROOT
from tests.resources.building import pages, words

_SAMPLES: Final = ROOT / "samples"
_HEADS: Final = (
    "Bral",
    "Castern",
    "Dovel",
    "Fenwer",
    "Grindal",
    "Halvor",
    "Jesmer",
    "Lundar",
    "Morvel",
    "Pelmor",
    "Quorn",
    "Tamber",
    "Vasker",
)
_TAILS: Final = ("andov", "elquist", "imberry", "ondaire", "uscar", "ywater", "enholt", "aldine", "ostrey", "umbrel", "ivane")
_GIVEN: Final = (
    "Aurelin",
    "Bettany",
    "Corvina",
    "Darwane",
    "Emeric",
    "Florant",
    "Gisla",
    "Hadrun",
    "Isaura",
    "Jorun",
    "Katriel",
    "Leofric",
)
_EXHIBITS: Final = {
    "identity": "Passport and permanent resident card",
    "reason": "Letter of the investigator and papers of the trial",
    "means": "Letters of employer and bank, and papers of the supporter's home",
}
"""What the sample's exhibits become, by id."""


def write_cases(folder: Path, count: int, evidence_pages: int = 3, first: int = 1) -> list[Path]:
    """`count` cases in `folder/case-0001/` and so on, with that many pages of evidence each, three at least; their case files."""
    return [write_case(folder / f"case-{number:04}", number, evidence_pages) for number in range(first, first + count)]


def write_case(folder: Path, number: int, evidence_pages: int = 3) -> Path:
    """The case of a number with its evidence; the case file."""
    (folder / "evidence").mkdir(parents=True)
    case = light_case(number)
    shares = [evidence_pages - 2, 1, 1]
    for exhibit, share in zip(case["exhibits"], shares, strict=True):
        lines = (f"Case {number}, {exhibit['title']}, page {page} of {share}" for page in range(1, share + 1))
        (folder / exhibit["file"]).write_bytes(pages(*(words(line) for line in lines)))
    path = folder / "case.json"
    path.write_text(json.dumps(case, indent=2), encoding="utf-8")
    return path


def light_case(number: int) -> dict[str, Any]:
    """The case of a number, valid and ready to be filed when its three files of evidence are there."""
    case = copy.deepcopy(_base())
    chance = random.Random(number)
    family, other = (f"{chance.choice(_HEADS)}{chance.choice(_TAILS)}" for _ in range(2))
    case["case_id"] = f"{family.lower()}-{number:04}"
    for role, name in ((case["petitioner"], family), (case["beneficiaries"][0], other)):
        role["name"] = {"family": name, "given": chance.choice(_GIVEN)}
        role["other_names"] = []
        role["daytime_phone"] = f"612-555-01{chance.randrange(100):02}"
        role["email"] = f"{name.lower()}-{number:04}@example.org"
    case["beneficiaries"][0]["passport"]["number"] = f"AB{number:07}"
    case["petitioner"]["a_number"] = f"A{50_000_000 + number:09}"
    return case


def texts(value: object) -> Iterator[str]:
    """Every string value of a case."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from texts(inner)


@cache
def _base() -> dict[str, Any]:
    sample = _read("significant-public-benefit")
    sample["$schema"] = str(ROOT / "schemas" / "case.json")
    sample["filing"] = _read("urgent-humanitarian")["filing"]
    sample["beneficiaries"][0]["qualifies_because"] = "Sixth and last participant that the trial needs. See cover letter."
    del sample["supporters"][1:]
    sample["exhibits"] = _merged(sample["exhibits"])
    for points in sample["request"]["argument"].values():
        for point in points:
            point["exhibits"] = [{"exhibit": exhibit} for exhibit in dict.fromkeys(_place(each["exhibit"]) for each in point["exhibits"])]
    return sample


def _read(sample: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((_SAMPLES / sample / "case.json").read_text(encoding="utf-8"))
    return case


def _place(exhibit: str) -> str:
    """Which of the three exhibits holds what one of the sample showed."""
    if exhibit in ("petitioner-papers", "passport", "birth-certificates"):
        return "identity"
    return "means" if exhibit in ("petitioner-means", "second-supporter", "home-ties") else "reason"


def _merged(exhibits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = {place: list(dict.fromkeys(k for e in exhibits if _place(e["id"]) == place for k in e["evidence"])) for place in _EXHIBITS}
    return [
        {"id": place, "title": title, "shows": "What the letter says", "evidence": kinds[place], "file": f"evidence/{place}.pdf"}
        for place, title in _EXHIBITS.items()
    ]
