"""An attention layer: one weight of one attention head, and one channel of the layer's output."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from complex_lstm.arithmetic.derivation import Derivation, Line, Ref, given
from complex_lstm.arithmetic.linear import (
    apply,
    channel_name,
    channel_names,
    largest_term,
    row_lines,
    row_lines_around,
    step_name,
    sum_of_products,
)
from complex_lstm.arithmetic.operations import ADD, DIVIDE, DIVIDE_BY_ROOT, EXPONENTIAL_BELOW
from complex_lstm.arithmetic.traced_window import TracedWindow
from complex_lstm.languages import _


def attention_weight(window: TracedWindow, layer: int, head: int, query: int, key: int) -> Derivation:
    """Return the weight of a key step for a query step: their score in the softmax over the query's row."""
    queries, keys = (_heads(window, layer, name)[:, head] for name in ("w_q", "w_k"))  # (step, channel of head)
    width = queries.shape[-1]
    scores = keys @ queries[query] / np.sqrt(width)
    top = int(scores.argmax())
    width_range = range(width)
    of_query, of_key = ([window.place(name, layer, head, step, i) for i in width_range] for name, step in (("Query", query), ("Key", key)))
    row = [window.place("Attention weight", layer, head, query, step) for step in range(len(scores))]
    powers, steps = np.exp(scores - scores[top]), [_("key step {step}", step=number) for number in range(len(scores))]
    largest = Ref("s_{q,k}") if key == top else given(_("largest score, of key step {step}", step=top), "m", scores[top], row[top])
    return Derivation(
        site="Attention weight",
        name=_(
            "attention layer {layer}, attention head {head}, query step {query}, key step {key}",
            layer=layer + 1,
            head=head + 1,
            query=query,
            key=key,
        ),
        formula=r"\alpha_{q,k} = \frac{e^{s_{q,k} - m}}{\sum_j e^{s_{q,j} - m}},\quad s_{q,k} = \frac{Q_q \cdot K_k}{\sqrt{d}},"
        r"\quad m = \max_j s_{q,j}",
        lines=(
            sum_of_products(
                "p", _("query times key"), r"\sum_i Q_{q,i}\, K_{k,i}", channel_names(width), queries[query], keys[key], of_query, of_key
            ),
            Line("s_{q,k}", _("the score"), DIVIDE_BY_ROOT, (Ref("p"), given(_("channels of the attention head"), "d", width))),
            Line("u", _("exponential, after the largest score is subtracted"), EXPONENTIAL_BELOW, (Ref("s_{q,k}"), largest)),
            sum_of_products(r"\Sigma", _("the row's denominator"), r"\sum_j e^{s_{q,j} - m}", steps, powers, np.ones_like(powers), row),
            Line(r"\alpha_{q,k}", _("its share of the row"), DIVIDE, (Ref("u"), Ref(r"\Sigma"))),
        ),
        traced=float(window.of(window.trace.attention)[layer, head, query, key]),
        source="complex_lstm.model.attention:MultiHeadAttention.with_weights",
    )


def attended(window: TracedWindow, layer: int, step: int, channel: int) -> Derivation:
    """Return a channel after an attention layer: the outputs of all attention heads, projected back, and the layer's input.

    The head output in the largest term is derived first: a sum over the values of all steps, each times its attention weight.
    """
    project: Any = window.model.attention_layers[layer].w_o
    shares = window.of(window.trace.attention)[layer, :, step, : window.steps]  # (head, key)
    values = _heads(window, layer, "w_v")  # (key, head, channel of head)
    taken = np.einsum("hk,khd->hd", shares, values)
    names = [
        f"{_('attention head {number}', number=head)}, {name}"
        for head in range(1, len(taken) + 1)
        for name in channel_names(taken.shape[1])
    ]
    place = largest_term(project, channel, taken.ravel())
    head, channel_of_head = divmod(place, taken.shape[1])
    keys = [step_name(key) for key in range(window.steps)]
    before = given(
        _("what came in, channel {number}", number=channel),
        "l_{t,c}",
        window.over_time(window.before_attention(layer))[step, channel],
        window.place_before_attention(layer, step, channel),
    )
    of_place = values[:, head, channel_of_head], shares[head]
    of_values = [window.place("Value", layer, head, key, channel_of_head) for key in range(window.steps)]
    of_shares = [window.place("Attention weight", layer, head, step, key) for key in range(window.steps)]
    of_heads = [window.place("Head output", layer, h, step, i) for h in range(len(taken)) for i in range(taken.shape[1])]
    return Derivation(
        site="Attended",
        name=f"{_('attention layer {number}', number=layer + 1)}, {step_name(step)}, {channel_name(channel)}",
        formula=r"o_{t,c} = l_{t,c} + (W m_t + b)_c,\quad m_t = \textstyle\sum_k \alpha_{t,k}\, V_k \text{ "
        + _("for each attention head")
        + "}",
        lines=(
            sum_of_products(
                "m", _("taken by {name}", name=names[place]), r"\sum_k V_k\, \alpha_{t,k}", keys, *of_place, of_values, of_shares
            ),
            *row_lines_around("m", place, project, channel, names, taken.ravel(), origins=of_heads),
            Line("o_{t,c}", _("added to what came in"), ADD, (before, Ref("z"))),
        ),
        traced=float(window.over_time(window.trace.attended[layer])[step, channel]),
        source="complex_lstm.model.attention:MultiHeadAttention.with_weights",
    )


