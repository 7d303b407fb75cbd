"""What is looked up in the model itself: shapes at full size, and on a small untrained model what each part does with its input."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.hooks import ForwardPass, Intervention, record
from complex_lstm.model.interventions import ForceGate
from complex_lstm.model.sites import Site
from complex_lstm.profiling import ModelSize, count_size
from complex_lstm.profiling.counting import STATED_BATCH, STATED_STEPS

FULL = ModelConfig()
SMALL = ModelConfig(hidden_dim=32)
TIME = 40
WITHOUT_CHANNELS = ("attention", "ensemble_head_outputs", "prediction")


@lru_cache(maxsize=1)
def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape at each site of a pass of the document's batch at full size.

    The pass goes through a small model, whose channels are counted as so many times more: the full one would take a second.
    """
    found: dict[str, tuple[int, ...]] = {}
    model = small_model()[0]

    def keep(site: Site, value: Tensor) -> None:
        *before, last = value.shape
        wide = last * FULL.hidden_dim // SMALL.hidden_dim
        found[str(site)] = (*before, last if site.name in WITHOUT_CHANNELS else wide)

    with torch.no_grad():
        x = torch.zeros(STATED_BATCH, STATED_STEPS, FULL.input_dim)
        model(x, None, ForwardPass(record(keep), attention_weights=True))
    return found


def full_size() -> ModelSize:
    """Return the counted size of the document's model."""
    return count_size(FULL)


@lru_cache(maxsize=1)
def small_model() -> tuple[ComplexLSTMModel, Tensor]:
    """Return an untrained model and windows of random numbers."""
    with torch.random.fork_rng(devices=[]):  # initial weights must not advance the global random state
        torch.manual_seed(0)
        model = ComplexLSTMModel(**vars(SMALL)).eval().requires_grad_(False)
        return model, torch.randn(4, TIME, SMALL.input_dim)


def encoding_is_added() -> float:
    """Return how far what the positions add differs from window to window."""
    model, x = small_model()
    trace = model.trace(x)
    added = trace.encoded - trace.projected
    return float((added - added[:1]).abs().max())


def gate_blends() -> float:
    """Return how far the fused values are from gate * stage 1 + (1 - gate) * stage 2."""
    model, x = small_model()
    trace = model.trace(x)
    return float((trace.fused - trace.gate * trace.conv1 - (1 - trace.gate) * trace.conv2).abs().max())


def gate_range() -> tuple[float, float]:
    """Return the lowest and the highest value of the gate on inputs 100 times as large as scaled ones."""
    model, x = small_model()
    gate = model.trace(100 * x).gate
    return float(gate.min()), float(gate.max())


def forced_gate(value: float) -> float:
    """Return how far the fused values with the gate held at a value are from that blend of both stages."""
    model, x = small_model()
    force: Intervention = ForceGate(value)
    trace = model.trace(x, interventions=(force,))
    return float((trace.fused - value * trace.conv1 - (1 - value) * trace.conv2).abs().max())


def pools() -> tuple[float, float, float]:
    """Return how far the pools are from the mean, the largest and the last values over time."""
    model, x = small_model()
    trace = model.trace(x)
    h = trace.attended[-1]
    found = ((trace.pooled_mean, h.mean(1)), (trace.pooled_max, h.amax(1)), (trace.pooled_last, h[:, -1]))
    mean, largest, last = (float((one - other).abs().max()) for one, other in found)
    return mean, largest, last


def attention_is_added() -> float:
    """Return how far the values after an attention layer are from those before it and the layer's own output."""
    model, x = small_model()
    trace = model.trace(x)
    return float((trace.attended[0] - trace.lstm[1] - model.attention_layers[0](trace.lstm[1])).abs().max())


def scale_multiplies() -> float:
    """Return how far twice the scale is from twice the outputs."""
    model, x = small_model()
    trace = model.trace(x)
    combined = model.ensemble_combiner(trace.ensemble_head_outputs.flatten(1))
    return float((trace.prediction - combined * model.gradient_scale).abs().max())


def padded_or_alone() -> float:
    """Return how far a short window's outputs in a padded batch are from those that it has alone."""
    model, x = small_model()
    with torch.no_grad():
        batch, alone = model(x, [TIME, 12, TIME, TIME])[1], model(x[1:2, :12])[0]
    return float((batch - alone).abs().max())


def reach_of_convolutions() -> int:
    """Return how many steps to one side of a changed one the second stage's values change."""
    model, x = small_model()
    other = x.clone()
    other[:, TIME // 2] += 1
    moved = (model.trace(x).conv2 - model.trace(other).conv2).abs().amax(dim=(0, 2)) > 0
    return int(moved.nonzero().max()) - TIME // 2


def first_block_reads_back() -> float:
    """Return how far the first BiLSTM block's first step moves when only the last of 20 steps changes, beyond the convolutions' reach."""
    model, windows = small_model()
    x = windows[:, :20]
    other = x.clone()
    other[:, -1] += 1
    return float((model.trace(x).lstm[0][:, 0] - model.trace(other).lstm[0][:, 0]).abs().max())


def heads_start_apart() -> bool:
    """Return whether no two ensemble heads have the same initial weights and all have the same layers."""
    heads = [list(head.parameters()) for head in small_model()[0].output_heads]  # type: ignore[union-attr]
    alike = all(one.shape == first.shape for head in heads for one, first in zip(head, heads[0], strict=True))
    return alike and not any(torch.equal(heads[a][0], heads[b][0]) for a in range(len(heads)) for b in range(a))


def stream_deviation() -> float:
    """Return how far the deviation over the channels before ReLU of the projection is from 1 after its LayerNorm, at the most."""
    model, x = small_model()
    normed = model.input_proj[1](model.input_proj[0](x))
    return float((normed.std(dim=-1, correction=0) - 1).abs().max())
