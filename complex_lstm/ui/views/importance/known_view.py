"""How well each method, attention and the consensus find the cells that are known to decide, where the data was planted."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import METHODS, explain
from complex_lstm.interpretation.global_importance import predicted_output, sampling_error
from complex_lstm.interpretation.ground_truth import Detection, detect
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.listing import choose_how_many, chosen_sample, how_many, in_full, unthinned
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.scene import has_known_cells, known_cells

USUAL = 10  # windows: every method explains each
Found = dict[str, list[tuple[Detection, float]]]


def show_known_answers(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw the table, updated while windows are explained. For data without known cells draw what to open instead."""
    if not has_known_cells(scene):
        st.info(
            "It is not known which cells decide in this data. Open a synthetic sample, Planted order or Planted shape, "
            "to see which methods find the planted cells.",
            icon="🧪",
        )
        return
    listed, of_listed, scene = scene, choice, unthinned(scene)
    choice = replace(choice, reference=int(in_full(listed, scene, np.array([choice.reference]))[0]))
    windows = choose_how_many(_candidates(scene), "importance_known", usual=USUAL)

    def run(job: Job[Found]) -> Found:
        job.partial = dict(job.earlier or {})
        job.skipped = len(next(iter(job.partial.values()), []))
        for done, window in enumerate(windows[job.skipped :], job.skipped):
            job.report_progress(done, len(windows))
            detections = _detections(scene, choice, int(window), job)
            job.partial = {name: [*job.partial.get(name, []), one] for name, one in detections.items()}
        return job.partial

    job = job_on_request(
        "importance_known",
        known_key(listed, of_listed),
        run,
        label=f"Explain {len(windows):,} windows by every method and compare with the truth",
    )
    found: Found = (job.latest if job else None) or {}
    if found:
        _draw_table(scene, choice, found)


def _candidates(scene: Scene) -> np.ndarray:
    """Return the windows of which some are explained: those not trained on, where there are any."""
    windows = scene.dataset.windows
    unseen = np.concatenate([windows.of_part("test"), windows.of_part("new")])
    return unseen if len(unseen) else np.arange(len(windows))


def known_key(scene: Scene, choice: ExplanationSettings) -> Hashable:
    """Return the key of the comparison with the known cells: that of every method, on as many windows as are chosen in this session."""
    scene = unthinned(scene)
    windows = chosen_sample(_candidates(scene), "importance_known", usual=USUAL)
    return scene.keys, choice.as_probability, choice.baseline, choice.reference, windows.tobytes()


def _detections(scene: Scene, choice: ExplanationSettings, window: int, job: Job[Found]) -> dict[str, tuple[Detection, float]]:
    """Return each method's detection in a window and the seconds it took, for the predicted output."""
    output = predicted_output(scene.model, scene.dataset, window)
    if output is None:
        raise ExplanationError(
            f"Window {window} has no prediction: the model's output is not a finite number. There is nothing to explain."
        )
    truth = known_cells(scene, window)
    assert truth is not None
    request = replace(choice, output=output).request(scene, number=window)
    found = {name: computed(explain, scene.model, request, name, device=scene.device, stop=job.must_stop) for name in METHODS}
    return {name: (detect(one.cells, truth), one.seconds) for name, one in found.items()}


def _draw_table(scene: Scene, choice: ExplanationSettings, found: Found) -> None:
    total = len(_candidates(scene))
    frame = pd.DataFrame(
        {
            "method": METHODS[name].label,
            "AUPRC": np.mean([one.auprc for one, _ in pairs]),
            "± (AUPRC)": float(sampling_error(np.array([one.auprc for one, _ in pairs]), total)),
            "AUROC": np.mean([one.auroc for one, _ in pairs]),
            "seconds a window": np.mean([seconds for _, seconds in pairs]),
        }
        for name, pairs in found.items()
    ).sort_values("AUPRC", ascending=False)
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in ("AUPRC", "± (AUPRC)", "AUROC", "seconds a window")},
        key="importance_known_table",
    )
    pairs = next(iter(found.values()))
    st.markdown(_describe_consensus(frame))
    caption(
        method="each cell's size against the planted cells",
        baseline=choice.baseline_name(scene),
        target="the predicted class of each window",
        windows=how_many(len(pairs), total, "this file" if "this file" in scene.dataset.windows.part else "the windows not trained on"),
        interval=f"± is 95% of the mean over all {total:,}" if len(pairs) < total else "",
        chance=f"AUPRC {np.mean([one.chance for one, _ in pairs]):.3f}, AUROC 0.5",
        device=scene.device_name,
    )
    reading(
        "AUPRC is the share of planted cells among those ranked first, averaged down the ranking; 1: all planted cells come first.",
        "It assumes that the model uses exactly the planted cells: a model can be right for another reason.",
    )


def _describe_consensus(frame: pd.DataFrame) -> str:
    """Return whether the consensus has a higher AUPRC than every single method, and both numbers."""
    auprc = frame.set_index("method")["AUPRC"]
    label = METHODS["consensus"].label
    best = str(auprc.drop(label).idxmax())
    if auprc[label] > auprc[best]:
        return f"**The consensus finds more than any single method here**: {auprc[label]:.3f} against {auprc[best]:.3f} by {best}."
    return f"**The consensus does not beat the best single method here**: {auprc[label]:.3f} against {auprc[best]:.3f} by {best}."
