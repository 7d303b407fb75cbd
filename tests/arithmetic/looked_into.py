"""Traced windows of the shipped samples, and places in them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from complex_lstm import Checkpoint, ComplexLSTMModel, Trace, load_checkpoint
from complex_lstm.arithmetic import SITES, Derivation, SiteKind, ValueIndex, derive
from complex_lstm.data import prepare_for, read_csv
from tests.conftest import SAMPLE_DATA
from tests.model.lively import random_windows, small_model

SAMPLES = ("nyc_weather", "japanese_vowels", "planted_order", "shoulder_exercises")


@dataclass(frozen=True)
class Looked:
    """Some windows of one data set, traced together."""

    model: ComplexLSTMModel
    trace: Trace
    x: Tensor
    features: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def derive(self, site: str, *at: int, window: int = 0, most: int = 6) -> Derivation:
        place = ValueIndex(site, at, window)
        return derive(self.model, self.trace, self.x, place, features=self.features, outputs=self.outputs, most=most)

    def places(self, kind: SiteKind, count: int, seed: int = 0) -> Iterator[ValueIndex]:
        """Yield random places of a kind of box."""
        draw = random.Random(f"{kind.name} {seed}")
        for _ in range(count):
            window, at = draw.randrange(len(self.x)), ()
            for axis in kind.axes:
                at += (draw.randrange(len(axis.choices(self.model, int(self.trace.lengths[window]), at))),)
            yield ValueIndex(kind.name, at, window)


@cache
def sample(name: str) -> Looked:
    """Return three windows of a shipped sample; in japanese_vowels they have 21, 7 and 14 steps."""
    checkpoint = load_checkpoint(SAMPLE_DATA / f"{name}.safetensors")
    assert isinstance(checkpoint, Checkpoint)
    windows = prepare_for(read_csv(SAMPLE_DATA / f"{name}.csv"), checkpoint.schema, checkpoint.window, checkpoint.scaling).windows
    shortest = int(np.argmin(windows.length))
    chosen = np.array([len(windows) // 3, shortest, len(windows) // 2])
    x, lengths = torch.from_numpy(windows.inputs(chosen)), torch.from_numpy(windows.length[chosen])
    schema = checkpoint.schema
    return Looked(checkpoint.model, checkpoint.model.trace(x, lengths), x, schema.roles.features, schema.outputs)


def small(steps: int = 9, lengths: list[int] | None = None, **sizes: int) -> Looked:
    """Return windows of a small lively model: one, or one for each length, with large numbers in the padding."""
    model = small_model(**sizes)
    x = random_windows(len(lengths or [steps]), steps, 4)
    for number, length in enumerate(lengths or []):
        x[number, length:] = 1e4
    return Looked(model, model.trace(x, lengths), x)


def kind_named(name: str) -> SiteKind:
    return next(kind for kind in SITES if kind.name == name)
