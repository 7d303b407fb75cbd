"""One window in a few sentences, each with the page that shows it whole."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.data import time_labels
from complex_lstm.interpretation import disagreement
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import page, target_label, target_of, unit_of


def brief_window(scene: Scene) -> None:
    """Say what each part of the model does with the window, in its own numbers."""
    for sentence, stem, label in (
        (_attention(scene), "attention", "Attention"),
        (_gate(scene), "fusion_gate", "Fusion gate"),
        (_heads(scene), "ensemble", "Ensemble heads"),
        (_importance(scene), "importance", "Feature importance"),
    ):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(sentence)
        right.page_link(page(stem), label=label)


def _attention(scene: Scene) -> str:
    attention = cache.window_trace(scene.keys, scene.number).attention[0].numpy()
    if not attention.size:
        return "This model is too shallow for its attention layers: they are not used."
    layer, head, query, key = np.unravel_index(int(attention.argmax()), attention.shape)
    labels = time_labels(scene.times)
    return (
        f"The sharpest look: in layer {layer + 1}, attention head {head + 1}, the step {plain(labels[query])} gives "
        f"**{attention[layer, head, query, key]:.1%}** of its attention to {plain(labels[key])} (uniform: {1 / len(labels):.1%})."
    )


def _gate(scene: Scene) -> str:
    gate = cache.window_trace(scene.keys, scene.number).gate[0].numpy()
    return (
        f"The gate takes **{gate.mean():.1%}** from convolution stage 1 and the rest from stage 2, on average; "
        f"stage 1 wins in {(gate > 0.5).mean():.0%} of all steps and channels."
    )


def _heads(scene: Scene) -> str:
    said = cache.window_trace(scene.keys, scene.number).ensemble_head_outputs.numpy()
    return f"The three ensemble heads are **{disagreement(said)[0]:.3g}** apart (standard deviation, in the model's own scale)."


def _importance(scene: Scene) -> str:
    output = target_of(scene)
    found = cache.feature_ablation(scene.keys, scene.number, output)
    best = int(np.abs(found).argmax())
    return (
        f"By ablation the output {plain(target_label(scene, output))} rests most on **{plain(scene.features[best])}**: with it at its "
        f"training mean the output would move by {-found[best]:+.3g} {plain(unit_of(scene, output))}."
    )
