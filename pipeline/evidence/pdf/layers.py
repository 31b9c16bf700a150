"""Optional content: what the layers of a PDF hide in print is taken out of the pages.

A page that leaves its document leaves the list of layers behind, and viewers then show every layer and judge every membership
dictionary anew.  So what was hidden is removed for good, and what was shown no longer belongs to a layer.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from enum import Flag, auto
from typing import Final

import pikepdf
from msgspec import Struct, field
from pikepdf import Array, Dictionary, Name, Object, Operator, Pdf, Stream

from pipeline.evidence.pdf.annotations import annotations_of
from pipeline.evidence.pdf.streams import StreamDamagedError

_Objgen = tuple[int, int]
_Step = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage

_PAINTS_PATH: Final = frozenset(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s"))
_SHOWS_TEXT: Final = frozenset(("Tj", "TJ", "'", '"'))
_PAINTS: Final = frozenset(("sh", "Do", "INLINE IMAGE"))
_MOVES_TO: Final = frozenset(("BT", "Td", "TD", "Tm", "T*"))
"""After these the text stands where they say, however long the text before was."""
_NEVER_DRAWN: Final = frozenset(("/Link", "/Popup"))
_DEEPEST: Final = 32
"""Levels of a visibility expression that are followed; pdfium stops there too."""


class Layers(Struct, frozen=True):
    """The layers (optional-content groups) of a document, by object number."""

    known: frozenset[_Objgen]
    hidden: frozenset[_Objgen]
    """Off when the document is printed."""

    def hides(self, owner: object) -> bool:
        """Whether content that belongs to this layer, or to this membership dictionary, is off; what is neither hides nothing.

        A membership dictionary goes by its expression /VE, without one by its policy /P (ISO 32000-1, 8.11.2.2 and table 99).  An
        expression that is malformed counts as none; a dictionary without layers hides nothing.
        """
        if not isinstance(owner, Dictionary):
            return False
        if owner.get("/Type") != Name.OCMD:
            return self._is_off(owner)
        expression = owner.get("/VE")
        shown = self._value(expression, {}) if isinstance(expression, Array) else None
        return not (self._by_policy(owner) if shown is None else shown)

    def owns(self, entry: object) -> bool:
        """Whether a property list is a layer or a membership dictionary."""
        return isinstance(entry, Dictionary) and (entry.get("/Type") in {Name.OCG, Name.OCMD} or self._number(entry) in self.known)

    def _is_off(self, group: Object) -> bool:
        return self._number(group) in self.hidden

    @staticmethod
    def _number(group: Object) -> _Objgen | None:
        return group.objgen if group.is_indirect else None

    def _by_policy(self, owner: Object) -> bool:
        members = owner.get("/OCGs")
        off = [self._is_off(group) for group in ([members] if isinstance(members, Dictionary) else _groups(members))]
        if not off:
            return True
        shown = {"/AllOn": not any(off), "/AnyOff": any(off), "/AllOff": all(off)}
        return shown.get(str(owner.get("/P")), not all(off))

    def _value(self, expression: object, met: dict[_Objgen, bool | None], depth: int = 0) -> bool | None:
        """Whether an expression, or a layer in one, is on; None when it is malformed or holds itself.

        Expressions that are objects of their own are remembered in `met`, or a few that hold each other twice would take for ever.
        """
        if isinstance(expression, Dictionary):
            return not self._is_off(expression)
        if not isinstance(expression, Array) or depth > _DEEPEST:
            return None
        number = self._number(expression)
        if number in met:
            return met[number]
        if number is not None:
            met[number] = None
        values = [self._value(each, met, depth + 1) for each in list(expression)[1:]]
        value = _combined(expression[0], values) if values else None
        if number is not None:
            met[number] = value
        return value


def _combined(word: object, values: list[bool | None]) -> bool | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if word == Name.Not:
        return not known[0] if len(known) == 1 else None
    return all(known) if word == Name.And else any(known) if word == Name.Or else None


def layers_of(pdf: Pdf) -> Layers | None:
    """The layers and which of them are off in print, or None for a document without layers.

    Read from the default configuration: base state, the lists ON and OFF (ISO 32000-1, 8.11.4.3), then the usage Print of a layer, but
    only where an entry of /AS for the event Print names both the layer and the category Print (8.11.4.4 and table 103); other
    categories are not looked at.  A layer whose intent is not the configuration's has no effect, so it is on (8.11.2.3).
    """
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary):
        return None
    config = properties.get("/D")
    config = config if isinstance(config, Dictionary) else Dictionary()
    every = {group.objgen: group for group in _groups(properties.get("/OCGs"))}
    hidden = set(every) if config.get("/BaseState") == Name.OFF else set()
    hidden -= {group.objgen for group in _groups(config.get("/ON"))}
    hidden |= {group.objgen for group in _groups(config.get("/OFF"))}
    states = [(group.objgen, _print_state(group)) for group in _set_for_print(config)]
    hidden -= {number for number, state in states if state == Name.ON}
    hidden |= {number for number, state in states if state == Name.OFF}
    wanted = _intents(config)
    ignored = {number for number, group in every.items() if "/All" not in wanted and not wanted & _intents(group)}
    return Layers(frozenset(every), frozenset(hidden - ignored))


def _groups(value: object) -> Iterator[Object]:
    if isinstance(value, Array):
        yield from (item for item in value if isinstance(item, Dictionary) and item.is_indirect)


def _set_for_print(config: Object) -> Iterator[Object]:
    """The layers whose state printing sets by their usage."""
    applied = config.get("/AS")
    for entry in applied if isinstance(applied, Array) else ():
        if isinstance(entry, Dictionary) and entry.get("/Event") == Name.Print:
            category = entry.get("/Category")
            if category == Name.Print or (isinstance(category, Array) and any(each == Name.Print for each in category)):
                yield from _groups(entry.get("/OCGs"))


def _print_state(group: Object) -> object:
    usage = group.get("/Usage")
    printing = usage.get("/Print") if isinstance(usage, Dictionary) else None
    return printing.get("/PrintState") if isinstance(printing, Dictionary) else None


def _intents(holder: Object) -> set[str]:
    intent = holder.get("/Intent", Name.View)
    return {str(each) for each in intent} if isinstance(intent, Array) else {str(intent)}


class Removed(Struct, frozen=True):
    """What was hidden, by pages: where something was removed, and where text that follows hidden text on its line may have moved."""

    pages: int
    moved: int


def remove_hidden(pdf: Pdf, layers: Layers, chosen: Collection[int]) -> Removed:
    """Takes the painting of hidden layers out of the chosen pages (counted from 1), and the rest out of its layers.

    Looked through are the page, what it draws with (forms, tiling patterns, Type 3 glyphs, soft masks) and its annotations.  A content
    stream that hides nothing keeps its bytes.  Raises StreamDamagedError for one that hides something and breaks off.
    """
    cleaning = _Cleaning(layers)
    effects = []
    for number in sorted(set(chosen)):
        page = pdf.pages[number - 1]
        contents, effect = cleaning.without_hidden(page.obj, page.obj.get("/Resources"))
        if contents is not None:
            page.obj.Contents = pdf.make_stream(contents)
        effects.append(effect | cleaning.drawn_on(page) | cleaning.annotations(page.obj))
    cleaning.leave_layers()
    return Removed(sum(_Effect.REMOVED in each for each in effects), sum(_Effect.MOVED in each for each in effects))


class _Effect(Flag):
    NONE = 0
    REMOVED = auto()
    MOVED = auto()


class _Cleaning(Struct, frozen=True):
    """One walk through the pages; streams and resources that several of them share are cleaned once."""

    layers: Layers
    done: dict[_Objgen, _Effect] = field(default_factory=dict)
    resources: list[Object] = field(default_factory=list)

    def drawn_on(self, page: pikepdf.Page) -> _Effect:
        """Cleans what the page draws with; what stands among its resources without being drawn on it does not count."""
        if not self.inside(page.obj.get("/Resources")):
            return _Effect.NONE
        page.remove_unreferenced_resources()
        return self.inside(page.obj.get("/Resources"))

    def annotations(self, page: Object) -> _Effect:
        """Removes the annotations that are hidden, and what is hidden in the appearances of the others."""
        effect = _Effect.NONE
        kept = []
        for each in annotations_of(page):
            if not self.layers.hides(each.get("/OC")):
                kept.append(each)
                for shown in _appearances(each):
                    effect |= self._appearance(shown)
            elif str(each.get("/Subtype")) not in _NEVER_DRAWN:
                effect |= _Effect.REMOVED
        if "/Annots" in page and len(kept) < len(page.Annots):
            page.Annots = Array(kept)
        return effect

    def _appearance(self, shown: Stream) -> _Effect:
        if not self.layers.hides(shown.get("/OC")):
            return self._stream(shown, None)
        shown.write(b"")
        return _Effect.REMOVED

    def _stream(self, holder: Stream, inherited: object) -> _Effect:
        """Cleans a content stream that is no page, and what it draws with."""
        if holder.objgen not in self.done:
            self.done[holder.objgen] = _Effect.NONE
            own = holder.get("/Resources", inherited)
            contents, effect = self.without_hidden(holder, own)
            if contents is not None:
                holder.write(contents)
            self.done[holder.objgen] = effect | self.inside(own)
        return self.done[holder.objgen]

    def inside(self, resources: object) -> _Effect:
        """Cleans what a content stream with these resources can draw with."""
        if not isinstance(resources, Dictionary):
            return _Effect.NONE
        if resources.is_indirect and resources.objgen in self.done:
            return self.done[resources.objgen]
        if resources.is_indirect:
            self.done[resources.objgen] = _Effect.NONE
        self.resources.append(resources)
        effect = _Effect.NONE
        for holder, inherited in _drawn_with(resources):
            effect |= self._stream(holder, inherited)
        if resources.is_indirect:
            self.done[resources.objgen] = effect
        return effect

    def without_hidden(self, holder: Object, resources: object) -> tuple[bytes | None, _Effect]:
        """The contents of a page or stream without what is hidden in it and without the marks of layers; None when nothing is hidden.

        Everything but painting stays, so that positions and states outside the hidden parts are as they were (8.11.3.1); only hidden
        text loses its advance.
        """
        lists = {name for name, entry in _entries(resources, "/Properties") if self.layers.hides(entry)}
        objects = {
            name for name, entry in _entries(resources, "/XObject") if isinstance(entry, Stream) and self.layers.hides(entry.get("/OC"))
        }
        if not lists and not objects:
            return None, _Effect.NONE
        kept, effect = _sieved(_steps(holder), lists, objects)
        return (pikepdf.unparse_content_stream(kept) if effect else None), effect

    def leave_layers(self) -> None:
        """Where layers stood in the resources, nothing is left to judge; hidden objects are gone."""
        for resources in self.resources:
            for name, entry in _entries(resources, "/Properties"):
                if self.layers.owns(entry):
                    resources.Properties[name] = Dictionary()
            for name, entry in _entries(resources, "/XObject"):
                if isinstance(entry, Stream) and self.layers.hides(entry.get("/OC")):
                    del resources.XObject[name]


def _entries(resources: object, kind: str) -> Iterator[tuple[str, Object]]:
    entries = resources.get(kind) if isinstance(resources, Dictionary) else None
    if isinstance(entries, Dictionary):
        yield from entries.as_dict().items()


def _appearances(annotation: Object) -> Iterator[Stream]:
    """The streams of its normal appearance, one for each state."""
    appearances = annotation.get("/AP")
    normal = appearances.get("/N") if isinstance(appearances, Dictionary) else None
    for each in normal.as_dict().values() if isinstance(normal, Dictionary) else (normal,):
        if isinstance(each, Stream):
            yield each


def _drawn_with(resources: Object) -> Iterator[tuple[Stream, object]]:
    """The content streams among resources, each with the resources it falls back on."""
    for _, form in _entries(resources, "/XObject"):
        if isinstance(form, Stream) and form.get("/Subtype") == Name.Form:
            yield form, resources
    for _, pattern in _entries(resources, "/Pattern"):
        if isinstance(pattern, Stream) and pattern.get("/PatternType") == 1:
            yield pattern, resources
    for _, font in _entries(resources, "/Font"):
        if isinstance(font, Dictionary) and font.get("/Subtype") == Name.Type3:
            yield from (
                (glyph, font.get("/Resources", resources)) for _, glyph in _entries(font, "/CharProcs") if isinstance(glyph, Stream)
            )
    for _, state in _entries(resources, "/ExtGState"):
        mask = state.get("/SMask") if isinstance(state, Dictionary) else None
        group = mask.get("/G") if isinstance(mask, Dictionary) else None
        if isinstance(group, Stream):
            yield group, resources


def _sieved(steps: list[_Step], lists: Collection[str], objects: Collection[str]) -> tuple[list[_Step], _Effect]:
    """The steps without the painting under the property lists, and without the objects, that are hidden; and what that did."""
    kept: list[_Step] = []
    nesting: list[tuple[bool, bool]] = []
    effect = _Effect.NONE
    behind = False
    for step in steps:
        word = str(step.operator)
        if word in {"BDC", "BMC"}:
            marks_layer = word == "BDC" and len(step.operands) == 2 and step.operands[0] == Name.OC
            nesting.append((marks_layer, marks_layer and _name(step) in lists))
            if marks_layer:
                continue
        elif word == "EMC" and nesting and nesting.pop()[0]:
            continue
        if any(hidden for _, hidden in nesting) or (word == "Do" and _name(step) in objects):
            instead = _unpainted(step, word)
            effect |= _Effect.NONE if instead is None else _Effect.REMOVED
            kept += [step] if instead is None else instead
            behind = word in _SHOWS_TEXT or (behind and word not in _MOVES_TO)
        else:
            effect |= _Effect.MOVED if behind and word in {"Tj", "TJ"} else _Effect.NONE
            behind = behind and word not in _MOVES_TO and word not in _SHOWS_TEXT
            kept.append(step)
    return kept, effect


def _name(step: _Step) -> str | None:
    """The last operand, where it is a name: a property list written out in the content belongs to no layer."""
    last = step.operands[-1] if len(step.operands) else None
    return str(last) if isinstance(last, Name) else None


def _unpainted(step: _Step, word: str) -> list[_Step] | None:
    """What a painting operator does beside painting; None for an operator that does not paint."""
    if word in _PAINTS_PATH:
        return [pikepdf.ContentStreamInstruction([], Operator("n"))]
    if word not in _SHOWS_TEXT | _PAINTS:
        return None
    next_line: list[_Step] = [pikepdf.ContentStreamInstruction([], Operator("T*"))]
    if word == '"' and len(step.operands) == 3:
        spacing = zip(("Tw", "Tc"), step.operands, strict=False)
        return [*(pikepdf.ContentStreamInstruction([value], Operator(set_by)) for set_by, value in spacing), *next_line]
    return next_line if word in {"'", '"'} else []


def _steps(holder: Object) -> list[_Step]:
    """The operators of a content stream; raises StreamDamagedError when it breaks off, since writing it anew would lose the rest."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return list(pikepdf.parse_content_stream(holder))
        except (UserWarning, pikepdf.PdfError, TypeError) as error:
            raise StreamDamagedError("a content stream breaks off") from error
