"""Tasks whose cause is planted: windows, their answers, and the cells that decide each answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from complex_lstm.data.planted import make_planted

STEPS = 50
NOISE = 0.3
BUMP = 3.0 * np.hanning(9)[1:-1]  # 7 steps


@dataclass(frozen=True)
class Drawn:
    """Windows with their answers, a class number or a value, and the cells that decide them."""

    x: Float[np.ndarray, "window time feature"]
    answer: np.ndarray
    cause: Bool[np.ndarray, "window time feature"]


@dataclass(frozen=True)
class Task:
    """A task: `draw` gives windows by count and seed. `classes` is 0 for values. `development`: verdicts were set with it."""

    draw: Callable[[int, int], Drawn]
    features: int
    classes: int
    words: str
    development: bool


def _planted(kind: str) -> Callable[[int, int], Drawn]:
    def draw(windows: int, seed: int) -> Drawn:
        made = make_planted(kind, windows, seed=seed)  # type: ignore[arg-type]
        place = np.argsort(np.argsort(made.classes))  # a checkpoint has the classes in the order of their names
        return Drawn(made.x, place[made.label], made.cause)

    return draw


def _each(features: int, plant: Callable[[np.ndarray, np.ndarray, np.random.Generator], float]) -> Callable[[int, int], Drawn]:
    """Return a draw of windows of noise in each of which `plant` puts a cause, and returns the answer."""

    def draw(windows: int, seed: int) -> Drawn:
        generator = np.random.default_rng(seed)
        x = NOISE * generator.standard_normal((windows, STEPS, features))
        cause = np.zeros(x.shape, dtype=bool)
        return Drawn(x, np.array([plant(one, truth, generator) for one, truth in zip(x, cause, strict=True)]), cause)

    return draw


def _place(generator: np.random.Generator, length: int) -> slice:
    start = int(generator.integers(STEPS - length + 1))
    return slice(start, start + length)


def _sign(generator: np.random.Generator) -> int:
    return int(generator.choice([-1, 1]))


def _product(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    signs = []
    for feature in (1, 4):
        at, sign = _place(generator, len(BUMP)), _sign(generator)
        x[at, feature] += sign * BUMP
        cause[at, feature] = True
        signs.append(sign)
    for feature in generator.permutation([0, 2, 3, 5])[:2]:
        x[_place(generator, len(BUMP)), feature] += _sign(generator) * BUMP
    return int(signs[0] == signs[1])


def _rare_features(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """A level of 20 steps in one feature of 12, up or down; the others carry short bumps."""
    feature, *others = generator.permutation(x.shape[1])
    at, sign = _place(generator, 20), _sign(generator)
    x[at, feature] += sign
    cause[at, feature] = True
    for other in others[:5]:
        x[_place(generator, len(BUMP)), other] += _sign(generator) * BUMP
    return int(sign > 0)


def _rare_times(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """Three steps at which five features of ten move together, up or down; single features move at other steps."""
    features = generator.permutation(x.shape[1])
    at, sign = _place(generator, 3), _sign(generator)
    x[at, features[:5]] += 1.5 * sign
    cause[at, features[:5]] = True
    for other in features[5:]:
        x[_place(generator, 3), other] += 1.5 * _sign(generator)
    return int(sign > 0)


def _frequency(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """Twenty steps of a sine in feature 2, of one of three frequencies; the others carry sines of any of the three."""
    which = int(generator.integers(3))
    for feature in (2, *generator.permutation([0, 1, 3, 4, 5])[:3]):
        at, of = _place(generator, 20), which if feature == 2 else int(generator.integers(3))
        x[at, feature] += 1.5 * np.sin(2 * np.pi * (np.arange(20) / (4, 7, 12)[of] + generator.random()))
        if feature == 2:
            cause[at, feature] = True
    return which


def _correlated(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """A bump in features 0 and 3 at the same steps, of the same sign in 85 windows of 100; feature 0 decides."""
    at, sign = _place(generator, len(BUMP)), _sign(generator)
    x[at, 0] += sign * BUMP
    x[at, 3] += (sign if generator.random() < 0.85 else -sign) * BUMP
    cause[at, 0] = True
    for feature in (1, 2, 4):
        x[_place(generator, len(BUMP)), feature] += _sign(generator) * BUMP
    return int(sign > 0)


def _absence(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """A bump in feature 1, or none there: then the whole of feature 1 decides. The others carry bumps in either case."""
    present = int(generator.integers(2))
    if present:
        at = _place(generator, len(BUMP))
        x[at, 1] += BUMP
        cause[at, 1] = True
    else:
        cause[:, 1] = True
    for feature in generator.permutation([0, 2, 3, 4, 5])[:3]:
        x[_place(generator, len(BUMP)), feature] += BUMP
    return present


def _height(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> float:
    """The height of the bump in feature 4; the others carry bumps of any height."""
    height = 0.0
    for feature in (4, *generator.permutation([0, 1, 2, 3, 5])[:3]):
        at, size = _place(generator, len(BUMP)), float(generator.uniform(-1, 1))
        x[at, feature] += size * BUMP
        if feature == 4:
            cause[at, feature] = True
            height = size
    return height


def _recent(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> float:
    """The mean of feature 2 over the last ten steps; every feature wanders."""
    x += np.cumsum(0.4 * generator.standard_normal(x.shape), axis=0)
    cause[-10:, 2] = True
    return float(x[-10:, 2].mean())


def _duration(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """A pulse in feature 3, 5 or 12 steps long; the others carry pulses of either length."""
    long = int(generator.integers(2))
    for feature in (3, *generator.permutation([0, 1, 2, 4, 5])[:3]):
        at = _place(generator, (5, 12)[long if feature == 3 else int(generator.integers(2))])
        x[at, feature] += 1.5
        if feature == 3:
            cause[at, feature] = True
    return long


def _last(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """Two bumps in feature 1, each up or down, the second at least 15 steps after the first: the last one decides."""
    first = int(generator.integers(STEPS - 2 * len(BUMP) - 8))
    second = int(generator.integers(first + 15, STEPS - len(BUMP) + 1))
    sign = 0
    for start in (first, second):
        sign = _sign(generator)
        x[start : start + len(BUMP), 1] += sign * BUMP
    cause[second : second + len(BUMP), 1] = True
    for feature in (0, 2, 3):
        x[_place(generator, len(BUMP)), feature] += _sign(generator) * BUMP
    return int(sign > 0)


def _which(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> int:
    """A wave of eight steps in one of three features, and single high cells in all: the feature with the wave is the class."""
    feature = int(generator.integers(3))
    at = _place(generator, 8)
    x[at, feature] += 2 * np.sin(np.pi * np.arange(8) / 2)
    cause[at, feature] = True
    for other in range(x.shape[1]):
        x[generator.permutation(STEPS)[:4], other] += 2 * generator.choice([-1, 1], size=4)
    return feature


def _sum(x: np.ndarray, cause: np.ndarray, generator: np.random.Generator) -> float:
    """The sum of the heights of two bumps, one in feature 0 and one in feature 5; the others carry bumps of any height."""
    total = 0.0
    for feature in range(x.shape[1]):
        at, size = _place(generator, len(BUMP)), float(generator.uniform(-1, 1))
        x[at, feature] += size * BUMP
        if feature in (0, 5):
            cause[at, feature] = True
            total += size
    return total


TASKS: dict[str, Task] = {
    "order": Task(_planted("order"), 9, 3, "which of two bumps comes first", True),
    "product": Task(_each(6, _product), 6, 2, "the sign of the product of two events in two features", True),
    "rare_times": Task(_each(10, _rare_times), 10, 2, "three steps at which half of the features move together", True),
    "frequency": Task(_each(6, _frequency), 6, 3, "the frequency in one feature", True),
    "height": Task(_each(6, _height), 6, 0, "the height of the bump in one feature (a value)", True),
    "rare_features": Task(_each(12, _rare_features), 12, 2, "a long stretch of one feature in twelve", True),
    "correlated": Task(_each(5, _correlated), 5, 2, "one of two features that mostly agree", True),
    "absence": Task(_each(6, _absence), 6, 2, "whether one feature carries an event", True),
    "recent": Task(_each(6, _recent), 6, 0, "the mean of one feature's last steps (a value)", True),
    "shape": Task(_planted("shape"), 9, 3, "the shape that two features share", False),
    "duration": Task(_each(6, _duration), 6, 2, "how long a pulse in one feature lasts", False),
    "last": Task(_each(4, _last), 4, 2, "the last of two events in one feature", False),
    "which": Task(_each(5, _which), 5, 3, "which feature carries a wave", False),
    "sum": Task(_each(6, _sum), 6, 0, "the sum of two events in two features (a value)", False),
}
