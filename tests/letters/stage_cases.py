"""Cases at a stage for tests: a real case file's data with changes, the letter context made of it, and the text of documents."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
from msgspec.structs import replace

from pipeline.case.model import Case
from pipeline.case.schema import schema_findings
from pipeline.case.skeleton import smallest_case
from pipeline.law.facts import Facts
from pipeline.law.load import load_facts
from pipeline.letters.context import Filing, LetterContext
from pipeline.letters.documents import Rendered
from pipeline.letters.facts import Cite, from_case
from pipeline.letters.office import OURS, Office
from pipeline.letters.request import Citation
from pipeline.letters.stage import Answer, Stage, stage_of
from pipeline.letters.stages import client_letter, response_letter, stage_documents
from pipeline.rules.exhibits import label

SAMPLE = Path(__file__).parents[2] / "samples" / "urgent-humanitarian" / "case.json"
NOTICE = {"file": "evidence/notice.pdf", "receipt": "IOE0915550104", "dated": "2027-01-12", "due": "2027-03-30"}
KINDS = {
    "urgent-humanitarian": "7",
    "significant-public-benefit": "7",
    "advance-parole": "5.A",
    "military-parole-in-place": "8.A",
    "parole-in-place": "9",
    "program-parole": "6.B",
    "re-parole": "11",
}

ANSWERS = [
    {"asked": "Evidence of who pays", "text": "The hospital does.", "exhibits": [{"exhibit": "surgeon-letter", "pages": "1"}]},
    {
        "asked": "Evidence of need.",
        "text": "The cardiologist gives it.",
        "exhibits": [{"exhibit": "cardiologist-letter"}, {"exhibit": "echo-scan"}],
    },
]
STAGES: dict[str, dict[str, Any]] = {
    "prepared": {},
    "filed": {"name": "filed"},
    "request-for-evidence": {"name": "request-for-evidence", "notice": NOTICE},
    "intent-to-deny": {"name": "intent-to-deny", "notice": NOTICE},
    "approved": {"name": "approved"},
    "arrived": {"name": "arrived"},
}
HERE = ("military-parole-in-place", "parole-in-place", "re-parole")
ABROAD = ("urgent-humanitarian", "significant-public-benefit", "program-parole")

Change = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class At:
    """A case at its stage, with everything that its documents are made from."""

    case: Case
    facts: Facts
    context: LetterContext
    stage: Stage


@cache
def facts() -> Facts:
    return load_facts()


@cache
def _sample() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return data


def at(change: Change = lambda data: None, *, kind: str = "", item: str = "", law: Facts | None = None) -> At:
    """The sample, or the smallest case of a kind and item, with a change, and checked against the schema."""
    data = copy.deepcopy(_sample()) if not kind else json.loads(json.dumps(smallest_case(kind, item or KINDS[kind])))
    change(data)
    case = Case(SAMPLE, data)
    assert schema_findings(case) == []
    law = law or facts()
    day = date.fromisoformat(data["prepared_on"])
    item = data["request"].get("item", KINDS[data["kind"]])
    context = replace(from_case(case, item, day, law, _cite(data)), filing=Filing(data["filing"]["mode"], data["filing"].get("carrier")))
    return At(case, law, context, stage_of(case, law, context))


def _cite(data: Mapping[str, Any]) -> Cite:
    """Made-up pages: exhibit A is page 60, B page 70, and so on."""
    order = [exhibit["id"] for exhibit in data["exhibits"]]

    def cite(cited: Sequence[Mapping[str, Any]]) -> tuple[Citation, ...]:
        places = [order.index(entry["exhibit"]) for entry in cited]
        return tuple(Citation(label(place), 60 + 10 * place, 61 + 10 * place) for place in places)

    return cite


def answers(of: At) -> tuple[Answer, ...]:
    """The answers of the case's stage, with made-up pages."""
    cite = _cite(of.case.data)
    return tuple(Answer(one["asked"], one["text"], cite(one["exhibits"])) for one in of.case.data["stage"]["answers"])


def stage(**given: Any) -> Change:
    """The change that gives a case a stage; without a name it leaves the case as it is."""
    return lambda data: data.update(stage=given) if given else None


def both(*changes: Change) -> Change:
    return lambda data: [change(data) for change in changes]


def text(document: Rendered) -> str:
    pdf = pypdfium2.PdfDocument(document.pdf)
    pages = (page.get_textpage().get_text_range().replace("\ufffe", "-") for page in pdf)
    return " ".join(" ".join(pages).split())


@cache
def of_kind(kind: str, name: str) -> At:
    return at(stage(**STAGES[name]), kind=kind)


@cache
def documents(kind: str, name: str) -> dict[str, Rendered]:
    case = of_kind(kind, name)
    return stage_documents(case.case, case.facts, case.context)


def letter(case: At, office: Office = OURS) -> str:
    return text(client_letter(case.context, case.stage, "parole", office))


def made(case: At, name: str) -> str:
    return text(stage_documents(case.case, case.facts, case.context)[name])


def response(notice: dict[str, Any] = NOTICE) -> At:
    return at(stage(name="request-for-evidence", notice=notice, answers=ANSWERS))


def answered(case: At) -> Rendered:
    assert case.stage.notice
    return response_letter(case.context, case.stage.notice, answers(case))


def squeezed(words: str) -> str:
    """Composed characters without spaces."""
    return "".join(unicodedata.normalize("NFC", words).split())
