"""How long training takes on this machine, measured on a few real batches that fit into a small part of the memory."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import torch
from torch.nn import functional

from complex_lstm.config import ModelConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped, TrainingError, never_stop
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import is_out_of_memory, pick_device
from complex_lstm.training.batches import WindowBatches

STEPS = 2  # measured after one that warms up
VALIDATION_COST = 1 / 3  # of a training step's time: a forward pass without the backward one

GIGABYTE = 2**30
MOST_MEMORY = 2 * GIGABYTE  # on the CPU, where the process that measures is that of the pages
# Numbers that a training step holds at its largest, upper bounds of what was measured as the growth of the process on
# the CPU, at 32 to 256 channels, 50 to 1,200 steps, 1 to 12 BiLSTM blocks and 2 to 8 attention heads:
PER_CHANNEL, PER_BLOCK = 50, 60  # for each time step and channel; the second for each BiLSTM block as well
PER_CELL = 8  # for each attention head, query and key, of both layers together
PER_WEIGHT = 4  # the weight, its gradient and AdamW's two moment estimates
BYTES = 4  # of a number


def seconds_an_epoch(dataset: Dataset, size: ModelConfig, *, batch_size: int, stop: Callable[[], bool] = never_stop) -> float:
    """Return about how many seconds an epoch takes on this machine under its present load: training and validation part.

    The shorter of two steps on the first windows counts, without any strategy: those can take longer. Of a batch that needs
    more memory than `windows_that_fit` allows, a part is timed, and scaled up.

    Raises:
        TrainingError: the memory does not hold the model with one window.
        Stopped: `stop` returned True, before one of the steps.
    """
    try:
        return _measure(dataset, size, batch_size, stop)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
    if torch.cuda.is_available():  # after the except: the error keeps the tensors alive
        torch.cuda.empty_cache()
    raise TrainingError("The memory that is free now does not hold a training step of this model. Choose a smaller model or batch.")


def windows_that_fit(size: ModelConfig, steps: int, *, memory: int) -> int:
    """Return how many windows of `steps` time steps a training step can take within `memory` bytes, beside the model.

    Raises:
        TrainingError: not even one.
    """
    with torch.device("meta"):  # counts the weights without making them
        weights = sum(one.numel() for one in ComplexLSTMModel(**vars(size)).parameters())
    a_window = BYTES * steps * (size.hidden_dim * (PER_CHANNEL + PER_BLOCK * size.num_lstm_layers) + PER_CELL * size.num_heads * steps)
    fit = (memory - BYTES * PER_WEIGHT * weights) // a_window
    if fit < 1:
        needed = (BYTES * PER_WEIGHT * weights + a_window) / GIGABYTE
        raise TrainingError(
            f"A training step of a model with {weights:,} weights on one window of {steps:,} time steps needs about {needed:.1f} GB, "
            f"and at most {memory / GIGABYTE:.1f} GB are used for measuring. Choose fewer hidden channels, or shorter windows."
        )
    return fit


def memory_to_measure_with(device: torch.device) -> int:
    """Return the bytes that measuring may use: half of a GPU's free memory, or of the machine's, there at most two gigabytes."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] // 2
    return min(MOST_MEMORY, psutil.virtual_memory().available // 2)


def _measure(dataset: Dataset, size: ModelConfig, batch_size: int, stop: Callable[[], bool]) -> float:
    training = WindowBatches(dataset, dataset.windows.of_part("training"))
    checks = len(dataset.windows.of_part("validation"))
    device, longest = pick_device(), int(dataset.windows.length.max())
    fit = windows_that_fit(size, longest, memory=memory_to_measure_with(device))
    x, lengths, truth = training.__getitems__(list(range(min(batch_size, len(training), fit))))
    with torch.random.fork_rng(devices=[]):  # weights and dropout draw random numbers, which must not change those of a training
        model = ComplexLSTMModel(**vars(size)).to(device).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
        taken = []
        for _ in range(1 + STEPS):
            if stop():
                raise Stopped("The measurement was stopped.")
            taken.append(_seconds_of_a_step(model, optimizer, x.to(device), lengths.to(device), truth.to(device)))
    return min(taken[1:]) / len(x) * (len(training) + VALIDATION_COST * checks)


def _seconds_of_a_step(
    model: ComplexLSTMModel, optimizer: torch.optim.Optimizer, x: torch.Tensor, lengths: torch.Tensor, truth: torch.Tensor
) -> float:
    start = time.perf_counter()
    outputs = model(x, lengths)
    loss = functional.cross_entropy(outputs, truth) if truth.ndim == 1 else functional.mse_loss(outputs, truth)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()  # waits for the device
    return time.perf_counter() - start
