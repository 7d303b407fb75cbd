"""Why some well-known methods are not offered: their failure, computed on the visitor's own window."""

from __future__ import annotations

from typing import Any

import streamlit as st

from complex_lstm.interpretation.unfit import Unfit, why_not_these
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.importance.choices import Choice
from complex_lstm.ui.messages import caption, plain, reading
from complex_lstm.ui.work import Work, visitor, wait_briefly, works


def show_unfit(scene: Scene, choice: Choice) -> None:
    """Draw each method's promise, what it did here, and why."""

    def run(work: Work[tuple[Unfit, ...]]) -> tuple[Unfit, ...]:
        return why_not_these(choice.ask(scene, work.must_stop))

    key: Any = ("unfit", choice.of_window(scene))
    work = works().ask(key, run, visitor())
    with st.spinner("Trying them on a copy of the model"):
        while work.is_under_way:
            wait_briefly([work])
            st.empty()  # a click ends this run here
    for one in work.result:
        with st.container(border=True):
            st.markdown(f"**{one.label}** promises {plain(one.promise)}.")
            st.markdown(f"On this window {plain(one.measured)}.")
            st.caption(f"Why: {plain(one.reason)}. Source: {plain(one.source)}.")
    caption(
        method="Captum 0.9, each on a copy of the model",
        baseline=choice.baseline_name(scene),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        device=device_name(pick_device()),
    )
    reading(
        "Each box says what a method promises and what it did on the open window: a promise that is not kept here is no explanation.",
        "These are statements about this architecture: on networks of plain ReLU layers the same methods can be right.",
    )
