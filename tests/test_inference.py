"""Predictions over a data set, in the data's own terms."""

import threading
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

from complex_lstm import ComplexLSTMModel, load_checkpoint
from complex_lstm.config import Roles, Scaling, Schema, WindowConfig
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.data.planted import make_planted, planted_frame
from complex_lstm.errors import Stopped
from complex_lstm.inference import in_data_terms, predict, prediction_frame, softmax, window_frame
from complex_lstm.metrics import score
from tests.data.tables import table_of
from tests.model.lively import small_model

UNEQUAL = [f"s{n},{step},{n + step},{step}" for n in range(70) for step in range(1 + n % 5)]
SCALING = Scaling((3.0, 2.0), (2.0, 1.0), (10.0, 0.0), (5.0, 1.0))


def classes_dataset() -> Dataset:
    """Return 70 whole series of 1 to 5 steps."""
    schema = Schema(Roles(("x", "y"), ("kind",), "classes", series="id", time="t"), ("no", "yes"))
    return prepare_for(table_of("id,t,x,y", *UNEQUAL), schema, WindowConfig(whole_series=True), SCALING)


def values_dataset(*, as_change: bool = False) -> Dataset:
    schema = Schema(Roles(("x", "y"), ("x", "y"), "values", time="t"))
    rows = [f"2020-01-01 {hour:02}:00,{hour},{hour % 3}" for hour in range(12)]
    return prepare_for(table_of("t,x,y", *rows), schema, WindowConfig(length=4, as_change=as_change), SCALING)


@torch.no_grad()
def test_every_window_gets_what_it_gets_alone() -> None:
    model, dataset = small_model(input_dim=2), classes_dataset()

    said = predict(model, dataset)

    assert len(said.chosen) == 70 and said.ensemble_head_outputs.shape == (70, 3, 2)
    for window in (0, 1, 4, 63, 64, 69):
        alone = torch.from_numpy(dataset.windows.inputs(np.array([window])))
        assert np.allclose(said.outputs[window], model(alone)[0], atol=1e-5)
        assert np.allclose(said.ensemble_head_outputs[window], model.trace(alone).ensemble_head_outputs[0], atol=1e-5)


def test_chosen_windows_come_in_the_order_asked_for() -> None:
    model, dataset = small_model(input_dim=2), classes_dataset()

    few = predict(model, dataset, np.array([69, 3]))

    assert few.chosen.tolist() == [69, 3]
    assert np.allclose(few.outputs, predict(model, dataset).outputs[[69, 3]], atol=1e-5)


def test_progress_is_told_batch_by_batch() -> None:
    told = []

    predict(small_model(input_dim=2), classes_dataset(), progress=lambda done, total: told.append((done, total)))

    assert told == [(64, 70), (70, 70)]


def test_classes_are_predicted_as_probabilities() -> None:
    said = predict(small_model(input_dim=2), classes_dataset())

    assert np.allclose(said.predicted.sum(axis=1), 1) and (said.predicted > 0).all()
    assert (said.predicted.argmax(1) == said.outputs.argmax(1)).all()


def test_softmax_by_hand() -> None:
    assert softmax(np.array([[0.0, np.log(3)], [1000.0, 1000.0]])) == pytest.approx(np.array([[0.25, 0.75], [0.5, 0.5]]))


def test_a_temperature_divides_the_logits_and_changes_no_class() -> None:
    logits = np.array([[0.0, np.log(9)], [2.0, 1.0]])

    assert softmax(logits, 2.0)[0] == pytest.approx([0.25, 0.75])  # log(9) / 2 is log(3)
    near = np.array([[1.0, np.nextafter(np.float32(1), np.float32(2))]], dtype=np.float32)
    assert softmax(near, 20.0).argmax() == 1  # in single precision both would be one half


def test_probabilities_of_a_calibrated_model_have_its_temperature_beside_them() -> None:
    dataset, model = classes_dataset(), small_model(input_dim=2)
    cooled = replace(dataset, scaling=replace(dataset.scaling, temperature=2.5))
    before, after = predict(model, dataset), predict(model, cooled)

    assert after.predicted == pytest.approx(softmax(before.outputs.astype(float) / 2.5))
    assert (after.predicted.argmax(1) == before.predicted.argmax(1)).all() and (after.outputs == before.outputs).all()
    frame = prediction_frame(cooled, after)
    assert (frame["temperature"] == 2.5).all() and frame["probability_no"].to_numpy() == pytest.approx(after.predicted[:, 0])


@pytest.mark.parametrize(("as_change", "expected"), [(False, [15, 2]), (True, [15 + 3, 2 + 0])])
def test_values_are_told_in_their_own_units(as_change: bool, expected: list[float]) -> None:
    dataset = values_dataset(as_change=as_change)

    told = in_data_terms(np.array([[1.0, 2.0]]), dataset, np.array([0]))  # the window ends at hour 3, where x is 3 and y is 0

    assert told.tolist() == [expected]  # 1 deviation of 5 above 10, and 2 of 1 above 0


def test_the_frame_says_where_each_window_stands() -> None:
    frame = window_frame(values_dataset(), np.array([0, 7]))

    assert frame.to_dict("list") == {
        "series": ["small.csv"] * 2, "part": ["new"] * 2, "first_step": [0, 7], "last_step": [3, 10],
        "first_time": ["2020-01-01 00:00", "2020-01-01 07:00"], "last_time": ["2020-01-01 03:00", "2020-01-01 10:00"],
    }  # fmt: skip


