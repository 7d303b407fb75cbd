"""Every component switched off in turn, over many windows: how much each contributes to the prediction and the score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.changes import contribution_bars
from complex_lstm.interpretation.components import Contribution, averaged_components, contributions
from complex_lstm.interpretation.prediction_effects import ClassEffect
from complex_lstm.model.device import device_name
from complex_lstm.model.interventions import AverageEnsembleHead, ReplacePooled, component_interventions
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.interventions.averages import averaged, averages
from complex_lstm.ui.interventions.link import EnsembleHeadAtAverage, PooledAtAverage, Switch, as_text
from complex_lstm.ui.interventions.resolve import Setting
from complex_lstm.ui.session.figures import offer_csv, show_figure
from complex_lstm.ui.session.listing import how_many, unthinned
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.state import choose
from complex_lstm.ui.side_by_side.effects import choose_windows

PARTS = {
    "encoded": "positions", "gate": "fusion gate", "lstm": "BiLSTM blocks", "attention": "attention",
    "attended": "attention", "ensemble_head_outputs": "ensemble heads",
}  # fmt: skip
USUAL = 200  # windows: each is predicted once for every component
MOVED, LEAD, SCORE = "change of the prediction", "lead of the predicted class", "score"


def show_components(scene: Scene, setting: Setting) -> None:
    """Draw the bars and the table of the components that are computed so far."""
    st.caption("Each component is switched off alone; the switches above have no effect here.")
    held, scene = scene.keys, unthinned(scene)  # averages are those that the switches above hold
    windows, part, of_part = choose_windows(scene, "bench_components", USUAL)
    found_averages = averages(held)
    if found_averages is None:
        st.info("Parts are also held at their averages over all windows, which are not there yet: see the progress above.", icon="⏳")
        return
    device = scene.device

    def run(job: Job[list[Contribution]]) -> list[Contribution]:
        components = (*component_interventions(scene.model, uniform=True), *averaged_components(found_averages))
        job.partial = list(job.earlier or [])
        job.skipped = len(job.partial)
        job.report_progress(job.skipped, len(components))
        for one in contributions(scene.model, scene.dataset, windows, components[job.skipped :], device=device, stop=job.must_stop):
            job.partial = [*job.partial, one]
            job.report_progress(len(job.partial), len(components))
        return job.partial

    job = job_on_request(
        "bench_components",
        (scene.keys, windows.tobytes(), averaged(held)),
        run,
        label=f"Switch off every component over {len(windows):,} windows",
    )
    found: list[Contribution] = job.latest if job and not job.error_message else []
    if not found:
        return
    _draw_bars(scene, found)
    _draw_table(scene, found)
    caption(
        method="one component at a time switched off (silent, skipped, zero, uniform, or held at its average)",
        baseline="the same windows with the model unchanged",
        averages=f"over {averaged(held).words}",
        windows=how_many(len(windows), of_part, part),
        score=f"{_score_name(scene)} {found[0].effect.score_before:.4f} with the model unchanged",
        device=device_name(device),
    )
    reading(
        "A long bar is a component that this model depends on; a change of the score below twice its standard error may be chance. "
        "Click a row to set that component's switch.",
        "The model was not trained with parts switched off, so a long bar can come from the unfamiliar state alone; and a short bar is no "
        "proof of redundancy: two components may replace each other, so that each alone looks unnecessary.",
    )


def _draw_bars(scene: Scene, found: list[Contribution]) -> None:
    measures = [MOVED, *([LEAD] if scene.is_classes else []), SCORE]
    left, right = st.columns(2)
    measure = left.segmented_control("Measure", measures, default=MOVED, required=True, key="bench_components_measure")
    order = right.segmented_control(
        "Order", ["forward pass", "by size"], default="forward pass", required=True, key="bench_components_order"
    )
    values, errors, axis = _measured(scene, found, measure)
    figure = contribution_bars(
        values,
        errors,
        components=tuple(one.name for one in found),
        parts=tuple(_part(one) for one in found),
        axis=axis,
        by_size=order == "by size",
        title="",
    )
    show_figure(figure, key="bench_components_bars", alt="The contribution of each component")


def _measured(scene: Scene, found: list[Contribution], measure: str) -> tuple[np.ndarray, np.ndarray, str]:
    effects = [one.effect for one in found]
    if measure == SCORE:
        pairs = [one.score_change for one in effects]
        axis = f"change of the {_score_name(scene)}" + ("" if scene.is_classes else " (variances of the targets)")
    elif measure == LEAD:
        pairs = [one.mean_margin for one in effects if isinstance(one, ClassEffect)]
        axis = "change of the predicted class's lead (logits)"
    else:
        pairs = [one.mean_moved for one in effects]
        unit = "probability" if scene.is_classes else f"{scene.dataset.whose} standard deviations of what the model learns"
        axis = f"mean |change| of the prediction ({unit})"
    values, errors = np.array(pairs, dtype=float).T
    return values, errors, axis


def _draw_table(scene: Scene, found: list[Contribution]) -> None:
    frame = contribution_frame(found, score=_score_name(scene))
    numbers = {name: st.column_config.NumberColumn(format="%.4f") for name in frame.columns[2:]}
    if "another class" in frame:
        numbers["another class"] = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        frame,
        hide_index=True,
        column_config=numbers,
        key="bench_components_table",
        on_select=lambda: _set_switch(found),
        selection_mode="single-row",
        alt="The contribution of each component, one row per component",
    )
    offer_csv(lambda: frame, "contributions.csv", key="bench_components_download")


def contribution_frame(found: list[Contribution], *, score: str) -> pd.DataFrame:
    """Return one row per component: its change of the prediction and of the score, each with its standard error."""
    rows = []
    for one in found:
        effect, lead = one.effect, {}
        if isinstance(effect, ClassEffect):
            lead = {"another class": effect.share_flipped, "lead, change": effect.mean_margin.value}
        rows.append(
            {"component": one.name, "part": _part(one), "change": effect.mean_moved.value, "± (change)": effect.mean_moved.error}
            | lead
            | {f"{score}, change": effect.score_change.value, f"± ({score})": effect.score_change.error}
        )
    return pd.DataFrame(rows)


def _set_switch(found: list[Contribution]) -> None:
    """Set the switch of the component in the selected row, and clear all others: a callback."""
    rows = st.session_state["bench_components_table"]["selection"]["rows"]
    if not rows:
        return
    switch: Switch
    match found[rows[0]].intervention:
        case ReplacePooled(pool):
            switch = PooledAtAverage(pool)
        case AverageEnsembleHead(ensemble_head):
            switch = EnsembleHeadAtAverage(ensemble_head)
        case intervention:
            switch = intervention  # type: ignore[assignment]  # all others are switches themselves
    choose(off=as_text((switch,)))


def _part(one: Contribution) -> str:
    name = one.intervention.site.name
    return PARTS.get(name, "pooling" if name.startswith("pooled") else "convolution scales")


def _score_name(scene: Scene) -> str:
    return "accuracy" if scene.is_classes else "squared error"
