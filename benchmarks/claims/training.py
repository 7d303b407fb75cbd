"""One training run, the same for every model, and its scores: as it is, with noise, with cells missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from benchmarks.claims.data import Task, Windows

RATE, DECAY, CLIP = 3e-3, 1e-2, 1.0
NOISE, MISSING = 0.5, 0.2  # deviations of noise on the scaled inputs; share of the cells that are set to the training mean
LOOKS = 8  # at the model while it learns, before the first step and after the last among them


@dataclass(frozen=True)
class Trained:
    """A model after its run, the seconds of the processor, the largest norm of a gradient, and the loss on the test part at each look."""

    model: Any
    seconds: float
    largest_gradient: float
    losses: tuple[float, ...]


def train(model: Any, task: Task, seed: int, look: Callable[[int], None] | None = None) -> Trained:
    """Return the model after the task's epochs of AdamW with one cycle of the learning rate; the last epoch is kept.

    `look` is called with the step of each look; without it the loss on the test part is computed at the end alone.
    """
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    batches = -(-len(task.learned.x) // task.batch)
    steps = batches * task.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    looks = {round(steps * number / (LOOKS - 1)) for number in range(LOOKS)} if look else set()
    losses, largest, step, start = [], 0.0, 0, time.process_time()

    def looked() -> None:
        losses.append(loss_of(task, outputs_of(model, task.scored), task.scored.truth).item())
        if look:
            look(step)

    for _ in range(task.epochs):
        for chosen in torch.randperm(len(task.learned.x), generator=order).split(task.batch):
            if step in looks:
                looked()
            model.train()
            if len(chosen) > 1:  # BatchNorm needs two
                longest = int(task.learned.lengths[chosen].max())
                outputs = model(task.learned.x[chosen, :longest], task.learned.lengths[chosen])
                optimizer.zero_grad()
                loss_of(task, outputs, task.learned.truth[chosen]).backward()
                largest = max(largest, clip_grad_norm_(model.parameters(), CLIP).item())
                optimizer.step()
            schedule.step()
            step += 1
    looked()
    return Trained(model.eval(), time.process_time() - start, largest, tuple(losses))


def loss_of(task: Task, outputs: Float[Tensor, "window output"], truth: Tensor) -> Tensor:
    """Return the cross-entropy of classes, or the mean squared error of scaled values."""
    return functional.cross_entropy(outputs, truth) if task.is_classes else functional.mse_loss(outputs, truth)


@torch.no_grad()
def outputs_of(model: Any, windows: Windows) -> Float[Tensor, "window output"]:
    """Return the outputs without dropout."""
    model.eval()
    return torch.cat([model(x, lengths) for x, lengths in zip(windows.x.split(128), windows.lengths.split(128), strict=True)])


def disturbed(windows: Windows, kind: str) -> Windows:
    """Return windows with noise or with missing cells, the same at each call."""
    source = torch.Generator().manual_seed(0)
    shape = windows.x.shape
    if kind == "noise":
        return Windows(windows.x + NOISE * torch.randn(shape, generator=source), windows.lengths, windows.truth)
    return Windows(windows.x * (torch.rand(shape, generator=source) >= MISSING), windows.lengths, windows.truth)


def row(trained: Trained, task: Task) -> dict[str, float]:
    """Return what is kept of every run."""
    outputs = outputs_of(trained.model, task.scored)
    found = {
        "score": task.score(outputs, task.scored),
        "training_score": task.score(outputs_of(trained.model, task.learned), task.learned),
        "seconds": trained.seconds,
        "largest_gradient": trained.largest_gradient,
        "last_loss": trained.losses[-1],
    }
    for kind in ("noise", "missing"):
        found[kind] = task.score(outputs_of(trained.model, disturbed(task.scored, kind)), task.scored)
    return found
