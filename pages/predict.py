"""Predict: one window and what is predicted of it, then all windows, with scores."""

import numpy as np
import streamlit as st

from complex_lstm.figures.predictions import probability_bars
from complex_lstm.figures.series import series_lines
from complex_lstm.inference import prediction_frame
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.ui import cache
from complex_lstm.ui.messages import caption, plain, reading
from complex_lstm.ui.scene import open_scene, scaling_note
from complex_lstm.ui.score_views import show_scores
from complex_lstm.ui.sidebar import describe_window
from complex_lstm.ui.state import choose
from complex_lstm.ui.window_brief import brief_window, predicted_values

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
            st.plotly_chart(probability_bars(predicted, classes=scene.outputs, actual=actual, title=title), key="predict_probabilities",
                            alt="The probability of each class for this window")  # fmt: skip
        for place, name in enumerate(() if scene.is_classes else scene.outputs):
            unit, known = schema.unit(name), windows.actual[scene.number, place]
            last = windows.last[scene.number, place]
            st.metric(f"{plain(name)}, {scene.dataset.window.horizon} step(s) ahead", plain(f"{predicted[place]:.4g} {unit}"),
                      f"actual {known:.4g}, last {last:.4g}" if known == known else f"actual unknown, last {last:.4g}",
                      delta_color="off", delta_arrow="off")  # fmt: skip
        brief_window(scene)
    caption(model=scene.model.config, device=device_name(pick_device()), note=scaling_note(scene))
    reading(
        "Left what the model sees, in the file's units; right what it makes of it, and each part's share in one sentence.",
        "A probability is the model's own confidence, not how often it is right: see the scores below.",
    )

st.subheader("All windows")
bar = st.progress(0.0, text="Predicting all windows")
said = cache.predictions(scene.keys, lambda done, total: bar.progress(done / total, text=f"Predicting: window {done} of {total}"))
bar.empty()
with st.container(key="view-scores"):
    show_scores(scene, said)
caption(method="one forward pass a window", windows=f"{len(windows):,}, stride {scene.dataset.window.stride}", device=said.device,
        time=f"{said.seconds:.2f} s when computed")  # fmt: skip
reading(
    "Scores are over the part chosen above; only test and new windows tell how good the model is on data it has not learned from.",
    "Neighbouring windows overlap, so their errors are alike: the data holds fewer independent cases than windows.",
)

frame = prediction_frame(scene.dataset, said)
picked = st.dataframe(frame, key="predict_table", height=280, on_select="rerun", selection_mode="single-row", alt="One row a window")
if picked["selection"]["rows"] and picked["selection"]["rows"][0] != scene.number != st.session_state.get("predict_picked"):
    st.session_state["predict_picked"] = picked["selection"]["rows"][0]
    choose(window=int(picked["selection"]["rows"][0]))
    st.rerun()
st.download_button("Download the table (CSV)", frame.to_csv(index=False).encode(), "predictions.csv", "text/csv", key="predict_download",
                   on_click="ignore")  # fmt: skip
