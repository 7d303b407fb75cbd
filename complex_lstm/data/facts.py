"""What the columns of a file look like: what a checkpoint keeps of its training part, and the same of a file that it meets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from complex_lstm.data.cells import floats
from complex_lstm.data.prepare import Dataset
from complex_lstm.data.reading import Table
from complex_lstm.data.times import steps_between
from complex_lstm.facts import SHARES, ColumnFacts, TimeUnit, TrainingFacts


def training_facts(dataset: Dataset) -> TrainingFacts:
    """Return what the training part of a data set looks like, or the whole where its parts are not known."""
    spans = [span for span in dataset.spans if span.part in ("training", "this file")]
    return _facts(dataset, [(span.series, slice(span.start, span.stop)) for span in spans])


def dataset_facts(dataset: Dataset) -> TrainingFacts:
    """Return what the whole of a data set looks like."""
    return _facts(dataset, [(number, slice(None)) for number in range(len(dataset.series))])


def table_facts(table: Table, columns: Sequence[str]) -> tuple[ColumnFacts, ...]:
    """Return what columns of a table look like, in the order of its rows; a cell that is no number counts as missing."""
    values = (floats(table.frame[column]) for column in columns)
    return tuple(column_facts(name, "", [np.where(np.isinf(one), np.nan, one)]) for name, one in zip(columns, values, strict=True))


def column_facts(name: str, unit: str, stretches: list[Float[np.ndarray, " _time"]]) -> ColumnFacts:
    """Return what the values of a column look like, given as stretches of neighbouring rows."""
    values = np.concatenate(stretches)
    seen = values[~np.isnan(values)]
    missing = 1 - len(seen) / max(len(values), 1)
    if not len(seen):
        return ColumnFacts(name, unit, missing=float(missing))
    changes = np.abs(np.concatenate([np.diff(one) for one in stretches]))
    changes = np.sort(changes[changes > 0])  # NaN is not
    middle = changes[len(changes) // 4 : len(changes) - len(changes) // 4]  # a median alone jumps where values are rounded
    quantiles = tuple(np.quantile(seen, SHARES).tolist())
    return ColumnFacts(
        name, unit, quantiles, float(missing), float(seen.mean()), float(seen.std()), float(middle.mean()) if len(middle) else 0.0
    )


def _facts(dataset: Dataset, stretches: list[tuple[int, slice]]) -> TrainingFacts:
    schema, roles = dataset.schema, dataset.schema.roles
    columns = [
        column_facts(name, schema.unit(name), [dataset.series[number].values[steps, place] for number, steps in stretches])
        for place, name in enumerate(roles.features)
    ]
    columns += [
        column_facts(name, schema.unit(name), [dataset.series[number].targets[steps, place] for number, steps in stretches])
        for place, name in enumerate(roles.targets if roles.task == "values" else ())
        if name not in roles.features
    ]
    rows = sum(len(dataset.series[number].values[steps]) for number, steps in stretches)
    has_time = bool(roles.time) and roles.time in dataset.table.frame
    gaps = [steps_between(dataset.series[number].times[steps]) for number, steps in stretches] if has_time else []
    between = np.concatenate(gaps) if gaps else np.zeros(0)
    if not len(between):
        return TrainingFacts(tuple(columns), rows)
    unit: TimeUnit = "s" if dataset.series[0].times.dtype.kind == "M" else "time"
    return TrainingFacts(tuple(columns), rows, float(np.median(between)), unit)
