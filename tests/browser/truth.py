"""What the screen has to show, computed by the library alone from the files that ship."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from complex_lstm import ComplexLSTMModel, Trace
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.samples import SAMPLES

STRIDE = 24  # so few windows that a page takes no time


@dataclass(frozen=True)
class Truth:
    """A shipped model, and a file as that model sees it."""

    model: ComplexLSTMModel
    dataset: Dataset

    def trace(self, window: int) -> Trace:
        with torch.no_grad():
            return self.model.trace(torch.from_numpy(self.dataset.windows.inputs(np.array([window]))))


@cache
def truth_of(sample: str, *, other_file: Path | None = None, stride: int = STRIDE) -> Truth:
    """Return a shipped model with its own data, or with another file, whose windows then are all new to it."""
    table, checkpoint = read_csv(other_file or SAMPLES[sample].csv), load_checkpoint(SAMPLES[sample].checkpoint)
    assert isinstance(checkpoint, Checkpoint)
    window = replace(checkpoint.window, stride=stride)
    split = checkpoint.split if table.fingerprint == checkpoint.fingerprint else None
    return Truth(checkpoint.model, prepare_for(table, checkpoint.schema, window, checkpoint.scaling, split))
