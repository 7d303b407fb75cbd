"""From a table to windows: the steps of preparation, in their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Float32

from complex_lstm.config import DerivedFeature, Roles, Scaling, Schema, SplitConfig, WindowConfig
from complex_lstm.data.derived import add_derived
from complex_lstm.data.learnable import check_learnable
from complex_lstm.data.notes import preparation_notes
from complex_lstm.data.reading import Table
from complex_lstm.data.roles import check_roles
from complex_lstm.data.scaling import fit_scaling, scale
from complex_lstm.data.series import Oddity, Series, fill, joined, make_series, oddities, refuse_missing
from complex_lstm.data.splitting import Span, split, unsplit
from complex_lstm.data.windowing import Windows, make_windows
from complex_lstm.errors import CellError, DataError, RolesError
from complex_lstm.wording import counted, form

FLOAT32_MAX = float(np.finfo(np.float32).max)
ROWS = 100_000  # looked at at once: all of a long file would need several copies of it


@dataclass(frozen=True)
class DataReport:
    """What preparation found and did: cells filled for each feature, gaps in time, and odd cells."""

    rows: int
    filled: tuple[int, ...]
    gaps: int
    windows_with_gap: int
    odd: tuple[Oddity, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """A table prepared for a model: series, the spans of their parts, the scaling, the windows, and the report.

    `scaled_by` says whose means and deviations the scaling has: those of the training part, as the checkpoint has them; or, for a
    model of which only the weights are known, those that its owner has given, or this file's own.
    """

    table: Table
    schema: Schema
    window: WindowConfig
    series: tuple[Series, ...]
    spans: tuple[Span, ...]
    scaling: Scaling
    windows: Windows
    report: DataReport
    scaled_by: Literal["training", "given", "this file"] = "training"

    @property
    def whose(self) -> str:
        """Whose the scaling's means and deviations are, before the word: "the training" mean, "the given" one, "this file's"."""
        return {"training": "the training", "given": "the given", "this file": "this file's"}[self.scaled_by]


def prepare_training(
    table: Table, roles: Roles, window: WindowConfig, split_config: SplitConfig, derived: tuple[DerivedFeature, ...] = ()
) -> Dataset:
    """Return a data set whose scaling and classes are those of its own training part.

    The columns of `derived` are made first, and are features beside those that the roles name.

    Raises:
        DataError: see `check_roles`, `make_series`, `refuse_huge`, `split` and `make_windows`; fewer than two classes, or
            nothing to learn (`check_learnable`).
    """
    table, roles = _with_derived(table, roles, derived)
    check_roles(table, roles)
    if window.whole_series and (roles.task == "values" or split_config.kind == "time"):
        raise DataError("Whole series as windows need a class to predict, and a split by group or by series, not by time.")
    series = make_series(table, roles)
    refuse_huge(table, roles, series)
    spans = split(series, split_config)
    classes = _classes(series, roles)
    schema = Schema(roles, classes, _feature_units(roles, derived), units_in_names(roles.targets), derived)
    schema = with_units(schema, {one.column: one.target for one in table.reading.convert if one.target})
    dataset = _assemble(table, schema, window, series, spans, fit_scaling(series, spans, window), ())
    check_learnable(table, roles, series, dataset.windows, window, split_config)
    return dataset


