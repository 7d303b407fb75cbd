"""The first words of the page: whether to rely on the model, and what the checks of its explanations have found so far."""

from __future__ import annotations

import streamlit as st

from complex_lstm.evaluation.simple_words import describe_best
from complex_lstm.metrics import ValueScores
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PartScore, against_trivial, part_score_unless_stopped, unseen_part, windows_of
from complex_lstm.ui.explaining.simple_comparison import known_comparison
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited
from complex_lstm.ui.session.progress import rerun_when_done


def show_summary(scene: Scene, explanations: str) -> None:
    """Draw in words how the model does beside the trivial rule on unseen windows, and what is known of its explanations."""
    job = part_score_unless_stopped(scene, unseen_part(scene))
    is_scoring = job is not None and is_awaited(job)
    if job and job.state == "done":
        words = describe_model(job.result, scene)
        if beside := known_comparison(scene, job.result.part):
            words += f". {plain(describe_best(beside).removesuffix('.'))}" if beside.best else ""
    else:
        words = f"⏳ its {unseen_part(scene)} windows are being scored" if is_scoring else "not scored yet: see Scores below"
    st.markdown(f"**The model:** {words}.  \n**Its explanations of window {scene.number}:** {explanations}.")
    if job and is_scoring:
        rerun_when_done(job)


def describe_model(found: PartScore, scene: Scene) -> str:
    """Return whether the model is better than the trivial rule on a part's windows, with both scores. Markdown."""
    if found.scores is None:
        return f"🤷 none of its {plain(found.part)} windows has both a true answer and a prediction, so it cannot be scored"
    verdict = "❌ **no better than the trivial rule**" if found.is_trivial else "✅ **better than the trivial rule**"
    mean = " on average over the targets" if isinstance(found.scores, ValueScores) and len(scene.outputs) > 1 else ""
    notes = "".join(f". ⚠️ {plain(note.removesuffix('.'))}" for note in found.notes)
    return (
        f"{verdict}{mean} on {plain(windows_of(scene, found.part, found.scores.windows))} ({plain(against_trivial(found, scene))}){notes}"
    )
