import numpy as np
import pytest

from complex_lstm.config import Roles, Scaling, Schema, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_for, prepare_training
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import BASELINES, make_request
from tests.data.tables import table_of


@pytest.fixture(scope="module")
def scaled() -> Dataset:
    """Two windows of three steps: p is 1, 3, -1, 2 and q is 0, 1, -1, 0 in standard deviations."""
    scaling = Scaling((10.0, 2.0), (5.0, 4.0), (10.0, 2.0), (5.0, 4.0))
    table = table_of("p,q", "15,2", "25,6", "5,-2", "20,2")
    return prepare_for(table, Schema(Roles(("p", "q"), ("p", "q"), "values")), WindowConfig(length=3), scaling)


@pytest.fixture(scope="module")
def growing() -> Dataset:
    """Twelve series of two classes, each one window: series n has 3 + n steps and counts them."""
    rows = [f"s{n},{step},{step},{'a' if n % 2 else 'b'}" for n in range(12) for step in range(3 + n)]
    roles = Roles(("x",), ("kind",), "classes", series="id", time="t")
    return prepare_training(table_of("id,t,x,kind", *rows), roles, WindowConfig(whole_series=True), SplitConfig("series"))


@pytest.fixture(scope="module")
def long() -> Dataset:
    rows = [f"{step},{10 + step % 3},{step % 5}" for step in range(60)]
    return prepare_training(
        table_of("t,p,q", *rows), Roles(("p", "q"), ("p", "q"), "values", time="t"), WindowConfig(length=4), SplitConfig("time")
    )


BY_HAND = {
    "training_mean": ([[0, 0], [0, 0], [0, 0]], "the training mean of each feature"),
    "window_mean": ([[1, 0], [1, 0], [1, 0]], "each feature's mean over this window"),  # (1 + 3 - 1) / 3
    "zero": ([[-2, -0.5], [-2, -0.5], [-2, -0.5]], "0 in the file's units"),  # (0 - 10) / 5 and (0 - 2) / 4
    "interpolated": ([[1, 0], [0, -0.5], [-1, -1]], "a straight line across the removed cells"),  # from the first to the last
    "chosen_window": ([[3, 1], [-1, -1], [2, 0]], "window 1"),
}


@pytest.mark.parametrize("baseline", BY_HAND)
def test_a_baseline_by_hand(scaled: Dataset, baseline: str) -> None:
    request = make_request(scaled, 0, 0, baseline, reference=1)

    assert request.x.tolist() == [[1, 0], [3, 1], [-1, -1]]
    assert request.baselines.tolist() == [BY_HAND[baseline][0]] and request.baseline_name == BY_HAND[baseline][1]
    assert request.interpolated == (baseline == "interpolated")


def test_drawn_baselines_are_several_windows(scaled: Dataset) -> None:
    request = make_request(scaled, 0, 0, "training_draws")

    windows = [[[1, 0], [3, 1], [-1, -1]], [[3, 1], [-1, -1], [2, 0]]]
    assert sorted(request.baselines.tolist()) == windows  # all there are; no window of a new file is of the training part


def test_drawn_baselines_are_eight_windows_of_the_training_part_and_always_the_same(long: Dataset) -> None:
    training = {window.tobytes() for window in long.windows.inputs(long.windows.of_part("training"))}

    first, second = (make_request(long, window, 0, "training_draws") for window in (0, 30))

    assert len(first.baselines) == 8 and first.baseline_name == "8 training windows, averaged over"
    assert {window.tobytes() for window in first.baselines} <= training
    assert np.array_equal(first.baselines, second.baselines)


def test_every_baseline_is_named_and_made(long: Dataset) -> None:
    questions = [make_request(long, 0, 0, baseline) for baseline in BASELINES]

    assert [request.baselines.shape[1:] for request in questions] == [(4, 2)] * 6
    assert len({request.baseline_name for request in questions}) == 6


def test_a_shorter_window_is_prolonged_by_the_training_mean_and_a_longer_one_is_cut(growing: Dataset) -> None:
    short, tall = growing.windows.inputs(np.array([1]))[0], growing.windows.inputs(np.array([7]))[0]

    prolonged = make_request(growing, 7, 0, "chosen_window", reference=1).baselines[0]
    cut = make_request(growing, 1, 0, "chosen_window", reference=7).baselines[0]

    assert len(short) == 4 and len(tall) == 10
    assert prolonged.tolist() == [*short.tolist(), *[[0]] * 6]
    assert cut.tolist() == tall[:4].tolist()


@pytest.mark.parametrize("window", [0, 11])
def test_draws_have_the_length_of_the_window(growing: Dataset, window: int) -> None:
    request = make_request(growing, window, 0, "training_draws")

    assert request.x.shape == request.draws.shape[1:] == request.baselines.shape[1:] == (3 + window, 1)


def test_draws_are_windows_of_the_training_part(long: Dataset) -> None:
    training = {window.tobytes() for window in long.windows.inputs(long.windows.of_part("training"))}

    draws = make_request(long, len(long.windows) - 1, 0).draws

    assert len(draws) == 32 and {window.tobytes() for window in draws} <= training


def test_a_value_is_explained_in_its_unit_and_a_class_in_logits_or_probability(long: Dataset, growing: Dataset) -> None:
    value, logit = make_request(long, 0, 1), make_request(growing, 0, 1)
    probability = make_request(growing, 0, 1, as_probability=True)

    assert value.unit == long.scaling.target_std[1] and not value.as_probability
    assert logit.unit == probability.unit == 1
    assert probability.as_probability and not logit.as_probability


def test_an_output_that_there_is_not_is_told(long: Dataset) -> None:
    with pytest.raises(ExplanationError, match="There is no output 2; the model has p, q."):
        make_request(long, 0, 2)


@pytest.mark.parametrize("number", [-1, 2, 99])
def test_a_window_that_there_is_not_is_told(scaled: Dataset, number: int) -> None:
    words = f"There is no window {number}; the data set has windows 0 to 1."

    with pytest.raises(ExplanationError, match=words):
        make_request(scaled, number, 0)
    with pytest.raises(ExplanationError, match=words):
        make_request(scaled, 0, 0, "chosen_window", reference=number)


def test_a_value_has_no_probability(long: Dataset) -> None:
    with pytest.raises(ExplanationError, match="Only a class has a probability. Explain the value itself."):
        make_request(long, 0, 0, as_probability=True)


def test_windows_that_were_not_trained_on_are_not_called_training_windows() -> None:
    scaling = Scaling((10.0, 2.0), (5.0, 4.0), (10.0, 2.0), (5.0, 4.0))
    new = prepare_for(
        table_of("p,q", "15,2", "25,6", "0,0"), Schema(Roles(("p", "q"), ("p", "q"), "values")), WindowConfig(length=2), scaling
    )

    request = make_request(new, 0, 0, "training_draws")

    assert request.baseline_name == "2 windows of this file, averaged over" and request.draws_name == "windows of this file"
