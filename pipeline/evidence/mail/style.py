"""What the styles of a web page say about its words: whether they are seen, and whether they are struck out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

Declared = Mapping[str, str]
"""Properties and their values, in small letters."""

_READ: Final = frozenset(
    {
        "display",
        "font-size",
        "height",
        "list-style",
        "list-style-type",
        "max-height",
        "max-width",
        "opacity",
        "overflow",
        "text-decoration",
        "text-decoration-line",
        "visibility",
        "width",
    }
)
_ZERO: Final = re.compile(r"[-+]?0*\.?0*(?:px|pt|em|rem|%)?")
_RELATIVE: Final = re.compile(r"(?:em|%|smaller|larger|inherit)$")
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]*)([{}])")
_SELECTOR: Final = re.compile(r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<mark>[.#][\w-]+)?")
_STRUCK_TAGS: Final = frozenset({"del", "s", "strike"})


class Look(Struct, frozen=True):
    """How the words in an element look."""

    gone: bool = False
    """Not shown, whatever the elements within it say."""
    invisible: bool = False
    sizeless: bool = False
    """Of a size of nothing; like `invisible` until an element within says otherwise."""
    struck: bool = False
    marked: bool = True
    """Whether the points of a list have bullets or numbers."""

    @property
    def is_seen(self) -> bool:
        return not (self.gone or self.invisible or self.sizeless)

    def within(self, tag: str, declared: Declared) -> Look:
        """The look in an element of this kind that stands in one of this look."""
        size, visibility = declared.get("font-size", ""), declared.get("visibility", "")
        return replace(
            self,
            gone=self.gone or _takes_away(declared),
            invisible=visibility in {"hidden", "collapse"} if visibility not in {"", "inherit"} else self.invisible,
            sizeless=_is_zero(size) or (self.sizeless and bool(_RELATIVE.search(size))) if size else self.sizeless,
            struck=self.struck or _strikes(tag, declared),
            marked=_is_marked(declared, self.marked),
        )


def _takes_away(declared: Declared) -> bool:
    if declared.get("display") == "none" or _is_zero(declared.get("opacity", "")):
        return True
    sides = ("height", "max-height", "width", "max-width")
    return declared.get("overflow") == "hidden" and any(_is_zero(declared.get(side, "")) for side in sides)


def _strikes(tag: str, declared: Declared) -> bool:
    lines = declared.get("text-decoration-line", declared.get("text-decoration"))
    return tag in _STRUCK_TAGS if lines is None else "line-through" in lines


def _is_marked(declared: Declared, before: bool) -> bool:
    kind = declared.get("list-style-type", declared.get("list-style"))
    return before if kind is None else "none" not in kind.split()


def _is_zero(value: str) -> bool:
    return "0" in value and bool(_ZERO.fullmatch(value))


def _declarations(text: str) -> Iterator[tuple[str, str, bool]]:
    """Property, value, and whether it is marked as important."""
    for each in text.split(";"):
        name, _, value = each.partition(":")
        value, important, _ = value.strip().lower().partition("!important")
        if name.strip().lower() in _READ and value.strip():
            yield name.strip().lower(), value.strip(), bool(important)


class StyleSheet(Struct, frozen=True):
    """The rules of a page for elements by kind, class or name alone; others, and those for some screens only, are not followed."""

    plain: Mapping[str, Declared]
    """By selector: `p`, `.note`, `p.note`, `#head`."""
    important: Mapping[str, Declared]

    def declared(self, tag: str, attributes: Mapping[str, str | None]) -> Declared:
        """What holds for an element: the page's rules, over them its own style, and over all what the page marks as important."""
        marks = [f".{name}" for name in (attributes.get("class") or "").split()] + [f"#{attributes.get('id')}"]
        selectors = ["*", tag, *(f"{start}{mark}" for mark in marks for start in ("", tag))]
        own = list(_declarations(attributes.get("style") or ""))
        hidden = {"display": "none"} if "hidden" in attributes else {}
        return {
            **hidden,
            **_merged(self.plain, selectors),
            **{name: value for name, value, _ in own},
            **_merged(self.important, selectors),
            **{name: value for name, value, important in own if important},
        }


def _merged(rules: Mapping[str, Declared], selectors: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for selector in selectors:
        found.update(rules.get(selector, {}))
    return found


def style_sheet(text: str) -> StyleSheet:
    """The rules in the text of a page's style elements; what stands in braces within braces, as after `@media`, is left out."""
    plain: dict[str, dict[str, str]] = {}
    important: dict[str, dict[str, str]] = {}
    depth, selectors = 0, ""
    for before, brace in _RULE.findall(_COMMENT.sub(" ", text)):
        if brace == "{":
            selectors = before if depth == 0 else ""
            depth += 1
            continue
        depth = max(0, depth - 1)
        if depth == 0 and not selectors.lstrip().startswith("@"):
            for selector in _simple(selectors.rpartition(";")[2]):
                for name, value, is_important in _declarations(before):
                    (important if is_important else plain).setdefault(selector, {})[name] = value
        selectors = ""
    return StyleSheet(plain, important)


def _simple(selectors: str) -> Iterator[str]:
    for each in selectors.split(","):
        found = _SELECTOR.fullmatch(each.strip())
        if found and each.strip():
            tag, mark = (found["tag"] or "").lower(), found["mark"] or ""
            yield mark if tag == "*" and mark else f"{tag}{mark}"
