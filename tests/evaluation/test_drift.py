"""How far features have moved, against SciPy's distance and by hand, and that blocks that hang together are not taken for a shift."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from complex_lstm.config import Roles, SplitConfig
from complex_lstm.data import Dataset, prepare_for, training_facts
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.drift import Drift, Shift, describe_drift, measure_drift, stability_index
from complex_lstm.evaluation.drift_and_error import error_with_shift, rank_correlation
from complex_lstm.evaluation.limits import Limits, broken_limits
from complex_lstm.evaluation.row_blocks import block_kind, exact_distance, ks_distance, row_blocks
from complex_lstm.metrics import ValueScores
from tests.evaluation.made_answers import prepared, with_errors

ROLES = Roles(("slow", "noise", "sparse"), ("noise",), "values", time="time")


def drifting(days: int = 120, *, seed: int = 0, jump: float = 0.0) -> pd.DataFrame:
    """Return hourly values: one that is about the same all day, noise that jumps in the last days, and one that is mostly empty."""
    generator = np.random.default_rng(seed)
    count = 24 * days
    level = np.repeat(generator.normal(size=days), 24)
    noise = generator.normal(size=count) + jump * (np.arange(count) >= 0.85 * count)
    sparse = np.where(generator.random(count) < 0.9, np.nan, generator.integers(0, 3, size=count))
    times = pd.date_range("2024-01-01", periods=count, freq="h")
    return pd.DataFrame({"time": times, "slow": level + 0.1 * generator.normal(size=count), "noise": noise, "sparse": sparse})


def shift_of(drift: Drift | None, name: str) -> Shift:
    assert drift is not None
    return next(one for one in drift.shifts if one.name == name)


def cells(dataset: Dataset, part: str, feature: int) -> np.ndarray:
    span = next(one for one in dataset.spans if one.part == part)
    values = dataset.series[0].values[span.start : span.stop, feature]
    return values[~np.isnan(values)]


def test_the_distance_is_that_of_scipy() -> None:
    dataset = prepared(drifting(jump=0.5), ROLES)
    drift = measure_drift(dataset, "test")

    for place, name in enumerate(ROLES.features):
        exact = stats.ks_2samp(cells(dataset, "training", place), cells(dataset, "test", place)).statistic
        assert shift_of(drift, name).distance == pytest.approx(exact, abs=1e-9 if name == "sparse" else 1 / 128)


def test_the_stability_index_is_worked_out_by_hand() -> None:
    by_hand = (0.25 - 0.5) * np.log(0.25 / 0.5) + (0.75 - 0.5) * np.log(0.75 / 0.5)

    assert stability_index(np.array([50.0, 50.0]), np.array([10.0, 30.0])) == pytest.approx(by_hand)
    assert np.isnan(stability_index(np.array([1.0, 2.0]), np.zeros(2)))
    assert ks_distance(np.array([2.0, 2.0, 0.0]), np.array([0.0, 1.0, 3.0])) == pytest.approx(0.75)


@pytest.mark.long
def test_rows_that_hang_together_are_no_independent_cases() -> None:
    found = []
    for seed in range(20):
        dataset = prepared(drifting(seed=seed), ROLES)
        slow = shift_of(measure_drift(dataset, "test"), "slow")
        naive = stats.ks_2samp(cells(dataset, "training", 0), cells(dataset, "test", 0)).pvalue
        found.append((slow.has_moved, naive < 0.05))

    assert sum(moved for moved, _ in found) <= 3 and sum(naive for _, naive in found) >= 18


def test_a_feature_that_jumps_has_moved_and_is_first() -> None:
    drift = measure_drift(prepared(drifting(jump=0.8), ROLES), "test")

    assert drift is not None and drift.shifts[0].name == "noise" and [one.name for one in drift.moved] == ["noise"]
    assert (drift.kind, drift.against, drift.blocks[1]) == ("days", "training", 18)
    words = describe_drift(drift, "the test part")
    assert words.startswith("1 of 3 features of the test part has moved farther from training than days of training usually differ")
    assert "noise (distance 0." in words and "By chance about 0.2 would." in words


def test_a_season_moves_stretches_of_training_too() -> None:
    frame = drifting()
    frame["slow"] = np.sin(np.arange(len(frame)) / (24 * 60) * 2 * np.pi)
    slow = shift_of(measure_drift(prepared(frame, ROLES), "test"), "slow")

    assert slow.by_chance < slow.distance < slow.by_time and slow.verdict == "no farther than a stretch of training"


def test_against_quantiles_the_distance_is_the_least_that_fits() -> None:
    known = prepared(drifting(jump=0.5), ROLES)
    facts = training_facts(known)
    new = prepare_for(prepared(drifting(seed=9, jump=0.5), ROLES).table, known.schema, known.window, known.scaling)
    same = prepare_for(known.table, known.schema, known.window, known.scaling)
    drift = measure_drift(new, "new", facts)

    assert drift is not None and drift.against == "the checkpoint's quantiles" and drift.judged_by == "this data"
    for place, name in enumerate(ROLES.features):
        seen = new.series[0].values[:, place]
        exact = stats.ks_2samp(cells(known, "training", place), seen[~np.isnan(seen)]).statistic
        assert 0 <= shift_of(drift, name).distance <= exact + 1e-9
    whole = training_facts(dataclasses.replace(known, spans=tuple(dataclasses.replace(one, part="training") for one in same.spans)))
    for one in measure_drift(same, "new", whole).shifts:  # type: ignore[union-attr]
        assert one.distance == pytest.approx(0, abs=1e-3) and one.stability == pytest.approx(0, abs=1e-3) and not one.has_moved


def test_without_training_or_quantiles_there_is_nothing_to_compare() -> None:
    known = prepared(drifting(), ROLES)
    new = prepare_for(known.table, known.schema, known.window, known.scaling)

    assert measure_drift(new, "new") is None and error_with_shift(with_errors(new, np.arange(5), np.ones(5)), "new") is None


def test_a_feature_without_a_value_and_few_blocks_are_said() -> None:
    frame = drifting(days=3).assign(sparse=np.nan)
    frame.loc[0, "sparse"] = 1.0
    dataset = prepared(frame, ROLES, length=20)
    drift = measure_drift(dataset, "test")

    assert drift is not None and block_kind(dataset, "training") == "stretches of 20 steps"
    assert shift_of(drift, "sparse").verdict == "no values to compare" and np.isnan(shift_of(drift, "sparse").distance)
    assert shift_of(drift, "noise").verdict == "not judged: too few blocks"
    assert "cannot be judged: training has fewer than 6 stretches of 20 steps" in describe_drift(drift, "the test part")


def test_a_feature_that_has_come_without_a_value_breaks_a_limit_of_the_shift() -> None:
    frame = drifting()
    frame.loc[len(frame) // 2 :, "sparse"] = np.nan
    drift = measure_drift(prepared(frame, ROLES), "test")
    scores = ValueScores(10, np.ones(1), np.ones(1), 2 * np.ones(1), np.ones(1), np.zeros(1, dtype=bool))

    (said,) = broken_limits(Limits(shift=1.0), scores, drift, ("a",), "10 windows")
    assert said == "How far sparse has moved from training is not known, because it has no value here or none there."


def test_groups_are_the_blocks_where_there_are_enough() -> None:
    frame = pd.concat([drifting(3, seed=number).assign(trial=f"t{number}", person=f"p{number // 2}") for number in range(30)])
    roles = dataclasses.replace(ROLES, series="trial", group="person")
    dataset = prepared(frame, roles, split=SplitConfig("group"))

    assert block_kind(dataset, "training") == "groups" and row_blocks(dataset, "training", "groups").count == 11
    few = prepared(frame[frame["person"].isin([f"p{number}" for number in range(6)])], roles, split=SplitConfig("group"))
    drift = measure_drift(few, "test")
    assert drift is not None and drift.kind == "series" and drift.groups == 4
    assert "only 4 groups, too few to judge by" in describe_drift(drift, "the test part")


def test_the_error_that_moves_with_the_shift_is_found() -> None:
    frame = drifting(jump=0.0)
    frame["noise"] = np.where(
        np.arange(len(frame)) >= 0.85 * len(frame), frame["noise"] * 0.1 + 3 * (frame.index // 24 % 3), frame["noise"]
    )
    dataset = prepared(frame, ROLES)
    windows = dataset.windows.of_part("test")
    windows = windows[~np.isnan(dataset.windows.actual[windows]).any(axis=1)]
    days = dataset.series[0].times[dataset.windows.start[windows] + 5].astype("datetime64[D]").astype(int) - 19723
    found = error_with_shift(with_errors(dataset, windows, 1.0 + days % 3), "test", ("noise", "slow"))

    assert found is not None and found.blocks == 18
    assert found.of_feature["noise"].value > 0.7 and found.of_feature["noise"].low > 0.3
    assert abs(found.of_feature["slow"].value) < found.of_feature["noise"].value


def test_a_rank_correlation_is_that_of_scipy() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 40)).round(1)
    found = rank_correlation(x, y, Blocks(np.arange(40), 40, "days"))

    assert found.value == pytest.approx(stats.spearmanr(x, y).statistic) and found.low < found.value < found.high
    assert np.isnan(rank_correlation(x, np.ones(40), Blocks(np.arange(40), 40, "days")).value)


def test_it_can_be_stopped() -> None:
    with pytest.raises(Stopped):
        measure_drift(prepared(drifting(), ROLES), "test", stop=lambda: True)


@pytest.mark.parametrize("seed", range(3))
def test_the_distance_is_scipys_to_the_last_value_also_of_many(seed: int) -> None:
    random = np.random.default_rng(seed)
    known, seen = random.normal(size=5000), random.normal(0.05, 1.02, size=3001).round(2)

    assert exact_distance(known, seen) == pytest.approx(stats.ks_2samp(known, seen).statistic, abs=1e-12)
