"""From the hidden states of all steps to outputs: three pools, three ensemble heads, and the combiner that weighs them."""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.model.padding import zero_padding


class MeanPool(nn.Module):
    """The mean over the steps of a window: what it is like as a whole."""

    def forward(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch channel"]:
        if mask is None:
            return h.mean(dim=1)
        return zero_padding(h, mask).sum(dim=1) / mask.sum(dim=1, keepdim=True)


class MaxPool(nn.Module):
    """The largest value over the steps of a window: whether something happened anywhere."""

    def forward(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch channel"]:
        return (h if mask is None else h.masked_fill(~mask[..., None], -math.inf)).amax(dim=1)


def last_step(h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None) -> Float[Tensor, "batch channel"]:
    """Return the hidden state at each window's last step that is no padding."""
    if mask is None:
        return h[:, -1]
    return h[torch.arange(len(h), device=h.device), mask.sum(dim=1) - 1]


def output_head(*, hidden_dim: int, output_dim: int, dropout: float) -> nn.Sequential:
    """Return one ensemble head, (batch, 3*channel) -> (batch, output)."""
    return LayerStack(
        nn.Linear(3 * hidden_dim, hidden_dim),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden_dim, hidden_dim // 2),
        nn.ReLU(),
        nn.Dropout(dropout / 2),
        nn.Linear(hidden_dim // 2, output_dim),
    )


def combiner(*, ensemble_heads: int, hidden_dim: int, output_dim: int, dropout: float) -> nn.Sequential:
    """Return what turns the ensemble heads' outputs into one prediction, (batch, ensemble_head*output) -> (batch, output)."""
    return LayerStack(nn.Linear(ensemble_heads * output_dim, hidden_dim), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden_dim, output_dim))


class LayerStack(nn.Sequential):
    """An nn.Sequential whose layers with parameters are matched by their order when a state dict is loaded.

    ReLU and Dropout have no parameters and shift only the numbers in the names: the combiner of a checkpoint that was made
    before it had a dropout has `0, 2` where ours has `0, 3`.
    """

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__(*layers)
        self.register_load_state_dict_pre_hook(_renumber)


def _renumber(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    stored = sorted({int(name[len(prefix) :].split(".")[0]) for name in state if name[len(prefix) :].split(".")[0].isdigit()})
    ours = [int(name) for name, layer in module.named_children() if any(True for _ in layer.parameters())]
    if len(stored) != len(ours):
        return  # load_state_dict says which names are missing or unexpected
    moved = dict(zip(map(str, stored), map(str, ours), strict=True))
    renamed = {}
    for name in list(state):
        number, rest = name[len(prefix) :].split(".", 1)
        renamed[f"{prefix}{moved.get(number, number)}.{rest}"] = state.pop(name)
    state.update(renamed)
