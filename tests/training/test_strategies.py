"""Each strategy does what its sentence says, and leaves the model as it was."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data.planted import make_planted, planted_frame
from complex_lstm.errors import ConfigError, DivergedError, TrainingError
from complex_lstm.model import load_checkpoint
from complex_lstm.settings import settings_of
from complex_lstm.training import fit
from complex_lstm.training.module import TrainingModule, inverse_frequency
from complex_lstm.training.processes import precision
from tests.model.lively import small_model
from tests.training.planted import BY_SERIES, SMALL, forecast_dataset, planted_dataset
from tests.training.watching import BatchNormAtRest, Plant, Watcher, state_of

SHORT = TrainingConfig(epochs=2, batch_size=16)
ADAPTIVE = TrainingConfig(epochs=6, batch_size=16, patience=6, adaptive_dropout=True)


def dropouts(model: Any) -> dict[str, float]:
    shares = {name: each.p for name, each in model.named_modules() if isinstance(each, torch.nn.Dropout)}
    return shares | {name: each.dropout for name, each in model.named_modules() if isinstance(each, torch.nn.LSTM)}


def test_every_strategy_is_off_by_default() -> None:
    defaults = {one.name: one.default for one in settings_of(TrainingConfig) if one.group == "strategy"}

    assert len(defaults) == 12 and not any(value for value in defaults.values() if isinstance(value, bool))
    assert (defaults["clip_norm"], defaults["accumulate"], defaults["mixed_precision"]) == (1.0, 1, "off")


@pytest.mark.long
def test_the_dropout_falls_with_each_third_of_the_epochs() -> None:
    watcher = Watcher(lambda module: dropouts(module.model))

    made = fit(planted_dataset(), SMALL, BY_SERIES, ADAPTIVE, callbacks=(watcher,)).checkpoint

    for halved in ("input_proj.3", "output_heads.0.5", "output_heads.1.5", "output_heads.2.5"):
        assert [epoch.pop(halved) for epoch in watcher.answers] == [0.25, 0.25, 0.15, 0.15, 0.05, 0.05]
    assert [set(epoch.values()) for epoch in watcher.answers] == [{0.5}, {0.5}, {0.3}, {0.3}, {0.1}, {0.1}]
    assert {"lstm_blocks.0.lstm", "attention_layers.1.dropout", "output_heads.2.2"} <= set(watcher.answers[0])
    assert made.model.config.dropout == 0.1 and dropouts(made.model) == dropouts(type(made.model)(**vars(SMALL)))


def test_the_models_own_dropout_is_back_also_when_the_run_breaks_off() -> None:
    with pytest.raises(DivergedError) as caught:
        fit(planted_dataset(), SMALL, BY_SERIES, ADAPTIVE, callbacks=(Plant(3, "input_proj.0.bias"),))

    best: Any = caught.value.best
    assert set(dropouts(best.checkpoint.model).values()) == {0.1, 0.05}


@pytest.mark.long
def test_two_batches_of_eight_make_the_step_of_a_batch_of_sixteen() -> None:
    """Without BatchNorm and dropout, whose parts in a batch depend on its size; 32 windows fill either."""
    dataset, plain = planted_dataset(46), dataclasses.replace(SMALL, dropout=0.0)
    assert len(dataset.windows.of_part("training")) == 32

    def trained(**sizes: int) -> dict[str, list[float]]:
        config = dataclasses.replace(SHORT, epochs=3, clip_norm=0.01, **sizes)
        return state_of(fit(dataset, plain, BY_SERIES, config, callbacks=(BatchNormAtRest(),)).checkpoint.model)

    once, twice, half = trained(batch_size=16), trained(batch_size=8, accumulate=2), trained(batch_size=8)

    assert max(furthest(once, twice, name) for name in once) < 1e-5 < 1e-3 < max(furthest(once, half, name) for name in once)


def furthest(first: dict[str, list[float]], second: dict[str, list[float]], name: str) -> float:
    return max(abs(a - b) for a, b in zip(first[name], second[name], strict=True))


def test_a_class_weighs_the_inverse_of_its_share() -> None:
    weights = inverse_frequency(torch.tensor([0, 0, 0, 1]), classes=3)

    assert torch.allclose(weights, torch.tensor([4 / (3 * 3), 4 / (3 * 1), 1.0]))  # the last is never seen
    assert inverse_frequency(torch.tensor([1, 0, 2]), classes=3).tolist() == [1, 1, 1]


def test_a_validation_part_of_a_class_never_seen_has_a_loss_all_the_same() -> None:
    """A class never seen weighed 0, and a validation part that had no other divided 0 by 0."""
    dataset = planted_dataset()
    labels, part = dataset.windows.label.copy(), dataset.windows.part
    first, second, third = dataset.schema.classes
    labels[(labels == third) & (part == "training")] = first
    labels[part == "validation"] = third
    windows = dataclasses.replace(dataset.windows, label=labels)

    config = dataclasses.replace(SHORT, class_weights=True)
    outcome = fit(dataclasses.replace(dataset, windows=windows), SMALL, BY_SERIES, config)

    assert outcome.epochs == SHORT.epochs and second in labels[part == "training"]


def test_a_run_weighs_the_classes_by_its_training_part() -> None:
    dataset = planted_dataset()
    watcher = Watcher(lambda module: module.class_weights.tolist())

    weighed = fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, class_weights=True), callbacks=(watcher,)).checkpoint.model

    labels = dataset.windows.label[dataset.windows.of_part("training")]
    counts = np.array([(labels == name).sum() for name in dataset.schema.classes])
    assert watcher.answers[0] == pytest.approx(list(len(labels) / (3 * counts)))
    assert state_of(weighed) != state_of(fit(dataset, SMALL, BY_SERIES, SHORT).checkpoint.model)


def test_the_loss_of_a_rare_class_counts_as_much_as_its_weight() -> None:
    """-log softmax is log(1 + e^-2) where the class is right by 2 and log(1 + e^2) where it is wrong by 2; weights 3 and 1."""
    module = TrainingModule(small_model(), "classes", TrainingConfig(), class_weights=torch.tensor([3.0, 1.0]))

    loss = module._loss(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1]), 0.0)

    assert float(loss) == pytest.approx((3 * np.log1p(np.exp(-2)) + np.log1p(np.exp(2))) / 4)


def test_class_weights_without_classes_are_refused() -> None:
    config = dataclasses.replace(SHORT, class_weights=True)

    with pytest.raises(TrainingError, match="Class weights are on, but this model learns values. Turn them off"):
        fit(forecast_dataset(), ModelConfig(1, 16, 1, 4, 1), SplitConfig("time"), config)


@pytest.mark.parametrize(
    ("wanted", "gpu", "able", "used"),
    [
        ("off", True, True, "32-true"),
        ("gpu", False, False, "32-true"),
        ("gpu", True, False, "32-true"),
        ("gpu", True, True, "bf16-mixed"),
        ("always", False, False, "bf16-mixed"),
    ],
)
def test_bfloat16_is_used_where_it_is_wanted_and_there(
    monkeypatch: pytest.MonkeyPatch, wanted: Any, gpu: bool, able: bool, used: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: able)

    assert precision(TrainingConfig(mixed_precision=wanted)) == used


@pytest.mark.long
def test_a_run_in_bfloat16_gives_a_model_in_single_precision() -> None:
    model = fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, mixed_precision="always")).checkpoint.model

    assert all(value.dtype == torch.float32 and bool(value.isfinite().all()) for value in model.parameters())
    assert state_of(model) != state_of(fit(planted_dataset(), SMALL, BY_SERIES, SHORT).checkpoint.model)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"accumulate": 0}, "accumulate is 0, expected 1 or more"),
        ({"clip_norm": -1.0}, "clip_norm is -1.0, expected a norm above 0, or 0 for no clipping"),
        ({"clip_norm": float("nan")}, "clip_norm is nan"),
        ({"devices": 0}, "devices is 0, expected 1 or more"),
        ({"batch_size": 64, "devices": 3, "nodes": 2}, "batch_size 64 does not divide by 6 processes"),
    ],
)
def test_settings_that_no_run_can_have_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        TrainingConfig(**changed)


@pytest.mark.long
def test_all_strategies_together_from_the_command_line(tmp_path: Path) -> None:
    planted_frame(make_planted("order", 24, seed=0)).to_csv(tmp_path / "planted.csv", index=False)
    files = ["--data", str(tmp_path / "planted.csv"), "--out", str(tmp_path / "planted.safetensors")]
    sizes = ["--hidden", "8", "--lstm-layers", "2", "--heads", "2", "--epochs", "10", "--batch-size", "4"]
    flags = ["--gradual", "--adaptive-dropout", "--component-rates", "--gradient-flow", "--class-weights"]
    others = ["--clip-norm", "0.5", "--accumulate", "2", "--mixed-precision", "always", "--averaging", "0.9", "--strategy", "auto"]

    done = CliRunner().invoke(main, ["train", *files, *sizes, *flags, *others])

    assert done.exit_code == 0, done.output
    assert load_checkpoint(tmp_path / "planted.safetensors").model.config.dropout == 0.3
