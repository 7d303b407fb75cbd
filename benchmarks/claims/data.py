"""Three samples as tensors: what is learned from, and the test part that nothing is learned or chosen from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from benchmarks.recipes import WEATHER_SPLIT, planted, weather_data
from complex_lstm.config import SplitConfig, WindowConfig
from complex_lstm.data import Dataset, guess_roles, prepare_for, prepare_training, read_csv
from complex_lstm.samples import SAMPLES
from complex_lstm.training.batches import WindowBatches

MOST_SCORED = 250  # test windows, evenly spread


@dataclass(frozen=True)
class Windows:
    """Windows with their targets: class numbers, or scaled values."""

    x: Float[Tensor, "window time feature"]
    lengths: Int[Tensor, " window"]
    truth: Shaped[Tensor, " window *output"]


@dataclass(frozen=True)
class Task:
    """What to learn, for how many epochs in batches of what size, and to what to compare it."""

    name: str
    dataset: Dataset
    learned: Windows
    scored: Windows
    epochs: int
    batch: int

    @property
    def is_classes(self) -> bool:
        return self.learned.truth.ndim == 1

    @property
    def outputs(self) -> int:
        return len(self.dataset.schema.outputs)

    def score(self, outputs: Float[Tensor, "window output"], of: Windows) -> float:
        """Return the accuracy, or 1 less the squared error over that of repeating the last value: 1 is right for both.

        What values learn is their change since the last value, so that repeating it is no change.
        """
        if self.is_classes:
            return float((outputs.argmax(dim=1) == of.truth).float().mean())
        scaling = self.dataset.scaling
        still = -torch.tensor(scaling.target_mean) / torch.tensor(scaling.target_std)
        return float(1 - ((outputs - of.truth).square().mean(0) / (still - of.truth).square().mean(0)).mean())


def _task(name: str, dataset: Dataset, *, epochs: int, batch: int, tested: Dataset | None = None) -> Task:
    return Task(name, dataset, _windows(dataset, "training"), _windows(tested or dataset, "test"), epochs, batch)


def _windows(dataset: Dataset, part: str) -> Windows:
    batches = WindowBatches(dataset, dataset.windows.of_part(part))  # type: ignore[arg-type]  # of the two that are asked for
    apart = max(1, -(-len(batches) // MOST_SCORED)) if part == "test" else 1
    return Windows(*batches.__getitems__(list(range(0, len(batches), apart))))


def order() -> Task:
    return _task("planted_order", planted("order", 300, seed=0).learned, epochs=8, batch=32)


def vowels() -> Task:
    """Return the speakers of series: two thirds are learned from."""
    table = read_csv(SAMPLES["japanese_vowels"].csv)
    roles = guess_roles(table).roles
    dataset = prepare_training(table, roles, WindowConfig(whole_series=True), SplitConfig("series", validation=0.0, test=0.33, seed=0))
    return _task("japanese_vowels", dataset, epochs=6, batch=16)


def weather() -> Task:
    """Return the weather until late September with few windows, and October with many."""
    learned = weather_data(36)
    tested = prepare_for(learned.table, learned.schema, replace(learned.window, stride=1), learned.scaling, WEATHER_SPLIT)
    return _task("nyc_weather", learned, epochs=5, batch=32, tested=tested)


TASKS: dict[str, Callable[[], Task]] = {"planted_order": order, "japanese_vowels": vowels, "nyc_weather": weather}
