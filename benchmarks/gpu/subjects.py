"""What is measured: shipped models on their real windows, on both devices, and how a difference is told."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from torch import Tensor

from complex_lstm import Checkpoint, ComplexLSTMModel, load_checkpoint
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.interpretation import ExplanationRequest, make_request
from complex_lstm.samples import SAMPLES

NAMES = ("nyc_weather", "shoulder_exercises", "planted_order")
OF_UNEQUAL_LENGTHS = "japanese_vowels"
FEW = 10  # steps
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Subject:
    """A shipped model, on the CPU and on the device, and its data."""

    name: str
    dataset: Dataset
    on_cpu: ComplexLSTMModel
    on_device: ComplexLSTMModel
    device: torch.device

    def windows(self, count: int) -> Tensor:
        """Return windows from all over the data set, of one length."""
        return torch.from_numpy(self.dataset.windows.inputs(self.numbers(count)))

    def numbers(self, count: int) -> np.ndarray:
        """Return which windows these are."""
        return np.unique(np.linspace(0, len(self.dataset.windows) - 1, count).astype(int))


@dataclass(frozen=True)
class Bench:
    """Where to measure, and whether only to try it out."""

    device: torch.device
    small: bool

    @property
    def on_gpu(self) -> bool:
        return self.device.type == "cuda"

    def subjects(self) -> Iterator[Subject]:
        """Yield the shipped models; one of them if small."""
        for name in NAMES[2:] if self.small else NAMES:
            yield subject(name, self.device)

    def request(self, dataset: Dataset) -> ExplanationRequest:
        """Return why the first output is what it is for a window in the middle, against the training mean; of its first steps if small."""
        whole = make_request(dataset, len(dataset.windows) // 2, 0)
        few = slice(FEW if self.small else None)
        return replace(whole, x=whole.x[few], baselines=whole.baselines[:, few], draws=whole.draws[:, few])

    def wait(self) -> None:
        """Wait until the device has done all that it was told."""
        if self.on_gpu:
            torch.cuda.synchronize(self.device)


@cache
def subject(name: str, device: torch.device) -> Subject:
    """Return a shipped sample with its model."""
    sample = SAMPLES[name]
    kept = load_checkpoint(sample.checkpoint)
    assert isinstance(kept, Checkpoint)
    dataset = prepare_for(read_csv(sample.csv), kept.schema, kept.window, kept.scaling)
    return Subject(name, dataset, kept.model, copy.deepcopy(kept.model).to(device), device)


def difference(found: Tensor | np.ndarray, wanted: Tensor | np.ndarray) -> float:
    """Return the largest difference as a share of the largest size wanted; infinite where a number is not finite."""
    first, second = (torch.as_tensor(one).detach().double().cpu() for one in (found, wanted))
    apart = (first - second).abs().max() / second.abs().max().clamp(min=1e-30)
    return float(apart) if bool(apart.isfinite()) and first.shape == second.shape else float("inf")


@contextmanager
def tf32(*, products: bool, cudnn: bool) -> Iterator[None]:
    """Let matrix products, or cuDNN, round to TF32, which keeps three digits. As PyTorch comes, cuDNN does and products do not."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = products, cudnn
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def exact_fp32() -> AbstractContextManager[None]:
    """Compute in fp32 all through."""
    return tf32(products=False, cudnn=False)


def seconds(bench: Bench, run: Callable[[], object], *, repeats: int = 15) -> float:
    """Return the median time of a run, after three to warm up, each waited for."""
    taken = []
    for number in range(3 + repeats):
        bench.wait()
        start = time.perf_counter()
        run()
        bench.wait()
        if number >= 3:
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def short(kind: torch.dtype) -> str:
    """Return what people call a number format."""
    return {torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"}[kind]
