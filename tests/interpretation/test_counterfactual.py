"""Counterfactuals: the smallest change of toys by hand, and on real models a prediction that does turn."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from complex_lstm.errors import ExplanationError, Stopped, never_stop
from complex_lstm.interpretation.counterfactual import (
    SEARCH_METHODS,
    ClassGoal,
    Counterfactual,
    Goal,
    NotFound,
    Search,
    SearchMethodName,
    ValueGoal,
    find_counterfactual,
    quality,
    to_class,
    to_value,
)
from complex_lstm.interpretation.counterfactual.wachter import STEPS
from complex_lstm.interpretation.ground_truth import true_cells
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood, neighbourhood
from complex_lstm.interpretation.what_if import apply, predicted_after
from complex_lstm.samples import SAMPLES
from tests.browser.truth import truth_of
from tests.interpretation.toys import Linear
from tests.model.lively import random_windows, remembered, small_model

FEW = 8  # steps of the gradient search, where its start is good enough
NOBODY = Neighbourhood(np.zeros(0, dtype=int), np.zeros((0, 2, 2), dtype=np.float32), np.zeros(0), "toys")
WEIGHT = [[1.0, 0.5], [2.0, 4.0]]
BELOW = np.array([[0, 0], [0.5, -0.5]], dtype=np.float32)  # the weighted sum is 1 - 2 = -1


def everything(x: np.ndarray) -> np.ndarray:
    return np.ones(x.shape, dtype=bool)


def find(
    way: SearchMethodName,
    model: nn.Module,
    search: Search,
    hood: Neighbourhood = NOBODY,
    *,
    steps: int = STEPS,
    stop: Callable[[], bool] = never_stop,
) -> Counterfactual | NotFound:
    return find_counterfactual(model, search, way, hood, steps=steps, stop=stop)


def test_the_gradient_search_changes_the_heaviest_cell_as_far_as_needed() -> None:
    """A rise by 2, and half a percent for safety, costs 2.01 / 4 of the cell with weight 4 and more of any other."""
    found = find("wachter", Linear(WEIGHT), Search(BELOW, ValueGoal(0, 2.0, -1.0, 1.0, (0.0, 0.0)), everything(BELOW)))

    assert isinstance(found, Counterfactual)
    assert np.argwhere(found.changed).tolist() == [[1, 1]]
    assert found.size == pytest.approx(2.01 / 4, rel=0.005)


def test_a_class_turns_where_the_other_output_leads() -> None:
    """The outputs are s and 10 s: the second leads when s, which is -1, rises above zero. The lead is 0.05 = 9 s."""
    found = find("wachter", Linear(WEIGHT), Search(BELOW, ClassGoal(1), everything(BELOW)))

    assert isinstance(found, Counterfactual) and found.size == pytest.approx((1 + 0.05 / 9) / 4, rel=0.005)


def test_a_fall_is_a_move_too() -> None:
    found = find("wachter", Linear(WEIGHT), Search(BELOW, ValueGoal(0, -2.0, -1.0, 1.0, (0.0, 0.0)), everything(BELOW)))

    assert isinstance(found, Counterfactual) and (found.x - found.before)[1, 1] == pytest.approx(-2.01 / 4, rel=0.005)


def test_cells_that_may_not_change_stay() -> None:
    allowed = everything(BELOW)
    allowed[1, 1] = False

    found = find("wachter", Linear(WEIGHT), Search(BELOW, ValueGoal(0, 2.0, -1.0, 1.0, (0.0, 0.0)), allowed))

    assert isinstance(found, Counterfactual)
    assert np.argwhere(found.changed).tolist() == [[1, 0]] and found.size == pytest.approx(2.01 / 2, rel=0.005)


def guides(*fills: float) -> Neighbourhood:
    """Windows of four steps and two features, each full of one number, called 10, 11, ..."""
    windows = np.stack([np.full((4, 2), fill, dtype=np.float32) for fill in fills])
    return Neighbourhood(10 + np.arange(len(fills)), windows, np.array([1.0]), "toys")


def test_native_guide_takes_the_shortest_segment_of_the_nearest_guide_and_no_feature_too_many() -> None:
    """Only one cell counts. Window 10 is nearest and of the wrong class, 11 is the nearest of the right one."""
    weight, x = np.zeros((4, 2)), np.zeros((4, 2), dtype=np.float32)
    weight[2, 1], x[2, 1] = 1, -1

    found = find("native_guide", Linear(weight.astype(np.float32).tolist()), Search(x, ClassGoal(1), everything(x)), guides(-0.1, 1.0, 5.0))

    assert isinstance(found, Counterfactual) and found.origin == "Native Guide, from window 11"
    assert np.argwhere(found.changed).tolist() == [[2, 1]] and found.x[2, 1] == 1
    assert found.size == 2 and found.longest == 1


def test_a_segment_grows_until_it_suffices() -> None:
    """Each step is worth 1 and starts at -1: three of four steps from the guide make the sum positive, two make it zero."""
    x = np.array([[-1, 0]] * 4, dtype=np.float32)

    found = find("native_guide", Linear([[1.0, 0.0]] * 4), Search(x, ClassGoal(1), everything(x)), guides(1.0))

    assert isinstance(found, Counterfactual) and found.longest == 3 and found.changed.sum() == 3


def test_the_gradient_search_finds_no_larger_change_than_native_guide() -> None:
    """A step function has no slope to follow: what is left is the guide."""

    class Steps(nn.Module):
        def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
            up = (x.sum((1, 2)) > 4.5).float() + 0 * x.sum((1, 2))
            return torch.stack([0.5 - up, up - 0.5], dim=1)

    x = np.zeros((4, 2), dtype=np.float32)
    search, hood = Search(x, ClassGoal(1), everything(x)), guides(1.0)

    guided, descended = (find(way, Steps(), search, hood) for way in ("native_guide", "wachter"))

    assert isinstance(guided, Counterfactual) and isinstance(descended, Counterfactual)
    assert guided.size == 6 and 4.5 < descended.size <= 6


def test_comte_takes_the_fewest_whole_features_of_a_guide() -> None:
    """The weighted sum is -3. Of a guide of ones a column is worth 2 and another 4: the second alone makes the sum positive."""
    x = np.full((2, 3), -1, dtype=np.float32)
    x[:, 2] = 0
    model = Linear([[0.5, 1.0, 0.0], [0.5, 1.0, 0.0]])
    hood = Neighbourhood(np.array([7]), np.ones((1, 2, 3), dtype=np.float32), np.array([1.0]), "toys")

    found = find("comte", model, Search(x, ClassGoal(1), everything(x)), hood)

    assert isinstance(found, Counterfactual) and found.origin == "CoMTE, from window 7"
    assert found.changed.tolist() == [[False, True, False]] * 2 and (found.x[:, 1] == 1).all()


def test_comte_takes_another_feature_where_one_is_not_enough_and_gives_back_none_that_is_needed() -> None:
    x = np.full((2, 2), -1, dtype=np.float32)

    found = find("comte", Linear([[1.0, 1.0], [1.0, 1.0]]), Search(x, ClassGoal(1), everything(x)), two_by_two(0.5))

    assert isinstance(found, Counterfactual) and found.changed.all()  # -2 + 1 with one of them, 2 with both


def two_by_two(fill: float) -> Neighbourhood:
    return Neighbourhood(np.array([3]), np.full((1, 2, 2), fill, dtype=np.float32), np.array([1.0]), "toys")


def test_learned_cells_are_those_of_the_guide_that_the_goal_needs() -> None:
    """Of forty cells two count, and both have to change: the sum is then 2, and 0 with one of them."""
    weight, x = np.zeros((10, 4), dtype=np.float32), np.zeros((10, 4), dtype=np.float32)
    weight[4:6, 1], x[4:6, 1] = 1, -1
    hood = Neighbourhood(np.array([5]), np.ones((1, 10, 4), dtype=np.float32), np.array([1.0]), "toys")

    found = find("cels", Linear(weight.tolist()), Search(x, ClassGoal(1), everything(x)), hood)

    assert isinstance(found, Counterfactual) and found.origin == "Learned cells, from window 5"
    assert np.argwhere(found.changed).tolist() == [[4, 1], [5, 1]] and (found.x[4:6, 1] == 1).all()


def test_learned_cells_change_only_what_may_change() -> None:
    x = np.full((4, 2), -1, dtype=np.float32)
    allowed = everything(x)
    allowed[:, 0] = False

    found = find("cels", Linear([[0.1, 1.0]] * 4), Search(x, ClassGoal(1), allowed), guides(3.0))

    assert isinstance(found, Counterfactual) and not found.changed[:, 0].any() and found.changed[:, 1].any()


def test_the_quality_of_a_change_by_hand() -> None:
    """One of eight cells moves from -1 to 1. Window 12, of ones, is the nearest that is predicted so: seven cells lie 1 away."""
    weight, x = np.zeros((4, 2), dtype=np.float32), np.zeros((4, 2), dtype=np.float32)
    weight[2, 1], x[2, 1] = 1, -1
    search, hood = Search(x, ClassGoal(1), everything(x)), guides(-0.1, 1.0)
    found = find("native_guide", Linear(weight.tolist()), search, hood)

    measured = quality(Linear(weight.tolist()), search, found, hood)

    assert measured.valid and measured.method == "native_guide"
    assert (measured.cells, measured.features, measured.stretch, measured.size) == (1 / 8, 1, 1, 2)
    assert measured.distance == pytest.approx(np.sqrt(7 / 8))
    nearest = np.sqrt((7 * 0.1**2 + 1.1**2) / 8)  # the window of -0.1, which is of the other class
    assert nearest < 1 and measured.unusual == 0  # the usual distance, 1, is larger


def test_of_nothing_found_the_quality_says_so() -> None:
    x = np.zeros((4, 2), dtype=np.float32)
    search = Search(x, ClassGoal(1), everything(x))
    nothing = find("native_guide", Linear([[1.0, 1.0]] * 4), search, guides(-1.0))

    measured = quality(Linear([[1.0, 1.0]] * 4), search, nothing, guides(-1.0))

    assert not measured.valid and measured.cells == 0 and measured.distance == np.inf and measured.evaluations > 0


@pytest.mark.parametrize("way", SEARCH_METHODS)
def test_nothing_is_said_to_be_found_where_nothing_can_be(way: SearchMethodName) -> None:
    weight, allowed = np.zeros((4, 2)), np.ones((4, 2), dtype=bool)
    weight[2, 1], allowed[2, 1] = 1, False
    x = np.full((4, 2), -1, dtype=np.float32)

    found = find(way, Linear(weight.astype(np.float32).tolist()), Search(x, ClassGoal(1), allowed), guides(1.0))

    assert isinstance(found, NotFound) and found.method == way and found.evaluations > 0


def goal_of(sample: str, window: int) -> tuple[np.ndarray, Goal]:
    """The second most likely class, or the first value risen by half a deviation of its change."""
    truth = truth_of(sample)
    x = truth.dataset.windows.inputs(np.array([window]))[0]
    outputs = truth.trace(window).prediction[0].numpy()
    if truth.dataset.schema.roles.task == "classes":
        return x, to_class(int(np.argsort(-outputs)[1]), outputs)
    return x, to_value(truth.dataset, x, outputs, 0, truth.dataset.scaling.target_std[0] / 2)


@pytest.mark.parametrize("way", SEARCH_METHODS)
@pytest.mark.parametrize("sample", ["planted_order", "nyc_weather", pytest.param("japanese_vowels", marks=pytest.mark.long)])
@pytest.mark.long
def test_what_is_found_turns_the_prediction_of_the_plain_model_also_as_an_edit(sample: str, way: SearchMethodName) -> None:
    truth = truth_of(sample)
    window = int(truth.dataset.windows.of_part("test")[0])
    x, goal = goal_of(sample, window)
    before = remembered(truth.model)
    allowed = everything(x)
    allowed[-1, 0] = sample != "nyc_weather"  # the last temperature, to which the forecast change is added

    found = find(way, truth.model, Search(x, goal, allowed), neighbourhood(truth.dataset, window), steps=FEW)

    assert isinstance(found, Counterfactual) and not (found.changed & ~allowed).any()
    edited = apply([found.as_edit(truth.dataset.scaling)], truth.dataset, window)
    assert edited.x == pytest.approx(found.x, abs=1e-5)
    with torch.no_grad():
        was, now, as_edit = (truth.model(torch.from_numpy(one)[None])[0].double().numpy() for one in (x, found.x, edited.x))
    if isinstance(goal, ClassGoal):
        assert was.argmax() != goal.target == now.argmax() == as_edit.argmax()
    else:
        start = predicted_after(was, edited.unedited, truth.dataset, window)[0]
        assert predicted_after(as_edit, edited, truth.dataset, window)[0] - start >= goal.amount
    assert remembered(truth.model) == before


def test_a_value_moves_with_the_last_value_that_its_change_is_added_to() -> None:
    truth = truth_of("nyc_weather")
    x, goal = goal_of("nyc_weather", 5)

    found = find("native_guide", truth.model, Search(x, goal, everything(x)), neighbourhood(truth.dataset, 5))

    assert isinstance(goal, ValueGoal) and goal.carry == (truth.dataset.scaling.feature_std[0], *[0.0] * (x.shape[1] - 1))
    assert isinstance(found, Counterfactual)
    edited = apply([found.as_edit(truth.dataset.scaling)], truth.dataset, 5)
    with torch.no_grad():
        was, now = (truth.model(torch.from_numpy(one)[None])[0].double().numpy() for one in (x, edited.x))
    moved = predicted_after(now, edited, truth.dataset, 5)[0] - predicted_after(was, edited.unedited, truth.dataset, 5)[0]
    assert moved >= goal.amount


@pytest.mark.long
def test_on_planted_order_most_of_the_change_is_in_the_two_features_that_decide() -> None:
    """Two of nine features decide: chance is 0.22. A class turns by moving a bump, so that new places count as well as old."""
    truth, known = truth_of("planted_order"), pd.read_csv(SAMPLES["planted_order"].cells)
    shares = []
    for window in truth.dataset.windows.of_part("test")[:4].tolist():
        x, goal = goal_of("planted_order", window)
        found = find("native_guide", truth.model, Search(x, goal, everything(x)), neighbourhood(truth.dataset, window))
        assert isinstance(found, Counterfactual)
        change = np.abs(found.x - found.before)
        shares.append(change[:, true_cells(known, truth.dataset, window).any(axis=0)].sum() / change.sum())

    assert np.mean(shares) > 0.5


@pytest.fixture
def task() -> tuple[nn.Module, Search, Neighbourhood]:
    """A lively model and the window with its lowest output, which is to rise half way to that of the highest."""
    model, windows = small_model(), random_windows(12, 6, 4, seed=3).numpy()
    with torch.no_grad():
        outputs = model(torch.from_numpy(windows))[:, 0].numpy()
    lowest = int(outputs.argmin())
    goal = ValueGoal(0, float(np.ptp(outputs)) / 2, float(outputs[lowest]), 1.0, (0.0,) * 4)
    hood = Neighbourhood(np.arange(12), windows, np.array([1.0]), "toys")
    return model, Search(windows[lowest], goal, everything(windows[lowest])), hood


@pytest.mark.long
@pytest.mark.parametrize("way", SEARCH_METHODS)
def test_the_same_search_finds_the_same(task: tuple[nn.Module, Search, Neighbourhood], way: SearchMethodName) -> None:
    model, search, hood = task
    around = torch.get_rng_state().tolist(), torch.is_grad_enabled()

    first, second = find(way, model, search, hood, steps=FEW), find(way, model, search, hood, steps=FEW)

    assert isinstance(first, Counterfactual) and isinstance(second, Counterfactual)
    assert np.array_equal(first.x, second.x) and first.evaluations == second.evaluations
    assert (torch.get_rng_state().tolist(), torch.is_grad_enabled()) == around


@pytest.mark.long
@pytest.mark.parametrize("way", SEARCH_METHODS)
def test_a_search_stops_half_way_and_leaves_the_model_as_it_was(
    task: tuple[nn.Module, Search, Neighbourhood], way: SearchMethodName
) -> None:
    model, search, hood = task
    calls: list[int] = []
    find(way, model, search, hood, steps=FEW, stop=lambda: bool(calls.append(1)))
    half, before = len(calls) // 2, remembered(model)

    calls.clear()
    with pytest.raises(Stopped):
        find(way, model, search, hood, steps=FEW, stop=lambda: bool(calls.append(1)) or len(calls) > half)

    assert len(calls) == half + 1 and remembered(model) == before


def test_what_cannot_be_asked_says_why() -> None:
    dataset, outputs = truth_of("nyc_weather").dataset, np.array([0.0, 2.0, 1.0])
    x = dataset.windows.inputs(np.array([5]))[0]
    nowhere = Search(BELOW, ClassGoal(1), ~everything(BELOW))

    for attempt, message in (
        (lambda: to_class(1, outputs), "predicted as this class already"),
        (lambda: to_class(3, outputs), "There is no class 3; the model has classes 0 to 2"),
        (lambda: to_value(dataset, x, outputs, 3, 1.0), "There is no output 3"),
        (lambda: to_value(dataset, x, outputs, 0, 0.0), "The value is to move by 0.0. Give a number above or below 0"),
        (lambda: find("wachter", Linear(WEIGHT), nowhere), "No cell may change"),
    ):
        with pytest.raises(ExplanationError, match=message):
            attempt()


def test_a_way_that_does_not_exist_is_refused_with_those_that_do(shapes_unchecked: None) -> None:
    with pytest.raises(ExplanationError, match="There is no search method 'magic'; choose one of native_guide, wachter, comte, cels"):
        find("magic", Linear(WEIGHT), Search(BELOW, ClassGoal(1), everything(BELOW)))  # type: ignore[arg-type]
