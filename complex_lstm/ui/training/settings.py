"""The questions of the Train page: how large, how long, and by which strategies."""

from __future__ import annotations

import typing
from dataclasses import dataclass, fields
from typing import Any, Literal

import streamlit as st

from complex_lstm.config import ModelConfig, Task, TrainingConfig
from complex_lstm.strategies import STRATEGIES

STEPS = 800  # of the optimizer: enough for a first model of most files, in a minute or a few
FEW_WINDOWS = 1000  # under which a batch is small, or an epoch would have hardly a step
SIZES = {32: "small", 64: "medium", 256: "the document's"}  # by hidden channels
# For classes, small random changes of the windows: with them more windows of unseen people and series are told right
# (sample_data/README.md, benchmarks/README.md). Values are learned from the windows as they are.
SUGGESTED: dict[Task, dict[str, float]] = {"classes": {"noise": 0.1, "jitter": 0.1, "warp": 0.1, "label_smoothing": 0.05}, "values": {}}
MORE = {
    "learning_rate": ("Learning rate", "The highest of the one cycle."),
    "weight_decay": ("Weight decay", "AdamW's: pulls weights towards zero."),
    "noise": ("Noise", "Standard deviation of noise on the scaled inputs while training."),
    "jitter": ("Jitter", "Standard deviation of a factor and an offset for each window and feature: for people or sensors that differ."),
    "warp": ("Warp", "Standard deviation of the logarithm of a window's speed while training: for people or machines at their own pace."),
    "label_smoothing": ("Label smoothing", "Share of a class label spread over all classes."),
    "moments": ("Moments", "How often the run keeps what a few windows look like inside the model, to be played afterwards; 0 for never."),
}


@dataclass(frozen=True)
class Settings:
    """How the visitor wants to train."""

    name: str
    hidden_dim: int
    dropout: float
    training: dict[str, Any]

    def model(self, features: int, outputs: int) -> ModelConfig:
        return ModelConfig(features, self.hidden_dim, output_dim=outputs, dropout=self.dropout)

    @property
    def config(self) -> TrainingConfig:
        """The training's settings.

        Raises:
            ConfigError: no run can have them together.
        """
        return TrainingConfig(**self.training)


def suggest_epochs(windows: int) -> int:
    """Return the epochs that give a run about 800 steps: 3 to 60."""
    return min(60, max(3, round(STEPS * suggest_batch_size(windows) / max(windows, 1))))


def suggest_batch_size(windows: int) -> int:
    """Return the windows of a batch: few where there are few, or an epoch would have hardly a step."""
    return 16 if windows < FEW_WINDOWS else 64


def ask_settings(windows: int, *, task: Task, data: str) -> Settings:
    """Draw the questions and return the answers. `windows` are those to train on; `data` tells one file's questions from another's."""
    first, second, third, fourth = st.columns([4, 1, 1, 1], vertical_alignment="bottom")
    size = first.segmented_control(
        "Size, hidden channels",
        list(SIZES),
        default=64,
        required=True,
        key=f"train_size_{data}",
        format_func=lambda hidden: f"{SIZES[hidden]} ({hidden})",
    )
    epochs = second.number_input("Epochs at most", 1, 1000, suggest_epochs(windows), key=f"train_epochs_{data}")
    batch = third.number_input("Batch size", 1, 4096, suggest_batch_size(windows), key=f"train_batch_{data}", help="Windows of a step.")
    seed = fourth.number_input("Seed", 0, 2**32 - 1, 0, key=f"train_seed_{data}", help="The same seed on the same machine: the same model.")
    left, right = st.columns(2)
    with left.expander("Strategies", key=f"train_strategies_{data}"):
        chosen = {
            field: _ask(field, text.label, text.sentence, data)
            for field, text in STRATEGIES.items()
            if task == "classes" or field != "class_weights"
        }
    with right.expander("More settings", key=f"train_more_{data}"):
        name = st.text_input("Name of the run", max_chars=80, key=f"train_name_{data}", placeholder="that of the data and the size")
        dropout = st.number_input(
            "Dropout",
            0.0,
            0.9,
            ModelConfig().dropout,
            0.05,
            key=f"train_dropout_{data}",
            help="Share of activations dropped while training.",
        )
        chosen |= {field: _ask(field, label, sentence, data, SUGGESTED[task].get(field)) for field, (label, sentence) in MORE.items()}
    chosen |= {"epochs": int(epochs), "batch_size": int(batch), "seed": int(seed)}
    return Settings(name, int(size or 64), float(dropout), chosen)


def _ask(field: str, label: str, sentence: str, data: str, suggested: float | None = None) -> Any:
    """Draw one setting as the kind of widget that its type wants, at what is suggested, else as usual."""
    default, kind = (_defaults() | ({} if suggested is None else {field: suggested}))[field], typing.get_type_hints(TrainingConfig)[field]
    key = f"train_{field}_{data}"
    if kind is bool:
        return st.toggle(label, default, key=key, help=sentence)
    if typing.get_origin(kind) is Literal:
        return st.selectbox(label, typing.get_args(kind), key=key, help=sentence)
    if kind is int:
        return int(st.number_input(label, 0 if field == "moments" else 1, 10_000, default, key=key, help=sentence))
    return float(st.number_input(label, 0.0, None, default, key=key, help=sentence, format="%g", step=default / 2 or 0.01))


def _defaults() -> dict[str, Any]:
    return {field.name: field.default for field in fields(TrainingConfig)}
