"""What a run writes into its folder while it trains, and how it carries out commands: pause, resume, stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, Checkpoint

from complex_lstm.config.serving import served
from complex_lstm.errors import Stopped
from complex_lstm.model import Checkpoint as TrainedCheckpoint
from complex_lstm.model import save_checkpoint
from complex_lstm.runs import Run
from complex_lstm.runs.atomic_files import LAST, LOG, MODEL, atomic_path, remove_partial_files
from complex_lstm.runs.curves import Row, read_metrics, write_metrics
from complex_lstm.runs.folder import Command, clear_command, read_command
from complex_lstm.runs.status import own_process, write_status
from complex_lstm.runs.trials import TrialFolder
from complex_lstm.training.background import BackgroundWorker
from complex_lstm.training.batches import SeededSampler
from complex_lstm.training.best_weights import BestWeights, State, is_whole, weights_now
from complex_lstm.training.processes import broadcast_from_rank_zero, is_rank_zero

STATUS_SECONDS = 0.5  # at least, between two updates of the progress
OF_A_STEP = "gradient_"  # begins the names of what is measured at one optimizer step; the rest is measured over an epoch
RECORDS_AN_EPOCH = 20  # about so many steps of an epoch have their gradients recorded
WRITING = 100  # last.ckpt is written again after this many times the seconds that writing it has taken
POLL = 0.1  # seconds between two looks for a command while the run is paused


class StatusWriter:
    """The only writer of a run's, a sweep's or a search's status and log. Of several processes only rank 0 writes."""

    def __init__(self, owner: Run | TrialFolder[Any]) -> None:
        self.folder, self.status = owner.folder, owner.status
        self.is_rank_zero = is_rank_zero()
        self._written = 0.0

    def update(self, **changes: Any) -> None:
        """Write what has changed."""
        self.status = replace(self.status, **changes)
        if self.is_rank_zero:
            write_status(self.folder, self.status)
        self._written = time.monotonic()

    def update_progress(self, **changes: Any) -> None:
        """Write what has changed, unless something was written just now."""
        if time.monotonic() - self._written > STATUS_SECONDS:
            self.update(**changes)

    def log(self, line: str) -> None:
        """Add a line to the log."""
        if self.is_rank_zero:
            with (self.folder / LOG).open("a") as file:
                file.write(line.rstrip() + "\n")

    def begin(self, **changes: Any) -> None:
        """Make this process the one that the status belongs to."""
        if self.is_rank_zero:
            remove_partial_files(self.folder)
        self.update(**{"queued": self.status.queued or time.time()} | own_process() | changes)


