"""How the loss's gradient flows back through a trained model: at each site, across each residual block, into each part's weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from complex_lstm.config import ModelConfig
from complex_lstm.data import Dataset, scale_targets
from complex_lstm.errors import Stopped, never_stop
from complex_lstm.inference import predict
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.batching import Progress, silent
from complex_lstm.model.device import gradients_enabled
from complex_lstm.model.sites import Site
from complex_lstm.profiling.block_gradients import GradientProbe, Truth
from complex_lstm.profiling.counting import Part, parts_of
from complex_lstm.profiling.residuals import drop_residuals

AT_ONCE = 8  # windows of one backward pass: the values at all their sites are in memory meanwhile
STREAM = ("projected", "encoded", "conv1", "conv2", "fused", "lstm", "attended")  # sites of all steps and all channels


@dataclass(frozen=True)
class BlockGradients:
    """The gradient on its way back across one residual block, as norms of each window.

    The block adds its input to the output of its own layers. On the way back the residual passes on the gradient at the
    sum as it is, and the layers transform it; both meet at the block's input, where they may add up or cancel.

    arriving  at the block's output
    residual  at the sum, before the block's LayerNorm: what the residual passes on. Attention layers have no LayerNorm
    layers    what comes back through the block's own layers
    leaving   both together, at the block's input
    """

    block: str
    arriving: Float[np.ndarray, " window"]
    residual: Float[np.ndarray, " window"]
    layers: Float[np.ndarray, " window"]
    leaving: Float[np.ndarray, " window"]

    @property
    def share(self) -> Float[np.ndarray, " window"]:
        """The residual's norm as a share of the residual's and the layers' norms."""
        return _ratio(self.residual, self.residual + self.layers)

    @property
    def by_residual(self) -> Float[np.ndarray, " window"]:
        """What the residual passes on as a share of what arrives. NaN where nothing arrives."""
        return _ratio(self.residual, self.arriving)

    @property
    def by_layers(self) -> Float[np.ndarray, " window"]:
        """What comes back through the layers as a share of what arrives. NaN where nothing arrives."""
        return _ratio(self.layers, self.arriving)


@dataclass(frozen=True)
class PartGradient:
    """The gradient of the windows' mean loss in the weights of one part, beside the weights themselves: Euclidean norms."""

    part: Part
    gradient: float
    weights: float

    @property
    def relative(self) -> float:
        return self.gradient / self.weights if self.weights else 0.0


@dataclass(frozen=True)
class Flow:
    """The gradient of each window's loss on its way back.

    windows  their numbers
    known    where the truth is known; elsewhere the loss is computed against a stand-in (see `truth_of`)
    sites    in the order of the forward pass, without the attention weights, which a fused pass never has
    norms    of the gradient at each site
    blocks   the residual blocks, from the input to the output
    parts    the gradient in the weights of each part, over all windows together
    """

    windows: Int[np.ndarray, " window"]
    known: Bool[np.ndarray, " window"]
    sites: tuple[Site, ...]
    norms: Float[np.ndarray, "site window"]
    blocks: tuple[BlockGradients, ...]
    parts: tuple[PartGradient, ...]

    @property
    def kept(self) -> Float[np.ndarray, " window"]:
        """The norm at the first site of STREAM as a share of that at the last: 1 is kept, 0 vanished. NaN where none arrives."""
        along = [place for place, site in enumerate(self.sites) if site.name in STREAM]
        return _ratio(self.norms[along[0]], self.norms[along[-1]])

    @property
    def across_blocks(self) -> Float[np.ndarray, " window"]:
        """The norm before the first BiLSTM block as a share of that after the last block."""
        return self._product(lambda block: block.leaving)

    @property
    def by_layers_alone(self) -> Float[np.ndarray, " window"]:
        """The same without the residuals: the product of layers over arriving.

        It only estimates a model without residuals, in which the gradient would arrive from another direction.
        """
        return self._product(lambda block: block.layers)

    def _product(self, part: Callable[[BlockGradients], Float[np.ndarray, " window"]]) -> Float[np.ndarray, " window"]:
        deep = [block for block in self.blocks if not block.block.startswith("Convolution")]
        return np.prod([_ratio(part(block), block.arriving) for block in deep], axis=0)


