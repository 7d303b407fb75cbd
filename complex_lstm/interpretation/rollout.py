"""Attention through several layers, and each attention head in three numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.explanation import UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction, IntervenedModel
from complex_lstm.model import ComplexLSTMModel


def rollout_received(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return how much of each step reaches the others by attention rollout, the mean over queries, the same in every feature.

        r(t) = mean over queries of the column t of A,    A = product over layers of (W / 2 + I / 2)

    where W is a layer's attention weights, averaged over its heads, later layers to the left (Abnar and Zuidema 2020). It
    assumes that attention moves what decides, and that nothing else mixes the steps, which the BiLSTM blocks do.
    It knows no feature, no sign, no output and no baseline: the same for every class.

    Raises:
        ExplanationError: the model has no attention layer in use.
    """
    attention = attention_of(forward_func)
    received = attention_rollout(attention).mean(axis=0)
    features = forward_func.request.x.shape[1]
    cells = np.repeat(received[:, None] / features, features, axis=1)
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{len(attention)} layers of {attention.shape[1]} heads")


def attention_of(forward_func: ForwardFunction) -> Float[np.ndarray, "layer head query key"]:
    """Return the attention weights of the window.

    Raises:
        ExplanationError: the model has no attention layer in use.
    """
    model = forward_func.model
    if not isinstance(model, ComplexLSTMModel | IntervenedModel) or model.config.num_lstm_layers < 2:
        raise ExplanationError("Attention rollout needs a model with an attention layer in use: two BiLSTM blocks or more.")
    forward_func.about_to_run(1)
    return model.trace(forward_func.x).attention[0].float().cpu().numpy()  # numpy has no bfloat16


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
