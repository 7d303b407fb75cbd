"""Windows as a request brings them, in the file's units, and predictions as the answer has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from complex_lstm.data import unscale_targets
from complex_lstm.data.scaling import scale
from complex_lstm.data.series import fill
from complex_lstm.errors import DataError
from complex_lstm.inference import softmax
from complex_lstm.model import Checkpoint

MOST_WINDOWS, MOST_STEPS = 4096, 4096  # of a request


@dataclass(frozen=True)
class AskedWindows:
    """The windows of a request: scaled for the model, and the targets' values at their last steps, NaN where these are not known."""

    scaled: Float32[np.ndarray, "window time feature"]
    last: Float[np.ndarray, "window target"]


def read_windows(asked: Any, loaded: Checkpoint) -> AskedWindows:
    """Return the windows of a request: an object with "windows", a list of windows, each a list of steps of one number for each feature.

    Numbers are in the file's units, in the order of the checkpoint's features; null is a missing one, and is filled as in training, but
    from within its window alone. Of a model that forecasts a change the target's value at the last step is needed: it is taken from the
    feature of that name, else from "last", a list of one number for each target, for each window.

    Raises:
        DataError: it is no such object; the message says where.
    """
    features, targets = loaded.schema.roles.features, loaded.schema.roles.targets
    if not isinstance(asked, Mapping) or "windows" not in asked:
        raise DataError('Send a JSON object with "windows": a list of windows, each a list of steps, each a list of numbers.')
    _check_keys(asked, loaded)
    values = _array(asked["windows"], f"(window, time, feature), with {len(features)} features: {', '.join(features)}", len(features), 3)
    if len(values) > MOST_WINDOWS or values.shape[1] > MOST_STEPS:
        raise DataError(f"At most {MOST_WINDOWS:,} windows of {MOST_STEPS:,} steps are answered at once; these are {values.shape[:2]}.")
    _check_length(values.shape[1], loaded)
    if loaded.window.missing == "refuse" and np.isnan(values).any():
        window, step, feature = np.argwhere(np.isnan(values))[0].tolist()
        raise DataError(f"windows[{window}][{step}] has no {features[feature]!r}, and the model was trained to refuse missing values.")
    means = np.array(loaded.scaling.feature_mean)
    filled = np.stack([fill(one, loaded.window.missing, means) for one in values])
    with np.errstate(over="ignore"):
        scaled = scale(filled, loaded.scaling)
    if not np.isfinite(scaled).all():
        window, step, feature = np.argwhere(~np.isfinite(scaled))[0].tolist()
        raise DataError(f"windows[{window}][{step}] has a {features[feature]!r} that is too large for float32 once it is scaled.")
    if loaded.schema.roles.task == "classes" or not loaded.window.as_change:
        return AskedWindows(scaled, np.zeros((len(values), 1)))
    return AskedWindows(scaled, _last(asked, values, features, targets, means))


def needs_last(loaded: Checkpoint) -> bool:
    """Return whether a request has to bring the targets' values at the last steps: the model forecasts a change of what is no feature."""
    roles = loaded.schema.roles
    return roles.task == "values" and loaded.window.as_change and not {*roles.targets} <= {*roles.features}


def _check_keys(asked: Mapping[str, Any], loaded: Checkpoint) -> None:
    """Refuse what would be left unread: a key that is misspelt, and the last values of targets that the model takes from elsewhere."""
    if unknown := [str(key) for key in asked if key not in ("windows", "last")]:
        raise DataError(f'There is nothing that {unknown[0]!r} could mean: send "windows", and "last" where it is needed.')
    if "last" in asked and not needs_last(loaded):
        raise DataError('The model needs no "last": it forecasts no change, or that of a feature, whose last value the windows have.')


def _check_length(steps: int, loaded: Checkpoint) -> None:
    if not loaded.window.whole_series and steps != loaded.window.length:
        raise DataError(f"The windows have {steps} steps; the model was trained on windows of {loaded.window.length}.")


def _last(
    asked: Mapping[str, Any], values: np.ndarray, features: Sequence[str], targets: Sequence[str], means: np.ndarray
) -> Float[np.ndarray, "window target"]:
    """Return the targets' values at the last steps: as they are given, else the last that is known of the feature of that name."""
    if "last" in asked:
        given = _array(asked["last"], f"(window, target), with {len(targets)} targets: {', '.join(targets)}", len(targets), 2)
        if len(given) != len(values) or np.isnan(given).any():
            raise DataError(f'"last" needs a number of each target for each of the {len(values)} windows.')
        return given
    if lacking := [name for name in targets if name not in features]:
        raise DataError(
            f"The model forecasts the change of {', '.join(map(repr, lacking))}, which the features lack: send "
            f'"last" beside "windows", a list of {", ".join(targets)} at each window\'s last step.'
        )
    places = [features.index(name) for name in targets]
    carried = [fill(one[:, places], "carry", means[places])[-1] for one in values]
    return np.stack(carried)


def _array(given: Any, shape: str, columns: int, dimensions: int) -> Float[np.ndarray, "*shape"]:
    """Return nested lists of numbers and null as an array, with NaN for null."""
    try:
        found = np.array(given, dtype=object)
        values = np.where(found == None, np.nan, found).astype(float)  # noqa: E711  # of each cell
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"Expected numbers or null of the shape {shape}; there are texts, objects or lists of unequal length.") from None
    has_text = any(isinstance(cell, str | bool) for cell in found.ravel())
    if has_text or values.ndim != dimensions or not values.size or values.shape[-1] != columns:
        what = "texts or booleans among them" if has_text else f"the shape {values.shape}"
        raise DataError(f"Expected numbers or null of the shape {shape}; they have {what}.")
    if np.isinf(values).any():
        raise DataError("An infinite number is among them: send null for what is missing.")
    return values


def answers(outputs: Float[np.ndarray, "window output"], asked: AskedWindows, loaded: Checkpoint) -> list[dict[str, Any] | None]:
    """Return what is predicted for each window: a class with its probabilities, or the targets' values; None without a finite output."""
    schema = loaded.schema
    if schema.roles.task == "classes":
        shares = softmax(np.where(np.isfinite(outputs), outputs, 0), loaded.scaling.temperature)
        rows: list[dict[str, Any]] = [
            {"class": schema.classes[int(one.argmax())], "probabilities": dict(zip(schema.classes, one.tolist(), strict=True))}
            for one in shares
        ]
    else:
        values = unscale_targets(outputs, asked.last, loaded.scaling, loaded.window)
        rows = [{"values": dict(zip(schema.roles.targets, one.tolist(), strict=True))} for one in values]
    return [row if is_finite else None for row, is_finite in zip(rows, np.isfinite(outputs).all(axis=1).tolist(), strict=True)]
