"""Predict: one window and its prediction, then all windows, with scores."""

import numpy as np
import streamlit as st

from complex_lstm.figures.predictions import probability_bars
from complex_lstm.figures.series import series_lines
from complex_lstm.inference import prediction_frame
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.messages import caption, number, plain, reading
from complex_lstm.ui.session.scene import describe_window, open_scene, predicted_values, scaling_note, size_sentence
from complex_lstm.ui.session.state import follow
from complex_lstm.ui.side_by_side.scores import show_scores
from complex_lstm.ui.views.predict import brief_window

st.title("Predict")
scene = open_scene()
windows, schema = scene.dataset.windows, scene.dataset.schema
predicted = predicted_values(scene)

with st.container(key="view-prediction"):
    st.subheader(f"Window {scene.number}: {describe_window(scene)}")
    left, right = st.columns([3, 2])
    with left:
        figure = series_lines(scene.times, scene.values, names=scene.features, units=schema.feature_units, empty=np.isnan(scene.values))
        st.plotly_chart(figure, key="predict_window", alt="The window: every feature over its time steps")
    with right:
        if scene.is_classes:
            actual = str(windows.label[scene.number])
            title = f"Predicted: {scene.outputs[int(predicted.argmax())]}"
            st.plotly_chart(
                probability_bars(predicted, classes=scene.outputs, actual=actual, title=title),
                key="predict_probabilities",
                alt="The probability of each class for this window",
            )
        for place, name in enumerate(() if scene.is_classes else scene.outputs):
            known, last = windows.actual[scene.number, place], windows.last[scene.number, place]
            st.metric(
                f"{plain(name)}, {scene.dataset.window.horizon} time step{'s' if scene.dataset.window.horizon > 1 else ''} ahead",
                plain(f"{number(predicted[place])} {schema.unit(name)}"),
                f"actual {'unknown' if np.isnan(known) else number(known)}, last {number(last)}",
                delta_color="off",
                delta_arrow="off",
            )
    brief_window(scene)
    caption(model=size_sentence(scene.model.config), device=scene.device_name, note=scaling_note(scene))
    reading(
        "Left the window, in the file's units; right the prediction; below what each part of the model does, in one sentence each.",
        "A probability is the model's own confidence, not how often it is right: see the scores below."
        if scene.is_classes
        else "A forecast near the last value is easy to make: see below whether the model beats repeating it.",
    )

st.subheader("How good it is")
with st.container(key="view-scores"):
    show_scores(scene)
reading(
    "Scores are over the part chosen above; only those of test and new windows show how good the model is on data it was not trained on.",
    "Neighbouring windows overlap, so their errors are similar: there are fewer independent cases than windows.",
)

st.subheader("All windows")
bar = st.progress(0.0, text="Predicting")


def show_progress(done: int, total: int) -> None:
    bar.progress(done / total, text=f"Predicting: window {done} of {total}")


predictions = cache.predictions(scene.keys, show_progress)
bar.empty()
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
