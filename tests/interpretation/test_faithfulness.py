"""Curves of linear models, whose output is the sum of the cells that are there."""

import numpy as np
import pytest

from complex_lstm.interpretation import ablate_features
from complex_lstm.interpretation.faithfulness import BINS, RANKINGS, SHARES, Curves, faithfulness, random_faithfulness
from tests.interpretation.answers import answer, forward_func_of_cells
from tests.interpretation.toys import Squares, forward_func_of

WORTH = np.arange(20, 0, -1.0)  # 20 + 19 + ... + 1 = 210
CELLS = WORTH.reshape(10, 2)
GONE = np.round(SHARES * 20)  # 0 0 1 2 ... 20: a twentieth is one cell


def perfect() -> Curves:
    return faithfulness(forward_func_of_cells(*WORTH), answer(CELLS).attribution)


def test_shares_go_from_none_to_all_and_hold_every_bin() -> None:
    assert SHARES[0] == 0 and SHARES[-1] == pytest.approx(1) and (np.diff(SHARES) > 0).all()
    assert np.isclose(SHARES[:, None], BINS).sum(axis=0).tolist() == [1] * 5


def test_without_its_largest_cells_a_linear_model_gives_the_sum_of_the_others() -> None:
    curves = perfect()

    left = (20 - GONE) * (21 - GONE) / 2
    assert curves.deletion == pytest.approx(left[None]) and curves.insertion == pytest.approx(210 - left[None])
    assert (curves.intact, curves.empty) == (210, 0)


def test_comprehensiveness_and_sufficiency_are_means_over_five_shares() -> None:
    curves = perfect()

    lost = [0, 20, 20 + 19, 20 + 19 + 18 + 17, 210 - 55]  # with 0, 1, 2, 4, and 10 of 20 cells gone
    assert curves.comprehensiveness == pytest.approx([sum(lost) / 5])
    assert curves.sufficiency == pytest.approx([sum(210 - one for one in lost) / 5])


def test_the_right_order_is_better_than_every_random_one_and_the_reversed_one_worse() -> None:
    forward_func = forward_func_of_cells(*WORTH)

    right, wrong, chance = perfect(), faithfulness(forward_func, answer(-CELLS).attribution), random_faithfulness(forward_func)

    assert len(chance.deletion) == RANKINGS
    for worse, better in ((wrong, chance), (chance, right)):
        assert (worse.comprehensiveness < better.comprehensiveness).all() and (worse.sufficiency > better.sufficiency).all()


def test_below_the_baseline_the_cells_that_lower_the_output_come_first() -> None:
    above = perfect()

    below = faithfulness(forward_func_of_cells(*-WORTH), answer(-CELLS).attribution)

    assert (above.towards, below.towards) == (1, -1) and below.intact == -210
    for measure in ("comprehensiveness", "sufficiency"):
        assert getattr(below, measure) == pytest.approx(getattr(above, measure))


def test_with_a_sign_the_harmful_cells_go_last_and_without_one_the_large_cells_first() -> None:
    worth = [9, -5, *[0] * 18]
    cells = np.reshape(worth, (10, 2))

    signed = faithfulness(forward_func_of_cells(*worth), answer(cells, "ablation").attribution).deletion[0]
    unsigned = faithfulness(forward_func_of_cells(*worth), answer(cells, "saliency").attribution).deletion[0]

    assert signed.tolist() == [4, 4, *[4 - 9] * 19, 0]
    assert unsigned.tolist() == [4, 4, 4 - 9, *[0] * 19]


def test_a_map_that_is_the_same_everywhere_is_chance_and_not_the_order_of_time() -> None:
    """Equal cells went in the order of time: a model of the first steps alone made a blank map look perfect."""
    forward_func = forward_func_of_cells(*[1] * 10, *[0] * 10)

    blank, chance = faithfulness(forward_func, answer(np.ones((10, 2))).attribution), random_faithfulness(forward_func)

    assert chance.comprehensiveness.min() <= blank.comprehensiveness[0] <= chance.comprehensiveness.max()


def test_random_rankings_are_the_same_each_time_and_differ_among_themselves() -> None:
    first, second = (random_faithfulness(forward_func_of_cells(*WORTH)) for _ in range(2))

    assert np.array_equal(first.deletion, second.deletion) and np.array_equal(first.insertion, second.insertion)
    assert len(np.unique(first.deletion, axis=0)) == RANKINGS
    assert first.deletion + first.insertion == pytest.approx(np.full((RANKINGS, len(SHARES)), 210))  # what is gone here is there


def test_a_ranking_costs_two_windows_a_share_and_the_gap() -> None:
    forward_func = forward_func_of_cells(*WORTH)

    faithfulness(forward_func, answer(CELLS).attribution)

    assert forward_func.evaluations == 2 * len(SHARES) + 2


def test_several_baselines_are_averaged_over() -> None:
    forward_func = forward_func_of(Squares(), [[4.0, 0.0]], baselines=[[[0.0, 0.0]], [[2.0, 0.0]]])

    curves = faithfulness(forward_func, answer([ablate_features(forward_func)]).attribution)

    assert (curves.intact, curves.empty) == (8, (0 + 2) / 2)
    assert curves.deletion[0].tolist() == [8.0 if share <= 0.25 else 1.0 for share in SHARES]  # of two cells a quarter rounds to none
