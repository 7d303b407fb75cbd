"""The settings that travel: frozen values with no tensor, frame or widget in them, to and from JSON."""

from complex_lstm.config.codec import LARGEST, LONE_HALF, STORED_IF_SET, from_json, revive, to_json
from complex_lstm.config.data import (
    COLDEST,
    HOTTEST,
    OF_COLUMN,
    DerivedFeature,
    DerivedKind,
    MissingPolicy,
    Roles,
    Scaling,
    Schema,
    SplitConfig,
    SplitKind,
    Task,
    WindowConfig,
)
from complex_lstm.config.model import SCALES, Kernels, ModelConfig, kernel_names
from complex_lstm.config.training import GRADUAL_EPOCHS, LogKind, MixedPrecision, ProcessStrategy, TrainingConfig

__all__ = [
    "COLDEST",
    "DerivedFeature",
    "DerivedKind",
    "GRADUAL_EPOCHS",
    "HOTTEST",
    "Kernels",
    "LARGEST",
    "LONE_HALF",
    "LogKind",
    "MissingPolicy",
    "MixedPrecision",
    "ModelConfig",
    "OF_COLUMN",
    "ProcessStrategy",
    "Roles",
    "SCALES",
    "STORED_IF_SET",
    "Scaling",
    "Schema",
    "SplitConfig",
    "SplitKind",
    "Task",
    "TrainingConfig",
    "WindowConfig",
    "from_json",
    "kernel_names",
    "revive",
    "to_json",
]
