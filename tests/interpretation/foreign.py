"""Models of other libraries that the tests explain, and the request that is theirs: a weighted sum whose answers are worked out by hand."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from complex_lstm import ExplanationRequest, request_for
from tests.interpretation.toys import request_of
from tests.model.lively import random_windows

WEIGHT = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])  # (time, feature)
WINDOW = np.array([[1.0, 2.0, -1.0], [3.0, 0.5, 2.0]])
BACKGROUND = np.random.default_rng(0).normal(size=(40, 2, 3))


def request(**about: Any) -> ExplanationRequest:
    return request_for(WINDOW, BACKGROUND, **{"baseline": "zero"} | about)


def weighted(x: np.ndarray) -> np.ndarray:
    return (x * WEIGHT).sum(axis=(1, 2))


def of_small_model() -> ExplanationRequest:
    return request_of(random_windows(6, 4, seed=3).tolist(), draws=random_windows(3, 6, 4).tolist())


class Gru(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru, self.out = nn.GRU(3, 8, batch_first=True), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.gru(x)[0].amax(1))


def gru() -> Gru:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Gru().eval()


def session(model: nn.Module, path: Path, windows: Tensor, *, free: bool = False) -> onnxruntime.InferenceSession:
    """Return a model as ONNX, of any batch if it is free, else of these windows'."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about itself
        torch.onnx.export(
            model, (windows,), path, input_names=["x"], output_names=["y"], dynamo=False,
            dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}} if free else None,
        )  # fmt: skip
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
