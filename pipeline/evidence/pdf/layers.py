"""Optional content: what the layers of a PDF hide in print is taken out of the pages.

A page that leaves its document leaves the list of layers behind, and viewers then show every layer.  So what was hidden is
removed for good.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, Pdf, Stream

from pipeline.evidence.pdf.streams import StreamDamagedError

_Objgen = tuple[int, int]

_PAINTS_PATH: Final = frozenset(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s"))
_PAINTS: Final = frozenset(("Tj", "TJ", "'", '"', "sh", "Do", "INLINE IMAGE"))


def hidden_layers(pdf: Pdf) -> frozenset[_Objgen]:
    """The layers (optional-content groups) that are off when the document is printed, by object number.

    Read from the default configuration (ISO 32000-1, 8.11.4.3): base state, the lists ON and OFF, then the print usage of each layer.
    """
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary):
        return frozenset()
    config = properties.get("/D")
    config = config if isinstance(config, Dictionary) else Dictionary()
    every = {group.objgen: group for group in _groups(properties.get("/OCGs"))}
    hidden = set(every) if config.get("/BaseState") == Name.OFF else set()
    hidden -= {group.objgen for group in _groups(config.get("/ON"))}
    hidden |= {group.objgen for group in _groups(config.get("/OFF"))}
    for number, group in every.items():
        state = _print_state(group)
        if state == Name.ON:
            hidden.discard(number)
        elif state == Name.OFF:
            hidden.add(number)
    return frozenset(hidden)


def _groups(value: object) -> Iterator[Object]:
    if isinstance(value, Array):
        yield from (item for item in value if isinstance(item, Dictionary) and item.is_indirect)


def _print_state(group: Object) -> object:
    usage = group.get("/Usage")
    printing = usage.get("/Print") if isinstance(usage, Dictionary) else None
    return printing.get("/PrintState") if isinstance(printing, Dictionary) else None


def is_hidden(layer: object, hidden: frozenset[_Objgen]) -> bool:
    """Whether content of this layer, or of this membership dictionary (by its policy /P; expressions /VE are not read), is off."""
    if not isinstance(layer, Dictionary):
        return False
    if layer.get("/Type") != Name.OCMD:
        return layer.objgen in hidden
    members = layer.get("/OCGs")
    groups = [members] if isinstance(members, Dictionary) else list(_groups(members))
    off = [group.objgen in hidden for group in groups]
    if not off:
        return False
    shown = {"/AllOn": not any(off), "/AnyOff": any(off), "/AllOff": all(off)}
    return not shown.get(str(layer.get("/P")), not all(off))


def remove_hidden(pdf: Pdf, hidden: frozenset[_Objgen]) -> int:
    """Takes the painting of hidden layers out of every page, the forms it uses, and its annotations; returns how many pages changed."""
    seen: set[_Objgen] = set()
    changed = 0
    for page in pdf.pages:
        before = _drop_annotations(page.obj, hidden)
        contents = _without_hidden(page.obj, page.resources, hidden)
        if contents is not None:
            page.obj.Contents = pdf.make_stream(contents)
        inside = _clean_forms(page.resources, hidden, seen)
        changed += before or contents is not None or inside
    return changed


def _drop_annotations(page: Object, hidden: frozenset[_Objgen]) -> bool:
    annotations = page.get("/Annots")
    if not isinstance(annotations, Array):
        return False
    kept = [each for each in annotations if not (isinstance(each, Dictionary) and is_hidden(each.get("/OC"), hidden))]
    if len(kept) == len(annotations):
        return False
    page.Annots = Array(kept)
    return True


def _clean_forms(resources: object, hidden: frozenset[_Objgen], seen: set[_Objgen]) -> bool:
    forms = resources.get("/XObject") if isinstance(resources, Dictionary) else None
    changed = False
    for form in forms.as_dict().values() if isinstance(forms, Dictionary) else ():
        if not isinstance(form, Stream) or form.get("/Subtype") != Name.Form or form.objgen in seen:
            continue
        seen.add(form.objgen)
        own = form.get("/Resources", resources)
        contents = _without_hidden(form, own, hidden)
        if contents is not None:
            form.write(contents)
        changed = _clean_forms(own, hidden, seen) or contents is not None or changed
    return changed


def _without_hidden(holder: Object, resources: object, hidden: frozenset[_Objgen]) -> bytes | None:
    """The contents of a page or form without what hidden layers paint; None when nothing of it is hidden.

    Everything but painting stays, so that positions and states outside the hidden parts are as they were; hidden text loses its advance.
    """
    if not isinstance(resources, Dictionary):
        return None
    names = resources.get("/Properties", Dictionary())
    objects = resources.get("/XObject", Dictionary())
    kept: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    nesting: list[bool] = []
    changed = False
    for step in _steps(holder):
        word = str(step.operator)
        if word in {"BDC", "BMC"}:
            nesting.append(word == "BDC" and step.operands[0] == Name.OC and is_hidden(names.get(str(step.operands[1])), hidden))
        elif word == "EMC" and nesting:
            nesting.pop()
        off = any(nesting) or (word == "Do" and _is_hidden_object(objects.get(str(step.operands[0])), hidden))
        changed = changed or off
        if off and word in _PAINTS_PATH:
            kept.append(pikepdf.ContentStreamInstruction([], Operator("n")))
        elif not (off and word in _PAINTS):
            kept.append(step)
    return pikepdf.unparse_content_stream(kept) if changed else None


def _steps(holder: Object) -> list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage]:
    """The operators of a content stream; raises StreamDamagedError when it breaks off, since writing it anew would lose the rest."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return list(pikepdf.parse_content_stream(holder))
        except (UserWarning, pikepdf.PdfError, TypeError) as error:
            raise StreamDamagedError("a content stream breaks off") from error


def _is_hidden_object(shown: object, hidden: frozenset[_Objgen]) -> bool:
    return isinstance(shown, Stream) and is_hidden(shown.get("/OC"), hidden)
