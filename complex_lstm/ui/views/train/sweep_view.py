"""What a sweep has found so far: the scores of each value of each setting, and how much the score depends on it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.figures.training import SettingScores, sweep_dots
from complex_lstm.runs.sensitivity import Swept, in_words, measures_of, sensitivity, swept_settings
from complex_lstm.runs.sweep import SWEEPABLE, Sweep, value_of
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading


def draw_sweep(sweep: Sweep) -> None:
    """Draw what a sweep has found so far."""
    runs = sweep.runs
    measures = measures_of(runs)
    if not measures:
        st.caption("The scores of each value appear here as soon as a trial is done.")
        return
    measure = st.segmented_control("Score", measures, default=measures[0], required=True, key=f"train_sweep_measure_{sweep.key}")
    with st.container(key="view-sweep"):
        _draw_scores(sweep, swept_settings(sweep, runs, measure or measures[0]), measure or measures[0])
    if sweep.status.state != "done":
        st.caption("Not all trials are done: the findings can still change.")


def _draw_scores(sweep: Sweep, swept: tuple[Swept, ...], measure: str) -> None:
    plan = sweep.plan
    settings = tuple(SettingScores(one.label, in_words(sensitivity(one.scores)), one.values, one.own, one.scores) for one in swept)
    show_figure(
        sweep_dots(settings, seeds=plan.seeds, measure=measure, higher_is_better=measure.startswith(("accuracy", "R²")), title=""),
        key=f"train_sweep_scores_{sweep.key}",
        alt=f"The {measure} of each value of {len(settings)} settings, a dot for each seed",
    )
    caption(
        data=plan.base.data_name,
        around=", ".join(f"{one.label} {value_of(plan.base.model, name)}" for name, one in SWEEPABLE.items()),
        seeds=", ".join(map(str, plan.seeds)),
        epochs=f"at most {plan.base.training.epochs}",
        chance="one-way analysis of variance, at 5%",
    )
    kernels = next((sensitivity(one.scores) for one in swept if one.setting == "kernels"), None)
    if kernels is not None:
        st.markdown(f"The architecture document calls its kernel sizes robust. On this data: {kernels.verdict}.")
    reading(
        "A dot is a training with one seed, the orange bar the mean of the seeds with a standard deviation to each side; the grey band "
        "is the same of the base. A setting whose means differ less than its dots matters less than the seed.",
        "Few epochs favour settings that learn fast, changing one setting at a time shows nothing about two together, and a few seeds "
        "measure the spread roughly: of five settings without effect one seems to matter in up to a quarter of all sweeps.",
    )
