"""Frozen values as JSON text, and back."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any, Literal, TypeVar

from complex_lstm.errors import ConfigError
from complex_lstm.settings import stored_name

STORED_IF_SET = "stored_if_set"  # a field that JSON leaves out at its default, so that files of before stay the same, byte by byte

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
        plain = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"The {kind.__name__} is not JSON: {error}. The file was damaged or made by another program.") from error
    return _revive(kind, plain)


def _revive(kind: Any, plain: Any) -> Any:
    """Turn plain JSON values into dataclasses and tuples, guided by the field types."""
    if is_dataclass(kind):
        make: Any = kind
        hints = typing.get_type_hints(kind)
        known = {stored_name(one): one.name for one in fields(kind)}
        if not isinstance(plain, dict) or set(plain) - set(known):
            raise ConfigError(f"{getattr(kind, '__name__', kind)} has the fields {sorted(known)}, got {plain!r:.200}.")
        try:
            return make(**{known[name]: _revive(hints[known[name]], value) for name, value in plain.items()})
        except TypeError as error:
            raise ConfigError(f"{getattr(kind, '__name__', kind)} lacks a field: {error}.") from error
    origin = typing.get_origin(kind)
    if origin is types.UnionType:  # X | None
        return None if plain is None else _revive(typing.get_args(kind)[0], plain)
    if origin is tuple and isinstance(plain, list):
        return tuple(_revive(typing.get_args(kind)[0], item) for item in plain)
    if origin is Literal and plain in typing.get_args(kind):
        return plain
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(plain) is kind:
        return plain
    raise ConfigError(f"Expected {kind}, got {plain!r:.80}.")
