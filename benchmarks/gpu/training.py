"""Training on the device: ten steps like the CPU's, against a bare loop, with too little memory, and in two processes."""

from __future__ import annotations

import gc
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from benchmarks import training_speed
from benchmarks.gpu.report import Row, attempt
from benchmarks.gpu.subjects import Bench, difference, exact_fp32
from benchmarks.recipes import WEATHER_SPLIT, weather_data
from benchmarks.training_speed import Case
from complex_lstm import ComplexLSTMModel
from complex_lstm.config import MixedPrecision, ModelConfig, TrainingConfig
from complex_lstm.interpretation import ExplanationRequest
from complex_lstm.model.device import device_name, is_out_of_memory
from complex_lstm.training import fit
from complex_lstm.training.batches import WindowBatches
from complex_lstm.training.fit import Outcome
from complex_lstm.training.oom import halve_batch_on_oom

STEPS = 10
EQUAL, NEARLY = 1e-4, 5e-2  # of the largest loss: in fp32 with TF32 off, and in bf16
# AdamW makes whole steps of gradients that are rounding alone, as those of a bias before BatchNorm. At the usual rate, ten times this
# one, two kernels of one CPU are 6e-5 apart after ten steps, and the outputs 1e-2.
RATE = 2e-4
ROOM = 1.5 * 2**30  # bytes of the card that training may take, so that its memory runs short
LEAST_RATIO = 0.8  # of a bare loop's speed


@dataclass(frozen=True)
class Steps:
    """The loss of each step, and what the trained model then says of some windows."""

    losses: list[float]
    outputs: Tensor
    seconds: float


class Losses(Callback):
    """Keeps the loss of each step."""

    def __init__(self) -> None:
        self.kept: list[Tensor] = []

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.kept.append(outputs["loss"].detach())


