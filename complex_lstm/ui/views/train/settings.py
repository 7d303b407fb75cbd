"""The questions of the Train page: how large, how long, and by which strategies."""

from __future__ import annotations

import typing
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from complex_lstm.config import ModelConfig, Task, TrainingConfig
from complex_lstm.runs.settings import SETTINGS, as_text, read_kernels
from complex_lstm.runs.suggest import suggest_batch_size, suggest_epochs
from complex_lstm.strategies import STRATEGIES

SIZES = {32: "small", 64: "medium", 256: "the document's"}  # by hidden channels
# For classes, small random changes of the windows: with them more windows of unseen people and series are told right
# (sample_data/README.md, benchmarks/README.md). Values are learned from the windows as they are.
SUGGESTED: dict[Task, dict[str, Any]] = {"classes": {"noise": 0.1, "jitter": 0.1, "warp": 0.1, "label_smoothing": 0.05}, "values": {}}
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
    """How the visitor wants to train; `kernels` as it was written."""

    name: str
    hidden_dim: int
    blocks: int
    heads: int
    kernels: str
    dropout: float
    training: dict[str, Any]

    def model(self, features: int, outputs: int) -> ModelConfig:
        """Return the model that is asked for.

        Raises:
            ConfigError: there can be none.
        """
        return ModelConfig(features, self.hidden_dim, self.blocks, self.heads, outputs, self.dropout, read_kernels(self.kernels))

    @property
    def config(self) -> TrainingConfig:
        """The training's settings.

        Raises:
            ConfigError: no run can have them together.
        """
        return TrainingConfig(**self.training)


@dataclass(frozen=True)
class Begin:
    """What the questions begin with. Those of another key are other questions, and begin anew."""

    key: str
    model: ModelConfig
    training: TrainingConfig


def suggest(windows: int, *, task: Task, data: str) -> Begin:
    """Return what suits a file with so many windows to train on; `data` is its key."""
    training = TrainingConfig(epochs=suggest_epochs(windows), batch_size=suggest_batch_size(windows), **SUGGESTED[task])
    return Begin(data, ModelConfig(hidden_dim=64), training)


def size_name(hidden: int) -> str:
    """Return a size in words."""
    return SIZES.get(hidden, f"{hidden} channels")


def ask_settings(begin: Begin, *, task: Task) -> Settings:
    """Draw the questions and return the answers. What is not asked stays as it begins."""
    key = begin.key
    size, length = _ask_size_and_length(begin)
    left, right = st.columns(2)
    with left.expander("Strategies", key=f"train_strategies_{key}"):
        offered = [field for field in STRATEGIES if task == "classes" or field != "class_weights"]
        chosen = {field: _ask(field, STRATEGIES[field].label, STRATEGIES[field].sentence, begin) for field in offered}
    with right.expander("More settings", key=f"train_more_{key}"):
        name = st.text_input("Name of the run", max_chars=80, key=f"train_name_{key}", placeholder="that of the data and the size")
        model = _ask_model(begin)
        chosen |= {field: _ask(field, label, sentence, begin) for field, (label, sentence) in MORE.items()}
    if model.hidden_dim:
        st.caption(f"More settings asks for {size_name(model.hidden_dim)} instead of the size above.")
    return replace(model, name=name, hidden_dim=model.hidden_dim or size, training=vars(begin.training) | chosen | length)


def _ask_size_and_length(begin: Begin) -> tuple[int, dict[str, Any]]:
    """Draw what everybody is asked, and return the hidden channels and the training's length."""
    first, second, third, fourth = st.columns([4, 1, 1, 1], vertical_alignment="bottom")
    usual, key, hidden = begin.training, begin.key, begin.model.hidden_dim
    size = first.segmented_control(
        "Size, hidden channels", sorted({*SIZES, hidden}), default=hidden, required=True, key=f"train_size_{key}",
        format_func=lambda hidden: f"{SIZES[hidden]} ({hidden})" if hidden in SIZES else size_name(hidden),
    )  # fmt: skip
    epochs = second.number_input("Epochs at most", 1, max(1000, usual.epochs), usual.epochs, key=f"train_epochs_{key}")
    batch = third.number_input(
        "Batch size", 1, max(4096, usual.batch_size), usual.batch_size, key=f"train_batch_{key}", help="Windows of a step."
    )
    seed = fourth.number_input(
        "Seed", 0, 2**32 - 1, usual.seed, key=f"train_seed_{key}", help="The same seed on the same machine: the same model."
    )
    return int(size or 64), {"epochs": int(epochs), "batch_size": int(batch), "seed": int(seed)}


def _ask_model(begin: Begin) -> Settings:
    """Draw what is asked of the model beside its size, and return it; `hidden_dim` 0 leaves that to the size."""
    model, key = begin.model, begin.key
    other = st.number_input(
        "Another number of hidden channels",
        1,
        value=None,
        key=f"train_hidden_{key}",
        placeholder="that of the size",
        help="Instead of the size above: a multiple of the attention heads. Time grows about with its square.",
    )
    first, second = st.columns(2)
    blocks = first.number_input(
        SETTINGS["num_lstm_layers"], 1, max(64, model.num_lstm_layers), model.num_lstm_layers, key=f"train_blocks_{key}",
        help="One after another; most of the time goes into them.",
    )  # fmt: skip
    heads = second.number_input(
        SETTINGS["num_heads"], 1, max(256, model.num_heads), model.num_heads, key=f"train_heads_{key}",
        help="Of each attention layer; the hidden channels are shared out among them.",
    )  # fmt: skip
    kernels = st.text_input(
        SETTINGS["kernels"], as_text(model.kernels), key=f"train_kernels_{key}",
        help="Time steps that each convolution looks at, three odd numbers for each stage: 3-5-7/3-5-9.",
    )  # fmt: skip
    dropout = st.number_input(
        "Dropout", 0.0, 0.99, model.dropout, 0.05, key=f"train_dropout_{key}", help="Share of activations dropped while training."
    )
    return Settings("", int(other or 0), int(blocks), int(heads), kernels, float(dropout), {})


def _ask(field: str, label: str, sentence: str, begin: Begin) -> Any:
    """Draw one setting as the kind of widget that its type wants, at what it begins with."""
    value, kind = getattr(begin.training, field), typing.get_type_hints(TrainingConfig)[field]
    key = f"train_{field}_{begin.key}"
    if kind is bool:
        return st.toggle(label, value, key=key, help=sentence)
    if typing.get_origin(kind) is Literal:
        options = typing.get_args(kind)
        return st.selectbox(label, options, options.index(value), key=key, help=sentence)
    if kind is int:
        return int(st.number_input(label, 0 if field == "moments" else 1, max(10_000, value), value, key=key, help=sentence))
    return float(st.number_input(label, 0.0, None, value, key=key, help=sentence, format="%g", step=value / 2 or 0.01))
