"""The baseline that is chosen by itself: the usual one, or where the output hardly differs from that of it, the nearest that does."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from complex_lstm import SAMPLES, load_checkpoint, prepare_for, read_csv
from complex_lstm.data import Dataset
from complex_lstm.inference import predict
from complex_lstm.interpretation import ExplanationRequest, ForwardFunction, explain_frame
from complex_lstm.interpretation.automatic_baseline import AutomaticBaseline, automatic_baseline, nearest_clear, request_against
from complex_lstm.interpretation.evidence import step_of
from complex_lstm.model import ComplexLSTMModel

CLEAR_WINDOW, FLAT_WINDOW = 322, 58  # of the planted order: against the training mean something, and nothing


class FirstCell(nn.Module):
    """The first cell of a window, as a value."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return x[:, 0, :1]


@pytest.fixture(scope="module")
def planted() -> tuple[ComplexLSTMModel, Dataset]:
    sample = SAMPLES["planted_order"]
    loaded = load_checkpoint(sample.checkpoint)
    return loaded.model, prepare_for(read_csv(sample.csv), loaded.schema, loaded.window, loaded.scaling, loaded.split)


def found_for(planted: tuple[ComplexLSTMModel, Dataset], window: int) -> AutomaticBaseline:
    model, dataset = planted
    return automatic_baseline(model, dataset, window, int(predict(model, dataset, np.array([window])).predicted[0].argmax()))


@pytest.mark.parametrize(
    ("outputs", "place"),
    [
        ((0.1, 0.3, 0.6, 0.9), 2),  # the first at a distance of 2.5 times 0.2, the least that counts of a spread of 1
        ((0.1, 0.3, 0.4, 0.2), 2),  # none is so far: the furthest
        ((0.1, -0.1), None),  # nor does any differ enough to count
    ],
)
def test_the_nearest_that_is_far_is_taken_else_the_furthest(outputs: tuple[float, ...], place: int | None) -> None:
    def window(first: float) -> np.ndarray:
        x = np.zeros((3, 2), dtype=np.float32)
        x[0, 0] = first
        return x

    draws = np.stack([window(-1.0), window(1.0)])  # whose outputs have a deviation of 1
    forward_func = ForwardFunction(FirstCell(), ExplanationRequest(window(0.0), window(0.0)[None], draws, 0), torch.device("cpu"))
    others = np.stack([window(one) for one in outputs])

    assert nearest_clear(forward_func, lambda chosen: others[chosen], len(others)) == place


def test_where_the_output_differs_from_that_of_the_training_mean_it_stays(planted: tuple[ComplexLSTMModel, Dataset]) -> None:
    found = found_for(planted, CLEAR_WINDOW)

    assert (found.baseline, found.name, found.why) == ("training_mean", "the training mean of each feature", "")


def test_elsewhere_it_is_the_nearest_training_window_with_another_prediction_and_the_table_says_so(
    planted: tuple[ComplexLSTMModel, Dataset],
) -> None:
    model, dataset = planted
    found = found_for(planted, FLAT_WINDOW)

    probabilities = predict(model, dataset).predicted
    output = int(probabilities[FLAT_WINDOW].argmax())
    training = dataset.windows.of_part("training")
    own = dataset.windows.inputs(np.array([FLAT_WINDOW]))[0]
    nearest = training[np.argsort([np.square(dataset.windows.inputs(np.array([one]))[0] - own).mean() for one in training], kind="stable")]
    far = np.abs(probabilities[nearest, output] - probabilities[FLAT_WINDOW, output]) >= 0.5
    assert found.baseline == "chosen_window" and found.reference == nearest[far][0]
    assert found.name == f"window {found.reference} (chosen by itself)" and f"window {found.reference}, the nearest training" in found.why
    against = ForwardFunction(model, request_against(dataset, FLAT_WINDOW, output, found), torch.device("cpu"))
    assert step_of(against, against.gap()) >= 2.5

    rows = explain_frame(model, dataset, np.array([CLEAR_WINDOW, FLAT_WINDOW]), "occlusion", baseline=None)

    assert rows["baseline"].unique().tolist() == ["the training mean of each feature", found.name]


def test_a_model_that_says_the_same_of_every_window_keeps_the_training_mean(planted: tuple[ComplexLSTMModel, Dataset]) -> None:
    model, dataset = copy.deepcopy(planted[0]), planted[1]
    with torch.no_grad():
        model.gradient_scale.zero_()

    assert automatic_baseline(model, dataset, FLAT_WINDOW, 0).why == ""
