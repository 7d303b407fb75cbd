"""Means and standard deviations of the training part, and the way back to the file's units."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from complex_lstm.config import Scaling, WindowConfig
from complex_lstm.data.series import Series
from complex_lstm.data.splitting import Span


def fit_scaling(series: tuple[Series, ...], spans: tuple[Span, ...], window: WindowConfig) -> Scaling:
    """Return the scaling of the cells seen in the training spans. A column that never changes gets the scale 1."""
    training = [(series[span.series], span) for span in spans if span.part == "training"]
    features = np.concatenate([one.values[span.start : span.stop] for one, span in training])
    targets = [one.targets[span.start : span.stop] for one, span in training]
    if window.as_change:
        targets = [values[window.horizon :] - values[: -window.horizon] for values in targets]
    return Scaling(*_moments(features), *_moments(np.concatenate(targets)))


def scale(values: Float[np.ndarray, "*shape feature"], scaling: Scaling) -> Float[np.ndarray, "*shape feature"]:
    """Return features in standard deviations from their training means, as float32."""
    return ((values - np.array(scaling.feature_mean)) / np.array(scaling.feature_std)).astype(np.float32)


def unscale(values: Float[np.ndarray, "*shape feature"], scaling: Scaling) -> Float[np.ndarray, "*shape feature"]:
    """Return scaled features in the file's units."""
    return values * np.array(scaling.feature_std) + np.array(scaling.feature_mean)


def scale_targets(
    actual: Float[np.ndarray, "window target"],
    last: Float[np.ndarray, "window target"],
    scaling: Scaling,
    window: WindowConfig,
) -> Float[np.ndarray, "window target"]:
    """Return the values that the model is trained on: scaled, or their scaled change since each window's last step."""
    learned = actual - last if window.as_change else actual
    return (learned - np.array(scaling.target_mean)) / np.array(scaling.target_std)


def unscale_targets(
    outputs: Float[np.ndarray, "*shape target"],
    last: Float[np.ndarray, "*#shape target"],
    scaling: Scaling,
    window: WindowConfig,
) -> Float[np.ndarray, "*shape target"]:
    """Return the model's outputs as values in the targets' own units; a change is added to the last step's value."""
    values = outputs * np.array(scaling.target_std) + np.array(scaling.target_mean)
    return values + last if window.as_change else values


def _moments(values: Float[np.ndarray, "time column"]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    seen = ~np.isnan(values)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, values, 0).sum(axis=0) / count
    std = np.sqrt((np.where(seen, values - mean, 0) ** 2).sum(axis=0) / count)
    return tuple(mean.tolist()), tuple(np.where(std > 1e-12, std, 1.0).tolist())
