"""Three tasks of a published table with the cells that decide, drawn anew from their definitions: FreqShapes, SeqComb-UV, LowVar.

Queen et al. 2023, "Encoding Time-Series Explanations through Self-Supervised Model Behavior Consistency" (TimeX), and
the parameters of its published data: 5,000 series to learn from, 100 to choose the epoch by, 1,000 to explain, as many
of each class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from complex_lstm.data.planted import Planted

SPIKE = np.array([1.75, 2.0, 1.75])
SPIKE_NOISE = 0.25
LEVEL, LEVEL_NOISE = 1.5, 0.1  # of LowVar's stretch
LENGTHS = (10, 20)  # of a planted stretch, the second not included
NARMA = (0.3, 0.05, 1.5, 0.1)  # the usual coefficients


@dataclass(frozen=True)
class Task:
    """A task: its classes, its steps and features, and what draws a series of a class.

    `plain` is the class in which nothing is planted, so that there is nothing to find, or "" if there is none.
    """

    classes: tuple[str, ...]
    steps: int
    features: int
    plant: Callable[[np.ndarray, np.ndarray, int, np.random.Generator], None]
    plain: str = ""


def make_published(name: str, series: int, *, seed: int) -> Planted:
    """Return as many series of each class of a task, in random order, with the cells that decide. The same seed gives the same."""
    task, generator = TASKS[name], np.random.default_rng(seed)
    label = generator.permutation(np.arange(series) % len(task.classes))
    x = np.zeros((series, task.steps, task.features))
    cause = np.zeros(x.shape, dtype=bool)
    for one, truth, which in zip(x, cause, label.tolist(), strict=True):
        task.plant(one, truth, which, generator)
    return Planted(x, label, cause, task.classes)


def narma(steps: int, generator: np.random.Generator) -> Float[np.ndarray, " time"]:
    """Return a nonlinear autoregressive moving average of order 2 (Atiya and Parlos 2000).

    y(t) = 0.3 y(t-1) + 0.05 y(t-1) (y(t-1) + y(t-2)) + 1.5 u(t-2) u(t) + 0.1, with u uniform from 0 to 0.5. It starts at 0.
    The package that the paper drew its data with leaves the second term out after the first steps: 3% of the level.
    """
    a, b, c, d = NARMA
    u, y = generator.uniform(0, 0.5, steps + 2), np.zeros(steps + 2)
    for t in range(2, steps + 2):
        y[t] = a * y[t - 1] + b * y[t - 1] * (y[t - 1] + y[t - 2]) + c * u[t - 2] * u[t] + d
    return y[2:]


def _freq_shapes(x: np.ndarray, cause: np.ndarray, which: int, generator: np.random.Generator) -> None:
    """Plant spikes of three steps, downward or upward, every 10 or every 17 steps, into noise: those that fit in whole."""
    sign, every = (-1, 1)[which % 2], (10, 17)[which // 2]
    steps = len(x)
    for centre in range(int(generator.integers(steps - every)), steps, every):
        if 1 <= centre < steps - 1:
            x[centre - 1 : centre + 2, 0] = sign * SPIKE
            cause[centre - 1 : centre + 2, 0] = True
    x += SPIKE_NOISE * generator.standard_normal(x.shape)


def _seq_comb(x: np.ndarray, cause: np.ndarray, which: int, generator: np.random.Generator) -> None:
    """Plant two trends one after the other, both falling, both rising, or rising then falling; in the first class none.

    A trend of L steps runs through 0 at its middle, over five times the series' range in all, with sin(k t) on it, where
    k is drawn from a Poisson distribution of mean 10. The first begins in the first half of the series.
    """
    x[:, 0] = narma(len(x), generator) + 0.01 * generator.standard_normal(len(x))
    if not which:
        return
    rise = 5 * (np.abs(x.max()) + np.abs(x.min()))
    earliest, latest = 0, len(x) // 2
    for direction in ((-1, -1), (1, 1), (1, -1))[which - 1]:
        length = int(generator.integers(*LENGTHS))
        start = int(generator.integers(earliest, min(latest, len(x) - length)))
        t = np.arange(length) - length // 2
        x[start : start + length, 0] = direction * rise / length * t + np.sin(generator.poisson(10) * t)
        cause[start : start + length, 0] = True
        earliest, latest = start + length, len(x)


def _low_var(x: np.ndarray, cause: np.ndarray, which: int, generator: np.random.Generator) -> None:
    """Plant a stretch of little variance at -1.5 or 1.5 into one of two features of much variance: the class is both."""
    feature, sign = which // 2, (-1, 1)[which % 2]
    for one in range(x.shape[1]):
        x[:, one] = narma(len(x), generator) + generator.standard_normal(len(x))
    length, start = int(generator.integers(*LENGTHS)), int(generator.integers(20, len(x) - 40))
    x[start : start + length, feature] = generator.normal(sign * LEVEL, LEVEL_NOISE, length)
    cause[start : start + length, feature] = True


TASKS = {
    "FreqShapes": Task(("down_10", "up_10", "down_17", "up_17"), 50, 1, _freq_shapes),
    "SeqComb-UV": Task(("nothing", "falls_falls", "rises_rises", "rises_falls"), 200, 1, _seq_comb, plain="nothing"),
    "LowVar": Task(("first_low", "first_high", "second_low", "second_high"), 200, 2, _low_var),
}
