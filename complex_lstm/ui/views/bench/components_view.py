"""Every component switched off in turn, over many windows: how much each contributes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.changes import contribution_bars
from complex_lstm.interpretation.components import Contribution, averaged_components, contributions
from complex_lstm.interpretation.prediction_effects import ClassEffect
from complex_lstm.model.device import device_name
from complex_lstm.model.interventions import AverageEnsembleHead, ReplacePooled, component_interventions
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.interventions.link import EnsembleHeadAtAverage, PooledAtAverage, Switch, as_text
from complex_lstm.ui.interventions.resolve import Setting, averages
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.state import choose
from complex_lstm.ui.side_by_side.scores import choose_windows

PARTS = {
    "encoded": "positions", "gate": "fusion gate", "lstm": "BiLSTM blocks", "attention": "attention",
    "attended": "attention", "ensemble_head_outputs": "ensemble heads",
}  # fmt: skip
MOVED, LEAD, SCORE = "change of the prediction", "lead of the predicted class", "score"


def show_components(scene: Scene, setting: Setting) -> None:
    """Draw the table and the bars, as far as they are there."""
    st.caption("Each component alone is switched off; the switches above play no part here.")
    windows, part = choose_windows(scene, "bench_components")
    device = scene.device

    def run(job: Job[list[Contribution]]) -> list[Contribution]:
        components = (*component_interventions(scene.model, uniform=True), *averaged_components(averages(scene.keys)))
        job.partial = list(job.earlier or [])
        job.skipped = len(job.partial)
        job.report_progress(job.skipped, len(components))
        for one in contributions(scene.model, scene.dataset, windows, components[job.skipped :], device=device, stop=job.must_stop):
            job.partial = [*job.partial, one]
            job.report_progress(len(job.partial), len(components))
        return job.partial

    job = job_on_request(
        "bench_components", (scene.keys, windows.tobytes()), run, label=f"Switch off every component over {len(windows)} windows"
    )
    found: list[Contribution] = job.latest if job and not job.error_message else []
    if not found:
        return
    _draw_bars(scene, found)
    _draw_table(scene, found)
    caption(
        method="one component at a time switched off (silent, skipped, zero, uniform, or held at its average)",
        baseline="the same windows with everything as it is",
        windows=f"{len(windows)} of {part}, evenly spread",
        score=f"{_score_name(scene)} {found[0].effect.score_before:.4f} as it is",
        device=device_name(device),
    )
    reading(
        "A long bar is a component that this model cannot do without; a score that moves by less than twice its standard error may not "
        "have moved. Click a row to put that component on the bench.",
        "Switching off takes the model out of what it was trained on, so a long bar can be the shock and not the knowledge; and a short "
        "one is no proof of redundancy: two components may back each other up, and each alone looks needless.",
    )


def _draw_bars(scene: Scene, found: list[Contribution]) -> None:
    measures = [MOVED, *([LEAD] if scene.is_classes else []), SCORE]
    left, right = st.columns(2)
    measure = left.segmented_control("Measure", measures, default=MOVED, required=True, key="bench_components_measure")
    order = right.segmented_control("Order", ["the walk's", "by size"], default="the walk's", required=True, key="bench_components_order")
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
    st.plotly_chart(figure, key="bench_components_bars", alt="What each component contributes")


def _measured(scene: Scene, found: list[Contribution], measure: str) -> tuple[np.ndarray, np.ndarray, str]:
    effects = [one.effect for one in found]
    if measure == SCORE:
        pairs = [(one.score_change, one.score_change_error) for one in effects]
        axis = f"change of the {_score_name(scene)}" + ("" if scene.is_classes else " (variances of the targets)")
    elif measure == LEAD:
        pairs = [(one.mean_margin, one.margin_error) for one in effects if isinstance(one, ClassEffect)]
        axis = "change of the predicted class's lead (logits)"
    else:
        pairs = [(one.mean_moved, one.moved_error) for one in effects]
        axis = f"mean |change| of the prediction ({_moved_unit(scene)})"
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
        on_select=lambda: _put_on_bench(found),
        selection_mode="single-row",
        alt="What each component contributes, one row a component",
    )
    st.download_button(
        "Download the table (CSV)",
        lambda: frame.to_csv(index=False).encode(),
        "contributions.csv",
        "text/csv",
        key="bench_components_download",
        on_click="ignore",
    )


def contribution_frame(found: list[Contribution], *, score: str) -> pd.DataFrame:
    """Return one row a component."""
    rows = []
    for one in found:
        effect, lead = one.effect, {}
        if isinstance(effect, ClassEffect):
            lead = {"another class": effect.share_flipped, "lead, change": effect.mean_margin}
        rows.append(
            {"component": one.name, "part": _part(one), "change": effect.mean_moved, "± (change)": effect.moved_error}
            | lead
            | {f"{score}, change": effect.score_change, f"± ({score})": effect.score_change_error}
        )
    return pd.DataFrame(rows)


def _put_on_bench(found: list[Contribution]) -> None:
    rows = st.session_state["bench_components_table"]["selection"]["rows"]
    if rows:
        choose(off=as_text((_as_switch(found[rows[0]]),)))


def _as_switch(one: Contribution) -> Switch:
    match one.intervention:
        case ReplacePooled(pool):
            return PooledAtAverage(pool)
        case AverageEnsembleHead(member):
            return EnsembleHeadAtAverage(member)
    return one.intervention  # type: ignore[return-value]  # the others are switches themselves


def _part(one: Contribution) -> str:
    name = one.intervention.site.name
    return PARTS.get(name, "pooling" if name.startswith("pooled") else "convolution scales")


def _score_name(scene: Scene) -> str:
    return "accuracy" if scene.is_classes else "squared error"


def _moved_unit(scene: Scene) -> str:
    return "probability" if scene.is_classes else "training standard deviations of what the model learns"
