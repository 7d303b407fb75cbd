"""Does the map depend on what the model has learned, and is its first step only a spike?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.faithfulness import cascade_lines
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.sanity import SPIKE, STUBBORN, Cascade, first_step_spike, weight_cascade
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import compute_each, job_on_request
from complex_lstm.ui.explaining.comparison import Comparison
from complex_lstm.ui.views.importance.shuffled_labels import show_twin


def show_sanity(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> None:
    """Draw the three checks."""
    st.subheader("Random weights, from the output down")
    _draw_cascade(scene, choice)
    st.subheader("A twin trained on shuffled labels")
    show_twin(scene, choice)
    st.subheader("A spike at the first step?")
    _draw_spikes(comparison)


def _draw_cascade(scene: Scene, choice: ExplanationSettings) -> None:
    def made_random(method: str, job: Job[dict[str, Cascade]]) -> Cascade:
        return weight_cascade(choice.ask(scene, job.must_stop), method)

    job = job_on_request(
        "importance_cascade", choice.key(scene), compute_each(choice.methods, made_random), label="Make the weights random, part after part"
    )
    found = job.latest if job else None
    if not found:
        return
    cascades = list(found.values())
    st.plotly_chart(
        cascade_lines(
            cascades[0].parts,
            np.stack([one.likeness for one in cascades]),
            methods=tuple(METHODS[name].label for name in found),
            title="",
        ),
        key="importance_cascade_lines",
        alt="Likeness of every method's map with the trained model's while the weights become random",
    )
    for name, one in found.items():
        st.markdown(f"- **{METHODS[name].label}**: {_in_words(float(one.likeness[-1]))}")
    caption(method="cascading randomization (Adebayo et al. 2018), Spearman's correlation of the cells' sizes", seed=0)
    reading(
        f"A map that depends on the weights loses its likeness on the way; above {STUBBORN} at the end it shows the input, not the model.",
        "Some likeness stays honestly: where the input is far from the baseline every method has more to share out.",
    )


def _in_words(left: float) -> str:
    if np.isnan(left):
        return "its cells are all the same, so that nothing can be compared."
    verdict = "it shows the input more than what was learned" if left > STUBBORN else "it depends on what was learned"
    return f"{left:.2f} is left when every weight is random: {verdict}."


def _draw_spikes(comparison: Comparison) -> None:
    label = "first step, times the median of the others that have any"
    sizes = {METHODS[name].label: first_step_spike(answer.explanation.cells) for name, answer in comparison.answers.items()}
    frame = pd.DataFrame({"method": list(sizes), label: list(sizes.values())})
    frame["finding"] = ["a spike" if size > SPIKE else "no spike" for size in sizes.values()]
    st.dataframe(frame, hide_index=True, column_config={label: st.column_config.NumberColumn(format="%.2f")}, key="importance_spikes")
    reading(
        f"More than {SPIKE:.0f} times is called a spike: recurrent models are known to draw one at their first step (captum #594).",
        "The first step can matter in truth: look at the series there before you call it an artefact.",
    )
