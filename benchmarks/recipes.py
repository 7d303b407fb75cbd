"""What the training strategies are tried on: the samples, with recipes like theirs that take seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import Dataset, guess_roles, prepare_training, read_csv
from complex_lstm.data.planted import NAMES, Kind, make_planted, planted_frame
from complex_lstm.samples import SAMPLES

EPOCHS, HIDDEN, BLOCKS, HEADS = 12, 32, 4, 8
WEATHER_SPLIT = SplitConfig("time", validation=0.05, test=0.1)
THINNED = 8  # of as many series of the rare class one is kept
RARE = "planted_order, one class rare"


@dataclass(frozen=True)
class Setting:
    """What to train on, how, and the windows of the same file that the model is scored on, of which it saw none."""

    learned: Dataset
    scored: Dataset
    split: SplitConfig
    size: ModelConfig
    training: TrainingConfig


def planted(kind: Kind, learned: int, *, seed: int, rare: bool = False) -> Setting:
    """Return a planted task with about as many series to learn from, 100 to choose the epoch by, and 1,000 to score on.

    The seed draws the series too. With `rare` most series of the last class are left out of all parts.
    """
    series = learned + 1100
    frame = planted_frame(make_planted(kind, series, seed=seed))
    if rare:
        number = frame["series_id"].str[1:].astype(int)
        frame = frame[(frame["label"] != NAMES[kind][-1]) | (number % THINNED == 0)]
    split = SplitConfig("series", validation=100 / series, test=1000 / series, seed=seed)
    table = read_csv(frame.to_csv(index=False).encode(), f"planted_{kind}.csv")
    dataset = prepare_training(table, guess_roles(table).roles, WindowConfig(whole_series=True), split)
    recipe = {"batch_size": 32, "learning_rate": 3e-3} if kind == "order" else {"learning_rate": 2e-3, "noise": 0.2, "jitter": 0.1}
    return _setting(dataset, dataset, split, dropout=0.1 if kind == "order" else 0.0, seed=seed, **recipe)


def shoulder(seed: int, *, stride: int = 100) -> Setting:
    """Return the exercises of four people, and all windows of two others, whom the seed draws. The last epoch is kept."""
    table = read_csv(SAMPLES["shoulder_exercises"].csv)
    roles, split = replace(guess_roles(table).roles, group="subject"), SplitConfig("group", validation=0.0, test=0.34, seed=seed)
    learned, scored = (prepare_training(table, roles, WindowConfig(100, step), split) for step in (stride, 25))
    return _setting(learned, scored, split, dropout=0.2, seed=seed, batch_size=32, noise=0.1, jitter=0.1, label_smoothing=0.05)


def weather(seed: int, *, stride: int = 18) -> Setting:
    """Return the weather until late September with few windows, and all windows of October."""
    return _setting(weather_data(stride), weather_data(1), WEATHER_SPLIT, dropout=0.1, seed=seed, batch_size=32)


def weather_data(stride: int) -> Dataset:
    """Return the weather in windows of two days that begin so many hours apart; three targets are learned as their change."""
    table = read_csv(SAMPLES["nyc_weather"].csv)
    roles = replace(guess_roles(table).roles, targets=("temp", "humid", "pressure"), task="values")
    return prepare_training(table, roles, WindowConfig(48, stride, as_change=True), WEATHER_SPLIT)


def _setting(learned: Dataset, scored: Dataset, split: SplitConfig, *, dropout: float, seed: int, **recipe: Any) -> Setting:
    size = ModelConfig(len(learned.schema.roles.features), HIDDEN, BLOCKS, HEADS, len(learned.schema.outputs), dropout)
    return Setting(learned, scored, split, size, TrainingConfig(epochs=EPOCHS, patience=EPOCHS, seed=seed, **recipe))


SETTINGS: dict[str, Callable[[int], Setting]] = {
    "planted_order": lambda seed: planted("order", 300, seed=seed),
    RARE: lambda seed: planted("order", 600, seed=seed, rare=True),
    "planted_shape": lambda seed: planted("shape", 2400, seed=seed),
    "shoulder_exercises": shoulder,
    "nyc_weather": weather,
}
