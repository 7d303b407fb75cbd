"""The boxes of the picture, from the series to the prediction, and their sheets: the tensors of this window as rows over columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn

from complex_lstm.arithmetic import ValueIndex, lstm_states
from complex_lstm.config import kernel_names
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, site_before_block
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.views.tour.window import TourWindow

Across = Literal["time", "key", "channel", "output"]
Colours = Literal["signed", "share", "weight"]
SCALING, TERMS = "Scaling", "Human terms"  # kinds of arithmetic before and after the model
TERMS_LABEL = {True: "probability", False: "in the file's unit"}  # the sheet of the prediction's meaning, by whether outputs are classes
Find = Callable[[int, int], tuple[int, ...]]  # from row and column to the indices of a place
DOES = {
    "Series": "the window as the model sees it, each feature scaled.",
    "Projection": "at each step alone, every channel is a weighted sum of the features, scaled by LayerNorm; what is below 0 becomes 0.",
    "+ position": "waves that tell the steps apart are added to the channels.",
    "Convolution": "three kernels of different width look at the neighbourhood of each step, and their sum is added to what came in.",
    "Fusion gate": "a gate from 0 to 1 mixes the two convolution stages, at each step and channel.",
    "BiLSTM": "two LSTM layers read the window from both ends, and what they have read is added to what came in.",
    "Attention": "each step takes an average of all steps, weighted by how well its query fits their keys; it is added to what came in.",
    "Mean | max | last": "of each channel three numbers stay: the mean over the steps, the largest value, and the last.",
    "Ensemble heads": "three small networks each predict from these numbers.",
    "Combiner": "another small network weighs the three predictions.",
    "Scale, prediction": "times a learned scale, this is the prediction.",
}
READINGS = ("forward reading", "backward reading")
FORWARD, FORGET_GATE = 1, 6  # sheets of a BiLSTM block
CELL_STATE = "cell state"
POOLS = ("mean", "max", "last step")


@dataclass(frozen=True)
class Sheet:
    """A tensor as it is drawn: `rows` names the axis of the rows, `across` the axis that runs from left to right.

    Colours: "signed" is centred on zero, "share" goes from 0 to 1, "weight" from 0 to the largest. `names` and `columns`
    name the rows and columns; without names they count from 0 (columns over time have the window's times). `kind` and
    `find` lead to the arithmetic of a cell, which stops at the line called `until`, if there is one. A sheet with a
    `reading` shows the block's LSTM cells one channel and step at a time, and its values are that reading's hidden states.
    One that `comes_first` is offered before the others of its box, because they are computed from it.
    """

    label: str
    values: Float32[np.ndarray, "row column"]
    rows: str
    across: Across = "time"
    colours: Colours = "signed"
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    kind: str = ""
    find: Find = lambda row, column: (row, column)
    until: str = ""
    reading: int | None = None
    comes_first: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Columns, then rows: time comes first, as in the model's tensors. For attention: query, key."""
        rows, columns = self.values.shape
        return (rows, columns) if self.across == "key" else (columns, rows)

    def place(self, row: int, column: int) -> ValueIndex:
        """Return the place of a cell's value in the model."""
        return ValueIndex(self.kind, self.find(row, column))

    @property
    def top(self) -> float:
        """The value that has the strongest colour."""
        return 1.0 if self.colours == "share" else float(np.abs(self.values).max()) or 1.0


def over_time(
    label: str, values: Tensor, *, rows: str, kind: str = "", at: tuple[int, ...] = (), colours: Colours = "signed", until: str = ""
) -> Sheet:
    """Return the sheet of a (1, time, row) tensor whose cell (row, time) is worked out at (*at, time, row)."""
    return Sheet(
        label,
        values[0].float().numpy().T.copy(),
        rows,
        colours=colours,
        kind=kind,
        find=lambda row, column: (*at, column, row),
        until=until,
    )


def open_series(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the window as the model sees it."""
    return (replace(over_time("scaled", window.x, rows="feature", kind=SCALING), names=window.features),)


def open_projection(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the features as channels."""
    return (over_time("projected", window.trace.projected, rows="channel", kind="Input projection"),)


def open_encoded(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the channels with the positional encoding added, and the positional encoding alone."""
    trace = window.trace
    return (
        over_time("with positions", trace.encoded, rows="channel", kind="Positions"),
        over_time("positions alone", trace.encoded - trace.projected, rows="channel", kind="Positions", until="w"),
    )


def open_stage(window: TourWindow, *, stage: int) -> tuple[Sheet, ...]:
    """Return the output of a convolution stage, and the response of each of its scales."""
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
    """Return the fusion gate, and the mixture of both stages."""
    return (
        over_time("gate", window.trace.gate, rows="channel", kind="Fusion gate", colours="share"),
        over_time("mixed", window.trace.fused, rows="channel", kind="Fused"),
    )


def open_recurrence(window: TourWindow, *, block: int) -> tuple[Sheet, ...]:
    """Return a BiLSTM block's output, both directions of both its LSTM layers, the gates of the first forward direction, and the cells."""
    inner: Any = window.model.lstm_blocks[block]  # nn.ModuleList forgets the class
    block_input = window.trace.at(site_before_block(block)).to(next(inner.parameters()).device)
    layers = [[lstm_states(inner.lstm, block_input, layer=layer, backward=side) for side in (False, True)] for layer in (0, 1)]
    first = layers[0][0]
    cell = partial(over_time, rows="channel", kind="LSTM cell")
    return (
        over_time("block", window.trace.lstm[block], rows="channel", kind="BiLSTM block", at=(block,)),
        *(
            cell(f"{READINGS[side]}, layer {layer + 1}", states.hidden.cpu(), at=(block, layer, side))
            for layer, both in enumerate(layers)
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
        *(
            replace(
                cell(f"the cell, {READINGS[side]}, layer {layer + 1}", states.hidden.cpu(), at=(block, layer, side)),
                reading=2 * layer + side,
            )
            for layer, both in enumerate(layers)
            for side, states in enumerate(both)
        ),
    )


def open_attention(window: TourWindow, *, layer: int) -> tuple[Sheet, ...]:
    """Return the weights of every attention head, the output of the layer, its Q, K and V, and what the heads take of V."""
    heads = [
        Sheet(
            f"head {head + 1}",
            weights,
            "query",
            "key",
            "weight",
            kind="Attention weight",
            find=partial(lambda head, row, column: (layer, head, row, column), head),
        )
        for head, weights in enumerate(window.trace.attention[0, layer].numpy())
    ]
    attended = over_time("attended", window.trace.attended[layer], rows="channel", kind="Attended", at=(layer,))
    return (*heads, attended, *_projections(window, layer))


@torch.no_grad()
def _projections(window: TourWindow, layer: int) -> Iterator[Sheet]:
    """Yield queries, keys and values of all heads over time, and the sums of the values, each times its weight. The trace has them not."""
    module: Any = window.model.attention_layers[layer]
    count, channels = window.model.config.num_heads, window.channels
    width = channels // count
    before = next(window.trace.lstm[block] for block, after in ATTENTION_LAYER_AFTER.items() if after == layer)
    h = before.to(next(module.parameters()).device)
    names = tuple(f"head {head + 1}, channel {channel}" for head in range(count) for channel in range(width))

    def find(row: int, column: int) -> tuple[int, ...]:
        return layer, row // width, column, row % width

    for label, name, kind in (("Q: queries", "w_q", "Query"), ("K: keys", "w_k", "Key"), ("V: values", "w_v", "Value")):
        values = getattr(module, name)(h).cpu()
        yield replace(over_time(label, values, rows="channel", kind=kind), names=names, find=find, comes_first=True)
    shares = window.trace.attention[0, layer]
    taken = torch.einsum("hqk,khd->qhd", shares, values[0].unflatten(-1, (count, width))).flatten(1)[None]
    yield replace(over_time("taken from V", taken, rows="channel", kind="Head output"), names=names, find=find)


def mean_attention(window: TourWindow, layer: int) -> Sheet:
    """Return the weights averaged over a layer's heads."""
    return Sheet("average of the heads", window.trace.attention[0, layer].mean(dim=0).numpy(), "query", "key", "weight")


def open_pooling(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the three pooled vectors, one a row."""
    trace = window.trace
    pooled = torch.cat([trace.pooled_mean, trace.pooled_max, trace.pooled_last]).numpy()  # (pool, channel)
    return (Sheet("pooled", pooled, "pool", "channel", names=POOLS, kind="Pooling"),)


def open_heads(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the outputs of each ensemble head, one a row, and the units of their hidden layers."""
    outputs = window.trace.ensemble_head_outputs[0].numpy()
    names = tuple(f"ensemble head {number + 1}" for number in range(len(outputs)))
    trace = window.trace
    pools = torch.cat([trace.pooled_mean, trace.pooled_max, trace.pooled_last], dim=-1)
    hidden = zip(*(_hidden_layers(head, pools) for head in window.model.output_heads), strict=True)
    return (
        Sheet("outputs", outputs, "ensemble head", "output", names=names, columns=window.outputs, kind="Ensemble head"),
        *(
            Sheet(
                f"hidden layer {layer + 1}",
                np.stack(units),
                "ensemble head",
                "channel",
                names=names,
                columns=_unit_names(len(units[0])),
                kind="Hidden unit",
                find=partial(lambda layer, row, column: (row, layer, column), layer),
            )
            for layer, units in enumerate(hidden)
        ),
    )


@torch.no_grad()
def _hidden_layers(network: nn.Module, values: Tensor) -> list[Float32[np.ndarray, " unit"]]:
    """Return the units of every hidden layer of a small network, after their ReLU."""
    linears = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    h, found = values.to(linears[0].weight.device), []
    for linear in linears[:-1]:
        h = linear(h).relu()
        found.append(h[0].cpu().numpy())
    return found


def _unit_names(count: int) -> tuple[str, ...]:
    return tuple(f"unit {number}" for number in range(count))


def open_combiner(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the output of the combiner, before the learned scale, and its hidden units."""
    (units,) = _hidden_layers(window.model.ensemble_combiner, window.trace.ensemble_head_outputs.flatten(1))
    hidden = Sheet(
        "hidden units", units[None], "", "channel", names=("hidden units",), columns=_unit_names(len(units)), kind="Combiner unit"
    )
    return (_outputs("combined", combined(window), window, until="z_2"), replace(hidden, find=lambda row, column: (column,)))


def open_prediction(window: TourWindow) -> tuple[Sheet, ...]:
    """Return the prediction in the model's scale, and as probabilities or values in the file's unit."""
    terms = _outputs(TERMS_LABEL[window.scene.is_classes], predicted_values(window.scene).astype(np.float32), window)
    colours: Colours = "share" if window.scene.is_classes else "signed"
    return (_outputs("prediction", window.trace.prediction[0].numpy(), window), replace(terms, kind=TERMS, colours=colours))


@torch.no_grad()
def combined(window: TourWindow) -> np.ndarray:
    """Return the combiner's outputs before the learned scale. They are computed here: the trace has them only after the scale."""
    heads = window.trace.ensemble_head_outputs.flatten(1).to(next(window.model.parameters()).device)
    return window.model.ensemble_combiner(heads)[0].cpu().numpy()


def _outputs(label: str, values: np.ndarray, window: TourWindow, until: str = "") -> Sheet:
    """Return a sheet of one row with a column for each output."""
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


@dataclass(frozen=True)
class TourBox:
    """One box: its name, the number of its parameters, its thumbnail, and its sheets, which are only made when it is opened."""

    name: str
    parameters: int
    thumbnail: Sheet
    open: Callable[[], tuple[Sheet, ...]]

    @property
    def does(self) -> str:
        """What the box computes, in a sentence."""
        return DOES[self.name.rstrip(" 0123456789")]

    @property
    def shape(self) -> str:
        """The shape of the tensor in the thumbnail, time first."""
        return " x ".join(map(str, self.thumbnail.shape))


def list_boxes(window: TourWindow) -> tuple[TourBox, ...]:
    """Return the boxes in the order of the forward pass. Together they have all parameters of the model."""
    model = window.model
    return (
        _box("Series", None, window, open_series),
        _box("Projection", model.input_proj, window, open_projection),
        _box("+ position", None, window, open_encoded),
        _box("Convolution 1", model.temp_conv1, window, partial(open_stage, stage=0)),
        _box("Convolution 2", model.temp_conv2, window, partial(open_stage, stage=1)),
        _box("Fusion gate", model.fusion_gate, window, open_gate),
        *_middle(window),
        _box("Mean | max | last", None, window, open_pooling),
        _box("Ensemble heads", model.output_heads, window, open_heads),
        _box("Combiner", model.ensemble_combiner, window, open_combiner),
        TourBox("Scale, prediction", model.gradient_scale.numel(), open_prediction(window)[0], partial(open_prediction, window)),
    )


def _box(name: str, module: nn.Module | None, window: TourWindow, opened: Callable[[TourWindow], tuple[Sheet, ...]]) -> TourBox:
    return TourBox(name, _count(module), opened(window)[0], partial(opened, window))


def _middle(window: TourWindow) -> Iterator[TourBox]:
    """Yield BiLSTM blocks and attention layers. Their thumbnails are made without the sheets, because the gates take long."""
    trace, model = window.trace, window.model
    for number, block in enumerate(model.lstm_blocks):
        thumbnail = over_time("", trace.lstm[number], rows="channel")
        yield TourBox(f"BiLSTM {number + 1}", _count(block), thumbnail, partial(open_recurrence, window, block=number))
        layer = ATTENTION_LAYER_AFTER.get(number)
        if layer is not None:
            count = _count(model.attention_layers[layer])
            yield TourBox(f"Attention {layer + 1}", count, mean_attention(window, layer), partial(open_attention, window, layer=layer))


def _count(module: nn.Module | None) -> int:
    return 0 if module is None else sum(value.numel() for value in module.parameters())
