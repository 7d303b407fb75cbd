"""Shapley values by their definition: the mean gain over all orders in which the features can join."""

from itertools import permutations

import numpy as np
import pytest
import torch

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training
from complex_lstm.interpretation import BASELINES, ForwardFunction, make_request
from complex_lstm.interpretation import shapley as module
from complex_lstm.interpretation.shapley import drawn_values, exact_values, shapley
from tests.data.tables import table_of
from tests.interpretation.toys import CPU, Largest, Linear, Product, Triples, forward_func_of, request_of
from tests.model.lively import random_windows, small_model

WEIGHT = [[1.0, 2.0], [3.0, -4.0], [0.0, 5.0]]
X = [[1.0, 1.0], [2.0, 1.0], [3.0, -1.0]]
ROUNDING = 5e-6  # of outputs in single precision, in batches of other sizes


def model_asked(kind: str = "one") -> ForwardFunction:
    about = {"many": {"baselines": random_windows(3, 6, 4, seed=5).tolist()}, "interpolated": {"interpolated": True}}.get(kind, {})
    return ForwardFunction(small_model(), request_of(random_windows(6, 4).tolist(), **about), CPU)


def by_definition(forward_func: ForwardFunction) -> np.ndarray:
    time, features = forward_func.request.x.shape
    orders, values = list(permutations(range(features))), np.zeros(features)
    for order in orders:
        removed = torch.ones(features + 1, time, features, dtype=torch.bool)
        for place, feature in enumerate(order):
            removed[place + 1 :, :, feature] = False
        values[list(order)] += np.diff(forward_func.without(removed))
    return values / len(orders)


def test_of_a_linear_model_they_are_weight_times_distance() -> None:
    found = shapley(forward_func_of(Linear(WEIGHT), X, baseline=1.0))

    assert found.features == pytest.approx([3, -10])  # 3 * (2 - 1) and 5 * (-1 - 1)
    assert found.cells == pytest.approx(np.array([[0, 0], [3, 0], [0, -10]]), abs=1e-6)
    assert found.gap == pytest.approx(-7)


def test_the_factors_of_a_product_share_it_evenly() -> None:
    found = shapley(forward_func_of(Product((0, 0), (1, 1)), [[3.0, 9.0], [9.0, 4.0]]))

    assert found.features == pytest.approx([6, 6]) and found.gap == 12
    assert found.cells == pytest.approx(np.array([[6, 0], [0, 6]]), abs=1e-6)


def test_two_cells_of_one_feature_share_its_product_evenly() -> None:
    found = shapley(forward_func_of(Product((0, 0), (1, 0)), [[3.0, 9.0], [4.0, 9.0]]))

    assert found.features == pytest.approx([12, 0])
    assert found.cells == pytest.approx(np.array([[6, 0], [6, 0]]), abs=1e-6)  # each order is also taken backwards


def test_of_the_largest_each_has_what_it_adds_first_and_last() -> None:
    found = shapley(forward_func_of(Largest(), [[5.0, 3.0]]))

    assert found.features == pytest.approx([(5 + 2) / 2, (3 + 0) / 2])


def test_a_long_feature_is_taken_in_ten_stretches() -> None:
    weight = np.arange(20.0)[:, None]  # two steps a stretch share the sum of their weights

    found = shapley(forward_func_of(Linear(weight.tolist()), np.ones((20, 1)).tolist()))

    assert found.cells[:4, 0] == pytest.approx([1 / 2, 1 / 2, 5 / 2, 5 / 2], abs=1e-5)
    assert found.effort == "2 coalitions of features, all of them; cells: 8 orders of stretches"


@pytest.mark.parametrize("kind", ["one", "many", "interpolated"])
def test_they_are_the_mean_over_all_orders(kind: str) -> None:
    forward_func = model_asked(kind)

    found = shapley(forward_func)

    assert found.features == pytest.approx(by_definition(forward_func), abs=ROUNDING)
    assert found.features.sum() == pytest.approx(found.gap) and found.gap == pytest.approx(forward_func.gap(), abs=ROUNDING)
    assert found.cells.sum(axis=0) == pytest.approx(found.features, abs=1e-9)


def test_a_feature_that_nothing_reads_is_worth_nothing() -> None:
    forward_func = model_asked()
    with torch.no_grad():
        forward_func.model.input_proj[0].weight[:, 2] = 0

    found = shapley(forward_func)

    assert found.features[2] == pytest.approx(0, abs=1e-7) and (np.abs(found.features[[0, 1, 3]]) > 1e-3).all()


