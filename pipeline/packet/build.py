"""Building one packet: load, check, plan, letters, forms, evidence, layout, assemble, read back, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from pipeline.case.model import CaseSource
from pipeline.errors import CaseInvalidError, OutputError, PacketError, ReadBackError
from pipeline.evidence.intake import Intake
from pipeline.evidence.workbench import Workbench
from pipeline.findings import Finding
from pipeline.letters.context import ExhibitEntry
from pipeline.letters.documents import evidence_index
from pipeline.letters.office import OURS, Office
from pipeline.packet.assemble import Piece, assemble
from pipeline.packet.beside import meanwhile, papers
from pipeline.packet.compose import Letters, compose
from pipeline.packet.examine import Examined, Mode, examine
from pipeline.packet.exhibits import evidence_findings, laid_files
from pipeline.packet.filing import FilingFacts, filing_of, response_filing
from pipeline.packet.gather import Gathered, ReadyForm, gather
from pipeline.packet.layout import LaidSection
from pipeline.packet.manifest import Despatch, FormRecord, InputFile, Record, manifest, to_json
from pipeline.packet.plan import PacketPlan, SectionKind, make_plan
from pipeline.packet.publish import MANIFEST, PACKET, publication, sealing, write_files
from pipeline.packet.readback.expect import LaidForm, laid_form
from pipeline.packet.readback.read import Expected, read_back
from pipeline.packet.stamps import stamps
from pipeline.packet.twice import pages_twice
from pipeline.packet.upload.id_pictures import id_pictures
from pipeline.packet.upload.parts import UPLOADS, Upload, UploadPlan, divided_translations, upload_parts
from pipeline.rules.check import accept

Stage = Callable[[str], AbstractContextManager[None]]
"""Shows a stage while it runs."""


class BuildOptions(Struct, frozen=True):
    """What was asked for."""

    out: str | PathLike[str] = "out"
    """The folder that gets one folder a case."""
    as_of: date | None = None
    """The day that letters are dated; None takes the case's own."""
    mode: Mode | None = None
    """How the packet is filed; None takes the case's own."""
    draft: bool = False
    """Write a draft even while errors are open."""
    keep_work: bool = False
    """Keep typeset sources and converted evidence in `work/`."""
    decisions: Mapping[str, str] = field(default_factory=dict)
    """Rules that the attorney accepts, with the reason; the manifest records them."""
    forms: Path | None = None
    """The folder of official forms; None takes PACKET_FORMS or the user's own."""
    office: Office = OURS
    """The office's own templates, fonts and style."""
    bench: Workbench | None = None
    """What converts evidence for several packets; None starts a worker for this packet when it needs one."""
    name: str | None = None
    """The name that the packet's folder must have, when it was settled before the case is read; None takes what the case gives."""
    alone: bool = True
    """Papers are typeset in a thread while the packet is assembled; False for one of as many builds as there are processors."""


class Built(Struct, frozen=True):
    """A published packet."""

    folder: Path
    status: str
    """draft or ready."""
    reasons: tuple[str, ...]
    pages: int
    findings: tuple[Finding, ...]
    uploads: Mapping[str, int] = field(default_factory=dict)
    """The files for an online account by name, with their bytes; none for a filing on paper."""


_PLAIN = BuildOptions()


def quiet(_: str) -> AbstractContextManager[None]:
    """Shows nothing."""
    return nullcontext()


def build_packet(source: CaseSource, options: BuildOptions = _PLAIN, stage: Stage = quiet) -> Built:
    """Build and publish the packet of a case: a file, or a text that stands in no file.

    Raises a PacketError that names everything wrong, and leaves what an earlier run published, when the case, a form, an
    exhibit or a template stops the build, when errors are open and no draft was asked for, or when the read back differs.  Raises
    TypeError for a source that is neither a path nor a CaseText, and for a day, decisions or a mode of a wrong type.
    """
    with Intake(bench=options.bench) as intake:
        return _build(source, options, stage, intake)


