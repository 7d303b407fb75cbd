"""Norms and idle units of models that are made by hand."""

import math

import pytest
import torch

from complex_lstm import ComplexLSTMModel
from complex_lstm.profiling.weights import idle_units, random_windows, weights_by_part

SIZES = {"input_dim": 3, "hidden_dim": 8, "num_lstm_layers": 1, "num_heads": 2, "output_dim": 2}


@pytest.fixture
def model() -> ComplexLSTMModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ComplexLSTMModel(**SIZES).eval()  # type: ignore[arg-type]


def test_the_norm_of_a_part_is_that_of_all_its_weights(model: ComplexLSTMModel) -> None:
    """The gate has 8 x 16 weights and 8 biases; all at 0.5 their norm is 0.5 * sqrt(136)."""
    for value in model.fusion_gate.parameters():
        value.data.fill_(0.5)

    gate = next(one for one in weights_by_part(model) if one.label == "Fusion gate")

    assert (gate.parameters, gate.largest) == (136, 0.5) and gate.norm == pytest.approx(0.5 * math.sqrt(136))
    assert sum(one.parameters for one in weights_by_part(model)) == sum(one.numel() for one in model.parameters())


def test_a_unit_that_its_bias_closes_never_fires_and_one_without_weights_is_constant(model: ComplexLSTMModel) -> None:
    first = model.output_heads[0][0]
    first.weight.data[:2].zero_()
    first.bias.data[0], first.bias.data[1] = -1.0, 3.0

    units = {one.layer: one for one in idle_units(model, random_windows(model, windows=4, steps=6, seed=0))}

    before = {one.layer: one for one in idle_units(ComplexLSTMModel(**SIZES), random_windows(model, windows=4, steps=6, seed=0))}  # type: ignore[arg-type]
    head = units["output_heads.0.1"]
    assert head.units == 8 and head.silent >= 1 and head.constant == 1 and head.closed is None
    assert list(before) == list(units) and len([name for name in units if name.startswith("temp_conv")]) == 6


def test_a_channel_whose_batch_norm_scale_is_zero_is_closed(model: ComplexLSTMModel) -> None:
    model.temp_conv1.convs[0][1].weight.data[0] = 0.0  # (2 channels of this scale)
    model.temp_conv1.convs[1][1].weight.data.zero_()

    units = {one.layer: one for one in idle_units(model, random_windows(model, windows=4, steps=6, seed=0))}

    assert [units[f"temp_conv1.convs.{scale}.2"].closed for scale in range(3)] == [1, 2, 0]


def test_nothing_is_left_behind_on_the_model(model: ComplexLSTMModel) -> None:
    x = random_windows(model, windows=1, steps=5, seed=1)

    idle_units(model, x)

    assert not any(module._forward_hooks for module in model.modules())
    assert torch.equal(x, random_windows(model, windows=1, steps=5, seed=1))
