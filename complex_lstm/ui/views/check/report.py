"""The report on the model as a download: what `complex-lstm check` writes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from complex_lstm.data import fingerprint
from complex_lstm.reports.checked import CheckedModel
from complex_lstm.reports.model_check import model_report
from complex_lstm.ui.compute import cache, trained_on
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.explaining.part_scores import PartScore, part_score_unless_stopped
from complex_lstm.ui.explaining.simple_comparison import known_comparison
from complex_lstm.ui.session.page_jobs import is_awaited
from complex_lstm.ui.session.scene import model_name, title_of

PATIENCE = 60.0  # seconds to wait for the predictions, and for simple models that are being fitted, when the report is asked for


def offer_check_report(scene: Scene, part: str) -> None:
    """Draw the button that downloads the report on a part. It can be pressed when the part's windows are predicted."""
    job = part_score_unless_stopped(scene, part)
    if job is None or job.state not in ("done", "waiting", "running"):
        return
    st.download_button(
        "Report on the model (HTML)",
        as_now(partial(_made, scene, job)),
        f"model_check_{part.replace(' ', '_')}.html",
        "text/html",
        key="check_report",
        icon="📄",
        help="One file that opens without a network and prints: scores, simple models where the view of that name has compared them, "
        "calibration or intervals, worst slices, what has moved, fingerprints and versions. "
        "`complex-lstm check` writes the same, with an exit status for a build server.",
        disabled=is_awaited(job),
        on_click="ignore",
    )


def _made(scene: Scene, job: Job[PartScore]) -> bytes:
    job.wait(PATIENCE)
    return check_report(scene, job.result).encode()


def check_report(scene: Scene, found: PartScore) -> str:
    """Return the report on the model of a scene, from its predictions for a part."""
    data, model = scene.keys[0], scene.keys[1]
    file, _ = cache.checkpoint_file(model)
    return model_report(
        CheckedModel(
            scene.checkpoint,
            cache.dataset(*found.keys),
            found.part,
            found.predictions,
            model_name(model),
            title_of("data", data),
            fingerprint(file.read_bytes()),
            trained_on.facts_of(model),
            simple=known_comparison(scene, found.part, patience=PATIENCE),
        )
    )
