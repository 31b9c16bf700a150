"""An office's settings for evidence: `evidence.yaml`, which names bounds, folders outside the cases, and the size of the cache."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from pipeline.errors import EnvironmentMissingError
from pipeline.evidence.limits import Limits
from pipeline.findings import Finding, Level
from pipeline.storage import user_cache, user_config
from pipeline.yaml_files import NotYamlError, read_yaml

_REMEDY = "Correct the file, or leave PACKET_EVIDENCE unset."


class Settings(Struct, frozen=True):
    """How evidence is taken in."""

    limits: Limits = field(default_factory=Limits)
    allowed_folders: tuple[Path, ...] = ()
    """Folders outside the case folder whose files a case may name, by absolute path or through a link."""
    cache: Path = field(default_factory=lambda: user_cache() / "evidence")
    cache_bytes: int = 2_000_000_000
    """The bound of the cache after each build; 0 turns it off."""


def settings_file() -> Path:
    """The file that PACKET_EVIDENCE names, else `evidence.yaml` in the user's configuration folder."""
    named = os.environ.get("PACKET_EVIDENCE")
    return Path(named) if named else user_config() / "evidence.yaml"


def load_settings() -> Settings:
    """The settings of this machine: our defaults, and over them what the file says.

    Raises EnvironmentMissingError with everything that is wrong in the file, and when PACKET_EVIDENCE names a file that is not there.
    """
    file = settings_file()
    if not file.exists() and "PACKET_EVIDENCE" not in os.environ:
        return Settings()
    try:
        data = read_yaml(file) or {}
    except OSError as error:
        raise EnvironmentMissingError.one("evidence-settings", str(file), f"cannot be read: {error.strerror}", _REMEDY) from error
    except NotYamlError as error:
        raise EnvironmentMissingError.one("evidence-settings", str(file) + error.at, f"cannot be read as YAML: {error}", _REMEDY) from error
    wrong = list(_faults(data))
    if wrong:
        raise EnvironmentMissingError([Finding("evidence-settings", Level.ERROR, str(file), *fault) for fault in wrong])
    defaults = Settings()
    return Settings(
        limits=Limits(**data.get("limits", {})),
        allowed_folders=tuple(Path(folder).expanduser() for folder in data.get("allowed_folders", ())),
        cache=Path(data["cache"]).expanduser() if "cache" in data else defaults.cache,
        cache_bytes=data.get("cache_bytes", defaults.cache_bytes),
    )


def _faults(data: object) -> Iterator[tuple[str, str]]:
    """What is wrong and what to do about it."""
    if not isinstance(data, Mapping):
        yield "holds no settings", 'Write lines such as "cache_bytes: 1000000000".'
        return
    yield from _unknown(data, Settings.__struct_fields__)
    folders = data.get("allowed_folders", ())
    if not isinstance(folders, (list, tuple)) or not all(isinstance(each, str) and _is_absolute(each) for each in folders):
        yield "allowed_folders is no list of absolute paths", "Write each folder from the root, such as /srv/scans."
    if "cache" in data and not (isinstance(data["cache"], str) and _is_absolute(data["cache"])):
        yield "cache is no absolute path", "Write the folder from the root."
    if not _is_count(data.get("cache_bytes", 0)):
        yield "cache_bytes is no whole number of 0 or more", "Write bytes, such as 1000000000."
    limits = data.get("limits", {})
    if not isinstance(limits, Mapping):
        yield "limits holds no settings", 'Write lines such as "seconds: 60" below it.'
        return
    yield from _unknown(limits, Limits.__struct_fields__)
    for name, value in limits.items():
        if not _is_count(value) or value == 0:
            yield f"limits: {name} is no whole number above 0", "Write a number, such as 500000000."


def _unknown(data: Mapping[Any, Any], known: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in data:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, 1)
            yield f"{name} is no setting", f'Did you mean "{close[0]}"?' if close else f"There are: {', '.join(known)}."


def _is_absolute(text: str) -> bool:
    try:
        return "\0" not in text and Path(text).expanduser().is_absolute()
    except RuntimeError:  # no such user
        return False


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= sys.maxsize
