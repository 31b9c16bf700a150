"""Folders of cases and of packets on any path that fsspec knows: local, `s3://`, `gcs://`, `memory://`.

Needs the extra `dask`, and for an object store the package that fsspec names for it.  Credentials are the machine's own.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from glob import has_magic
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any, Final

import platformdirs

from pipeline.batch.fingerprint import Mark
from pipeline.errors import EnvironmentMissingError
from pipeline.packet.publish import MANIFEST

_STAMPS: Final = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created")
"""What file systems tell of a file's content or time, the most telling first."""


def require_extra() -> None:
    """Raises EnvironmentMissingError when the extra `dask` is not installed."""
    if missing := [name for name in ("distributed", "fsspec") if find_spec(name) is None]:
        remedy = 'Install it: pip install "parole-packet[dask]".'
        raise EnvironmentMissingError.one("batch-dask", "parole-packet[dask]", f"{' and '.join(missing)} is not installed", remedy)


def is_remote(path: str) -> bool:
    """Whether a path names a file system before `://`."""
    return "://" in path


def desk_of(out: str) -> Path:
    """Where journal and reports of a batch are: the folder of packets itself, or when that is elsewhere one in the user's data folder."""
    if not is_remote(out):
        return Path(out)
    return platformdirs.user_data_path("parole-packet") / "batches" / hashlib.sha256(out.rstrip("/").encode()).hexdigest()[:16]


class Place:
    """A folder; its files are named by their paths within it, with forward slashes.

    What the file system refuses comes as OSError.
    """

    def __init__(self, url: str) -> None:
        """Raises EnvironmentMissingError when the package for this kind of file system is not installed or does not exist."""
        from fsspec.core import url_to_fs  # noqa: PLC0415 - of the extra

        self.url = url.rstrip("/")
        try:
            # another machine changes what a listing remembers
            self._fs, root = url_to_fs(self.url if is_remote(url) else str(Path(url).absolute()), use_listings_cache=False)
        except (ImportError, ValueError) as error:
            remedy = "Install the package for it, such as s3fs for s3:// or gcsfs for gcs://."
            raise EnvironmentMissingError.one("batch-place", url, "this kind of path cannot be opened here", remedy) from error
        self._root = root.rstrip("/")

    def marks(self) -> dict[str, Mark]:
        """Size of every file below the folder, and a number that changes when the file does; empty when there is no folder."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.find(self._root, detail=True)
        except FileNotFoundError:
            return {}
        return {self._name(path): _mark(info) for path, info in found.items()}

    def holds(self, other: Place) -> bool:
        """Whether another folder is this one or lies in it."""
        return self._fs == other._fs and f"{other._root}/".startswith(f"{self._root}/")

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The contents of files, read together where the file system can."""
        paths = [self._path(name) for name in names]
        return {self._name(path): data for path, data in self._fs.cat(paths).items()} if paths else {}

    def fetch(self, names: Iterable[str], into: Path) -> None:
        """Copies files into a local folder under the same names."""
        for name in names:
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            self._fs.get_file(self._path(name), str(target))

    def write(self, name: str, data: bytes) -> None:
        """Writes one file."""
        self._fs.makedirs(self._path(str(PurePosixPath(name).parent)), exist_ok=True)
        self._fs.pipe_file(self._path(name), data)

    def publish(self, folder: Path, name: str) -> dict[str, Mark]:
        """Copies a packet's folder to `name`, and gives the marks of its files.

        A packet counts only with its manifest: an old one is taken out first, and the new one is written when everything else is there.
        """
        target = self._path(name)
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        if self._fs.exists(f"{target}/{MANIFEST}"):
            self._fs.rm_file(f"{target}/{MANIFEST}")
        for file in (*(file for file in files if file != MANIFEST), MANIFEST):
            self._fs.makedirs(f"{target}/{file}".rpartition("/")[0], exist_ok=True)
            if file == MANIFEST:
                self._drop_others(target, set(files))
            self._fs.put_file(str(folder / file), f"{target}/{file}")
        return Place(f"{self.url}/{name}").marks()

    def _drop_others(self, target: str, files: set[str]) -> None:
        for path in self._fs.find(target):
            if path[len(target) :].lstrip("/") not in files:
                self._fs.rm_file(path)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _name(self, path: str) -> str:
        return path[len(self._root) :].lstrip("/")


def _mark(info: Mapping[str, Any]) -> Mark:
    stamp = next((str(info[key]) for key in _STAMPS if info.get(key)), "")
    return int(info.get("size") or 0), int(hashlib.sha256(stamp.encode()).hexdigest()[:15], 16)


def files_behind(names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """The known files that a case's names of evidence may stand for: the file, the files below a folder, those that a pattern may reach.

    May give more than the case means, never less; what the names really stand for is decided where the packet is built.
    """
    forms = {unicodedata.normalize("NFC", file): file for file in known}
    for name in names:
        plain = unicodedata.normalize("NFC", name)
        if plain in forms:
            yield forms[plain]
            continue
        before = plain[: next(i for i, c in enumerate(plain) if c in "*?[")].rpartition("/")[0] if has_magic(plain) else plain
        yield from (file for form, file in forms.items() if not before or form.startswith(f"{before.rstrip('/')}/"))
