"""Windows with answers that are made so that their errors are known."""

import io

import numpy as np
import pandas as pd

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training, read_csv
from complex_lstm.evaluation.answered import AnsweredWindows


def prepared(frame: pd.DataFrame, roles: Roles, *, length: int = 6, split: SplitConfig | None = None, stride: int = 1) -> Dataset:
    """Return a frame as windows."""
    buffer = io.BytesIO(frame.to_csv(index=False).encode())
    return prepare_training(read_csv(buffer.getvalue(), "made.csv"), roles, WindowConfig(length, stride), split or SplitConfig("time"))


def hours(days: int = 80, *, seed: int = 0, empty: float = 0.1) -> pd.DataFrame:
    """Return hourly values of two features, from a Monday on, some cells of the second empty."""
    generator = np.random.default_rng(seed)
    count = 24 * days
    second = generator.normal(size=count)
    second[generator.random(count) < empty] = np.nan
    times = pd.date_range("2024-01-01", periods=count, freq="h")
    return pd.DataFrame({"time": times, "first": generator.normal(50, 2, size=count).round(3), "second": second.round(3)})


FORECAST = Roles(("first", "second"), ("first",), "values", time="time")


def with_errors(dataset: Dataset, windows: np.ndarray, errors: np.ndarray) -> AnsweredWindows:
    """Return windows whose prediction is off by given errors, in training deviations."""
    actual = dataset.windows.actual[windows]
    predicted = actual + (errors if errors.ndim == 2 else errors[:, None]) * np.array(dataset.scaling.target_std)
    return AnsweredWindows(dataset, windows, predicted, predicted, actual)


def answered_training(dataset: Dataset) -> np.ndarray:
    """Return the windows of the training part whose answers are known."""
    windows = dataset.windows.of_part("training")
    return windows[~np.isnan(dataset.windows.actual[windows]).any(axis=1)]