def prepare_for(table: Table, schema: Schema, window: WindowConfig, scaling: Scaling, split_config: SplitConfig | None = None) -> Dataset:
    """Return a data set prepared as it was for a trained model. Without a split all windows are new.

    Columns for series, time, group and target may be missing. A feature may not, and neither may the target of a model
    that forecasts its change.

    Raises:
        DataError: see `make_series`, `refuse_huge`, `split` and `make_windows`.
        RolesError: the file lacks a feature.
    """
    roles = schema.roles
    needed = [*schema.from_file, *(roles.targets if window.as_change else ())]
    lacking = [column for column in dict.fromkeys(needed) if column not in table.frame]
    if lacking:
        raise RolesError(
            f"The model needs the {form(len(lacking), 'column', 'columns')} {', '.join(map(repr, lacking))}, which {table.name} lacks. "
            f"It has {', '.join(map(repr, map(str, table.frame.columns)))}. Rename or add them, or choose another model."
        )
    table = add_derived(table, schema.derived, series=roles.series, time=roles.time)
    optional = {"series": roles.series, "time": roles.time, "group": roles.group}
    notes = [f"No {role} column {name!r}: prepared without it." for role, name in optional.items() if name and name not in table.frame]
    if any(target not in table.frame for target in roles.targets):
        notes.append("The file lacks the answers: predictions cannot be scored.")
    series = make_series(table, roles)
    refuse_huge(table, roles, series)
    spans = split(series, split_config) if split_config else unsplit(series)
    return _assemble(table, schema, window, series, spans, scaling, tuple(notes))


def prepare_bare(
    table: Table, roles: Roles, window: WindowConfig, scaling: Scaling | None = None, classes: tuple[str, ...] = ()
) -> Dataset:
    """Return a data set for a model of which only the weights are known: all windows belong to "this file".

    Which of them the model was trained on cannot be known. Without a scaling it is that of the whole file, which is right only as
    far as this file is like the data that the model was trained on. `classes` are in the order of the outputs; without them they are
    the file's, in alphabetical order.

    Raises:
        DataError: see `check_roles`, `make_series`, `refuse_huge` and `make_windows`; or fewer than two classes.
    """
    check_roles(table, roles)
    series = make_series(table, roles)
    refuse_huge(table, roles, series)
    spans = unsplit(series, "this file")
    schema = Schema(roles, classes or _classes(series, roles), units_in_names(roles.features), units_in_names(roles.targets))
    made = _assemble(table, schema, window, series, spans, scaling or fit_scaling(series, spans, window), ())
    return replace(made, scaled_by="given" if scaling else "this file")


def _assemble(
    table: Table,
    schema: Schema,
    window: WindowConfig,
    series: tuple[Series, ...],
    spans: tuple[Span, ...],
    scaling: Scaling,
    notes: tuple[str, ...],
) -> Dataset:
    if window.missing == "refuse":
        refuse_missing(table, schema.roles, series)
    means = np.array(scaling.feature_mean)
    values = joined([fill(one.values, window.missing, means) for one in series])
    level = dict(zip(schema.roles.features, scaling.feature_mean, strict=True))
    target_level = np.array([level.get(name, np.nan) for name in schema.roles.targets[: series[0].targets.shape[1]]])
    carried = joined([fill(one.targets, "carry", target_level) for one in series])
    windows = make_windows(
        series, _scaled(table, schema.roles, series, values, scaling), carried, spans, window, forecasts=schema.roles.task == "values"
    )
    missing = [[int(np.isnan(column).sum()) for column in one.values.T] for one in series]
    gaps = [one.gaps for one in series]
    report = DataReport(
        rows=len(values),
        filled=tuple(map(sum, zip(*missing, strict=True))),
        gaps=int(sum(found.sum() for found in gaps)),
        windows_with_gap=int(_crosses_gap(windows, gaps).sum()),
        odd=oddities(series, schema.roles.features),
        notes=(*notes, *preparation_notes(table, schema.roles, series, windows)),
    )
    return Dataset(table, schema, window, series, spans, scaling, windows, report)


def refuse_huge(table: Table, roles: Roles, series: tuple[Series, ...]) -> None:
    """Check that every number is one that a model can be given.

    Raises:
        CellError: a feature or target beyond the largest float32, about 3.4e38; the message names the first such cell.
    """
    for one in series:
        for columns, values in ((roles.features, one.values), (roles.targets, one.targets)):
            for first in range(0, len(values), ROWS):
                rows, places = np.nonzero(np.abs(values[first : first + ROWS]) > FLOAT32_MAX)
                if len(rows):
                    row = first + int(rows[0])
                    raise _huge(table, int(one.lines[row]), columns[places[0]], float(values[row, places[0]]))


