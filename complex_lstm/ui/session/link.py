"""The one codec for links: frozen values to text and back, by the types of their fields.

Two forms of text. A whole view is a set of named parameters, `window=7&layer=1`, one for each field of a frozen dataclass and
of the dataclasses in its fields. A list is one parameter, `head-0-2,gate-0.5`: for each value the word of its class, then
its fields. People type, shorten and edit links, so that nothing in them is trusted: a parameter that does not fit its field
counts as not given, and a piece of a list that cannot be read is returned as rejected, for the page to report.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, Literal, TypeVar

import numpy as np

Value = TypeVar("Value")


@dataclass(frozen=True)
class Parsed(Generic[Value]):
    """The values of a text, in its order, and its pieces that cannot be read."""

    values: tuple[Value, ...]
    rejected: tuple[str, ...]


@dataclass(frozen=True)
class Special(Generic[Value]):
    """How a class is written that its fields do not describe: to the words after the class's own, and back.

    `read` raises ValueError, KeyError or TypeError for words that make no such value.
    """

    write: Callable[[Value], list[str]]
    read: Callable[[list[str]], Value]


@dataclass(frozen=True)
class ListCodec(Generic[Value]):
    """Lists of values of several frozen classes as one text; neither `separator` nor a comma may stand in a word.

    classes     the class of each word
    separator   stands between the words of one value
    most        how many values a link may hold; further ones are rejected
    numbers     joins the numbers of a tuple into one word; without it they are the rest of the words
    names       the word in the link for a value of a text field, where the two differ
    special     classes that are written in another way
    """

    classes: Mapping[str, type[Value]]
    separator: str
    most: int
    numbers: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    special: Mapping[type, Special[Any]] = field(default_factory=dict)

    def write(self, values: tuple[Value, ...]) -> str:
        """Return the values as text."""
        return ",".join(map(self._write_one, values))

    def read(self, text: str) -> Parsed[Value]:
        """Return the values of a text, in its order."""
        pieces = [piece for piece in text.split(",") if piece]
        read = [(piece, self._read_one(piece)) for piece in pieces[: self.most]]
        rejected = (*(piece for piece, value in read if value is None), *pieces[self.most :])
        return Parsed(tuple(value for _, value in read if value is not None), rejected)

    def _write_one(self, value: Value) -> str:
        word = next(word for word, kind in self.classes.items() if kind is type(value))
        special = self.special.get(type(value))
        return self.separator.join([word, *(special.write(value) if special else self._words(value))])

    def _words(self, value: Any) -> list[str]:
        if dataclasses.is_dataclass(value):
            return [word for one in dataclasses.fields(value) for word in self._words(getattr(value, one.name))]
        if isinstance(value, tuple):
            words = [word for one in value for word in self._words(one)]
            return [self.numbers.join(words)] if self.numbers and value and isinstance(value[0], int) else words
        if isinstance(value, float):
            short = repr(value).removesuffix(".0")
            return [np.format_float_positional(value, trim="-") if self.separator in short else short]  # 1e-05 has a dash
        return [self.names.get(value, str(value))]

    def _read_one(self, piece: str) -> Value | None:
        word, *words = piece.split(self.separator)
        kind = self.classes.get(word)
        if kind is None:
            return None
        try:
            if special := self.special.get(kind):
                return special.read(words)
            value = self._take(kind, words)
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        return None if words else value

    def _take(self, kind: Any, words: list[str]) -> Any:
        """Return a value of a type from the first of the words, which are taken from the list."""
        if dataclasses.is_dataclass(kind):
            return kind(*(self._take(wanted, words) for wanted in field_types(typing.cast(type, kind)).values()))  # type: ignore[operator]
        if typing.get_origin(kind) is tuple:
            of = typing.get_args(kind)[0]
            if self.numbers and of is int:
                return tuple(map(read_whole, words.pop(0).split(self.numbers)))
            values = [self._take(of, words)]  # an empty list is no value
            while words:
                values.append(self._take(of, words))
            return tuple(values)
        word = words.pop(0)
        if typing.get_origin(kind) is Literal:
            return {self.names.get(name, name): name for name in typing.get_args(kind)}[word]
        return read_whole(word) if kind is int else float(word) if kind is float else word


def write_parameters(value: Any) -> dict[str, str]:
    """Return a frozen value, and the values in its fields, as the parameters of an address; "" and None are left out."""
    found: dict[str, str] = {}
    for one in dataclasses.fields(value):
        here = getattr(value, one.name)
        if dataclasses.is_dataclass(here):
            found |= write_parameters(here)
        elif here not in ("", None):
            found[parameter_name(one)] = str(here)
    return found


def read_parameters(kind: type[Value], link: Mapping[str, str]) -> Value:
    """Return the value of the parameters; one that does not fit its field counts as not given."""
    given: dict[str, Any] = {}
    types = field_types(typing.cast(type, kind))
    for one in dataclasses.fields(typing.cast(Any, kind)):
        wanted, text = types[one.name], link.get(parameter_name(one), "")
        if dataclasses.is_dataclass(wanted):
            given[one.name] = read_parameters(typing.cast(type, wanted), link)
        elif wanted is str:
            given[one.name] = text
        elif is_whole(text):
            given[one.name] = int(text)
    return kind(**given)


def parameter_name(one: dataclasses.Field[Any]) -> str:
    """Return the name of a field's parameter: its own, or the name that it has in older links."""
    return str(one.metadata.get("parameter", one.name))


@cache
def parameter_names(kind: type) -> frozenset[str]:
    """Return the names of all parameters of a dataclass and of the dataclasses in its fields."""
    types = field_types(kind)
    nested = [parameter_names(types[one.name]) for one in dataclasses.fields(kind) if dataclasses.is_dataclass(types[one.name])]
    own = {parameter_name(one) for one in dataclasses.fields(kind) if not dataclasses.is_dataclass(types[one.name])}
    return frozenset(own.union(*nested))


@cache
def field_types(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass's fields, in their order."""
    hints = typing.get_type_hints(kind)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind)}


def is_whole(text: str) -> bool:
    """Return whether a text is a whole number, from 0, of fewer than ten digits."""
    return text.isascii() and text.isdigit() and len(text) < 10


def read_whole(text: str) -> int:
    """Return a whole number from 0.

    Raises:
        ValueError: the text is no such number.
    """
    if not is_whole(text):
        raise ValueError(text)
    return int(text)
