"""The choices of the map of windows, which travel in the link."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import streamlit as st

from complex_lstm.evaluation.window_map import umap_lacks
from complex_lstm.interpretation import METHODS
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.outputs import listed_outputs
from complex_lstm.ui.session.state import choose, choose_switch, current, in_link
from complex_lstm.ui.views.check.map_jobs import EXPLAINERS, MapSettings, most_mapped

COLOURS = {"answer": "class", "predicted": "predicted class", "error": "error", "part": "part", "series": "series"}
COLOURS_OF_VALUES = {"answer": "true value", "predicted": "predicted value", "error": "error", "part": "part", "series": "series"}
SPACES = {"": "what the ensemble heads see", "attributions": "explanations"}
LAYOUTS = {"": "PCA", "umap": "UMAP"}


def choose_map(scene: Scene, settings: MapSettings) -> tuple[str, bool]:
    """Draw the choices that the link carries, and return what colours the points, and whether the mouse draws around them."""
    labels = COLOURS if scene.is_classes else COLOURS_OF_VALUES
    if len(scene.dataset.series) == 1:
        labels = {name: label for name, label in labels.items() if name != "series"}
    has_answers = bool((scene.dataset.windows.label != "").any())
    default = "error" if not scene.is_classes else "answer" if has_answers else "predicted"
    wanted = current().map_of_windows.colour
    colour = wanted if wanted in labels else default
    with st.container(horizontal=True, vertical_alignment="bottom", key="map_choices"):
        choose_switch("Compare windows by", SPACES, settings.space, key="map_space", name="space", width="content")
        if not umap_lacks():
            choose_switch("Lay them out by", LAYOUTS, settings.layout, key="map_layout", name="layout", width="content")
        _select("Colour", "colour", labels, labels.__getitem__, colour)
        if settings.space:
            _select("Explained by", "explainer", EXPLAINERS, lambda name: METHODS[name].label, settings.explainer)
        if not scene.is_classes and len(scene.outputs) > 1:
            _select("Target", "target", listed_outputs(scene), scene.outputs.__getitem__, settings.output)
        draws_around = st.toggle("Draw around windows", key="map_draws_around", help="List the windows inside a line that you draw.")
    _choose_how_many(scene, settings)
    return colour, draws_around


def _choose_how_many(scene: Scene, settings: MapSettings) -> None:
    """Draw the choice of all windows, where they are so many that a sample is mapped."""
    total = len(cache.dataset(*cache.all_windows(scene.keys)).windows)
    unasked, most = (most_mapped(scene, replace(settings, is_all=one)) for one in (False, True))
    if total <= unasked:
        return
    label = f"All {total:,} windows" if total <= most else f"{most:,} of the {total:,} windows, as many as fit the memory"
    key = "map_mapped"
    words = f"{label}, instead of a sample of {unasked:,}"
    is_all = mirrored(key, settings.is_all, lambda: choose(mapped="all" if st.session_state[key] else ""))
    st.toggle(words, disabled=most <= unasked, **is_all)


def _select(label: str, name: str, options: Iterable[Any], words: Callable[[Any], str], value: Any) -> None:
    st.selectbox(label, list(options), format_func=words, width=210, **in_link(f"map_{name}", value, name))
