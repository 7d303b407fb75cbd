"""A file beside what a model was trained on: units are told, seasons are not taken for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from complex_lstm.config import Schema, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, Table, compare, compare_scaling, prepare_for, prepare_training, read_csv, training_facts
from complex_lstm.data.comparison import compare_facts
from complex_lstm.data.facts import dataset_facts
from complex_lstm.facts import TrainingFacts
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.samples import SAMPLES
from tests.data.tables import VALUES, table_of

WEATHER = read_csv(SAMPLES["nyc_weather"].csv)
MONTH = pd.to_datetime(WEATHER.frame["time"]).dt.month


def loaded(sample: str) -> Checkpoint:
    checkpoint = load_checkpoint(SAMPLES[sample].checkpoint)
    assert isinstance(checkpoint, Checkpoint)
    return checkpoint


def prepared(frame: pd.DataFrame, sample: str = "nyc_weather", table: Table = WEATHER) -> Dataset:
    """Return rows of a sample as its model reads them."""
    known = loaded(sample)
    return prepare_for(replace(table, frame=frame), known.schema, replace(known.window, stride=50), known.scaling)


def without_units(facts: TrainingFacts) -> TrainingFacts:
    return replace(facts, columns=tuple(replace(one, unit="") for one in facts.columns))


FACTS = dataset_facts(prepared(WEATHER.frame))


def changed(column: str, change: Callable[[pd.Series], pd.Series]) -> Dataset:
    """Return the weather from July on with one column changed."""
    frame = WEATHER.frame[MONTH >= 7].copy()
    frame[column] = change(frame[column])
    return prepared(frame)


@pytest.mark.parametrize(
    ("column", "change", "source", "factor", "offset"),
    [
        ("temp", lambda v: (v - 32) / 1.8, "°C", 1.8, 32),
        ("temp", lambda v: (v - 32) / 1.8 + 273.15, "K", 1.8, 32 - 1.8 * 273.15),
        ("pressure", lambda v: v * 100, "Pa", 0.01, 0),
        ("pressure", lambda v: v / 10, "kPa", 10, 0),
        ("pressure", lambda v: v / 33.86389, "inHg", 33.86389, 0),
        ("pressure", lambda v: v / 1.333224, "mmHg", 1.333224, 0),
        ("wind_speed", lambda v: v * 0.44704, "m/s", 1 / 0.44704, 0),
        ("humid", lambda v: v / 100, "fraction", 100, 0),
        ("visib", lambda v: v * 1.609344, "km", 1 / 1.609344, 0),
        ("humid", lambda v: v * 10, "", 0.1, 0),
        ("temp", lambda v: -v, "", -1, 0),
    ],
)
def test_another_unit_is_told_with_its_conversion(
    column: str, change: Callable[[pd.Series], pd.Series], source: str, factor: float, offset: float
) -> None:
    (found,) = compare(FACTS, changed(column, change))

    assert (found.kind, found.columns) == ("unit", (column,))
    assert found.conversions[0].source == source
    assert (found.conversions[0].factor, found.conversions[0].offset) == (pytest.approx(factor, rel=1e-4), pytest.approx(offset, abs=0.01))
    assert column in found.words and (not source or f"looks like {source}" in found.words)


@pytest.mark.long
@pytest.mark.parametrize("is_unit_known", [True, False])
def test_no_season_is_taken_for_a_unit(is_unit_known: bool) -> None:
    months = {month: dataset_facts(prepared(WEATHER.frame[month == MONTH])) for month in sorted(MONTH.unique())}
    assert len(months) == 10

    alarms = [
        (learned, met, one.words)
        for learned, met in permutations(months, 2)
        for one in compare_facts(months[learned] if is_unit_known else without_units(months[learned]), months[met])
    ]

    assert alarms == []


@pytest.mark.long
@pytest.mark.parametrize("sample", [name for name in SAMPLES if name != "nyc_weather"])
def test_the_other_series_of_a_sample_raise_no_alarm(sample: str) -> None:
    table = read_csv(SAMPLES[sample].csv)
    known = loaded(sample)
    dataset = prepare_for(table, known.schema, known.window, known.scaling, known.split)
    facts = training_facts(dataset)
    unseen = [span for span in dataset.spans if span.part == "test"]
    lines = np.concatenate([dataset.series[span.series].lines[span.start : span.stop] for span in unseen])

    assert compare(facts, prepared(table.frame.loc[sorted(lines)], sample, table)) == ()


def test_two_columns_that_are_swapped_are_told() -> None:
    frame = WEATHER.frame.rename(columns={"temp": "pressure", "pressure": "temp"})

    (found,) = compare(FACTS, prepared(frame))

    assert (found.kind, set(found.columns)) == ("swapped", {"temp", "pressure"})
    assert {(one.found, one.wanted) for one in found.renames} == {("temp", "pressure"), ("pressure", "temp")}


def test_rows_at_another_rate_are_told() -> None:
    six_hourly = WEATHER.frame[pd.to_datetime(WEATHER.frame["time"]).dt.hour % 6 == 0]

    (found,) = compare(FACTS, prepared(six_hourly))

    assert found.kind == "time step" and "6 h apart, those of training 1 h" in found.words


def test_constant_and_missing_columns_are_told() -> None:
    frame = WEATHER.frame.copy()
    frame["humid"], frame["visib"] = 50.0, np.nan

    found = compare(FACTS, prepared(frame))

    assert {(one.kind, one.columns) for one in found} == {("constant", ("humid",)), ("missing", ("visib",))}


def test_a_column_far_off_without_a_cause_is_told_as_such() -> None:
    (found,) = compare(FACTS, changed("dewp", lambda v: v * 3.7 + 900))

    assert (found.kind, found.columns, found.conversions) == ("far", ("dewp",), ())
    assert "far from training" in found.words


def test_a_few_rows_are_not_compared() -> None:
    schema, window = Schema(VALUES), WindowConfig(5)
    training = prepare_training(table_of("x,y", *(f"{n % 7},{n % 5}" for n in range(100))), replace(VALUES, series="", time="", group=""),
                                window, SplitConfig())  # fmt: skip
    few = table_of("x,y", *(f"{n * 1000},{n % 5}" for n in range(20)))

    assert compare(training_facts(training), prepare_for(few, replace(schema, roles=training.schema.roles), window, training.scaling)) == ()


def test_facts_are_of_the_training_part_alone() -> None:
    rows = [f"{n},{n % 5}" for n in range(60)] + [f"{10_000 + n},{n % 5}" for n in range(40)]
    dataset = prepare_training(
        table_of("x,y", *rows), replace(VALUES, series="", time="", group=""), WindowConfig(5), SplitConfig("time", 0.2, 0.2)
    )

    x = training_facts(dataset).find("x")

    assert x is not None and x.quantiles[0] == 0 and x.quantiles[-1] == 59 and x.median == 29.5
    assert (x.mean, x.step, x.missing) == (29.5, 1.0, 0.0)


@pytest.mark.parametrize(
    ("column", "change", "words"),
    [
        ("pressure", lambda v: v * 100, "pressure looks like Pa, where the model learned mbar: its mean is 101,7"),
        ("temp", lambda v: v + 500, "temp is far from training: its mean is 5"),
        ("wind_speed", lambda v: v * 1000, "wind_speed seems to be in another unit"),
    ],
)
def test_means_and_deviations_alone_tell_another_unit(column: str, change: Callable[[pd.Series], pd.Series], words: str) -> None:
    scaling = loaded("nyc_weather").scaling

    (told,) = [one for one in compare_scaling(scaling, changed(column, change)) if one.columns == (column,)]

    assert told.words.startswith(words)
    assert compare_scaling(scaling, prepared(WEATHER.frame[MONTH >= 7])) == ()
