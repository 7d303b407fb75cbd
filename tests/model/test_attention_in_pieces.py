"""Training on long windows: attention in pieces that are computed again in the backward pass."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from complex_lstm.model import attention
from complex_lstm.model.attention import MultiHeadAttention, attend_in_pieces
from complex_lstm.model.padding import padding_mask
from tests.model.lively import random_windows


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "PIECE_WEIGHTS", 2 * 17 * 5)  # five queries of two heads
    monkeypatch.setattr(attention, "MOST_KEPT_WEIGHTS", 100)


@pytest.mark.parametrize("lengths", [None, [17, 9, 4]])
def test_outputs_and_gradients_are_those_of_one_call(lengths: list[int] | None) -> None:
    mask = None if lengths is None else padding_mask(lengths, batch=3, time=17)[:, None, None, :]
    results = []
    for take in (scaled_dot_product_attention, attend_in_pieces):
        parts = [random_windows(3, 2, 17, 4, seed=seed).requires_grad_() for seed in (1, 2, 3)]
        out = take(*parts, attn_mask=mask, dropout_p=0.0)
        results.append([out, *torch.autograd.grad((out**2).sum(), parts)])

    for whole, pieces in zip(*results, strict=True):
        assert torch.allclose(whole, pieces, atol=1e-5)


def test_the_backward_pass_draws_the_same_dropout() -> None:
    """With other draws the gradient would be that of another output: here it is checked against a small step."""
    query, key, value = (random_windows(1, 2, 17, 4, seed=seed).double() for seed in (1, 2, 3))
    step = random_windows(1, 2, 17, 4, seed=4).double()

    def output(moved: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        return (attend_in_pieces(query, key, moved, dropout_p=0.4) ** 2).sum()

    with torch.random.fork_rng():
        moving = value.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(output(moving), moving)
        moved = output(value + 1e-6 * step) - output(value - 1e-6 * step)
    assert moved.item() / 2e-6 == pytest.approx((gradient * step).sum().item(), rel=1e-5)


def test_only_training_with_dropout_goes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    monkeypatch.setattr(attention, "attend_in_pieces", lambda q, k, v, *, attn_mask, dropout_p: (seen.append(dropout_p), q)[1])
    x = random_windows(2, 17, 8)
    layer, plain = (MultiHeadAttention(hidden_dim=8, num_heads=2, dropout=dropout).train() for dropout in (0.3, 0.0))

    layer(x[:, :5]), plain(x), layer.eval()(x)
    assert not seen
    layer.train()(x)
    with torch.no_grad():
        layer(x)
    assert seen == [0.3]
