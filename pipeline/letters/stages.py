"""The documents after the filing: what the client is told, the data sheet and checklist for the journey, and the answer to a notice.

Each is one template of `templates/letters/stages/`.  What they say of the law stands in the data files beside the templates
(`pipeline.letters.guidance`) and in the facts of law; the same context and stage give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.case.model import Case
from pipeline.law.facts import Facts
from pipeline.letters.context import LetterContext
from pipeline.letters.documents import Rendered, document
from pipeline.letters.guidance import guidance
from pipeline.letters.office import OURS, Office
from pipeline.letters.stage import Answer, Notice, Stage, stage_of
from pipeline.letters.traveler import Traveler, travelers
from pipeline.rules.stage import TARGET_DAYS

STEPS, ARRIVAL, RESPONSE = "steps.yaml", "arrival.yaml", "response.yaml"


def stage_documents(case: Case, facts: Facts, context: LetterContext, office: Office = OURS) -> dict[str, Rendered]:
    """The documents beside the packet at the case's stage, by file name without ending.

    Always the letter to the client and its sources; once the request is approved, the checklist for arrival or grant, and for
    each beneficiary abroad the DS-160 data sheet.  Raises TemplateError.
    """
    stage = stage_of(case, facts, context, office.style.labels)
    made = {
        "client-letter": client_letter(context, stage, _asked_for(case, facts, context), office),
        "client-letter-sources": letter_sources(context, stage, office),
    }
    if stage.name in ("approved", "arrived"):
        made["arrival-checklist"] = arrival_checklist(context, stage, travelers(case), office)
    if stage.name == "approved" and stage.place == "abroad":
        made |= {f"ds-160-{one.beneficiary}": ds160_sheet(context, stage, one, office) for one in travelers(case)}
    return made


def _asked_for(case: Case, facts: Facts, context: LetterContext) -> str:
    """What is asked for, as a noun phrase: the filing kind, or what one travels on."""
    travels = case.kind == "advance-parole"
    fact = facts.item(context.request.item, context.day) if travels else facts.kind(case.kind, context.day)
    return fact.title if fact else "parole"


def client_letter(context: LetterContext, stage: Stage, asked_for: str, office: Office = OURS) -> Rendered:
    """What happens next, in plain words, from the stage on; without a representative a page of notes instead of a letter.

    `asked_for` is a noun phrase, such as `parole in place`.  Raises TemplateError.
    """
    steps = guidance(STEPS, stage, context.day, office.templates)
    return document("stages/client.typ.j2", context, office, stage=stage, steps=steps, asked_for=asked_for)


def letter_sources(context: LetterContext, stage: Stage, office: Office = OURS) -> Rendered:
    """For the office: every sentence of law in the client's papers, with its source, the day it was read, and whether that is too old.

    Raises TemplateError.
    """
    files = (STEPS, ARRIVAL) if stage.name in ("approved", "arrived") else (STEPS,)
    told = (
        sentence for file in files for section in guidance(file, stage, context.day, office.templates) for sentence in section.sentences
    )
    sentences = tuple({sentence.text: sentence for sentence in told if sentence.ground}.values())
    return document("stages/sources.typ.j2", context, office, stage=stage, sentences=sentences)


def arrival_checklist(context: LetterContext, stage: Stage, people: Sequence[Traveler], office: Office = OURS) -> Rendered:
    """What to carry and to compare at arrival, return or grant, with the exhibits of each exception from the parole fee.

    Raises TemplateError.
    """
    sections = guidance(ARRIVAL, stage, context.day, office.templates)
    begins = context.request.arrive_on if stage.place != "travel" else None
    more = {"travelers": tuple(people), "arrived": stage.name == "arrived", "begins": begins}
    return document("stages/arrival.typ.j2", context, office, stage=stage, sections=sections, **more)


def ds160_sheet(context: LetterContext, stage: Stage, traveler: Traveler, office: Office = OURS) -> Rendered:
    """What the case has for one person's Form DS-160, with a line to write on where it has nothing.  Raises TemplateError.

    Whether the post wants that form is a question to the post: no current source says so.
    """
    receipt = next((one.number for one in stage.receipts if one.beneficiary == traveler.beneficiary), "")
    return document("stages/ds160.typ.j2", context, office, stage=stage, traveler=traveler, receipt=receipt)


def response_letter(context: LetterContext, notice: Notice, answers: Sequence[Answer], office: Office = OURS) -> Rendered:
    """The answer to a notice, each thing that it asks for with its exhibits and their packet pages.

    `context` holds the exhibits that the response encloses; there is at least one answer.  Raises TemplateError.
    """
    people = tuple(one for one in context.beneficiaries if notice.beneficiary in (None, one.name))
    more: Mapping[str, object] = {"notice": notice, "answers": tuple(answers), "people": people}
    return document("stages/response-letter.typ.j2", context, office, **more)


def response_checklist(context: LetterContext, stage: Stage, notice: Notice, office: Office = OURS) -> Rendered:
    """The office's own list for a response: due date, target, address, what is open, who signs.  Raises TemplateError."""
    sections = guidance(RESPONSE, stage, context.day, office.templates)
    return document("stages/response-checklist.typ.j2", context, office, notice=notice, sections=sections, target_days=TARGET_DAYS)
