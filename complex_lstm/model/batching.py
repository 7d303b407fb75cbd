"""Many windows, or one window in many variants, through a model in batches of the size that is fastest."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.errors import Stopped, never_stop

# Windows in one forward pass of 256 channels. On two CPU cores the time per window falls up to about this many and then
# rises again, because the LSTM's working set leaves the cache. Batches that run side by side share the cache, so there
# it is the size for every model; one after another smaller models take up to three times as many.
BATCH = 64

Windows = TypeVar("Windows", bound=Any)  # whatever has a length and can be sliced: a tensor of windows, an array of their numbers
Kept = TypeVar("Kept")
Progress = Callable[[int, int], None]  # is called with the number of windows done and the number in all


def silent(done: int, total: int) -> None:
    """Show no progress."""


def fastest_batch(model: nn.Module) -> int:
    """Return how many windows to send through a model at once where one batch follows another."""
    channels = getattr(getattr(model, "config", None), "hidden_dim", None)
    return BATCH * min(3, max(1, 256 // channels)) if isinstance(channels, int) else BATCH


def map_batches(
    run: Callable[[Windows], Kept],
    windows: Windows,
    *,
    size: int = BATCH,
    workers: int = 1,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> list[Kept]:
    """Return what `run` returns for each batch of the windows, in their order.

    `run` gets a slice of at most `size` windows, sends it through the model and returns what is worth keeping. It runs
    without gradients unless it enables them. With several `workers` it is called from as many threads at once. After
    each batch `progress` is called with the windows done so far; before each `stop` is.

    Raises:
        Stopped: `stop` returned True, or `progress` raised it. Batches that have begun are completed, and no other is begun.
    """

    def run_unless_stopped(batch: Windows) -> Kept:
        if stop():
            raise Stopped
        with torch.no_grad():  # the gradient mode belongs to the thread
            return run(batch)

    batches = [windows[first : first + size] for first in range(0, len(windows), size)]
    kept: list[Kept] = []
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        results = (pool.map if workers > 1 else map)(run_unless_stopped, batches)
        try:
            for batch, result in zip(batches, results, strict=True):
                kept.append(result)
                done += len(batch)
                progress(done, len(windows))
        finally:
            pool.shutdown(cancel_futures=True)  # where `progress` raises, the batches that wait are not computed
    return kept


def ablated_outputs(
    model: nn.Module,
    x: Float[Tensor, "batch time feature"],
    baseline: Float[Tensor, "*#shape"],
    lengths: Tensor | list[int] | None = None,
) -> tuple[Float[Tensor, "batch output"], Float[Tensor, "feature batch output"]]:
    """Return the outputs for x as it is, and for each feature with its column replaced by the baseline's.

    `baseline` is anything that broadcasts against x: one number, one for each feature, or a whole window. Intact and
    ablated windows share forward passes, of the number of windows that is fastest for the model's size.
    """
    filled = baseline.to(x).expand_as(x)
    steps = None if lengths is None else torch.as_tensor(lengths)
    variants = list(range(-1, x.shape[2]))  # -1 is the intact one
    size = max(1, fastest_batch(model) // len(x))
    groups = [variants[first : first + size] for first in range(0, len(variants), size)]
    results = [outputs for group in groups for outputs in _group_outputs(model, x, filled, steps, group)]
    return results[0], torch.stack(results[1:])


def _group_outputs(model: nn.Module, x: Tensor, filled: Tensor, steps: Tensor | None, group: list[int]) -> list[Tensor]:
    stacked = x.repeat(len(group), 1, 1)  # (variant*batch, time, feature)
    for place, feature in enumerate(group):
        if feature >= 0:
            stacked[place * len(x) : (place + 1) * len(x), :, feature] = filled[:, :, feature]
    outputs = model(stacked, None if steps is None else steps.repeat(len(group)))
    return list(outputs.reshape(len(group), len(x), -1).unbind())
