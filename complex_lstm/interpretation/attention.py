"""The attention of one window: rollout through its layers, each head in three numbers, and a comparison with attributions.

Attention weights are no attribution: `check_attention` measures whether the prediction depends on them at all.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.agreement import rank_correlation
from complex_lstm.interpretation.attention_rows import mean_received, rollout_mean
from complex_lstm.interpretation.explanation import Explanation, UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction, IntervenedModel
from complex_lstm.model import ComplexLSTMModel, Trace


def rollout_received(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return how much of each step reaches the others by attention rollout, the mean over queries, the same in every feature.

        r(t) = mean over queries of the column t of A,    A = product over layers of (W / 2 + I / 2)

    where W is a layer's attention weights, averaged over its heads, later layers to the left (Abnar and Zuidema 2020). It
    assumes that attention moves what determines the output, and that nothing else mixes the steps, which the BiLSTM blocks
    do. It has no feature, sign, output or baseline: it is the same for every class.

    Raises:
        ExplanationError: the model has no attention layer in use.
    """
    trace = traced(forward_func)
    received, heads = rollout_mean(trace), trace.attention_heads
    features = forward_func.request.x.shape[1]
    cells = np.repeat(received[:, None] / features, features, axis=1)
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{trace.attention_layers} layers of {heads} heads")


def traced(forward_func: ForwardFunction) -> Trace:
    """Return the trace of the window, whose attention weights of more than 1,024 steps are made row by row.

    Raises:
        ExplanationError: the model has no attention layer in use.
    """
    model = forward_func.model
    if not isinstance(model, ComplexLSTMModel | IntervenedModel) or model.config.num_lstm_layers < 2:
        raise ExplanationError("Attention rollout needs a model with an attention layer in use: two BiLSTM blocks or more.")
    forward_func.count_pass(1)
    return model.trace_any(forward_func.model_input(forward_func.x))


def attention_rollout(attention: Float[np.ndarray, "layer head query key"]) -> Float[np.ndarray, "query key"]:
    """Return how much of each key step reaches each query step through all attention layers.

    Heads are averaged, half of each step stays where it is (the residual), and the layers are multiplied (Abnar and
    Zuidema 2020). The BiLSTM blocks between the layers mix the steps as well, and rollout does not see that.
    """
    time = attention.shape[-1]
    reached = np.eye(time)
    for layer in attention.astype(np.float64).mean(axis=1):
        reached = (0.5 * layer + 0.5 * np.eye(time)) @ reached
    return reached


@dataclass(frozen=True)
class HeadSummary:
    """Attention heads in numbers, each an array (layer, head), averaged over the queries.

    entropy   of the weights over the keys, as a share of its largest value log(time): 1 is uniform, 0 is one step
    distance  steps between query and key, weighted
    diagonal  weight of a query on its own step; uniform attention has 1 / time
    """

    entropy: Float[np.ndarray, "layer head"]
    distance: Float[np.ndarray, "layer head"]
    diagonal: Float[np.ndarray, "layer head"]


def summarise_heads(attention: Float[np.ndarray, "layer head query key"]) -> HeadSummary:
    """Return the summaries of all attention heads."""
    weights = attention.astype(np.float64)
    time = weights.shape[-1]
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    entropy = -(weights * logs).sum(axis=-1).mean(axis=-1) / max(np.log(time), 1e-12)
    apart = np.abs(np.arange(time)[:, None] - np.arange(time))
    return HeadSummary(
        entropy=entropy,
        distance=(weights * apart).sum(axis=-1).mean(axis=-1),
        diagonal=np.diagonal(weights, axis1=-2, axis2=-1).mean(axis=-1),
    )


@dataclass(frozen=True)
class AttentionCheck:
    """What attention has to do with the explanations of one window.

    received  attention that each step receives, the mean over layers, heads and queries; sums to 1
    likeness  Spearman's correlation of `received` with each explanation's importance of the steps; NaN where all are alike
    intact    the explained output
    uniform   the same with every attention weight equal, all else as trained (after Jain and Wallace 2019, who permute the
              weights; Wiegreffe and Pinter 2019 train with equal ones, which measures something else)
    """

    received: Float[np.ndarray, " time"]
    likeness: Float[np.ndarray, " method"]
    intact: float
    uniform: float


def check_attention(forward_func: ForwardFunction, explanations: tuple[Explanation, ...]) -> AttentionCheck:
    """Return whether attention and the explanations rank the same steps high, and what uniform attention would predict.

    If the output stays with uniform weights, the prediction does not depend on which steps attention weighs, and a map
    of the weights explains nothing. If it moves, that alone does not make the map an explanation: the model was never
    trained with uniform weights.

    Raises:
        ExplanationError: the model has no attention layer in use.
    """
    received = mean_received(traced(forward_func))
    likeness = [rank_correlation(received, np.abs(one.cells).sum(axis=1)) for one in explanations]
    model = cast(ComplexLSTMModel, forward_func.model)  # `traced` has checked it
    levelled = forward_func.with_model(uniform_attention(model))
    intact, uniform = (float(one.outputs(one.x)[0]) for one in (forward_func, levelled))
    return AttentionCheck(received, np.array(likeness, dtype=np.float64), intact, uniform)


@torch.no_grad()
def uniform_attention(model: ComplexLSTMModel) -> ComplexLSTMModel:
    """Return a copy of the model whose attention weights are all equal over the real steps.

    With queries of zero every score is zero, and the softmax of equal scores is uniform.
    """
    levelled = copy.deepcopy(model)
    layers: Any = levelled.attention_layers  # nn.ModuleList forgets the class
    for layer in layers:
        layer.w_q.weight.zero_()
        layer.w_q.bias.zero_()
    return levelled
