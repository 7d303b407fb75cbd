"""Frozen values as JSON text, and back."""

from __future__ import annotations

import functools
import json
import re
import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any, Literal, TypeVar

from complex_lstm.errors import ConfigError
from complex_lstm.settings import stored_name

STORED_IF_SET = "stored_if_set"  # a field that JSON leaves out at its default, so that files of before stay the same, byte by byte

LARGEST = 2**63 - 1  # whole number that arrays and other programs can hold
LONE_HALF = re.compile("[\ud800-\udfff]")  # of a character beyond 65,535: JSON can write one alone, UTF-8 cannot

T = TypeVar("T")


def to_json(value: Any) -> str:
    """Return a frozen config as JSON text. A field that has been renamed keeps its former name there: see `stored_name`."""
    return json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        kept = [one for one in fields(value) if not (one.metadata.get(STORED_IF_SET) and getattr(value, one.name) == one.default)]
        return {stored_name(one): _plain(getattr(value, one.name)) for one in kept}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def from_json(kind: type[T], text: str) -> T:
    """Return the config of this kind that `to_json` wrote.

    Raises:
        ConfigError: the text is not JSON, a field is missing or unknown, or a value has another type.
    """
    try:
        return revive(kind, json.loads(text))
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, and brackets in brackets without end
        raise ConfigError(f"The {kind.__name__} is not JSON: {error}. The file was damaged or made by another program.") from error


def _check_writable(plain: Any) -> None:
    if type(plain) is int and abs(plain) > LARGEST:
        raise ConfigError(f"Got a whole number of {len(str(abs(plain)))} digits, expected at most {len(str(LARGEST))}.")
    if type(plain) is str and LONE_HALF.search(plain):
        raise ConfigError(f"Got the text {plain!r:.80}, which holds halves of characters. Write it in UTF-8.")


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass' fields. They stand there as text, and to evaluate it took half of the time of reading a plan."""
    return typing.get_type_hints(kind)


def revive(kind: Any, plain: Any) -> Any:
    """Return what plain JSON values stand for: dataclasses and tuples, guided by the field types.

    Raises:
        ConfigError: a field is missing or unknown, a value has another type, a whole number needs more than 64 bits, or a text holds
            halves of characters, which nothing can write.
    """
    if is_dataclass(kind):
        make: Any = kind
        hints = _hints(make)
        known = {stored_name(one): one.name for one in fields(kind)}
        if not isinstance(plain, dict) or set(plain) - set(known):
            raise ConfigError(f"{getattr(kind, '__name__', kind)} has the fields {sorted(known)}, got {plain!r:.200}.")
        try:
            return make(**{known[name]: revive(hints[known[name]], value) for name, value in plain.items()})
        except TypeError as error:
            raise ConfigError(f"{getattr(kind, '__name__', kind)} lacks a field: {str(error).splitlines()[0]:.200}.") from error
    origin = typing.get_origin(kind)
    if origin is types.UnionType:  # X | None
        return None if plain is None else revive(typing.get_args(kind)[0], plain)
    if origin is tuple and isinstance(plain, list):
        return tuple(revive(typing.get_args(kind)[0], item) for item in plain)
    if origin is Literal and plain in typing.get_args(kind):
        return plain
    _check_writable(plain)
    if kind is float and type(plain) is int:
        return float(plain)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(plain) is kind:
        return plain
    raise ConfigError(f"Expected {kind}, got {plain!r:.80}.")
