"""Which of many features, or outputs, a figure shows: the most important ones, a group, those that a search finds, or all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.many_columns import groups_of
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import target_of

MOST_SHOWN = 12  # rows of a figure that are shown unasked
MOST_OF_ALL = 200  # rows that are drawn at most: more would be more pixels than a browser draws


def show_derived(scene: Scene, also: str = "") -> None:
    """Write what the model's features are that are not in the file but made from its columns, and what else is to be said of them."""
    lines = (f"**{plain(' and '.join(one.names))}**: {plain(one.origin)}" for one in scene.dataset.schema.derived)
    if words := "; ".join(lines):
        st.caption(f"Not in the file, but derived: {words}. {also}".rstrip())


def choose_features(
    names: Sequence[str],
    key: str,
    order: Sequence[int] | None = None,
    *,
    first: str = "first in the file",
    note: str = "",
    what: str = "features",
) -> list[int]:
    """Return the features to show, by number and in their order; where there are more than 12 draw a search, the groups and "all".

    `order` is all features, those to be shown first at the front, and `first` says in words which these are. Without a
    search the 12 at the front are shown. A search finds features by any part of their names, in small or large letters.
    `note` says of what is left out whether the figure still counts it, such as "the sums are over all"; `what` is what is chosen.
    """
    ordered = list(range(len(names)) if order is None else order)
    if len(names) <= MOST_SHOWN:
        return sorted(ordered)
    groups = groups_of(names)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_features"):
        words = st.text_input(
            f"Search the {what}", placeholder="part of a name", key=f"{key}_search", label_visibility="collapsed", width=180
        ).strip()
        group = _choose_group(groups, key) if groups else None
        inside = set(groups[group]) if group else set(ordered)
        candidates = [number for number in ordered if number in inside]
        found = [number for number in candidates if words.lower() in names[number].lower()]
        all_label = "all" if len(found) <= MOST_OF_ALL else f"the first {MOST_OF_ALL}"
        everything = st.toggle(all_label, key=f"{key}_all")
        shown = found[: MOST_OF_ALL if everything else MOST_SHOWN]
        is_cut = len(shown) < len(names)
        st.caption(_what_is_shown(len(shown), f"{len(names)} {what}", found, words, group, first, note if is_cut else ""), width="content")
    if not found:
        among = f"{what} of {plain(group)}" if group else what
        st.info(f"None of the {among} has “{plain(words)}” in its name. The {first} are shown.", icon="🔎")
        return candidates[:MOST_SHOWN]
    return shown


def _choose_group(groups: dict[str, list[int]], key: str) -> str | None:
    return st.selectbox(
        "Group of names",
        list(groups),
        index=None,
        placeholder="any group",
        format_func=lambda prefix: f"{prefix}… ({len(groups[prefix])})",
        key=f"{key}_group",
        label_visibility="collapsed",
        width=220,
    )


def _what_is_shown(shown: int, of: str, found: list[int], words: str, group: str | None, first: str, note: str) -> str:
    """Return in Markdown how many of all are shown, and which."""
    what = f"{shown} of {of}"
    limits = [f"begin with {plain(group)}"] if group else []
    limits += [f"have “{plain(words)}” in their names"] if words else []
    if limits:
        what += f"; {len(found)} {' and '.join(limits)}"
    if 0 < shown < len(found):
        what += f", the {first}"
    return f"{what}; {note}" if note else what


def order_of_window(scene: Scene) -> list[int]:
    """Return all features of a scene's window, those first on which its prediction depends most by ablation."""
    effects = cache.feature_ablation(scene.keys, scene.number, target_of(scene))
    return np.argsort(-np.abs(effects), kind="stable").tolist()


def choose_features_of_window(scene: Scene, key: str, *, note: str = "") -> list[int]:
    """Return the features to show of a scene's window, those first on which its prediction depends most by ablation."""
    if len(scene.features) <= MOST_SHOWN:
        return list(range(len(scene.features)))
    return choose_features(scene.features, key, order_of_window(scene), first="most important by ablation", note=note)


def of_features(values: Sequence[str], shown: Sequence[int]) -> tuple[str, ...]:
    """Return names or units of the shown features."""
    return tuple(values[number] for number in shown)
