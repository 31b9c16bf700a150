"""The mail-room sheet: one line for each packet that goes out on paper, and what has to be done before it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from pipeline.batch.model import Outcome, State
from pipeline.batch.print_order import to_mail
from pipeline.batch.report_templates import report_templates
from pipeline.letters.environment import printed
from pipeline.letters.wording import Code
from pipeline.typeset.compile import literal, typeset
from pipeline.typeset.job import Reach
from pipeline.typeset.scripts import font_for, scripts_of

TEMPLATE: Final = "mail-room.typ.j2"
_FONT: Final = "Libertinus Serif"
_DAY: Final = date(2000, 1, 1)
"""The sheet prints no date; its file must have one, and the clock is not asked."""


def mail_room_sheet(outcomes: Sequence[Outcome]) -> bytes:
    """The sheet as a PDF, letter size, lying.  Raises TemplateError when a name has a letter that no font has."""
    drafts = [one.title for one in outcomes if one.state is State.DRAFT]
    online = [one.title for one in outcomes if one.state is State.READY and one.parcel and one.parcel.mode == "online"]
    later = [one.title for one in outcomes if one.state is State.NOT_BEGUN]
    former = [one.former for one in outcomes if one.former]
    values = {"outcomes": to_mail(outcomes), "drafts": drafts, "online": online, "later": later, "former": former}
    template = report_templates(printed=printed).get_template(TEMPLATE)
    source = template.render(values, fonts=_fonts(_FONT))
    if scripts := scripts_of(source):
        source = template.render(values, fonts=_fonts(_FONT, *(font for script in scripts if (font := font_for(script, ())))))
    return typeset(source, name=TEMPLATE, timestamp=_DAY, reach=Reach(installed=bool(scripts)))


def _fonts(*families: str) -> Code:
    """A list of font families in Typst's code."""
    return Code(f"({' '.join(f'{literal(family)},' for family in families)})")