def gradient_flow(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    *,
    device: torch.device | None = None,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> Flow:
    """Return how the gradient of the loss flows through a copy of the model in eval mode, for each of the chosen windows.

    The loss is what training takes, without label smoothing and class weights: cross-entropy of classes, or the mean
    squared error of scaled values. In eval mode nothing is dropped and BatchNorm uses its running statistics, so windows
    do not mix. A window of which the model is sure has hardly any gradient, or one too small for single precision.
    `progress` is called with how many windows are done, of how many.

    Raises:
        Stopped: `stop` returned True between two batches, or `progress` raised it.
    """
    device = device or torch.device("cpu")
    truth, known = truth_of(model, dataset, chosen, device)
    probe, sites, crossed, weights = GradientProbe(model), [], [], None
    for first in range(0, len(chosen), AT_ONCE):
        progress(first, len(chosen))
        if stop():
            raise Stopped("Stopped before all gradients were followed.")
        part = slice(first, first + AT_ONCE)
        x = torch.from_numpy(dataset.windows.inputs(chosen[part])).to(device)
        with gradients_enabled(device):
            found = probe.gradients(x, torch.from_numpy(dataset.windows.length[chosen[part]]), truth[part])
        sites.append(found.sites)
        crossed.append(found.blocks)
        weights = found.weights if weights is None else tuple(map(torch.add, weights, found.weights))  # kept as one sum
    blocks = np.concatenate(crossed, axis=2)
    return Flow(
        chosen,
        known,
        probe.sites,
        np.concatenate(sites, axis=1),
        tuple(BlockGradients(block.label, *each) for block, each in zip(probe.blocks, blocks, strict=True)),
        _part_gradients(model, [one / len(chosen) for one in weights or ()]),
    )


@dataclass(frozen=True)
class InitialFlow:
    """The gradient before any training: of the architecture, and of the same initial weights with the residuals taken out."""

    residual: Flow
    bare: Flow

    @property
    def kept(self) -> tuple[float, float]:
        """The medians over the windows of what is kept from the last block to the projection: with residuals, and without."""
        return typical(self.residual.kept), typical(self.bare.kept)


def initial_flow(
    config: ModelConfig,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    *,
    seed: int,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> InitialFlow:
    """Return the gradient flow of an untrained model of these sizes, with its residuals and without, on the same windows.

    In eval mode, as `gradient_flow` measures: BatchNorm has its initial statistics.

    Raises:
        Stopped: `stop` returned True between two batches.
    """
    device = device or torch.device("cpu")
    with torch.random.fork_rng(devices=[]):  # initial weights must not advance the global random state
        torch.manual_seed(seed)
        model = ComplexLSTMModel(**vars(config)).to(device)
    residual = gradient_flow(model, dataset, chosen, device=device, stop=stop)
    drop_residuals(model)
    return InitialFlow(residual, gradient_flow(model, dataset, chosen, device=device, stop=stop))


def truth_of(
    model: ComplexLSTMModel, dataset: Dataset, chosen: Int[np.ndarray, " window"], device: torch.device
) -> tuple[Truth, Bool[np.ndarray, " window"]]:
    """Return the class numbers or scaled values that the loss is computed against, and where they are the truth.

    Where the truth is not known, the predicted class stands in, or the training mean of the value.
    """
    windows = dataset.windows
    if dataset.schema.roles.task == "values":
        values = scale_targets(windows.actual[chosen], windows.last[chosen], dataset.scaling, dataset.window).astype(np.float32)
        known = np.array(~np.isnan(values).any(axis=1))
        return torch.from_numpy(np.nan_to_num(values)).to(device), known
    number = {name: place for place, name in enumerate(dataset.schema.classes)}
    classes = np.array([number.get(label, -1) for label in windows.label[chosen]])
    known = classes >= 0
    if len(unknown := np.flatnonzero(~known)):
        classes[unknown] = predict(model, dataset, chosen[unknown], device=device).outputs.argmax(axis=1)
    return torch.from_numpy(classes).to(device), known


def typical(values: Float[np.ndarray, " window"]) -> float:
    """Return the median over the windows in which any gradient arrives; NaN if there is none."""
    there = values[np.isfinite(values)]
    return float(np.median(there)) if len(there) else float("nan")


def _part_gradients(model: ComplexLSTMModel, gradients: list[Tensor]) -> tuple[PartGradient, ...]:
    named = [(name, value.detach(), gradient) for (name, value), gradient in zip(model.named_parameters(), gradients, strict=True)]
    found = []
    for part in parts_of(model.config):
        own = [(value, gradient) for name, value, gradient in named if name.startswith(part.prefixes)]
        weights, gradient = (float(nn.utils.get_total_norm(list(side))) for side in zip(*own, strict=True))
        found.append(PartGradient(part, gradient, weights))
    return tuple(found)


def _ratio(part: Float[np.ndarray, " window"], whole: Float[np.ndarray, " window"]) -> Float[np.ndarray, " window"]:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
