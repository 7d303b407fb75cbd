"""How good the model is: scores on all windows of a part, and every window in a table."""

from __future__ import annotations

import streamlit as st

from complex_lstm.inference import prediction_frame
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.state import follow
from complex_lstm.ui.side_by_side.scores import show_scores


def show_model_scores(scene: Scene) -> None:
    """Draw the scores of a part, its confusion or residuals, and all windows as a table."""
    windows = scene.dataset.windows
    st.subheader("How good it is")
    with st.container(key="view-scores"):
        show_scores(scene)
    reading(
        "Scores are over the part chosen above; only those of test and new windows are of data that the model was not trained on.",
        "Neighbouring windows overlap, so their errors are similar: there are fewer independent cases than windows.",
    )

    st.subheader("All windows")

    predictions = cache.predictions(scene.keys)
    frame = prediction_frame(scene.dataset, predictions)
    picked = st.dataframe(frame, key="predict_table", height=280, on_select="rerun", selection_mode="single-row", alt="One row a window")
    follow("predict_table", [int(predictions.chosen[row]) for row in picked["selection"]["rows"]])
    caption(
        method="one forward pass a window",
        windows=f"{len(windows):,}, {'whole series' if scene.dataset.window.whole_series else f'stride {scene.dataset.window.stride}'}",
        device=predictions.device,
        time=f"{predictions.seconds:.2f} s when computed",
        click="a row chooses its window",
    )
    st.download_button(
        "Download the table (CSV)",
        lambda: frame.to_csv(index=False).encode(),
        "predictions.csv",
        "text/csv",
        key="predict_download",
        on_click="ignore",
    )
