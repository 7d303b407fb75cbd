"""The settings of a model that can be varied: their names for people, and their values as text and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from complex_lstm.config import Kernels, ModelConfig
from complex_lstm.errors import ConfigError

SETTINGS = {
    "hidden_dim": "Hidden channels",
    "num_lstm_layers": "BiLSTM blocks",
    "num_heads": "Attention heads",
    "dropout": "Dropout",
    "kernels": "Kernel sizes",
}


@dataclass(frozen=True)
class Varied:
    """A setting and the values that it is given, as text."""

    setting: str
    values: tuple[str, ...]


def value_of(model: ModelConfig, setting: str) -> str:
    """Return a model's value of a setting as text: 64, 0.3, or kernels as 3-5-7/3-5-9."""
    return as_text(getattr(model, setting))


def as_text(value: int | float | Kernels) -> str:
    """Return a value as text."""
    if isinstance(value, tuple):
        return "/".join("-".join(map(str, stage)) for stage in value)
    return f"{value:g}"


def with_value(model: ModelConfig, setting: str, value: str) -> ModelConfig:
    """Return a model with another value of a setting.

    Raises:
        ConfigError: there is no such setting, the value is none of it, or no model can have it beside the other values.
    """
    if setting not in SETTINGS:
        raise ConfigError(f"There is no setting {setting!r} to vary. Choose among {', '.join(SETTINGS)}.")
    changes: dict[str, Any] = {setting: read_kernels(value) if setting == "kernels" else _read_number(setting, value)}
    try:
        return replace(model, **changes)
    except ConfigError as error:
        raise ConfigError(f"{setting} cannot be {value} here. {error}") from error


def read_kernels(text: str) -> Kernels:
    """Return the kernels of both stages from text such as 3-5-7/3-5-9.

    Raises:
        ConfigError: it is not such a text. Whether a model can have these widths is not looked at.
    """
    try:
        first, second = (tuple(int(width) for width in stage.split("-")) for stage in text.split("/"))
    except ValueError:
        raise ConfigError(f"{text!r} are no kernels. Write the widths of both stages as 3-5-7/3-5-9.") from None
    return first, second


def suggest_values(model: ModelConfig) -> tuple[Varied, ...]:
    """Return values of each setting to try beside a model's own: half and twice, and kernels two steps narrower and wider."""
    kernels = [tuple(tuple(width + more for width in stage) for stage in model.kernels) for more in (-2, 2)]
    tried: list[tuple[str, list[Any]]] = [
        *((name, [getattr(model, name) // 2, 2 * getattr(model, name)]) for name in ("hidden_dim", "num_lstm_layers", "num_heads")),
        ("dropout", [0.1, 0.3, 0.5]),
        ("kernels", kernels),
    ]
    return tuple(Varied(name, tuple(as_text(value) for value in values if _can_have(model, name, value))) for name, values in tried)


def _can_have(model: ModelConfig, setting: str, value: Any) -> bool:
    try:
        return replace(model, **{setting: value}) != model
    except ConfigError:
        return False


def _read_number(setting: str, text: str) -> int | float:
    kind, kinds = (float, "a number") if setting == "dropout" else (int, "a whole number")
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(f"{setting} is {text!r}, expected {kinds}.") from None
