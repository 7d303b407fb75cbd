"""The callback that keeps the best weights so far."""

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
    the validation loss was measured on.
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
        self.epoch, self.weights = trainer.current_epoch + 1, weights
        if self.on_better is not None:
            self.on_better(self.weights, self.epoch)


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
