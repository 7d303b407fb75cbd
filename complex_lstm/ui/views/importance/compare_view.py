"""The maps of the chosen methods, a verdict on each, their features, and how far they agree."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.figures.importance import agreement_heatmap, difference_heatmap, importance_bars
from complex_lstm.interpretation import METHODS, CompleteAttribution, Explanation
from complex_lstm.interpretation.agreement import MEASURES, agreement, furthest_apart
from complex_lstm.interpretation.robustness import infidelity
from complex_lstm.interpretation.verdict import (
    RULES,
    WARNINGS,
    further_warnings,
)
from complex_lstm.ui.components.attribution_maps import importance_canvas
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import ICONS, Chance, Comparison
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.features import choose_features_of_window, of_features
from complex_lstm.ui.session.figures import file_name, show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.progress import partial_results
from complex_lstm.ui.session.scene import known_cells
from complex_lstm.ui.views.importance.shuffled_labels import find_shuffled_label_control


def show_comparison(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> None:
    """Draw the maps, the verdicts, the features and the agreement of the methods computed so far."""
    found = comparison.explanations
    shown = choose_features_of_window(scene, "importance_rows", note="verdicts, agreement and shares are over all")
    _draw_maps(scene, choice, comparison, shown)
    if not found:
        return
    st.header("How far each can be trusted")
    _draw_verdicts(scene, choice, comparison)
    st.header("By feature")
    _draw_bars(scene, choice, found, shown)
    if len(found) > 1:
        st.header("Do the methods agree?")
        _draw_agreement(scene, choice, found, shown)


def _draw_maps(scene: Scene, choice: ExplanationSettings, comparison: Comparison, shown: list[int]) -> None:
    own_range = st.toggle("Each method on its own range", key="importance_own_range")
    computed, truth = comparison.results, known_cells(scene)
    empty = np.full(scene.inputs.shape, np.nan)
    names = [name for name in choice.methods if name not in comparison.errors]
    if not names:
        return
    importance_canvas(
        np.stack([computed[name].explanation.cells if name in computed else empty for name in names])[:, :, shown],
        series=scene.values[:, shown],
        scaled=scene.inputs[:, shown],
        methods=[METHODS[name].label for name in names],
        unsigned=[not METHODS[name].signed for name in names],
        features=of_features(scene.features, shown),
        units=of_features(scene.dataset.schema.feature_units, shown),
        unit=choice.unit(scene),
        times=scene.time_labels,
        truth=None if truth is None else truth[:, shown],
        own_range=own_range,
        file_name=file_name("importance", scene.number),
        component_key="importance_canvas",
    )
    reading(
        "Red raises the output relative to the baseline, blue lowers it; point at a cell to read it in every map and in the series, "
        "click to keep it selected.",
        "Another baseline can give another map (see the view Baselines), and a map that looks plausible can still be wrong.",
    )


def _draw_verdicts(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> None:
    for name, result in comparison.results.items():
        verdict = comparison.verdict(name, choice.unit(scene))
        if verdict and comparison.chance:
            warnings = (*verdict.warnings, *_further_warnings(scene, choice, comparison.chance, name, result.explanation))
            warned = plain("".join(f" But {warning}." for warning in warnings))
            measured = f" On planted tasks, {verdict.measured}." if verdict.measured else ""
            st.markdown(
                f"{ICONS[verdict.standing]} **{METHODS[name].label}.** {verdict.words}: {plain(verdict.numbers)}.{measured}{warned}"
            )
        _describe(scene, choice, result.explanation, name)
    with st.expander("The rules behind these verdicts"):
        for standing, rule in RULES.items():
            st.markdown(f"{ICONS[standing]} {rule}.")
        st.markdown("But: " + "; ".join(plain(warning) for warning in WARNINGS) + ".")
        st.markdown(
            "First cells: as the method ranks them, those that move the output furthest from its value at the baseline first. A group is "
            "a run of one feature's cells; it matters if a tenth of the difference from the baseline comes or goes with it."
        )


def _further_warnings(scene: Scene, choice: ExplanationSettings, chance: Chance, name: str, explanation: Explanation) -> tuple[str, ...]:
    """Return the warnings from infidelity and from the checks of other views that are computed so far."""
    found, key = infidelity(explanation, chance.removals), choice.key(scene)
    sensitivity, random = partial_results("importance_sensitivity", key), partial_results("importance_cascade", key)
    control = partial_results("importance_twin", (find_shuffled_label_control(scene), key))
    return further_warnings(
        infidelity=found,
        sensitivity=sensitivity.get(name),
        random_weights=float(random[name].likeness[-1]) if name in random else None,
        shuffled_labels=control.get(name),
    )


def _describe(scene: Scene, choice: ExplanationSettings, explanation: Explanation, name: str) -> None:
    attribution = explanation.attribution
    sums = (
        f"sum off by {attribution.completeness_error:.1%} of the gap {digits(attribution.gap)}"
        if isinstance(attribution, CompleteAttribution)
        else "cells need not sum to the output"
    )
    caption(
        method=METHODS[name].label,
        baseline=explanation.baseline,
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        steps=f"{attribution.effort}; {explanation.evaluations} evaluations; {sums}",
        device=explanation.device,
        time=f"{explanation.seconds:.2f} s when computed",
    )


def _draw_bars(scene: Scene, choice: ExplanationSettings, found: tuple[Explanation, ...], shown: list[int]) -> None:
    signed = [one for one in found if METHODS[one.method].signed]
    if not signed:
        st.info("None of the chosen methods is signed, so none is in the output's unit. The maps show how they rank the features.")
        return
    show_figure(
        importance_bars(
            np.stack([one.features[shown] for one in signed]),
            methods=tuple(METHODS[one.method].label for one in signed),
            features=of_features(scene.features, shown),
            unit=choice.unit(scene),
            title="",
        ),
        key="importance_features",
        alt=f"Signed importance of {len(shown)} of {len(scene.features)} features by {len(signed)} methods",
    )
    reading(
        "A bar is the sum of the feature's cells, except for ablation and Shapley values, which remove whole columns.",
        "Unsigned methods are left out here, because their numbers are not in the output's unit.",
    )


def _draw_agreement(scene: Scene, choice: ExplanationSettings, found: tuple[Explanation, ...], shown: list[int]) -> None:
    measure = st.segmented_control(
        "Measure",
        list(MEASURES),
        default="spearman",
        format_func=lambda name: MEASURES[name].label,
        key="importance_measure",
        required=True,
    )
    by_feature, by_cell = agreement(found, measure, "features"), agreement(found, measure, "cells")
    labels = tuple(METHODS[one.method].label for one in found)
    show_figure(
        agreement_heatmap(by_feature, by_cell, methods=labels, measure=MEASURES[measure].label, lowest=MEASURES[measure].lowest, title=""),
        key="importance_agreement",
        alt=f"{MEASURES[measure].label} between the methods, over features and over cells",
    )
    caption(method=f"{MEASURES[measure].label}: {MEASURES[measure].sentence}", target=choice.target(scene), source="Krishna et al. 2022")
    reading(
        "1: two methods rank the features (or cells) in the same way; 0: no better than chance, or nothing in common.",
        f"With {len(scene.features)} features high values also occur by chance, and methods with the same baseline share its faults.",
    )
    apart = furthest_apart(by_cell)
    if apart:
        _draw_pair(scene, found[apart[0]], found[apart[1]], f"{MEASURES[measure].label} {by_cell[apart]:.2f}", shown)


def _draw_pair(scene: Scene, first: Explanation, second: Explanation, agreement_words: str, shown: list[int]) -> None:
    labels = METHODS[first.method].label, METHODS[second.method].label
    st.markdown(f"**The two that disagree most: {labels[0]} and {labels[1]} ({agreement_words})**")
    show_figure(
        difference_heatmap(
            scene.times,
            first.cells,
            second.cells,
            methods=labels,
            features=scene.features,
            title="",
            shown=shown,
        ),
        key="importance_pair",
        alt=f"Where {labels[0]} and {labels[1]} differ",
    )
    reading(
        f"Each method's cells as shares of their absolute sum; the difference is {labels[0]} minus {labels[1]}.",
        "A share shows which cells a method ranks highly, not how much the output changes.",
    )
