"""Baselines that are offered where there is nothing to explain against the chosen one."""

import copy

import numpy as np
import pytest
import torch

from complex_lstm import SAMPLES, load_checkpoint, prepare_for, read_csv
from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped
from complex_lstm.inference import predict
from complex_lstm.interpretation.clear_baselines import clear_baselines
from complex_lstm.interpretation.evidence import window_evidence
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.requests import make_request
from complex_lstm.model import ComplexLSTMModel

WINDOW = 58  # of the planted order: against the training mean nothing, against most others something


@pytest.fixture(scope="module")
def planted() -> tuple[ComplexLSTMModel, Dataset]:
    sample = SAMPLES["planted_order"]
    loaded = load_checkpoint(sample.checkpoint)
    return loaded.model, prepare_for(read_csv(sample.csv), loaded.schema, loaded.window, loaded.scaling, loaded.split)


@pytest.mark.long
def test_each_that_is_offered_has_something_to_explain_and_what_is_in_use_is_not_offered(
    planted: tuple[ComplexLSTMModel, Dataset],
) -> None:
    model, dataset = planted
    predicted = predict(model, dataset).predicted.argmax(axis=1)
    output = int(predicted[WINDOW])
    in_use = ForwardFunction(model, make_request(dataset, WINDOW, output), torch.device("cpu"))
    assert not window_evidence(in_use).something

    found = {one.baseline: one for one in clear_baselines(model, dataset, WINDOW, output)}

    assert {"training_draws", "chosen_window"} <= found.keys() and "training_mean" not in found
    for one in (found["training_draws"], found["chosen_window"]):
        request = make_request(dataset, WINDOW, output, one.baseline, reference=one.reference)
        evidence = window_evidence(ForwardFunction(model, request, torch.device("cpu")))
        assert evidence.something and evidence.step == one.step and evidence.needed == one.needed and one.name == request.baseline_name
    other = found["chosen_window"].reference
    training = dataset.windows.of_part("training")
    apart = [
        np.square(dataset.windows.inputs(np.array([number])) - dataset.windows.inputs(np.array([WINDOW]))).mean() for number in training
    ]
    nearest = training[np.argsort(apart, kind="stable")]
    assert other == next(number for number in nearest if predicted[number] != predicted[WINDOW])


@pytest.mark.long
def test_a_model_that_says_the_same_of_every_window_has_none(planted: tuple[ComplexLSTMModel, Dataset]) -> None:
    model, dataset = planted
    empty = copy.deepcopy(model)
    with torch.no_grad():
        empty.gradient_scale.zero_()

    assert clear_baselines(empty, dataset, WINDOW, 0) == ()


def test_it_can_be_stopped(planted: tuple[ComplexLSTMModel, Dataset]) -> None:
    with pytest.raises(Stopped):
        clear_baselines(*planted, WINDOW, 0, stop=lambda: True)
