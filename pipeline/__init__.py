"""One case file and a folder of evidence in; one parole packet out.

The names in `__all__` are the library for other programs, described in `docs/library.md`.  They are imported when they are first
asked for, so that importing a part of the package costs no more than that part.
"""

from __future__ import annotations

import importlib
from typing import Final

_HOMES: Final = {
    "BuildOptions": "pipeline.packet.build",
    "Built": "pipeline.packet.build",
    "CaseText": "pipeline.case.model",
    "ExitCode": "pipeline.errors",
    "Finding": "pipeline.findings",
    "Level": "pipeline.findings",
    "PacketError": "pipeline.errors",
    "Validation": "pipeline.packet.examine",
    "Workbench": "pipeline.evidence.workbench",
    "build_packet": "pipeline.packet.build",
    "load_office": "pipeline.letters.office",
    "validate": "pipeline.packet.examine",
}
"""Where each name of the library lives; `__init__.pyi` has their types."""

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
