"""Attention beside attribution: do they point at the same steps, and does the prediction need the attention weights?"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float

from complex_lstm.interpretation.agreement import rank_correlation
from complex_lstm.interpretation.explanation import Explanation
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.rollout import attention_of
from complex_lstm.model import ComplexLSTMModel


@dataclass(frozen=True)
class AttentionCheck:
    """What attention has to do with the explanations of one window.

    received  attention that each step receives, the mean over layers, heads and queries; sums to 1
    likeness  Spearman's correlation of `received` with each explanation's importance of the steps; NaN where all are alike
    intact    the explained output
    uniform   the same with every attention weight equal, all else as trained (after Jain and Wallace 2019, who permute the
              weights; Wiegreffe and Pinter 2019 train with equal ones, which asks another question)
    """

    received: Float[np.ndarray, " time"]
    likeness: Float[np.ndarray, " method"]
    intact: float
    uniform: float


def check_attention(forward_func: ForwardFunction, explanations: tuple[Explanation, ...]) -> AttentionCheck:
    """Return whether attention and the explanations point at the same steps, and what uniform attention would predict.

    If the output stays with uniform weights, the prediction does not hang on where attention looks, and a map of it
    explains nothing. If it moves, that alone does not make the map an explanation: the model was never trained so.

    Raises:
        ExplanationError: the model has no attention layer in use.
    """
    received = attention_of(forward_func).mean(axis=(0, 1, 2)).astype(np.float64)
    likeness = [rank_correlation(received, np.abs(one.cells).sum(axis=1)) for one in explanations]
    model = cast(ComplexLSTMModel, forward_func.model)  # attention_of has checked it
    levelled = ForwardFunction(uniform_attention(model), forward_func.request, forward_func.device, forward_func.stop)
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
