"""A score as a sentence of the command line."""

from __future__ import annotations

from complex_lstm.data import Dataset
from complex_lstm.metrics import ClassScores, ValueScores


def in_words(result: ClassScores | ValueScores | None, dataset: Dataset) -> str:
    """Return a score as a sentence, with that of a trivial rule."""
    if isinstance(result, ClassScores):
        return f"Accuracy {result.accuracy:.3f} on {result.windows} windows (the commonest class alone: {result.largest:.3f})."
    if isinstance(result, ValueScores):
        names = dataset.schema.outputs
        lines = [
            f"{name}: R² {r2:.3f} (repeating the last value {r2_of_last:.3f}), "
            f"mean absolute error {' '.join([f'{mae:.4g}', dataset.schema.unit(name)]).strip()} ({mae_of_last:.4g})."
            for name, r2, r2_of_last, mae, mae_of_last in zip(
                names, result.r2, result.persistence_r2, result.mae, result.persistence_mae, strict=True
            )
        ]
        errors = ", ".join(f"{name} {error:.4f}" for name, error in zip(names, result.squared_error, strict=True))
        lines.append(
            f"Squared error in variances: mean {result.squared_error.mean():.4f} ({errors}), "
            f"repeating the last value {result.persistence.mean():.4f}."
        )
        return "\n".join(lines)
    return "Nothing to score: no window has both an answer and a prediction."
