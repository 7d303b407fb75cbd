"""The model beside simple models on the same windows, with an interval of each difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.answered import AnsweredWindows
from complex_lstm.evaluation.blocks import FEWEST, Blocks, Interval, mean_interval, ratio_interval
from complex_lstm.evaluation.fitted import NotFitted, Predict, SimpleModel, Stop

CHUNK = 2000  # windows that are predicted between two looks whether to stop


@dataclass(frozen=True)
class SimpleScore:
    """A simple model's score on the windows that it can predict, and how the model does against it there.

    score       the mean absolute error of each target, in its unit; of classes the accuracy alone
    windows     that both have predicted
    difference  the model's error over the simple one's, less 1: -0.1 is an error 10% lower. Of classes the model's accuracy less the
                simple one's
    squared     the same as `difference` of the squared error, which large errors dominate; None of classes

    Of several targets the errors are means, each in units of the error of repeating its last value on these windows.
    """

    name: str
    how: str
    score: Float[np.ndarray, " target"]
    windows: int
    difference: Interval
    squared: Interval | None = None

    @property
    def gain(self) -> float:
        """By how much the model is better: the larger, the better. NaN where it is not known."""
        return self.difference.value if self.squared is None else -self.difference.value


@dataclass(frozen=True)
class SimpleComparison:
    """The model's own score, that of each simple model, and those that are left out, on `windows` windows of a part.

    `units` is the kind of the blocks that are drawn anew, and `blocks` how many there are. `groups` are those that the windows come
    from where series of one are blocks and the groups are too few to be drawn, else 0.
    """

    is_classes: bool
    names: tuple[str, ...]
    windows: int
    score: Float[np.ndarray, " target"]
    scores: tuple[SimpleScore, ...]
    left_out: tuple[NotFitted, ...]
    units: str
    blocks: int
    groups: int = 0

    @property
    def best(self) -> SimpleScore | None:
        """The simple model that does best on these windows, None where there is none that predicts them."""
        known = [one for one in self.scores if not np.isnan(one.gain)]
        return min(known, key=lambda one: one.gain) if known else None


def compare_simple(answered: AnsweredWindows, simple: Iterable[SimpleModel | NotFitted], *, stop: Stop = never_stop) -> SimpleComparison:
    """Return the model beside simple models on all windows of a part that have an answer and a prediction.

    Raises:
        Stopped: `stop` returned True.
    """
    scores, left_out = [], []
    for one in simple:
        if isinstance(one, NotFitted):
            left_out.append(one)
        elif (found := score_simple(answered, one, stop=stop)) is not None:
            scores.append(found)
        else:
            left_out.append(NotFitted(one.name, "it predicts none of these windows"))
    own = (answered.right[:, None] if answered.is_classes else np.abs(answered.errors)).sum(axis=0) / max(len(answered), 1)
    names = ("accuracy",) if answered.is_classes else answered.names
    kind, count = answered.blocks.kind, answered.blocks.count
    return SimpleComparison(
        answered.is_classes, names, len(answered), own, tuple(scores), tuple(left_out), kind, count, _few_groups(answered)
    )


def _few_groups(answered: AnsweredWindows) -> int:
    """Return how many groups the windows come from, 0 where each series is its own or where they are enough."""
    series = np.unique(answered.dataset.windows.series[answered.windows]).tolist()
    groups = {answered.dataset.series[number].group for number in series} - {""}
    return len(groups) if answered.blocks.kind == "series" and len(groups) < min(len(series), FEWEST) else 0


def score_simple(answered: AnsweredWindows, one: SimpleModel, *, stop: Stop = never_stop) -> SimpleScore | None:
    """Return the score of a simple model beside the model's, None where it predicts none of the windows.

    Raises:
        Stopped: `stop` returned True.
    """
    predicted = np.concatenate(list(_in_chunks(one.predict, answered.windows, stop)))
    known = np.isfinite(predicted).all(axis=1)
    if not known.any():
        return None
    blocks = _among(answered.blocks, known)
    if answered.is_classes:
        right = predicted.argmax(axis=1) == answered.actual
        difference = mean_interval(answered.right[known].astype(float) - right[known], blocks)
        return SimpleScore(one.name, one.how, np.array([right[known].mean()]), int(known.sum()), difference)
    own, errors = np.abs(answered.errors[known]), np.abs(predicted - answered.actual)[known]
    weights = _weights(answered)
    differences = [_less_one(ratio_interval((own**power) @ weights**power, (errors**power) @ weights**power, blocks)) for power in (1, 2)]
    return SimpleScore(one.name, one.how, errors.mean(axis=0), int(known.sum()), *differences)


def _in_chunks(predict: Predict, windows: Int[np.ndarray, " window"], stop: Stop) -> Iterator[Float[np.ndarray, "chunk output"]]:
    for first in range(0, max(len(windows), 1), CHUNK):
        if stop():
            raise Stopped
        yield predict(windows[first : first + CHUNK])


def _among(blocks: Blocks, known: Bool[np.ndarray, " window"]) -> Blocks:
    """Return the blocks of some of the windows; a block without any of them is none."""
    names, of_window = np.unique(blocks.of_window[known], return_inverse=True)
    return Blocks(of_window, len(names), blocks.kind)


def _weights(answered: AnsweredWindows) -> Float[np.ndarray, " target"]:
    """Return what each target's error is multiplied by, so that those of several can be added up.

    One over the error of repeating the last value; where that is zero or not known, one over the target's deviation, or 1.
    """
    last = np.abs(answered.dataset.windows.last[answered.windows] - answered.actual)
    seen = ~np.isnan(last)
    unchanged = np.where(seen, last, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    spread = answered.actual.std(axis=0)
    return 1 / np.where(unchanged > 0, unchanged, np.where(spread > 0, spread, 1.0))


def _less_one(ratio: Interval) -> Interval:
    return Interval(ratio.value - 1, ratio.low - 1, ratio.high - 1)


def comparison_frame(compared: SimpleComparison) -> pd.DataFrame:
    """Return the comparison as a table: the model first, then a row a simple model, with the score of each target.

    Differences and their intervals are shares of the simple one's error, or differences of accuracies.
    """
    what = "difference of accuracy" if compared.is_classes else "error less or more"
    columns = [f"{'' if compared.is_classes else 'mean absolute error, '}{name}" for name in compared.names]
    rows: list[dict[str, object]] = [{"model": "this model", "windows": compared.windows} | dict(zip(columns, compared.score, strict=True))]
    for one in compared.scores:
        row: dict[str, object] = {"model": one.name, "windows": one.windows} | dict(zip(columns, one.score, strict=True))
        for name, found in ((what, one.difference), ("squared error less or more", one.squared)):
            if found is not None:
                row |= {name: found.value, f"{name}, from": found.low, f"{name}, to": found.high}
        rows.append(row | {"how": one.how})
    return pd.DataFrame(rows)
