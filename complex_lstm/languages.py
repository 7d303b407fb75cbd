"""The language in which something is written: texts from gettext catalogues, numbers and times by the rules of the language.

A text stands in the code in English, within `_` or `ngettext`, with named placeholders: `_("Step {step} of {steps}", step=3, steps=48)`.
A text that is made before the language is known stands within `mark` and goes through `_` where it is shown. `locale/de.po` has the
texts in German, and any other `locale/xx.po` is found in the same way: a language is one file. A text that a catalogue lacks
stays English. `speaking` sets the language of what runs within it; without it all is English.
"""

from __future__ import annotations

import gettext
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any

CATALOGUES = Path(__file__).parent / "locale"
ENGLISH = "en"
NO_BREAK = "\u00a0"
_DATE = re.compile(r"\d{4}-\d\d-\d\d\b")
_SAID = re.compile(r'\bsay\(\s*("(?:[^"\\]|\\.)*")')  # its text is JSON too


@dataclass(frozen=True)
class Language:
    """A language by its code: "en", "de", "zh_Hans"."""

    code: str

    @property
    def tag(self) -> str:
        """The code as HTML writes it: zh-Hans."""
        return self.code.replace("_", "-")

    @cached_property
    def name(self) -> str:
        """The language's own name."""
        name = self._locale.get_display_name() or self.code
        return name[0].upper() + name[1:]

    @cached_property
    def decimal(self) -> str:
        """What stands between the units and the tenths of a number."""
        from babel.numbers import get_decimal_symbol

        return get_decimal_symbol(self._locale)

    @cached_property
    def catalogue(self) -> gettext.NullTranslations:
        """The texts of the language, from its .po file."""
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        if self.code == ENGLISH:
            return gettext.NullTranslations()
        compiled = io.BytesIO()
        with (CATALOGUES / f"{self.code}.po").open("rb") as file:
            write_mo(compiled, read_po(file, locale=self.code))
        compiled.seek(0)
        return gettext.GNUTranslations(compiled)

    def written(self, number: str) -> str:
        """Return a number that is written as in English as this language writes it: 1,234.5 is 1.234,5 in German."""
        if self.code == ENGLISH:
            return number
        return number.translate(self._signs)

    def dated(self, time: str) -> str:
        """Return a time that begins with a date as in English, 2013-10-16 12:00, with the date as this language writes it."""
        from babel.dates import format_skeleton

        found = _DATE.match(time)
        if self.code == ENGLISH or not found:
            return time
        return format_skeleton("yMd", date.fromisoformat(found[0]), locale=self._locale) + time[found.end() :]

    @cached_property
    def _signs(self) -> dict[int, str]:
        from babel.numbers import get_group_symbol

        spaced = NO_BREAK in self._locale.percent_formats[None].pattern
        return str.maketrans({".": self.decimal, ",": get_group_symbol(self._locale), "%": f"{NO_BREAK}%" if spaced else "%"})

    @cached_property
    def _locale(self) -> Any:
        from babel import Locale

        return Locale.parse(self.code)


@cache
def languages() -> dict[str, Language]:
    """Return the languages that there are, by their codes: English first, then those of the catalogues."""
    return {code: Language(code) for code in (ENGLISH, *sorted(file.stem for file in CATALOGUES.glob("*.po")))}


_SPOKEN: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Write what runs within in a language; in English where there is no language of this code."""
    token = _SPOKEN.set(code if code in languages() else ENGLISH)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """Return the language that is written now."""
    return languages()[_SPOKEN.get()]


def mark(text: str) -> str:
    """Return a text as it is, for the catalogues to have it: `_` translates it where it is shown."""
    return text


def _(text: str, /, **values: object) -> str:
    """Return a text in the language that is written now, its placeholders filled in; numbers as the language writes them."""
    translated = spoken().catalogue.gettext(text) if text else ""  # "" has the catalogue's header
    return _FORMATTER.format(translated, **values) if values else translated


def ngettext(one: str, several: str, number: int, /, **values: object) -> str:
    """Return the text that goes with a number of things, which is its placeholder {number}."""
    return _FORMATTER.format(spoken().catalogue.ngettext(one, several, number), number=number, **values)


def filled(template: str, **values: object) -> str:
    """Return a text that is translated already, its placeholders filled in."""
    return _FORMATTER.format(template, **values)


def number(value: float | Real, form: str = "") -> str:
    """Return a number in one of Python's formats as the language that is written now writes it."""
    return spoken().written(format(value, form))


def said_in(script: str) -> list[str]:
    """Return the texts that a canvas' script says, in their order: each is one literal within `say`."""
    return [json.loads(text) for text in _SAID.findall(script)]


class _Formatter(Formatter):
    """Python's formats, with numbers that have one written as the language does."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return number(value, format_spec) if format_spec and isinstance(value, Real) else format(value, format_spec)


_FORMATTER = _Formatter()
