"""YAML files: what they say, what is wrong with them, and that a file of the same bytes is read once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipeline.yaml_files import NotYamlError, read_yaml


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.usefixtures("cache")
def test_a_file_says_the_same_when_it_was_read_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time without the YAML library; and who changes what he was given changes nothing for the next."""
    file = tmp_path / "a.yaml"
    file.write_text("day: 2026-11-30\nlist: [1, 2.5, yes, null, Ñandú]\n", encoding="utf-8")
    said = {"day": "2026-11-30", "list": [1, 2.5, True, None, "Ñandú"]}
    first = read_yaml(file)
    assert first == said
    first["list"].clear()
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert read_yaml(file) == said


@pytest.mark.usefixtures("cache")
def test_a_changed_file_says_what_it_says_now(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for text, said in (("a: 1\n", {"a": 1}), ("a: 2\n", {"a": 2}), ("a: 1\n", {"a": 1}), ("", None)):
        file.write_text(text)
        assert read_yaml(file) == said


@pytest.mark.parametrize(
    ("content", "words", "at"),
    [
        (b"a: 1\nb: [\n", "did not find expected node content", ":3:1"),
        ("a: 1\rñ: ñ".encode() + b"\xff\n", "is not UTF-8", ":2:5"),
        (b"a: 1\nb: \x01\n", "control characters are not allowed", ":2:4"),
        (b"[" * 900 + b"]" * 900, "nested too deeply", ""),
        (b"!!pairs [a: &a [*a]]", "lead back to themselves", ""),
        (b"&a [*a]", "lead back to themselves", ""),
        (
            b"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10)) for n in b"bcdefg"),
            "repeat more",
            "",
        ),
        (b"a: 0x_\n", "not what its tag or its form says", ""),
        (b"!!timestamp foo", "not what its tag or its form says", ""),
        (b"!!python/object/apply:os.getcwd []", "could not determine a constructor", ":1:1"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_place(content: bytes, words: str, at: str, tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    for _ in range(2):
        with pytest.raises(NotYamlError, match=words) as caught:
            read_yaml(file)
        assert caught.value.at == at
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    with pytest.raises(OSError, match="not a regular file"):
        read_yaml(tmp_path / "a.yaml")
