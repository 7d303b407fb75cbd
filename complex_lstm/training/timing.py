"""How long training takes here, measured on a few real batches."""

from __future__ import annotations

import time

import torch
from torch.nn import functional

from complex_lstm.config import ModelConfig
from complex_lstm.data import Dataset
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import pick_device
from complex_lstm.training.batches import WindowBatches

STEPS = 2  # measured after one that warms up
A_CHECK = 1 / 3  # of a training step's time: a forward pass without the backward one


def seconds_an_epoch(dataset: Dataset, size: ModelConfig, *, batch_size: int) -> float:
    """Return about how long an epoch takes on this machine as busy as it is now: training and validation part.

    The shorter of two steps on the first windows counts. Plain steps are timed: strategies can make them slower.
    """
    training = WindowBatches(dataset, dataset.windows.of_part("training"))
    checks = len(dataset.windows.of_part("validation"))
    x, lengths, truth = training.__getitems__(list(range(min(batch_size, len(training)))))
    device = pick_device()
    with torch.random.fork_rng(devices=[]):  # weights and dropout draw random numbers, which belong to others here
        model = ComplexLSTMModel(**vars(size)).to(device).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
        taken = [_seconds_of_a_step(model, optimizer, x.to(device), lengths.to(device), truth.to(device)) for _ in range(1 + STEPS)]
    return min(taken[1:]) / len(x) * (len(training) + A_CHECK * checks)


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
