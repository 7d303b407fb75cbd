"""The fusion gate of a window: how the two convolution stages are mixed, and what each scale responds to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.gate import gate_heatmap, gate_histogram, gate_over_series, scale_lines, stage_share_bars
from complex_lstm.model import Trace
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.features import MOST_SHOWN, order_of_window
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.scene import describe_window

MOST_COLUMNS = 2000  # drawn steps: more than a screen has pixels, and of 64 channels half a MB


def show_gate(scene: Scene) -> None:
    """Draw the gate channel by channel, its mean over the series, and the response of each scale."""
    trace = cache.window_trace(scene.keys, scene.number)
    with st.container(key="view-gate"):
        st.header(f"Window {scene.number}: {describe_window(scene)}")
        stretch = _choose_stretch(len(scene.times))
        gate = trace.gate[0].numpy()[stretch.first : stretch.last + 1]
        _draw_channels(scene, gate, stretch)
    _draw_distribution(scene, gate, stretch)
    st.header("What each scale responds to")
    _draw_scales(scene, trace, stretch)


@dataclass(frozen=True)
class _Stretch:
    """The steps that are drawn, from a first to a last one: each, or of more than 2,000 the means of `block` steps at a time."""

    first: int
    last: int

    @property
    def block(self) -> int:
        return -(-(self.last + 1 - self.first) // MOST_COLUMNS)

    @property
    def words(self) -> str:
        """What a drawn step is, for the caption; empty where it is one step."""
        return f"a mean of up to {self.block} steps; narrow the steps above to see each" if self.block > 1 else ""

    def times(self, times: Times) -> Times:
        """Return the time of each drawn step: of several the first."""
        return times[self.first : self.last + 1 : self.block]

    def means(self, values: np.ndarray) -> np.ndarray:
        """Return what is drawn of the values of the stretch, (time, ...): means of what is known, NaN where nothing is."""
        if self.block == 1:
            return values
        edges = np.arange(0, len(values), self.block)
        known = np.isfinite(values)
        counts = np.add.reduceat(known, edges, axis=0, dtype=np.int64)
        sums = np.add.reduceat(np.where(known, values, 0), edges, axis=0)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _choose_stretch(steps: int) -> _Stretch:
    """Draw the choice of the steps of a long window, and return it; of a shorter one all."""
    if steps <= MOST_COLUMNS:
        return _Stretch(0, steps - 1)
    first, last = st.slider("Steps to draw", 0, steps - 1, (0, steps - 1), key=f"fusion_gate_steps_{steps}")
    return _Stretch(first, last)


def _draw_channels(scene: Scene, gate: Float[np.ndarray, "time channel"], stretch: _Stretch) -> None:
    """Draw the gate of every channel, and its mean above one feature of the series."""
    first, second = st.columns([1, 3])
    order = first.segmented_control(
        "Channels", ("by mean gate", "in order"), default="by mean gate", required=True, key="fusion_gate_order"
    )
    listed = order_of_window(scene) if len(scene.features) > MOST_SHOWN else range(len(scene.features))
    feature = second.selectbox("Series to draw", listed, format_func=scene.features.__getitem__, key="fusion_gate_feature")
    times, drawn, series = stretch.times(scene.times), stretch.means(gate), scene.values[stretch.first : stretch.last + 1, feature]
    show_figure(
        gate_heatmap(times, drawn, by_mean=order == "by mean gate", title="The gate, channel by channel"),
        key="fusion_gate_map",
        alt="The gate's value for every channel and time step",
    )
    show_figure(
        gate_over_series(times, drawn, stretch.means(series), name=scene.features[feature], title="The mean gate over the series"),
        key="fusion_gate_mean",
        alt="The mean gate over time above one feature of the series",
    )
    caption(
        method="sigmoid gate of one forward pass; h = gate * stage 1 + (1 - gate) * stage 2",
        mean=f"{gate.mean():.4f}",
        shape=f"{gate.shape[0]} steps x {gate.shape[1]} channels",
        drawn_step=stretch.words,
        device=scene.device_name,
    )
    reading(
        f"Orange cells take convolution stage 1 (kernels {', '.join(map(str, scene.model.config.kernels[0]))}), purple ones stage 2, "
        "whose receptive field is wider because it reads stage 1.",
        "A gate near 1 does not mean that stage 1 matters more: a channel may carry little, and both stages are normalised first.",
    )


def _draw_distribution(scene: Scene, gate: Float[np.ndarray, "time channel"], stretch: _Stretch) -> None:
    """Draw how often the gate takes which value, and beside it where which stage has the larger share."""
    left, right = st.columns(2)
    show_figure(
        place=left,
        figure=gate_histogram(gate, title="Its distribution"),
        key="fusion_gate_histogram",
        alt="How often the gate takes which value",
    )
    show_figure(
        place=right,
        figure=stage_share_bars(stretch.times(scene.times), stretch.means(gate), title="Which stage has the larger share where"),
        key="fusion_gate_share",
        alt="For each step the share of channels in which each stage has the larger share",
    )
    reading(
        "A peak at one half is a gate that mixes the stages; peaks at the ends are a gate that chooses one.",
        "The share counts each channel once, even if its gate is close to one half.",
    )


def _draw_scales(scene: Scene, trace: Trace, stretch: _Stretch) -> None:
    """Draw the mean response of each convolution scale of both stages."""
    own = slice(stretch.first, stretch.last + 1)
    scales = [tuple(stretch.means(scale[0, own].numpy()) for scale in stage) for stage in (trace.conv1_scales, trace.conv2_scales)]
    show_figure(
        scale_lines(stretch.times(scene.times), *scales, kernels=scene.model.config.kernels, title=""),
        key="fusion_gate_scales",
        alt="The mean response of each convolution scale over time, for both stages",
    )
    caption(method="mean over a scale's channels after BatchNorm and ReLU", drawn_step=stretch.words, device=scene.device_name)
    reading(
        "A peak in the narrowest kernel alone is a short event; one in all kernels is a long one.",
        "The mean over channels hides channels that respond the other way; the output projection mixes all scales afterwards.",
    )
