"""A gate that is held, against nn.LSTM with weights that hold it: a row of zeros and the bias whose activation is the value."""

import copy
import math

import pytest
import torch
from torch import nn

from complex_lstm.arithmetic import READINGS, HeldGate, Reading, lstm_states, trace_held
from complex_lstm.errors import ExplanationError
from tests.arithmetic.looked_into import sample
from tests.arithmetic.test_lstm_states import both, recurrent
from tests.model.lively import random_windows

ROWS = {"i": 0, "f": 1, "g": 2, "o": 3}  # torch's order of the gates in the weights


@torch.no_grad()
def with_gate(lstm: nn.LSTM, held: HeldGate) -> nn.LSTM:
    """Return a copy whose weights hold the gate at every step."""
    changed, suffix = copy.deepcopy(lstm), f"_l{held.reading.layer}{'_reverse' * held.reading.backward}"
    first = ROWS[held.gate] * lstm.hidden_size
    rows = slice(first, first + lstm.hidden_size) if held.channel is None else first + held.channel
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(changed, name + suffix)[rows] = 0
    before = math.atanh(held.value) if held.gate == "g" else math.log(held.value / (1 - held.value))
    getattr(changed, "bias_ih" + suffix)[rows] = before
    return changed


@pytest.mark.parametrize("channel", [None, 4])
@pytest.mark.parametrize("gate", ROWS)
@pytest.mark.parametrize("reading", READINGS, ids=str)
@torch.no_grad()
def test_a_held_gate_and_all_that_follows_are_those_of_torch_with_such_weights(reading: Reading, gate: str, channel: int | None) -> None:
    lstm, h, lengths = recurrent(), random_windows(2, 9, 6), [9, 4]
    held = HeldGate(reading, gate, 0.3, channel)
    expected = both(with_gate(lstm, held), h, 1, lengths)

    found = torch.cat([lstm_states(lstm, h, layer=1, backward=side, lengths=lengths, held=(held,)).hidden for side in (False, True)], -1)

    assert torch.allclose(found, expected, atol=1e-6) and not torch.allclose(found, both(lstm, h, 1, lengths), atol=1e-3)
    assert torch.allclose(found[:1].float(), with_gate(lstm, held)(h[:1])[0], atol=1e-6)


@pytest.mark.parametrize("backward", [False, True])
@torch.no_grad()
def test_a_gate_held_at_one_step_leaves_what_was_read_before_alone_and_hands_its_state_on(backward: bool) -> None:
    """From the step on, nn.LSTM continues with the state that the held cell is computed to by hand."""
    lstm, h, step = recurrent(num_layers=1), random_windows(1, 9, 6), 5
    reading = Reading(0, backward)
    own = lstm_states(lstm, h, layer=0, backward=backward)

    found = lstm_states(lstm, h, layer=0, backward=backward, held=(HeldGate(reading, "f", 0.0, step=step),))

    before, after = (slice(6, 9), slice(0, 5)) if backward else (slice(0, 5), slice(6, 9))
    assert torch.equal(found.cell[:, before], own.cell[:, before])
    cell = (own.input_gate * own.candidate)[:, step]  # nothing of the state before is kept
    assert torch.allclose(found.cell[:, step], cell)
    cells = nn.LSTM(6, 6, batch_first=True)
    suffix = "_l0_reverse" if backward else "_l0"
    cells.load_state_dict({f"{name}_l0": getattr(lstm, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")})
    state = (own.output_gate[:, step] * cell.tanh()).float(), cell.float()
    rest = h[:, after].flip(1) if backward else h[:, after]
    continued = cells(rest, (state[0][None], state[1][None]))[0]
    assert torch.allclose(found.hidden[:, after].float(), continued.flip(1) if backward else continued, atol=1e-6)


@pytest.mark.parametrize("block", [0, 3])
@torch.no_grad()
def test_the_prediction_with_a_held_gate_is_that_of_a_model_with_such_weights(block: int) -> None:
    looked = sample("japanese_vowels")  # windows of unequal length
    held = HeldGate(Reading(0, True), "f", 0.1)
    model = copy.deepcopy(looked.model)
    model.lstm_blocks[block].lstm = with_gate(model.lstm_blocks[block].lstm, held)

    found = trace_held(looked.model, looked.trace, looked.x, block, (held,))

    assert torch.allclose(found.prediction, model(looked.x, looked.trace.lengths), atol=1e-5)
    assert not torch.allclose(found.prediction, looked.trace.prediction, atol=1e-3)
    assert torch.equal(found.fused, looked.trace.fused)
    nothing = trace_held(looked.model, looked.trace, looked.x, block, ())
    assert torch.allclose(nothing.prediction, looked.trace.prediction, atol=1e-5)


def test_what_no_gate_can_have_is_refused() -> None:
    lstm, h = recurrent(), random_windows(1, 9, 6)

    with pytest.raises(ExplanationError, match="There is no gate 'c' in an LSTM cell. Hold one of i, f, g, o."):
        HeldGate(READINGS[0], "c", 0.5)
    for gate, value, least in (("f", 1.5, 0), ("i", -0.1, 0), ("g", -1.1, -1), ("o", math.nan, 0)):
        with pytest.raises(ExplanationError, match=rf"The gate {gate} is held at \S+, and it goes from {least} to 1"):
            HeldGate(READINGS[0], gate, value)
    for held in (
        HeldGate(Reading(2, False), "f", 1.0),
        HeldGate(READINGS[0], "f", 1.0, channel=6),
        HeldGate(READINGS[0], "f", 1.0, step=9),
    ):
        with pytest.raises(ExplanationError, match="in which a gate could be held: they go from 0 to"):
            lstm_states(lstm, h, layer=0, backward=False, held=(held,))
    assert HeldGate(READINGS[0], "g", -1.0).value == -1
