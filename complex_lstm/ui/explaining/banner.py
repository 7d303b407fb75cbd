"""The banner of a model that is no better than the trivial rule, on every page that explains it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.metrics import ClassScores
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PartScore, against_trivial, part_score_unless_stopped, unseen_part, windows_of
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited
from complex_lstm.ui.session.progress import rerun_when_done


def draw_banner(scene: Scene) -> None:
    """Draw the banner if the model, on all unseen windows, is no better than the trivial rule. Nothing is drawn until they are scored."""
    job = part_score_unless_stopped(scene, unseen_part(scene))
    if job is None or job.error_message:
        return
    if is_awaited(job):
        rerun_when_done(job)
    elif job.state == "done" and job.result.is_trivial:
        st.warning(describe_trivial(job.result, scene), icon="⚠️")


def describe_trivial(found: PartScore, scene: Scene) -> str:
    """Return that the model is no better than the trivial rule, a score of each, and what to do: two lines of a page. Markdown."""
    rule, advice = "repeating the last value", ""
    if isinstance(found.scores, ClassScores):
        rule, advice = "always naming the commonest class", " and that every class has enough windows"
    count = found.scores.windows if found.scores else 0
    return (
        f"**This model is no better than {rule}** on {plain(windows_of(scene, found.part, count))} "
        f"({plain(against_trivial(found, scene, most=1))}). What is explained is not yet a skill: train it longer, try another window, "
        f"and check on Data that the target is the right column{advice}."
    )
