"""Pages with a checkpoint whose arithmetic overflows: a window without a finite output has no prediction, and breaks nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from complex_lstm.config import Task
from complex_lstm.model.checkpoint import load_checkpoint, save_checkpoint
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.explaining.part_scores import window_errors
from tests.pages.conftest import Show
from tests.ui.own_file import OwnFile, keep_own

PAGES = [
    ("explain", {}), *[("explain", {"focus": pane}) for pane in ("importance", "prediction", "gate", "attention", "heads")],
    ("experiment", {}), ("experiment", {"focus": "switch"}), ("experiment", {"focus": "compare", "versus": "window", "other": "1"}),
    ("check", {}), ("check", {"view": "faithfulness"}), ("data", {}), ("tour", {"tour": "2"}),
]  # fmt: skip


def overflowing(task: Task, layer: str, factor: float) -> OwnFile:
    """Return a kept file and a model for it, one of whose layers has weights so large that float32 overflows."""
    own = keep_own(task=task)
    loaded = load_checkpoint(open_workspace().find("model", own.model).path)
    with torch.no_grad():
        weight = loaded.model.get_submodule(layer).weight
        weight.copy_(torch.sign(weight) * factor)
    file = open_workspace().folder / "overflowing.safetensors"
    save_checkpoint(loaded, file)
    return OwnFile(own.data, open_workspace().keep("model", file.read_bytes(), "overflowing.safetensors", suffix=".safetensors").key)


def last_layer(own: OwnFile) -> str:
    names = [name for name, _ in cache.checkpoint(own.model).model.named_modules() if name.startswith("ensemble_combiner.")]
    return names[-1]


@pytest.fixture(params=["classes", "values"])
def own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OwnFile:
    """A model all of whose outputs are infinite or NaN."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return overflowing(request.param, "input_proj.0", 3e38)


@pytest.mark.parametrize(("page", "selection"), PAGES)
def test_no_page_breaks_or_names_a_prediction(show: Show, own: OwnFile, page: str, selection: dict[str, str]) -> None:
    app = show(page, data=own.data, model=own.model, window=0, **selection)

    assert not app.exception
    said = " ".join(one.value for one in [*app.error, *app.warning, *app.markdown, *app.info])
    assert "Predicted:" not in said and "The prediction is" not in said
    if page != "data":
        assert "no prediction" in said or "scored" in said


@pytest.fixture
def mixed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[OwnFile, int]:
    """A model that overflows in some windows only, and a window that has a prediction."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    layer = last_layer(keep_own())
    measured = overflowing("classes", layer, 1e30)
    sizes = np.abs(cache.predictions((measured.data, measured.model, "", 0)).outputs).max(axis=1) / 1e30
    own = overflowing("classes", layer, 3.4e38 / float(np.median(sizes)))
    finite = np.isfinite(cache.predictions((own.data, own.model, "", 0)).predicted).all(axis=1)
    assert finite.any() and not finite.all()
    return own, int(np.flatnonzero(finite)[0])


@pytest.mark.parametrize(("page", "selection"), [("explain", {"focus": "heads"}), ("check", {}), ("experiment", {"focus": "switch"})])
def test_the_windows_that_have_a_prediction_are_shown_beside_those_that_have_none(
    show: Show, mixed: tuple[OwnFile, int], page: str, selection: dict[str, str]
) -> None:
    own, window = mixed

    app = show(page, data=own.data, model=own.model, window=window, **selection)

    assert not app.exception
    assert not any("has no prediction" in one.value and f"Window {window}" in one.value for one in app.error)


def test_errors_of_windows_without_a_prediction_are_unknown(mixed: tuple[OwnFile, int]) -> None:
    own, _ = mixed
    keys = (own.data, own.model, "", 0)
    predictions = cache.predictions(keys)

    errors = window_errors(cache.dataset(*keys), predictions)

    assert (np.isnan(errors) == np.isnan(predictions.predicted).any(axis=1)).all()
