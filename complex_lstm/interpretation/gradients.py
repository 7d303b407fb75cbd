"""Methods that follow the gradient, with Captum: attributions of the input, and the conductance of the blocks.

Captum puts a hook on the model for conductance alone, and there on a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import GradientShap, InputXGradient, IntegratedGradients, LayerConductance, NoiseTunnel, Saliency
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.coarse import is_large, segment_numbers
from complex_lstm.interpretation.explanation import Attribution, CompleteAttribution, UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction, one_cell_each, seeded
from complex_lstm.model.batching import map_batches
from complex_lstm.model.device import gradients_enabled

FEWEST_STEPS, MOST_STEPS = 32, 512
MOST_STEPS_OF_LARGE = 96  # windows, tripled from 32: what is missing is in the completeness error
COMPLETE = 0.01  # the share of the gap that Integrated Gradients may miss before its steps are doubled
NEGLIGIBLE = 0.001  # or the share of all cells' absolute sum: where they cancel, the gap is no measure
SHAP_SAMPLES, SAMPLES_OF_LARGE, SHAP_NOISE = 128, 64, 0.09  # noise in standard deviations of the scaled inputs
TUNNEL_SAMPLES, TUNNEL_NOISE = 32, 0.15
LEAST_RELEVANT = 0.55  # share of the steps whose features temporal saliency rescaling does not rate
RESCALED, RESCALED_FINELY = 16, 1  # segments of a large window that it takes for steps, and how many of them by step too
CONDUCTED = 0.05  # the share of the gap that the first block may miss before conductance takes more steps


def integrated_gradients(forward_func: ForwardFunction) -> CompleteAttribution:
    """Return the gradients along the straight line from the baseline to x, times x's distance.

        g(t, i) = (x - b)(t, i) * integral over 0 <= u <= 1 of df/dx(t, i) at b + u (x - b)

    The steps are doubled from 32 until the cells sum to the gap within 1% of it (or 0.1% of the cells' absolute sum),
    or until 512, of large windows 96 (Sundararajan et al. 2017). Several baselines are averaged over.
    It assumes that the gradients all along the line are meaningful: between the baseline and x lie windows unlike any data,
    and their gradients count as much as others.
    """
    baselines = forward_func.baselines
    x = forward_func.x.expand(len(baselines), -1, -1)
    gap = float(forward_func.outputs(forward_func.x)[0] - forward_func.outputs(baselines).mean())
    large = is_large(*forward_func.request.x.shape)
    steps, most, times = FEWEST_STEPS, MOST_STEPS_OF_LARGE if large else MOST_STEPS, 3 if large else 2
    while True:
        with gradients_enabled(forward_func.device):
            each = IntegratedGradients(forward_func).attribute(
                x, baselines, n_steps=steps, internal_batch_size=max(forward_func.batch, len(x))
            )
        cells = _as_numpy(each.mean(0))
        missed = abs(cells.sum() - gap)
        if missed <= max(COMPLETE * abs(gap), NEGLIGIBLE * np.abs(cells).sum()) or steps >= most:
            return CompleteAttribution(cells, cells.sum(axis=0), f"{steps} steps", gap)
        steps *= times


def gradient_shap(forward_func: ForwardFunction) -> CompleteAttribution:
    """Return gradients at random points between training windows and a noisy x, times their distance, averaged.

        g(t, i) = mean over draws of (x + e - b)(t, i) * df/dx(t, i) at b + u (x + e - b)

    with b a training window, u uniform in 0 to 1 and e normal noise. An estimate of expected gradients (Lundberg and Lee
    2017; Erion et al. 2021) with 128 samples, of large windows 64, and a fixed seed: its error falls with the root of the
    samples, and is in the completeness error shown. It assumes, as Integrated Gradients does, that gradients between two
    windows are meaningful.
    """
    draws = torch.from_numpy(forward_func.request.draws)
    samples = SAMPLES_OF_LARGE if is_large(*forward_func.request.x.shape) else SHAP_SAMPLES
    with gradients_enabled(forward_func.device), seeded(0):  # on the CPU, so that every device gets the same samples
        cells = _as_numpy(GradientShap(forward_func).attribute(forward_func.x.cpu(), draws, n_samples=samples, stdevs=SHAP_NOISE)[0])
    gap = float(forward_func.outputs(forward_func.x)[0] - forward_func.outputs(draws).mean())
    return CompleteAttribution(cells, cells.sum(axis=0), f"{samples} samples", gap)


def input_x_gradient(forward_func: ForwardFunction) -> Attribution:
    """Return gradient times scaled input: the first-order estimate of what the training mean in a cell's place would take away.

        g(t, i) = x(t, i) * df/dx(t, i)

    with x scaled, so that the training mean is 0. It assumes a model that is linear from there to x (Shrikumar et al.
    2016): where it is curved the estimate is off, and a saturated cell gets zero.
    """
    with gradients_enabled(forward_func.device):
        cells = _as_numpy(InputXGradient(forward_func).attribute(forward_func.x.clone().requires_grad_())[0])
    return Attribution(cells, cells.sum(axis=0), "1 gradient")


def saliency(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return the gradient's size at x (Simonyan et al. 2014): output per standard deviation of the cell, without sign.

        s(t, i) = |df/dx(t, i)|

    It assumes that the effect of a small change of the cell measures what the cell contributes, which fails where the model
    saturates: there the gradient is zero.
    """
    cells = gradient_sizes(forward_func, forward_func.x)[0].astype(np.float64)
    return UnsignedAttribution(cells, cells.sum(axis=0), "1 gradient")


def smoothgrad(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return the size of the mean gradient under noise on x (Smilkov et al. 2017), without sign.

        s(t, i) = |mean over draws of df/dx(t, i) at x + e|

    with e normal noise. It assumes that what the gradient has in common over the noisy copies is what matters. How much
    noise is a choice, and like the plain gradient it is the effect of a small change, not what the cell contributes.
    """
    tunnel = NoiseTunnel(Saliency(forward_func))
    with gradients_enabled(forward_func.device), seeded(0):  # on the CPU, as above
        mean = tunnel.attribute(
            forward_func.x.cpu(),
            nt_samples=TUNNEL_SAMPLES,
            nt_samples_batch_size=min(TUNNEL_SAMPLES, forward_func.batch),
            stdevs=TUNNEL_NOISE,
            abs=False,
        )
    cells = np.abs(_as_numpy(mean[0]))
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{TUNNEL_SAMPLES} gradients, noise of {TUNNEL_NOISE} standard deviations")


def temporal_saliency_rescaling(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return the relevance of each step times the relevance of each feature at it, both by how the gradient map changes.

    Ismail et al. 2020, algorithm 1, on the gradient's size: a step's (a cell's) relevance is the summed change of the
    map when it is removed. The 55% least relevant steps get zero. It has no sign and no unit of the output; maps of
    different windows cannot be compared in size. Several baselines are averaged into one.

        r(t, i) = d(step t) * d(cell t, i),    d(S) = sum over all cells of |G(x) - G(x with the cells S from b)|

    where G is the map of the gradient's sizes. It assumes that a step or cell which matters changes the gradients elsewhere.
    Of large windows segments take the place of steps.
    """
    time, features = forward_func.request.x.shape
    intact = gradient_sizes(forward_func, forward_func.x)[0]

    def relevance(removed: Bool[Tensor, "variant time feature"]) -> Float[np.ndarray, " variant"]:
        found = []
        for part in removed.split(forward_func.batch):
            maps = gradient_sizes(forward_func, forward_func.filled(part.to(forward_func.device)).mean(0))
            found.append(np.abs(maps - intact).sum(axis=(1, 2)))
        return np.concatenate(found).astype(np.float64)

    if is_large(time, features):
        return _rescaled_by_segments(relevance, time, features)
    of_step = relevance(torch.eye(time, dtype=torch.bool)[:, :, None].expand(-1, -1, features))
    rated = np.flatnonzero(of_step >= np.quantile(of_step, LEAST_RELEVANT))
    at_them = (rated[:, None] * features + np.arange(features)).ravel()
    of_cell = np.concatenate([relevance(removed) for removed in one_cell_each(at_them, time, features)]).reshape(-1, features)
    cells = np.zeros((time, features))
    cells[rated] = of_step[rated, None] * of_cell
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{time} steps, then the features of {len(rated)}")


def _rescaled_by_segments(
    relevance: Callable[[Bool[Tensor, "variant time feature"]], Float[np.ndarray, " variant"]], time: int, features: int
) -> UnsignedAttribution:
    """Return the same with segments in the place of steps, divided evenly among their steps.

    In the most relevant segments the steps are rated too, and their segment's value is divided in proportion.
    """
    segment = segment_numbers(time, RESCALED)
    within = torch.from_numpy(segment == np.arange(segment[-1] + 1)[:, None])[:, :, None]  # (segment, time, 1)
    of_segment = relevance(within.expand(-1, -1, features))
    rated = np.flatnonzero(of_segment >= np.quantile(of_segment, LEAST_RELEVANT))
    columns = torch.eye(features, dtype=torch.bool)[:, None]  # (feature, 1, feature)
    of_cells = np.stack([relevance(within[number] & columns) for number in rated])  # (rated, feature)
    share = 1 / np.bincount(segment)[segment]
    finely = np.argsort(-of_segment, kind="stable")[:RESCALED_FINELY]
    for number in finely:
        steps = np.flatnonzero(segment == number)
        of_step = relevance((torch.arange(time) == torch.from_numpy(steps)[:, None])[:, :, None].expand(-1, -1, features))
        share[steps] = of_step / of_step.sum() if of_step.sum() else share[steps]
    values = np.zeros((len(within), features))
    values[rated] = of_segment[rated, None] * of_cells
    cells = values[segment] * share[:, None]
    how = f"{len(within)} segments of {len(np.flatnonzero(segment == 0))} steps, then the features of {len(rated)}, and the steps of"
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{how} {len(finely)}; the rest by segment")


def gradient_sizes(forward_func: ForwardFunction, x: Float[Tensor, "batch time feature"]) -> Float[np.ndarray, "batch time feature"]:
    """Return the absolute gradient of the output at each window."""

    def run(part: Float[Tensor, "part time feature"]) -> Float[np.ndarray, "part time feature"]:
        with gradients_enabled(forward_func.device):
            return Saliency(forward_func).attribute(part.clone().requires_grad_()).detach().cpu().numpy()

    return np.concatenate(map_batches(run, x, size=forward_func.batch))


@dataclass(frozen=True)
class Conductance:
    """How much of the gap flows through each step of each block. A row sums to `gap` where nothing bypasses the block."""

    blocks: tuple[str, ...]
    flow: Float[np.ndarray, "block time"]
    steps: int
    gap: float


def conductance(forward_func: ForwardFunction) -> Conductance:
    """Return the Layer Conductance (Dhamdhere et al. 2019) of the convolution and BiLSTM blocks, summed over channels.

    Even steps from the first baseline, both ends among them, four times as many until the first block's row sums to the
    gap within 5%, or until 512. The gate lets temp_conv1 bypass temp_conv2, so temp_conv2 alone does not carry the
    whole gap. Captum hooks the blocks: it gets a copy of the model.

    Raises:
        ExplanationError: the model has no such blocks.
    """
    copied = forward_func.with_copied_model()
    blocks = _blocks(copied.model)
    gap, steps = forward_func.gap_to_first_baseline(), FEWEST_STEPS
    while True:
        rows = np.stack([_conducted(copied, block, steps) for block in blocks.values()])
        if abs(rows[0].sum() - gap) <= CONDUCTED * abs(gap) or steps >= MOST_STEPS:
            return Conductance(tuple(blocks), rows, steps, gap)
        steps *= 4


def _conducted(copied: ForwardFunction, block: nn.Module, steps: int) -> Float[np.ndarray, " time"]:
    with gradients_enabled(copied.device):
        found = LayerConductance(copied, block).attribute(
            copied.x, copied.baselines[:1], n_steps=steps, method="riemann_trapezoid", internal_batch_size=copied.batch
        )
    return _as_numpy(found.sum(-1)[0])  # type: ignore[union-attr]  # one layer gives one tensor


def _blocks(model: nn.Module) -> dict[str, nn.Module]:
    found = {name: part for name, part in model.named_children() if name.startswith("temp_conv")}
    found |= {f"lstm_blocks.{number}": block for number, block in enumerate(getattr(model, "lstm_blocks", ()))}
    if not found:
        raise ExplanationError("Layer Conductance needs a ComplexLSTMModel: this model has no convolution or BiLSTM blocks.")
    return found


def _as_numpy(values: Float[Tensor, "*shape"]) -> Float[np.ndarray, "*shape"]:
    return values.detach().double().cpu().numpy()
