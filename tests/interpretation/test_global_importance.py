import itertools

import numpy as np
import pytest

from complex_lstm.config import Roles, Scaling, Schema, WindowConfig
from complex_lstm.data import Dataset, prepare_for
from complex_lstm.errors import ExplanationError, Stopped
from complex_lstm.interpretation import explain, make_request
from complex_lstm.interpretation.global_importance import BINS, GlobalImportance, concatenate, explain_windows, in_bins, sampling_error
from tests.data.tables import table_of
from tests.model.lively import remembered, small_model

CHOSEN, OUTPUTS = np.array([11, 0, 5, 2]), np.array([1, 0, 0, 1])


def unequal_series() -> Dataset:
    """Return 12 whole series of 1 to 12 steps and two features."""
    rows = [f"s{n},{step},{(n * step) % 7},{step - n}" for n in range(12) for step in range(1 + n)]
    schema = Schema(Roles(("x", "y"), ("kind",), "classes", series="id", time="t"), ("no", "yes"))
    return prepare_for(table_of("id,t,x,y", *rows), schema, WindowConfig(whole_series=True), Scaling((3.0, 0.0), (2.0, 4.0)))


def overall_of(*features: list[float]) -> GlobalImportance:
    count, width = len(features), len(features[0])
    array = np.array(features, dtype=float)
    return GlobalImportance(np.arange(count), np.zeros(count, dtype=int), array, np.zeros((count, BINS, width)), 10 * array)


def test_several_steps_in_a_bin_are_summed() -> None:
    cells = np.arange(80.0).reshape(40, 2)

    assert np.array_equal(in_bins(cells), cells[0::2] + cells[1::2])


def test_as_many_steps_as_bins_stay_as_they_are() -> None:
    cells = np.arange(40.0).reshape(20, 2)

    assert np.array_equal(in_bins(cells), cells)


def test_a_step_over_several_bins_is_shared_out() -> None:
    assert in_bins(np.array([[8.0], [2.0], [0.0], [-4.0]])).ravel() == pytest.approx([8 / 5] * 5 + [2 / 5] * 5 + [0] * 5 + [-4 / 5] * 5)


def test_a_step_on_a_border_is_shared_out_by_its_parts() -> None:
    cells = np.ones((30, 1))
    cells[1] = 3

    assert in_bins(cells).ravel()[:3] == pytest.approx([1 + 3 / 2, 3 / 2 + 1, 1.5])  # a bin is a step and a half


@pytest.mark.parametrize("time", [1, 7, 19, 20, 21, 26, 333])
def test_bins_keep_the_sum(time: int) -> None:
    cells = np.random.default_rng(time).standard_normal((time, 3))

    assert in_bins(cells).shape == (20, 3) and in_bins(cells).sum(axis=0) == pytest.approx(cells.sum(axis=0))


def test_the_distance_is_the_root_mean_square_over_the_features_in_standard_deviations() -> None:
    # mean 3 and deviation sqrt((9 + 1 + 1 + 1) / 4) = sqrt(3); the second feature is the same everywhere
    distances = overall_of([6, 5], [2, 5], [2, 5], [2, 5]).distances

    assert distances == pytest.approx([np.sqrt(9 / 3 / 2), *[np.sqrt(1 / 3 / 2)] * 3])


def test_parts_are_gathered_in_their_order() -> None:
    whole = concatenate([overall_of([1, 2], [3, 4]), overall_of([5, 6])])

    assert whole.features.tolist() == [[1, 2], [3, 4], [5, 6]] and whole.values.tolist() == [[10, 20], [30, 40], [50, 60]]
    assert whole.windows.tolist() == [0, 1, 0] and whole.over_time.shape == (3, 20, 2) and len(whole.outputs) == 3


@pytest.mark.parametrize("method", ["ablation", "integrated_gradients", "gradient_shap"])
def test_windows_of_unequal_length_are_explained_as_one_by_one(method: str) -> None:
    model, dataset = small_model(input_dim=2), unequal_series()

    whole = concatenate(list(explain_windows(model, dataset, CHOSEN, OUTPUTS, method, baseline="window_mean", as_probability=True)))

    assert whole.windows.tolist() == CHOSEN.tolist() and whole.outputs.tolist() == OUTPUTS.tolist()
    for place, (window, output) in enumerate(zip(CHOSEN.tolist(), OUTPUTS.tolist(), strict=True)):
        request = make_request(dataset, window, output, "window_mean", as_probability=True)
        alone = explain(model, request, method)
        assert np.array_equal(whole.features[place], alone.features)
        assert np.array_equal(whole.over_time[place], in_bins(alone.cells))
        assert whole.values[place] == pytest.approx(request.x.mean(axis=0), abs=1e-6)


def test_a_stop_ends_it_after_what_was_done_and_leaves_the_model_alone() -> None:
    model, dataset, counter, kept = small_model(input_dim=2), unequal_series(), itertools.count(), []
    before, many = remembered(model), np.full(60, 11)

    with pytest.raises(Stopped, match="What was done by then is kept"):
        kept.extend(explain_windows(model, dataset, many, many * 0, "saliency", stop=lambda: next(counter) >= 10))

    assert 0 < len(kept) <= 10  # a pass a window
    assert concatenate(kept).windows.tolist() == [11] * len(kept) and remembered(model) == before


def test_whoever_stops_listening_waits_for_no_further_window() -> None:
    counter = itertools.count()
    parts = explain_windows(
        small_model(input_dim=2), unequal_series(), np.full(60, 11), np.zeros(60, dtype=int), "saliency", stop=lambda: next(counter) < 0
    )

    next(parts)
    parts.close()

    assert next(counter) < 60


def test_a_method_or_window_that_there_is_not_is_told() -> None:
    model, dataset = small_model(input_dim=2), unequal_series()

    with pytest.raises(ExplanationError, match="There is no method 'lrp'"):
        list(explain_windows(model, dataset, CHOSEN, OUTPUTS, "lrp"))
    with pytest.raises(ExplanationError, match="There is no window 12; the data set has windows 0 to 11."):
        list(explain_windows(model, dataset, np.array([12]), np.array([0]), "ablation"))


def test_a_samples_interval_is_narrower_the_more_of_the_windows_are_in_it() -> None:
    """Of 1, 1, 1, 5 the standard deviation is 2; 4 of 16 windows: 1.96 * 2 * sqrt((1 - 4/16) / 4)."""
    values = np.array([1.0, 1.0, 1.0, 5.0])[:, None]

    assert sampling_error(values, 16) == pytest.approx([1.6974], abs=1e-4)
    assert sampling_error(values, 4).tolist() == [0.0] and np.isnan(sampling_error(values[:1], 4)).all()
    assert sampling_error(values[:, 0], 16) == pytest.approx(1.6974, abs=1e-4)