def test_the_frame_of_values_has_each_target_with_its_truth() -> None:
    dataset = values_dataset()

    frame = prediction_frame(dataset, predict(small_model(input_dim=2), dataset))

    assert list(frame)[6:] == ["predicted_x", "actual_x", "predicted_y", "actual_y"]
    assert frame["actual_x"][:-1].tolist() == list(range(4, 12)) and frame["actual_y"][:-1].tolist() == [hour % 3 for hour in range(4, 12)]
    assert frame.iloc[-1][["actual_x", "actual_y"]].isna().all() and frame.iloc[-1][["predicted_x", "predicted_y"]].notna().all()


def test_the_frame_of_classes_has_each_probability() -> None:
    dataset = classes_dataset()
    said = predict(small_model(input_dim=2), dataset)

    frame = prediction_frame(dataset, said)

    assert list(frame)[6:] == ["predicted", "probability_no", "probability_yes", "actual"]
    assert frame["predicted"].tolist() == ["yes" if yes > no else "no" for no, yes in said.predicted]
    assert frame["series"].tolist() == [f"s{n}" for n in range(70)] and set(frame["actual"]) == {""}


def shipped(sample_data: Path, name: str, content: bytes | None = None) -> tuple[Dataset, ComplexLSTMModel]:
    checkpoint = load_checkpoint(sample_data / f"{name}.safetensors")
    table = read_csv(content, name) if content else read_csv(sample_data / f"{name}.csv")
    split = checkpoint.split if checkpoint.fingerprint == table.fingerprint else None
    dataset = prepare_for(table, checkpoint.schema, checkpoint.window, checkpoint.scaling, split)
    return dataset, checkpoint.model


@pytest.mark.parametrize("kind", ["order", "shape"])
def test_the_shipped_planted_models_know_fresh_draws(sample_data: Path, kind: str) -> None:
    fresh = planted_frame(make_planted(kind, 300, seed=12345)).to_csv(index=False).encode()
    dataset, model = shipped(sample_data, f"planted_{kind}", fresh)

    said = predict(model, dataset)

    assert score(dataset, said.chosen, said.predicted).accuracy > 0.95


def test_all_series_of_planted_shape_are_new_to_its_model_which_knows_them(sample_data: Path) -> None:
    dataset, model = shipped(sample_data, "planted_shape")

    said = predict(model, dataset)

    assert set(dataset.windows.part) == {"new"} and len(said.chosen) == 640
    assert score(dataset, said.chosen, said.predicted).accuracy > 0.95


@pytest.mark.parametrize(("name", "least"), [("japanese_vowels", 0.9), ("shoulder_exercises", 0.5)])
def test_the_shipped_classifiers_are_far_above_guessing_on_their_test_part(sample_data: Path, name: str, least: float) -> None:
    dataset, model = shipped(sample_data, name)
    chosen = dataset.windows.of_part("test")[::3]

    found = score(dataset, chosen, predict(model, dataset, chosen).predicted)

    assert found.accuracy > least > found.largest


def test_the_shipped_weather_model_is_no_worse_than_persistence_on_its_test_part(sample_data: Path) -> None:
    dataset, model = shipped(sample_data, "nyc_weather")
    chosen = dataset.windows.of_part("test")[::10]

    found = score(dataset, chosen, predict(model, dataset, chosen).predicted)

    assert found.squared_error.mean() < 1.05 * found.persistence.mean()


def test_a_progress_that_raises_ends_the_prediction_before_its_next_batches() -> None:
    """All batches were computed first: a job that had to stop went on to its end."""
    model, dataset, told, batches = small_model(input_dim=2), classes_dataset(), threading.Event(), count()
    chosen = np.repeat([0, 1], [64, 64 * 399])  # the first batch alone has windows of one step
    assert dataset.windows.length[[0, 1]].tolist() == [1, 2]

    def wait_after_the_first(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        next(batches)
        if inputs[0].shape[1] > 1:
            told.wait()

    def stop(done: int, total: int) -> None:
        told.set()
        raise Stopped("Enough.")

    model.input_proj.register_forward_pre_hook(wait_after_the_first)
    with pytest.raises(Stopped):
        predict(model, dataset, chosen, progress=stop)

    assert next(batches) < 400


@torch.no_grad()
def test_a_window_whose_output_is_not_finite_has_no_prediction_and_no_class() -> None:
    model, dataset = small_model(input_dim=2), classes_dataset()
    model.ensemble_combiner[-1].bias.fill_(3e38)
    model.ensemble_combiner[-1].weight.fill_(3e38)

    said = predict(model, dataset)
    frame = prediction_frame(dataset, said)

    lost = ~np.isfinite(said.outputs).all(axis=1)
    assert lost.any()
    assert np.isnan(said.predicted[lost]).all() and np.isfinite(said.predicted[~lost]).all()
    assert (frame["predicted"][lost] == "").all() and frame["probability_no"][lost].isna().all()


def test_of_no_window_there_are_no_predictions() -> None:
    model, dataset = small_model(input_dim=2), classes_dataset()

    nothing = predict(model, dataset, np.array([], dtype=int))

    assert nothing.outputs.shape == nothing.predicted.shape == (0, 2) and nothing.ensemble_head_outputs.shape == (0, 3, 2)
    assert prediction_frame(dataset, nothing).empty
