"""What every search method finds for one goal, in one table: validity, sparsity, proximity and plausibility."""

from __future__ import annotations

from typing import Any

import streamlit as st

from complex_lstm.interpretation.counterfactual import SEARCH_METHODS, Quality, Search, find_counterfactual, quality
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.edits.session import EditedView
from complex_lstm.ui.explaining.further_measures import known_windows, quality_frame
from complex_lstm.ui.session.figures import offer_csv
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.progress import compute_each, job_on_request
from complex_lstm.ui.views.what_if.effect import setting_words


def show_qualities(view: EditedView, search: Search, words: str) -> None:
    """Draw the button that runs all search methods, and the table of what those that are done have found."""
    scene = view.scene
    model = IntervenedModel(scene.model, view.interventions) if view.interventions else scene.model
    hood = known_windows(scene.keys, scene.number)

    def run(method: Any, job: Job[Any]) -> Quality:
        found = computed(find_counterfactual, model, search, method, hood, device=scene.device, stop=job.must_stop)
        return computed(quality, model, search, found, hood, device=scene.device)

    key = view.key, search.goal, search.allowed.tobytes()
    job = job_on_request("what_if_qualities", key, compute_each(SEARCH_METHODS, run), label="Compare all search methods")
    rows: dict[str, Quality] = (job.latest or {}) if job else {}
    if not rows:
        return
    frame = quality_frame(rows)
    st.dataframe(frame, hide_index=True, key="what_if_qualities_table", column_config=_COLUMNS)
    offer_csv(lambda: frame, f"counterfactuals_window_{scene.number}.csv", key="what_if_qualities_download")
    caption(
        method="every search method for the same goal and the same cells",
        target=plain(words),
        switches=setting_words(view),
        compared=hood.words,
        device=scene.device_name,
    )
    reading(
        "Few cells, a small change and a short distance are better; a distance is from the nearest window that is predicted as wanted, and "
        "the last share says how many known windows are closer to their own nearest one.",
        "No method is best in all of these, and none says that its change is possible: no sensor may ever show a small one.",
    )


_COLUMNS = {
    "cells changed": st.column_config.NumberColumn(format="percent"),
    "features changed": st.column_config.NumberColumn(format="%d"),
    "longest stretch (steps)": st.column_config.NumberColumn(format="%d"),
    "summed change (std)": st.column_config.NumberColumn(format="%.2f"),
    "distance (std a cell)": st.column_config.NumberColumn(format="%.3f"),
    "known windows closer to theirs": st.column_config.NumberColumn(format="percent"),
    "seconds": st.column_config.NumberColumn(format="%.1f"),
}
