"""What a run writes into its folder while it trains, and how it does what somebody wishes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, Checkpoint

from complex_lstm.errors import Stopped
from complex_lstm.model import Checkpoint as Trained
from complex_lstm.model import save_checkpoint
from complex_lstm.runs.atomic_files import LAST, LOG, MODEL, atomic_path, remove_partial_files
from complex_lstm.runs.curves import Row, read_metrics, write_metrics
from complex_lstm.runs.folder import Wish, forget_wish, read_wish
from complex_lstm.runs.status import own_process, read_status, write_status
from complex_lstm.training.background import BackgroundWorker
from complex_lstm.training.batches import InSeededOrder
from complex_lstm.training.best_weights import BestWeights, State, is_whole, weights_now
from complex_lstm.training.processes import as_the_first_says, is_first_process

BEAT = 0.5  # seconds between two words on how far it is
TOLD_AN_EPOCH = 20  # steps of an epoch, about, of which the gradients are told
WRITING = 100  # times as long as writing last.ckpt has taken, it is not written again
LOOK = 0.1  # seconds between two looks for a wish while it is paused


class StatusWriter:
    """Where a run's status lies: the one place that writes it. Of several processes only the first one's writes anything."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.status = folder, read_status(folder)
        self.is_firsts = is_first_process()
        self._written = 0.0

    def tell(self, **changes: Any) -> None:
        """Write what has changed."""
        self.status = replace(self.status, **changes)
        if self.is_firsts:
            write_status(self.folder, self.status)
        self._written = time.monotonic()

    def tell_soon(self, **changes: Any) -> None:
        """Write what has changed unless something was written just now."""
        if time.monotonic() - self._written > BEAT:
            self.tell(**changes)

    def log(self, line: str) -> None:
        """Add a line to the log."""
        if not self.is_firsts:
            return
        with (self.folder / LOG).open("a") as file:
            file.write(line.rstrip() + "\n")

    def begin(self, **changes: Any) -> None:
        """Make this process the run's."""
        if self.is_firsts:
            remove_partial_files(self.folder)
        self.tell(**{"queued": self.status.queued or time.time()} | own_process() | changes)


