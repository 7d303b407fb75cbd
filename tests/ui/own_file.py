"""A small file of a visitor's own with an untrained model for it, kept in the workspace as an upload keeps them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from complex_lstm.config import Roles, SplitConfig, Task, WindowConfig
from complex_lstm.data import prepare_training
from complex_lstm.data.reading import read_csv
from complex_lstm.model import Checkpoint, ComplexLSTMModel
from complex_lstm.model.checkpoint import save_checkpoint
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from complex_lstm.ui.views.tour.position import window_of
from complex_lstm.ui.views.tour.window import TourWindow
from tests.model.lively import liven

SIZES = {"hidden_dim": 8, "num_lstm_layers": 2, "num_heads": 2}


@dataclass(frozen=True)
class OwnFile:
    """Keys of the kept file and of its model."""

    data: str
    model: str

    def window(self, number: int = 0) -> TourWindow:
        """Return a window of it as the tour sees it."""
        return window_of(chosen_scene(Selection.of(data=self.data, model=self.model, window=number)))


def keep_own(
    features: tuple[str, ...] = ("a", "b", "c"),
    *,
    task: Task = "classes",
    length: int = 12,
    steps: int = 60,
    as_change: bool = False,
    classes: tuple[str, ...] = ("low", "high"),
    target: str = "kind",
    **sizes: object,
) -> OwnFile:
    """Keep a file of random features, and a lively model for windows of a length. A value to predict is the first feature."""
    values = np.random.default_rng(0).standard_normal((steps, len(features))).cumsum(axis=0).round(3)
    frame = pd.DataFrame(values, columns=list(features))
    if task == "classes":
        frame[target] = [classes[step * 6 // steps % len(classes)] for step in range(steps)]
    kept = open_workspace().keep("data", frame.to_csv(index=False).encode(), "own.csv")
    split, targets = SplitConfig("time"), (target,) if task == "classes" else features[:1]
    window = WindowConfig(length, stride=max(1, length // 2), as_change=as_change)
    made = prepare_training(read_csv(kept.path.read_bytes(), kept.name), Roles(features, targets, task), window, split)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = liven(ComplexLSTMModel(len(features), output_dim=len(made.schema.outputs), **(SIZES | sizes)))  # type: ignore[arg-type]
    assert isinstance(model, ComplexLSTMModel)
    file = open_workspace().folder / "made.safetensors"
    save_checkpoint(Checkpoint(model, made.schema, made.window, split, made.scaling, made.table.fingerprint), file)
    return OwnFile(kept.key, open_workspace().keep("model", file.read_bytes(), "own.safetensors", suffix=".safetensors").key)
