"""A padded series gets what it gets alone, whatever stands in the padding."""

import copy
import math
from dataclasses import fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from complex_lstm import Trace
from complex_lstm.errors import ShapeError
from complex_lstm.model.padding import padding_mask
from tests.model.lively import random_windows, small_model

LENGTHS = [12, 1, 7, 2]
PER_STEP = {"projected", "encoded", "conv1", "conv2", "gate", "fused"}


def padded_with(garbage: float) -> Tensor:
    x = random_windows(len(LENGTHS), max(LENGTHS), 4)
    return torch.where(padding_mask(LENGTHS, batch=4, time=12)[..., None], x, torch.tensor(garbage) * random_windows(4, 12, 4, seed=2))


@pytest.mark.parametrize("garbage", [0.0, 1.0, 1e4, 1e30, math.inf, math.nan])
@torch.no_grad()
def test_a_padded_series_gets_what_it_gets_alone(garbage: float) -> None:
    model, x = small_model(), padded_with(garbage)

    together = model(x, LENGTHS)

    for number, length in enumerate(LENGTHS):
        assert torch.allclose(together[number], model(x[number : number + 1, :length])[0], atol=1e-5)


@torch.no_grad()
def test_every_traced_value_of_a_padded_series_is_the_one_it_has_alone() -> None:
    model, x = small_model(), padded_with(math.nan)

    together = model.trace(x, LENGTHS)

    for number, length in enumerate(LENGTHS):
        alone = model.trace(x[number : number + 1, :length])
        for name in PER_STEP:
            assert torch.allclose(getattr(together, name)[number, :length], getattr(alone, name)[0], atol=1e-5), name
        for name in ("conv1_scales", "conv2_scales", "lstm", "attended"):
            for ours, theirs in zip(getattr(together, name), getattr(alone, name), strict=True):
                assert torch.allclose(ours[number, :length], theirs[0], atol=1e-5), name
        for name in ("pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction"):
            assert torch.allclose(getattr(together, name)[number], getattr(alone, name)[0], atol=1e-5), name
        assert torch.allclose(together.attention[number, ..., :length, :length], alone.attention[0], atol=1e-5)


@pytest.mark.parametrize("garbage", [1e30, math.nan])
def test_gradients_are_blind_to_padding(garbage: float) -> None:
    model, clean, dirty = small_model(), padded_with(0.0).requires_grad_(), padded_with(garbage).requires_grad_()

    for x in (clean, dirty):
        model(x, LENGTHS).sum().backward()

    assert torch.equal(clean.grad, dirty.grad)


@torch.no_grad()
def test_padded_steps_neither_give_nor_take_attention() -> None:
    attention = small_model().trace(padded_with(1e4), LENGTHS).attention

    for number, length in enumerate(LENGTHS):
        assert not attention[number, ..., length:].any() and not attention[number, :, :, length:].any()
        assert torch.allclose(attention[number, ..., :length, :].sum(-1), torch.tensor(1.0))


@torch.no_grad()
def test_a_trace_tells_the_lengths() -> None:
    model, x = small_model(), padded_with(0)

    assert model.trace(x, LENGTHS).lengths.tolist() == LENGTHS
    assert model.trace(x).lengths.tolist() == [12] * 4


@torch.no_grad()
def test_lengths_of_whole_windows_change_nothing() -> None:
    model, x = small_model(), padded_with(1)

    assert torch.equal(model(x, [12] * 4), model(x))
    assert torch.equal(model(x, torch.tensor(LENGTHS)), model(x, LENGTHS))


@torch.no_grad()
def test_padding_longer_than_the_longest_series_changes_nothing() -> None:
    model, x = small_model(), padded_with(1)

    assert torch.allclose(model(x[:, :9], [9, 1, 7, 2]), model(x, [9, 1, 7, 2]), atol=1e-5)


def test_batch_norm_in_training_mode_never_sees_padding() -> None:
    clean, garbled = (small_model(num_lstm_layers=1, dropout=0.0).train() for _ in range(2))

    outputs = clean(padded_with(0), LENGTHS), garbled(padded_with(1e4), LENGTHS)

    assert torch.allclose(*outputs, atol=1e-5)
    for name, value in clean.state_dict().items():
        assert torch.allclose(value, garbled.state_dict()[name], atol=1e-5), name


def test_running_means_are_those_of_the_real_steps() -> None:
    model = small_model(num_lstm_layers=1).train()
    convolve, norm = copy.deepcopy(model.temp_conv1.convs[0][0]), model.temp_conv1.convs[0][1]
    before, h = norm.running_mean.clone(), random_windows(2, 3, 16)

    model.temp_conv1(h, padding_mask([3, 1], batch=2, time=3))

    alone = torch.cat([convolve(h[:1].mT)[0].T, convolve(h[1:, :1].mT)[0].T])  # (3 + 1 real steps, channel)
    assert torch.allclose(norm.running_mean, 0.9 * before + 0.1 * alone.mean(0), atol=1e-5)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
@settings(max_examples=15)
@torch.no_grad()
def test_any_lengths_are_blind_to_padding(lengths: list[int]) -> None:
    model, x = small_model(num_lstm_layers=2), random_windows(len(lengths), max(lengths), 4)

    together = model(x, lengths)

    alone = [model(x[number : number + 1, :length]) for number, length in enumerate(lengths)]
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ([3], r"lengths has shape \(1,\), expected \(2,\): one length for each series"),
        ([[3, 3]], r"lengths has shape \(1, 2\), expected \(2,\)"),
        ([0, 3], r"lengths are \[0, 3\], expected whole numbers from 1 to 5"),
        ([6, 3], r"lengths are \[6, 3\], expected whole numbers from 1 to 5"),
        ([2.5, 3.0], r"lengths are \[2.5, 3.0\], expected whole numbers"),
    ],
)
def test_lengths_that_do_not_fit_are_told(lengths: list[int], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        small_model()(torch.zeros(2, 5, 4), lengths)


def test_the_traced_fields_checked_here_are_all_there_are() -> None:
    told = PER_STEP | {"conv1_scales", "conv2_scales", "lstm", "attended", "attention", "lengths"}
    told |= {"pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction"}
    assert {field.name for field in fields(Trace)} == told
