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
from complex_lstm.interpretation.attention_rows import cells_of, rollout_rows
from complex_lstm.interpretation.head_maps import MOST_ROLLED_OUT, HeadMaps
from complex_lstm.model import Trace
from complex_lstm.ui.components.attention_map import AttentionMap, AttentionPin, AttentionView, attention_canvas, content_of
from complex_lstm.ui.components.attention_map.payload import tile_side
from complex_lstm.ui.components.attention_tiles import Tile, attention_tiles
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.attention import MAPS_JOB, expected_seconds, head_maps, maps_function, trace_key
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.features import choose_features_of_window, of_features
from complex_lstm.ui.session.figures import file_name, offer_csv, show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose, current

MOST_ROWS = 2_000_000  # of a table of weights: 250 MB as a CSV


def show_attention(scene: Scene) -> None:
    """Draw the attention heads of the window, the attention that each step receives, and every head in three numbers."""
    trace = cache.window_trace(scene.keys, scene.number)
    if not trace.attention_layers:
        st.info("This model has fewer than two BiLSTM blocks, so no attention layer is used. Load a deeper one.", icon="👁️")
        return
    maps = _maps_on_request(trace)
    if maps is None:
        return
    with st.container(key="view-attention"):
        st.header(f"Window {scene.number}: {describe_window(scene)}")
        view = _draw_heads(scene, trace, maps)
    choose_view(view)
    st.header("Attention received, over the series")
    _draw_received(scene, maps, (Mark(view.pin.query, "query", QUERY), Mark(view.pin.key, "key", KEY)) if view.pin else ())
    st.header("Every attention head in three numbers")
    _draw_summary(maps)
    _offer_weights(scene, trace, view)


def _maps_on_request(trace: Trace) -> HeadMaps | None:
    """Return the maps of the window, None while they are not made: those of a long window are made when a button is pressed."""
    if (found := head_maps(trace)) is not None:
        return found
    steps = trace.encoded.shape[1]
    weights, seconds = trace.attention_layers * trace.attention_heads * steps**2, expected_seconds(trace)
    st.info(
        f"{steps:,} steps have {weights:,} attention weights. They are made block by block and never held; on one core that takes about "
        f"{f'{seconds:.0f} s' if seconds < 90 else f'{seconds / 60:.0f} min'}, and can be stopped at any time.",
        icon="⏳",
    )
    job = job_on_request(MAPS_JOB, trace_key(trace), maps_function(trace), label="Make the attention maps")
    if job and job.state == "done":
        st.rerun()
    return None


def _draw_heads(scene: Scene, trace: Trace, maps: HeadMaps) -> AttentionView:
    """Draw all heads as small maps and one large, and return what is looked at in them."""
    content = content_of(maps, series=scene.inputs, names=scene.features, times=scene.time_labels)
    view = attention_canvas(content, view=chosen_view(), file_name=file_name("attention", scene.number), component_key="attention_canvas")
    if not content.is_exact:
        _serve_tiles(trace, maps.square)
    pixel = f"the largest of up to {maps.square} x {maps.square} weights" if maps.square > 1 else ""
    caption(
        method="softmax(Q K^T / sqrt d) as the forward pass uses it",
        shape="x".join(map(str, (trace.attention_layers, trace.attention_heads, maps.time, maps.time))),
        pixel=pixel,
        colours="" if content.is_exact else "to 1/255 of each head's largest weight; the numbers are exact, and read where you point",
        rollout="" if maps.rollout is not None else f"not drawn over {MOST_ROLLED_OUT:,} steps: it takes with their third power",
        series="scaled",
        device=scene.device_name,
    )
    reading(
        "A row is a step that attends (query), its bright cells are the steps it takes from (key); click a cell to pin both steps.",
        "Attention is not importance: the BiLSTM blocks have spread each step's content over its neighbours before it is attended to.",
    )
    return view


@st.fragment
def _serve_tiles(trace: Trace, square: int) -> None:
    """Answer the canvas where it asks for exact weights: a run of this alone, not of the page."""
    attention_tiles(lambda tile: _cut(trace, tile, tile_side(square)), component_key="attention_tiles")


def _cut(trace: Trace, tile: Tile, side: int) -> np.ndarray | None:
    """Return the exact weights of a tile; None where the window, which may be another by now, has no such tile."""
    steps = trace.encoded.shape[1]
    if not (
        0 <= tile.query < steps and 0 <= tile.key < steps and tile.layer < trace.attention_layers and tile.head < trace.attention_heads
    ):
        return None
    queries, keys = ((first, min(first + side, steps)) for first in (tile.query, tile.key))
    if tile.map == "rollout":
        return rollout_rows(trace, *queries)[:, slice(*keys)].numpy()
    cells = cells_of(trace, tile.layer, queries, keys)
    return cells.mean(axis=0) if tile.map == "average" else cells[tile.head]


def _draw_received(scene: Scene, maps: HeadMaps, marks: tuple[Mark, ...]) -> None:
    """Draw the attention that each step receives in each layer, above the series, both with these marks."""
    show_figure(
        received_lines(scene.times, maps.received, marks=marks, title=""),
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


def _draw_summary(maps: HeadMaps) -> None:
    """Draw the entropy, the mean distance and the share on the diagonal of every head."""
    summary = maps.summary
    show_figure(
        head_summary_heatmaps(summary.entropy, summary.distance, summary.diagonal, steps=maps.time, title=""),
        key="attention_summary",
        alt="Entropy, mean distance and share on the diagonal of each attention head",
    )
    reading(
        "Entropy near 1 means that a head attends to all steps alike; a high share on the diagonal, that steps attend to themselves.",
        "The numbers are for this window; the same head can be sharp on another.",
    )


def _offer_weights(scene: Scene, trace: Trace, view: AttentionView) -> None:
    """Offer all weights as a table, of a long window those of the pinned query."""
    steps = trace.encoded.shape[1]
    weights = trace.attention_layers * trace.attention_heads * steps**2
    if weights <= MOST_ROWS:
        attention = trace.attention[0].numpy()
        offer_csv(
            lambda: weights_frame(attention, scene.time_labels),
            f"attention_window_{scene.number}.csv",
            key="attention_download",
            label="Download all weights (CSV)",
        )
        return
    if view.pin is None:
        st.caption(f"All {weights:,} weights are too many for a table. Pin a cell to download the weights of its query in every head.")
        return
    query = view.pin.query
    offer_csv(
        lambda: weights_frame(query_weights(trace, query), scene.time_labels, first=query),
        f"attention_window_{scene.number}_query_{query}.csv",
        key="attention_download",
        label=f"Download the weights of query step {query} in every head (CSV)",
    )


def query_weights(trace: Trace, query: int) -> Float[np.ndarray, "layer head 1 key"]:
    """Return the weights of one query in all heads."""
    rows = [trace.attention_rows(layer, query, query + 1)[0].numpy() for layer in range(trace.attention_layers)]
    return np.stack(rows)


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


def weights_frame(attention: Float[np.ndarray, "layer head query key"], times: list[str], *, first: int = 0) -> pd.DataFrame:
    """Return one row a weight: layer and head from 1, steps from 0, and their times; `first` is the first query."""
    layer, head, query, key = np.indices(attention.shape).reshape(4, -1)
    query = query + first
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
