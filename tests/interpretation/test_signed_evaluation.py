"""CPD and CPP on linear models, where a cell's removal changes the output by its worth."""

import numpy as np
import pytest

from complex_lstm.interpretation import Attribution, ForwardFunction
from complex_lstm.interpretation.faithfulness import faithfulness
from complex_lstm.interpretation.signed_evaluation import cumulative, random_cumulative
from tests.interpretation.answers import forward_func_of_cells
from tests.interpretation.toys import Linear, Product, forward_func_of
from tests.model.lively import random_windows, small_model

WORTH = [8.0, -7.0, *[0.5] * 18]  # twenty cells, of which a tenth, two, are removed


def of_map(worth: list[float], forward_func: ForwardFunction) -> Attribution:
    cells = np.array(worth, dtype=float).reshape(-1, 2)
    return Attribution(cells, cells.sum(axis=0), "by hand")


def test_opposing_cells_do_not_cancel() -> None:
    """The two largest raise and lower the output: it moves by 8 and back by 7, 15 in all, where removing both at once moves it by 1."""
    forward_func = forward_func_of_cells(*WORTH)

    found = cumulative(forward_func, of_map(WORTH, forward_func))

    assert found.cells == 2
    assert found.difference == pytest.approx([15]) and found.preservation == pytest.approx([1])  # two of the small ones


def test_the_sign_that_a_map_gives_does_not_count_but_the_size_does() -> None:
    forward_func = forward_func_of_cells(*WORTH)

    turned = cumulative(forward_func, of_map([-one for one in WORTH], forward_func))
    one_sided = cumulative(forward_func, of_map([8.0, 0.1, *WORTH[2:]], forward_func))  # it has missed what lowers the output

    assert turned.difference == pytest.approx([15])
    assert one_sided.difference == pytest.approx([8.5]) and one_sided.preservation == pytest.approx([7.5])


def test_removed_cells_stay_removed() -> None:
    """Of a product of 3 and 4 the first removal takes all 12, and the second nothing more."""
    x = np.ones((10, 2))
    x[0] = 3, 4
    forward_func = forward_func_of(Product(), x.tolist())
    sizes = np.zeros(20)
    sizes[:2] = 2, 1

    found = cumulative(forward_func, of_map(sizes.tolist(), forward_func))

    assert found.difference == pytest.approx([12]) and found.preservation == pytest.approx([0])


def test_the_output_without_cells_is_the_mean_over_the_baselines() -> None:
    x, zeros, twos = np.ones((10, 2)), np.zeros((10, 2)), np.full((10, 2), 2.0)
    forward_func = forward_func_of(Linear(np.ones((10, 2)).tolist()), x.tolist(), baselines=[zeros.tolist(), (2 * twos).tolist()])

    found = cumulative(forward_func, of_map(list(range(20)), forward_func))

    assert found.difference == pytest.approx([2])  # each cell goes from 1 to the mean of 0 and 4


def test_of_many_cells_fifty_are_removed() -> None:
    forward_func = forward_func_of(Linear(np.ones((300, 2)).tolist()), np.ones((300, 2)).tolist())

    assert cumulative(forward_func, of_map(list(range(600)), forward_func)).cells == 50


def test_chance_is_twenty_random_rankings_and_a_right_map_is_better() -> None:
    worth = [6.0, -6.0, *[0.01] * 38]
    forward_func = forward_func_of_cells(*worth)

    chance, found = random_cumulative(forward_func), cumulative(forward_func, of_map(worth, forward_func))

    assert chance.difference.shape == chance.preservation.shape == (20,) and np.ptp(chance.difference) > 0
    assert found.difference[0] > chance.difference.mean() and found.preservation[0] < chance.preservation.mean()


def test_it_is_never_less_than_what_removing_the_same_cells_at_once_moves_the_output_by() -> None:
    x = random_windows(10, 4, seed=3).tolist()
    forward_func = forward_func_of(small_model(), x)
    cells = np.abs(np.random.default_rng(0).normal(size=(10, 4)))
    towards = 1.0 if forward_func.gap() >= 0 else -1.0  # so that deletion removes the same cells first
    ranked = Attribution(towards * cells, towards * cells.sum(axis=0), "")

    found, curves = cumulative(forward_func, ranked), faithfulness(forward_func, ranked)

    assert found.difference[0] >= abs(curves.intact - curves.deletion[0, 3]) - 1e-6  # a tenth of the cells at once