class BestCheckpoint(BestWeights):
    """Writes the best weights into the folder at every improvement, aside, so that a stop or a crash keeps them."""

    def __init__(self, desk: StatusWriter, make: Callable[[State], Trained], aside: BackgroundWorker, *, checks: bool) -> None:
        super().__init__(checks=checks)
        self.desk, self.make, self.aside = desk, make, aside
        self.on_better = self.write

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Take the model in the folder for the best so far: what a resumed run starts from may have been written down before it."""
        kept = self.desk.status.best_epoch
        if self.checks and kept > self.epoch and self.has_written:
            measured = [row.value for row in read_metrics(self.desk.folder) if (row.epoch, row.metric) == (kept, "validation_loss")]
            if measured and measured[-1] < self.loss:
                self.loss, self.epoch = measured[-1], kept

    @property
    def has_written(self) -> bool:
        """Whether the folder has a model, once what is being written is."""
        self.aside.wait()
        return (self.desk.folder / MODEL).exists()

    def write(self, weights: State, epoch: int) -> None:
        """Write these weights as a checkpoint that every page can open."""
        made = self.make(weights)  # here: the model that it copies may be changed by the time that it is written

        def write() -> None:
            with atomic_path(self.desk.folder / MODEL) as fresh:
                save_checkpoint(made, fresh)

        if self.desk.is_firsts:
            self.aside.do(write)
        self.desk.status = replace(self.desk.status, best_epoch=epoch)


class ProgressCallback(Callback):
    """Tells how far the run is, writes the curves, and looks before every batch whether it should pause or stop."""

    def __init__(self, desk: StatusWriter, keeper: BestCheckpoint) -> None:
        self.desk, self.keeper = desk, keeper
        self.rows: list[Row] = []
        self.begun, self.paused, self.batches = 0.0, 0.0, 0

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.begun = time.monotonic()
        self.rows = [row for row in read_metrics(self.desk.folder) if row.epoch <= trainer.current_epoch]
        self.desk.tell(state="running", epoch=trainer.current_epoch, message=f"Epoch {trainer.current_epoch + 1} has begun.")

    def on_train_batch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int) -> None:
        wish, begun = self._hear(trainer), time.monotonic()
        if wish == "pause":
            self.desk.tell(state="paused", seconds_left=None, message="Paused.")
            while (wish := self._hear(trainer)) == "pause":
                time.sleep(LOOK)
            self.paused += time.monotonic() - begun
            self.desk.tell(state="running", message="Going on.")
        if wish is not None and self.desk.is_firsts:
            forget_wish(self.desk.folder)
        if wish == "stop":
            if not self.keeper.has_written and is_whole(pl_module):
                self.keeper.write(weights_now(trainer, pl_module), trainer.current_epoch + 1)
            raise Stopped("Stopped as you wished.")

    def _hear(self, trainer: lightning.Trainer) -> Wish | None:
        return as_the_first_says(trainer, read_wish(self.desk.folder) if self.desk.is_firsts else None)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.batches += 1
        an_epoch, epochs = int(trainer.num_training_batches), trainer.max_epochs or 1
        if batch_idx % max(1, an_epoch // TOLD_AN_EPOCH) == 0:
            self._note(trainer, {name: value for name, value in trainer.callback_metrics.items() if _is_of_a_step(name)})
        done = trainer.current_epoch * an_epoch + batch_idx + 1
        taken = time.monotonic() - self.begun - self.paused
        left = taken / self.batches * (an_epoch * epochs - done)
        self.desk.tell_soon(share=done / (an_epoch * epochs), seconds_left=left)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        epoch = trainer.current_epoch + 1
        measured = {name: value for name, value in sorted(trainer.callback_metrics.items()) if not _is_of_a_step(name)}
        rate = torch.tensor(max(group["lr"] for group in trainer.optimizers[0].param_groups))
        self._note(trainer, measured | {"learning_rate": rate})
        if self.desk.is_firsts:
            write_metrics(self.desk.folder, self.rows)
        words = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
        self.desk.log(f"epoch {epoch} of {trainer.max_epochs}: {words}")
        self.desk.tell(epoch=epoch, share=epoch / (trainer.max_epochs or 1), message=f"Epoch {epoch}: {words}")

    def _note(self, trainer: lightning.Trainer, measured: dict[str, torch.Tensor]) -> None:
        self.rows += [Row(trainer.current_epoch + 1, trainer.global_step, name, float(value)) for name, value in measured.items()]


def _is_of_a_step(metric: str) -> bool:
    """Whether a metric is of one step of the optimizer; the others are of a whole epoch."""
    return metric.startswith("gradient_")


class Resumable(Checkpoint):
    """Writes last.ckpt after an epoch, with the states of all random numbers: a resumed run goes on as if never ended.

    Writing takes at most a hundredth of the time: where epochs are shorter than that, some are not written, and done again.

    The order of the windows needs no state, because the seed and the epoch decide it. Of several processes the states are
    the first one's; the others begin their random numbers anew.
    """

    def __init__(self, folder: Path, order: InSeededOrder) -> None:
        self.folder, self.order = folder, order
        self.found: dict[str, Any] = {}
        self.due = 0.0  # when the next is written, on the clock of `time.monotonic`

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        begun = time.monotonic()
        if not as_the_first_says(trainer, begun >= self.due):
            return
        if not trainer.is_global_zero:  # it takes part in what is gathered, and writes nothing
            return trainer.save_checkpoint(self.folder / LAST, weights_only=False)
        with atomic_path(self.folder / LAST) as fresh:
            trainer.save_checkpoint(fresh, weights_only=False)
        self.due = time.monotonic() + WRITING * (time.monotonic() - begun)

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if self.found and trainer.is_global_zero:
            torch.set_rng_state(self.found["random"])
            if torch.cuda.is_available() and self.found["random_gpu"]:
                torch.cuda.set_rng_state_all(self.found["random_gpu"])
            for name, source in _own_sources(pl_module).items():
                source.set_state(self.found["sources"][name])
        self.found = {}

    def on_save_checkpoint(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]) -> None:
        checkpoint["resumable"] = {
            "epoch": trainer.current_epoch + 1,
            "random": torch.get_rng_state(),
            "random_gpu": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "sources": {name: source.get_state() for name, source in _own_sources(pl_module).items()},
        }

    def on_load_checkpoint(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]) -> None:
        self.found = checkpoint["resumable"]
        self.order.set_epoch(self.found["epoch"])


def _own_sources(module: lightning.LightningModule) -> dict[str, torch.Generator]:
    """Return the random number generators that the module draws from, by name."""
    return {name: value for name, value in vars(module).items() if isinstance(value, torch.Generator)}
