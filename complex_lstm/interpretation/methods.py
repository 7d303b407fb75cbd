"""The attribution methods: what each is called and does, where it misleads, and `explain`, which runs one.

To add a method, write a function from a `ForwardFunction` to an `Attribution` in a module of this folder and enter it in
`METHODS`. Every page, the command line and the exports take the methods from there.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from complex_lstm.errors import ExplanationError, never_stop
from complex_lstm.interpretation.ablation import ablation, occlusion
from complex_lstm.interpretation.any_model import AdaptedModel, forward_function
from complex_lstm.interpretation.attention import rollout_received
from complex_lstm.interpretation.consensus import combine, consensus
from complex_lstm.interpretation.explanation import Attribution, Explanation, ExplanationRequest
from complex_lstm.interpretation.faithfulness import Curves, random_faithfulness
from complex_lstm.interpretation.forward import ForwardFunction, uncounted
from complex_lstm.interpretation.gradients import (
    gradient_shap,
    input_x_gradient,
    integrated_gradients,
    saliency,
    smoothgrad,
    temporal_saliency_rescaling,
)
from complex_lstm.interpretation.learned_mask import learned_mask
from complex_lstm.interpretation.segments import segment_shapley
from complex_lstm.interpretation.shapley import shapley
from complex_lstm.model.device import device_name

Against = Literal["baseline", "training windows", "training mean", "nothing"]
Needs = Literal["outputs", "gradients", "attention"]


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
    needs     what it needs of a model: its outputs alone, their gradients, or a ComplexLSTMModel's attention layers
    """

    label: str
    run: Callable[[ForwardFunction], Attribution]
    sentence: str
    misleads: str
    source: str
    against: Against = "baseline"
    signed: bool = True
    needs: Needs = "outputs"


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
        needs="gradients",
    ),
    "gradient_shap": Method(
        "Gradient SHAP",
        gradient_shap,
        "averages gradients between windows drawn from the data and the window",
        "it is an estimate: the seed is fixed, the sampling error is not zero",
        "Lundberg and Lee 2017; Erion et al. 2021",
        against="training windows",
        needs="gradients",
    ),
    "temporal_saliency_rescaling": Method(
        "Temporal rescaling",
        temporal_saliency_rescaling,
        "rates each step, then each feature at it, by how the gradient map changes without it",
        "it rates changes of the gradient, not of the output, and has no sign",
        "Ismail et al. 2020",
        signed=False,
        needs="gradients",
    ),
    "input_x_gradient": Method(
        "Input x Gradient",
        input_x_gradient,
        "multiplies the gradient with the scaled input",
        "it is a linear approximation at one point: where the model saturates it is zero",
        "Shrikumar et al. 2016",
        against="training mean",
        needs="gradients",
    ),
    "saliency": Method(
        "Saliency",
        saliency,
        "takes the gradient's size: the effect of a small change of the cell",
        "the effect of a small change is not what the cell contributes, and it has no sign",
        "Simonyan et al. 2014",
        against="nothing",
        signed=False,
        needs="gradients",
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        smoothgrad,
        "averages the gradient over noisy copies of the window and takes its size",
        "the amount of noise is a choice, and it has no sign",
        "Smilkov et al. 2017",
        against="nothing",
        signed=False,
        needs="gradients",
    ),
    "attention_rollout": Method(
        "Attention rollout",
        rollout_received,
        "multiplies the attention layers and takes how much each step passes on",
        "it has no feature, sign, class or baseline, and ignores how the BiLSTM blocks mix the steps",
        "Abnar and Zuidema 2020",
        against="nothing",
        signed=False,
        needs="attention",
    ),
    "learned_mask": Method(
        "Learned mask",
        learned_mask,
        "follows the gradient to ever fewer cells that keep the output and without which it is gone, and rates how long each stays",
        "of cells that carry the same information it may keep any, it blends cells with the baseline, and it has no sign",
        "Fong and Vedaldi 2017; over time and feature: Crabbé and van der Schaar 2021, Enguehard 2023",
        signed=False,
        needs="gradients",
    ),
    "segment_shapley": Method(
        "Segments",
        segment_shapley,
        "cuts each feature at its change points and averages what a segment adds over orders in which all segments can be added",
        "what is shorter than a segment is smeared over it, and in a series without steps the borders mean little",
        "Castro et al. 2009 over segments by Killick et al. 2012; chunks of a series as in tsCaptum, Serramazza et al. 2024",
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
    model: Any,
    request: ExplanationRequest,
    method: str,
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
    on_pass: Callable[[int], None] = uncounted,
) -> Explanation:
    """Return a method's explanation of the output and the window that the request names. `stop` and `on_pass` as of `ForwardFunction`.

    `model` maps windows (batch, time, feature) to outputs (batch, output), or (batch,) for one output. It is

    - a torch module in eval mode, which stays as it is, on the device where it is;
    - a function of numpy arrays, or of tensors where it fails on arrays;
    - a scikit-learn estimator, or one of its methods such as `pipeline.decision_function`: it gets a window as one row, the first
      step's features, then the second's, and gives its probabilities, else its scores, else its values;
    - an onnxruntime.InferenceSession with one input and one output.

    Where the outputs have no gradients, the methods whose `needs` are "outputs" work; the consensus is then that of the members that do.
    Any model but a ComplexLSTMModel is tried on a few windows first, and a warning says so if it does not give the same twice.

    Raises:
        ExplanationError: no such method, one that needs what this model does not have, or a model that cannot be explained.
        Stopped: `stop` returned True.
    """
    if method not in METHODS:
        raise ExplanationError(f"There is no method {method!r}; choose one of {', '.join(METHODS)}.")
    chosen, forward_func = METHODS[method], forward_function(model, request, device, stop, on_pass)
    _refuse_unable(method, forward_func)
    start = time.perf_counter()
    found = chosen.run(forward_func)
    seconds = time.perf_counter() - start
    if isinstance(forward_func.model, AdaptedModel) and not np.isfinite(found.cells).all():
        raise ExplanationError(
            f"With cells removed, output {request.output} of the {forward_func.model.kind} is not always a finite number. "
            "Choose another baseline."
        )
    return Explanation(method, found, baseline_name(chosen, request), forward_func.evaluations, seconds, device_name(forward_func.device))