@torch.no_grad()
def projected(window: TracedWindow, layer: int, head: int, step: int, channel: int, *, kind: str) -> Derivation:
    """Return a channel of an attention head's query, key or value at a step: a row of the projection."""
    name, symbol, words = {"Query": ("w_q", "Q", "query"), "Key": ("w_k", "K", "key"), "Value": ("w_v", "V", "value")}[kind]
    linear: Any = getattr(window.model.attention_layers[layer], name)
    before = window.over_time(window.before_attention(layer))[step]
    row = head * (len(before) // window.model.config.num_heads) + channel
    origins = [window.place_before_attention(layer, step, j) for j in range(len(before))]
    label, general = f"what came in times the weights of the {words}", r"\sum_j W_{i,j}\, l_{t,j}"
    h = window.before_attention(layer)[window.number, step]
    return Derivation(
        site=kind,
        name=f"{words}, attention layer {layer + 1}, attention head {head + 1}, step {step}, channel {channel} of the head",
        formula=rf"{symbol}_{{t,i}} = (W\, l_t + b)_i",
        lines=row_lines(linear, row, channel_names(len(before)), before, label=label, general=general, origins=origins),
        traced=float(linear(h.to(linear.weight.device))[row]),
        source="complex_lstm.model.attention:MultiHeadAttention.with_weights",
    )


@torch.no_grad()
def head_output(window: TracedWindow, layer: int, head: int, step: int, channel: int) -> Derivation:
    """Return a channel of what an attention head takes at a step: the values of all steps, each times its weight."""
    shares = window.of(window.trace.attention)[layer, head, step, : window.steps]
    values = _heads(window, layer, "w_v")[:, head, channel]
    steps = range(window.steps)
    linear: Any = window.model.attention_layers[layer].w_v
    h = window.before_attention(layer)[window.number, : window.steps]
    row = head * (h.shape[-1] // window.model.config.num_heads) + channel
    trace_attention = window.trace.attention[window.number, layer, head, step, : window.steps].cpu()
    of_values = [window.place("Value", layer, head, key, channel) for key in steps]
    of_shares = [window.place("Attention weight", layer, head, step, key) for key in steps]
    names, general = [step_name(key) for key in steps], r"\sum_k V_{k,i}\, \alpha_{t,k}"
    return Derivation(
        site="Head output",
        name=f"attention layer {layer + 1}, attention head {head + 1}, step {step}, channel {channel} of the head, taken from all steps",
        formula=r"m_{t,i} = \sum_k \alpha_{t,k}\, V_{k,i}",
        lines=(sum_of_products("m", "values times weights", general, names, values, shares, of_values, of_shares),),
        traced=float(trace_attention @ linear(h.to(linear.weight.device)).cpu()[:, row]),
        source="complex_lstm.model.attention:MultiHeadAttention.with_weights",
    )


def _heads(window: TracedWindow, layer: int, name: str) -> Float[np.ndarray, "step head channel_of_head"]:
    """Return the queries, keys or values of every step, split into attention heads."""
    h = window.over_time(window.before_attention(layer))
    projected = apply(getattr(window.model.attention_layers[layer], name), h)
    return projected.reshape(len(h), window.model.config.num_heads, -1)
