"""A BiLSTM block: the gates and states that nn.LSTM does not return, one of its cells, and one channel of its output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.arithmetic.derivation import Derivation, Line, Ref, Sum, ValueIndex, given
from complex_lstm.arithmetic.held_gates import SYMBOLS, HeldGate, Reading
from complex_lstm.arithmetic.linear import apply, channel_names, doubles, layer_norm_lines, row_lines, sum_of_products
from complex_lstm.arithmetic.operations import ADD, ADD_PRODUCTS, MULTIPLY, SIGMOID, TANH
from complex_lstm.arithmetic.traced_window import TracedWindow
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.model.interventions import Patch
from complex_lstm.model.padding import padding_mask
from complex_lstm.model.sites import Site, site_before_block


@dataclass(frozen=True)
class LSTMStates:
    """One reading of one LSTM layer, in float64. `inputs` are what the layer reads; the channels of the rest are its own.

    At padded steps cell and hidden state are zero, and the gates mean nothing.
    """

    inputs: Float[Tensor, "batch time entry"]
    input_gate: Float[Tensor, "batch time channel"]
    forget_gate: Float[Tensor, "batch time channel"]
    candidate: Float[Tensor, "batch time channel"]
    output_gate: Float[Tensor, "batch time channel"]
    cell: Float[Tensor, "batch time channel"]
    hidden: Float[Tensor, "batch time channel"]


@torch.no_grad()
def lstm_states(
    lstm: nn.LSTM,
    h: Float[Tensor, "batch time channel"],
    *,
    layer: int,
    backward: bool,
    lengths: Tensor | list[int] | None = None,
    held: tuple[HeldGate, ...] = (),
) -> LSTMStates:
    """Return every gate, cell and hidden state of one layer's reading of h in one direction (Hochreiter and Schmidhuber 1997).

    They follow from the weights: nn.LSTM computes the same and keeps only the hidden states of its last layer. A layer
    above the first reads both directions of the one below. The backward reading starts at each series' own last step.
    Dropout between the layers is left out, as in eval mode. A held gate has its value instead of its own, and all that
    is computed later follows.

    Raises:
        ExplanationError: a held gate is of a channel, step or layer that is not there.
    """
    for one in held:
        one.check(lstm, steps=h.shape[1])
    mask = padding_mask(lengths, batch=len(h), time=h.shape[1]).to(h.device)
    inputs = h.double()
    for below in range(layer):
        both = [_states(lstm, inputs, mask, Reading(below, side), held).hidden for side in (False, True)]
        inputs = torch.cat(both, dim=-1)  # (batch, time, 2*channel)
    return _states(lstm, inputs, mask, Reading(layer, backward), held)


def _states(
    lstm: nn.LSTM, inputs: Float[Tensor, "batch time entry"], mask: Tensor, reading: Reading, held: tuple[HeldGate, ...]
) -> LSTMStates:
    steps = [step.flip(0) if reading.backward else step for step in (inputs.transpose(0, 1), mask.double().T[..., None])]
    own = tuple(one for one in held if one.reading == reading)
    read = torch.stack(list(_read(lstm, *steps, reading=reading, held=own)), dim=2)  # (state, batch, time, channel)
    return LSTMStates(inputs, *(read.flip(2) if reading.backward else read).unbind())


def _read(
    lstm: nn.LSTM,
    inputs: Float[Tensor, "time batch entry"],
    mask: Float[Tensor, "time batch 1"],
    *,
    reading: Reading,
    held: tuple[HeldGate, ...],
) -> Iterator[Float[Tensor, "state batch channel"]]:
    """Yield the four gates, the cell and the hidden state at each step, in the order of reading."""
    suffix = f"_l{reading.layer}{'_reverse' * reading.backward}"
    weight_x, weight_h, bias_x, bias_h = (
        getattr(lstm, name + suffix).double() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    hidden = cell = inputs.new_zeros(inputs.shape[1], lstm.hidden_size)
    for number, (x, unpadded) in enumerate(zip(inputs, mask, strict=True)):
        i, f, g, o = (x @ weight_x.T + bias_x + hidden @ weight_h.T + bias_h).chunk(4, dim=-1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        for one in held:
            one.hold((i, f, g, o), len(inputs) - 1 - number if reading.backward else number)
        cell = (f * cell + i * g) * unpadded  # the backward reading starts at a window's own last step
        hidden = o * cell.tanh()
        yield torch.stack([i, f, g, o, cell, hidden])


@torch.no_grad()
def trace_held(
    model: ComplexLSTMModel,
    trace: Trace,
    x: Float[Tensor, "batch time feature"],
    block: int,
    held: tuple[HeldGate, ...],
) -> Trace:
    """Return the trace of x with gates held in one BiLSTM block. `trace` is that of x without them, in eval mode.

    The block is read with the gates held, in float64, and the model computes from its output on.

    Raises:
        ExplanationError: see `lstm_states`.
    """
    module: Any = model.lstm_blocks[block]  # nn.ModuleList forgets the class
    h, lengths = trace.at(site_before_block(block)).to(x.device), trace.lengths
    read = [lstm_states(module.lstm, h, layer=1, backward=side, lengths=lengths, held=held).hidden for side in (False, True)]
    output = module.layer_norm(h + module.output_proj(torch.cat(read, dim=-1).to(h.dtype)))
    donor = replace(trace, lstm=tuple(output if number == block else one for number, one in enumerate(trace.lstm)))
    return model.trace(x, lengths, (Patch(Site("lstm", block), donor),))


DIRECTIONS = ("forward", "backward")
GATES = tuple(zip(SYMBOLS, ("input gate", "forget gate", "candidate", "output gate"), (SIGMOID, SIGMOID, TANH, SIGMOID), strict=True))


def lstm_cell(window: TracedWindow, block: int, layer: int, direction: int, step: int, channel: int) -> Derivation:
    """Return the hidden state of one LSTM cell after a step: four gates, the cell state, and the part of it that is let out.

    Its traced value is what nn.LSTM itself returns for the layer.
    """
    lstm: Any = window.model.lstm_blocks[block].lstm  # nn.ModuleList forgets the class
    before = _input(window, block, lstm)
    states = lstm_states(lstm, before, layer=layer, backward=bool(direction))
    place = window.place
    earlier = step + 1 if direction else step - 1
    before_it = [place("LSTM cell", block, layer, direction, earlier, j) for j in range(lstm.hidden_size)]
    if layer:
        reads = [place("LSTM cell", block, layer - 1, side, step, j) for side in (0, 1) for j in range(lstm.hidden_size)]
    else:
        reads = [window.place_before_block(block, step, j) for j in range(lstm.hidden_size)]
    is_first = not 0 <= earlier < before.shape[1]  # the states before it are zeros
    origins = reads, [None] * lstm.hidden_size if is_first else before_it
    gates = [line for number in range(4) for line in _gate_lines(lstm, states, number, layer, direction, step, channel, origins)]
    cell_before = given("cell state before", "c'", _read_before(states.cell, direction, step)[channel], origins[1][channel])
    return Derivation(
        site="LSTM cell",
        name=f"BiLSTM block {block + 1}, LSTM layer {layer + 1}, {DIRECTIONS[direction]}, step {step}, channel {channel}",
        formula=r"c = f \odot c' + i \odot g,\quad h = o \odot \tanh(c),\quad "
        r"i, f, o = \sigma(W_x x + b_x + W_h h' + b_h),\quad g = \tanh(\ldots)",
        lines=(
            *gates,
            Line("c", "what is kept, and what is taken in", ADD_PRODUCTS, (Ref("f"), cell_before, Ref("i"), Ref("g"))),
            Line("u", "the cell state from -1 to 1", TANH, (Ref("c"),)),
            Line("h", "what is let out", MULTIPLY, (Ref("o"), Ref("u"))),
        ),
        traced=float(_by_torch(lstm, before, layer)[step, direction * lstm.hidden_size + channel]),
        source="complex_lstm.arithmetic.recurrence:lstm_states",
    )


def lstm_block(window: TracedWindow, block: int, step: int, channel: int) -> Derivation:
    """Return a channel after a BiLSTM block: a sum over both readings, the block's input added, LayerNorm."""
    module: Any = window.model.lstm_blocks[block]
    before = _input(window, block, module.lstm)
    block_input, read = doubles(before[0, step]), _by_torch(module.lstm, before, layer=1)[step]
    label, general = "both readings times weights", r"\sum_j W_{c,j}\, [\overrightarrow{h}_t;\, \overleftarrow{h}_t]_j"
    residual = given(f"what came in, channel {channel}", "x_{t,c}", block_input[channel], window.place_before_block(block, step, channel))
    origins = [window.place("LSTM cell", block, 1, side, step, j) for side in (0, 1) for j in range(len(block_input))]
    return Derivation(
        site="BiLSTM block",
        name=f"BiLSTM block {block + 1}, step {step}, channel {channel}",
        formula=r"l_{t,c} = \mathrm{LayerNorm}\big(x_t + W\, [\overrightarrow{h}_t;\, \overleftarrow{h}_t] + b\big)_c",
        lines=(
            *row_lines(
                module.output_proj,
                channel,
                _both(len(block_input)),
                read,
                label=label,
                general=general,
                block_input=(residual,),
                origins=origins,
            ),
            *layer_norm_lines(module.layer_norm, block_input + apply(module.output_proj, read), channel),
        ),
        traced=float(window.over_time(window.trace.lstm[block])[step, channel]),
        source="complex_lstm.model.recurrence:BiLSTMBlock.forward",
    )


