"""Which of many features a figure shows: the first or most important ones, those that a search finds, or all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import target_of

MOST_SHOWN = 12  # rows of a figure that are shown unasked
MOST_OF_ALL = 200  # rows that are drawn at most: more would be more pixels than a browser draws


def show_derived(scene: Scene) -> None:
    """Write what the model's features are that are not in the file but made from its columns."""
    lines = (f"**{plain(' and '.join(one.names))}**: {plain(one.origin)}" for one in scene.dataset.schema.derived)
    if words := "; ".join(lines):
        st.caption(f"Not in the file, but derived: {words}.")


def choose_features(names: Sequence[str], key: str, order: Sequence[int] | None = None, *, first: str = "first in the file") -> list[int]:
    """Return the features to show, by number and in their order; where there are more than 12 draw a search box and "all".

    `order` is all features, those to be shown first at the front, and `first` says in words which these are. Without a
    search the 12 at the front are shown. A search finds features by any part of their names, in small or large letters.
    """
    ordered = list(range(len(names)) if order is None else order)
    if len(names) <= MOST_SHOWN:
        return sorted(ordered)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_features"):
        words = st.text_input(
            "Search the features", placeholder="part of a name", key=f"{key}_search", label_visibility="collapsed", width=220
        )
        everything = st.toggle("all", key=f"{key}_all")
        found = [number for number in ordered if words.strip().lower() in names[number].lower()]
        shown = found[: MOST_OF_ALL if everything else MOST_SHOWN]
        what = f"{len(shown)} of {len(names)} features"
        if words.strip():
            what += f"; {len(found)} have “{plain(words.strip())}” in their names"
        elif len(shown) < len(names):
            what += f", the {first}"
        st.caption(what, width="content")
    if not found:
        st.info(f"No feature has “{plain(words.strip())}” in its name. The {first} are shown.", icon="🔎")
        return ordered[:MOST_SHOWN]
    return shown


def choose_features_of_window(scene: Scene, key: str) -> list[int]:
    """Return the features to show of a scene's window, those first on which its prediction depends most by ablation."""
    if len(scene.features) <= MOST_SHOWN:
        return list(range(len(scene.features)))
    effects = cache.feature_ablation(scene.keys, scene.number, target_of(scene))
    order = np.argsort(-np.abs(effects), kind="stable").tolist()
    return choose_features(scene.features, key, order, first="most important by ablation")


def of_features(values: Sequence[str], shown: Sequence[int]) -> tuple[str, ...]:
    """Return names or units of the shown features."""
    return tuple(values[number] for number in shown)
