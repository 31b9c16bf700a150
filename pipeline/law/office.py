"""Where an office keeps facts of its own."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.storage import user_data


def office_folder() -> Path | None:
    """The folder that PACKET_LAW names, else `law` in the user's data folder; None when there is none."""
    named = os.environ.get("PACKET_LAW")
    folder = Path(named) if named else user_data() / "law"
    return folder if named or folder.is_dir() else None
