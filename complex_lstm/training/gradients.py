"""The model's components, each with its parameters, its learning rate and its gradient's norm; and the monitor of the gradients."""

from __future__ import annotations

import math
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.optim import Optimizer

from complex_lstm.config import TrainingConfig
from complex_lstm.errors import ConfigError, DivergedError

# From the input to the output, under the names that the parameters have in the architecture document.
COMPONENTS = (
    "input_proj", "temp_conv1", "temp_conv2", "fusion_gate", "lstm_blocks", "attention_layers",
    "output_heads", "ensemble_combiner", "gradient_scale",
)  # fmt: skip
OWN_RATES = {"input_proj": 1e-3, "lstm_blocks": 1e-4, "attention_layers": 1e-5}  # of the architecture document, which names no others


def components(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """Return the parameters of each component. Every parameter of the model is in exactly one.

    Raises:
        ConfigError: a parameter belongs to none of COMPONENTS.
    """
    found: dict[str, list[nn.Parameter]] = {name: [] for name in COMPONENTS}
    for name, value in model.named_parameters():
        component = name.split(".")[0]
        if component not in found:
            raise ConfigError(f"The parameter {name} belongs to no component. Add {component!r} to COMPONENTS.")
        found[component].append(value)
    return found


def parameter_groups(model: nn.Module, config: TrainingConfig) -> list[dict[str, Any]]:
    """Return the optimizer's groups with the highest learning rate of each: one a component, or a single one."""
    if not config.component_rates:
        return [{"params": list(model.parameters()), "lr": config.learning_rate}]
    return [
        {"params": parameters, "lr": OWN_RATES.get(name, config.learning_rate), "name": name}
        for name, parameters in components(model).items()
    ]


def gradient_norms(model: nn.Module) -> dict[str, Tensor]:
    """Return the Euclidean norm of each component's gradient; 0 where nothing has one."""
    norms = {}
    for name, parameters in components(model).items():
        gradients = [value.grad for value in parameters if value.grad is not None]
        norms[name] = nn.utils.get_total_norm(gradients) if gradients else torch.zeros((), device=parameters[0].device)
    return norms


ADVICE = "Try a lower learning rate, or look for extreme values in the data."


class GradientMonitor(Callback):
    """Ends the run when the loss or a gradient is not finite, before the optimizer applies it to the weights.

    With `record` it logs `gradient_norm/<component>`, before clipping, and `gradient_scale` at each step.
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
        loss, *values = torch.stack([self.losses, *norms.values()]).tolist()  # synchronizes with the device once
        now = dict(zip(norms, values, strict=True))
        if not all(map(math.isfinite, [loss, *values])):
            what = "The loss" if not math.isfinite(loss) else "A gradient"
            where = _where_it_broke(model, now if math.isfinite(loss) else {}, self.before)
            raise DivergedError(f"{what} is not a finite number any more. {ADVICE} It broke at step {trainer.global_step}{where}.")
        self.losses, self.before = torch.zeros(()), now

    def on_validation_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        loss = trainer.callback_metrics.get("validation_loss")
        if loss is not None and not bool(loss.isfinite()):
            where = _where_it_broke(module.model, {}, self.before)
            raise DivergedError(
                f"The validation loss is not a finite number any more. {ADVICE} It broke before step {trainer.global_step}{where}."
            )


def _where_it_broke(model: Any, now: dict[str, float], before: dict[str, float]) -> str:
    """Return in words in which component the training broke, from its gradients' norms at this step and at the one before.

    It is the first component from the input that has a weight that is not finite. Else it is the one nearest the output whose
    gradient is not finite, since backpropagation carries such values from the output to the input. Where only the loss is broken,
    the best guess is the component with the largest gradient in the step before.
    """
    for name, parameters in components(model).items():
        if not all(bool(value.isfinite().all()) for value in parameters):
            return f", in {name}: it has weights that are not finite"
    broken = [name for name, norm in now.items() if not math.isfinite(norm)]
    if broken:
        return f", in {broken[-1]}: no component nearer the output has a gradient that is not finite"
    if not before:
        return ", the first"
    name = max(before, key=lambda each: before[each])
    return f", probably in {name}: its gradient was the largest in the step before, with a norm of {before[name]:.3g}"
