"""Windows as batches of tensors, and their augmentation: small random changes against overfitting to single recordings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from torch.utils.data import Dataset as TorchDataset

from complex_lstm.data import Dataset, scale_targets
from complex_lstm.training.processes import ShardedBatchSampler

Batch = tuple[Tensor, Tensor, Tensor]  # x (batch, time, feature), lengths (batch,), targets


class WindowBatches(TorchDataset[Batch]):
    """The windows of one part whose target is known, gathered a batch at a time.

    With a `shuffle_seed` each window gets the target of another one: only the distribution of the targets can then be learned.
    """

    def __init__(self, dataset: Dataset, chosen: Int[np.ndarray, " window"], *, shuffle_seed: int | None = None) -> None:
        self.windows = windows = dataset.windows
        if dataset.schema.roles.task == "classes":
            number = {name: place for place, name in enumerate(dataset.schema.classes)}
            truth = np.array([number.get(label, -1) for label in windows.label])
            known = truth >= 0
        else:
            truth = scale_targets(windows.actual, windows.last, dataset.scaling, dataset.window).astype(np.float32)
            known = ~np.isnan(truth).any(axis=1)
        self.chosen = chosen[known[chosen]]
        if shuffle_seed is not None:
            truth[self.chosen] = truth[np.random.default_rng(shuffle_seed).permutation(self.chosen)]
        self.truth = torch.from_numpy(truth)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitems__(self, places: list[int]) -> Batch:
        batch = self.chosen[places]
        return torch.from_numpy(self.windows.inputs(batch)), torch.from_numpy(self.windows.length[batch]), self.truth[batch]


class SeededSampler(Sampler[int]):
    """Every window once an epoch, in an order that the seed and the epoch decide: it has no state to be restored after a resume."""

    def __init__(self, windows: int, seed: int) -> None:
        self.windows, self.seed, self.epoch = windows, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Count epochs from 0. Lightning calls this before each one."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.windows

    def __iter__(self) -> Iterator[int]:
        return iter(np.random.default_rng((self.seed, self.epoch)).permutation(self.windows).tolist())


def loader(batches: WindowBatches, *, batch_size: int, order: SeededSampler | None = None) -> DataLoader[Batch]:
    """Return a loader with the windows in this order, of which each process gets its shard, or as they come, for each process all.

    A loader draws a number for its workers from a generator: its own one leaves that of dropout alone.
    """
    if order is None:
        return DataLoader(batches, batch_size, generator=torch.Generator(), collate_fn=_identity)
    shards = ShardedBatchSampler(order, batch_size, drop_last=False)
    return DataLoader(batches, batch_sampler=shards, generator=torch.Generator(), collate_fn=_identity)


def _identity(batch: Any) -> Any:
    """Return what WindowBatches gives, which is a batch already."""
    return batch


def add_noise(x: Float[Tensor, "batch time feature"], strength: float, generator: torch.Generator) -> Float[Tensor, "batch time feature"]:
    """Return the windows with Gaussian noise of this standard deviation on every cell."""
    return x + strength * torch.randn(x.shape, generator=generator).to(x)


def jitter(x: Float[Tensor, "batch time feature"], strength: float, generator: torch.Generator) -> Float[Tensor, "batch time feature"]:
    """Return the windows with each feature stretched and shifted, by factors and offsets that last the whole window.

    A factor is 1 and an offset 0 on average, both with this standard deviation. It assumes that size and level of a
    feature differ between sources for reasons that have nothing to do with the target: another person, a sensor worn
    askew. Where the level itself decides the target it does harm.
    """
    each = (len(x), 1, x.shape[-1])
    factor = 1 + strength * torch.randn(each, generator=generator).to(x)
    offset = strength * torch.randn(each, generator=generator).to(x)
    return x * factor + offset


def warp(
    x: Float[Tensor, "batch time feature"], lengths: Int[Tensor, " batch"], strength: float, generator: torch.Generator
) -> Float[Tensor, "batch time feature"]:
    """Return the windows played faster or slower around their middle; what is lacking at the ends is mirrored.

    The logarithm of a window's speed is Gaussian with this standard deviation, and the speed is held within 1/2 and 2.
    Values between two steps are interpolated (window warping, after Le Guennec et al. 2016). It assumes that people or
    machines do the same at different paces; where the pace itself decides the target, it does harm.
    """
    draw = torch.randn(len(x), generator=generator).to(x)
    speed = torch.exp(strength * draw).clamp(0.5, 2)[:, None]
    last = (lengths.to(x) - 1)[:, None]
    steps = torch.arange(x.shape[1], device=x.device).to(x)[None].expand(len(x), -1)
    at = (last / 2 + speed * (steps - last / 2)).abs()
    at = torch.where(steps > last, steps, torch.minimum(at, 2 * last - at).clamp(min=0))  # padded steps stay where they are
    before = at.floor().long()
    after = torch.minimum(before + 1, (last.long()).clamp(min=0).expand_as(before)).maximum(before)
    share = (at - before)[..., None]
    return _gather(x, before) * (1 - share) + _gather(x, after) * share


def _gather(x: Float[Tensor, "batch time feature"], steps: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time feature"]:
    return x.gather(1, steps[..., None].expand(-1, -1, x.shape[-1]))
