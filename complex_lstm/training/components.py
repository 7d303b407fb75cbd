"""The model's components: which parameters belong to which, how fast each learns, and how large its gradient is."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from complex_lstm.config import TrainingConfig
from complex_lstm.errors import ConfigError

# From the input to the output, under the names that the parameters have in the architecture document.
COMPONENTS = (
    "input_proj", "temp_conv1", "temp_conv2", "fusion_gate", "lstm_blocks", "attention_layers",
    "output_heads", "ensemble_combiner", "gradient_scale",
)  # fmt: skip
OWN_RATES = {"input_proj": 1e-3, "lstm_blocks": 1e-4, "attention_layers": 1e-5}  # the document's; it names no others


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
