"""Small data sets with known answers, for the tests of simple models."""

import numpy as np
import pandas as pd

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training, read_csv


def of_frame(frame: pd.DataFrame, roles: Roles, window: WindowConfig, split: SplitConfig) -> Dataset:
    return prepare_training(read_csv(frame.to_csv(index=False).encode(), "made.csv"), roles, window, split)


def hours(
    count: int = 24 * 30, *, targets: int = 1, features: int = 2, step: str = "h", drop: slice | None = None, **window: object
) -> Dataset:
    """Return forecasts of the first columns of a table whose values follow the day, with noise; `drop` leaves rows out."""
    random = np.random.default_rng(0)
    day = np.sin(2 * np.pi * np.arange(count) / 24)
    values = {f"x{n}": (10 * (n + 1) * day + random.normal(size=count)).round(4) for n in range(max(features, targets))}
    frame = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=count, freq=step), **values})
    if drop is not None:
        frame = frame.drop(frame.index[drop])
    roles = Roles(tuple(values)[:features], tuple(values)[:targets], "values", time="time")
    return of_frame(frame, roles, WindowConfig(**({"length": 12} | window)), SplitConfig("time"))  # type: ignore[arg-type]


def kinds(series: int = 60, *, features: int = 3, lengths: tuple[int, ...] = (20,), classes: int = 2, seed: int = 0) -> Dataset:
    """Return whole series of some lengths, whose class is which feature has a step in its middle."""
    random = np.random.default_rng(seed)
    frames = []
    for number in range(series):
        length, kind = lengths[number % len(lengths)], number % classes
        x = random.normal(size=(length, features)).round(3)
        x[length // 2 :, kind] += 3
        frame = pd.DataFrame(x, columns=[f"x{n}" for n in range(features)])
        frames.append(frame.assign(series=f"s{number}", step=np.arange(length), kind=f"k{kind}"))
    roles = Roles(tuple(f"x{n}" for n in range(features)), ("kind",), "classes", series="series", time="step")
    return of_frame(pd.concat(frames), roles, WindowConfig(whole_series=True), SplitConfig("series"))
