import math

import pytest
import torch

from complex_lstm.model.positions import PositionalEncoding


def test_a_step_far_beyond_five_thousand_has_its_sines_and_cosines() -> None:
    table = PositionalEncoding(4).table(6000)

    t = 5999
    expected = [math.sin(t), math.cos(t), math.sin(t / 100), math.cos(t / 100)]  # 10000^(2/4) = 100
    assert table.shape == (6000, 4)
    assert table[t].tolist() == pytest.approx(expected, abs=1e-3)


def test_an_odd_number_of_channels_ends_with_a_sine() -> None:
    table = PositionalEncoding(3).table(2)

    expected = [math.sin(1), math.cos(1), math.sin(10000 ** (-2 / 3))]
    assert table[0].tolist() == [0, 1, 0]
    assert table[1].tolist() == pytest.approx(expected, abs=1e-6)


def test_positions_are_added_to_every_window() -> None:
    encoding = PositionalEncoding(8)
    h = torch.ones(2, 5, 8)

    assert torch.equal(encoding(h), 1 + encoding.table(5).expand(2, 5, 8))
    assert encoding(h.double()).dtype == torch.float64


def test_a_stored_table_is_accepted_and_ignored() -> None:
    encoding = PositionalEncoding(8)

    encoding.load_state_dict({"pe": torch.full((1, 5000, 8), 7.0)}, strict=True)

    assert not encoding.state_dict()
    assert encoding.table(1)[0].tolist() == [0, 1] * 4
