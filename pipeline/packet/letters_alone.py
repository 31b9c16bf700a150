"""The letters of a case without its packet, to be read or to be edited in Word; their page numbers are those of the packet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.evidence.intake import Intake
from pipeline.findings import Finding, Level
from pipeline.letters.word import ENDING, word_file
from pipeline.packet.beside import papers
from pipeline.packet.build import BuildOptions, Stage, draft_reasons, quiet
from pipeline.packet.compose import compose, generated_letter
from pipeline.packet.examine import examine
from pipeline.packet.filing import filing_of
from pipeline.packet.gather import gather
from pipeline.packet.plan import make_plan
from pipeline.sealed import Sealed
from pipeline.storage import write_atomically


class LettersAlone(Sealed, frozen=True):
    """The letters of a case as files."""

    files: Mapping[str, bytes]
    """By name, such as `cover-letter.pdf`."""
    findings: tuple[Finding, ...]
    """What is open in the case, and what is wrong with a letter of the office's own."""


def letters_alone(path: Path, options: BuildOptions, word: bool = False, stage: Stage = quiet) -> LettersAlone:
    """The generated letters of a case as PDF, and with `word` also as Word files; errors of rules do not stop them.

    Forms are filled and evidence converted, since the letters print packet pages.  Where the case names a letter of the office's own,
    the generated one has the pages of the packet with that letter.  Raises a PacketError as `build_packet` does, and
    EnvironmentMissingError when `word` is asked for and pandoc is not installed.
    """
    with Intake(bench=options.bench) as intake:
        with stage("check"):
            examined = examine(path, options.as_of, options.decisions, options.mode)
        plan = make_plan(examined.case, examined.item, options.office.style.labels)
        with stage("forms and evidence"):
            gathered = gather(plan, options.forms, examined.as_of, intake)
        with stage("letters"):
            letters = compose(plan, examined, gathered, filing_of(examined), draft_reasons(examined, gathered), options.office)
            documents = {**letters.documents, **papers(plan, examined, letters, options.office).documents}
            if plan.own_letter:
                documents[plan.letter_name] = generated_letter(plan, examined, letters, options.office)
    files = {f"{name}.pdf": document.pdf for name, document in documents.items()}
    if word:
        with stage("Word files"):
            files |= {f"{name}{ENDING}": word_file(document, options.office) for name, document in documents.items()}
    return LettersAlone(dict(sorted(files.items())), (*examined.findings, *letters.findings))


def save_letters(files: Mapping[str, bytes], folder: Path, replace: bool = False) -> None:
    """Write files into a folder, mode 0600; a file that is there with other contents is written over only with `replace`.

    Each is there whole or as it was.  Raises OutputError, and then writes nothing, with every file that is in the way; and when the disk
    refuses.
    """
    try:
        kept = [name for name, data in files.items() if (folder / name).exists() and (folder / name).read_bytes() != data]
        if kept and not replace:
            message, remedy = (
                "is there with other contents, perhaps edited",
                "Move it away, name another folder with --out, or give --replace.",
            )
            raise OutputError([Finding("letters-there", Level.ERROR, str(folder / name), message, remedy) for name in kept])
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_atomically(folder / name, data)
    except OSError as error:
        message, remedy = f"could not be written: {error.strerror or error}", "Name another folder with --out, or free the space."
        raise OutputError.one("output", str(folder), message, remedy) from error
