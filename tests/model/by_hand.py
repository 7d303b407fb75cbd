"""The forward pass of one series written out with the model's own parts, with a place for each intervention to be spelt."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def as_it_is(value: Tensor, *_: Any) -> Tensor:
    return value


def by_hand(
    model: Any,
    x: Tensor,
    *,
    positions: float = 1,
    scale: Callable[[Tensor, int, int], Tensor] = as_it_is,
    gate: Callable[[Tensor], Tensor] = as_it_is,
    blocks: tuple[int, ...] = (0, 1, 2, 3),
    weights: Callable[[Tensor, int], Tensor] = as_it_is,
    layers: tuple[int, ...] = (0, 1),
    pooled: Callable[[Tensor], Tensor] = as_it_is,
    said: Callable[[Tensor], Tensor] = as_it_is,
) -> Tensor:
    """Return the outputs for whole series, x of (batch, time, feature). `scale` is given stage and number, `weights` the layer."""
    h = model.input_proj(x)
    h = h + positions * model.pos_encoding.table(x.shape[1])
    conv1 = _stage(model.temp_conv1, h, 1, scale)
    conv2 = _stage(model.temp_conv2, conv1, 2, scale)
    g = gate(model.fusion_gate(torch.cat([conv1, conv2], -1)))
    h = g * conv1 + (1 - g) * conv2
    for number, block in enumerate(model.lstm_blocks):
        if number in blocks:
            h = block.layer_norm(h + block.output_proj(block.lstm(h)[0]))
        if number in (1, 3) and number // 2 in layers:
            h = h + _attended(model.attention_layers[number // 2], h, number // 2, weights)
    three = pooled(torch.stack([h.mean(1), h.amax(1), h[:, -1]], 1))  # (batch, mean max last, channel)
    heads = said(torch.stack([head(three.flatten(1)) for head in model.output_heads], 1))
    return model.ensemble_combiner(heads.flatten(1)) * model.gradient_scale


def _stage(block: Any, h: Tensor, stage: int, scale: Callable[[Tensor, int, int], Tensor]) -> Tensor:
    responses = [scale(conv(h.mT).mT, stage, number) for number, conv in enumerate(block.convs)]
    return block.layer_norm(h + block.output_proj(torch.cat(responses, -1)))


def _attended(attention: Any, h: Tensor, layer: int, change: Callable[[Tensor, int], Tensor]) -> Tensor:
    query, key, value = (
        w(h).unflatten(-1, (attention.num_heads, -1)).transpose(1, 2) for w in (attention.w_q, attention.w_k, attention.w_v)
    )
    weights = torch.softmax(query @ key.mT / math.sqrt(query.shape[-1]), -1)
    return attention.w_o((change(weights, layer) @ value).transpose(1, 2).flatten(2))


def put(value: Tensor, new: Any, *place: Any) -> Tensor:
    """Return a copy of the value with `new` at this place."""
    changed = value.clone()
    changed[place] = new
    return changed
