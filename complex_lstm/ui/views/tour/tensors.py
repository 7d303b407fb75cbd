"""What lies in the boxes that have a time axis, from the series to the last attention layer.

What lies in the boxes after the time axis is gone: pooling, ensemble heads, combiner and prediction.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from complex_lstm.arithmetic import lstm_states
from complex_lstm.config import kernel_names
from complex_lstm.ui.views.tour.human_terms import HUMAN_TERMS, in_human_terms
from complex_lstm.ui.views.tour.sheets import SCALING, TERMS, Colours, Sheet, over_time
from complex_lstm.ui.views.tour.window import TourWindow

READINGS = ("forward reading", "backward reading")
FORWARD, FORGET_GATE = 1, 6  # sheets of a BiLSTM block
CELL_STATE = "cell state"


def open_series(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the window as the model sees it."""
    return (replace(over_time("scaled", window.x, rows="feature", kind=SCALING), names=window.features),)


def open_projection(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the features as channels."""
    return (over_time("projected", window.trace.projected, rows="channel", kind="Input projection"),)


def open_encoded(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the channels with their positions, and the positions alone."""
    trace = window.trace
    return (
        over_time("with positions", trace.encoded, rows="channel", kind="Positions"),
        over_time("positions alone", trace.encoded - trace.projected, rows="channel", kind="Positions", until="w"),
    )


def open_stage(window: TourWindow, *, stage: int) -> tuple[Sheet, ...]:
    """Return what a convolution stage makes, and what each of its scales responds."""
    trace = window.trace
    out, scales = ((trace.conv1, trace.conv1_scales), (trace.conv2, trace.conv2_scales))[stage]
    return (
        over_time("stage", out, rows="channel", kind="Convolution stage", at=(stage,)),
        *(
            over_time(kernel, values, rows="channel", kind="Convolution scale", at=(stage, scale))
            for scale, (kernel, values) in enumerate(zip(kernel_names(window.model.config.kernels[stage]), scales, strict=True))
        ),
    )


def open_gate(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the gate, and what it makes of both stages."""
    return (
        over_time("gate", window.trace.gate, rows="channel", kind="Fusion gate", colours="share"),
        over_time("mixed", window.trace.fused, rows="channel", kind="Fused"),
    )


def open_recurrence(window: TourWindow, *, block: int) -> tuple[Sheet, ...]:
    """Return what a BiLSTM block makes, both readings of both of its LSTM layers, and the first forward reading's gates."""
    inner: Any = window.model.lstm_blocks[block]  # nn.ModuleList forgets the class
    before = _before_block(window, block).to(next(inner.parameters()).device)
    read = [[lstm_states(inner.lstm, before, layer=layer, backward=side) for side in (False, True)] for layer in (0, 1)]
    first = read[0][0]
    cell = partial(over_time, rows="channel", kind="LSTM cell")
    return (
        over_time("block", window.trace.lstm[block], rows="channel", kind="BiLSTM block", at=(block,)),
        *(
            cell(f"{READINGS[side]}, layer {layer + 1}", states.hidden.cpu(), at=(block, layer, side))
            for layer, both in enumerate(read)
            for side, states in enumerate(both)
        ),
        *(
            cell(label, values.cpu(), at=(block, 0, 0), colours="share", until=symbol)
            for label, symbol, values in (
                ("input gate", "i", first.input_gate),
                ("forget gate", "f", first.forget_gate),
                ("output gate", "o", first.output_gate),
            )
        ),
        cell("candidate", first.candidate.cpu(), at=(block, 0, 0), until="g"),
        cell(CELL_STATE, first.cell.cpu(), at=(block, 0, 0), until="c"),
    )


def open_attention(window: TourWindow, *, layer: int) -> tuple[Sheet, ...]:
    """Return the weights of every attention head, and what the layer makes with them."""
    weights = window.trace.attention[0, layer].numpy()
    heads = [_weights(f"head {head + 1}", values, layer, head) for head, values in enumerate(weights)]
    return (*heads, over_time("attended", window.trace.attended[layer], rows="channel", kind="Attended", at=(layer,)))


def mean_attention(window: TourWindow, layer: int) -> Sheet:
    """Return the weights averaged over a layer's heads."""
    return Sheet("average of the heads", window.trace.attention[0, layer].mean(dim=0).numpy(), "query", "key", "weight")


def _weights(label: str, values: np.ndarray, layer: int, head: int) -> Sheet:
    return Sheet(label, values, "query", "key", "weight", kind="Attention weight", find=lambda row, column: (layer, head, row, column))


def _before_block(window: TourWindow, block: int) -> Tensor:
    """Return what a BiLSTM block reads: what the attention layer after each second block makes, else the block before."""
    trace = window.trace
    if not block:
        return trace.fused
    layer = block // 2 - 1
    return trace.attended[layer] if not block % 2 and layer < len(trace.attended) else trace.lstm[block - 1]


POOLS = ("mean", "max", "last step")


def open_pooling(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the three pooled vectors, one a row."""
    trace = window.trace
    pooled = torch.cat([trace.pooled_mean, trace.pooled_max, trace.pooled_last]).numpy()  # (pool, channel)
    return (Sheet("pooled", pooled, "pool", "channel", names=POOLS, kind="Pooling"),)


def open_heads(window: TourWindow) -> tuple[Sheet, ...]:
    """Return what each ensemble head says, one a row."""
    said = window.trace.ensemble_head_outputs[0].numpy()
    names = tuple(f"ensemble head {member + 1}" for member in range(len(said)))
    return (Sheet("outputs", said, "ensemble head", "output", names=names, columns=window.outputs, kind="Ensemble head"),)


def open_combiner(window: TourWindow) -> tuple[Sheet, ...]:
    """Return what the combiner makes of the ensemble heads, before the learned scale."""
    return (_outputs("combined", combined(window), window, until="z_2"),)


def open_prediction(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the prediction in the model's own scale, and what it means outside the model."""
    terms = _outputs(HUMAN_TERMS[window.scene.is_classes], in_human_terms(window).astype(np.float32), window)
    colours: Colours = "share" if window.scene.is_classes else "signed"
    return (_outputs("prediction", window.trace.prediction[0].numpy(), window), replace(terms, kind=TERMS, colours=colours))


@torch.no_grad()
def combined(window: TourWindow) -> np.ndarray:
    """Return the combiner's outputs before the learned scale, computed anew: the trace keeps them only after it."""
    said = window.trace.ensemble_head_outputs.flatten(1).to(next(window.model.parameters()).device)
    return window.model.ensemble_combiner(said)[0].cpu().numpy()


def _outputs(label: str, values: np.ndarray, window: TourWindow, until: str = "") -> Sheet:
    """Return a sheet of one row, a column for each output."""
    return Sheet(
        label,
        values[None],
        "",
        "output",
        names=(label,),
        columns=window.outputs,
        kind="Combiner",
        find=lambda row, column: (column,),
        until=until,
    )
