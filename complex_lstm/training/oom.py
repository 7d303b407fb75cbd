"""Memory: keeping what one training step frees for the next one, and halving the batch where there is too little of it."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import torch

from complex_lstm.config import TrainingConfig
from complex_lstm.errors import TrainingError
from complex_lstm.model.device import is_out_of_memory

MOST_MAPPED, LEAST_RETURNED = -4, -1  # M_MMAP_MAX and M_TRIM_THRESHOLD of glibc's malloc.h
TWO_GIGABYTES = 2**31 - 1  # the most that mallopt takes

Result = TypeVar("Result")


def keep_freed_memory() -> bool:
    """Return whether this process now keeps the memory that it frees, up to two gigabytes, instead of returning it to the system.

    Every step frees hundreds of megabytes that the next one needs. Once returned, each page of them has to be requested
    and cleared anew, which takes a sixth to a third of a step on the CPU. The price is that the process holds the memory of its
    largest step until it ends: right for one that trains. Only Linux with glibc can; elsewhere nothing changes.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    return bool(library.mallopt(MOST_MAPPED, 0) and library.mallopt(LEAST_RETURNED, TWO_GIGABYTES))


def halve_batch_on_oom(
    config: TrainingConfig, train: Callable[[TrainingConfig], Result], report: Callable[[TrainingConfig, str], None]
) -> Result:
    """Return what `train` returns, with the batch halved as often as the device runs out of memory; `report` is called each time.

    The gradients of the halves are accumulated, so that a step is still that of the configured batch size.

    Raises:
        TrainingError: the memory does not hold even one window.
    """
    while True:
        try:
            return train(config)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if config.batch_size == 1:
                raise TrainingError("The memory does not hold even one window. Choose a smaller model, or shorter windows.") from None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        before, half = config.batch_size, (config.batch_size + 1) // 2
        config = replace(config, batch_size=half, accumulate=2 * config.accumulate)
        report(config, f"The memory does not hold {before} windows: continuing with batches of {half}, {config.accumulate} to a step.")
