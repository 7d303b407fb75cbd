"""What was found out about a file: each switch of the reading with its reason, what is offered, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from complex_lstm.recipe import Missing, TimeReading

Value = str | bool | int | tuple
DONE = ("names", "repeated header", "ragged", "grid", "records")  # findings that tell what was done to the table


def one_of(what: str, chosen: str, others: tuple[str, ...], where: str) -> str:
    """Return that of several tables in a file one is read, and which others there are, as a sentence."""
    left = ", ".join(map(repr, others[:5])) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    return f"Of {len(others) + 1} {what}s in the {where} {chosen!r} is read, and not {left} (--member)."


@dataclass(frozen=True)
class Choice:
    """One of several ways to read a file between which nothing in it decides: in words, and the switches that make it so."""

    words: str
    switches: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Finding:
    """The value of a switch of `complex_lstm.recipe.Reading`, why it is likely or that somebody `is_set` it, and what else is possible.

    With `asked` nothing in the file decides between these ways to read it, of which the first is in use.
    """

    switch: str
    value: Value
    reason: str
    alternatives: tuple[Value, ...] = ()
    is_set: bool = False
    asked: tuple[Choice, ...] = ()


def set_times(findings: Iterable[Finding]) -> tuple[TimeReading, ...]:
    """Return how columns of time are read as far as somebody has set it; the reading itself holds those that are found too."""
    told = [one.value for one in findings if one.switch == "times" and one.is_set]
    return tuple(one for value in told if isinstance(value, tuple) for one in value)


@dataclass(frozen=True)
class Offer:
    """Something about a column's cells that the user may want: nothing is done before they say so, unless it is `taken`.

    switch   "missing": the cells may mean "no value". "strip", "thousands" or "decimal": they may be read as numbers
    value    what the switch would hold
    count    how many cells it is about, of which `lines` has the first ones
    preview  a cell as it stands and as it would be read
    likely   whether the reason is strong; an offer that is not likely is only to be looked at
    """

    switch: str
    column: str
    value: Missing | str
    count: int
    lines: tuple[int, ...]
    reason: str
    preview: str = ""
    likely: bool = True
    taken: bool = False


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be read with these switches: the switch that may mend it, and the line, or 0 where there is no single one."""

    switch: str
    message: str
    line: int = 0
