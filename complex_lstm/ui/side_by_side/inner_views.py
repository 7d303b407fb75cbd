"""The inputs and inner values of both sides: the series, attention, the gate, and the value at any site."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from complex_lstm.figures.series import series_lines
from complex_lstm.figures.side_by_side import ColourScale, block_size, side_by_side_lines, side_by_side_maps
from complex_lstm.figures.theme import FROM_ZERO, GATE, SEQUENTIAL, SIGNED
from complex_lstm.interpretation import HeadSummary
from complex_lstm.interpretation.attention_rows import rollout_rows, row_blocks
from complex_lstm.model import Trace
from complex_lstm.ui.compute.attention import AT_ONCE, head_maps
from complex_lstm.ui.interventions.labels import site_label
from complex_lstm.ui.session.features import choose_features_of_window, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.side_by_side.pair import Pair

MAPS = {"head": "one attention head", "mean": "average of all", "rollout": "rollout", "summary": "all heads in numbers"}
OTHER_CHANNELS = (
    "Channels of models trained separately do not correspond: only checkpoints of the same run can be compared channel by channel."
)


def show_series(page: str, pair: Pair) -> None:
    """Draw both windows in the units of the file; where they are the same, only one."""
    first, second = pair.first.scene, pair.second.scene
    shown = choose_features_of_window(first, f"{page}_series")
    if pair.kind != "window" and np.array_equal(pair.first.values, pair.second.values, equal_nan=True):
        st.caption("Both sides have the same window.")
        figure = series_lines(
            first.times,
            first.values[:, shown],
            names=of_features(first.features, shown),
            units=of_features(first.dataset.schema.feature_units, shown),
            empty=np.isnan(first.values[:, shown]),
        )
        show_figure(figure, key=f"{page}_series", alt="The window of both sides")
    else:
        names = tuple(name for name in of_features(first.features, shown) if name in second.features)
        left, right = (side.values[:, [side.scene.features.index(name) for name in names]] for side in (pair.first, pair.second))
        figure = side_by_side_lines(
            left.T, right.T, pair.difference(left, right, 0).T, steps=pair.steps, names=names, labels=pair.labels, title="",
            units=tuple(first.dataset.schema.unit(name) for name in names),
        )  # fmt: skip
        show_figure(figure, key=f"{page}_series", alt=f"{len(names)} features of both windows, and the difference")
    caption(**pair.facts, unit="of the file, for each feature")
    reading(
        "A row is a feature: both sides on one range, and the difference on a range of its own, centred on zero.",
        "Steps with the same number are compared; an event that comes one step later on one side appears as two differences.",
    )


def show_attention(page: str, pair: Pair) -> None:
    """Draw the attention weights of both sides, of the selected head or in a summary."""
    traces = [side.trace for side in (pair.first, pair.second)]
    layers, heads = min(one.attention_layers for one in traces), min(one.attention_heads for one in traces)
    if not layers:
        st.info("A model with fewer than two BiLSTM blocks uses no attention layer: there is nothing to compare.", icon="👁️")
        return
    first, second = (head_maps(one) for one in traces)
    if first is None or second is None:
        st.info(
            f"Attention is compared up to {AT_ONCE:,} steps; of longer windows look at one side, on Explain, where its maps are made on "
            "request. All other views compare these windows too.",
            icon="👁️",
        )
        return
    kind, layer, head = _choose_map(page, first.heads[:layers, :heads], second.heads[:layers, :heads])
    if kind == "summary":
        _show_summary(page, pair, layers, heads, first.summary, second.summary)
        return
    drawn = [_whole_map(one, kind, layer, head) for one in traces]
    difference = pair.difference(drawn[0], drawn[1], 0, 1)
    top = max(float(one.max()) for one in drawn)
    figure = side_by_side_maps(
        drawn[0], drawn[1], difference, labels=pair.labels, scale=ColourScale(0.0, top, SEQUENTIAL, "weight"),
        x="key step", y="query step", title="", from_top=True, square=True,
    )  # fmt: skip
    show_figure(figure, key=f"{page}_attention", alt="Attention weights on both sides, and the difference")
    caption(map=f"layer {layer + 1}, attention head {head + 1}" if kind == "head" else MAPS[kind], cells=_cells(drawn), **pair.facts)
    reading(
        "A row is a query step, its bright cells the key steps that it attends to; red in the third map means more weight on the right.",
        "The weights of a row sum to 1, so when one step gains weight others lose it; attention is not importance.",
    )


def _choose_map(page: str, left: np.ndarray, right: np.ndarray) -> tuple[str, int, int]:
    """Draw the choice of a map. The default head is the first whose weights differ."""
    selection, (layers, heads) = current(), left.shape[:2]

    def store() -> None:
        choose(layer=st.session_state[f"{page}_layer"], head=st.session_state[f"{page}_head"])

    first, second, third = st.columns([3, 2, 4])
    kind = first.selectbox("Map", list(MAPS), format_func=MAPS.__getitem__, key=f"{page}_map")
    layer, head = min(selection.attention.layer or 0, layers - 1), min(selection.attention.head or 0, heads - 1)
    if selection.attention.layer is None and selection.attention.head is None:
        layer, head = next((place for place in np.ndindex(layers, heads) if not np.array_equal(left[place], right[place])), (0, 0))
    for place, name, count, chosen in ((second, "layer", layers, layer), (third, "head", heads, head)):
        place.segmented_control(
            "Layer" if name == "layer" else "Attention head", range(count), format_func=lambda number: str(number + 1),
            required=True, disabled=kind != "head", **mirrored(f"{page}_{name}", chosen, store),
        )  # fmt: skip
    return kind, layer, head


def _whole_map(trace: Trace, kind: str, layer: int, head: int) -> np.ndarray:
    """Return one map of all weights, made a block of rows at a time: 67 MB of 4,096 steps."""
    time = trace.encoded.shape[1]
    if kind == "rollout":
        return rollout_rows(trace, 0, time).numpy()
    blocks = row_blocks(time, trace.attention_heads)
    if kind == "head":
        return torch.cat([trace.attention_rows(layer, *block)[0, head] for block in blocks]).numpy()
    layers = range(trace.attention_layers)
    means = [sum(trace.attention_rows(one, *block)[0].mean(dim=0) for one in layers) / len(layers) for block in blocks]
    return torch.cat(means).numpy()  # type: ignore[arg-type]  # sum() begins with the number 0


def _show_summary(page: str, pair: Pair, layers: int, heads: int, first: HeadSummary, second: HeadSummary) -> None:
    names = tuple(f"layer {number + 1}" for number in range(layers))
    for field, label in (
        ("entropy", "entropy, share of uniform"),
        ("distance", "mean distance, steps"),
        ("diagonal", "share on the diagonal"),
    ):
        left, right = (getattr(one, field)[:layers, :heads] for one in (first, second))
        scale = ColourScale(0.0, max(1e-12, float(left.max()), float(right.max())), SEQUENTIAL, "")
        figure = side_by_side_maps(
            left,
            right,
            right - left,
            labels=pair.labels,
            scale=scale,
            x="attention head, from 0",
            y="",
            title=label.capitalize(),
            names=names,
        )
        show_figure(figure.update_layout(height=230), key=f"{page}_{field}", alt=f"{label} of every head on both sides")
    caption(**pair.facts)
    reading(
        "Entropy near 1 is a head that attends to all steps equally; a high share on the diagonal is one where steps attend to themselves.",
        "A silenced head has weights of zero, so all three numbers are zero for it: it attends to nothing.",
    )


def show_gate(page: str, pair: Pair) -> None:
    """Draw the mean gate over time and, where both sides have as many channels, the gate of each channel."""
    gates = [side.trace.gate[0].numpy() for side in (pair.first, pair.second)]
    means = [gate.mean(axis=1)[None] for gate in gates]
    difference = pair.difference(means[0], means[1], 1)
    figure = side_by_side_lines(
        means[0], means[1], difference, steps=pair.steps, names=("mean gate",), labels=pair.labels, title="Mean over the channels"
    )
    show_figure(figure, key=f"{page}_gate_mean", alt="The mean gate over time on both sides, and the difference")
    if gates[0].shape[1] == gates[1].shape[1]:
        figure = side_by_side_maps(
            gates[0].T, gates[1].T, pair.difference(gates[0], gates[1], 0).T, labels=pair.labels, scale=ColourScale(0.0, 1.0, GATE, "gate"),
            x="step", y="channel", title="Channel by channel",
        )  # fmt: skip
        show_figure(figure, key=f"{page}_gate_channels", alt="The gate of every channel on both sides, and the difference")
    caption(method="sigmoid gate; 1 takes convolution stage 1, 0 takes stage 2", cells=_cells(gates), **pair.facts)
    reading(
        "Orange takes stage 1, purple stage 2, both maps on one scale; red in the third map means more of stage 1 on the right.",
        OTHER_CHANNELS if pair.kind == "model" else "The mean over channels hides channels that change in opposite directions.",
    )


def show_inside(page: str, pair: Pair) -> None:
    """Draw the value at any site on both sides."""
    config = pair.first.scene.model.config
    shared = [site for site in pair.first.trace.sites if site in pair.second.trace.sites and site.name not in ("attention", "prediction")]
    traces = [side.trace for side in (pair.first, pair.second)]
    differs = (number for number, site in enumerate(shared) if not torch.equal(*(one.at(site) for one in traces)))
    site = st.selectbox("Site", shared, next(differs, 0), format_func=lambda one: site_label(one, config), key=f"{page}_box")
    values = [one.at(site)[0].numpy() for one in traces]
    values = [one.T if site.has_time else np.atleast_2d(one) for one in values]  # time from left to right; vectors as rows
    if len({one.shape[0] for one in values}) > 1:
        st.info("The two models have different numbers of channels, so their values cannot be subtracted.", icon="🤷")
        return
    difference = pair.difference(values[0], values[1], 1) if site.has_time else values[1] - values[0]
    low, high = min(float(one.min()) for one in values), max(float(one.max()) for one in values)
    top = max(-low, high, 1e-12)
    scale = ColourScale(-top, top, SIGNED, "value") if low < 0 else ColourScale(0.0, top, FROM_ZERO, "value")
    across, down = ("step", "channel") if site.has_time else ("output" if site.name == "ensemble_head_outputs" else "channel", "")
    figure = side_by_side_maps(values[0], values[1], difference, labels=pair.labels, scale=scale, x=across, y=down, title="")
    show_figure(figure, key=f"{page}_inside", alt="The value at the chosen site on both sides, and the difference")
    caption(site=site_label(site, config), cells=_cells(values), **pair.facts)
    reading(
        "Blue is below zero, red above; the third map is the difference (right minus left).",
        OTHER_CHANNELS if pair.kind == "model" else "Channels have no order and no names: neighbouring rows need not be related.",
    )


def _cells(values: list[np.ndarray]) -> str:
    """Return how many values a drawn cell averages, for the caption; empty where each is drawn."""
    size = max(block_size(count) for one in values for count in one.shape)
    return f"means of up to {size} x {size}" if size > 1 else ""
