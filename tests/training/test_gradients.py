"""The watch over the gradients: what it records, and what it says when a run breaks."""

import dataclasses
from typing import Any

import pytest
import torch

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.errors import DivergedError
from complex_lstm.training import Outcome, fit
from complex_lstm.training.gradients import COMPONENTS
from tests.training.planted import BY_SERIES, SMALL, forecast_dataset, planted_dataset
from tests.training.watching import Plant, Watcher

SHORT = TrainingConfig(epochs=2, batch_size=16, gradient_flow=True)


@pytest.mark.long
def test_norms_before_clipping_and_the_gradient_scale_are_recorded_at_each_step() -> None:
    dataset, wanted = planted_dataset(), {f"gradient_norm/{name}" for name in COMPONENTS} | {"gradient_scale"}

    def told(clip_norm: float) -> list[dict[str, float]]:
        watcher = Watcher(lambda module: {name: float(module.trainer.callback_metrics[name]) for name in wanted}, each_step=True)
        fit(dataset, SMALL, BY_SERIES, dataclasses.replace(SHORT, clip_norm=clip_norm), callbacks=(watcher,))
        return watcher.answers

    clipped, free = told(1e-6), told(0.0)

    assert len(clipped) == 4 and clipped[0] == free[0]  # 28 windows in batches of 16, twice
    assert free[0]["gradient_norm/output_heads"] > 1e-4 and free[0]["gradient_norm/attention_layers"] == 0  # it has one block
    assert len({step["gradient_scale"] for step in free}) > 1


@pytest.mark.long
def test_nothing_is_recorded_unless_asked_for() -> None:
    watcher = Watcher(lambda module: set(module.trainer.callback_metrics))

    fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, gradient_flow=False), callbacks=(watcher,))

    assert watcher.answers[0] == {"loss", "validation_loss", "validation_accuracy"}


@pytest.mark.long
def test_the_norm_of_a_step_is_at_most_the_one_chosen() -> None:
    def norm(module: Any) -> float:
        return float(torch.nn.utils.get_total_norm([value.grad for value in module.model.parameters() if value.grad is not None]))

    watcher = Watcher(norm, each_step=True)
    fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, clip_norm=0.01), callbacks=(watcher,))

    assert watcher.answers == pytest.approx([0.01] * 4, rel=1e-3)


@pytest.mark.long
def test_a_weight_that_is_not_finite_is_found_and_the_best_epoch_is_kept() -> None:
    """Two steps an epoch: at step 3 the first epoch has been validated."""
    with pytest.raises(
        DivergedError, match="The loss is not a finite number any more. Try a lower.* at step 3, in lstm_blocks: it has"
    ) as caught:
        fit(planted_dataset(), SMALL, BY_SERIES, SHORT, callbacks=(Plant(3, "lstm_blocks.0.output_proj.weight"),))

    kept = caught.value.best
    assert isinstance(kept, Outcome) and all(bool(value.isfinite().all()) for value in kept.checkpoint.model.state_dict().values())


def test_before_the_first_epoch_is_validated_there_is_nothing_to_keep() -> None:
    with pytest.raises(DivergedError, match="It broke at step 0, in input_proj") as caught:
        fit(planted_dataset(), SMALL, BY_SERIES, SHORT, callbacks=(Plant(0, "input_proj.0.bias"),))

    assert caught.value.best is None


def test_a_broken_gradient_is_told_where_it_is_nearest_the_output() -> None:
    planted = (Plant(1, "temp_conv1.output_proj.weight", where="gradient"), Plant(1, "fusion_gate.0.weight", where="gradient"))

    with pytest.raises(
        DivergedError, match="A gradient is not a finite number any more.*step 1, in fusion_gate: no component nearer the output"
    ):
        fit(planted_dataset(), SMALL, BY_SERIES, SHORT, callbacks=planted)


def test_a_validation_loss_that_is_not_finite_ends_the_run_and_its_epoch_is_not_kept() -> None:
    with pytest.raises(DivergedError, match="The validation loss is not a finite.*broke before step 2, in output_heads") as caught:
        fit(planted_dataset(), SMALL, BY_SERIES, SHORT, callbacks=(Plant(2, "output_heads.0.0.bias", where="validation"),))

    assert caught.value.best is None


def test_where_only_the_loss_breaks_the_largest_gradient_before_is_named() -> None:
    """A learning rate of 1e6 makes the weights so large that the outputs leave the range of single precision."""
    config = TrainingConfig(epochs=5, batch_size=16, learning_rate=1e6)

    with pytest.raises(DivergedError, match=r"not a finite number any more. Try a lower learning rate.* step \d+, "):
        fit(forecast_dataset(), ModelConfig(1, 16, 1, 4, 1, 0.0), SplitConfig("time", validation=0.0), config)
