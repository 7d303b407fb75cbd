"""The device to compute on, and the number of threads."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

from complex_lstm.model.network import ComplexLSTMModel

_switching_cudnn = threading.Lock()
_share = sys.maxsize  # cores of this process

# In the messages of torch, cuDNN, cuBLAS and the allocator on the CPU; only the first has an error type of its own.
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
GAIN = 1.15  # more threads for one batch must be at least this much faster than batches side by side


def pick_device() -> torch.device:
    """Return the GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """Return the device's name: that of the GPU, or the CPU with its number of threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of Python or torch means that the memory of the device is short."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error).lower() for words in OUT_OF_MEMORY)


def core_count() -> int:
    """Return how many cores this process may use: all that the system gives it, or its share of them (`share_cores`)."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(given, _share)


def share_cores(cores: int) -> None:
    """Have this process use only so many cores, and one torch thread for each batch.

    With one thread the outputs are the same to the last bit however many processes share the work; with more, sums are added in an
    order that depends on their number.
    """
    global _share
    _share = max(1, cores)
    torch.set_num_threads(1)


def worker_count(device: torch.device) -> int:
    """Return how many batches to compute side by side: on the CPU as many as leave each torch thread a core."""
    return max(1, core_count() // torch.get_num_threads()) if device.type == "cpu" else 1


def settle_threads(hidden_dim: int = 64) -> int:
    """Set torch's number of threads to the fastest one here for a model of this size, and return it.

    It is measured as it is used: on all cores, with one thread for each of several batches, or with several threads for
    one batch at a time. For small models a second thread gains nothing, and is slow when another process is busy.
    OMP_NUM_THREADS is respected. Call it once, at start.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return torch.get_num_threads()
    model = ComplexLSTMModel(hidden_dim=hidden_dim).eval()
    best, fastest = 1, _seconds(model, 1)
    for threads in (count for count in (2, 4, 8) if count <= core_count()):
        seconds = _seconds(model, threads)
        if seconds * GAIN < fastest:
            best, fastest = threads, seconds
    torch.set_num_threads(best)
    return best


def _seconds(model: ComplexLSTMModel, threads: int) -> float:
    """Return the shortest of three times for a batch for each core."""
    torch.set_num_threads(threads)
    batches = [torch.zeros(16, 50, model.config.input_dim)] * core_count()
    with ThreadPoolExecutor(worker_count(torch.device("cpu"))) as pool:
        list(pool.map(model.ensemble_head_outputs, batches))
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            list(pool.map(model.ensemble_head_outputs, batches))
            taken.append(time.perf_counter() - start)
    return min(taken)


@contextmanager
def gradients_enabled(device: torch.device) -> Iterator[None]:
    """Let gradients through an LSTM in eval mode, which torch's own LSTM does and cuDNN refuses (captum #328).

    cuDNN is switched for the whole process, so a lock is held: of two overlapping contexts the second to leave would
    restore "off".
    """
    with torch.enable_grad():
        if device.type != "cuda":
            yield
        else:
            with _switching_cudnn, torch.backends.cudnn.flags(enabled=False):
                yield
