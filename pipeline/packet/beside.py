"""The papers beside a packet: the office's checklist, letters to the client, and what people sign before the packet can be filed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pipeline.letters.documents import Rendered, checklist
from pipeline.letters.office import OURS, Office
from pipeline.letters.stages import response_checklist, stage_documents
from pipeline.letters.statements import statement_documents
from pipeline.packet.compose import Letters
from pipeline.packet.examine import Examined
from pipeline.packet.glyphs import places_of
from pipeline.packet.plan import PacketPlan
from pipeline.sealed import Sealed


class Papers(Sealed, frozen=True):
    """What is typeset for a case and stands in no packet."""

    checklist: Rendered
    documents: Mapping[str, Rendered]
    """All but the checklist, by file name without ending."""

    @property
    def sources(self) -> Mapping[str, str]:
        """File name to Typst source."""
        return {name: document.source.text for name, document in {**self.documents, "checklist": self.checklist}.items()}


def papers(plan: PacketPlan, examined: Examined, letters: Letters, office: Office = OURS) -> Papers:
    """Typeset checklist, the documents of the case's stage and, for a filing, what people sign; raises TemplateError.

    They print the packet's pages, so `letters` comes first.
    """
    context, notice = letters.context, letters.stage.notice
    with places_of(plan.case):
        checks = response_checklist(context, letters.stage, notice, office) if notice else checklist(context, office)
        documents = stage_documents(plan.case, examined.facts, context, office)
        if not plan.answers_notice:
            documents |= statement_documents(context, office)
    return Papers(checks, documents)


@contextmanager
def meanwhile(work: Callable[[], None], in_thread: bool) -> Iterator[Callable[[], None]]:
    """Does `work` while the block runs, in a thread, or when what is given is called, which waits for it and raises what it raised."""
    if not in_thread:
        yield work
        return
    with ThreadPoolExecutor(1, thread_name_prefix="papers") as pool:
        yield pool.submit(work).result
