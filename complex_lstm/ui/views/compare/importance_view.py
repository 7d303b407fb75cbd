"""What the output rests on, of both sides, by one method: feature by feature and cell by cell."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.side_by_side import ColourScale, side_by_side_bars, side_by_side_maps
from complex_lstm.figures.theme import FROM_ZERO, SIGNED, largest
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.ui.explaining.pairwise import explain_both
from complex_lstm.ui.explaining.request import ExplanationSettings, choose_method, draw_question
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.state import current
from complex_lstm.ui.side_by_side.output_views import comparable
from complex_lstm.ui.side_by_side.pair import Pair


def show_importance(page: str, pair: Pair) -> None:
    """Draw one method's answer on both sides and the difference, as far as it is there."""
    if not comparable(pair):
        return
    choice = draw_question(pair.first.scene, page)
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        method = choose_method(page)
    right.caption(f"{METHODS[method].label} {METHODS[method].sentence}; {METHODS[method].misleads}. Source: {METHODS[method].source}.")
    if both := explain_both(page, (pair.first.explained, pair.second.explained), choice, method):
        _draw(page, pair, choice, *both)


def _draw(page: str, pair: Pair, choice: ExplanationSettings, first: Explanation, second: Explanation) -> None:
    method, scene = METHODS[first.method], pair.first.scene
    unit = choice.unit(scene) if method.signed else "no unit"
    names = tuple(name for name in scene.features if name in pair.second.scene.features)
    places = [[side.scene.features.index(name) for name in names] for side in (pair.first, pair.second)]
    _draw_features(page, pair, [one.features[own] for one, own in zip((first, second), places, strict=True)], names, unit)
    _draw_cells(page, pair, [one.cells[:, own] for one, own in zip((first, second), places, strict=True)], names, unit)
    caption(
        method=method.label,
        baseline=" and ".join(dict.fromkeys((first.baseline, second.baseline))),
        target=f"{choice.target(scene)} ({_whose(pair)}), {unit}",
        steps=f"{second.attribution.effort}; {second.evaluations} evaluation{'s' if second.evaluations != 1 else ''}",
        **pair.facts,
    )
    reading(
        "Red raises the output against the baseline, blue lowers it, both sides on one range; in the third column red weighs more on the "
        "right."
        if method.signed
        else "The darker, the more the cell matters, in either direction, both sides on one range; in the third column red weighs more on "
        "the right.",
        "Features that stand in for each other each look unimportant, and the stand-in may be another on either side.",
    )


def _draw_features(page: str, pair: Pair, both: list[np.ndarray], names: tuple[str, ...], unit: str) -> None:
    figure = side_by_side_bars(
        both[0][None], both[1][None], names=names, groups=("importance",), labels=pair.labels, axis=f"importance ({unit})",
        title="Feature by feature",
    )  # fmt: skip
    st.plotly_chart(figure, key=f"{page}_importance", alt="The importance of every feature on both sides, and the difference")


def _draw_cells(page: str, pair: Pair, both: list[np.ndarray], names: tuple[str, ...], unit: str) -> None:
    top, signed = largest(np.concatenate([one.ravel() for one in both])), any((one < 0).any() for one in both)
    scale = ColourScale(-top, top, SIGNED, f"importance ({unit})") if signed else ColourScale(0.0, top, FROM_ZERO, f"importance ({unit})")
    figure = side_by_side_maps(
        both[0].T, both[1].T, pair.difference(both[0], both[1], 0).T, labels=pair.labels, scale=scale, x="step", y="", title="Cell by cell",
        names=names, from_top=True,
    )  # fmt: skip
    st.plotly_chart(figure, key=f"{page}_importance_cells", alt="The importance of every cell on both sides, and the difference")


def _whose(pair: Pair) -> str:
    if current().explanation.target is not None:
        return "as selected"
    return f"the left side's {'predicted class' if pair.first.scene.is_classes else 'first value'}"
