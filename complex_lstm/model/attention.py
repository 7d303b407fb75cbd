"""Multi-head self-attention over the time steps."""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.checkpoint import checkpoint

from complex_lstm.model.hooks import PLAIN, ForwardPass

MOST_KEPT_WEIGHTS = 2**25  # of a batch in training: 128 MB, of which three are kept a layer; of more none is
PIECE_WEIGHTS = 2**23  # made at once then, 32 MB


class MultiHeadAttention(nn.Module):
    """Lets every step take from every other: softmax(Q K^T / sqrt(d)) V for each head (Vaswani et al. 2017, section 3.2).

    `forward` uses the fused kernel, which keeps no (query, key) matrix, unless the forward pass needs the attention
    weights. `with_weights` spells the same sum out and returns them: padded keys get no weight, and padded queries,
    which nothing reads, give none.
    """

    def __init__(self, *, hidden_dim: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.w_q = nn.Linear(hidden_dim, hidden_dim)
        self.w_k = nn.Linear(hidden_dim, hidden_dim)
        self.w_v = nn.Linear(hidden_dim, hidden_dim)
        self.w_o = nn.Linear(hidden_dim, hidden_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None, run: ForwardPass = PLAIN
    ) -> Float[Tensor, "batch time channel"]:
        if run.attention_weights:
            return self.with_weights(h, mask, run)[0]
        query, key, value = self._project(h)
        keys_seen = None if mask is None else mask[:, None, None, :]
        dropout = self.dropout.p if self.training else 0.0
        weights = query[..., 0].numel() * query.shape[2]
        is_large = dropout > 0 and query.device.type == "cpu" and weights > MOST_KEPT_WEIGHTS and torch.is_grad_enabled()
        take = attend_in_pieces if is_large else scaled_dot_product_attention
        return self._merge(run.at_heads(take(query, key, value, attn_mask=keys_seen, dropout_p=dropout), value))

    def with_weights(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None, run: ForwardPass = PLAIN
    ) -> tuple[Float[Tensor, "batch time channel"], Float[Tensor, "batch head query key"]]:
        """Return what `forward` returns, and the attention weights that it is made with."""
        query, key, value = self._project(h)
        scores = _scores(query, key)
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None, None, :], -math.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * mask[:, None, :, None]
        weights = run.at("attention", weights)
        return self._merge(self.dropout(weights) @ value), weights

    def queries_and_keys(
        self, h: Float[Tensor, "batch time channel"]
    ) -> tuple[Float[Tensor, "batch head time channel_of_head"], Float[Tensor, "batch head time channel_of_head"]]:
        """Return what the attention weights are made of: they can be made from it row by row (`weights_of_rows`)."""
        query, key, _ = self._project(h)
        return query, key

    def _project(self, h: Float[Tensor, "batch time channel"]) -> list[Float[Tensor, "batch head time channel_of_head"]]:
        return [w(h).unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for w in (self.w_q, self.w_k, self.w_v)]

    def _merge(self, taken: Float[Tensor, "batch head time channel_of_head"]) -> Float[Tensor, "batch time channel"]:
        return self.w_o(taken.transpose(1, 2).flatten(2))  # (batch, time, channel)


def attend_in_pieces(
    query: Float[Tensor, "batch head time channel_of_head"],
    key: Float[Tensor, "batch head time channel_of_head"],
    value: Float[Tensor, "batch head time channel_of_head"],
    *,
    attn_mask: Bool[Tensor, "batch 1 1 time"] | None = None,
    dropout_p: float = 0.0,
) -> Float[Tensor, "batch head time channel_of_head"]:
    """Return what `scaled_dot_product_attention` returns, for training with dropout on the CPU, where its kernel keeps every weight.

    There it falls back to whole (query, key) matrices and keeps three of each for the backward pass: of 8 windows of 2,048 steps and
    8 heads 3 GB a layer. Here some queries of one window at a time go through it, and go through it again in the backward pass
    (gradient checkpointing, Chen et al. 2016), with the same draws of dropout. Outputs and gradients are the same up to rounding;
    the draws are others than those of one call.
    """
    rows = max(1, PIECE_WEIGHTS // (query.shape[1] * query.shape[2]))
    windows = []
    for number in range(len(query)):
        own = slice(number, number + 1)
        mask = None if attn_mask is None else attn_mask[own]
        pieces = [
            checkpoint(scaled_dot_product_attention, one, key[own], value[own], attn_mask=mask, dropout_p=dropout_p, use_reentrant=False)
            for one in query[own].split(rows, dim=2)
        ]
        windows.append(torch.cat(pieces, dim=2))
    return torch.cat(windows)


def weights_of_rows(
    query: Float[Tensor, "batch head query channel_of_head"], key: Float[Tensor, "batch head key channel_of_head"]
) -> Float[Tensor, "batch head query key"]:
    """Return the attention weights of some queries of unpadded windows: the rows that `with_weights` has for them."""
    return torch.softmax(_scores(query, key), dim=-1)


def _scores(
    query: Float[Tensor, "batch head query channel_of_head"], key: Float[Tensor, "batch head key channel_of_head"]
) -> Float[Tensor, "batch head query key"]:
    return query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
