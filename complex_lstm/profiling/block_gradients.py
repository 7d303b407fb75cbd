"""A copy of the model whose gradients can be followed: at the boxes, across the residual blocks, into the weights."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.sites import ALL_PARTS, ATTENTION_AFTER, Site, forward_order

Truth = Int[Tensor, " window"] | Float[Tensor, "window output"]  # class numbers, or scaled values


@dataclass(frozen=True)
class ResidualBlock:
    """A block that adds what came in: the boxes before and after it, and the module whose LayerNorm takes the sum.

    Attention layers have no such module (""): their sum is the box after them.
    """

    label: str
    module: str
    before: Site
    after: Site


@dataclass(frozen=True)
class Followed:
    """The gradients of some windows, as norms; `pulls` are those of the summed loss in the weights, in their order.

    A crossing has four quantities: arriving, residual, layers and leaving (see `Crossing`).
    """

    sites: Float[np.ndarray, "box window"]
    crossings: Float[np.ndarray, "block quantity window"]
    pulls: tuple[Tensor, ...]


class Follower:
    """Goes through a copy of the model in eval mode. Hooks on the copy's LayerNorms keep what no box of the walk shows: the sums."""

    def __init__(self, model: ComplexLSTMModel) -> None:
        self.model: Any = copy.deepcopy(model).eval().requires_grad_(True)
        self.sites = tuple(site for site in forward_order(model.config.num_lstm_layers) if site.name != "attention")
        self.blocks = tuple(residual_blocks(model.config.num_lstm_layers))
        self._sums: dict[str, Tensor] = {}
        for block in self.blocks:
            if block.module:
                module: Any = self.model.get_submodule(block.module)
                module.layer_norm.register_forward_pre_hook(self._keeping(block.label))

    def follow(self, x: Float[Tensor, "window time feature"], lengths: Int[Tensor, " window"], truth: Truth) -> Followed:
        """Return the gradients of each window's own loss. Gradients must be enabled."""
        values: dict[Site, Tensor] = {}
        told: Counter[str] = Counter()

        def note(name: str, value: Tensor) -> None:
            values[Site(name, told[name])] = value
            told[name] += 1

        outputs = self.model.forward_through(ALL_PARTS, x, lengths, note=note)
        loss = losses(outputs, truth).sum()  # windows do not mix: at a window's boxes arrives its own loss alone
        at_boxes = [values[site] for site in self.sites]
        sums = [self._sums[block.label] if block.module else values[block.after] for block in self.blocks]
        found = torch.autograd.grad(loss, [*at_boxes, *sums, *self.model.parameters()], retain_graph=True, materialize_grads=True)
        arrived, rest = dict(zip(self.sites, found[: len(at_boxes)], strict=True)), found[len(at_boxes) :]
        crossed = [
            _cross(values[block.before], total, at_sum, arrived[block.after])
            for block, total, at_sum in zip(self.blocks, sums, rest[: len(sums)], strict=True)
        ]
        return Followed(np.stack([norms(one) for one in arrived.values()]), np.stack(crossed), rest[len(sums) :])

    def _keeping(self, label: str) -> Any:
        def keep(module: Any, entering: tuple[Tensor, ...]) -> None:
            self._sums[label] = entering[0]

        return keep


def residual_blocks(count: int) -> Iterator[ResidualBlock]:
    """Yield the residual blocks of a model with so many BiLSTM blocks, from the input to the output."""
    yield ResidualBlock("Convolution stage 1", "temp_conv1", Site("encoded"), Site("conv1"))
    yield ResidualBlock("Convolution stage 2", "temp_conv2", Site("conv1"), Site("conv2"))
    before = Site("fused")
    for block in range(count):
        yield ResidualBlock(f"BiLSTM block {block + 1}", f"lstm_blocks.{block}", before, Site("lstm", block))
        before = Site("lstm", block)
        if block in ATTENTION_AFTER:
            layer = ATTENTION_AFTER.index(block)
            yield ResidualBlock(f"Attention layer {layer + 1}", "", before, Site("attended", layer))
            before = Site("attended", layer)


def losses(outputs: Float[Tensor, "window output"], truth: Truth) -> Float[Tensor, " window"]:
    """Return each window's loss as training takes it, without label smoothing and class weights."""
    if truth.ndim == 1:
        return functional.cross_entropy(outputs, truth, reduction="none")
    return (outputs - truth).square().mean(dim=1)


def norms(gradient: Float[Tensor, "window *shape"]) -> Float[np.ndarray, " window"]:
    """Return each window's Euclidean norm."""
    return gradient.detach().flatten(1).double().norm(dim=1).cpu().numpy()


def _cross(entering: Tensor, total: Tensor, at_sum: Tensor, arriving: Tensor) -> Float[np.ndarray, "quantity window"]:
    """Return the norms of one crossing. The residual is a sum: what arrives at it is what it hands on."""
    (leaving,) = torch.autograd.grad(total, entering, at_sum, retain_graph=True)
    return np.stack([norms(one) for one in (arriving, at_sum, leaving - at_sum, leaving)])
