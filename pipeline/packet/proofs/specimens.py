"""Cases laid out with assumed lengths, so that letters can be rendered and checked without forms and evidence at hand.

A form has the pages of its edition, every exhibit file two, and an exhibit as many as are cited; page numbers are therefore
plausible, and the same each time.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pipeline.case.model import RESPONSES, Case
from pipeline.case.schema import read_case
from pipeline.case.skeleton import kinds, smallest_case
from pipeline.case.vocabulary import kind_schema, node_at
from pipeline.findings import Finding, Level
from pipeline.forms.editions import current
from pipeline.law.facts import Facts
from pipeline.law.load import load_facts
from pipeline.letters.catalogue import Maker, filing_makers
from pipeline.letters.checking.check import Checked, Proof, check_templates, together
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import evidence_index
from pipeline.letters.office import OURS, Office
from pipeline.letters.stage import stage_of
from pipeline.letters.stages import response_checklist, response_letter, stage_documents
from pipeline.packet.cited import last_pages
from pipeline.packet.context import answers, letter_context
from pipeline.packet.examine import Examined, part1_item
from pipeline.packet.filing import filing_of
from pipeline.packet.layout import Layout, lay_out
from pipeline.packet.plan import Exhibit, PacketPlan, Section, SectionKind, make_plan
from pipeline.packet.signing import signatures

_FILE = Path("case.json")
_FILE_PAGES = 2
_LENGTHS = {SectionKind.LETTER: 3, SectionKind.INDEX: 1}
_FINDING = Finding("example", Level.WARNING, "case.json:1:1", "this finding stands for any", "It is here so that the table is shown.")
_ITEM_OF_REASONS = {"advance-parole": "5.E"}
"""The item of a kind's varied cases, where it is not the first: with DACA the letter says most of the reason."""
_KEPT = "response-letter", "cover-letter"
"""The document of a smallest case whose text is kept: the first of these for a case with a stage, else the second."""
_POINT = {"text": "This point stands for any.", "exhibits": []}
_REASON = "Form I-131 is a facsimile"


class Specimen(Struct, frozen=True):
    """A case and the context of its letters."""

    name: str
    """`samples/urgent-humanitarian`, or `smallest/re-parole-10.C`."""
    case: Case
    facts: Facts
    context: LetterContext
    makers: tuple[Maker, ...]
    """What makes its documents."""


def specimen(case: Case, name: str, office: Office = OURS) -> Specimen:
    """A schema-valid case, laid out with assumed lengths as of the day it was prepared."""
    facts, day = load_facts(), date.fromisoformat(case.data["prepared_on"])
    examined = Examined(case, day, part1_item(case, facts, day), (_FINDING,), facts)
    layout = _layout(make_plan(case, examined.item))
    context = letter_context(examined, layout, filing_of(examined), signatures(case, layout, {}), (_REASON,), {})
    return Specimen(name, case, facts, context, tuple(_makers(case, facts, layout, context, office)))


def _makers(case: Case, facts: Facts, layout: Layout, context: LetterContext, office: Office) -> Iterator[Maker]:
    yield lambda context, office: stage_documents(case, facts, context, office)
    stage = stage_of(case, facts, context, office.style.labels)
    notice = stage.notice
    if notice is None:
        yield from filing_makers(context)
        return
    yield lambda context, office: {"response-letter": response_letter(context, notice, answers(case, layout), office)}
    yield lambda context, office: {"evidence-index": evidence_index(context, office)}
    yield lambda context, office: {"response-checklist": response_checklist(context, stage, notice, office)}


def sample_specimens(folder: Path, office: Office = OURS) -> Iterator[Specimen]:
    """Every `<folder>/<name>/case.json`, in order of name.  Raises PacketError for a case that breaks the schema."""
    for path in sorted(folder.glob("*/case.json")):
        yield specimen(read_case(path), f"samples/{path.parent.name}", office)


def stage_specimens(folder: Path) -> Iterator[Specimen]:
    """Every sample at each stage after its filing, with the documents of that stage alone."""
    for path in sorted(folder.glob("*/case.json")):
        case = read_case(path)
        for stage in _stages():
            made = specimen(Case(case.path, {**case.data, "stage": stage}), f"samples/{path.parent.name} at {stage['name']}")
            yield made if stage["name"] in RESPONSES else replace(made, makers=made.makers[:1])


