"""The gates that nn.LSTM does not return, against what it does return."""

import math

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from complex_lstm.arithmetic import lstm_states
from complex_lstm.errors import ShapeError
from tests.arithmetic.looked_into import SAMPLES, sample
from tests.model.lively import liven, random_windows

LENGTHS = [9, 1, 4]


def recurrent(**sizes: int) -> nn.LSTM:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return liven(nn.LSTM(**{"input_size": 6, "hidden_size": 6, "num_layers": 2, "batch_first": True, "bidirectional": True} | sizes))


def both(lstm: nn.LSTM, h: torch.Tensor, layer: int, lengths: list[int] | None = None) -> torch.Tensor:
    return torch.cat([lstm_states(lstm, h, layer=layer, backward=side, lengths=lengths).hidden for side in (False, True)], dim=-1)


@torch.no_grad()
def test_the_hidden_states_of_the_second_layer_are_those_of_torch() -> None:
    lstm, h = recurrent(), random_windows(3, 9, 6)

    assert torch.allclose(both(lstm, h, 1).float(), lstm(h)[0], atol=1e-6)


@torch.no_grad()
def test_the_hidden_states_of_the_first_layer_are_those_of_torch() -> None:
    lstm, alone, h = recurrent(), recurrent(num_layers=1), random_windows(3, 9, 6)
    alone.load_state_dict({name: value for name, value in lstm.state_dict().items() if "_l0" in name})

    assert torch.allclose(both(lstm, h, 0).float(), alone(h)[0], atol=1e-6)


@torch.no_grad()
def test_the_last_cell_states_are_those_of_torch() -> None:
    lstm, h = recurrent(), random_windows(3, 9, 6)
    cells = lstm(h)[1][1]  # (layer*direction, batch, channel)

    for layer in (0, 1):
        assert torch.allclose(lstm_states(lstm, h, layer=layer, backward=False).cell[:, -1].float(), cells[2 * layer], atol=1e-6)
        assert torch.allclose(lstm_states(lstm, h, layer=layer, backward=True).cell[:, 0].float(), cells[2 * layer + 1], atol=1e-6)


@torch.no_grad()
def test_the_backward_reading_of_a_padded_series_starts_at_its_own_last_step() -> None:
    lstm, h = recurrent(), random_windows(3, 9, 6)
    packed = pack_padded_sequence(h, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    expected = pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=9)[0]

    found = both(lstm, h, 1, LENGTHS)

    assert torch.allclose(found.float(), expected, atol=1e-6)
    assert not found[1, 1:].any() and not found[2, 4:].any()


@pytest.mark.parametrize("name", SAMPLES)
@torch.no_grad()
def test_every_block_of_the_trained_models_is_read_as_torch_reads_it(name: str) -> None:
    looked = sample(name)
    h = looked.trace.fused[:1, : int(looked.trace.lengths[0])]

    for block in looked.model.lstm_blocks:
        assert torch.allclose(both(block.lstm, h, 1).float(), block.lstm(h)[0], atol=1e-6)
        h = block(h)


@torch.no_grad()
def test_two_steps_by_hand() -> None:
    lstm = recurrent(input_size=1, hidden_size=1, num_layers=1, bidirectional=False)
    for value in lstm.parameters():
        value.zero_()
    lstm.bias_ih_l0[2] = 1  # of the candidate: tanh(1) at each step; every gate is half open

    states = lstm_states(lstm, torch.ones(1, 2, 1), layer=0, backward=False)

    first = 0.5 * math.tanh(1)
    assert (
        states.input_gate.flatten().tolist() == states.forget_gate.flatten().tolist() == states.output_gate.flatten().tolist() == [0.5] * 2
    )
    assert states.candidate.flatten().tolist() == pytest.approx([math.tanh(1)] * 2)
    assert states.cell.flatten().tolist() == pytest.approx([first, 1.5 * first])
    assert states.hidden.flatten().tolist() == pytest.approx([0.5 * math.tanh(first), 0.5 * math.tanh(1.5 * first)])


def test_each_cell_follows_from_its_gates_and_the_one_read_before() -> None:
    lstm, h = recurrent(), random_windows(2, 5, 6)

    for backward, earlier, later in ((False, slice(0, 4), slice(1, 5)), (True, slice(1, 5), slice(0, 4))):
        s = lstm_states(lstm, h, layer=1, backward=backward)
        assert torch.allclose(
            s.cell[:, later], s.forget_gate[:, later] * s.cell[:, earlier] + s.input_gate[:, later] * s.candidate[:, later]
        )
        assert torch.allclose(s.hidden, s.output_gate * s.cell.tanh())


@pytest.mark.usefixtures("shapes_unchecked")
def test_lengths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"lengths are \[10\], expected whole numbers from 1 to 9"):
        lstm_states(recurrent(), random_windows(1, 9, 6), layer=0, backward=False, lengths=[10])