def _build(source: CaseSource, options: BuildOptions, stage: Stage, intake: Intake) -> Built:
    with stage("check"):
        examined = examine(source, options.as_of, options.decisions, options.mode)
        _require_name(examined, options)
    plan = make_plan(examined.case, examined.item, options.office.style.labels)
    filing = filing_of(examined)
    with stage("forms and evidence"):
        gathered = _gather(plan, examined, filing, options, intake)
    with stage("letters"):
        letters = compose(plan, examined, gathered, filing, draft_reasons(examined, gathered), options.office)
        if letters.errors and not options.draft:
            raise CaseInvalidError(letters.errors)
    folder, reasons = Path(options.out) / examined.case.packet_name, letters.reasons
    with (
        publication(folder, examined.case.folder, mended=options.name is not None) as work,
        meanwhile(partial(_write_beside, work, plan, examined, gathered, letters, options), options.alone) as written,
    ):
        packet = work / PACKET
        with stage("assemble"):
            marks = tuple(stamps(letters.layout, bool(reasons)))
            assemble(letters.layout, _pieces(plan, gathered, letters), marks, title=letters.title, as_of=examined.as_of, into=packet)
            uploads = _uploads(plan, gathered, letters, packet, bool(reasons), options.office)
        despatch = Despatch(response_filing(plan.case) if plan.answers_notice else filing.filing, tuple(gathered.payments), uploads)
        laid = [laid_form(letters.layout.sections[number], ready.filled) for number, ready in gathered.forms.items()]
        with sealing(packet) as sealed:
            with stage("read back"):
                if wrong := read_back(packet, Expected(letters.layout, marks, laid, tuple(laid_files(gathered.exhibits, letters.layout)))):
                    raise ReadBackError(wrong)
            with stage("papers"):
                written()
            record = _record(plan, examined, gathered, letters, laid, sealed(), despatch)
        with stage("publish"):
            despatched = {f"{UPLOADS}/{upload.name}": upload.data for upload in uploads}
            write_files(work, {MANIFEST: to_json(manifest(record)), **despatched})
    sizes = {upload.name: len(upload.data) for upload in uploads}
    return Built(folder, "draft" if reasons else "ready", reasons, letters.layout.pages, record.findings, sizes)


def _require_name(examined: Examined, options: BuildOptions) -> None:
    """Raises OutputError when the case is not the one that was asked for: its packet would take the place of another's."""
    if options.name not in (None, examined.case.packet_name):
        message = "its packet would go into another folder than when the run began: the case changed during the run"
        raise OutputError.one("case-changed", examined.case.where("/case_id"), message, "Run the same command again.")


def _gather(plan: PacketPlan, examined: Examined, filing: FilingFacts, options: BuildOptions, intake: Intake) -> Gathered:
    """Forms and evidence; what the rules found stands before what fails here, so that all errors are named at once."""
    try:
        payments = () if plan.answers_notice else filing.payments
        gathered = gather(plan, options.forms, examined.as_of, intake, payments)
    except PacketError as error:
        raise type(error)((*examined.errors, *error.findings)) from error
    if examined.errors and not options.draft:
        raise CaseInvalidError(examined.errors)
    return gathered


def draft_reasons(examined: Examined, gathered: Gathered) -> tuple[str, ...]:
    """Why a packet cannot be filed as it is: open errors, and forms that are facsimiles, those to pay with included."""
    open_errors = [f"{f.where}: {f.message}" for f in examined.errors]
    get = "get the official PDF from {} and run `packet forms add FILE`"
    return (*open_errors, *(f"Form {form.form} is a facsimile: {get.format(form.source_url)}" for form in gathered.facsimiles))


