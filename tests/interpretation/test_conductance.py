"""Layer Conductance on a chain of blocks solved by hand, and on the model."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import conductance
from tests.interpretation.toys import Linear, forward_func_of
from tests.model.lively import random_windows, small_model

X = [[1.0, 1.0], [2.0, 3.0], [0.0, -1.0]]


class Times(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


class Chain(nn.Module):
    """The cells times 2, times 3, times 5, and the sum of a power of them."""

    def __init__(self, power: int) -> None:
        super().__init__()
        self.temp_conv1, self.lstm_blocks, self.power = Times(2), nn.ModuleList([Times(3), Times(5)]), power

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        h = self.temp_conv1(x)
        for block in self.lstm_blocks:
            h = block(h)
        return (h**self.power).sum((1, 2))[:, None]


def test_through_each_block_of_a_linear_chain_flows_all_that_a_step_is_worth() -> None:
    found = conductance(forward_func_of(Chain(1), X, baseline=1.0))

    assert found.blocks == ("temp_conv1", "lstm_blocks.0", "lstm_blocks.1")
    each = [30 * (0 + 0), 30 * (1 + 2), 30 * (-1 - 2)]  # the distance from 1, both features
    assert found.flow == pytest.approx(np.array([each] * 3), abs=1e-3)
    assert found.gap == pytest.approx(30 * (6 - 6))


def test_through_a_curve_flows_the_integral_of_its_gradient() -> None:
    found = conductance(forward_func_of(Chain(2), X))

    each = [900 * (1 + 1), 900 * (4 + 9), 900 * (0 + 1)]  # the integral of 2 h dh up to 30 x
    assert found.flow == pytest.approx(np.array([each] * 3) * 31 / 32, rel=1e-3)  # the gradient at each of 32 steps' start is too low
    assert found.gap == 900 * 16 and found.steps == 32


def test_conductance_is_in_the_unit_of_the_output() -> None:
    whole, half = (conductance(forward_func_of(Chain(1), X, unit=unit)) for unit in (1.0, 0.5))

    assert half.flow == pytest.approx(whole.flow / 2) and half.gap == whole.gap / 2


def test_of_several_baselines_the_first_counts() -> None:
    several = conductance(forward_func_of(Chain(1), X, baselines=[np.zeros((3, 2)), np.ones((3, 2))]))

    assert several.gap == 30 * 6 and several.flow[0] == pytest.approx([60, 150, -30], abs=1e-3)


@pytest.mark.parametrize("seed", [3, 5, 6])
def test_blocks_that_nothing_passes_by_carry_the_whole_gap(seed: int) -> None:
    found = conductance(forward_func_of(small_model(), random_windows(8, 4, seed=seed).tolist()))

    carried = dict(zip(found.blocks, found.flow.sum(axis=1), strict=True))
    assert list(carried) == ["temp_conv1", "temp_conv2", *(f"lstm_blocks.{number}" for number in range(4))]
    del carried["temp_conv2"]  # the gate lets temp_conv1 pass by it
    passing = np.abs(found.flow).sum(axis=1).max()
    assert list(carried.values()) == pytest.approx([found.gap] * 5, abs=0.03 * passing)


def test_a_block_that_says_nothing_carries_nothing() -> None:
    model = small_model()
    with torch.no_grad():
        model.temp_conv2.layer_norm.weight.zero_()

    found = conductance(forward_func_of(model, random_windows(8, 4, seed=3).tolist()))

    assert not found.flow[1].any() and found.flow[0].all()


def test_the_steps_grow_until_the_first_row_is_the_gap_within_five_percent() -> None:
    found = conductance(forward_func_of(Chain(4), X))

    assert found.steps == 128  # 4 h^3 at the start of each of n steps is 2 / n too low: 6% with 32, 1.6% with 128
    assert found.flow.sum(axis=1) == pytest.approx([found.gap * (1 - 2 / 128)] * 3, rel=1e-3)


@pytest.mark.parametrize("batch", [2, 5, 64, 1000])
def test_conductance_is_the_same_in_batches_of_any_size(batch: int) -> None:
    forward_func = forward_func_of(small_model(), random_windows(8, 4, seed=3).tolist())
    expected = conductance(forward_func).flow

    forward_func.batch = batch

    assert conductance(forward_func).flow == pytest.approx(expected, abs=1e-5)


def test_a_model_without_blocks_has_no_conductance() -> None:
    with pytest.raises(
        ExplanationError, match="Layer Conductance needs a ComplexLSTMModel: this model has no convolution or BiLSTM blocks."
    ):
        conductance(forward_func_of(Linear(X), X))
