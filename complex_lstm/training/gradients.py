"""A watch over the gradients of a run: their norms over the steps, and where they break."""

from __future__ import annotations

import math
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.optim import Optimizer

from complex_lstm.errors import DivergedError
from complex_lstm.training.components import COMPONENTS, components, gradient_norms

ADVICE = "Try a lower learning rate, or look for extreme values in the data."


class GradientWatch(Callback):
    """Ends the run when the loss or a gradient is not finite, before the optimizer can spoil the weights with it.

    With `record` it logs `gradient_norm/<component>`, as they are before clipping, and `gradient_scale` at each step.
    """

    def __init__(self, *, record: bool) -> None:
        self.record = record
        self.losses = torch.zeros(())
        self.before: dict[str, float] = {}

    def on_before_backward(self, trainer: lightning.Trainer, module: lightning.LightningModule, loss: Tensor) -> None:
        self.losses = self.losses.to(loss.device) + loss.detach()  # of all batches of a step, when it accumulates

    def on_before_optimizer_step(self, trainer: lightning.Trainer, module: lightning.LightningModule, optimizer: Optimizer) -> None:
        model: Any = module.model
        norms = gradient_norms(model)
        if self.record:
            module.log_dict({f"gradient_norm/{name}": norm for name, norm in norms.items()}, on_step=True, on_epoch=False)
            module.log("gradient_scale", model.gradient_scale.detach()[0], on_step=True, on_epoch=False)
        loss, *values = torch.stack([self.losses, *norms.values()]).tolist()  # one wait for the device
        now = dict(zip(norms, values, strict=True))
        if not all(map(math.isfinite, [loss, *values])):
            what = "The loss" if not math.isfinite(loss) else "A gradient"
            where = _broken_weights(model) or (_broken_gradient(now) if math.isfinite(loss) else _largest(self.before))
            raise DivergedError(f"{what} is not a finite number any more. {ADVICE} It broke at step {trainer.global_step}{where}.")
        self.losses, self.before = torch.zeros(()), now

    def on_validation_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        loss = trainer.callback_metrics.get("validation_loss")
        if loss is not None and not bool(loss.isfinite()):
            where = _broken_weights(module.model) or _largest(self.before)
            raise DivergedError(
                f"The validation loss is not a finite number any more. {ADVICE} It broke before step {trainer.global_step}{where}."
            )


def _broken_weights(model: Any) -> str:
    """Say which component, the first from the input, has a weight that is not finite; "" if none has."""
    for name, parameters in components(model).items():
        if not all(bool(value.isfinite().all()) for value in parameters):
            return f", in {name}: it has weights that are not finite"
    return ""


def _broken_gradient(norms: dict[str, float]) -> str:
    """Say where the gradient broke. It runs from the output to the input, and carries what is broken along."""
    nearest = next(name for name in reversed(COMPONENTS) if not math.isfinite(norms[name]))
    return f", in {nearest}: nothing nearer the output has a gradient that is not finite"


def _largest(before: dict[str, float]) -> str:
    """Say which component had the largest gradient in the step before: the best guess where only the loss is broken."""
    if not before:
        return ", the first"
    name = max(before, key=lambda each: before[each])
    return f", probably in {name}: its gradient was the largest in the step before, with a norm of {before[name]:.3g}"
