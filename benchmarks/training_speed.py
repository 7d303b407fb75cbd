"""Training with all that the Train page does against a bare PyTorch loop: `python -m benchmarks.training_speed`."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.nn import functional

from benchmarks.recipes import WEATHER_SPLIT, weather_data
from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset, guess_roles, prepare_training, read_csv, suggest_split, suggest_window
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.runs import create_run, make_plan
from complex_lstm.samples import SAMPLES
from complex_lstm.training import fit
from complex_lstm.training.batches import WindowBatches
from complex_lstm.training.run_callbacks import StatusWriter

HEADER = (
    "| what | bare, windows/s | ours, windows/s | bare time / our time | over the rounds | ours once a run, s |\n|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Case:
    """A data set with its split, the model's size, and the settings, which are the Train page's unless said otherwise."""

    what: str
    dataset: Dataset
    split: SplitConfig
    size: ModelConfig
    training: TrainingConfig
    file: Path


@dataclass(frozen=True)
class Taken:
    """The seconds of the epochs, and those of what happens once a run before and after them."""

    epochs: float
    once: float


class Clock(Callback):
    """Measures from the beginning of the first epoch to the end of the last, with all that others do at either."""

    def __init__(self) -> None:
        self.begun, self.ended = 0.0, 0.0

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.begun = self.begun or time.perf_counter()

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.ended = time.perf_counter()


def ours(case: Case) -> Taken:
    """Train into a fresh run folder as the Train page does: progress, curves, best model, way to resume, watch over the gradients."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        run = create_run(Path(folder) / "run", make_plan(case.dataset, case.split, case.size, case.training, path=case.file))
        fit(case.dataset, case.size, case.split, case.training, writer=StatusWriter(run), callbacks=(clock,))
        epochs = clock.ended - clock.begun
        return Taken(epochs, time.perf_counter() - start - epochs)


def bare(case: Case) -> Taken:
    """Train the same model by a loop that does nothing else: no run folder, no report, no model kept; its windows are tensors already."""
    config, device = case.training, pick_device()
    start = time.perf_counter()
    x, truth = (value.to(device) for value in _tensors(case.dataset, "training"))
    check_x, check_truth = (value.to(device) for value in _tensors(case.dataset, "validation"))
    torch.manual_seed(config.seed)
    model = ComplexLSTMModel(**vars(case.size)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * -(-len(x) // config.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=steps, pct_start=0.15)
    begun = time.perf_counter()
    for _ in range(config.epochs):
        model.train()
        for batch in torch.randperm(len(x)).split(config.batch_size):
            optimizer.zero_grad()
            _loss(model(x[batch]), truth[batch]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
            optimizer.step()
            schedule.step()
        model.eval()
        with torch.no_grad():
            for inputs, wanted in zip(check_x.split(config.batch_size), check_truth.split(config.batch_size), strict=True):
                _loss(model(inputs), wanted).item()
    epochs = time.perf_counter() - begun
    return Taken(epochs, time.perf_counter() - start - epochs)


def _tensors(dataset: Dataset, part: str) -> tuple[Tensor, Tensor]:
    batches = WindowBatches(dataset, dataset.windows.of_part(part))
    x, _, truth = batches.__getitems__(list(range(len(batches))))
    return x, truth


def _loss(outputs: Tensor, truth: Tensor) -> Tensor:
    return functional.cross_entropy(outputs, truth) if truth.ndim == 1 else functional.mse_loss(outputs, truth)


def take_turns(case: Case, *, rounds: int) -> list[tuple[Taken, Taken]]:
    """Return what the bare loop and ours took, once a round after one to warm up.

    Each has a process of its own, because what ours tells the C library about memory would hold for both.
    """
    with _process() as first, _process() as second:
        pairs = [(first.submit(bare, case).result(), second.submit(ours, case).result()) for _ in range(1 + rounds)]
    return pairs[1:]


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(torch.get_num_threads(),))


def _begin(threads: int) -> None:
    torch.set_num_threads(threads)
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


def row(case: Case, pairs: list[tuple[Taken, Taken]]) -> str:
    """Return a table's row."""
    ratios = sorted(first.epochs / second.epochs for first, second in pairs)
    windows = case.training.epochs * len(WindowBatches(case.dataset, case.dataset.windows.of_part("training")))
    plain, own = (windows / statistics.median(pair[side].epochs for pair in pairs) for side in (0, 1))
    once = statistics.median(second.once for _, second in pairs)
    return f"| {case.what} | {plain:.0f} | {own:.0f} | {statistics.median(ratios):.2f} | {ratios[0]:.2f} to {ratios[-1]:.2f} | {once:.2f} |"


def weather(hidden: int, *, stride: int, epochs: int) -> Case:
    """Return the weather sample with windows this far apart."""
    return _case("nyc_weather", weather_data(stride), WEATHER_SPLIT, hidden, epochs)


def planted(hidden: int, *, epochs: int) -> Case:
    """Return the planted order task."""
    table = read_csv(SAMPLES["planted_order"].csv)
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)
    split = suggest_split(table, roles, window)
    return _case("planted_order", prepare_training(table, roles, window, split), split, hidden, epochs)


def _case(data: str, dataset: Dataset, split: SplitConfig, hidden: int, epochs: int) -> Case:
    """Return a case with the page's settings, and with as many looks inside the model an epoch as a run of the page's length has."""
    usual = TrainingConfig()
    training = replace(usual, epochs=epochs, snapshots=max(2, round(usual.snapshots * epochs / usual.epochs)))
    size = ModelConfig(len(dataset.schema.roles.features), hidden, output_dim=len(dataset.schema.outputs))
    return Case(f"{data}, hidden {hidden}", dataset, split, size, training, SAMPLES[data].csv)


if __name__ == "__main__":
    print(f"torch {torch.__version__}, threads: {settle_threads()}\n\n{HEADER}")
    for one, times in (
        (planted(64, epochs=5), 7),
        (weather(64, stride=6, epochs=2), 5),
        (planted(256, epochs=1), 5),
        (weather(256, stride=18, epochs=1), 3),
    ):
        print(row(one, take_turns(one, rounds=times)), flush=True)
