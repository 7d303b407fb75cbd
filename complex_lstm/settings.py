"""The settings schema: what a dataclass field records about itself, once, for every place that shows or reads it.

A field made by `setting(...)` carries its label, help, bounds and group. Validation (`check_settings`), the options of the
command line, the widgets of the Train page, what a sweep can vary and the command that is shown are all made from
`settings_of(kind)`: a new setting is one new field.
"""

from __future__ import annotations

import math
import typing
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal

from complex_lstm.errors import ConfigError

Group = Literal["data", "model", "length", "strategy", "more", "terminal", "reading", "serving"]
# data      follows from the data: neither an option nor a widget
# model     the size of the model
# length    shown first: how long, in which batches, by which seed
# strategy  off by default; benchmarks/README.md has the trials that their help refers to
# more      the rest
# terminal  an option of the command line alone
# reading   a switch of how a file is read, whose value is found in the file unless it is given
# serving   a key of the file that `complex-lstm serve` reads


@dataclass(frozen=True)
class Setting:
    """A field of a settings dataclass, as `settings_of` returns it.

    label      its name for people
    help       what it does and, of a strategy, when it helped in trials
    at_least, above, at_most, below
               its bounds, of which the second and the last are not allowed themselves
    expected   the bounds in words, where those made from the numbers are not enough
    initial    what the command line and the page begin with, where that is not the default
    step       of the page's widget
    tried      values that a sweep suggests; without any, half and twice the model's own
    option     its name on the command line, where that is not the field's
    former     former names of the option, which are still accepted
    """

    label: str
    help: str
    group: Group
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    expected: str = ""
    initial: Any = None
    step: float | None = None
    tried: tuple[float, ...] = ()
    option: str = ""
    former: tuple[str, ...] = ()
    name: str = ""
    kind: Any = None
    default: Any = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a setting that is one of several words, and nothing of others."""
        return typing.get_args(self.kind) if typing.get_origin(self.kind) is Literal else ()

    @property
    def bounds(self) -> str:
        """What values are allowed, in words."""
        if self.expected or self.choices:
            return self.expected or f"one of {', '.join(self.choices)}"
        if self.above is not None:
            return f"a number above {self.above:g}"
        if self.below is not None:
            return f"a number from {self.at_least:g} up to, and not including, {self.below:g}"
        return f"{self.at_least:,} to {self.at_most:,}" if self.at_most is not None else f"{self.at_least:g} or more"

    def allows(self, value: Any) -> bool:
        """Whether a value is within the bounds; a number that is not finite never is."""
        if self.choices:
            return value in self.choices
        if not isinstance(value, int | float) or isinstance(value, bool):
            return True
        return (
            math.isfinite(value)
            and (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
        )


def setting(default: Any, label: str, help: str, *, group: Group, initial: Any = None, stored_as: str = "", **more: Any) -> Any:
    """Return a dataclass field with this default that is a setting; `more` are the other fields of Setting.

    `stored_as` is its name in files, where that is not the field's: see `stored_name`.
    """
    described = Setting(label, help, group, initial=default if initial is None else initial, **more)
    return field(default=default, metadata={"setting": described, "stored_as": stored_as})


def settings_of(kind: type[Any]) -> tuple[Setting, ...]:
    """Return the settings among a dataclass's fields, in their order, with name, type and default."""
    return _settings_of(kind)  # type: ignore[arg-type]  # types are hashable, which mypy does not know of type[Any]


@cache
def _settings_of(kind: type[Any]) -> tuple[Setting, ...]:
    hints = typing.get_type_hints(kind)
    found = [(one, one.metadata["setting"]) for one in fields(kind) if "setting" in one.metadata]
    return tuple(
        replace(has, name=one.name, kind=hints[one.name], default=one.default, option=has.option or one.name.replace("_", "-"))
        for one, has in found
    )


def stored_name(one: Field) -> str:
    """Return the name of a field in files: a field that is renamed keeps it, so that files written before still open."""
    return one.metadata.get("stored_as") or one.name


def check_settings(config: Any) -> None:
    """Check each setting of a dataclass against its bounds.

    Raises:
        ConfigError: a value is out of its bounds.
    """
    for one in settings_of(type(config)):
        value = getattr(config, one.name)
        if not one.allows(value):
            raise ConfigError(f"{one.name} is {value!s:.80}, expected {one.bounds}.")


def as_text(value: Any) -> str:
    """Return a setting's value as text that `from_text` reads: 64, 0.3, or kernels as 3-5-7/3-5-9."""
    if isinstance(value, tuple):
        return "/".join("-".join(map(str, stage)) for stage in value)
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)


def from_text(one: Setting, text: str) -> Any:
    """Return the value of a setting that a text holds.

    Raises:
        ConfigError: it holds none of this setting's type. The bounds are not checked.
    """
    if one.kind is str:
        return text
    if one.kind not in (int, float):  # the kernel widths of both convolution stages
        try:
            first, second = (tuple(int(width) for width in stage.split("-")) for stage in text.split("/"))
        except ValueError:
            raise ConfigError(f"{text!r} are no kernels. Write the widths of both stages as 3-5-7/3-5-9.") from None
        return first, second
    try:
        return one.kind(text)
    except ValueError:
        raise ConfigError(f"{one.name} is {text!r}, expected {'a number' if one.kind is float else 'a whole number'}.") from None


def option_words(config: Any, *, every: bool) -> list[str]:
    """Return the words of the command line that give a settings dataclass its values; not `every`, only those unlike the default.

    `--name=value` is one word, so that a value may begin with a dash.
    """
    words = []
    for one in settings_of(type(config)):
        value = getattr(config, one.name)
        if value is True:
            words.append(f"--{one.option}")
        elif one.group != "data" and one.kind is not bool and (every or value != one.initial):
            words.append(f"--{one.option}={as_text(value)}")
    return words