class BestCheckpoint(BestWeights):
    """Writes the best weights into the folder at every improvement, in the background, so that a stop or a crash keeps them."""

    state_key = "Keeper"  # in last.ckpt since version 0.1, when the class had this name

    def __init__(
        self, writer: StatusWriter, make: Callable[[State], TrainedCheckpoint], worker: BackgroundWorker, *, validates: bool
    ) -> None:
        super().__init__(validates=validates, on_better=self.write)
        self.writer, self.make, self.worker = writer, make, worker

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Take the model in the folder for the best so far: last.ckpt, which a run resumes from, may be older."""
        kept = self.writer.status.best_epoch
        if self.validates and kept > self.epoch and self.has_written:
            measured = [row.value for row in read_metrics(self.writer.folder) if (row.epoch, row.metric) == (kept, "validation_loss")]
            if measured and measured[-1] < self.loss:
                self.loss, self.epoch = measured[-1], kept

    @property
    def has_written(self) -> bool:
        """Whether the folder has a model; one that is being written is waited for."""
        self.worker.wait()
        return (self.writer.folder / MODEL).exists()

    def write(self, weights: State, epoch: int) -> None:
        """Write these weights as a checkpoint that every page can open."""
        checkpoint = self.make(weights)  # now: the model that it copies may have changed by the time that it is written

        def write() -> None:
            with atomic_path(self.writer.folder / MODEL) as fresh:
                save_checkpoint(checkpoint, fresh)

        if self.writer.is_rank_zero:
            self.worker.submit(write)
        self.writer.status = replace(self.writer.status, best_epoch=epoch)


class ProgressCallback(Callback):
    """Writes the progress and the curves, and carries out commands before each batch."""

    def __init__(self, writer: StatusWriter, best: BestCheckpoint) -> None:
        self.writer, self.best = writer, best
        self.rows: list[Row] = []
        self.started, self.paused, self.batches = 0.0, 0.0, 0
        told = served()
        self.minutes = told.jobs.training_minutes if told else 0  # that the server allows, 0 where it sets no limit

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.started = time.monotonic()
        self.rows = [row for row in read_metrics(self.writer.folder) if row.epoch <= trainer.current_epoch]
        self.writer.update(state="running", epoch=trainer.current_epoch, message=f"Epoch {trainer.current_epoch + 1} has begun.")

    def on_train_batch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int) -> None:
        command, begun = self._command(trainer), time.monotonic()
        if command == "pause":
            self.writer.update(state="paused", seconds_left=None, message="Paused.")
            while (command := self._command(trainer)) == "pause":
                time.sleep(POLL)
            self.paused += time.monotonic() - begun
            self.writer.update(state="running", message="Resumed.")
        if command is not None and self.writer.is_rank_zero:
            clear_command(self.writer.folder)
        if command == "stop":
            if not self.best.has_written and is_whole(pl_module):
                self.best.write(weights_now(trainer, pl_module), trainer.current_epoch + 1)
            over = f" after {self.minutes} min, the longest that this server trains at a time" if self._is_over else ""
            raise Stopped(f"Stopped{over}.")

    def _command(self, trainer: lightning.Trainer) -> Command | None:
        own = read_command(self.writer.folder) if self.writer.is_rank_zero else None
        return broadcast_from_rank_zero(trainer, own or ("stop" if self._is_over else None))

    @property
    def _is_over(self) -> bool:
        return 0 < 60 * self.minutes < time.monotonic() - self.started - self.paused

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.batches += 1
        an_epoch, epochs = int(trainer.num_training_batches), trainer.max_epochs or 1
        if batch_idx % max(1, an_epoch // RECORDS_AN_EPOCH) == 0:
            self._record(trainer, {name: value for name, value in trainer.callback_metrics.items() if name.startswith(OF_A_STEP)})
        done = trainer.current_epoch * an_epoch + batch_idx + 1
        taken = time.monotonic() - self.started - self.paused
        left = taken / self.batches * (an_epoch * epochs - done)
        self.writer.update_progress(share=done / (an_epoch * epochs), seconds_left=left)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        epoch = trainer.current_epoch + 1
        measured = {name: value for name, value in sorted(trainer.callback_metrics.items()) if not name.startswith(OF_A_STEP)}
        rate = torch.tensor(max(group["lr"] for group in trainer.optimizers[0].param_groups))
        self._record(trainer, measured | {"learning_rate": rate})
        if self.writer.is_rank_zero:
            write_metrics(self.writer.folder, self.rows)
        words = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
        self.writer.log(f"epoch {epoch} of {trainer.max_epochs}: {words}")
        self.writer.update(epoch=epoch, share=epoch / (trainer.max_epochs or 1), message=f"Epoch {epoch}: {words}")

    def _record(self, trainer: lightning.Trainer, measured: dict[str, torch.Tensor]) -> None:
        self.rows += [Row(trainer.current_epoch + 1, trainer.global_step, name, float(value)) for name, value in measured.items()]


class Resumable(Checkpoint):
    """Writes last.ckpt after an epoch, with the states of all random number generators: a resumed run is as one that never ended.

    Writing takes at most a hundredth of the time: where epochs are too short for that, some are not written and are trained
    again after a resume. The order of the windows needs no state, because the seed and the epoch decide it. Of several processes
    the states are those of rank 0; the others seed their generators anew.
    """

    def __init__(self, folder: Path, order: SeededSampler) -> None:
        self.folder, self.order = folder, order
        self.loaded: dict[str, Any] = {}
        self.due = 0.0  # when the next is written, on the clock of `time.monotonic`

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        begun = time.monotonic()
        if not broadcast_from_rank_zero(trainer, begun >= self.due):
            return
        if not trainer.is_global_zero:  # it takes part in what is gathered, and writes nothing
            return trainer.save_checkpoint(self.folder / LAST, weights_only=False)
        with atomic_path(self.folder / LAST) as fresh:
            trainer.save_checkpoint(fresh, weights_only=False)
        self.due = time.monotonic() + WRITING * (time.monotonic() - begun)

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if self.loaded and trainer.is_global_zero:
            torch.set_rng_state(self.loaded["random"])
            if torch.cuda.is_available() and self.loaded["random_gpu"]:
                torch.cuda.set_rng_state_all(self.loaded["random_gpu"])
            for name, generator in _own_generators(pl_module).items():
                generator.set_state(self.loaded["sources"][name])
        self.loaded = {}

    def on_save_checkpoint(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]) -> None:
        checkpoint["resumable"] = {
            "epoch": trainer.current_epoch + 1,
            "random": torch.get_rng_state(),
            "random_gpu": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "sources": {name: generator.get_state() for name, generator in _own_generators(pl_module).items()},
        }

    def on_load_checkpoint(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]) -> None:
        self.loaded = checkpoint["resumable"]
        self.order.set_epoch(self.loaded["epoch"])


def _own_generators(module: lightning.LightningModule) -> dict[str, torch.Generator]:
    """Return the random number generators that the module draws from, by name."""
    return {name: value for name, value in vars(module).items() if isinstance(value, torch.Generator)}
