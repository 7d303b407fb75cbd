"""One method's explanations of both sides: feature by feature and cell by cell."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.side_by_side import ColourScale, side_by_side_bars, side_by_side_maps
from complex_lstm.figures.theme import FROM_ZERO, SIGNED, largest
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.ui.explaining.request import ExplanationSettings, choose_method, draw_target_and_baseline
from complex_lstm.ui.explaining.two_sides import explain_both
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.state import current
from complex_lstm.ui.side_by_side.output_views import comparable
from complex_lstm.ui.side_by_side.pair import Pair


def show_importance(page: str, pair: Pair) -> None:
    """Draw one method's explanations of both sides and their difference, as soon as both are computed."""
    if not comparable(pair):
        return
    choice = draw_target_and_baseline(pair.first.scene, page)
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        method = choose_method(page)
    right.caption(f"{METHODS[method].label} {METHODS[method].sentence}; {METHODS[method].misleads}. Source: {METHODS[method].source}.")
    if both := explain_both(page, (pair.first.explained, pair.second.explained), choice, method):
        _draw(page, pair, choice, *both)


def _draw(page: str, pair: Pair, choice: ExplanationSettings, first: Explanation, second: Explanation) -> None:
    method, scene = METHODS[first.method], pair.first.scene
    unit = choice.unit(scene) if method.signed else "no unit"
    which = f"the left side's {'predicted class' if scene.is_classes else 'first value'}"
    if current().explanation.target is not None:
        which = "as selected"
    names = tuple(name for name in scene.features if name in pair.second.scene.features)
    at = [{name: place for place, name in enumerate(side.scene.features)} for side in (pair.first, pair.second)]
    sizes = sum(np.abs(one.features[[own[name] for name in names]]) for one, own in zip((first, second), at, strict=True))
    order = np.argsort(-sizes, kind="stable").tolist()
    names = of_features(
        names, choose_features(names, f"{page}_importance", order, first=f"most important by {method.label} on both sides together")
    )
    places = [[own[name] for name in names] for own in at]
    _draw_features(page, pair, [one.features[own] for one, own in zip((first, second), places, strict=True)], names, unit)
    _draw_cells(page, pair, [one.cells[:, own] for one, own in zip((first, second), places, strict=True)], names, unit)
    caption(
        method=method.label,
        baseline=" and ".join(dict.fromkeys((first.baseline, second.baseline))),
        target=f"{choice.target(scene)} ({which}), {unit}",
        steps=f"{second.attribution.effort}; {second.evaluations} evaluation{'s' if second.evaluations != 1 else ''}",
        **pair.facts,
    )
    reading(
        "Red raises the output relative to the baseline, blue lowers it, both sides on one range; red in the third column is larger on the "
        "right."
        if method.signed
        else "Darker cells matter more, in either direction, both sides on one range; red in the third column is larger on the right.",
        "Features that can replace each other each look unimportant, and the two sides may use different ones of them.",
    )


def _draw_features(page: str, pair: Pair, both: list[np.ndarray], names: tuple[str, ...], unit: str) -> None:
    figure = side_by_side_bars(
        both[0][None], both[1][None], names=names, groups=("importance",), labels=pair.labels, axis=f"importance ({unit})",
        title="Feature by feature",
    )  # fmt: skip
    show_figure(figure, key=f"{page}_importance", alt=f"The importance of {len(names)} features on both sides, and the difference")


def _draw_cells(page: str, pair: Pair, both: list[np.ndarray], names: tuple[str, ...], unit: str) -> None:
    top, signed = largest(np.concatenate([one.ravel() for one in both])), any((one < 0).any() for one in both)
    scale = ColourScale(-top, top, SIGNED, f"importance ({unit})") if signed else ColourScale(0.0, top, FROM_ZERO, f"importance ({unit})")
    figure = side_by_side_maps(
        both[0].T, both[1].T, pair.difference(both[0], both[1], 0).T, labels=pair.labels, scale=scale, x="step", y="", title="Cell by cell",
        names=names, from_top=True,
    )  # fmt: skip
    show_figure(figure, key=f"{page}_importance_cells", alt="The importance of every cell on both sides, and the difference")
