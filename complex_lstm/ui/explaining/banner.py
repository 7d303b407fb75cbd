"""The banner of a model that is no better than the trivial rule, on every page that explains it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.metrics import ClassScores, ValueScores
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PartScore, part_score_unless_stopped, unseen_part, windows_of
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
    windows = plain(windows_of(scene, found.part, found.scores.windows if found.scores else 0))
    if isinstance(found.scores, ClassScores):
        rule, more = "always naming the commonest class", ", and that every class has enough windows"
        scores = f"accuracy {found.scores.accuracy:.3f} beside {found.scores.largest:.3f}"
    else:
        rule, more, scores = "repeating the last value", "", plain(_least_gain(found, scene))
    return (
        f"**No better than {rule}** on {windows}: {scores}. What is explained is not yet a skill: train the model longer, try another "
        f"window, and check on Data that the target is the right column{more}."
    )


def _least_gain(found: PartScore, scene: Scene) -> str:
    """Return both mean absolute errors, of several targets those of the one that gains least over repeating the last value."""
    if not isinstance(found.scores, ValueScores):
        return "no scores"
    own, last = found.scores.mae, found.scores.persistence_mae
    place = int(found.scores.relative_mae.argmax())
    name, unit = scene.outputs[place], scene.dataset.schema.unit(scene.outputs[place])
    of = f" ({name}, which gains least of {len(own)})" if len(own) > 1 else ""
    return f"mean absolute error {digits(own[place])} beside {digits(last[place])} {unit}".rstrip() + of
