"""Windows as batches of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from complex_lstm.data import Dataset, scale_targets

Batch = tuple[Tensor, Tensor, Tensor]  # x (batch, time, feature), lengths (batch,), what is to be learned


class WindowBatches(TorchDataset[Batch]):
    """The windows of one part whose answer is known, gathered a batch at a time.

    With a `shuffle_seed` each window gets the answer of another one: nothing can then be learned but the answers' shares.
    """

    def __init__(self, dataset: Dataset, chosen: Int[np.ndarray, " window"], *, shuffle_seed: int | None = None) -> None:
        self.windows = dataset.windows
        truth = _class_numbers(dataset) if dataset.schema.roles.task == "classes" else _scaled_values(dataset)
        known = truth >= 0 if truth.ndim == 1 else ~np.isnan(truth).any(axis=1)
        self.chosen = chosen[known[chosen]]
        if shuffle_seed is not None:
            truth[self.chosen] = truth[np.random.default_rng(shuffle_seed).permutation(self.chosen)]
        self.truth = torch.from_numpy(truth)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitems__(self, places: list[int]) -> Batch:
        batch = self.chosen[places]
        return torch.from_numpy(self.windows.inputs(batch)), torch.from_numpy(self.windows.length[batch]), self.truth[batch]


def loader(batches: WindowBatches, *, batch_size: int, seed: int | None = None) -> DataLoader[Batch]:
    """Return a loader, shuffled with the seed if one is given."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return DataLoader(batches, batch_size, shuffle=seed is not None, generator=generator, collate_fn=_as_it_is)


def _as_it_is(batch: Any) -> Any:
    """What WindowBatches gives is a batch already."""
    return batch


def _class_numbers(dataset: Dataset) -> Int[np.ndarray, " window"]:
    number = {name: place for place, name in enumerate(dataset.schema.classes)}
    return np.array([number.get(label, -1) for label in dataset.windows.label])


def _scaled_values(dataset: Dataset) -> np.ndarray:
    windows = dataset.windows
    return scale_targets(windows.actual, windows.last, dataset.scaling, dataset.window).astype(np.float32)