def ten_steps(hidden: int, mixed: MixedPrecision = "off", devices: int = 1) -> Steps:
    """Train ten steps without dropout, whose draws differ between devices, on whatever device `fit` picks here."""
    case = training_speed.planted(hidden, epochs=1)
    windows = len(WindowBatches(case.dataset, case.dataset.windows.of_part("training")))
    size = max(2, windows // STEPS // devices * devices)
    config = TrainingConfig(epochs=1, batch_size=size, learning_rate=RATE, snapshots=0, mixed_precision=mixed, devices=devices, seed=3)
    losses, start = Losses(), time.perf_counter()
    outcome = fit(case.dataset, replace(case.size, dropout=0.0), case.split, config, callbacks=(losses,))
    x = torch.from_numpy(case.dataset.windows.inputs(np.arange(8)))
    with torch.no_grad():
        outputs = outcome.checkpoint.model(x)
    return Steps(torch.stack(losses.kept).tolist()[:STEPS], outputs, time.perf_counter() - start)


def like_the_cpu(bench: Bench, two_cores: Executor) -> Iterator[Row]:
    """Compare ten steps of `fit` here with ten of a process without a GPU."""
    hidden = 8 if bench.small else 64
    waiting = two_cores.submit(ten_steps, hidden)

    def row(what: str, mixed: MixedPrecision, most: float) -> Row:
        with exact_fp32() if what == "fp32" else nullcontext():
            found = ten_steps(hidden, mixed)
        wanted = waiting.result(timeout=60)
        note = f"loss {found.losses[0]:.4f} to {found.losses[-1]:.4f}; outputs then {difference(found.outputs, wanted.outputs):.1e} apart"
        apart = difference(np.array(found.losses), np.array(wanted.losses))
        return Row("training", f"losses of {len(found.losses)} steps, {what}", apart, most=most, note=note)

    precisions: tuple[tuple[str, MixedPrecision, float], ...] = (
        ("fp32", "off", EQUAL),
        ("as PyTorch comes", "off", NEARLY),
        ("bf16", "always", NEARLY),
    )
    for what, mixed, most in precisions:
        yield attempt("training", f"losses of ten steps, {what}", lambda: row(what, mixed, most))  # noqa: B023


def against_bare_loop(bench: Bench) -> Iterator[Row]:
    """Time the Train page's training against a loop that does nothing else, with batches of the same number and size."""
    if bench.small:
        cases = [training_speed.planted(8, epochs=1)]
    else:
        cases = [training_speed.planted(64, epochs=5), training_speed.weather(256, stride=6, epochs=2)]
    for case in cases:

        def row(case: Case = case) -> Row:
            here = bench.small
            pairs = [(training_speed.bare(case), training_speed.ours(case))] if here else training_speed.take_turns(case, rounds=2)
            windows = case.training.epochs * len(WindowBatches(case.dataset, case.dataset.windows.of_part("training")))
            ratios = [bare.epochs / ours.epochs for bare, ours in pairs]
            plain, own = (windows / statistics.median(pair[side].epochs for pair in pairs) for side in (0, 1))
            note = f"of the bare loop's speed: {own:.0f} windows/s against {plain:.0f}; once a run {pairs[-1][1].once:.2f} s"
            return Row("bare loop", case.what, statistics.median(ratios), "times", least=LEAST_RATIO if bench.on_gpu else None, note=note)

        yield attempt("bare loop", case.what, row)


class Trained:
    """A model of the default size, trained for a few epochs on the weather when it is first asked for."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.outcome: Outcome | None = None
        self.dataset = weather_data(60 if bench.small else 6)

    def model(self) -> ComplexLSTMModel:
        """Return the model, on the CPU."""
        if self.outcome is None:
            config = TrainingConfig(epochs=1 if self.bench.small else 3, batch_size=32, snapshots=0)
            self.outcome = fit(self.dataset, self._size(), WEATHER_SPLIT, config)
        return self.outcome.checkpoint.model

    def _size(self) -> ModelConfig:
        hidden = 8 if self.bench.small else 256
        return ModelConfig(len(self.dataset.schema.roles.features), hidden, output_dim=len(self.dataset.schema.outputs))

    def with_windows(self) -> tuple[ComplexLSTMModel, Tensor]:
        """Return the model and 256 windows."""
        return self.model(), torch.from_numpy(self.dataset.windows.inputs(np.arange(min(256, len(self.dataset.windows)))))

    def with_question(self) -> tuple[ComplexLSTMModel, ExplanationRequest]:
        """Return the model and a window to explain."""
        return self.model(), self.bench.request(self.dataset)


def memory(bench: Bench) -> Iterator[Row]:
    """Show that short memory is recognized, and that training then goes on with smaller batches, of which as many make a step."""

    def recognized() -> Row:
        try:
            torch.empty(2**46, device=bench.device)
        except (MemoryError, RuntimeError) as error:
            note = f"{type(error).__name__}: {' '.join(str(error).split()):.80}"
            return Row("memory", "an impossible allocation is recognized", float(is_out_of_memory(error)), least=1, note=note)
        return Row("memory", "an impossible allocation is recognized", 0.0, least=1, note="it went well")

    yield attempt("memory", "an impossible allocation", recognized)
    if bench.on_gpu:
        yield attempt("memory", "training in too little memory", lambda: _halved(bench))
    else:
        yield Row("memory", "training in too little memory", None, note="not run: needs a GPU, whose memory can be limited")


def _halved(bench: Bench) -> Row:
    gc.collect()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(bench.device).total_memory
    share = (torch.cuda.memory_reserved(bench.device) + ROOM) / total
    data, told = weather_data(6), []
    size = ModelConfig(len(data.schema.roles.features), 256, output_dim=len(data.schema.outputs))

    def train(config: TrainingConfig) -> Outcome:
        return fit(data, size, WEATHER_SPLIT, config)

    torch.cuda.set_per_process_memory_fraction(share)
    try:
        outcome = halve_batch_on_oom(TrainingConfig(epochs=1, batch_size=512, snapshots=0), train, lambda config, _: told.append(config))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    finite = all(bool(value.isfinite().all()) for value in outcome.checkpoint.model.state_dict().values())
    last = told[-1] if told else None
    shown = f"512 windows became {last.accumulate} times {last.batch_size}" if last else "512 windows fitted"
    note = f"halvings; {shown} within {ROOM / 2**30:.1f} GB; {'finite weights' if finite else 'WEIGHTS NOT FINITE'}"
    return Row("memory", "training in too little memory", float(len(told)), "times", least=1 if finite else math.inf, note=note)


def two_cards(bench: Bench) -> Iterator[Row]:
    """Compare ten steps shared by two cards with ten of one."""
    cards = torch.cuda.device_count() if bench.on_gpu else 0
    if cards < 2:
        yield Row("two processes", "losses of ten steps", None, note=f"not run: there is {cards} card" if cards else "not run: no GPU")
        return
    yield attempt("two processes", "losses of ten steps", _two_cards)


def _two_cards() -> Row:
    with exact_fp32():
        one = ten_steps(64)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "two.json"
        subprocess.run([sys.executable, "-m", "benchmarks.gpu.two_cards", str(out)], check=True, timeout=120)
        two = json.loads(out.read_text())
    note = f"{two['seconds']:.1f} s against {one.seconds:.1f} s, start included; {device_name(torch.device('cuda'))}"
    return Row("two processes", "losses of ten steps", difference(np.array(two["losses"]), np.array(one.losses)), most=NEARLY, note=note)
