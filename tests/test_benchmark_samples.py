"""The folds of the samples' benchmark share nothing between training and test, and its errors are those that its text says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import samples, shipped_samples
from benchmarks.sample_folds import DAY_TOO, THIRDS, answers, error, known, logistic, persistence, person_fold, ridge, weather_fold
from complex_lstm import Checkpoint, load_checkpoint
from complex_lstm.data import Dataset, fingerprint, unscale_targets
from complex_lstm.samples import SAMPLES

HELD = (2, 5, 8)
README = Path(__file__).resolve().parent.parent / "benchmarks" / "README.md"


@pytest.fixture(scope="module")
def third() -> Dataset:
    return weather_fold(HELD, DAY_TOO).dataset


@pytest.fixture(scope="module")
def person() -> Dataset:
    return person_fold("2").dataset


def months_of(dataset: Dataset, window: int) -> set[int]:
    """Return the months of a window's steps and of its answer."""
    windows, one = dataset.windows, dataset.series[dataset.windows.series[window]]
    steps = one.times[windows.start[window] : windows.start[window] + windows.length[window] + dataset.window.horizon]
    return set((steps.astype("datetime64[M]").astype(int) % 12 + 1).tolist())


def test_no_window_of_training_touches_the_months_that_are_held_out(third: Dataset) -> None:
    tested, trained = ([months_of(third, window) for window in third.windows.of_part(part)[::7]] for part in ("test", "training"))

    assert all(len(months) == 1 for months in tested) and set.union(*tested) == set(HELD)
    assert set.union(*trained) == {1, 3, 4, 6, 7, 9, 10}  # before, between and after them
    assert not any({first, first + 2} <= months for first in (1, 4, 7) for months in trained)  # and over none of them
    assert len(third.schema.roles.features) == 9 + 2 + 2 + 2


def test_the_thirds_hold_out_each_month_of_the_file_once() -> None:
    months = pd.to_datetime(pd.read_csv(SAMPLES["nyc_weather"].csv, usecols=["time"])["time"]).dt.month

    assert sorted(int(month) for fold in THIRDS for month in fold.split("+")) == sorted(months.unique())


def test_the_scaling_is_that_of_what_is_trained_on(third: Dataset) -> None:
    temp = third.schema.roles.features.index("temp")
    outside = np.concatenate(
        [one.values[np.isin(one.times.astype("datetime64[M]").astype(int) % 12 + 1, HELD, invert=True), temp] for one in third.series]
    )

    assert third.scaling.feature_mean[temp] == pytest.approx(np.nanmean(outside))


def test_errors_are_in_units_of_each_targets_variance_over_the_file(third: Dataset) -> None:
    test, windows = known(third, "test"), third.windows
    outputs = np.random.default_rng(0).normal(size=(len(test), 3))
    of_file = np.concatenate([one.targets for one in third.series])

    in_units = unscale_targets(outputs, windows.last[test], third.scaling, third.window)

    assert error(third, test, outputs) == pytest.approx(((in_units - windows.actual[test]) ** 2).mean(0) / np.nanvar(of_file, 0))
    assert persistence(third) == pytest.approx(((windows.last[test] - windows.actual[test]) ** 2).mean(0) / np.nanvar(of_file, 0))
    assert error(third, test, answers(third, test)) == pytest.approx(0, abs=1e-12)


@pytest.mark.long
def test_ridge_is_better_than_repeating_the_last_value(third: Dataset) -> None:
    found, alpha = ridge(third)

    assert found.mean() < 0.85 * persistence(third).mean() and alpha >= 10


def test_a_person_is_in_one_part_only(person: Dataset) -> None:
    groups = np.array([one.group for one in person.series])[person.windows.series]

    assert set(groups[person.windows.of_part("test")]) == {"2"}
    assert set(groups[person.windows.of_part("training")]) == {"1", "3", "4", "5", "6"}
    assert 0.5 < logistic(person) < 0.8  # sample_data/README.md has 0.635


def test_a_row_compares_with_the_simple_way_and_the_last_one_is_the_mean() -> None:
    rows = [("2+5", 100, 0.9, 1.0, 2.0, 0.8), ("10", 300, 0.6, 0.5, 1.0, 0.6)]
    runs = pd.DataFrame([("nyc_weather", samples.SHIPPED, *row, 1) for row in rows[::-1]], columns=samples.COLUMNS)

    table = samples.tables(runs).split("\n\n")[0].splitlines()

    assert table[2] == "| 2+5 | as shipped | 100 | 0.90000 | 1.00000 | -10.0% | 2.00000 | 0.80000 |"
    assert table[3] == "| 10 | as shipped | 300 | 0.60000 | 0.50000 | +20.0% | 1.00000 | 0.60000 |"
    assert table[4] == "| mean of 2 | as shipped | 400 | 0.75000 | 0.75000 | +0.0% | 1.50000 | 0.70000 |"


def test_the_readme_has_the_tables_of_the_stored_runs() -> None:
    for table in samples.tables(pd.read_csv(samples.RUNS, dtype={"fold": str})).split("\n\n"):
        assert table in README.read_text(encoding="utf-8")


def test_of_a_file_that_a_checkpoint_was_not_trained_on_all_windows_are_scored() -> None:
    """The split of what planted_shape was trained on was once applied to the file that ships: 32 windows instead of 640."""
    _, dataset, part = shipped_samples.open_sample("planted_shape")

    assert (part, len(dataset.windows.of_part(part))) == ("new", 640)


@pytest.mark.long
def test_a_shipped_checkpoint_stands_beside_each_simple_model_on_its_test_windows() -> None:
    rows = shipped_samples.rows_of("japanese_vowels")

    assert [row["simple model"] for row in rows] == ["the commonest class", "logistic regression", "MiniRocket"]
    assert [row["its score"] for row in rows] == ["0.111", "0.926", "1.000"]  # 3, 25 and 27 of 27 series
    assert {(row["part"], row["windows"], row["the model's"]) for row in rows} == {("test", "27", "1.000")}
    assert rows[0]["the model against it"].startswith("+88.9 (")


@pytest.mark.long
def test_what_planted_shape_was_trained_on_is_made_again_byte_for_byte() -> None:
    made = shipped_samples.TRAINED_ELSEWHERE["planted_shape"]().to_csv(index=False).encode()
    shipped = load_checkpoint(SAMPLES["planted_shape"].checkpoint)

    assert isinstance(shipped, Checkpoint) and shipped.fingerprint == fingerprint(made)
