"""How long each part of a forward pass takes: the model's own pass, with the clock read at each site."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.hooks import ForwardPass, record
from complex_lstm.profiling.counting import KINDS, Part, parts_of

FEWEST, MOST = 5, 25  # measured passes, after one that warms up
BUDGET = 0.25  # seconds for the passes of one size, if more than the fewest fit into it
TICK = 1e-6  # seconds; the clock of the thread's own work is not used where it is coarser


@dataclass(frozen=True)
class Size:
    """The size of a forward pass: steps of a window, channels of the model, and windows in the batch."""

    time: int
    hidden: int
    batch: int


@dataclass(frozen=True)
class Timed:
    """The measured passes of one size: seconds of each part in each pass. The parts are those that are in use."""

    size: Size
    parts: tuple[Part, ...]
    passes: Float[np.ndarray, "pass part"]

    @property
    def seconds(self) -> Float[np.ndarray, " part"]:
        """The median of each part."""
        return np.median(self.passes, axis=0)

    @property
    def whole(self) -> float:
        """The median of the passes as a whole."""
        return float(np.median(self.passes.sum(axis=1)))

    @property
    def kinds(self) -> Float[np.ndarray, " kind"]:
        """The median of all parts of each of KINDS together; 0 where no part of a kind is in use."""
        belongs = np.array([[part.kind == kind for kind in KINDS] for part in self.parts], dtype=float)
        return np.median(self.passes @ belongs, axis=0)


def counts_own_work(device: torch.device) -> bool:
    """Return whether only the thread's own work is timed, so that other programs on the machine do not count.

    That is possible where the model runs in one thread of the CPU. Otherwise wall-clock time is measured.
    """
    return device.type == "cpu" and torch.get_num_threads() == 1 and time.get_clock_info("thread_time").resolution <= TICK


def time_parts(
    model: ComplexLSTMModel, x: Float[Tensor, "batch time feature"], *, stop: Callable[[], bool] = never_stop, budget: float = BUDGET
) -> Timed:
    """Return the times of forward passes, part by part, after one that warms up. The model should be in eval mode.

    A part's time includes the overhead of Python, which is most of it in a small model.

    Raises:
        Stopped: `stop` returned True between two passes.
    """
    parts = tuple(part for part in parts_of(model.config) if part.sites)
    passes: list[list[float]] = []
    size = Size(x.shape[1], model.config.hidden_dim, len(x))
    _one_pass(model, x, parts)
    while len(passes) < FEWEST or (len(passes) < MOST and sum(map(sum, passes)) < budget):
        if stop():
            raise Stopped("The measurement was stopped. What was measured by then is kept.")
        passes.append(_one_pass(model, x, parts))
    return Timed(size, parts, np.array(passes))


@torch.no_grad()
def _one_pass(model: ComplexLSTMModel, x: Tensor, parts: tuple[Part, ...]) -> list[float]:
    """Return the seconds that each part took. The time between two sites belongs to the part of the second one."""
    clock = time.thread_time if counts_own_work(x.device) else time.perf_counter
    part_of = {site: number for number, part in enumerate(parts) for site in part.sites}
    read: list[tuple[int, float]] = []

    def read_clock(part: int) -> None:
        if x.device.type == "cuda":
            torch.cuda.synchronize(x.device)  # the GPU is still computing when Python goes on
        read.append((part, clock()))

    read_clock(-1)
    model(x, run=ForwardPass(record(lambda site, value: read_clock(part_of[site]))))
    seconds = [0.0] * len(parts)
    for (_, before), (part, now) in itertools.pairwise(read):
        seconds[part] += now - before
    return seconds
