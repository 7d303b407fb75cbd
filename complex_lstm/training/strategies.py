"""The strategies that change a model while it trains, as callbacks: gradual complexity and adaptive dropout."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import nn

from complex_lstm.config import TrainingConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.sites import ALL_BLOCKS, ActiveBlocks
from complex_lstm.training.gradients import COMPONENTS, GradientMonitor, components

# Where each stage begins, as a share of the epochs. The stage of the BiLSTM blocks is divided evenly among them.
# The last stage begins where the one cycle of the learning rate is under 4% of its highest: that is its low rate.
CONVOLUTIONS, LSTM_BLOCKS, ATTENTION, ENSEMBLE = 0.1, 0.25, 0.6, 0.9


@dataclass(frozen=True)
class Stage:
    """The parts that the forward pass goes through, and the components that learn. A component outside of these parts never learns."""

    number: int
    name: str
    parts: ActiveBlocks
    learning: tuple[str, ...] = COMPONENTS

    @property
    def whole(self) -> bool:
        """Whether the forward pass goes through all parts: only then can the model be kept."""
        return self.parts == ALL_BLOCKS


def stage_at(share: float, *, blocks: int) -> Stage:
    """Return the stage after this share of the epochs, of a model with this many BiLSTM blocks."""
    if share < CONVOLUTIONS:
        return Stage(1, "input projection", ActiveBlocks(convolutions=False, lstm_blocks=0, attention=False))
    if share < LSTM_BLOCKS:
        return Stage(2, "convolutions and gate", ActiveBlocks(lstm_blocks=0, attention=False))
    if share < ATTENTION:
        passed = (share - LSTM_BLOCKS) / (ATTENTION - LSTM_BLOCKS)
        return Stage(3, "BiLSTM blocks", ActiveBlocks(lstm_blocks=1 + math.floor(passed * blocks), attention=False))
    if share < ENSEMBLE:
        return Stage(4, "attention", ALL_BLOCKS)
    return Stage(5, "ensemble", ALL_BLOCKS, learning=("output_heads", "ensemble_combiner"))


DROPOUTS = (0.5, 0.3, 0.1)  # of the first, the second and the last third of the epochs


def strategy_callbacks(config: TrainingConfig) -> list[Callback]:
    """Return the gradient monitor of every run, and the strategies that are on."""
    callbacks: list[Callback] = [GradientMonitor(record=config.gradient_flow)]
    if config.gradual:
        callbacks.append(GradualComplexity(config.epochs))
    if config.adaptive_dropout:
        callbacks.append(AdaptiveDropout(config.epochs))
    return callbacks


class _WhileTraining(Callback):
    """Changes the model at the start of each epoch, and restores it at the end, also after an error."""

    def change(self, trainer: lightning.Trainer, module: Any) -> None:
        raise NotImplementedError

    def restore(self, module: Any) -> None:
        raise NotImplementedError

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        self.change(trainer, module)

    def on_train_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        self.restore(module)

    def on_exception(self, trainer: lightning.Trainer, module: lightning.LightningModule, exception: BaseException) -> None:
        self.restore(module)


class GradualComplexity(_WhileTraining):
    """Trains the model in the stages of `stage_at`. Components that do not learn get no gradient and no weight decay.

    They are in evaluation mode: no dropout, and no update of BatchNorm's running statistics. Validation losses count for the best
    epoch and for early stopping from the first epoch of the whole model.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def change(self, trainer: lightning.Trainer, module: Any) -> None:
        if not self.stage(trainer.current_epoch - 1, module).whole:
            for callback in trainer.callbacks:  # type: ignore[attr-defined]  # set at run time
                if isinstance(callback, EarlyStopping):  # the loss without some parts cannot be compared with that of the whole model
                    callback.best_score, callback.wait_count = torch.tensor(torch.inf), 0
        stage = self.stage(trainer.current_epoch, module)
        module.parts = stage.parts
        _set_learning(module.model, stage)

    def stage(self, epoch: int, module: Any) -> Stage:
        """Return the stage at the beginning of an epoch."""
        return stage_at(epoch / self.epochs, blocks=len(module.model.lstm_blocks))

    def restore(self, module: Any) -> None:
        module.parts = ALL_BLOCKS
        module.model.requires_grad_(True)


class AdaptiveDropout(_WhileTraining):
    """Sets the dropout of each third of the epochs; some parts have half of it, as always."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def change(self, trainer: lightning.Trainer, module: Any) -> None:
        set_dropout(module.model, DROPOUTS[min(3 * trainer.current_epoch // self.epochs, 2)])

    def restore(self, module: Any) -> None:
        set_dropout(module.model, module.model.config.dropout)


def set_dropout(model: ComplexLSTMModel, share: float) -> None:
    """Set the dropout of every part of the model to what it is in a model that is made with this share: some parts have half of it."""
    with torch.device("meta"):
        made = ComplexLSTMModel(**vars(replace(model.config, dropout=share)))
    for name, module in made.named_modules():
        if isinstance(module, nn.Dropout):
            cast(nn.Dropout, model.get_submodule(name)).p = module.p
        elif isinstance(module, nn.LSTM):
            cast(nn.LSTM, model.get_submodule(name)).dropout = module.dropout


def _set_learning(model: nn.Module, stage: Stage) -> None:
    for name, parameters in components(model).items():
        learns = name in stage.learning
        for value in parameters:
            value.requires_grad_(learns)
        part = getattr(model, name)
        if isinstance(part, nn.Module):
            part.train(learns)