def _refuse_unable(method: str, forward_func: ForwardFunction) -> None:
    """Refuse a method that needs what a model of another library lacks, and warn of a model that is not the same each time."""
    model = forward_func.model
    if not isinstance(model, AdaptedModel):
        return
    has = ("outputs", "gradients") if model.has_gradients else ("outputs",)
    needs = METHODS[method].needs
    if needs not in has:
        lacks = "gradients" if needs == "gradients" else "the attention layers of a ComplexLSTMModel"
        able = [name for name, one in METHODS.items() if one.needs in has]
        raise ExplanationError(f"{method} needs {lacks}, which the {model.kind} does not have. These work with it: {', '.join(able)}.")
    if model.unsteady:
        warnings.warn(f"{model.unsteady[0].upper()}{model.unsteady[1:]}.", stacklevel=3)


def explain_consensus(forward_func: ForwardFunction, members: Mapping[str, Explanation], chance: Curves | None = None) -> Explanation:
    """Return the consensus, as `explain` gives it, from its members' explanations of the same request.

    Its evaluations and seconds are those of all. Who has the random rankings' curves already gives them as `chance`, and a
    `forward_func` with their evaluations.
    """
    start = time.perf_counter()
    chance = random_faithfulness(forward_func) if chance is None else chance
    found = combine(forward_func, {name: one.attribution for name, one in members.items()}, chance)
    seconds = time.perf_counter() - start + sum(one.seconds for one in members.values())
    evaluations = forward_func.evaluations + sum(one.evaluations for one in members.values())
    baseline = baseline_name(METHODS["consensus"], forward_func.request)
    return Explanation("consensus", found, baseline, evaluations, seconds, device_name(forward_func.device))


def baseline_name(method: Method, request: ExplanationRequest) -> str:
    """Return the name of what a method compares the request's window with."""
    return {
        "baseline": request.baseline_name,
        "training windows": f"{len(request.draws)} {request.draws_name}",
        "training mean": request.mean_name,
        "nothing": "none",
    }[method.against]
