"""Series whose cause is known, so that an explanation can be right or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

Kind = Literal["order", "shape"]

FEATURES = 9
STEPS = 50
CLASSES = 3
CARRIERS = (3, 7)  # the two features whose order is the class in the order task
WIDTH = 7  # steps of one bump, and of one shape
APART = (5, 9)  # steps between the two bumps, where one comes first
DISTRACTORS = 3
NOISE = 0.3
NAMES: dict[Kind, tuple[str, ...]] = {"order": ("ch3_first", "ch7_first", "neither_first"), "shape": ("rise", "wave", "step")}


@dataclass(frozen=True)
class Planted:
    """Windows with their classes and the cells that decide them."""

    x: Float[np.ndarray, "window time feature"]
    label: Int[np.ndarray, " window"]
    cause: Bool[np.ndarray, "window time feature"]
    classes: tuple[str, ...]


def make_planted(kind: Kind, windows: int, *, seed: int) -> Planted:
    """Return windows of 50 steps and 9 features whose class is planted in known cells.

    order: features 3 and 7 carry one bump each; the class is which comes first, or neither where both are at the same
    steps. One of the two, drawn at random, is placed at random and the other 5 to 9 steps from it, so that the place
    of one bump alone gives (nearly) no information on the class. Three other features carry the same bumps.
    shape: one of three shapes of equal energy is placed at random in two random features; three others carry the
    same shapes with their steps shuffled.

    Gaussian noise of standard deviation 0.3 is added everywhere. The same seed gives the same windows.
    """
    generator = np.random.default_rng(seed)
    label = generator.integers(CLASSES, size=windows)
    x = NOISE * generator.standard_normal((windows, STEPS, FEATURES))
    cause = np.zeros(x.shape, dtype=bool)
    plant = _plant_order if kind == "order" else _plant_shape
    for one, truth, which in zip(x, cause, label.tolist(), strict=True):
        plant(one, truth, which, generator)
    return Planted(x, label, cause, NAMES[kind])


def _plant_order(x: np.ndarray, cause: np.ndarray, which: int, generator: np.random.Generator) -> None:
    apart = int(generator.integers(APART[0], APART[1] + 1))
    anchor = int(generator.integers(APART[1], STEPS - WIDTH - APART[1] + 1))
    shift = (apart, -apart, 0)[which]  # of the second carrier against the first
    places = (anchor, anchor + shift) if generator.integers(2) else (anchor - shift, anchor)
    for carrier, place in zip(CARRIERS, places, strict=True):
        x[place : place + WIDTH, carrier] += _bump()
        cause[place : place + WIDTH, carrier] = True
    others = [feature for feature in range(FEATURES) if feature not in CARRIERS]
    for feature in generator.permutation(others)[:DISTRACTORS]:
        place = int(generator.integers(STEPS - WIDTH + 1))
        x[place : place + WIDTH, feature] += _bump()


def _plant_shape(x: np.ndarray, cause: np.ndarray, which: int, generator: np.random.Generator) -> None:
    place = int(generator.integers(STEPS - WIDTH + 1))
    features = generator.permutation(FEATURES)
    for feature in features[:2]:
        x[place : place + WIDTH, feature] += _shapes()[which]
        cause[place : place + WIDTH, feature] = True
    for feature in features[2 : 2 + DISTRACTORS]:
        elsewhere = int(generator.integers(STEPS - WIDTH + 1))
        x[elsewhere : elsewhere + WIDTH, feature] += generator.permutation(_shapes()[int(generator.integers(CLASSES))])


def _bump() -> Float[np.ndarray, " step"]:
    return 3.0 * np.hanning(WIDTH + 2)[1:-1]


def _shapes() -> Float[np.ndarray, "class step"]:
    """Return a rise, a wave and a step, each with the energy of one bump."""
    steps = np.linspace(-1, 1, WIDTH)
    shapes = np.stack([steps, np.sin(np.pi * steps), np.sign(steps)])
    return shapes * np.linalg.norm(_bump()) / np.linalg.norm(shapes, axis=1, keepdims=True)


def planted_frame(planted: Planted) -> pd.DataFrame:
    """Return planted windows as rows of a CSV: series_id, step, ch0..ch8, label."""
    windows, steps, features = planted.x.shape
    frame = pd.DataFrame(planted.x.reshape(-1, features).round(4), columns=[f"ch{number}" for number in range(features)])
    frame.insert(0, "series_id", np.repeat([f"s{number:04d}" for number in range(windows)], steps))
    frame.insert(1, "step", np.tile(np.arange(steps), windows))
    frame["label"] = np.repeat([planted.classes[which] for which in planted.label], steps)
    return frame


def cause_frame(planted: Planted) -> pd.DataFrame:
    """Return the true cells, one row a cell: series_id, step, feature."""
    window, step, feature = np.nonzero(planted.cause)
    return pd.DataFrame(
        {"series_id": [f"s{number:04d}" for number in window], "step": step, "feature": [f"ch{number}" for number in feature]}
    )
