"""Fuzzing of the intake: `python -m tests.faults.fuzz SECONDS [SEED]` damages the resources at random and takes them in.

A file may be taken or refused.  What it must not do is crash the worker, hang, need more than 1 GB, or meet a fault of ours: each such file
is kept in `fuzz-found/`, and the exit code is 1.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pipeline.errors import PacketError
from pipeline.evidence.intake import Intake
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Wishes
from pipeline.evidence.settings import Settings
from pipeline.evidence.workbench import Workbench
from tests.resources.make import FOLDER, RESOURCES

_WRONG: Final = frozenset({"evidence-crash", "evidence-fault", "evidence-time", "evidence-memory"})
_LIMITS: Final = Limits(seconds=60, memory_bytes=1_000_000_000)
_LARGEST: Final = 100_000
_ROUND: Final = 200
"""Files of one intake; all share a worker."""
_NUMBERS: Final = (b"0", b"-1", b"1", b"65536", b"2147483648", b"99999999999", b"1e9", b"null", b"<<>>", b"[]", b"/X", b"(x)")

Damage = Callable[[bytearray, random.Random], bytearray]


def overwritten(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice([1, 2, 5, 20, 100])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return data


def cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(1, len(data) + 1)]


def doubled(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice([1, 10, 100, 1000, 10_000])]
    at = chance.randrange(len(data))
    return data[:at] + piece * chance.choice([1, 2, 50]) + data[at:]


def removed(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice([1, 4, 64, 1024]) :]


def renumbered(data: bytearray, chance: random.Random) -> bytearray:
    """Another value where a number stands: lengths, counts, references, sizes."""
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    for _ in range(chance.choice([1, 1, 3, 10]) if places else 0):
        at = chance.choice(places)
        data[at : at + 1] = chance.choice(_NUMBERS)
    return data


def crossed(data: bytearray, chance: random.Random) -> bytearray:
    """The head of one file and the tail of another."""
    other = _originals(chance)[1]
    return data[: chance.randrange(1, len(data) + 1)] + other[chance.randrange(len(other)) :]


DAMAGES: Final[Sequence[Damage]] = (overwritten, cut, doubled, removed, renumbered, renumbered, crossed)


def _originals(chance: random.Random) -> tuple[str, bytearray]:
    small = [each.name for each in RESOURCES if 0 < (FOLDER / each.name).stat().st_size <= _LARGEST]
    name = chance.choice(small)
    return name, bytearray((FOLDER / name).read_bytes())


def fuzz(seconds: float, seed: int) -> tuple[Counter[str], list[Path]]:
    """What became of the files, by rule or `taken`; and those that did what none may."""
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    found: list[Path] = []
    until = time.monotonic() + seconds
    bench = Workbench()
    try:
        while time.monotonic() < until:
            with tempfile.TemporaryDirectory() as name, Intake(Settings(cache_bytes=0, limits=_LIMITS), bench) as intake:
                for number in range(_ROUND):
                    path, original = Path(name) / str(number), _damaged(Path(name) / str(number), chance)
                    outcome = _outcome(intake, path, chance)
                    outcomes[outcome] += 1
                    if outcome in _WRONG:
                        found.append(_kept(path, f"{outcome}-{len(found)}-{original}"))
    finally:
        bench.close()
    return outcomes, found


def _damaged(path: Path, chance: random.Random) -> str:
    """Writes a damaged resource; returns the name of the sound one."""
    original, data = _originals(chance)
    for _ in range(chance.choice([1, 1, 2])):
        data = chance.choice(DAMAGES)(data, chance) or data
    path.write_bytes(data)
    return original


def _kept(path: Path, name: str) -> Path:
    folder = Path("fuzz-found")
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(path, folder / name))


def _outcome(intake: Intake, path: Path, chance: random.Random) -> str:
    wishes = Wishes(
        shrink=chance.choice([None, None, 150]),
        password=chance.choice([None, "open sesame"]),
        attachments=chance.choice([None, "add", "add", "drop"]),
    )
    try:
        intake.start(path.parent, path.name, wishes).result()
    except PacketError as error:
        return error.findings[0].rule
    return "taken"


def main() -> None:
    """Fuzz for a while and say what came of it."""
    outcomes, found = fuzz(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    for outcome, count in outcomes.most_common():
        print(f"{count:8} {outcome}")
    for path in found:
        print(f"look at {path}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
