"""Which device to compute on, and with how many threads."""

from __future__ import annotations

import os
import time

import torch

from complex_lstm.model.network import ComplexLSTMModel

GAIN = 1.15  # a second thread must be at least this much faster to be worth what it takes from others


def pick_device() -> torch.device:
    """Return the GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """Return the device as people say it: the GPU's name, or the CPU with its threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def core_count() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def settle_threads(hidden_dim: int = 64) -> int:
    """Set torch's number of threads to what is fastest here for a model of this size, and return it.

    Measured, because a second thread gains a small model nothing and costs it dearly when another process is busy.
    OMP_NUM_THREADS is respected. Call it once, at start.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return torch.get_num_threads()
    cores = core_count()
    model = ComplexLSTMModel(hidden_dim=hidden_dim).eval()
    x = torch.zeros(16, 50, 9)
    best, fastest = 1, _seconds(model, x, 1)
    for threads in (count for count in (2, 4, 8) if count <= cores):
        seconds = _seconds(model, x, threads)
        if seconds * GAIN < fastest:
            best, fastest = threads, seconds
    torch.set_num_threads(best)
    return best


@torch.no_grad()
def _seconds(model: ComplexLSTMModel, x: torch.Tensor, threads: int) -> float:
    torch.set_num_threads(threads)
    model(x)
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        model(x)
        taken.append(time.perf_counter() - start)
    return min(taken)
