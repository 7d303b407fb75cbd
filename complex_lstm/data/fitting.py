"""Making a file fit a model that was trained on another one: columns under other names, and in other units.

What would fit is suggested with its reason; it is applied only where somebody has said so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from complex_lstm.config import Schema
from complex_lstm.data.comparison import FEWEST_ROWS, distance
from complex_lstm.data.facts import table_facts
from complex_lstm.data.findings import Finding
from complex_lstm.data.reading import Table, numbers, numeric_share
from complex_lstm.data.units import conversion, same_unit, unit_in_name, without_unit
from complex_lstm.errors import RolesError
from complex_lstm.facts import TrainingFacts
from complex_lstm.recipe import Conversion, Fitting, Rename

ALIKE = 0.5  # distance, as `comparison` measures it: from here on a column is not like the one in training
CLEARLY = 2.0  # the next best column is this many times further away
SYNONYMS = {
    "temp": "temperature", "tmp": "temperature", "hum": "humidity", "humid": "humidity", "rh": "humidity", "pres": "pressure",
    "press": "pressure", "baro": "pressure", "slp": "pressure", "dewp": "dewpoint", "dew": "dewpoint", "dir": "direction", "spd": "speed",
    "wspd": "windspeed", "wdir": "winddirection", "prcp": "precipitation", "precip": "precipitation", "rain": "precipitation",
    "vis": "visibility", "visib": "visibility", "acc": "acceleration", "accel": "acceleration", "volt": "voltage", "amp": "current",
    "lat": "latitude", "lon": "longitude", "lng": "longitude", "ts": "time", "timestamp": "time", "datetime": "time", "date": "time",
}  # fmt: skip


@dataclass(frozen=True)
class Match:
    """A column that a model wants, and the one of a file that is likely it, with the reason; `found` is "" where none is likely.

    `conversion` is the one that the units in both names call for, None where they agree or are not known.
    """

    wanted: str
    found: str
    reason: str
    conversion: Conversion | None = None


def lacking_columns(schema: Schema, table: Table, *, needs_targets: bool = False) -> tuple[str, ...]:
    """Return the columns that a model cannot do without and that a table lacks: its features, and where it needs them its targets."""
    needed = (*_from_file(schema), *(schema.roles.targets if needs_targets else ()))
    return tuple(name for name in dict.fromkeys(needed) if name not in table.frame)


def _from_file(schema: Schema) -> tuple[str, ...]:
    """Return the features that a file must have, and the columns from which others are made."""
    return tuple(dict.fromkeys((*schema.from_file, *(one.column for one in schema.derived if one.column))))


def suggest_mapping(schema: Schema, table: Table, facts: TrainingFacts | None = None) -> tuple[Match, ...]:
    """Return for each column that a model was trained with and a table lacks the column that is likely it.

    By name first (without regard to case, punctuation or unit, then to abbreviations), then by how the values are distributed where the
    model's `facts` are known, then by order where as many columns are wanted as are left. No column is suggested twice.
    """
    roles = schema.roles
    features = [name for name in _from_file(schema) if name not in table.frame]
    others = [name for name in (*roles.targets, roles.series, roles.time, roles.group) if name and name not in table.frame]
    wanted = list(dict.fromkeys([*features, *others]))
    known = {*roles.columns}
    free = [str(column) for column in table.frame if str(column) not in known]
    found: dict[str, tuple[str, str]] = {}

    def take(pairs: Iterator[tuple[str, str]], reason: str) -> None:
        for name, column in pairs:
            found[name] = (column, reason)
            wanted.remove(name)
            free.remove(column)

    for key, reason in _NAMES:
        take(_alike(list(wanted), list(free), key), reason)
    numeric = [column for column in free if numeric_share(table.frame[column]) > 0.5]
    if facts is not None and len(table.frame) >= FEWEST_ROWS:
        take(
            _by_values([name for name in wanted if name in features], numeric, table, facts), "the one whose values are distributed like it"
        )
    left, numeric = [name for name in wanted if name in features], [column for column in numeric if column in free]
    if left and len(left) == len(numeric):
        take(iter(list(zip(left, numeric, strict=True))), "next in the order of the columns that are left, which is a guess: check it")
    every = dict.fromkeys([*features, *others])
    return tuple(_match(schema, name, *found.get(name, ("", "no column of the file is like it"))) for name in every)


def fit_table(table: Table, fitting: Fitting) -> Table:
    """Return a table with the renames and then the conversions of a fitting, which its findings name.

    Raises:
        RolesError: a column that is not there, or a name that is there already.
        CellError: a column to convert holds something other than numbers.
    """
    if fitting == Fitting():
        return table
    columns = [str(column) for column in table.frame]
    absent = [one.found for one in fitting.renames if one.found not in columns]
    if absent:
        raise RolesError(f"{table.name} has no column {absent[0]!r} to rename. It has {', '.join(map(repr, columns))}.")
    names = {one.found: one.wanted for one in fitting.renames}
    twice = [name for name, count in Counter(names.get(column, column) for column in columns).items() if count > 1]
    if twice:
        raise RolesError(
            f"{table.name} would have two columns {twice[0]!r} after renaming. Rename the one that is there already too, or leave it."
        )
    frame = table.frame.rename(columns=names)
    renamed = replace(table, frame=frame)
    for one in fitting.conversions:
        if one.column not in frame:
            raise RolesError(
                f"{table.name} has no column {one.column!r} to convert. It has {', '.join(map(repr, map(str, frame.columns)))}."
            )
        frame = frame.assign(**{one.column: numbers(renamed, one.column) * one.factor + one.offset})
        renamed = replace(table, frame=frame)
    done = [Finding("converted", one.column, f"Converted: {one.words}.") for one in fitting.conversions]
    done += [Finding("renamed", one.wanted, f"It stands in the file as {one.found}.") for one in fitting.renames]
    units = {names.get(column, column): unit for column, unit in table.units.items()}
    units |= {one.column: one.target for one in fitting.conversions if one.target}
    return replace(renamed, findings=(*table.findings, *done), units=units)


def extend(fitting: Fitting, renames: tuple[Rename, ...], conversions: tuple[Conversion, ...]) -> Fitting:
    """Return a fitting with further renames and conversions, which are told of the table as it is after the first."""
    names = {one.found: one.wanted for one in renames}
    before = {one.wanted for one in fitting.renames}
    kept = [replace(one, wanted=names.get(one.wanted, one.wanted)) for one in fitting.renames]
    kept += [one for one in renames if one.found not in before]
    converted = [replace(one, column=names.get(one.column, one.column)) for one in fitting.conversions]
    return Fitting(tuple(one for one in kept if one.found != one.wanted), (*converted, *conversions))


def _match(schema: Schema, wanted: str, found: str, reason: str) -> Match:
    source, target = unit_in_name(found), schema.unit(wanted) or unit_in_name(wanted)
    if not found or not source or not target or same_unit(source, target):
        return Match(wanted, found, reason)
    return Match(wanted, found, reason, conversion(wanted, source, target))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _words(name: str) -> frozenset[str]:
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", without_unit(name))
    return frozenset(SYNONYMS.get(word, word) for word in re.split(r"[\W_]+", stem.casefold()) if word)


_NAMES: tuple[tuple[Callable[[str], Hashable], str], ...] = (
    (str.casefold, "the same name in capital or small letters"),
    (_letters, "the same name with other punctuation"),
    (lambda name: _letters(without_unit(name)), "the same name with another unit"),
    (_words, "the same words, abbreviated or in another order"),
    (lambda name: "".join(sorted(_words(name))), "the same words, written together"),
)


def _alike(wanted: list[str], free: list[str], key: Callable[[str], Hashable]) -> Iterator[tuple[str, str]]:
    """Yield the wanted and free names that a key makes equal, where no other name has the same key."""
    for name in wanted:
        columns = [column for column in free if key(column) == key(name)]
        rivals = [other for other in wanted if key(other) == key(name)]
        if key(name) and len(columns) == 1 and len(rivals) == 1:
            yield name, columns[0]


def _by_values(wanted: list[str], free: list[str], table: Table, facts: TrainingFacts) -> Iterator[tuple[str, str]]:
    """Yield the wanted columns and the free ones whose values are clearly nearest to them, each of them to the other."""
    known = [(name, one) for name in wanted if (one := facts.find(name)) is not None and one.quantiles and not one.is_constant]
    seen = [one for one in table_facts(table, free) if one.quantiles]
    if not known or not seen:
        return
    away = np.array([[distance(one, np.array(other.quantiles)) for other in seen] for _, one in known])
    for row, (name, _) in enumerate(known):
        column = int(away[row].argmin())
        rivals = [*np.delete(away[row], column), *np.delete(away[:, column], row)]
        if away[row, column] <= ALIKE and all(rival >= CLEARLY * max(away[row, column], 0.05) for rival in rivals):
            yield name, seen[column].name
