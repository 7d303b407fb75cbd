"""Deletion and insertion, comprehensiveness and sufficiency, infidelity, CPD and CPP beside chance, and max-sensitivity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.faithfulness import chance_dots, deletion_insertion_curves, infidelity_dots
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.interpretation.faithfulness import RANKINGS, SHARES, Curves
from complex_lstm.interpretation.robustness import NEARBY, RADIUS, REMOVALS, SHUFFLES, infidelity, max_sensitivity
from complex_lstm.interpretation.signed_evaluation import Cumulative, cumulative, random_cumulative
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import Chance, Comparison, explained
from complex_lstm.ui.explaining.further_measures import RANDOM, cumulative_frame
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.figures import offer_csv, show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import compute_each, job_on_request


def show_faithfulness(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> None:
    """Draw the measures of the methods computed so far, as soon as the random rankings are done."""
    chance, results = comparison.chance, comparison.results  # once: further methods are done while this is drawn
    if not chance or not results:
        st.info("The measures appear when the first methods and the random rankings are computed.", icon="⏳")
        return
    curves = [result.curves for result in results.values()]
    labels = tuple(METHODS[name].label for name in results)
    _draw_curves(scene, choice, curves, chance.curves, labels)
    _draw_summaries(choice.unit(scene), curves, chance.curves, labels)
    _draw_infidelity([result.explanation for result in results.values()], chance, labels)
    _draw_cumulative(scene, choice)
    _draw_sensitivity(scene, choice)


def _draw_curves(scene: Scene, choice: ExplanationSettings, curves: list[Curves], chance: Curves, labels: tuple[str, ...]) -> None:
    st.header("Remove the top cells first, or restore them first")
    show_figure(
        deletion_insertion_curves(
            SHARES,
            np.stack([one.deletion[0] for one in curves]),
            np.stack([one.insertion[0] for one in curves]),
            chance.deletion,
            chance.insertion,
            methods=labels,
            unit=choice.unit(scene),
            title="",
        ),
        key="importance_curves",
        alt="Deletion and insertion curves of every method, and of random rankings",
    )
    caption(
        method="deletion and insertion (Petsiuk et al. 2018)",
        baseline=choice.baseline_name(scene),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        steps=f"{len(SHARES)} shares of the cells; {RANKINGS} random rankings of the same cells",
    )
    reading(
        "With a faithful ranking the output reaches its value at the baseline after few cells are removed, and returns after few are "
        "restored; the grey band is the range of random rankings.",
        "Windows with removed cells are unlike real data, and the model may react to that alone. Random rankings remove scattered "
        "cells, methods often whole stretches.",
    )


def _draw_summaries(unit: str, curves: list[Curves], chance: Curves, labels: tuple[str, ...]) -> None:
    left, right = st.columns(2)
    for place, name, higher in ((left, "comprehensiveness", True), (right, "sufficiency", False)):
        show_figure(
            place=place,
            figure=chance_dots(
                np.array([getattr(one, name)[0] for one in curves]),
                getattr(chance, name),
                methods=labels,
                name=name,
                unit=unit,
                higher_is_better=higher,
                title=name.capitalize(),
            ),
            key=f"importance_{name}",
            alt=f"{name.capitalize()} of every method and of random rankings",
        )
    caption(method="DeYoung et al. 2020, the mean over the first 1, 5, 10, 20 and 50% of the cells", chance=f"{RANKINGS} random rankings")
    reading(
        "Comprehensiveness is how much the output drops without the top cells (high is faithful), sufficiency how much it drops with only "
        "them (low is faithful).",
        "A number larger than the gap itself is not better: the window without these cells is then more unusual than the baseline.",
    )


def _draw_infidelity(explanations: list[Explanation], chance: Chance, labels: tuple[str, ...]) -> None:
    st.header("Do the cells add up to what removing them does?")
    found = [infidelity(one, chance.removals) for one in explanations]
    none = np.full(SHUFFLES, np.nan)
    show_figure(
        infidelity_dots(
            np.array([one.of_method if one else np.nan for one in found]),
            np.stack([one.of_shuffled if one else none for one in found]),
            methods=labels,
            title="",
        ),
        key="importance_infidelity",
        alt="Infidelity of every signed method, and of its own cells in random places",
    )
    caption(
        method=f"infidelity (Yeh et al. 2019), as a share; {REMOVALS} random removals", chance=f"the same cells shuffled, {SHUFFLES} times"
    )
    reading(
        "0: the sum of the removed cells is the change of the output, up to one factor; 1: no better than a prediction of no change.",
        "It is measured on random removals of many cells at once, where a method that is right about single cells can be wrong.",
    )


def _draw_cumulative(scene: Scene, choice: ExplanationSettings) -> None:
    st.header("Does each top cell move the prediction, whichever way?")

    def measured(method: str, job: Job[dict[str, Cumulative]]) -> Cumulative:
        function = choice.forward_function(scene, job.must_stop)
        if method == RANDOM:
            return computed(random_cumulative, function)
        return computed(cumulative, function, explained(scene, choice, method, job.must_stop).attribution)

    job = job_on_request(
        "importance_cumulative",
        choice.key(scene),
        compute_each((RANDOM, *choice.methods), measured),
        label="Remove the largest and the smallest cells one by one",
    )
    found = (job.latest or {}) if job else {}
    if len(found) < 2:
        return
    frame = cumulative_frame(found)
    st.dataframe(frame, hide_index=True, key="importance_cumulative_table")
    offer_csv(lambda: frame, f"cumulative_window_{scene.number}.csv", key="importance_cumulative_download")
    caption(
        method="cumulative prediction difference (CPD) and preservation (CPP), Jang et al. 2025",
        baseline=choice.baseline_name(scene),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        steps=f"{found[RANDOM].cells} cells one after another",
        chance=f"{len(found[RANDOM].difference)} random rankings, mean",
    )
    reading(
        "CPD sums how far each of the largest cells moves the output, up or down (high is faithful), CPP the same for the smallest (low is "
        "faithful): cells that raise it and cells that lower it do not cancel.",
        "Single cells of a smooth series move the output little, and a jagged window, which no sensor measures, may move it much.",
    )


def _draw_sensitivity(scene: Scene, choice: ExplanationSettings) -> None:
    st.header("Does the map stay the same when the window hardly changes?")

    def sensitivity(method: str, job: Job[dict[str, float]]) -> float:
        return computed(max_sensitivity, choice.forward_function(scene, job.must_stop), method)

    job = job_on_request(
        "importance_sensitivity",
        choice.key(scene),
        compute_each(choice.methods, sensitivity),
        label=f"Explain {NEARBY} nearby windows by every method",
    )
    found = job.latest if job else None
    if found:
        rows = {METHODS[name].label: value for name, value in found.items()}
        st.dataframe(
            pd.DataFrame({"method": list(rows), "max-sensitivity": list(rows.values())}),
            hide_index=True,
            column_config={"max-sensitivity": st.column_config.NumberColumn(format="%.3f")},
            key="importance_sensitivity_table",
        )
        caption(method=f"max-sensitivity (Yeh et al. 2019) by Captum, {NEARBY} windows within {RADIUS} standard deviations a cell")
        reading(
            "The largest change of the map, as a share of its norm: 0.1 is stable, 1 is a different map for nearly the same window.",
            "A method that gives the same map for every window would have 0: a stable map need not be right.",
        )