def test_features_that_the_model_treats_alike_are_worth_the_same() -> None:
    model, x = small_model(), random_windows(6, 4)
    x[:, 3] = x[:, 1]
    with torch.no_grad():
        model.input_proj[0].weight[:, 3] = model.input_proj[0].weight[:, 1]

    found = shapley(forward_func_of(model, x.tolist()))

    assert found.features[3] == pytest.approx(found.features[1], abs=1e-6) != 0


def test_where_as_many_would_be_drawn_as_there_are_all_coalitions_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = shapley(model_asked())

    monkeypatch.setattr(module, "MOST_EXACT", 3)

    assert shapley(model_asked()).effort == exact.effort and exact.effort.startswith("16 coalitions of features, all of them")


def triples(features: int) -> tuple[ForwardFunction, np.ndarray]:
    """Forty products of three features, all 1 and at the baseline 0, and the values: each of three has a third of a product."""
    random, by_hand = np.random.default_rng(3), np.zeros(features)
    weighted = []
    for weight in random.normal(1, 2, 40).tolist():
        three = random.choice(features, 3, replace=False)
        by_hand[three] += weight / 3
        weighted.append((weight, tuple(three.tolist())))
    return forward_func_of(Triples(*weighted), np.ones((1, features)).tolist()), by_hand


def test_all_coalitions_of_fourteen_features_give_each_a_third_of_its_products() -> None:
    forward_func, by_hand = triples(14)

    found = exact_values(forward_func)

    assert found.features == pytest.approx(by_hand, abs=1e-4) and found.error == 0


def test_more_coalitions_are_drawn_until_the_error_is_small_and_that_is_the_true_one(monkeypatch: pytest.MonkeyPatch) -> None:
    forward_func, by_hand = triples(20)
    size, found = np.abs(by_hand).mean(), []

    for wanted in (1.0, 0.05):
        monkeypatch.setattr(module, "SMALL", wanted)
        found.append(drawn_values(forward_func))

    assert [one.error <= wanted for one, wanted in zip(found, (1.0, 0.05), strict=True)] == [True] * 2
    missed = [np.abs(one.features - by_hand).mean() / size for one in found]
    for one, miss in zip(found, missed, strict=True):
        assert miss < 1.5 * one.error and one.features.sum() == pytest.approx(one.gap, abs=1e-6)
    assert found[0].coalitions.startswith("1,024 coalitions of features, drawn in pairs, standard error ")
    assert missed[0] > missed[-1] > 0


def test_the_drawing_ends_at_its_cap_and_says_what_error_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 0.0)
    monkeypatch.setattr(module, "MOST_STEPS", 2048)

    found = drawn_values(triples(20)[0])

    assert found.coalitions == f"2,048 coalitions of features, drawn in pairs, standard error {found.error:.1%} of the values' mean size"


def test_what_two_features_do_together_is_shared_without_error() -> None:
    """Each coalition comes with its complement, and their difference has no products of two."""
    x = np.zeros((1, 13))
    x[0, [4, 9]] = 3, 4

    found = drawn_values(forward_func_of(Product((0, 4), (0, 9)), x.tolist()))

    assert found.features == pytest.approx(6 * (x[0] > 0), abs=1e-5) and found.error < 1e-5


def test_values_of_nothing_have_no_error() -> None:
    found = drawn_values(forward_func_of(Linear(np.zeros((1, 13)).tolist()), np.ones((1, 13)).tolist()))

    assert found.error == 0 and not found.features.any() and found.gap == 0


@pytest.fixture(scope="module")
def wide() -> Dataset:
    """Windows of three steps with thirteen features, one more than are counted out."""
    names = [f"f{number}" for number in range(13)]
    rows = [",".join(f"{value:.3f}" for value in row) for row in np.random.default_rng(1).normal(5, 2, (40, 13))]
    return prepare_training(
        table_of(",".join(names), *rows), Roles(tuple(names), ("f0",), "values"), WindowConfig(length=3), SplitConfig("time")
    )


@pytest.mark.parametrize("baseline", BASELINES)
def test_with_more_than_twelve_features_a_linear_model_is_still_explained_exactly(wide: Dataset, baseline: str) -> None:
    request = make_request(wide, 4, 0, baseline, reference=9)
    weight = random_windows(3, 13)

    found = shapley(ForwardFunction(Linear(weight.tolist()), request, CPU))

    expected = (weight.numpy() * (request.x - request.baselines.mean(axis=0))).sum(axis=0) * request.unit
    assert found.features == pytest.approx(expected, abs=1e-3)
    assert found.effort.startswith("1,024 coalitions of features, drawn in pairs, standard error 0.0% of")
    assert found.cells.sum(axis=0) == pytest.approx(found.features, abs=1e-9)