def _scaled(
    table: Table, roles: Roles, series: tuple[Series, ...], values: Float[np.ndarray, "row feature"], scaling: Scaling
) -> Float32[np.ndarray, "row feature"]:
    scaled = np.empty(values.shape, dtype=np.float32)
    for first in range(0, len(values), ROWS):
        with np.errstate(over="ignore"):
            scaled[first : first + ROWS] = scale(values[first : first + ROWS], scaling)
        rows, places = np.nonzero(np.isinf(scaled[first : first + ROWS]))
        if len(rows):
            row, lines = first + int(rows[0]), np.concatenate([one.lines for one in series])
            raise _huge(table, int(lines[row]), roles.features[places[0]], float(values[row, places[0]]))
    return scaled


def _huge(table: Table, line: int, column: str, value: float) -> CellError:
    return CellError(
        f"{table.name}, line {line}, column {column!r}: {value:g} is too large for the model, which computes in float32 (up to 3.4e38, in "
        f"standard deviations from the mean). Correct it, or leave the cell empty to have it filled."
    )


def _crosses_gap(windows: Windows, gaps: list[Bool[np.ndarray, " _step"]]) -> Bool[np.ndarray, " window"]:
    before = [np.concatenate([[0], np.cumsum(found)]) for found in gaps]  # gaps before each step
    offset = np.cumsum([0, *map(len, before[:-1])])[windows.series]
    all_before = joined(before)
    return all_before[offset + windows.start + windows.length - 1] > all_before[offset + windows.start]


def classes_in(table: Table, roles: Roles) -> tuple[str, ...]:
    """Return the classes that a file names, in alphabetical order, or that of their numbers.

    Raises:
        DataError: see `make_series`.
    """
    return _ordered({str(label) for one in make_series(table, roles) for label in one.labels if label})


def _ordered(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (len(name), name) if name.lstrip("-").isdigit() else (0, name)))


def _classes(series: tuple[Series, ...], roles: Roles) -> tuple[str, ...]:
    if roles.task == "values":
        return ()
    names = {str(label) for one in series for label in one.labels if label}
    if len(names) < 2:
        raise DataError(
            f"The target {roles.targets[0]!r} has {counted(len(names), 'class', 'classes')}: {', '.join(sorted(names)) or 'none'}. "
            f"There is nothing to distinguish; choose a target with at least two."
        )
    return _ordered(names)


def _with_derived(table: Table, roles: Roles, derived: tuple[DerivedFeature, ...]) -> tuple[Table, Roles]:
    """Return the table with derived columns, and roles in which they are features."""
    if not derived:
        return table, roles
    made = add_derived(table, derived, series=roles.series, time=roles.time)
    names = tuple(name for one in derived for name in one.names if name not in roles.features)
    return made, replace(roles, features=(*roles.features, *names))


def _feature_units(roles: Roles, derived: tuple[DerivedFeature, ...]) -> tuple[str, ...]:
    of_other_unit = [one for one in derived if one.kind != "change"]  # whose unit is its column's
    made = {name: "time steps" if one.kind == "age" else "" for one in of_other_unit for name in one.names}
    return tuple(made.get(name, unit) for name, unit in zip(roles.features, units_in_names(roles.features), strict=True))


def units_in_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the units given in brackets at the end of names, as in `speed (m/s)` or `temp [°C]`."""
    opened = [max(name.rfind("("), name.rfind("[")) for name in names]
    return tuple(name[at + 1 : -1] if at > 0 and name[-1] in ")]" else "" for name, at in zip(names, opened, strict=True))


def with_units(schema: Schema, units: dict[str, str]) -> Schema:
    """Return the schema with these units for the named columns, and for their changes."""
    roles = schema.roles
    changes = [one for one in schema.derived if one.kind == "change" and one.column in units]
    units = {name: units[one.column] for one in changes for name in one.names} | units
    feature_units = tuple(units.get(name, schema.unit(name)) for name in roles.features)
    return replace(schema, feature_units=feature_units, target_units=tuple(units.get(n, schema.unit(n)) for n in roles.targets))
