"""How it works: the data flow with this model's shapes and parameters, and this window's own values."""

import pandas as pd
import streamlit as st

from complex_lstm.figures.architecture import flow_boxes, tensor_heatmap, vector_bars
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.ui import cache
from complex_lstm.ui.messages import caption, reading
from complex_lstm.ui.scene import open_scene
from complex_lstm.ui.sidebar import describe_window
from complex_lstm.ui.stages import list_stages

st.title("How it works")
scene = open_scene()
trace = cache.window_trace(scene.keys, scene.number)
stages = list_stages(scene.model, trace, scene.inputs, len(scene.outputs))
total = sum(value.numel() for value in scene.model.parameters())

st.markdown(
    "The window goes from left to right. Two convolution stages look at each step's neighbourhood, a gate mixes them, "
    "BiLSTM blocks read the series from both ends, attention lets distant steps meet, and after pooling an ensemble of "
    "three heads is combined into the prediction."
)
with st.container(key="view-architecture"):
    st.subheader(f"Window {scene.number}: {describe_window(scene)}")
    chosen = st.select_slider("Look into", range(len(stages)), format_func=lambda number: stages[number].name, key="how_it_works_stage")
    below = tuple(f"{s.shape}<br>{s.parameters:,} parameters" if s.parameters else s.shape for s in stages)
    st.plotly_chart(
        flow_boxes(tuple(s.name for s in stages), below, chosen=chosen),
        key="how_it_works_flow",
        config={"displayModeBar": False},
        alt="The boxes of the architecture with their shapes and parameter counts",
    )
    stage = stages[chosen]
    st.markdown(f"**{stage.name}.** {stage.sentence}")
    if stage.name == "Pooling":
        for name, vector in zip(("mean", "max", "last step"), stage.values, strict=True):
            st.plotly_chart(
                vector_bars(vector, names=(), title=f"{name} of every channel"),
                key=f"how_it_works_{name}",
                alt=f"The {name} of every channel",
            )
    elif stage.name == "Ensemble heads":
        for number, vector in enumerate(stage.values, 1):
            st.plotly_chart(
                vector_bars(vector, names=scene.outputs, title=f"Ensemble head {number}"),
                key=f"how_it_works_head_{number}",
                alt=f"The outputs of ensemble head {number}",
            )
    elif stage.name == "Combiner":
        st.plotly_chart(
            vector_bars(stage.values, names=scene.outputs, title="The prediction, in the model's own scale"),
            key="how_it_works_prediction",
            alt="The combined outputs",
        )
    else:
        rows = "feature" if stage.name == "Window" else "channel"
        st.plotly_chart(
            tensor_heatmap(
                scene.times,
                stage.values,
                rows=rows,
                names=scene.features if rows == "feature" else (),
                title=f"{stage.name}: {stage.shape} (time x {rows})",
            ),
            key="how_it_works_tensor",
            alt=f"{stage.name} for this window, over time",
        )
    caption(method="one traced forward pass in eval mode", parameters=f"{total:,} in all", device=device_name(pick_device()))
    reading(
        "Time runs from left to right, one row a channel; blue is below zero, red above.",
        "Channels have no order and no names: what stands beside what in the picture means nothing.",
    )

st.subheader("Parts and parameters")
frame = pd.DataFrame(
    [(s.name, s.shape, s.parameters, s.parameters / total, s.sentence) for s in stages],
    columns=["part", "shape for this window", "parameters", "share", "what it does"],
)
st.dataframe(
    frame,
    hide_index=True,
    key="how_it_works_parts",
    alt="Every part with its shape and parameters",
    column_config={
        "share": st.column_config.NumberColumn(format="percent"),
        "parameters": st.column_config.NumberColumn(format="localized"),
        "what it does": st.column_config.TextColumn(width="large"),
    },
    height=35 * (len(frame) + 1) + 3,
)
