"""Folders of cases and of packets on any path that fsspec knows: local, `s3://`, `gcs://`, `memory://`.

Needs the extra `dask`, and for an object store the package that fsspec names for it.  Credentials are the machine's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from glob import has_magic
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pipeline.batch.fingerprint import Mark
from pipeline.errors import EnvironmentMissingError
from pipeline.packet.publish import FOLDERS, MANIFEST, is_of_a_packet, taken
from pipeline.storage import private_folder, user_data, write_atomically

_STAMPS: Final = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created")
"""What file systems tell of a file's content or time, the most telling first."""
_UNFINISHED: Final = ".packet-unfinished"
"""Lies in a packet's folder from before its old manifest goes until after its new one is there."""
_HALF_WRITTEN: Final = re.compile(r"(?P<inner>.+/)?\.(?P<name>[^/]+)\.[a-z0-9_]{8}")
"""What a worker that was killed leaves of a file that it wrote to a disk."""


def require_extra() -> None:
    """Raises EnvironmentMissingError when the extra `dask` is not installed."""
    if missing := [name for name in ("distributed", "fsspec") if find_spec(name) is None]:
        remedy = 'Install it: pip install "parole-packet[dask]".'
        message = f"not installed: {', '.join(missing)}"
        raise EnvironmentMissingError.one("batch-dask", "parole-packet[dask]", message, remedy)


def is_remote(path: str) -> bool:
    """Whether a path names a file system before `://`."""
    return "://" in path


def desk_of(out: str) -> Path:
    """Where journal and reports of a batch are: the folder of packets itself, or when that is elsewhere one in the user's data folder."""
    if not is_remote(out):
        return Path(out)
    return user_data() / "batches" / hashlib.sha256(out.rstrip("/").encode()).hexdigest()[:16]