def smallest_specimens(office: Office = OURS) -> Iterator[Specimen]:
    """The smallest valid case of each filing kind and item, of each reason that a kind may have, and of each kind's stages."""
    for kind, item in kinds_and_items():
        yield specimen(Case(_FILE, smallest_case(kind, item)), f"smallest/{kind}-{item}", office)
    for kind in kinds():
        for reason in _request_of(kind).get("reasons", {}).get("items", {}).get("enum", ()):
            yield _varied(kind, reason, {"request": {"reasons": [reason], "argument": {"need": [_POINT]}}}, office)
        for stage in _stages():
            yield _varied(kind, stage["name"], {"stage": stage}, office)


def made_up_specimen(data: Mapping[str, Any], office: Office = OURS) -> Specimen:
    """A case made up from the schema."""
    return specimen(Case(_FILE, data), "made up", office)


def kinds_and_items() -> list[tuple[str, str]]:
    """Every filing kind with every Part 1 item that it may have, in the schema's order."""
    return [(kind, str(item)) for kind in kinds() for item in _request_of(kind)["item"]["enum"]]


def check_all(samples: Path, made_up: int, office: Office = OURS) -> Checked:
    """Read all templates, and render and proof-read the documents of every sample, smallest case and made-up case.

    Texts are kept of every document of a sample, and of the letter of the smallest cases.  Raises PacketError for a sample
    that breaks the schema, and ImportError when cases are to be made up and hypothesis is not installed.
    """
    read_only, proof = check_templates(office), Proof(office)
    for one in sample_specimens(samples, office):
        proof.keep(one.name, proof.case(one.context, one.makers))
    for one in smallest_specimens(office):
        made = proof.case(one.context, one.makers)
        kept = _KEPT[0 if "stage" in one.case.data else 1]
        proof.keep(one.name, {kept: made[kept]} if kept in made else {})
    if made_up:
        from pipeline.letters.checking.variety import explore  # noqa: PLC0415 - needs hypothesis, a development tool

        def try_case(data: dict[str, Any]) -> None:
            one = made_up_specimen(data, office)
            proof.case(one.context, one.makers)

        explore(try_case, kinds_and_items(), made_up)
    return together(read_only, proof)


def _varied(kind: str, name: str, more: Mapping[str, Any], office: Office) -> Specimen:
    case = smallest_case(kind, _ITEM_OF_REASONS.get(kind))
    for key, value in more.items():
        case[key] = {**case.get(key, {}), **value}
    return specimen(Case(_FILE, case), f"smallest/{kind}-{name}", office)


def _stages() -> list[dict[str, Any]]:
    """Each stage with the least that it needs, made of the schema's own examples."""
    node = node_at(["stage"])
    assert node is not None
    known = node.properties()
    names = [str(name) for name in known["name"].first("enum")]
    notice = {"notice": known["notice"].example, "answers": [{**known["answers"].example[0], "exhibits": []}]}
    return [{"name": name} | (copy.deepcopy(notice) if name in RESPONSES else {}) for name in names]


def _request_of(kind: str) -> dict[str, Any]:
    """What the schema says of the request of one filing kind beyond the others, by property."""
    found: dict[str, Any] = kind_schema(kind)["properties"]["request"]["properties"]
    return found


def _layout(plan: PacketPlan) -> Layout:
    cited: dict[str, int] = defaultdict(int)
    for _, exhibit, last in last_pages(plan.case):
        cited[exhibit] = max(cited[exhibit], last)
    parts = {number: _lengths(section.exhibit, cited) for number, section in enumerate(plan.sections) if section.exhibit}
    return lay_out(plan, [_length(section) for section in plan.sections], parts)


def _lengths(exhibit: Exhibit, cited: Mapping[str, int]) -> list[int]:
    """Pages of an exhibit's files, of which the last is long enough for every page that is cited."""
    lengths = [_FILE_PAGES] * len(exhibit.parts)
    lengths[-1] += max(0, cited[exhibit.exhibit_id] - sum(lengths))
    return lengths


def _length(section: Section) -> int:
    if section.form:
        return current(section.form).inventory.pages
    return _FILE_PAGES * len(section.files) if section.file else _LENGTHS.get(section.kind, 0)
