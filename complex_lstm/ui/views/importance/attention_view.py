"""Attention compared with the methods' attributions, uniform attention, and conductance through the blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.errors import ExplanationError
from complex_lstm.figures.attention import conductance_heatmap, step_share_lines
from complex_lstm.inference import predict
from complex_lstm.interpretation import METHODS, Conductance, conductance
from complex_lstm.interpretation.attention import AttentionCheck, check_attention, uniform_attention
from complex_lstm.metrics import score
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import Comparison
from complex_lstm.ui.explaining.part_scores import unseen_part
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, part_words, plain, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.side_by_side.scores import headline


def show_attention_check(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> None:
    """Draw attention and the explanations computed so far, the prediction with uniform attention, and the conductance."""
    found = tuple(one for one in comparison.explanations if one.method != "attention_rollout")
    st.header("Do attention and the methods agree on the important steps?")
    try:
        key = (choice.window_key(scene), tuple(one.method for one in found))  # three forward passes, of a copy of the model
        checked = cache.remember("attention_check", key, lambda: check_attention(choice.forward_function(scene), found))
    except ExplanationError as error:
        st.info(plain(error), icon="👁️")
    else:
        _draw_check(
            scene,
            choice,
            checked,
            tuple(METHODS[one.method].label for one in found),
            np.array([np.abs(one.cells).sum(axis=1) for one in found]),
        )
        st.header("Does the prediction need the attention weights?")
        _draw_uniform(scene, choice, checked)
    st.header("Conductance through the blocks")
    _draw_conductance(scene, choice)


def _draw_check(
    scene: Scene, choice: ExplanationSettings, checked: AttentionCheck, labels: tuple[str, ...], importance: np.ndarray
) -> None:
    if not labels:
        st.info("The comparison appears when the first methods are computed.", icon="⏳")
        return
    show_figure(
        step_share_lines(scene.times, checked.received, importance, methods=labels, title=""),
        key="importance_attention_steps",
        alt="Attention received by each step, and each method's importance of the step",
    )
    st.dataframe(
        pd.DataFrame({"method": labels, "correlation with attention received": checked.likeness}),
        hide_index=True,
        column_config={"correlation with attention received": st.column_config.NumberColumn(format="%.2f")},
        key="importance_attention_table",
    )
    caption(
        method="attention received: the mean over layers, heads and queries; Spearman's correlation over the steps",
        target=choice.target(scene),
    )
    reading(
        "Lines that rise together mark the same steps; a correlation of 1 is the same order of the steps, 0 is no relation.",
        "The BiLSTM blocks mix steps before attention, so attention to a step is not attention to that step's input.",
    )


def _draw_uniform(scene: Scene, choice: ExplanationSettings, checked: AttentionCheck) -> None:
    unit = choice.unit(scene)
    moved = checked.uniform - checked.intact
    left, middle, right = st.columns(3)
    left.metric(f"{plain(choice.target(scene))}, with the model's attention ({unit})", digits(checked.intact))
    middle.metric(f"with uniform attention ({unit})", digits(checked.uniform), f"{moved:+.3g}", delta_color="off")

    part = unseen_part(scene)

    def run(job: Job[tuple[str, str]]) -> tuple[str, str]:
        model, device = uniform_attention(scene.model), scene.device
        chosen = scene.dataset.windows.of_part(part)
        both = [predict(one, scene.dataset, chosen, device=device, progress=job.report_progress) for one in (scene.model, model)]
        own, uniform = (headline(score(scene.dataset, chosen, one.predicted)) for one in both)
        return own, uniform

    with right:
        job = job_on_request("importance_uniform", scene.keys, run, label=f"Score {part_words(part)} with both")
    if job and job.state == "done":
        right.markdown(f"The model's attention: **{plain(job.result[0])}**  \nUniform: **{plain(job.result[1])}**")
    caption(
        method="every attention weight set to 1 / steps (Jain and Wallace 2019; Wiegreffe and Pinter 2019)",
        device=scene.device_name,
    )
    reading(
        "If the output stays the same, this prediction does not depend on the attention weights, and a map of them does not explain it.",
        "If it changes, that does not make the map an explanation: the model was never trained with uniform attention.",
    )


def _draw_conductance(scene: Scene, choice: ExplanationSettings) -> None:
    def run(job: Job[Conductance]) -> Conductance:
        return computed(conductance, choice.forward_function(scene, job.must_stop))

    job = job_on_request("importance_conductance", choice.window_key(scene), run, label="Compute the conductance of every block")
    if not job or job.state != "done":
        return
    found = job.result
    show_figure(
        conductance_heatmap(scene.times, found.flow, blocks=found.blocks, unit=choice.unit(scene), title=""),
        key="importance_conductance_map",
        alt="Layer Conductance of each block at each step",
    )
    sums = ", ".join(f"{block} {row.sum():.3g}" for block, row in zip(found.blocks, found.flow, strict=True))
    caption(
        method="Layer Conductance (Dhamdhere et al. 2019), summed over channels",
        baseline=choice.baseline_name(scene),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        steps=f"{found.steps} steps; gap {found.gap:.3g}, rows sum to {sums}",
    )
    reading(
        "Where a row is coloured, the difference from the baseline passes through that block at that step.",
        "After the BiLSTM blocks a step also holds content of its neighbours; the gate can bypass temp_conv2, so its row need not sum "
        "to the gap.",
    )
