"""A training run learns, repeats itself, and says why it cannot start."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.training import fit
from complex_lstm.training.batches import WindowBatches
from tests.training.planted import BY_SERIES, SMALL, forecast_dataset, planted_dataset

SHORT = TrainingConfig(epochs=2, batch_size=16)


def loss_of(model: ComplexLSTMModel, dataset: Dataset, part: str = "training") -> float:
    batches = WindowBatches(dataset, dataset.windows.of_part(part))
    x, lengths, truth = batches.__getitems__(list(range(min(20, len(batches)))))
    with torch.no_grad():
        outputs = model(x, lengths)
    return float(functional.cross_entropy(outputs, truth) if truth.ndim == 1 else functional.mse_loss(outputs, truth))


def weights(model: ComplexLSTMModel) -> list[list[float]]:
    return [value.flatten().tolist() for value in model.state_dict().values()]


@pytest.mark.long
def test_training_lowers_the_loss_on_classes() -> None:
    dataset = planted_dataset(120)

    outcome = fit(dataset, SMALL, BY_SERIES, TrainingConfig(epochs=20, batch_size=16, learning_rate=5e-3, patience=20))

    assert loss_of(outcome.checkpoint.model, dataset) < 1 < np.log(3)  # guessing costs log 3
    assert outcome.epochs == 20 and outcome.seconds > 0


@pytest.mark.long
@pytest.mark.parametrize("as_change", [False, True])
def test_training_lowers_the_loss_on_values(as_change: bool) -> None:
    dataset = forecast_dataset(as_change=as_change)

    outcome = fit(
        dataset, ModelConfig(1, 16, 1, 4, 1, 0.0), SplitConfig("time"), TrainingConfig(epochs=15, batch_size=8, learning_rate=5e-3)
    )

    assert loss_of(outcome.checkpoint.model, dataset) < 0.3  # the mean alone has about 1, the variance of scaled values


def test_the_checkpoint_tells_all_of_the_run() -> None:
    dataset = planted_dataset()

    made = fit(dataset, SMALL, BY_SERIES, SHORT, command="python -m complex_lstm train").checkpoint

    assert (made.schema, made.window, made.scaling, made.split) == (dataset.schema, dataset.window, dataset.scaling, BY_SERIES)
    assert made.fingerprint == dataset.table.fingerprint and made.command == "python -m complex_lstm train"
    assert made.model.config == SMALL and not made.model.training


@pytest.mark.long
def test_the_same_seed_gives_the_same_model() -> None:
    dataset = planted_dataset()

    first, same, other = (fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, seed=seed)).checkpoint.model for seed in (1, 1, 2))

    assert weights(first) == weights(same)
    assert weights(first) != weights(other)


@pytest.mark.long
def test_noise_does_not_draw_from_the_random_numbers_of_dropout() -> None:
    dataset = planted_dataset()

    plain, unnoticeable = (fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, noise=noise)) for noise in (0.0, 1e-30))

    assert weights(plain.checkpoint.model) == weights(unnoticeable.checkpoint.model)


@pytest.mark.long
@pytest.mark.parametrize("changed", [{"noise": 0.5}, {"jitter": 0.5}, {"label_smoothing": 0.5}, {"averaging": 0.9}, {"averaged_epochs": 2}])
def test_each_setting_changes_what_is_learned_and_repeats_itself(changed: dict[str, float]) -> None:
    dataset = planted_dataset()

    plain = fit(dataset, SMALL, BY_SERIES, SHORT).checkpoint.model
    first, same = (fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, **changed)).checkpoint.model for _ in range(2))

    assert weights(first) == weights(same) != weights(plain)


@pytest.mark.long
def test_the_epoch_that_did_best_on_the_validation_part_is_kept() -> None:
    """Where the validation part holds the opposite of what is learned, each epoch makes it worse."""
    dataset, model_config = forecast_dataset(), ModelConfig(1, 16, 1, 4, 1, 0.0)
    upside_down = np.where((dataset.windows.part == "validation")[:, None], -dataset.windows.actual, dataset.windows.actual)
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, actual=upside_down))
    config = TrainingConfig(epochs=15, batch_size=8, learning_rate=5e-3, patience=15)

    kept = fit(dataset, model_config, SplitConfig("time"), config).checkpoint.model

    assert loss_of(kept, dataset, "training") > 0.3  # where the last epoch has less, see above
    assert loss_of(kept, dataset, "validation") < 1.5


@pytest.mark.long
def test_without_a_validation_part_the_last_epoch_is_kept() -> None:
    split = SplitConfig("series", validation=0.0)

    outcome = fit(planted_dataset(split=split), SMALL, split, SHORT)

    assert outcome.epochs == 2


@pytest.mark.long
def test_patience_ends_a_run_that_gets_no_better() -> None:
    config = TrainingConfig(epochs=30, batch_size=16, learning_rate=1e-12, patience=1)

    assert fit(planted_dataset(), SMALL, BY_SERIES, config).epochs < 30


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_training_part_without_answers_is_told() -> None:
    dataset = planted_dataset()
    unknown = dataclasses.replace(dataset.windows, label=np.full(len(dataset.windows), "", dtype=object))

    with pytest.raises(TrainingError, match=r"The training part has 0 windows with an answer. Lower the stride or add rows"):
        fit(dataclasses.replace(dataset, windows=unknown), SMALL, BY_SERIES, SHORT)


def test_a_diverged_run_is_told() -> None:
    config = dataclasses.replace(SHORT, learning_rate=1e30, epochs=5)

    with pytest.raises(TrainingError, match="The loss is not a finite number any more. Try a lower learning rate"):
        fit(forecast_dataset(), ModelConfig(1, 16, 1, 4, 1, 0.0), SplitConfig("time", validation=0.0), config)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"epochs": 0}, "epochs is 0, expected 1 or more"),
        ({"batch_size": 0}, "batch_size is 0, expected 1 or more"),
        ({"patience": -1}, "patience is -1, expected 1 or more"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0, expected a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
    ],
)
def test_settings_that_no_run_can_have_are_refused(changed: dict[str, float], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        TrainingConfig(**changed)
