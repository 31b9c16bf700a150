"""Whether an output folder holds whole packets and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.batch.journal import JOURNAL, LOCK

_OURS = {JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", LOCK, "report.json", "report.csv", "report.html", "mail-room.pdf", "print-order.csv"}


def packets(out: Path) -> dict[str, str]:
    """The sha256 of every packet in an output folder, by folder; fails when one is not what its manifest says."""
    found = {}
    for folder in sorted(out.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            record = json.loads((folder / "manifest.json").read_bytes())
            found[folder.name] = hashlib.sha256((folder / "packet.pdf").read_bytes()).hexdigest()
            assert found[folder.name] == record["packet_sha256"], f"{folder.name} is not whole"
            assert (folder / "checklist.pdf").is_file()
            assert (folder / "letters" / "cover-letter.pdf").is_file()
    return found


def leftovers(out: Path) -> list[str]:
    """What lies beside the packets, the journal and the reports."""
    return sorted(each.name for each in out.iterdir() if each.name not in _OURS and (each.name.startswith(".") or not each.is_dir()))
