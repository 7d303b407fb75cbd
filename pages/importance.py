"""Feature importance: ablation beside Captum's methods, per feature and per cell, and whether they agree."""

import numpy as np
import streamlit as st

from complex_lstm.figures.importance import agreement_heatmaps, importance_bars, importance_heatmaps
from complex_lstm.interpretation import BASELINES, METHODS, CompleteExplanation, cell_agreement, feature_agreement
from complex_lstm.ui import cache
from complex_lstm.ui.messages import caption, plain, reading
from complex_lstm.ui.scene import open_scene, target_label, target_of, unit_of
from complex_lstm.ui.sidebar import describe_window
from complex_lstm.ui.state import choose, current

st.title("Feature importance")
scene = open_scene()
output = target_of(scene)
baseline = current().baseline if current().baseline in BASELINES else "training_mean"

first, second, third = st.columns([3, 4, 3], vertical_alignment="bottom")
st.session_state["importance_target"], st.session_state["importance_baseline"] = output, baseline
first.selectbox(
    "Explain the output",
    range(len(scene.outputs)),
    format_func=scene.outputs.__getitem__,
    key="importance_target",
    on_change=lambda: choose(target=st.session_state["importance_target"]),
)
second.selectbox(
    "Baseline: what stands for 'nothing known'",
    list(BASELINES),
    format_func=BASELINES.__getitem__,
    key="importance_baseline",
    on_change=lambda: choose(baseline=st.session_state["importance_baseline"]),
)
own_range = third.toggle("Each method on its own range", key="importance_own_range")

bar = st.progress(0.0, text="Explaining")
found = cache.explanations(
    scene.keys,
    scene.number,
    output,
    baseline,  # type: ignore[arg-type]  # a key of BASELINES
    lambda done, total: bar.progress(done / total, text=f"Explaining: {done} of {total} methods done"),
)
bar.empty()
labels = tuple(METHODS[one.method].label for one in found)
unit, target = unit_of(scene, output), target_label(scene, output)

with st.container(key="view-importance"):
    st.subheader(f"Window {scene.number}: {describe_window(scene)}")
    st.plotly_chart(
        importance_bars(
            np.stack([one.features for one in found]),
            methods=labels,
            features=scene.features,
            unit=unit,
            title="Each feature, by each method",
        ),
        key="importance_features",
        alt="Signed importance of every feature by four methods",
    )
    st.plotly_chart(
        importance_heatmaps(
            scene.times,
            np.stack([one.cells for one in found]),
            scene.inputs,
            methods=labels,
            features=scene.features,
            unit=unit,
            own_range=own_range,
            title="Each cell, over the series",
        ),
        key="importance_cells",
        alt="Signed importance of every feature and time step by four methods, above the series",
    )
    for one in found:
        steps = (
            f"{one.steps} steps, sum off by {one.completeness_error:.1%} of the gap {one.gap:.3g}"
            if isinstance(one, CompleteExplanation)
            else (f"{one.evaluations} evaluations; cells need not sum to the output")
        )
        caption(
            method=METHODS[one.method].label,
            baseline=one.baseline,
            target=f"{target}, {unit}",
            steps=steps,
            device=one.device,
            time=f"{one.seconds:.2f} s when computed",
        )
    reading(
        "Red raises the output against the baseline, blue lowers it; a feature's bar is the sum of its cells, except for ablation, "
        "which removes the whole column at once.",
        "Another baseline can give another picture: change it above, and trust what stays.",
    )

st.subheader("Do the methods agree?")
st.plotly_chart(
    agreement_heatmaps(feature_agreement(found), cell_agreement(found), methods=labels, title=""),
    key="importance_agreement",
    alt="Rank correlations between the methods, over features and over cells",
)
caption(method="Spearman's rank correlation of absolute importance", target=f"{target}, {unit}", baseline=BASELINES[baseline])  # type: ignore[index]  # as above
reading(
    "1: two methods order the features (or cells) alike; 0: as if by chance.",
    f"With {len(scene.features)} features high values come by chance too, and methods that share a baseline share its faults.",
)

with st.expander("What the methods do, and where each misleads"):
    for name in METHODS:
        st.markdown(f"**{plain(METHODS[name].label)}** {METHODS[name].sentence}; {METHODS[name].misleads}.")