class Place:
    """A folder; its files are named by their paths within it, with forward slashes.

    What the file system refuses comes as OSError.
    """

    def __init__(self, url: str) -> None:
        """A relative path is meant from here, and its `url` is absolute.

        Raises EnvironmentMissingError when the package for this kind of file system is not installed or does not exist.
        """
        from fsspec.core import url_to_fs  # noqa: PLC0415 - of the extra
        from fsspec.implementations.local import LocalFileSystem  # noqa: PLC0415

        try:
            # another machine changes what a listing remembers
            self._fs, root = url_to_fs(url.rstrip("/") if is_remote(url) else str(Path(url).absolute()), use_listings_cache=False)
        except (ImportError, ValueError) as error:
            remedy = "Install the package for it, such as s3fs for s3:// or gcsfs for gcs://."
            raise EnvironmentMissingError.one("batch-place", url, "this kind of path cannot be opened here", remedy) from error
        self._root = root.rstrip("/")
        self._local = isinstance(self._fs, LocalFileSystem)
        self.url = self._root if self._local else url.rstrip("/")

    @property
    def real(self) -> tuple[Any, PurePosixPath]:
        """The file system and the path in it, without links where it has any: the same for two ways to one folder."""
        return self._fs, PurePosixPath(os.path.realpath(self._root) if self._local else self._root)

    def marks(self) -> dict[str, Mark]:
        """Size of every file below the folder, and a number that changes when the file does; empty when there is no folder."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.find(self._root, detail=True)
        except FileNotFoundError:
            return {}
        return {self._name(path): _mark(info) for path, info in found.items()}

    def is_file(self) -> bool:
        """Whether it is a file and no folder, or a pipe or device of this machine."""
        return bool(self._fs.isfile(self._root)) or (self._local and self.exists() and not self._fs.isdir(self._root))

    def exists(self) -> bool:
        """Whether there is a file or folder."""
        return bool(self._fs.exists(self._root))

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The contents of files, read together where the file system can; one that cannot be read, and a pipe or device, is missing."""
        paths = [path for path in map(self._path, names) if not self._local or Path(path).is_file()]
        plain = [path for path in paths if not has_magic(path)]
        found = dict(self._fs.cat(plain, on_error="omit")) if plain else {}
        for path in (path for path in paths if has_magic(path)):  # which `cat` would take for a pattern
            with suppress(OSError):
                found[path] = self._fs.cat_file(path)
        return {self._name(path): data for path, data in found.items()}

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a file that is larger."""
        return bytes(self._fs.cat_file(self._path(name), start=0, end=size))

    def fetch(self, names: Iterable[str], into: Path) -> None:
        """Copies files into a local folder under the same names; a pipe or device becomes a pipe, which every reader there refuses."""
        for name in names:
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if self._local and not stat.S_ISREG(Path(self._path(name)).stat().st_mode):
                os.mkfifo(target)
            else:
                self._fs.get_file(self._path(name), str(target))

    def write(self, name: str, data: bytes) -> None:
        """Writes one file; on a disk it and the folders that are made for it are the user's alone (0600, 0700)."""
        path = self._path(name)
        self._make_folders(name)
        if self._local:
            write_atomically(Path(path), data)
        else:
            self._fs.pipe_file(path, data)

    def publish(self, folder: Path, name: str) -> dict[str, Mark]:
        """Copies a packet's folder to `name`, and gives the marks of the packet's files.

        A packet counts only with its manifest: an old one is taken out first, and the new one is written when everything else is there.
        What only an earlier packet had goes, and what is no packet's stays.  Raises OutputError when the folder holds files and no packet.
        """
        target = self._path(name)
        former = {path[len(target) :].lstrip("/") for path in self._find(target)}
        self._refuse_others(name, {_meant(file) for file in former})
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        self.write(f"{name}/{_UNFINISHED}", b"")
        self._make_private(name)
        self._drop(target, former & {MANIFEST})
        for file in (file for file in files if file != MANIFEST):
            self._put(folder / file, f"{name}/{file}")
        self._drop(target, {file for file in former - {*files, MANIFEST} if is_of_a_packet(_meant(file))})
        self._put(folder / MANIFEST, f"{name}/{MANIFEST}")
        self._drop(target, {_UNFINISHED, *(file for file in former if _meant(file) == _UNFINISHED)})
        marks = Place(f"{self.url}/{name}").marks()
        return {file: mark for file, mark in marks.items() if file in files}

    def _refuse_others(self, name: str, files: Collection[str]) -> None:
        if not files or _UNFINISHED in files or (MANIFEST in files and self._is_manifest(f"{name}/{MANIFEST}")):
            return
        raise taken(self.url)

    def _is_manifest(self, name: str) -> bool:
        try:
            return "packet_sha256" in json.loads(self.read([name])[name])
        except (ValueError, TypeError, KeyError):
            return False

    def _find(self, path: str) -> list[str]:
        self._fs.invalidate_cache()
        try:
            return list(self._fs.find(path))
        except FileNotFoundError:
            return []

    def _drop(self, target: str, names: Iterable[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                self._fs.rm_file(f"{target}/{name}")

    def _put(self, source: Path, name: str) -> None:
        """Copies a local file to a name."""
        if self._local:
            self.write(name, source.read_bytes())
            return
        self._make_folders(name)
        self._fs.put_file(str(source), self._path(name))

    def _make_folders(self, name: str) -> None:
        """Makes the folders above a file."""
        if not self._local:
            self._fs.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
            return
        private_folder(Path(self._root))
        for inner in reversed(PurePosixPath(name).parents[:-1]):
            private_folder(Path(self._root, inner))

    def _make_private(self, name: str) -> None:
        """Takes from others what an earlier version left open to them: the folder of a packet and its own folders in it."""
        if self._local:
            for folder in ("", *FOLDERS):
                with suppress(FileNotFoundError, PermissionError):
                    Path(self._path(name), folder).chmod(0o700)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _name(self, path: str) -> str:
        return path[len(self._root) :].lstrip("/")


def _meant(file: str) -> str:
    """The file that a half-written one was to become; any other is itself."""
    half = _HALF_WRITTEN.fullmatch(file)
    return f"{half['inner'] or ''}{half['name']}" if half else file


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
