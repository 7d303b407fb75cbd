"""Two checkpoints, or before and after, over many windows."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.interpretation.components import outputs_with
from complex_lstm.interpretation.prediction_effects import Effect, measure_effect
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.interventions.resolve import read_setting
from complex_lstm.ui.session.messages import caption
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.side_by_side.pair import Pair
from complex_lstm.ui.side_by_side.scores import choose_windows, draw_effect, read_effect, show_score


def show_scores(page: str, pair: Pair) -> None:
    """Draw what the right side's predictions are to the left's over all windows of a part."""
    if pair.kind == "window":
        st.info("Two windows have one model: see the Predict page for all its windows.", icon="🤷")
    elif pair.kind == "edits":
        st.info("The edits are of this window alone: other windows have none to be put beside.", icon="🤷")
    elif pair.kind == "bench":
        show_score(pair.first.scene, read_setting(pair.first.scene))
    elif not _same_windows(pair):
        st.info("The two checkpoints cut other windows or predict other things, so no window of one is a window of the other.", icon="🤷")
    else:
        _show_models(page, pair)


def _show_models(page: str, pair: Pair) -> None:
    first, second = pair.first.scene, pair.second.scene
    windows, part = choose_windows(first, f"{page}_score")

    def run(job: Job[Effect]) -> Effect:
        left, right = (outputs_with(one.model, one.dataset, windows, device=one.device, stop=job.must_stop) for one in (first, second))
        return measure_effect(first.dataset, windows, left, right)

    job = job_on_request(
        f"{page}_score", (first.keys, second.keys, windows.tobytes()), run, label=f"Predict {len(windows)} windows by both"
    )
    if job and job.state == "done":
        draw_effect(job.result, "left", "right")
        caption(method="every window through both checkpoints", windows=f"{len(windows)} of {part}, as the left one has it", **pair.facts)
        read_effect(first.is_classes, "The part is the left checkpoint's: the right one may have been trained on these windows.")


def _same_windows(pair: Pair) -> bool:
    """Return whether both checkpoints see the same windows and say the same things in the same scale."""
    first, second = (side.scene.dataset for side in (pair.first, pair.second))
    same = all(np.array_equal(getattr(first.windows, name), getattr(second.windows, name)) for name in ("series", "start", "length"))
    scaled = pair.first.scene.is_classes or (first.scaling, first.window) == (second.scaling, second.window)
    return pair.same_outputs and same and scaled
