"""How letters put things into words: the filters that templates may use.

A date, a page reference and a short name stay on one line: they are printed in a box, with plain spaces, so that a search
for them finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Sized
from datetime import date

from jinja2 import TemplateRuntimeError

from pipeline.letters.context import Pages
from pipeline.letters.people import Person
from pipeline.letters.request import Citation
from pipeline.typeset.compile import literal

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PRONOUNS: Mapping[str, tuple[str, str, str]] = {
    "subject": ("she", "he", "they"),
    "object": ("her", "him", "them"),
    "possessive": ("her", "his", "their"),
    "reflexive": ("herself", "himself", "themselves"),
}
_STATUS: Mapping[str, str] = {
    "us-citizen": "a citizen of the United States",
    "us-national": "a national of the United States",
    "lawful-permanent-resident": "a lawful permanent resident of the United States",
    "asylee": "an asylee in the United States",
    "refugee": "a refugee in the United States",
    "parolee": "a parolee in the United States",
    "tps-holder": "a holder of Temporary Protected Status",
    "deferred-action": "a recipient of deferred action",
}
"""How a letter names a status of the case; a status that is not here is not spoken of."""
_SETTLED = frozenset({"us-citizen", "us-national", "lawful-permanent-resident"})
_PLURAL_COUNTRIES = ("bahamas", "comoros", "gambia", "maldives", "netherlands", "philippines", "seychelles", "vatican", "congo")
_COUNTRY_NOUNS = ("republic", "islands", "kingdom", "states", "emirates", "federation", "union")
_STATELESS = "stateless"
_LONGEST_UNBROKEN = 32
"""Characters of a name that may stand unbroken on a line; longer ones break at their spaces."""


class WordingError(TemplateRuntimeError):
    """A filter was given something it cannot put into words; the message holds no value."""


class Code(str):
    """Text that a template may print into Typst code as it is; whatever is made of it is a plain string again."""

    __slots__ = ()


class Setting(str):
    """A text of the office's own settings, never of a case; whatever is made of it is a plain string again."""

    __slots__ = ()


class Unbroken(str):
    """Text that a line may not break; whatever is made of it is a plain string again."""

    __slots__ = ()


def code(number: object) -> Code:
    """A whole number as Typst code, for places such as `#page-link(41)[...]`.  Raises WordingError for anything else."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise WordingError(f"only a whole number may be printed as Typst code, not a {type(number).__name__}")
    return Code(number)


def inches(length: object) -> Code:
    """A length in inches as Typst code: 1.1in.  Raises WordingError for anything but a number."""
    return Code(f"{_number(length, 'inches')}in")


def points(length: object) -> Code:
    """A length in points as Typst code: 11.5pt.  Raises WordingError for anything but a number."""
    return Code(f"{_number(length, 'points')}pt")


def _number(value: object, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WordingError(f"{name} needs a number, not a {type(value).__name__}")
    return f"{value:.3f}".rstrip("0").rstrip(".")


def quoted(setting: object) -> Code:
    """A setting of the office as a Typst string, for code such as `image("logo.svg")`.

    Raises WordingError for a value of a case: it would be read as markup where the template is no code.
    """
    if not isinstance(setting, Setting):
        raise WordingError("only a setting of the office may be printed as a Typst string")
    return Code(literal(setting))


def long_date(day: object) -> Unbroken:
    """A date as American letters write it: November 24, 2026 (the same on every machine, whatever its language)."""
    if not isinstance(day, date):
        raise WordingError(f"long_date needs a date, not a {type(day).__name__}")
    return Unbroken(f"{_MONTHS[day.month - 1]} {day.day}, {day.year}")


def money(dollars: object) -> str:
    """Whole dollars: $91,400."""
    if isinstance(dollars, bool) or not isinstance(dollars, int):
        raise WordingError(f"money needs whole dollars, not a {type(dollars).__name__}")
    return f"${dollars:,}"


def page_numbers(of: Pages) -> str:
    """The bare numbers: 31, or 31-33."""
    return str(of.first_page) if of.first_page == of.last_page else f"{of.first_page}-{of.last_page}"


def pages(of: Pages) -> Unbroken:
    """A page reference: p. 31, or pp. 31-33."""
    return Unbroken(f"{'p.' if of.first_page == of.last_page else 'pp.'} {page_numbers(of)}")


def page_word(of: Pages) -> str:
    """The word before bare numbers: page, or pages."""
    return "page" if of.first_page == of.last_page else "pages"


def cite(citation: Citation) -> Unbroken:
    """Ex. D, pp. 41-42; a label that says what it is (Tab 4) stands as it is."""
    label = citation.label if " " in citation.label else f"Ex. {citation.label}"
    return Unbroken(f"{label}, {pages(citation)}")


def unbroken(name: str) -> str:
    """A short name or amount that a line may not break; a long one stays breakable."""
    return Unbroken(name) if len(name) <= _LONGEST_UNBROKEN else name


def and_list(words: Sequence[str]) -> str:
    """A; A and B; A, B, and C."""
    if len(words) < 3:
        return " and ".join(words)
    return ", ".join(words[:-1]) + f", and {words[-1]}"


def phrase(text: str) -> str:
    """Text that stands inside a sentence: without the full stop and spaces at its end."""
    return text.strip().rstrip(".").rstrip()


def sentence(text: str) -> str:
    """Text that stands on its own: a capital letter first and a full stop at the end."""
    stripped = text.strip()
    return capital(stripped) + ("" if stripped.endswith((".", "?", "!")) or not stripped else ".")


def in_words(number: int) -> str:
    """Numbers up to ten as words: two; 11."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def plural(of: object, one: str, many: str) -> str:
    """`one` for a count of one or a list of one, else `many`."""
    return one if _count(of) == 1 else many


