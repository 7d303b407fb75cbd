"""What the benchmarks work out of their measurements, by hand, and that the README's tables are those of the stored ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.rankings import WITH_ALL, agree, ceiling, correlation, importances, ranks, standard_error
from benchmarks.retraining import EXPLAINED, RUNS, errors, open_forecast, orders, sizes, tables
from complex_lstm.inference import predict
from complex_lstm.scores import ValueScores, score

README = Path(__file__).resolve().parent.parent / "benchmarks" / "README.md"


def test_a_feature_is_worth_the_error_that_its_lack_adds() -> None:
    runs = pd.DataFrame(
        [(0, WITH_ALL, 1.0, 3.0), (0, "a", 2.0, 4.0), (0, "b", 1.0, 4.0), (1, "a", 9.0, 9.0), (1, WITH_ALL, 1.0, 1.0)],
        columns=["seed", "without", "first", "second"],
    )

    found = importances(runs, ("a", "b"))

    assert found.tolist() == [[3 - 2, 2.5 - 2]]  # seed 1 has no run without b


def test_the_standard_error_is_that_of_the_mean_over_seeds() -> None:
    assert standard_error(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist() == pytest.approx([np.sqrt(2) / np.sqrt(2), 0])


def test_the_most_important_feature_has_rank_one() -> None:
    assert ranks(np.array([0.1, 3.0, -2.0])) == [2, 1, 3]


def test_two_rankings_that_swap_neighbours() -> None:
    first, second = np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])

    found = agree(first[None], second[None])

    assert correlation(first, second) == pytest.approx(1 - 6 * (0 + 1 + 1) / (3 * (3**2 - 1)))
    assert (found.spearman, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))  # one seed and one window: nothing to draw
    assert found.kendall == pytest.approx((2 - 1) / 3)  # two pairs of three in the same order


def test_seeds_that_contradict_each_other_widen_the_interval() -> None:
    found = agree(np.array([[1.0, 2.0, 3.0], [9.0, 5.0, 1.0]]), np.array([[1.0, 2.0, 3.0]]))

    assert (found.spearman, found.low, found.high) == pytest.approx((-1, -1, 1))  # a quarter of the draws is the first seed twice


def test_a_method_that_gives_all_features_the_same_ranks_nothing() -> None:
    same = np.full((4, 3), 1 / 3)

    found = agree(np.array([[1.0, 2.0, 3.0]]), same)

    assert np.isnan([found.spearman, found.low, found.high, found.kendall]).all() and not orders(same)


def test_how_far_seeds_agree_among_themselves() -> None:
    found = ceiling(np.array([[1.0, 2.0, 4.0], [1.0, 3.0, 2.0], [6.0, 1.0, 0.0]]))

    assert found.pairs == pytest.approx([0.5, -1, -0.5])  # ranks 132 and 123, 321 and 123, 321 and 132
    assert found.others == pytest.approx([-1, -1, -1])  # the others' means are (3.5, 2, 1), (3.5, 1.5, 2) and (1, 2.5, 3)


def test_importance_is_in_standard_deviations_of_the_target_or_in_shares() -> None:
    assert sizes(np.array([[-2.0, 4.0]]), 2.0).tolist() == [[1, 2]]
    assert sizes(np.array([[1.0, 3.0], [2.0, 2.0]]), None).tolist() == [[1 / 4, 3 / 4], [1 / 2, 1 / 2]]


def test_the_error_that_permutation_raises_is_the_score() -> None:
    forecast = open_forecast()
    said = predict(forecast.shipped.model, forecast.dataset, forecast.test)
    found = score(forecast.dataset, forecast.test, said.predicted)

    by_window = errors(forecast, forecast.dataset.windows.inputs(forecast.test))

    assert isinstance(found, ValueScores)
    assert np.nanmean(by_window) == pytest.approx((found.squared_error / found.persistence).mean(), rel=1e-5)
    assert np.isfinite(by_window).sum() == found.windows


def test_the_readme_has_the_tables_of_the_stored_runs() -> None:
    made = tables(pd.read_csv(RUNS), pd.read_csv(EXPLAINED))

    readme = README.read_text(encoding="utf-8")

    for table in made.split("\n\n"):
        assert table in readme
