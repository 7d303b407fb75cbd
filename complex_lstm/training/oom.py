"""Memory: what one training step frees and the next one takes again, and what to do where there is too little of it."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import torch

from complex_lstm.config import TrainingConfig
from complex_lstm.errors import TrainingError

# How torch, cuDNN and cuBLAS, and the allocator on the CPU say that memory is short; only the first has a type of its own.
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
MOST_MAPPED, LEAST_RETURNED = -4, -1  # M_MMAP_MAX and M_TRIM_THRESHOLD of glibc's malloc.h
TWO_GIGABYTES = 2**31 - 1  # the most that mallopt takes

Result = TypeVar("Result")


def keep_freed_memory() -> bool:
    """Return whether this process now keeps what it frees, up to two gigabytes, instead of giving it back to the system.

    Every step frees hundreds of megabytes that the next one needs. Given back, each page of them has to be fetched
    and cleared anew, which takes a sixth to a third of a step on the CPU. The price is that the process holds the memory of its
    largest step until it ends: right for one that trains. Only Linux with glibc can; elsewhere nothing changes.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    return bool(library.mallopt(MOST_MAPPED, 0) and library.mallopt(LEAST_RETURNED, TWO_GIGABYTES))


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of Python or torch says that the memory of the device is short."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error).lower() for words in OUT_OF_MEMORY)


def halving(config: TrainingConfig, train: Callable[[TrainingConfig], Result], tell: Callable[[TrainingConfig, str], None]) -> Result:
    """Return what `train` makes, with batches halved as often as the device's memory asks for it; `tell` hears of each time.

    The gradients of the halves are added up, so that a step is still that of the batch size asked for.

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
        tell(
            config, f"The memory does not hold {before} windows: going on with batches of {half}, {config.accumulate} of which make a step."
        )