def _count(of: object) -> int:
    if isinstance(of, int):
        return of
    if isinstance(of, Sized) and not isinstance(of, str):
        return len(of)
    raise WordingError(f"plural needs a number or a list, not a {type(of).__name__}")


def pronoun(of: Person | Sequence[Person], case: str = "subject") -> str:
    """The pronoun (subject, object, possessive, reflexive): she or he for one person of known sex, else they."""
    if case not in _PRONOUNS:
        raise WordingError(f"pronoun knows {', '.join(_PRONOUNS)}")
    she, he, they = _PRONOUNS[case]
    return {"female": she, "male": he}.get(_sex(of), they)


def verb(of: Person | Sequence[Person], one: str, many: str) -> str:
    """The verb that follows `pronoun`: `asks` after she or he, `ask` after they."""
    return one if _sex(of) else many


def _sex(of: Person | Sequence[Person]) -> str:
    people = [of] if isinstance(of, Person) else list(of)
    sex = people[0].sex if len(people) == 1 else None
    return sex if sex in ("female", "male") else ""


def standing(person: Person) -> str:
    """Citizenship and status: a citizen of Ukraine and a parolee in the United States; empty when the case says neither.

    Of a citizen, national or permanent resident of the United States only that is said.
    """
    status = _STATUS.get(person.status or "", "")
    home = citizen(person.citizenship) if person.citizenship and person.status not in _SETTLED else ""
    return " and ".join(said for said in (home, status) if said)


def citizen(name: str) -> str:
    """What a citizen of a country is: a citizen of Honduras; a stateless person, where the case says Stateless."""
    return "a stateless person" if name.strip().lower() == _STATELESS else f"a citizen of {country(name)}"


def country(name: str) -> str:
    """A country as it stands in a sentence: Honduras; the Philippines; the Dominican Republic."""
    words = name.lower().split()
    takes_the = bool(words) and words[0] != "the" and (words[-1] in _PLURAL_COUNTRIES or any(word in _COUNTRY_NOUNS for word in words))
    return f"the {name}" if takes_the else name


def citizens(people: Sequence[Person]) -> str:
    """`a citizen of Honduras`, `both citizens of Honduras`, `all citizens of Honduras`, `both stateless`; empty when they differ."""
    countries = {person.citizenship for person in people}
    only = countries.pop() if len(countries) == 1 else None
    if not only:
        return ""
    if len(people) == 1:
        return citizen(only)
    who = "both" if len(people) == 2 else "all"
    return f"{who} stateless" if only.strip().lower() == _STATELESS else f"{who} citizens of {country(only)}"


def related(people: Sequence[Person], whose: str) -> str:
    """`her nephew, Ilario Tostabrel, and her sister, Nerea Tostabrel`; names alone where no relationship is given."""
    told = [f"{whose} {lower_first(person.relationship)}, {person.name}" if person.relationship else person.name for person in people]
    if len(told) < 2 or not any(person.relationship for person in people):
        return and_list(told)
    return f"{told[0]}, and {told[1]}" if len(told) == 2 else "; ".join(told[:-1]) + f"; and {told[-1]}"


def the(name: str) -> str:
    """The name of a program with `the` before it, once: the Family Reunification Task Force (FRTF) Process."""
    return f"the {name[4:] if name[:4].lower() == 'the ' else name}"


def possessive(name: str) -> str:
    """Whose: Ilario Tostabrel's."""
    return f"{name}'s"


def named(word: str, table: Mapping[str, str]) -> str:
    """A word of the case as a table of words.yaml names it; for lists with `map`.  Raises WordingError for one that is not there."""
    if word not in table:
        raise WordingError("a table of words.yaml lacks a word of the case schema")
    return table[word]


def days(count: int) -> Unbroken:
    """A number of days: 1 day; 21 days."""
    return Unbroken(f"{count} {plural(count, 'day', 'days')}")


def a_number(value: str) -> str:
    """An A-Number as nine digits after an A: A012345678."""
    return "A" + "".join(c for c in value if c.isdigit()).zfill(9)


def lower_first(text: str) -> str:
    """The text as it stands inside a sentence: registered nurse; what begins with two capitals (CEO) stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def capital(text: str) -> str:
    """The text with its first letter in upper case and the rest as it was."""
    return text[:1].upper() + text[1:]


FILTERS: Mapping[str, Callable[..., str]] = {
    "a_number": a_number,
    "and_list": and_list,
    "capital": capital,
    "citizen": citizen,
    "cite": cite,
    "citizens": citizens,
    "code": code,
    "country": country,
    "days": days,
    "in_words": in_words,
    "inches": inches,
    "long_date": long_date,
    "lower_first": lower_first,
    "money": money,
    "named": named,
    "page_numbers": page_numbers,
    "page_word": page_word,
    "pages": pages,
    "phrase": phrase,
    "plural": plural,
    "points": points,
    "possessive": possessive,
    "pronoun": pronoun,
    "quoted": quoted,
    "related": related,
    "sentence": sentence,
    "standing": standing,
    "the": the,
    "unbroken": unbroken,
    "verb": verb,
}
"""Every filter that templates have beside Jinja2's own."""
