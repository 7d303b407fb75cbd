"""See inside a time-series model: ComplexLSTM, its trace, its explanations and what becomes of them without one of its parts.

What stands in `__all__` is public, and is found by its first use: torch, pandas and Captum are imported then, not with the package.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from complex_lstm.config import ModelConfig, Roles, Scaling, Schema, SplitConfig, TrainingConfig, WindowConfig
    from complex_lstm.data import Dataset, guess_roles, prepare_for, prepare_training, read_csv, suggest_split, suggest_window
    from complex_lstm.errors import ComplexLSTMError
    from complex_lstm.inference import Predictions, predict, prediction_frame
    from complex_lstm.interpretation import (
        BASELINES,
        METHODS,
        Explanation,
        ExplanationRequest,
        Verdict,
        explain,
        explain_frame,
        judge,
        make_request,
        request_for,
    )
    from complex_lstm.metrics import ClassScores, ValueScores, score
    from complex_lstm.model import BareCheckpoint, Checkpoint, ComplexLSTMModel, Trace, load_checkpoint, save_checkpoint
    from complex_lstm.model.interventions import (
        AverageEnsembleHead,
        Change,
        DropPositions,
        ForceGate,
        ForceGateChannels,
        Patch,
        PatchSteps,
        ReplacePooled,
        SilenceAttention,
        SilenceEnsembleHead,
        SilenceHead,
        SilencePooled,
        SilenceScale,
        SkipBlock,
        UniformAttention,
        UniformHead,
        component_interventions,
        first_change,
    )
    from complex_lstm.samples import SAMPLES, Sample
    from complex_lstm.training import fit

__all__ = [
    "BASELINES", "METHODS", "SAMPLES", "AverageEnsembleHead", "BareCheckpoint", "Change", "Checkpoint", "ClassScores",
    "ComplexLSTMError", "ComplexLSTMModel", "Dataset", "DropPositions", "Explanation", "ExplanationRequest", "ForceGate",
    "ForceGateChannels", "ModelConfig", "Patch", "PatchSteps", "Predictions", "ReplacePooled", "Roles", "Sample", "Scaling",
    "Schema", "SilenceAttention", "SilenceEnsembleHead", "SilenceHead", "SilencePooled", "SilenceScale", "SkipBlock",
    "SplitConfig", "Trace", "TrainingConfig", "UniformAttention", "UniformHead", "ValueScores", "Verdict", "WindowConfig",
    "component_interventions", "explain", "explain_frame", "first_change", "fit", "guess_roles", "judge", "load_checkpoint", "make_request",
    "predict", "prediction_frame", "prepare_for", "prepare_training", "read_csv", "request_for", "save_checkpoint", "score",
    "suggest_split", "suggest_window",
]  # fmt: skip
__version__ = "0.1.0"

# Where the public names live: what is imported faster comes first, so that no name waits for a library which it does not need.
_ROOMS = ("config", "errors", "samples", "model", "model.interventions", "data", "inference", "metrics", "interpretation", "training")


if not TYPE_CHECKING:  # or a type checker would believe that the package has any name

    def __getattr__(name: str) -> Any:
        """Return a public name at its first use (PEP 562)."""
        if name in __all__:
            for room in _ROOMS:
                module = import_module(f"{__name__}.{room}")
                if hasattr(module, name):
                    return globals().setdefault(name, getattr(module, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
