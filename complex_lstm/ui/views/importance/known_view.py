"""Where the right answer is known: how well each method, attention and the consensus find it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.interpretation import METHODS, explain
from complex_lstm.interpretation.global_importance import evenly_spread, predicted_output
from complex_lstm.interpretation.ground_truth import Detection, detect
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.scene import has_known_cells, known_cells

MOST = 16  # windows
Found = dict[str, list[tuple[Detection, float]]]


def show_known_answers(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw the table, window after window as they are explained."""
    if not has_known_cells(scene):
        st.info(
            "Nobody knows which cells decide in this data. Open a sample that was made, Planted order or Planted shape, "
            "to see which methods find what was planted.",
            icon="🧪",
        )
        return
    windows = _windows(scene)

    def run(job: Job[Found]) -> Found:
        job.partial = dict(job.earlier or {})
        job.skipped = len(next(iter(job.partial.values()), []))
        for done, window in enumerate(windows[job.skipped :], job.skipped):
            job.report_progress(done, len(windows))
            job.partial = _add(job.partial, _detections(scene, choice, int(window), job))
        return job.partial

    key: Any = (scene.keys, choice.as_probability, choice.baseline, choice.reference)
    job = job_on_request("importance_known", key, run, label=f"Explain {len(windows)} windows by every method and compare with the truth")
    found: Found = (job.latest if job else None) or {}
    if found:
        _draw_table(scene, choice, found)


def _windows(scene: Scene) -> np.ndarray:
    """Return up to 16 windows, evenly spread, of those not trained on where there are such."""
    windows = scene.dataset.windows
    unseen = np.concatenate([windows.of_part("test"), windows.of_part("new")])
    pool = unseen if len(unseen) else np.arange(len(windows))
    return evenly_spread(pool, MOST)


def _detections(scene: Scene, choice: ExplanationSettings, window: int, job: Job[Found]) -> dict[str, tuple[Detection, float]]:
    """Return each method's detection in a window and its seconds, for the output that is predicted there."""
    output = predicted_output(scene.model, scene.dataset, window)
    truth = known_cells(scene, window)
    assert truth is not None
    request = choice.with_output(output).request(scene, number=window)
    found = {name: explain(scene.model, request, name, device=scene.device, stop=job.must_stop) for name in METHODS}
    return {name: (detect(one.cells, truth), one.seconds) for name, one in found.items()}


def _add(so_far: Found, more: dict[str, tuple[Detection, float]]) -> Found:
    return {name: [*so_far.get(name, []), one] for name, one in more.items()}


def _draw_table(scene: Scene, choice: ExplanationSettings, found: Found) -> None:
    frame = pd.DataFrame(
        {
            "method": METHODS[name].label,
            "AUPRC": np.mean([one.auprc for one, _ in pairs]),
            "AUROC": np.mean([one.auroc for one, _ in pairs]),
            "seconds a window": np.mean([seconds for _, seconds in pairs]),
        }
        for name, pairs in found.items()
    ).sort_values("AUPRC", ascending=False)
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in ("AUPRC", "AUROC", "seconds a window")},
        key="importance_known_table",
    )
    pairs = next(iter(found.values()))
    st.markdown(_consensus_in_words(frame))
    caption(
        method="each cell's size against the planted cells",
        baseline=choice.baseline_name(scene),
        target="the predicted class of each window",
        windows=f"{len(pairs)}, not trained on",
        chance=f"AUPRC {np.mean([one.chance for one, _ in pairs]):.3f}, AUROC 0.5",
        device=scene.device_name,
    )
    reading(
        "AUPRC is the share of right cells among those ranked first, averaged on the way down the ranking; 1 finds exactly them.",
        "It supposes that the model uses just what was planted: a model can be right for another reason.",
    )


def _consensus_in_words(frame: pd.DataFrame) -> str:
    """Say whether the consensus beats every single method here, whichever it is."""
    auprc = frame.set_index("method")["AUPRC"]
    label = METHODS["consensus"].label
    best = str(auprc.drop(label).idxmax())
    if auprc[label] > auprc[best]:
        return f"**The consensus finds more than any single method here**: {auprc[label]:.3f} against {auprc[best]:.3f} by {best}."
    return f"**The consensus does not beat the best single method here**: {auprc[label]:.3f} against {auprc[best]:.3f} by {best}."
