"""Other baselines, offered where there is nothing to explain against the chosen one, and the way back from one chosen by itself."""

from __future__ import annotations

import streamlit as st

from complex_lstm.interpretation.clear_baselines import ClearBaseline, clear_baselines
from complex_lstm.interpretation.requests import USUAL, label_baseline
from complex_lstm.languages import _
from complex_lstm.ui.compute.jobs import Job, wait_briefly
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, request_jobs
from complex_lstm.ui.session.progress import rerun_when_done
from complex_lstm.ui.session.state import choose, is_lesson


def offer_baselines(page: str, scene: Scene, choice: ExplanationSettings) -> None:
    """Draw a button for each baseline against which the window has something to explain, once they are known."""

    def find(job: Job[tuple[ClearBaseline, ...]]) -> tuple[ClearBaseline, ...]:
        return computed(
            clear_baselines,
            scene.model,
            scene.dataset,
            scene.number,
            choice.output,
            but=(choice.baseline, choice.reference),
            as_probability=choice.as_probability,
            device=scene.device,
            stop=job.must_stop,
        )

    key = ("clear_baselines", choice.window_key(scene))
    job = request_jobs(page, choice.window_key(scene), {key: find})[key]
    if job:
        wait_briefly([job])
    if job and job.state == "done":
        _draw_offer(page, job.result)
    elif job and is_awaited(job):
        st.markdown("Baselines against which there is something to explain are being looked for…")
        rerun_when_done(job)
    else:
        st.markdown(plain(job.error_message if job else "") or "Other baselines were not looked for: it was stopped.")


def offer_usual(page: str, scene: Scene, choice: ExplanationSettings) -> None:
    """Draw the button that goes back to the usual baseline, where another was chosen by itself; none in a lesson."""
    if choice.automatic and not is_lesson():
        label = _("Take the usual baseline all the same: {baseline}", baseline=_(label_baseline(scene.dataset, USUAL)))
        st.button(label, key=f"{page}_usual", on_click=choose, kwargs={"baseline": USUAL}, type="tertiary")


def _draw_offer(page: str, found: tuple[ClearBaseline, ...]) -> None:
    if not found:
        st.markdown("Nor is there anything against any other baseline: few cells do not decide this prediction.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}_clear"):
        st.markdown("There is something to explain against", width="content")
        for one in found:
            st.button(
                plain(one.name),
                key=f"{page}_against_{one.baseline}",
                on_click=choose,
                kwargs={"baseline": one.baseline, "reference": one.reference},
                help=f"The prediction differs from this baseline's by {one.step:.1f} times the least that counts, and {one.needed:.0%} of "
                "the cells decide it.",
            )
