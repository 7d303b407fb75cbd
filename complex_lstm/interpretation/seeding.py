"""Captum's random numbers, which it draws from the process's own generators."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

_one_at_a_time = threading.Lock()  # torch's and numpy's random numbers belong to the process


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the process's generators for the moment, and put them back: Captum's sampling takes no generator."""
    with _one_at_a_time, torch.random.fork_rng():
        state = np.random.get_state()
        torch.manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(state)
