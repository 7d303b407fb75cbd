"""A model taken along for other programs: the whole checkpoint, its tensors alone, or ONNX."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

import streamlit as st

from complex_lstm.errors import install_extra
from complex_lstm.model import Checkpoint, ComplexLSTMModel
from complex_lstm.model.checkpoint import checkpoint_bytes
from complex_lstm.model.export import export_onnx, export_state_dict, onnx_lacks
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.session.messages import caption
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.scene import model_name
from complex_lstm.ui.session.state import current


def offer_model(key: str) -> None:
    """Draw the downloads of a model: everything that is known of it, its tensors alone, and ONNX, which is made when asked for."""
    if current().share:  # to look at, and not to take along
        return
    checkpoint, name = cache.checkpoint(key), re.sub(r"\W+", "_", model_name(key)).strip("_") or "model"
    with st.expander("Take the model along"), st.container(key="take_model"):
        with st.container(horizontal=True):
            st.download_button(
                "Checkpoint (.safetensors)",
                as_now(lambda: checkpoint_bytes(checkpoint)),
                f"{name}.safetensors",
                key="take_safetensors",
                on_click="ignore",
            )
            st.download_button(
                "Weights alone (.pt)",
                as_now(lambda: _state_dict(checkpoint.model)),
                f"{name}.pt",
                key="take_state_dict",
                on_click="ignore",
            )
        heat = checkpoint.scaling.temperature if isinstance(checkpoint, Checkpoint) else 1.0
        if heat != 1:
            st.caption(
                f"The checkpoint holds the temperature {heat:.4g}. The weights alone and ONNX give logits: divide them by it before the "
                f"softmax for calibrated probabilities. It stands in the ONNX file's metadata too."
            )
        if lacking := onnx_lacks():
            st.caption(f"ONNX needs {', '.join(lacking)}, which this installation lacks: `{install_extra('onnx')}`")
            return
        job = job_on_request("onnx", key, lambda _: _to_onnx(checkpoint.model, heat), label="Make the ONNX file")
        if job is None or job.state != "done":
            return
        content, furthest = job.result
        st.download_button("Model (.onnx)", content, f"{name}.onnx", key="take_onnx", on_click="ignore")
        caption(
            check=f"on random windows ONNX Runtime's outputs lie {furthest:.1g} of the largest from the model's",
            takes="x (windows, steps, features), scaled as the model's inputs are; windows of one length at a time",
            gives="outputs: logits of classes, or scaled values",
        )


def _to_onnx(model: ComplexLSTMModel, temperature: float) -> tuple[bytes, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        furthest = export_onnx(model, path, temperature=temperature)
        return path.read_bytes(), furthest


def _state_dict(model: ComplexLSTMModel) -> bytes:
    content = io.BytesIO()
    export_state_dict(model, content)
    return content.getvalue()
