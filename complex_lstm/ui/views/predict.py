"""One window in a few sentences, each with a link to the page that shows the details."""

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
    """Describe what each part of the model does with the window, in numbers of this pass."""
    trace = cache.window_trace(scene.keys, scene.number)
    gate, apart = trace.gate[0].numpy(), disagreement(trace.ensemble_head_outputs.numpy())[0]
    gates = (
        f"The gate takes **{gate.mean():.1%}** from convolution stage 1 and the rest from stage 2, on average; "
        f"stage 1 has the larger share in {(gate > 0.5).mean():.0%} of all steps and channels."
    )
    heads = f"The three ensemble heads are **{apart:.3g}** apart (standard deviation, in the model's own scale)."
    for sentence, stem, label in (
        (_attention_sentence(scene, trace.attention[0].numpy()), "attention", "Attention"),
        (gates, "fusion_gate", "Fusion gate"),
        (heads, "ensemble", "Ensemble heads"),
        (_importance_sentence(scene), "importance", "Feature importance"),
    ):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(sentence)
        right.page_link(page(stem), label=label)


def _attention_sentence(scene: Scene, attention: np.ndarray) -> str:
    if not attention.size:
        return "This model has fewer than two BiLSTM blocks, so no attention layer is used."
    layer, head, query, key = np.unravel_index(int(attention.argmax()), attention.shape)
    labels = time_labels(scene.times)
    return (
        f"The largest attention weight: in layer {layer + 1}, attention head {head + 1}, the step {plain(labels[query])} takes "
        f"**{attention[layer, head, query, key]:.1%}** of its weight from {plain(labels[key])} (uniform: {1 / len(labels):.1%})."
    )


def _importance_sentence(scene: Scene) -> str:
    output = target_of(scene)
    effects = cache.feature_ablation(scene.keys, scene.number, output)
    best = int(np.abs(effects).argmax())
    return (
        f"By ablation the output {plain(target_label(scene, output))} depends most on **{plain(scene.features[best])}**: with it at its "
        f"training mean the output would change by {-effects[best]:+.3g} {plain(unit_of(scene, output))}."
    )
