"""An LSTM layer step by step, with the gates that nn.LSTM does not return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.model.padding import real_steps


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
) -> LSTMStates:
    """Return every gate, cell and hidden state of one layer's reading of h in one direction (Hochreiter and Schmidhuber 1997).

    They follow from the weights: nn.LSTM computes the same and keeps only the hidden states of its last layer. A layer
    above the first reads both directions of the one below. The backward reading starts at each series' own last step.
    Dropout between the layers is left out, as in eval mode.
    """
    real = real_steps([h.shape[1]] * len(h) if lengths is None else lengths, h.shape[1], len(h)).to(h.device)
    inputs = h.double()
    if layer:
        below = [lstm_states(lstm, h, layer=layer - 1, backward=side, lengths=lengths).hidden for side in (False, True)]
        inputs = torch.cat(below, dim=-1)  # (batch, time, 2*channel)
    steps = [step.flip(0) if backward else step for step in (inputs.transpose(0, 1), real.double().T[..., None])]
    read = torch.stack(list(_read(lstm, *steps, suffix=f"_l{layer}{'_reverse' * backward}")), dim=2)  # (state, batch, time, channel)
    return LSTMStates(inputs, *(read.flip(2) if backward else read).unbind())


def _read(
    lstm: nn.LSTM, inputs: Float[Tensor, "time batch entry"], real: Float[Tensor, "time batch 1"], *, suffix: str
) -> Iterator[Float[Tensor, "state batch channel"]]:
    """Yield what the layer holds after each step, in the order of reading: the four gates, cell and hidden state."""
    weight_x, weight_h, bias_x, bias_h = (
        getattr(lstm, name + suffix).double() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    hidden = cell = inputs.new_zeros(inputs.shape[1], lstm.hidden_size)
    for x, is_real in zip(inputs, real, strict=True):
        i, f, g, o = (x @ weight_x.T + bias_x + hidden @ weight_h.T + bias_h).chunk(4, dim=-1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        cell = (f * cell + i * g) * is_real  # nothing has been read yet where the padding is read first
        hidden = o * cell.tanh()
        yield torch.stack([i, f, g, o, cell, hidden])