def _gate_lines(
    lstm: nn.LSTM,
    states: LSTMStates,
    number: int,
    layer: int,
    direction: int,
    step: int,
    channel: int,
    origins: tuple[list[ValueIndex], list[ValueIndex] | list[None]],
) -> list[Sum | Line]:
    """Return the lines of one gate: sums over the input and over the hidden state before, the biases, and the activation."""
    symbol, name, activation = GATES[number]
    row, suffix = number * lstm.hidden_size + channel, f"_l{layer}{'_reverse' * direction}"
    weight_x, weight_h, bias_x, bias_h = (
        doubles(getattr(lstm, f"{part}{suffix}"))[row] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    x, hidden = doubles(states.inputs[0, step]), _read_before(states.hidden, direction, step)
    channels, biases = channel_names(len(hidden)), (given("input bias", "b_x", bias_x), given("hidden bias", "b_h", bias_h))
    read = rf"\sum_j W^{symbol}_{{x,j}}\, x_j", rf"\sum_j W^{symbol}_{{h,j}}\, h'_j"
    return [
        sum_of_products(
            f"x_{symbol}", f"{name}: from the input", read[0], _both(len(hidden)) if layer else channels, x, weight_x, origins[0]
        ),
        sum_of_products(f"r_{symbol}", f"{name}: from the hidden state before", read[1], channels, hidden, weight_h, origins[1]),
        Line(f"a_{symbol}", f"{name}: both with the biases", ADD, (Ref(f"x_{symbol}"), Ref(f"r_{symbol}"), *biases)),
        Line(symbol, name, activation, (Ref(f"a_{symbol}"),)),
    ]


def _read_before(states: Float[Tensor, "batch time channel"], direction: int, step: int) -> Float[np.ndarray, " channel"]:
    """Return the state of the cell before it reads a step: zeros at the first step that it reads."""
    at = step + 1 if direction else step - 1
    inside = 0 <= at < states.shape[1]
    return doubles(states[0, at]) if inside else np.zeros(states.shape[2])


def _both(channels: int) -> list[str]:
    return [f"{direction}, {name}" for direction in DIRECTIONS for name in channel_names(channels)]


def _input(window: TracedWindow, block: int, lstm: nn.LSTM) -> Float[Tensor, "1 time channel"]:
    """Return the block's input for the window, on the block's device: a trace may have been moved to another."""
    return window.before_block(block)[window.number : window.number + 1, : window.steps].to(next(lstm.parameters()).device)


@torch.no_grad()
def _by_torch(lstm: nn.LSTM, h: Float[Tensor, "1 time channel"], layer: int) -> Float[np.ndarray, "time 2*channel"]:
    """Return what nn.LSTM computes for a layer. Of two layers it returns the second, so the first is run alone."""
    if layer == lstm.num_layers - 1:
        return doubles(lstm(h)[0][0])
    # on no device it draws no random numbers for the weights that it is about to get
    alone = nn.LSTM(lstm.input_size, lstm.hidden_size, batch_first=True, bidirectional=True, device="meta").to_empty(device=h.device)
    alone.load_state_dict({name: value for name, value in lstm.state_dict().items() if name.removesuffix("_reverse").endswith("_l0")})
    return doubles(alone(h)[0][0])
