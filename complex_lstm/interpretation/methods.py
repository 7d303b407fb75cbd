"""Names, labels and sentences of the methods, and the one way to ask them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from complex_lstm.errors import ExplanationError, never_stop
from complex_lstm.interpretation.ablation import ablation, occlusion
from complex_lstm.interpretation.consensus import consensus
from complex_lstm.interpretation.explanation import Attribution, Explanation, ExplanationRequest
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.gradients import (
    gradient_shap,
    input_x_gradient,
    integrated_gradients,
    saliency,
    smoothgrad,
    temporal_saliency_rescaling,
)
from complex_lstm.interpretation.rollout import rollout_received
from complex_lstm.interpretation.shapley import shapley
from complex_lstm.model.device import device_name

Against = Literal["baseline", "training windows", "training mean", "nothing"]


@dataclass(frozen=True)
class Method:
    """A method as people know it: its name, what it does in one sentence, where it misleads, and its source.

    `against` is what it measures against: the question's baseline, or something of its own. Without `signed` it tells
    how much and not in which direction, and its numbers are not in the output's unit.
    """

    label: str
    run: Callable[[ForwardFunction], Attribution]
    sentence: str
    misleads: str
    source: str
    against: Against = "baseline"
    signed: bool = True


METHODS: dict[str, Method] = {
    "ablation": Method(
        "Ablation",
        ablation,
        "removes a feature's whole column (or one cell) and takes the output's drop",
        "features that stand in for each other each look unimportant",
        "the architecture document",
    ),
    "occlusion": Method(
        "Occlusion",
        occlusion,
        "removes a stretch of one feature and takes the output's drop",
        "what is shorter than the stretch is smeared over it",
        "Zeiler and Fergus 2014",
    ),
    "shapley": Method(
        "Shapley",
        shapley,
        "averages what a feature adds over all orders in which the features can join",
        "it asks the model about windows with half of their features missing, which it was never trained on",
        "Shapley 1953; Lundberg and Lee 2017; cells by Owen 1977",
    ),
    "integrated_gradients": Method(
        "Integrated Gradients",
        integrated_gradients,
        "adds up gradients on the straight line from the baseline to the window",
        "the line passes through windows unlike any data",
        "Sundararajan et al. 2017",
    ),
    "gradient_shap": Method(
        "Gradient SHAP",
        gradient_shap,
        "averages gradients between training windows and the window",
        "it is an estimate: the seed is fixed, the sampling error is not zero",
        "Lundberg and Lee 2017; Erion et al. 2021",
        against="training windows",
    ),
    "temporal_saliency_rescaling": Method(
        "Temporal rescaling",
        temporal_saliency_rescaling,
        "rates each step, then each feature at it, by how the gradient map changes without it",
        "it rates changes of the gradient, not of the output, and has no sign",
        "Ismail et al. 2020",
        signed=False,
    ),
    "input_x_gradient": Method(
        "Input x Gradient",
        input_x_gradient,
        "multiplies the gradient with the scaled input",
        "it is a straight-line guess at one point: where the model saturates it says zero",
        "Shrikumar et al. 2016",
        against="training mean",
    ),
    "saliency": Method(
        "Saliency",
        saliency,
        "takes the gradient's size: what a small change of the cell would do",
        "what a small change does is not what the cell contributes, and it has no sign",
        "Simonyan et al. 2014",
        against="nothing",
        signed=False,
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        smoothgrad,
        "averages the gradient over noisy copies of the window and takes its size",
        "the amount of noise is a choice, and it has no sign",
        "Smilkov et al. 2017",
        against="nothing",
        signed=False,
    ),
    "attention_rollout": Method(
        "Attention rollout",
        rollout_received,
        "multiplies the attention layers and takes what each step sends on",
        "it knows no feature, sign, class or baseline, and not what the BiLSTM blocks have mixed before",
        "Abnar and Zuidema 2020",
        against="nothing",
        signed=False,
    ),
    "consensus": Method(
        "Consensus",
        consensus,
        "takes the geometric mean of Occlusion, Shapley, Integrated Gradients and Gradient SHAP, weighted by their measured faithfulness",
        "it inherits what its members share, their baseline above all, and has no sign",
        "logarithmic opinion pool: Genest and Zidek 1986",
        signed=False,
    ),
}

DEFAULTS = ("ablation", "occlusion", "shapley", "integrated_gradients", "gradient_shap", "temporal_saliency_rescaling")


def explain(
    model: nn.Module, request: ExplanationRequest, method: str, *, device: torch.device | None = None, stop: Callable[[], bool] = never_stop
) -> Explanation:
    """Return a method's answer.

    Raises:
        ExplanationError: no such method, or one that this model has not the parts for.
        Stopped: `stop` said so.
    """
    if method not in METHODS:
        raise ExplanationError(f"There is no method {method!r}; choose one of {', '.join(METHODS)}.")
    chosen, device = METHODS[method], device or torch.device("cpu")
    forward_func = ForwardFunction(model, request, device, stop)
    start = time.perf_counter()
    found = chosen.run(forward_func)
    seconds = time.perf_counter() - start
    return Explanation(method, found, _baseline_name(chosen, request), forward_func.evaluations, seconds, device_name(device))


def _baseline_name(method: Method, request: ExplanationRequest) -> str:
    return {
        "baseline": request.baseline_name,
        "training windows": f"{len(request.draws)} {request.draws_name}",
        "training mean": "the training mean of each feature",
        "nothing": "none",
    }[method.against]
