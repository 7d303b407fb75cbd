"""The attention heads of a window: all as small maps, one large, and the steps that it attends to in the series."""

from __future__ import annotations

from typing import cast, get_args

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float

from complex_lstm.figures.attention import head_summary_heatmaps, received_lines
from complex_lstm.figures.series import series_lines
from complex_lstm.figures.theme import KEY, QUERY, Mark
from complex_lstm.interpretation import attention_rollout, summarise_heads
from complex_lstm.ui.components.attention_map import AttentionMap, AttentionPin, AttentionView, attention_canvas
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.features import choose_features_of_window, of_features
from complex_lstm.ui.session.figures import file_name, offer_csv, show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose, current


def show_attention(scene: Scene) -> None:
    """Draw the attention heads of the window, the attention that each step receives, and every head in three numbers."""
    attention = cache.window_trace(scene.keys, scene.number).attention[0].numpy()
    if not attention.size:
        st.info("This model has fewer than two BiLSTM blocks, so no attention layer is used. Load a deeper one.", icon="👁️")
        return
    with st.container(key="view-attention"):
        st.header(f"Window {scene.number}: {describe_window(scene)}")
        view = _draw_heads(scene, attention)
    choose_view(view)
    st.header("Attention received, over the series")
    _draw_received(scene, attention, (Mark(view.pin.query, "query", QUERY), Mark(view.pin.key, "key", KEY)) if view.pin else ())
    st.header("Every attention head in three numbers")
    _draw_summary(attention)
    offer_csv(
        lambda: weights_frame(attention, scene.time_labels),
        f"attention_window_{scene.number}.csv",
        key="attention_download",
        label="Download all weights (CSV)",
    )


def _draw_heads(scene: Scene, attention: Float[np.ndarray, "layer head query key"]) -> AttentionView:
    """Draw all heads as small maps and one large, and return what is looked at in them."""
    view = attention_canvas(
        attention,
        rollout=attention_rollout(attention),
        series=scene.inputs,
        series_names=scene.features,
        times=scene.time_labels,
        view=chosen_view(),
        file_name=file_name("attention", scene.number),
        component_key="attention_canvas",
    )
    caption(
        method="softmax(Q K^T / sqrt d) as the forward pass uses it",
        shape="x".join(map(str, attention.shape)),
        series="scaled",
        device=scene.device_name,
    )
    reading(
        "A row is a step that attends (query), its bright cells are the steps it takes from (key); click a cell to pin both steps.",
        "Attention is not importance: the BiLSTM blocks have spread each step's content over its neighbours before it is attended to.",
    )
    return view


def _draw_received(scene: Scene, attention: Float[np.ndarray, "layer head query key"], marks: tuple[Mark, ...]) -> None:
    """Draw the attention that each step receives in each layer, above the series, both with these marks."""
    show_figure(
        received_lines(scene.times, attention.mean(axis=(1, 2)), marks=marks, title=""),
        key="attention_received",
        alt="Mean attention that each step receives, by layer",
    )
    shown = choose_features_of_window(scene, "attention_series")
    show_figure(
        series_lines(
            scene.times,
            scene.values[:, shown],
            names=of_features(scene.features, shown),
            units=of_features(scene.dataset.schema.feature_units, shown),
            empty=np.isnan(scene.values[:, shown]),
            marks=marks,
        ),
        key="attention_series",
        alt="The window's features over time with the pinned steps",
    )
    reading(
        "Many steps attend to a step far above the dashed line; dotted lines in the series mark the pinned query and key.",
        "The mean over queries and attention heads hides one that attends to a step from a single query only.",
    )


def _draw_summary(attention: Float[np.ndarray, "layer head query key"]) -> None:
    """Draw the entropy, the mean distance and the share on the diagonal of every head."""
    summary = summarise_heads(attention)
    show_figure(
        head_summary_heatmaps(summary.entropy, summary.distance, summary.diagonal, steps=attention.shape[-1], title=""),
        key="attention_summary",
        alt="Entropy, mean distance and share on the diagonal of each attention head",
    )
    reading(
        "Entropy near 1 means that a head attends to all steps alike; a high share on the diagonal, that steps attend to themselves.",
        "The numbers are for this window; the same head can be sharp on another.",
    )


def chosen_view() -> AttentionView:
    """Return the view in the selection; without a valid one it is the first attention head."""
    chosen = current().attention
    pin = AttentionPin(chosen.query, chosen.key) if chosen.query is not None and chosen.key is not None else None
    kind = cast(AttentionMap, chosen.map if chosen.map in get_args(AttentionMap) else "head")
    return AttentionView(chosen.layer or 0, chosen.head or 0, kind, pin=pin)


def choose_view(view: AttentionView) -> None:
    """Store the view of the canvas in the selection."""
    pin = {"query": view.pin.query, "key": view.pin.key} if view.pin else {"query": None, "key": None}
    choose(layer=view.layer, head=view.head, map="" if view.map == "head" else view.map, **pin)


def weights_frame(attention: Float[np.ndarray, "layer head query key"], times: list[str]) -> pd.DataFrame:
    """Return one row a weight: layer and head from 1, steps from 0, and their times."""
    layer, head, query, key = np.indices(attention.shape).reshape(4, -1)
    at = np.array(times, dtype=object)
    return pd.DataFrame(
        {
            "layer": layer + 1,
            "head": head + 1,
            "query_step": query,
            "key_step": key,
            "query_time": at[query],
            "key_time": at[key],
            "weight": attention.ravel(),
        }
    )
