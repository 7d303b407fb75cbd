"""A model with derived features on the pages: made again from the raw file, and shown as what they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch

from complex_lstm.config import DerivedFeature, Roles, SplitConfig, WindowConfig
from complex_lstm.data import prepare_training, read_csv
from complex_lstm.model import Checkpoint, ComplexLSTMModel
from complex_lstm.model.checkpoint import save_checkpoint
from complex_lstm.ui.compute.visitor import open_workspace
from tests.model.lively import liven
from tests.pages.conftest import Show
from tests.ui.own_file import SIZES, OwnFile


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OwnFile:
    """An hourly file and a lively model that reads x, the age of x, and the hour of the day."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    hours = pd.date_range("2021-03-01", periods=120, freq="h")
    frame = pd.DataFrame({"time": hours, "x": [None if n % 5 == 2 else n % 24 for n in range(120)]})
    kept = open_workspace().keep("data", frame.to_csv(index=False).encode(), "hours.csv")
    roles, derived = Roles(("x",), ("x",), "values", time="time"), (DerivedFeature("age", "x"), DerivedFeature("hour of day"))
    made = prepare_training(read_csv(kept.path.read_bytes(), kept.name), roles, WindowConfig(12, 6), SplitConfig(), derived)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = liven(ComplexLSTMModel(4, output_dim=1, **SIZES))  # type: ignore[arg-type]
    assert isinstance(model, ComplexLSTMModel)
    file = tmp_path / "made.safetensors"
    save_checkpoint(Checkpoint(model, made.schema, made.window, SplitConfig(), made.scaling, made.table.fingerprint), file)
    return OwnFile(kept.key, open_workspace().keep("model", file.read_bytes(), "own.safetensors", suffix=".safetensors").key)


@pytest.mark.parametrize(
    ("page", "selection"), [("explain", {}), ("explain", {"focus": "importance"}), ("check", {"view": "faithfulness"})]
)
def test_attributions_say_what_a_derived_feature_is(show: Show, own: OwnFile, page: str, selection: dict[str, str]) -> None:
    app = show(page, data=own.data, model=own.model, window=0, **selection)

    assert not app.exception and not app.error
    said = " ".join(one.value for one in app.caption).replace("\\", "")
    assert "made from time: the hour of day as an angle" in said and "time steps since x was last seen" in said


@pytest.mark.parametrize("page", ["data", "experiment", "train"])
def test_the_other_pages_make_the_derived_features_too(show: Show, own: OwnFile, page: str) -> None:
    app = show(page, data=own.data, model=own.model)

    assert not app.exception and not app.error
    assert page != "experiment" or any("An edit of a column leaves them as they are" in one.value for one in app.caption)
