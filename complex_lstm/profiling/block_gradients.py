"""Gradients of the loss at every site, across every residual block, and in the weights, taken on a copy of the model."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.hooks import ForwardPass, record
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, Site, forward_order, site_before_block

Truth = Int[Tensor, " window"] | Float[Tensor, "window output"]  # class numbers, or scaled values


@dataclass(frozen=True)
class ResidualBlock:
    """A block that adds its input: the sites before and after it, and the module whose LayerNorm takes the sum.

    Attention layers have no such module (""): their sum is the site after them.
    """

    label: str
    module: str
    before: Site
    after: Site


@dataclass(frozen=True)
class WindowGradients:
    """The gradients of some windows, as norms; those in the weights are of the summed loss, in the weights' order.

    A block has four quantities: arriving, residual, layers and leaving (see `BlockGradients`).
    """

    sites: Float[np.ndarray, "site window"]
    blocks: Float[np.ndarray, "block quantity window"]
    weights: tuple[Tensor, ...]


class GradientProbe:
    """Takes gradients on a copy of the model in eval mode. Hooks on the copy's LayerNorms keep the sums, which are no sites."""

    def __init__(self, model: ComplexLSTMModel) -> None:
        self.model: Any = copy.deepcopy(model).eval().requires_grad_(True)
        self.sites = tuple(site for site in forward_order(model.config.num_lstm_layers) if site.name != "attention")
        self.blocks = tuple(residual_blocks(model.config.num_lstm_layers))
        self._sums: dict[str, Tensor] = {}
        for block in self.blocks:
            if block.module:
                module: Any = self.model.get_submodule(block.module)
                module.layer_norm.register_forward_pre_hook(partial(self._keep_sum, block.label))

    def gradients(self, x: Float[Tensor, "window time feature"], lengths: Int[Tensor, " window"], truth: Truth) -> WindowGradients:
        """Return the gradients of each window's own loss. Gradients must be enabled."""
        values: dict[Site, Tensor] = {}
        outputs = self.model(x, lengths, ForwardPass(record(values.__setitem__)))
        loss = losses(outputs, truth).sum()  # windows do not mix: at a window's sites only its own loss has a gradient
        at_sites = [values[site] for site in self.sites]
        sums = [self._sums[block.label] if block.module else values[block.after] for block in self.blocks]
        found = torch.autograd.grad(loss, [*at_sites, *sums, *self.model.parameters()], retain_graph=True, materialize_grads=True)
        arrived, rest = dict(zip(self.sites, found[: len(at_sites)], strict=True)), found[len(at_sites) :]
        crossed = []
        for block, total, at_sum in zip(self.blocks, sums, rest[: len(sums)], strict=True):
            (leaving,) = torch.autograd.grad(total, values[block.before], at_sum, retain_graph=True)
            # the residual adds to the sum, so it passes on the gradient at the sum as it is
            crossed.append(np.stack([norms(one) for one in (arrived[block.after], at_sum, leaving - at_sum, leaving)]))
        return WindowGradients(np.stack([norms(one) for one in arrived.values()]), np.stack(crossed), rest[len(sums) :])

    def _keep_sum(self, label: str, module: Any, inputs: tuple[Tensor, ...]) -> None:
        self._sums[label] = inputs[0]


def residual_blocks(count: int) -> Iterator[ResidualBlock]:
    """Yield the residual blocks of a model with so many BiLSTM blocks, from the input to the output."""
    yield ResidualBlock("Convolution stage 1", "temp_conv1", Site("encoded"), Site("conv1"))
    yield ResidualBlock("Convolution stage 2", "temp_conv2", Site("conv1"), Site("conv2"))
    for block in range(count):
        yield ResidualBlock(f"BiLSTM block {block + 1}", f"lstm_blocks.{block}", site_before_block(block), Site("lstm", block))
        if block in ATTENTION_LAYER_AFTER:
            layer = ATTENTION_LAYER_AFTER[block]
            yield ResidualBlock(f"Attention layer {layer + 1}", "", Site("lstm", block), Site("attended", layer))


def losses(outputs: Float[Tensor, "window output"], truth: Truth) -> Float[Tensor, " window"]:
    """Return each window's loss as training takes it, without label smoothing and class weights."""
    if truth.ndim == 1:
        return functional.cross_entropy(outputs, truth, reduction="none")
    return (outputs - truth).square().mean(dim=1)


def norms(gradient: Float[Tensor, " window *shape"]) -> Float[np.ndarray, " window"]:
    """Return each window's Euclidean norm."""
    return gradient.detach().flatten(1).double().norm(dim=1).cpu().numpy()