def _pieces(plan: PacketPlan, gathered: Gathered, letters: Letters) -> Sequence[Sequence[Piece]]:
    """The pieces of each section, in packet order."""
    pieces: list[Sequence[Piece]] = []
    sheets, certificates = iter(letters.sheets), iter(letters.certificates)
    for number, section in enumerate(plan.sections):
        if section.form:
            pieces.append(gathered.forms[number].pieces)
        elif section.exhibit:
            pieces.append((next(sheets), *(piece for part in gathered.exhibits[number] for piece in part.pieces(certificates))))
        elif section.file:
            pieces.append([file.piece for ready in gathered.exhibits[number] for file in ready.files])
        else:
            page = letters.cover if section.kind is SectionKind.LETTER else letters.index
            assert page is not None
            pieces.append((page,))
    return pieces


def _uploads(plan: PacketPlan, gathered: Gathered, letters: Letters, packet: Path, draft: bool, office: Office) -> tuple[Upload, ...]:
    """The files for an online account when the case is filed there."""
    if plan.case.data["filing"]["mode"] != "online":
        return ()

    def index(rows: Sequence[ExhibitEntry]) -> bytes:
        return evidence_index(replace(letters.context, exhibits=tuple(rows)), office).pdf

    pictures = id_pictures(plan, gathered.exhibits)
    return upload_parts(packet, UploadPlan(letters.layout, letters.context.exhibits, index, pictures, draft))


def _record(
    plan: PacketPlan,
    examined: Examined,
    gathered: Gathered,
    letters: Letters,
    laid: Sequence[LaidForm],
    packet_sha256: str,
    despatch: Despatch,
) -> Record:
    layout = letters.layout
    twice = accept(pages_twice(plan, gathered.exhibits, layout), examined.decisions)
    divided = divided_translations(layout, despatch.uploads)
    forms = tuple(
        _form_record(layout.sections[number], gathered.forms[number], form) for number, form in zip(gathered.forms, laid, strict=True)
    )
    inputs = tuple(
        InputFile(file.name, str(ready.part.role), file.kept.sha256, file.kept.pages_in, file.kept.pages_out)
        for parts in gathered.exhibits.values()
        for ready in parts
        for file in ready.files
    )
    return Record(
        examined.case,
        examined.as_of,
        letters.reasons,
        packet_sha256,
        layout,
        inputs,
        forms,
        letters.signatures,
        (*examined.findings, *letters.findings, *gathered.findings, *twice, *divided, *evidence_findings(gathered.exhibits, layout)),
        letters.facts,
        examined.decisions,
        despatch,
    )


def _form_record(laid: LaidSection, ready: ReadyForm, shown: LaidForm) -> FormRecord:
    person = laid.section.subject.roles.get("beneficiary") if laid.section.subject else None
    return FormRecord(laid, ready.filled, shown.values, person.data["id"] if person else None)


def _write_beside(work: Path, plan: PacketPlan, examined: Examined, gathered: Gathered, letters: Letters, options: BuildOptions) -> None:
    """Typesets the papers, and writes all that is published beside the packet but its manifest and uploads.

    Raises TemplateError, and OSError when the disk refuses.
    """
    beside = papers(plan, examined, letters, options.office)
    files = {"checklist.pdf": beside.checklist.pdf}
    files |= {f"letters/{name}.pdf": document.pdf for name, document in {**letters.documents, **beside.documents}.items()}
    files |= gathered.payments
    for number, ready in gathered.forms.items():
        files[f"forms/{plan.sections[number].file_name}.pdf"] = ready.editable
    if options.keep_work:
        files |= {f"work/{name}.typ": source.encode() for name, source in {**letters.sources, **beside.sources}.items()}
        for number, parts in gathered.exhibits.items():
            exhibit = plan.sections[number].exhibit
            for place, file in enumerate((file for part in parts for file in part.files), 1):
                files[f"work/exhibit-{exhibit.label if exhibit else number}-{place}.pdf"] = file.kept.file.read_bytes()
    write_files(work, files)
