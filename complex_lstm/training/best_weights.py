"""The callbacks that keep the best weights so far, and that average the weights of the last epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Checkpoint, WeightAveraging
from torch import Tensor

from complex_lstm.errors import TrainingError
from complex_lstm.model.sites import ALL_BLOCKS

DIVERGED = "The loss is not a finite number any more. Try a lower learning rate, or look for extreme values."

State = dict[str, Tensor]
OnBetter = Callable[[State, int], None]  # the model's weights and their epoch, from 1


class BestWeights(Checkpoint):
    """Keeps the weights of the epoch with the lowest validation loss; without validation those of the last epoch.

    A model that is not yet trained with all of its parts is not kept. Where weights are averaged their average is kept, which
    the validation loss was measured on. With `fitted_scale` of the training's settings, what is kept has its outputs multiplied by
    `TrainingModule.best_scale`; the epoch is chosen by the loss before that.
    """

    def __init__(self, *, validates: bool, on_better: OnBetter | None = None) -> None:
        self.validates, self.on_better = validates, on_better
        self.loss, self.epoch = float("inf"), 0
        self.weights: State = {}

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        loss = float(trainer.callback_metrics["validation_loss"])
        if self.validates and loss < self.loss and is_whole(pl_module):
            self.loss = loss
            self._keep(trainer, pl_module)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if not self.validates and is_whole(pl_module):
            self._keep(trainer, pl_module)

    def state_dict(self) -> dict[str, Any]:
        return {"loss": self.loss, "epoch": self.epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.loss, self.epoch = state_dict["loss"], state_dict["epoch"]

    def _keep(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        weights = weights_now(trainer, module)
        if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
            raise TrainingError(DIVERGED)
        learned: Any = module
        if learned.config.fitted_scale:
            weights["gradient_scale"] *= learned.best_scale
        self.epoch, self.weights = trainer.current_epoch + 1, weights
        if self.on_better is not None:
            self.on_better(self.weights, self.epoch)


class LastEpochsMean(WeightAveraging):
    """Averages the weights at the ends of the last `count` of all epochs, BatchNorm's running statistics among them.

    From the first of these on, validation measures the mean so far, and BestWeights keeps it where it is the best. Before that, and
    while the model is trained without some of its parts, weights are as they are. Where early stopping ends the run before these
    epochs nothing is averaged. (Stochastic weight averaging, Izmailov et al. 2018, with the learning rate as it is.)
    """

    def __init__(self, *, count: int, epochs: int) -> None:
        super().__init__(avg_fn=lambda mean, value, averaged: mean + (value - mean) / (averaged + 1))
        self.first = epochs - count

    @property
    def begun(self) -> bool:
        """Whether an epoch has been averaged yet."""
        return self._average_model is not None and int(self._average_model.n_averaged) > 0

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Take the weights in after an epoch's last batch: before its validation, which Lightning does before the epoch's end."""
        if trainer.is_last_batch and trainer.current_epoch >= self.first and is_whole(pl_module):
            assert self._average_model is not None  # made by setup
            self._average_model.update_parameters(pl_module)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        return

    def on_validation_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if self.begun:
            super().on_validation_epoch_start(trainer, pl_module)

    def on_validation_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if self.begun:
            super().on_validation_epoch_end(trainer, pl_module)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if self.begun:
            super().on_train_end(trainer, pl_module)

    def on_save_checkpoint(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]) -> None:
        if self.begun:
            super().on_save_checkpoint(trainer, pl_module, checkpoint)

    def on_load_checkpoint(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]) -> None:
        if "averaging_state" in checkpoint:
            super().on_load_checkpoint(trainer, pl_module, checkpoint)


def is_whole(module: lightning.LightningModule) -> bool:
    """Whether all parts of the model are trained by now: before that it is partly untrained, and not kept."""
    return bool(module.parts == ALL_BLOCKS)


def weights_now(trainer: lightning.Trainer, module: lightning.LightningModule) -> State:
    """Return a copy of the model's weights on the CPU, averaged where a callback averages them."""
    saved: dict[str, Any] = {"state_dict": module.state_dict()}
    for callback in trainer.callbacks:  # type: ignore[attr-defined]  # set at run time
        if isinstance(callback, WeightAveraging):
            callback.on_save_checkpoint(trainer, module, saved)  # replaces the weights by their average
    own = {name.removeprefix("model."): value for name, value in saved["state_dict"].items() if name.startswith("model.")}
    return {name: torch.clone(value.detach()).cpu() for name, value in own.items()}
