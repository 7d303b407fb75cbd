"""Callbacks that look at a run, that steady it, and that spoil it."""

import math
from collections.abc import Callable
from typing import Any, Literal

import lightning
from lightning.pytorch.callbacks import Callback
from torch import nn

from complex_lstm import ComplexLSTMModel


class Watcher(Callback):
    """Asks one question of the module at the end of every step, or of every epoch."""

    def __init__(self, ask: Callable[[Any], Any], *, each_step: bool = False) -> None:
        self.ask, self.each_step = ask, each_step
        self.answers: list[Any] = []

    def on_train_batch_end(self, trainer: lightning.Trainer, module: Any, *_: Any) -> None:
        if self.each_step:
            self.answers.append(self.ask(module))

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        if not self.each_step:
            self.answers.append(self.ask(module))


class BatchNormAtRest(Callback):
    """Keeps BatchNorm from measuring batches, so that a window's output does not depend on who is in a batch with it."""

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: Any) -> None:
        for each in module.modules():
            if isinstance(each, nn.BatchNorm1d):
                each.eval()


class Plant(Callback):
    """Spoils a weight, or its gradient, at one step counted from 0; or a weight just before the validation after that step."""

    def __init__(self, step: int, name: str, *, where: Literal["weight", "gradient", "validation"] = "weight") -> None:
        self.step, self.name, self.where = step, name, where

    def on_train_batch_start(self, trainer: lightning.Trainer, module: Any, *_: Any) -> None:
        if trainer.global_step == self.step and self.where == "weight":
            module.model.get_parameter(self.name).data.view(-1)[0] = math.nan

    def on_after_backward(self, trainer: lightning.Trainer, module: Any) -> None:
        if trainer.global_step == self.step and self.where == "gradient":
            module.model.get_parameter(self.name).grad.view(-1)[0] = math.nan

    def on_validation_start(self, trainer: lightning.Trainer, module: Any) -> None:
        if trainer.global_step == self.step and self.where == "validation":
            module.model.get_parameter(self.name).data.view(-1)[0] = math.nan


def state_of(model: ComplexLSTMModel) -> dict[str, list[float]]:
    return {name: value.flatten().tolist() for name, value in model.state_dict().items()}
