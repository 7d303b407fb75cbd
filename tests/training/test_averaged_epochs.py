"""The mean of the last epochs' weights, and the scale of the output that fits the validation part."""

import dataclasses
from typing import Any

import lightning
import numpy as np
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch.nn import functional

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.training import fit
from complex_lstm.training.batches import WindowBatches
from tests.training.planted import BY_SERIES, SMALL, forecast_dataset, planted_dataset

ONE_TARGET = ModelConfig(1, 16, 1, 4, 1, 0.0)
BY_TIME, UNCHECKED = SplitConfig("time"), SplitConfig("series", validation=0.0)
SHORT = TrainingConfig(epochs=4, batch_size=16, patience=4)


class Epochs(Callback):
    """Keeps the model's weights after each epoch, and its validation losses."""

    def __init__(self) -> None:
        self.weights: list[dict[str, torch.Tensor]] = []
        self.losses: list[float] = []

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        self.weights.append({name: value.clone() for name, value in pl_module.model.state_dict().items()})

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        self.losses.append(float(trainer.callback_metrics["validation_loss"]))


def mean_of(states: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {name: torch.stack([one[name].double() for one in states]).mean(dim=0) for name in states[0]}


def validation_outputs(model: ComplexLSTMModel, dataset: Dataset) -> tuple[torch.Tensor, torch.Tensor]:
    batches = WindowBatches(dataset, dataset.windows.of_part("validation"))
    x, lengths, truth = batches.__getitems__(list(range(len(batches))))
    with torch.no_grad():
        return model(x, lengths), truth


@pytest.mark.long
def test_without_validation_the_mean_of_the_last_epochs_is_kept() -> None:
    seen = Epochs()

    kept = fit(
        planted_dataset(split=UNCHECKED), SMALL, UNCHECKED, dataclasses.replace(SHORT, averaged_epochs=3), callbacks=(seen,)
    ).checkpoint.model.state_dict()

    for name, value in mean_of(seen.weights[1:]).items():  # epochs 2, 3 and 4 of 4
        if kept[name].is_floating_point():  # BatchNorm counts its batches in whole numbers
            torch.testing.assert_close(kept[name].double(), value, atol=1e-6, rtol=1e-5)
    assert not torch.allclose(kept["input_proj.0.weight"], seen.weights[-1]["input_proj.0.weight"])


@pytest.mark.long
def test_averaging_changes_nothing_of_the_training_itself() -> None:
    plain, averaged = Epochs(), Epochs()
    dataset = planted_dataset()

    fit(dataset, SMALL, BY_SERIES, SHORT, callbacks=(plain,))
    fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, averaged_epochs=2), callbacks=(averaged,))

    for one, other in zip(plain.weights, averaged.weights, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)
    assert plain.losses[:3] == averaged.losses[:3]  # the mean of one epoch is that epoch
    assert plain.losses[3] != averaged.losses[3]


def test_the_loss_that_chooses_the_best_epoch_is_that_of_the_mean() -> None:
    dataset, seen = planted_dataset(), Epochs()
    fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, averaged_epochs=4), callbacks=(seen,))
    model = ComplexLSTMModel(**vars(SMALL)).eval()

    for epoch in range(1, 5):
        model.load_state_dict(mean_of(seen.weights[:epoch]))
        outputs, truth = validation_outputs(model, dataset)
        assert seen.losses[epoch - 1] == pytest.approx(float(functional.cross_entropy(outputs, truth)), rel=1e-4)


@pytest.mark.long
def test_an_early_stop_before_the_last_epochs_keeps_the_best_epoch_as_it_is() -> None:
    dataset, seen = forecast_dataset(), Epochs()
    upside_down = np.where((dataset.windows.part == "validation")[:, None], -dataset.windows.actual, dataset.windows.actual)
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, actual=upside_down))
    config = TrainingConfig(epochs=40, batch_size=8, learning_rate=5e-3, patience=2, averaged_epochs=2)

    outcome = fit(dataset, ONE_TARGET, BY_TIME, config, callbacks=(seen,))

    assert outcome.epochs < 38
    best = seen.weights[int(np.argmin(seen.losses))]
    assert all(torch.equal(value, best[name]) for name, value in outcome.checkpoint.model.state_dict().items())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"averaged_epochs": 5}, "averaged_epochs is 5, of 4 epochs. Average fewer"),
        ({"averaged_epochs": -1}, "expected 0 for none, or up to the number of epochs"),
        ({"averaged_epochs": 2, "averaging": 0.9}, "two ways to average weights. Choose one."),
    ],
)
def test_means_that_no_run_can_have_are_refused(changed: dict[str, float], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        dataclasses.replace(SHORT, **changed)


@pytest.mark.long
def test_the_fitted_scale_gives_the_least_squared_error_on_the_validation_part() -> None:
    dataset = forecast_dataset(as_change=True)
    plain, scaled = (
        fit(dataset, ONE_TARGET, BY_TIME, dataclasses.replace(SHORT, fitted_scale=on)).checkpoint.model for on in (False, True)
    )
    outputs, truth = validation_outputs(plain, dataset)

    best = float((outputs * truth).sum() / (outputs**2).sum())  # where the derivative of sum((s * outputs - truth)^2) is 0
    assert abs(best - 1) > 0.01
    assert float(scaled.gradient_scale.detach() / plain.gradient_scale.detach()) == pytest.approx(max(best, 0), rel=1e-4)
    torch.testing.assert_close(validation_outputs(scaled, dataset)[0], max(best, 0) * outputs, atol=1e-6, rtol=1e-4)


@pytest.mark.long
def test_a_model_that_predicts_the_opposite_is_scaled_to_nothing() -> None:
    dataset = forecast_dataset()
    upside_down = np.where((dataset.windows.part == "validation")[:, None], -5 * dataset.windows.actual, dataset.windows.actual)
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, actual=upside_down))
    config = TrainingConfig(epochs=15, batch_size=8, learning_rate=5e-3, patience=15, fitted_scale=True)
    plain = fit(dataset, ONE_TARGET, BY_TIME, dataclasses.replace(config, fitted_scale=False)).checkpoint.model
    outputs, truth = validation_outputs(plain, dataset)

    scaled = fit(dataset, ONE_TARGET, BY_TIME, config).checkpoint.model

    expected = max(float((outputs * truth).sum() / (outputs**2).sum()), 0)
    assert float(scaled.gradient_scale.detach() / plain.gradient_scale.detach()) == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_a_fitted_scale_without_values_or_validation_is_refused() -> None:
    config = dataclasses.replace(SHORT, fitted_scale=True)

    with pytest.raises(TrainingError, match="An output scale is fitted for values, but this model learns classes"):
        fit(planted_dataset(), SMALL, BY_SERIES, config)
    without = forecast_dataset()
    part = np.where(without.windows.part == "validation", "training", without.windows.part)
    without = dataclasses.replace(without, windows=dataclasses.replace(without.windows, part=part))
    with pytest.raises(TrainingError, match="fitted on the validation part, and there is none"):
        fit(without, ONE_TARGET, BY_TIME, config)
