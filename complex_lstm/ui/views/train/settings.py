"""The settings form of the Train page, made from the settings schema: size, length and strategies of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from complex_lstm.config import ModelConfig, Task, TrainingConfig
from complex_lstm.runs.plan import suggest_batch_size, suggest_epochs
from complex_lstm.settings import Setting, as_text, from_text, settings_of

SIZES = {32: "small", 64: "medium", 256: "full size"}  # by hidden channels
# For classes, small random changes of the windows: with them more windows of unseen people and series are classified correctly
# (sample_data/README.md, benchmarks/README.md). Forecasts are trained on the windows as they are.
SUGGESTED: dict[Task, dict[str, Any]] = {"classes": {"noise": 0.1, "jitter": 0.1, "warp": 0.1, "label_smoothing": 0.05}, "values": {}}
OF_THE_OTHER_TASK: dict[Task, str] = {"classes": "fitted_scale", "values": "class_weights"}


@dataclass(frozen=True)
class Settings:
    """The visitor's settings: the name, and the fields of ModelConfig and TrainingConfig by name, kernels as text."""

    name: str
    sizes: dict[str, Any]
    training: dict[str, Any]

    def model(self, features: int, outputs: int) -> ModelConfig:
        """Return the model with this many inputs and outputs.

        Raises:
            ConfigError: no model can have these sizes together.
        """
        read = {one.name: from_text(one, self.sizes[one.name]) for one in settings_of(ModelConfig) if _is_text(one)}
        return ModelConfig(input_dim=features, output_dim=outputs, **self.sizes | read)

    @property
    def config(self) -> TrainingConfig:
        """The training's settings.

        Raises:
            ConfigError: no run can have them together.
        """
        return TrainingConfig(**self.training)


@dataclass(frozen=True)
class Initial:
    """The initial values of the form. The key is part of the widgets' keys: another key gives a new form."""

    key: str
    model: ModelConfig
    training: TrainingConfig


def suggest(windows: int, *, task: Task, data: str) -> Initial:
    """Return initial values for a file with this many training windows; `data` is its key."""
    training = TrainingConfig(epochs=suggest_epochs(windows), batch_size=suggest_batch_size(windows), **SUGGESTED[task])
    sizes = {one.name: one.initial for one in settings_of(ModelConfig) if one.group == "model"}
    return Initial(data, ModelConfig(**sizes), training)


def size_name(hidden: int) -> str:
    """Return a size in words."""
    return SIZES.get(hidden, f"{hidden} channels")


def settings_form(initial: Initial, *, task: Task) -> Settings:
    """Draw the form and return the settings. A setting without a widget keeps its initial value."""
    length = _group("length")
    first, *places = st.columns([4] + [1] * len(length), vertical_alignment="bottom")
    hidden = first.segmented_control(
        "Size, hidden channels", sorted({*SIZES, initial.model.hidden_dim}), default=initial.model.hidden_dim, required=True,
        key=f"train_size_{initial.key}", format_func=lambda one: f"{SIZES[one]} ({one})" if one in SIZES else size_name(one),
    )  # fmt: skip
    chosen = {one.name: _widget(one, initial.training, initial.key, place) for one, place in zip(length, places, strict=True)}
    left, right = st.columns(2)
    with left.expander("Strategies", key=f"train_strategies_{initial.key}"):
        offered = [one for one in _group("strategy") if one.name != OF_THE_OTHER_TASK[task]]
        chosen |= {one.name: _widget(one, initial.training, initial.key) for one in offered}
    with right.expander("More settings", key=f"train_more_{initial.key}"):
        name = st.text_input("Name of the run", max_chars=80, key=f"train_name_{initial.key}", placeholder="that of the data and the size")
        other = st.number_input(
            "Another number of hidden channels", 1, value=None, key=f"train_hidden_dim_{initial.key}", placeholder="that of the size",
            help="Instead of the size above: a multiple of the attention heads. Time grows about with its square.",
        )  # fmt: skip
        sizes = {one.name: _widget(one, initial.model, initial.key) for one in _group("model") if one.name != "hidden_dim"}
        chosen |= {one.name: _widget(one, initial.training, initial.key) for one in _group("more")}
    if other:
        st.caption(f"More settings has {size_name(int(other))} instead of the size above.")
    return Settings(name, sizes | {"hidden_dim": int(other or hidden or initial.model.hidden_dim)}, vars(initial.training) | chosen)


def _group(name: str) -> list[Setting]:
    """Return the settings of a group, switches first."""
    found = [one for kind in (ModelConfig, TrainingConfig) for one in settings_of(kind) if one.group == name]
    return sorted(found, key=lambda one: one.kind is not bool)


def _is_text(one: Setting) -> bool:
    return not one.choices and one.kind not in (int, float, bool)


def _widget(one: Setting, initial: Any, form: str, place: Any = st) -> Any:
    """Draw the widget for a setting's type, with its initial value, and return its value."""
    value, key = getattr(initial, one.name), f"train_{one.name}_{form}"
    if one.kind is bool:
        return place.toggle(one.label, value, key=key, help=one.help)
    if one.choices:
        return place.selectbox(one.label, one.choices, one.choices.index(value), key=key, help=one.help)
    if _is_text(one):
        return place.text_input(one.label, as_text(value), key=key, help=one.help)
    least, most = one.kind(one.at_least or 0), None if one.at_most is None else one.kind(one.at_most)
    if one.kind is int:
        return int(place.number_input(one.label, least, most or max(10_000, value), value, key=key, help=one.help))
    step = one.step or value / 2 or 0.01
    return float(place.number_input(one.label, least, most, value, key=key, help=one.help, format="%g", step=step))
