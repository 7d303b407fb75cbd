"""Captum's methods that fail on this model, and how: run on the window at hand to show it, never used to explain."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from captum.attr import LRP, Deconvolution, DeepLift, GuidedBackprop, LayerIntegratedGradients, Saliency
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.model.device import gradients_enabled


@dataclass(frozen=True)
class UnsupportedMethod:
    """A method that is not offered: what it promises, what it returned for this window, and why it fails."""

    label: str
    promise: str
    measured: str
    reason: str
    source: str


def unsupported_methods(forward_func: ForwardFunction) -> tuple[UnsupportedMethod, ...]:
    """Return what DeepLift, Guided Backprop, Deconvolution, LRP and gradients of nn.LSTM's own output do on this window.

    Each is run on a copy of the model: they put hooks and rules on it, and some leave them there when they fail.
    """
    return (_deep_lift(forward_func), *_relu_methods(forward_func), _lrp(forward_func), _lstm_layer(forward_func))


def _deep_lift(forward_func: ForwardFunction) -> UnsupportedMethod:
    found = float(_attributed(forward_func.with_copied_model(), DeepLift, baselines=forward_func.baselines[:1]).sum())
    gap = forward_func.gap_to_first_baseline()
    return UnsupportedMethod(
        "DeepLift",
        "cells that sum to the gap, the output's distance from its value at the baseline",
        f"its cells sum to {found:.3g} where the gap is {gap:.3g}" + (f", {abs(found - gap) / abs(gap):.0%} off" if gap else ""),
        "its rules are for modules such as ReLU, sigmoid and tanh; through LayerNorm, softmax, max pooling and the inside of "
        "the LSTM it takes the plain gradient, which does not account for the way from the baseline",
        "Shrikumar et al. 2017",
    )


def _relu_methods(forward_func: ForwardFunction) -> tuple[UnsupportedMethod, ...]:
    plain = _attributed(forward_func.with_copied_model(), Saliency, abs=False)
    return tuple(
        UnsupportedMethod(
            label,
            "what excites the neurons",
            f"its map has a cosine of {cosine(plain, _attributed(forward_func.with_copied_model(), method)):.2f} with the plain gradient",
            "it changes the gradient of ReLUs only; this model decides in LSTM gates and softmax, which it leaves unchanged",
            source,
        )
        for label, method, source in (
            ("Guided Backprop", GuidedBackprop, "Springenberg et al. 2015; Adebayo et al. 2018"),
            ("Deconvolution", Deconvolution, "Zeiler and Fergus 2014"),
        )
    )


def _lrp(forward_func: ForwardFunction) -> UnsupportedMethod:
    copied = forward_func.with_copied_model()
    failure = _failure_of(lambda: _attributed(copied, LRP))
    left = [name for name, part in copied.model.named_modules() if hasattr(part, "rule")]
    behind = f", and leaves a rule behind on {len(left)} module{'s' if len(left) > 1 else ''} ({', '.join(left[:3])})" if left else ""
    return UnsupportedMethod(
        "Layer-wise relevance propagation",
        "relevance that is conserved from layer to layer",
        f"{failure}{behind}",
        "it has no rule for LayerNorm, LSTM and attention, and a rule made up for them would be ours, not the model's",
        "Bach et al. 2015",
    )


def _lstm_layer(forward_func: ForwardFunction) -> UnsupportedMethod:
    copied = forward_func.with_copied_model()
    recurrent = next((part for part in copied.model.modules() if isinstance(part, nn.LSTM)), None)
    if recurrent is None:
        measured = "this model has no LSTM"
    else:
        method = LayerIntegratedGradients(copied, recurrent)
        measured = _failure_of(lambda: method.attribute(copied.x, copied.baselines[:1], n_steps=2))
    return UnsupportedMethod(
        "Layer methods on nn.LSTM",
        "what flows through the LSTM layer",
        measured,
        "nn.LSTM returns a tuple; use the BiLSTM block around it instead, as Layer Conductance here does",
        "Captum 0.9",
    )


class _ForwardModule(nn.Module):
    """The forward function as a module that holds the model, for methods that look for modules to hook."""

    def __init__(self, forward_func: ForwardFunction) -> None:
        super().__init__()
        self.model, self.forward_func = forward_func.model, forward_func

    def forward(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        return self.forward_func(x)


def _attributed(copied: ForwardFunction, method: Any, **options: Any) -> Float[np.ndarray, "time feature"]:
    with gradients_enabled(copied.device), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Captum warns that it sets hooks
        found = method(_ForwardModule(copied)).attribute(copied.x.clone().requires_grad_(), **options)
    return found[0].detach().double().cpu().numpy()


def _failure_of(attempt: Callable[[], object]) -> str:
    """Return the first clause of the error of an attempt. Captum 0.9 raises these types for a module that it does not support."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            attempt()
    except (TypeError, AttributeError, AssertionError) as error:
        named = re.sub(r"<class '(?:\w+\.)*(\w+)'>", r"\1", " ".join(str(error).split()))  # classes by their last name
        clause = textwrap.shorten(re.split(r"[.,:;] | and ", named)[0], 100, placeholder=" …")
        return f"it raises {type(error).__name__}: {clause}"
    return "it ran here, although it should not on this architecture: do not trust it"


def cosine(first: Float[np.ndarray, "*shape"], second: Float[np.ndarray, "*shape"]) -> float:
    """Return the cosine of the angle between two maps: 1 is the same up to a factor; 0 where one of them is all zeros."""
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float((first * second).sum()) / norms if norms else 0.0
