"""All windows of the model's own stride, of which the bar may list fewer: how many a view takes, and the way from one to the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Bool, Int

from complex_lstm.data import Windows
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene

MOST_POINTS = 100_000  # of a figure that draws single windows: about 5 MB for the browser
SIZES = (10, 25, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800)  # of a sample


def unthinned(scene: Scene) -> Scene:
    """Return the scene with every window that the model's own stride gives, where the bar lists only some of these.

    Its `number` is that of the same window. A visitor's own stride of which the model's is no divisor gives other windows: these stay.
    """
    keys = cache.all_windows(scene.keys)
    every, listed = cache.dataset(*keys), scene.dataset
    if keys == scene.keys or (not listed.window.whole_series and listed.window.stride % every.window.stride):
        return scene
    whole = replace(scene, keys=keys, dataset=every)
    return replace(whole, number=int(in_full(scene, whole, np.array([scene.number]))[0]))


def in_full(listed: Scene, whole: Scene, numbers: Int[np.ndarray, " window"]) -> Int[np.ndarray, " window"]:
    """Return the numbers of listed windows among those of the whole scene, which `unthinned` gives."""
    return nearest_listed(listed.dataset.windows, numbers, whole.dataset.windows)[0]


def choose_how_many(
    windows: Int[np.ndarray, " window"], key: str, place: Any = st, *, usual: int | None = None, most: int | None = None, why: str = ""
) -> Int[np.ndarray, " chosen"]:
    """Draw the choice of how many of the windows a view takes, and return them: all, unless the visitor wants an evenly spread sample.

    `usual` is the size of the sample that is taken unless more are wanted, where all would take long; `most` is what there is room for,
    and `why` says why there is no more.
    """
    sizes, first = _sizes(windows, usual, most)
    words = {size: f"{size:,}" for size in sizes} | ({len(windows): f"all {len(windows):,}"} if sizes[-1] == len(windows) else {})
    if len(sizes) > 1:
        place.select_slider(
            "How many windows, evenly spread",
            sizes,
            value=first,
            format_func=words.__getitem__,
            key=_key(key, windows),
            help=why or None,
            persist_state="session",
        )
    return chosen_sample(windows, key, usual=usual, most=most)


def chosen_sample(
    windows: Int[np.ndarray, " window"], key: str, *, usual: int | None = None, most: int | None = None
) -> Int[np.ndarray, " chosen"]:
    """Return the windows that `choose_how_many` has been asked for in this session, without drawing the choice."""
    return evenly_spread(windows, st.session_state.get(_key(key, windows), _sizes(windows, usual, most)[1]))


def _key(key: str, windows: Int[np.ndarray, " window"]) -> str:
    return f"{key}_most_{len(windows)}"  # a choice among other sizes is another one


def _sizes(windows: Int[np.ndarray, " window"], usual: int | None, most: int | None) -> tuple[list[int], int]:
    """Return the sizes that are offered, and the one that is taken unless another is chosen."""
    count = min(len(windows), most or len(windows))
    sizes = [size for size in SIZES if size < count] + [count]
    return sizes, next((size for size in reversed(sizes) if size <= (usual or count)), sizes[0])


def drawn_around(here: int | None, count: int, most: int) -> slice:
    """Return which of so many windows are drawn where it is `most` of them: those around the place `here`, or the first."""
    first = int(np.clip((here or 0) - most // 2, 0, max(count - most, 0)))
    return slice(first, first + most)


def most_drawn(total: int, usual: int, key: str, *, points: int = 1) -> int:
    """Return how many of the windows a figure draws: the `usual` number, or all where there is room and the visitor turns the switch on.

    A window is so many `points`. Of more windows than the browser is sent points, as many as fit are offered.
    """
    room = min(total, MOST_POINTS // points)
    if room <= usual:
        return min(total, usual)
    words = f"Draw all {total:,} windows" if room == total else f"Draw {room:,} of the {total:,} windows, as many as a browser takes"
    return room if st.toggle(words, key=f"{key}_all", help="Slower to draw and to move.", persist_state="session") else usual


def how_many(taken: int, total: int, of: str) -> str:
    """Return in words how many windows of what are taken: all, or a sample, as in "50 of the test part, evenly spread among 96"."""
    return f"all {total:,} of {of}" if taken == total else f"{taken:,} of {of}, evenly spread among {total:,}"


def nearest_listed(
    full: Windows, chosen: Int[np.ndarray, " window"], listed: Windows
) -> tuple[Int[np.ndarray, " window"], Bool[np.ndarray, " window"]]:
    """Return for each chosen window of the full list the listed one of the same series that starts nearest, and whether it is the same.

    Both lists are of the same file, read in the same way: they differ in stride alone. Of two that are as near, the earlier.
    Every series of one is in the other, because each part of a series has its first window at any stride.
    """
    nearest, same = np.zeros(len(chosen), dtype=int), np.zeros(len(chosen), dtype=bool)
    series, start = full.series[chosen], full.start[chosen]
    for number in np.unique(series).tolist():
        own = np.nonzero(series == number)[0]
        there = np.nonzero(listed.series == number)[0]
        there = there[np.argsort(listed.start[there], kind="stable")]
        starts = listed.start[there]
        after = np.clip(np.searchsorted(starts, start[own]), 0, len(there) - 1)
        before = np.maximum(after - 1, 0)
        place = np.where(start[own] - starts[before] <= starts[after] - start[own], before, after)
        place = np.where(starts[after] == start[own], after, place)
        nearest[own], same[own] = there[place], starts[place] == start[own]
    return nearest, same


def place_of(full: Windows, chosen: Int[np.ndarray, " window"], listed: Windows, number: int) -> int | None:
    """Return the place of a listed window among the chosen ones of the full list, or None where it is not among them."""
    found = np.nonzero((full.series[chosen] == listed.series[number]) & (full.start[chosen] == listed.start[number]))[0]
    return int(found[0]) if len(found) else None
