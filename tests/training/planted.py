"""Small data sets to train on."""

import io

import numpy as np
import pandas as pd

from complex_lstm.config import ModelConfig, Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, guess_roles, prepare_training, read_csv
from complex_lstm.data.planted import make_planted, planted_frame

SMALL = ModelConfig(9, 16, 1, 4, 3, 0.1)
BY_SERIES = SplitConfig("series")


def planted_dataset(windows: int = 40, split: SplitConfig = BY_SERIES) -> Dataset:
    content = planted_frame(make_planted("order", windows, seed=0)).to_csv(index=False).encode()
    table = read_csv(content, "planted.csv")
    return prepare_training(table, guess_roles(table).roles, WindowConfig(length=50, whole_series=True), split)


def forecast_dataset(*, as_change: bool = False, values: np.ndarray | None = None) -> Dataset:
    """Return windows of four steps over one series of 60, whose target is the next value of its one feature."""
    series = np.sin(np.arange(60) / 4) if values is None else values
    buffer = io.BytesIO(pd.DataFrame({"t": np.arange(60), "v": series}).to_csv(index=False).encode())
    roles = Roles(("v",), ("v",), "values", time="t")
    return prepare_training(read_csv(buffer.getvalue(), "v.csv"), roles, WindowConfig(length=4, as_change=as_change), SplitConfig("time"))
