"""What the failures of the tour are made of, computed once for a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from jaxtyping import Float

from complex_lstm.interpretation import Asked, Baseline, ablate_features, make_question
from complex_lstm.model.device import pick_device
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui import cache
from complex_lstm.ui.tour.window import TourWindow

Keys = tuple[str, str, str, int]


@dataclass(frozen=True)
class LookedAt:
    """Attention that each step receives (it sums to 1), and what the output loses without the step."""

    received: Float[np.ndarray, " time"]
    lost: Float[np.ndarray, " time"]

    @property
    def idle(self) -> int:
        """The step that the output loses least without, among the tenth (three at least) that are looked at most."""
        looked_at = np.argsort(-self.received, kind="stable")[: max(3, len(self.received) // 10)]
        return int(looked_at[np.abs(self.lost[looked_at]).argmin()])

    @property
    def share(self) -> float:
        """What the output loses without the idle step, as a share of the largest loss."""
        return float(np.abs(self.lost[self.idle]) / (np.abs(self.lost).max() or 1.0))


def removed_heads(window: TourWindow) -> Float[np.ndarray, "layer head"]:
    """Return how far the prediction moves, at most over the outputs, without each attention head."""
    return _removed_heads(window.scene.keys, window.scene.number)


def looked_at(window: TourWindow) -> LookedAt:
    """Return what is looked at, and what is needed."""
    return _looked_at(window.scene.keys, window.scene.number, window.target)


def by_baseline(window: TourWindow, baseline: Baseline) -> Float[np.ndarray, " feature"]:
    """Return what the output loses without each feature, with a baseline in its place."""
    return _by_baseline(window.scene.keys, window.scene.number, window.target, baseline)


@st.cache_resource(max_entries=64, show_spinner=False)
@torch.no_grad()
def _removed_heads(keys: Keys, number: int) -> np.ndarray:
    model = cache.checkpoint(keys[1]).model
    x = torch.from_numpy(cache.dataset(*keys).windows.inputs(np.array([number]))).to(pick_device())
    intact, trace = model(x), cache.window_trace(keys, number)
    layers, heads = trace.attention.shape[1:3]
    moved = [
        (model.intervened(x, interventions=[SilenceHead(layer, head)]) - intact).abs().max()
        for layer in range(layers)
        for head in range(heads)
    ]
    return np.array([float(one) for one in moved]).reshape(layers, heads)


@st.cache_resource(max_entries=64, show_spinner=False)
def _looked_at(keys: Keys, number: int, output: int) -> LookedAt:
    asked = Asked(cache.checkpoint(keys[1]).model, make_question(cache.dataset(*keys), number, output), pick_device())
    received = cache.window_trace(keys, number).attention[0].numpy().mean(axis=(0, 1, 2)).astype(np.float64)
    time, features = asked.question.x.shape
    removed = torch.eye(time, dtype=torch.bool)[..., None].expand(-1, -1, features)
    return LookedAt(received, asked.outputs(asked.x)[0] - asked.without(removed))


@st.cache_resource(max_entries=128, show_spinner=False)
def _by_baseline(keys: Keys, number: int, output: int, baseline: Baseline) -> np.ndarray:
    question = make_question(cache.dataset(*keys), number, output, baseline)
    return ablate_features(Asked(cache.checkpoint(keys[1]).model, question, pick_device()))
