import math

import pytest
import torch

from complex_lstm.model.attention import MultiHeadAttention
from tests.model.lively import liven, random_windows


def one_channel() -> MultiHeadAttention:
    """Return attention with one channel and one head in which every projection is the identity."""
    attention = MultiHeadAttention(hidden_dim=1, num_heads=1, dropout=0.0).eval()
    for w in (attention.w_q, attention.w_k, attention.w_v, attention.w_o):
        torch.nn.init.ones_(w.weight)
        torch.nn.init.zeros_(w.bias)
    return attention


@torch.no_grad()
def test_two_steps_by_hand() -> None:
    h = torch.tensor([[[0.0], [2.0]]])

    taken, weights = one_channel().with_weights(h)

    share = math.exp(4) / (1 + math.exp(4))  # query 2 scores key 0 with 0 and key 2 with 4
    assert torch.allclose(weights[0, 0], torch.tensor([[0.5, 0.5], [1 - share, share]]))
    assert torch.allclose(taken[0, :, 0], torch.tensor([0.5 * 2, share * 2]))


@torch.no_grad()
def test_a_padded_key_gets_no_weight() -> None:
    h, mask = torch.tensor([[[1.0], [50.0]]]), torch.tensor([[True, False]])

    taken, weights = one_channel().with_weights(h, mask)

    assert weights.flatten().tolist() == [1, 0, 0, 0]
    assert taken[0, 0, 0] == 1


@pytest.mark.parametrize("mask", [None, torch.tensor([[True] * 6, [True] * 4 + [False] * 2])])
@torch.no_grad()
def test_the_fused_kernel_says_the_same(mask: torch.Tensor | None) -> None:
    attention, h = liven(MultiHeadAttention(hidden_dim=8, num_heads=2, dropout=0.3)), random_windows(2, 6, 8)

    fused, spelt_out = attention(h, mask), attention.with_weights(h, mask)[0]

    real = torch.ones(2, 6, dtype=bool) if mask is None else mask
    assert torch.allclose(fused[real], spelt_out[real], atol=1e-5)


def test_a_plain_pass_keeps_no_matrix_of_queries_and_keys() -> None:
    attention, kept = MultiHeadAttention(hidden_dim=8, num_heads=2, dropout=0.0), []
    h = random_windows(1, 64, 8)

    with torch.autograd.graph.saved_tensors_hooks(lambda value: kept.append(value.shape), lambda value: value):
        attention(h)

    assert kept and not any(shape[-2:] == (64, 64) for shape in kept)
