"""A model is taken along from its card and from Check: what is downloaded gives what the model gives."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from complex_lstm import load_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.jobs import job_queue
from tests.model.lively import random_windows
from tests.pages.conftest import Show
from tests.pages.looking import all_words, finished


@pytest.mark.parametrize("selection", [{"model": "planted_shape"}, {"data": "planted_shape", "model": "planted_shape"}])
def test_the_downloads_stand_on_the_card_and_on_check(show: Show, selection: dict[str, str]) -> None:
    app = show("check", **selection)
    finished(app)

    labels = [one.label for one in app.get("download_button")]
    assert {"Checkpoint (.safetensors)", "Weights alone (.pt)"} <= set(labels) and "Model (.onnx)" not in labels
    assert app.button(key="onnx_start").label == "Make the ONNX file"


@pytest.mark.usefixtures("shapes_unchecked")  # the exporter's sizes are symbols
@torch.no_grad()
def test_the_onnx_file_is_made_when_asked_for_and_gives_what_the_model_gives(show: Show, tmp_path: Path) -> None:
    app = show("check", model="planted_shape")
    app.button(key="onnx_start").click().run()
    finished(app)

    assert "ONNX Runtime's outputs lie" in all_words(app)
    assert "Model (.onnx)" in [one.label for one in app.get("download_button")]
    content, furthest = job_queue().find(("onnx", "planted_shape")).result
    (tmp_path / "m.onnx").write_bytes(content)
    model = load_checkpoint(SAMPLES["planted_shape"].checkpoint).model
    x = random_windows(4, 30, model.config.input_dim)
    given = onnxruntime.InferenceSession(tmp_path / "m.onnx").run(None, {"x": x.numpy()})[0]
    assert furthest < 1e-6 and np.abs(given - model(x).numpy()).max() < 2e-6 * np.abs(given).max()
