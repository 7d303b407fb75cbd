"""Checks of whether a map depends on what the model has learned, and whether it has a spike at the first step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.faithfulness import cascade_lines
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.sanity import SPIKE, STUBBORN, Cascade, first_step_spike, weight_cascade
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import Comparison
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import compute_each, job_on_request
from complex_lstm.ui.views.importance.shuffled_labels import show_shuffled_label_control


def show_sanity(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> None:
    """Draw the three checks: random weights, shuffled labels, and a spike at the first step."""
    st.header("Random weights, from the output to the input")
    _draw_cascade(scene, choice)
    st.header("A control model trained on shuffled labels")
    show_shuffled_label_control(scene, choice)
    st.header("A spike at the first step?")
    _draw_spikes(comparison)


def _draw_cascade(scene: Scene, choice: ExplanationSettings) -> None:
    def cascade(method: str, job: Job[dict[str, Cascade]]) -> Cascade:
        return computed(weight_cascade, choice.forward_function(scene, job.must_stop), method)

    job = job_on_request(
        "importance_cascade", choice.key(scene), compute_each(choice.methods, cascade), label="Randomize the weights, part after part"
    )
    found = job.latest if job else None
    if not found:
        return
    cascades = list(found.values())
    show_figure(
        cascade_lines(
            cascades[0].parts,
            np.stack([one.likeness for one in cascades]),
            methods=tuple(METHODS[name].label for name in found),
            title="",
        ),
        key="importance_cascade_lines",
        alt="Similarity of every method's map to the trained model's while the weights become random",
    )
    for name, one in found.items():
        st.markdown(f"- **{METHODS[name].label}**: {_describe_similarity(float(one.likeness[-1]))}")
    caption(method="cascading randomization (Adebayo et al. 2018), Spearman's correlation of the cells' sizes", seed=0)
    reading(
        f"A map that depends on the weights loses its similarity; above {STUBBORN} at the end it shows the input rather than the model.",
        "Some similarity is legitimate: where the input is far from the baseline, every method has more to attribute.",
    )


def _describe_similarity(last: float) -> str:
    if np.isnan(last):
        return "its cells are all equal, so there is no correlation."
    verdict = "it shows the input rather than what was learned" if last > STUBBORN else "it depends on what was learned"
    return f"a similarity of {last:.2f} is left when every weight is random: {verdict}."


def _draw_spikes(comparison: Comparison) -> None:
    label = "first step, as a multiple of the median of the other nonzero steps"
    sizes = {METHODS[name].label: first_step_spike(result.explanation.cells) for name, result in comparison.results.items()}
    frame = pd.DataFrame({"method": list(sizes), label: list(sizes.values())})
    frame["finding"] = ["a spike" if size > SPIKE else "no spike" for size in sizes.values()]
    st.dataframe(frame, hide_index=True, column_config={label: st.column_config.NumberColumn(format="%.2f")}, key="importance_spikes")
    reading(
        f"More than {SPIKE:.0f} times the median is called a spike; maps of recurrent models often have one there (captum #594).",
        "The first step can really matter: look at the series there before you call it an artefact.",
    )
