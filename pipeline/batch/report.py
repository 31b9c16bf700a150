"""The reports of a batch: JSON for programs, CSV for a spreadsheet, one HTML file for people, and what the mail room needs.

They hold names and addresses and are written with mode 0600; nothing of them goes to the log.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from pipeline.batch.mailroom import mail_room_sheet
from pipeline.batch.model import Outcome, State
from pipeline.batch.print_order import print_order
from pipeline.batch.report_templates import report_templates
from pipeline.errors import OutputError
from pipeline.findings import Level
from pipeline.packet.publish import PACKET
from pipeline.storage import private_folder, write_atomically

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take a cell for a formula by."""

_CASE_COLUMNS: Final = (
    *("case", "source", "state", "exit code", "pages", "errors", "warnings", "notes", "seconds", "built", "why", "packet"),
    *("beneficiaries", "address", "fee", "payment forms", "signatures"),
)


class RuleCount(Struct, frozen=True):
    """How often a rule was broken in a batch."""

    rule: str
    level: Level
    count: int
    cases: int


class StageTime(Struct, frozen=True):
    """Wall seconds of a stage over all cases that were built."""

    stage: str
    seconds: float
    cases: int


class Open(Struct, frozen=True):
    """Something that is open in a case, as the page shows it; a draft's reason has a message only."""

    title: str
    message: str
    rule: str = ""
    where: str = ""
    remedy: str = ""


def write_reports(outcomes: Sequence[Outcome], out: Path) -> tuple[Path, ...]:
    """Writes `report.json`, `report.csv`, `report.html`, `mail-room.pdf` and `print-order.csv` into `out`, each by rename.

    The order of the outcomes is the order of the reports.  Raises OutputError when the disk refuses, and when the others are written,
    TemplateError when a name has a letter that no font has for the mail-room sheet.
    """
    makers = {
        "report.json": report_json,
        "report.csv": report_csv,
        "report.html": report_html,
        "print-order.csv": print_order_csv,
        "mail-room.pdf": mail_room_sheet,
    }
    try:
        private_folder(out)
        _remove_unfinished(out, makers)
        for name, make in makers.items():
            write_atomically(out / name, make(outcomes))
    except OSError as error:
        message = f"the reports could not be written: {error.strerror or error}"
        raise OutputError.one("output", str(out), message, "Free the space, or run the command again with another --out.") from error
    return tuple(out / name for name in makers)


def _remove_unfinished(out: Path, names: Iterable[str]) -> None:
    """Removes what a run that was killed while it wrote reports left of them, called as `write_atomically` does.  Raises OSError."""
    unfinished = re.compile(rf"\.(?:{'|'.join(map(re.escape, names))})\.[a-z0-9_]{{8}}")
    for left in [each for each in out.iterdir() if unfinished.fullmatch(each.name)]:
        left.unlink(missing_ok=True)


def report_json(outcomes: Sequence[Outcome]) -> bytes:
    """Every outcome with its findings and its parcel, and the sums that the charts show."""
    data = {
        "states": states(outcomes),
        "rules": [{"rule": one.rule, "level": one.level, "count": one.count, "cases": one.cases} for one in rules(outcomes)],
        "stages": [{"stage": one.stage, "seconds": round(one.seconds, 3), "cases": one.cases} for one in stages(outcomes)],
        "cases": [outcome.to_json() | {"folder": outcome.folder.name if outcome.folder else None} for outcome in outcomes],
    }
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def report_csv(outcomes: Sequence[Outcome]) -> bytes:
    """One line a case, UTF-8 with a byte order mark, which Excel needs; no cell is a formula."""
    return _table([_line(outcome) for outcome in outcomes], _CASE_COLUMNS)


def print_order_csv(outcomes: Sequence[Outcome]) -> bytes:
    """The files to print, one a line, in order."""
    sheets = [{"packet": str(s.parcel), "case": s.case, "file": s.file, "pages": str(s.pages)} for s in print_order(outcomes)]
    return _table(sheets, ("packet", "case", "file", "pages"))


def _table(lines: Iterable[Mapping[str, str]], header: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_plain(line[name]) for name in header] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(outcome: Outcome) -> dict[str, str]:
    parcel, levels = outcome.parcel, Counter(finding.level for finding in outcome.findings)
    return {
        "case": outcome.case_id,
        "source": outcome.name,
        "state": outcome.state,
        "exit code": str(int(outcome.exit_code)),
        "pages": str(outcome.pages),
        "errors": str(levels[Level.ERROR]),
        "warnings": str(levels[Level.WARNING]),
        "notes": str(levels[Level.INFO]),
        "seconds": f"{sum(outcome.seconds.values()):.2f}",
        "built": "yes" if outcome.built else "no",
        "why": outcome.why,
        "packet": f"{outcome.folder.name}/{PACKET}" if outcome.folder else "",
        "beneficiaries": "; ".join(parcel.beneficiaries) if parcel else "",
        "address": ", ".join(parcel.address) if parcel else "",
        "fee": parcel.fee if parcel else "",
        "payment forms": f"{len(parcel.payment_pages)} x {parcel.payment_form}" if parcel and parcel.payment_pages else "",
        "signatures": "; ".join(f"{one.name} {one.times}" for one in parcel.signers) if parcel else "",
    }


def states(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """How many cases ended in each state; what was not begun is left out when there is none."""
    counts = Counter(outcome.state for outcome in outcomes)
    return {str(state): counts[state] for state in State if counts[state] or state is not State.NOT_BEGUN}


def rules(outcomes: Sequence[Outcome]) -> tuple[RuleCount, ...]:
    """The rules that found anything, the most frequent first, notes left out."""
    found = [(f.rule, f.level, number) for number, one in enumerate(outcomes) for f in one.findings if f.level is not Level.INFO]
    counts = Counter((rule, level) for rule, level, _ in found)
    cases = Counter((rule, level) for rule, level, _ in set(found))
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return tuple(RuleCount(rule, level, counts[rule, level], cases[rule, level]) for rule, level in ordered)


def stages(outcomes: Sequence[Outcome]) -> tuple[StageTime, ...]:
    """The stages in the order in which they ran, over the cases that this run built."""
    seconds: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.built:
            seconds.update(outcome.seconds)
            cases.update(outcome.seconds.keys())
    return tuple(StageTime(stage, seconds[stage], cases[stage]) for stage in seconds)


def opened(outcome: Outcome) -> tuple[Open, ...]:
    """What a person has to look at: errors, then warnings, and for a draft without errors the reasons why it is one."""
    found = [Open(f.level.capitalize(), f.message, f.rule, f.where, f.remedy) for f in outcome.findings if f.level is Level.ERROR]
    reasons = outcome.parcel.reasons if outcome.parcel and not found else ()
    found += [Open("Draft because", reason) for reason in reasons]
    found += [Open(f.level.capitalize(), f.message, f.rule, f.where, f.remedy) for f in outcome.findings if f.level is Level.WARNING]
    return tuple(found)


def report_html(outcomes: Sequence[Outcome]) -> bytes:
    """One page that needs nothing beside it: what became of each case, with its findings, and the two charts."""
    values: dict[str, Any] = {
        "outcomes": outcomes,
        "states": states(outcomes),
        "rules": rules(outcomes),
        "stages": stages(outcomes),
        "opened": opened,
        "packet": PACKET,
    }
    return report_templates(html=True).get_template("report.html.j2").render(values).encode()
