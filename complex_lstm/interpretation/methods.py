"""The attribution methods: what each is called and does, where it misleads, and `explain`, which runs one.

To add a method, write a function from a `ForwardFunction` to an `Attribution` in a module of this folder and enter it in
`METHODS`. Every page, the command line and the exports take the methods from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from complex_lstm.errors import ExplanationError, never_stop
from complex_lstm.interpretation.ablation import ablation, occlusion
from complex_lstm.interpretation.attention import rollout_received
from complex_lstm.interpretation.consensus import combine, consensus
from complex_lstm.interpretation.explanation import Attribution, Explanation, ExplanationRequest
from complex_lstm.interpretation.faithfulness import Curves
from complex_lstm.interpretation.forward import ForwardFunction, uncounted
from complex_lstm.interpretation.gradients import (
    gradient_shap,
    input_x_gradient,
    integrated_gradients,
    saliency,
    smoothgrad,
    temporal_saliency_rescaling,
)
from complex_lstm.interpretation.shapley import shapley
from complex_lstm.model.device import device_name

Against = Literal["baseline", "training windows", "training mean", "nothing"]


@dataclass(frozen=True)
class Method:
    """An attribution method and what a reader has to know of it.

    label     its name on the screen
    run       computes its attribution
    sentence  what it does, continuing its name
    misleads  where it misleads
    source    the paper that it comes from
    against   what it compares the window with: the request's baseline, or something of its own
    signed    False for a method that returns an `UnsignedAttribution`: sizes without direction, not in the output's unit
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
        "removes a feature's whole column (or one cell) and measures how far the output drops",
        "features that carry the same information each look unimportant",
        "the architecture document",
    ),
    "occlusion": Method(
        "Occlusion",
        occlusion,
        "removes a stretch of one feature and measures how far the output drops",
        "anything shorter than the stretch is smeared over it",
        "Zeiler and Fergus 2014",
    ),
    "shapley": Method(
        "Shapley",
        shapley,
        "averages what a feature adds over all orders in which features can be added to the baseline",
        "it evaluates the model on windows with half of their features removed, which no real window is like",
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
        "averages gradients between windows drawn from the data and the window",
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
        "it is a linear approximation at one point: where the model saturates it is zero",
        "Shrikumar et al. 2016",
        against="training mean",
    ),
    "saliency": Method(
        "Saliency",
        saliency,
        "takes the gradient's size: the effect of a small change of the cell",
        "the effect of a small change is not what the cell contributes, and it has no sign",
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
        "multiplies the attention layers and takes how much each step passes on",
        "it has no feature, sign, class or baseline, and ignores how the BiLSTM blocks mix the steps",
        "Abnar and Zuidema 2020",
        against="nothing",
        signed=False,
    ),
    "consensus": Method(
        "Consensus",
        consensus,
        "takes the geometric mean of Occlusion, Shapley, Integrated Gradients and Gradient SHAP, weighted by their measured faithfulness",
        "it shares the weaknesses of these methods, their baseline above all, and has no sign",
        "logarithmic opinion pool: Genest and Zidek 1986",
        signed=False,
    ),
}

DEFAULTS = ("ablation", "occlusion", "shapley", "integrated_gradients", "gradient_shap", "temporal_saliency_rescaling")


def explain(
    model: nn.Module,
    request: ExplanationRequest,
    method: str,
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
    on_pass: Callable[[int], None] = uncounted,
) -> Explanation:
    """Return a method's explanation of the output and the window that the request names. `stop` and `on_pass` as of `ForwardFunction`.

    Raises:
        ExplanationError: no such method, or one that needs parts which this model does not have.
        Stopped: `stop` returned True.
    """
    if method not in METHODS:
        raise ExplanationError(f"There is no method {method!r}; choose one of {', '.join(METHODS)}.")
    chosen, device = METHODS[method], device or torch.device("cpu")
    forward_func = ForwardFunction(model, request, device, stop, on_pass)
    start = time.perf_counter()
    found = chosen.run(forward_func)
    seconds = time.perf_counter() - start
    return Explanation(method, found, _baseline_name(chosen, request), forward_func.evaluations, seconds, device_name(device))


def explain_consensus(forward_func: ForwardFunction, members: Mapping[str, Explanation], chance: Curves) -> Explanation:
    """Return the consensus, as `explain` gives it, from its members' explanations of the same request and the random rankings' curves.

    Its evaluations and seconds are those of all, so `forward_func` comes with the evaluations of `chance`.
    """
    start = time.perf_counter()
    found = combine(forward_func, {name: one.attribution for name, one in members.items()}, chance)
    seconds = time.perf_counter() - start + sum(one.seconds for one in members.values())
    evaluations = forward_func.evaluations + sum(one.evaluations for one in members.values())
    baseline = _baseline_name(METHODS["consensus"], forward_func.request)
    return Explanation("consensus", found, baseline, evaluations, seconds, device_name(forward_func.device))


def _baseline_name(method: Method, request: ExplanationRequest) -> str:
    return {
        "baseline": request.baseline_name,
        "training windows": f"{len(request.draws)} {request.draws_name}",
        "training mean": request.mean_name,
        "nothing": "none",
    }[method.against]
