"""The headline of a window on the screen: what it is made of in a page's own words, and the job that computes it beside the page."""

from __future__ import annotations

from collections.abc import Hashable
from html import escape

import streamlit as st

from complex_lstm.interpretation.headline import OF_HEADLINE, Headline, Naming, explain_headline, headline, judged_headline
from complex_lstm.languages import _
from complex_lstm.ui.compute.jobs import Job, JobFunction, wait_briefly
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import Comparison, evidence_of_window, explained
from complex_lstm.ui.explaining.other_baselines import offer_usual
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.explaining.two_sides import Explained
from complex_lstm.ui.session.messages import plain, shown
from complex_lstm.ui.session.page_jobs import is_awaited, request_jobs
from complex_lstm.ui.session.progress import rerun_when_done
from complex_lstm.ui.session.scene import predicted_values


def in_markdown(found: Headline) -> str:
    return found.words(plain, lambda safe: f"**{safe}**")


def in_html(found: Headline) -> str:
    return found.words(escape, lambda safe: f"<b>{safe}</b>")


def naming_of(scene: Scene, choice: ExplanationSettings, value: float | None = None) -> Naming:
    """Return what the headline calls things: the explained output with its value, which is the window's prediction unless it is given."""
    value = float(predicted_values(scene)[choice.output]) if value is None else value
    name = scene.outputs[choice.output]
    said, unit = (f"({value:.0%})", "") if scene.is_classes else (shown(scene, choice.output, value), scene.dataset.schema.unit(name))
    return Naming(name, scene.features, scene.time_labels, choice.unit(scene), said, unit, choice.automatic)


def headline_of(comparison: Comparison, scene: Scene, choice: ExplanationSettings) -> Headline | None:
    """Return the headline from a comparison that has the consensus, its members and chance; None until it has."""
    results, naming = comparison.results, naming_of(scene, choice)
    verdict = comparison.verdict("consensus", naming.unit)
    if verdict is None or not results.keys() >= {*OF_HEADLINE}:
        return None
    return headline({name: results[name].explanation for name in OF_HEADLINE}, verdict, naming)


def headline_job(scene: Scene, choice: ExplanationSettings) -> tuple[Hashable, JobFunction]:
    """Return the key and the function of the job that finds the window's headline, from what is known of its methods already."""
    naming = naming_of(scene, choice)

    def find(job: Job[Headline]) -> Headline:
        found = {name: explained(scene, choice, name, job.must_stop) for name in OF_HEADLINE}
        window = evidence_of_window(scene, choice, job.must_stop)
        return computed(judged_headline, choice.forward_function(scene, job.must_stop), found, window, naming)

    return ("headline", choice.window_key(scene)), find


def side_headline_job(side: Explained, choice: ExplanationSettings, value: float) -> tuple[Hashable, JobFunction]:
    """Return the same for a side of a view; `value` is what is predicted for it."""
    if side.changes == ():
        return headline_job(side.scene, choice)
    naming = naming_of(side.scene, choice, value)
    model, request = side.model, side.request(choice)

    def find(job: Job[Headline]) -> Headline:
        return computed(explain_headline, model, request, naming, device=side.scene.device, stop=job.must_stop)

    return ("headline", side.key(choice, "consensus")), find


def show_headline(page: str, scene: Scene, choice: ExplanationSettings, label: str = "") -> None:
    """Draw the window's headline behind a label, or that it is being computed: then the page runs again when it is there."""
    key, find = headline_job(scene, choice)
    draw_headline(request_jobs(page, choice.window_key(scene), {key: find})[key], label)
    offer_usual(page, scene, choice)


def draw_headline(job: Job[Headline] | None, label: str = "") -> None:
    """Draw the headline that a job finds, after a short wait, behind a label."""
    begin = f"**{label}.** " if label else ""
    if job:
        wait_briefly([job])
    if job and job.state == "done":
        st.markdown(f"{begin}{in_markdown(job.result)}")
    elif job and is_awaited(job):
        st.markdown(f"{begin}{_('What the prediction rests on, by the consensus, is being computed…')}")
        rerun_when_done(job)
    else:
        reason = job.error_message if job else ""
        stopped = _("What the prediction rests on, by the consensus, was not computed: it was stopped.")
        st.markdown(f"{begin}{plain(reason) or stopped}")
