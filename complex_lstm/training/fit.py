"""Fitting a model: a data set in, a checkpoint out."""

from __future__ import annotations

import copy
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, TQDMProgressBar
from lightning.pytorch.loggers import Logger

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset, training_facts
from complex_lstm.errors import DivergedError, TrainingError
from complex_lstm.model import Checkpoint, ComplexLSTMModel, load_checkpoint
from complex_lstm.runs.atomic_files import LAST, MODEL
from complex_lstm.training.background import BackgroundWorker
from complex_lstm.training.batches import SeededSampler, WindowBatches, loader
from complex_lstm.training.best_weights import DIVERGED, BestWeights, LastEpochsMean, State
from complex_lstm.training.mirror import mirror_of
from complex_lstm.training.module import TrainingModule, inverse_frequency
from complex_lstm.training.processes import check_devices, lightning_strategy, precision
from complex_lstm.training.rotation import rotation_of
from complex_lstm.training.run_callbacks import BestCheckpoint, ProgressCallback, Resumable, StatusWriter
from complex_lstm.training.run_logger import facts_of, run_logger
from complex_lstm.training.snapshots import SnapshotCallback, choose_probe_set
from complex_lstm.training.strategies import strategy_callbacks
from complex_lstm.wording import counted


@dataclass(frozen=True)
class Outcome:
    """A trained checkpoint, the number of epochs, and the seconds that they took."""

    checkpoint: Checkpoint
    epochs: int
    seconds: float


def fit(
    dataset: Dataset,
    model_config: ModelConfig,
    split: SplitConfig,
    config: TrainingConfig,
    *,
    command: str = "",
    progress: bool = False,
    writer: StatusWriter | None = None,
    callbacks: tuple[Callback, ...] = (),
) -> Outcome:
    """Return a model trained on the training part, at the epoch with the lowest loss on the validation part.

    Without a validation part, or with shuffled labels, the last epoch is kept. The same seed on the same machine gives the same
    model. With the writer of a run everything is written into the run's folder, and training resumes from its last checkpoint.

    Raises:
        TrainingError: no training window has a target, there are too few devices, class weights are on for a forecast, an output scale
            for classes or without a validation part, a rotation where no three channels belong together, a mirror of what is no feature;
            or see `run_logger`.
        DivergedError: the loss or a gradient is no longer a finite number; `best` has the outcome at the best epoch so far.
        Stopped: by a command in the run's folder.
    """
    check_devices(config, gpus=torch.cuda.device_count())
    task = dataset.schema.roles.task
    if config.class_weights and task != "classes":
        raise TrainingError("Class weights are on, but this model learns values. Turn them off, or choose a class as the target.")
    if config.fitted_scale and task == "classes":
        raise TrainingError("An output scale is fitted for values, but this model learns classes. Turn it off, or choose values.")
    features = dataset.schema.roles.features
    rotation = rotation_of(features, dataset.scaling) if config.rotation else None
    mirror = mirror_of(config.mirror, features, dataset.scaling) if config.mirror else None
    training, validation = _parts(dataset, config)
    if config.fitted_scale and not len(validation):
        raise TrainingError("An output scale is fitted on the validation part, and there is none. Turn it off, or keep a validation part.")
    lightning.seed_everything(config.seed, verbose=False)
    model = ComplexLSTMModel(**vars(model_config))
    weights = inverse_frequency(training.truth[training.chosen], classes=len(dataset.schema.classes)) if config.class_weights else None
    module = TrainingModule(model, task, config, class_weights=weights, rotation=rotation, mirror=mirror)

    facts = training_facts(dataset)

    def make(state: State) -> Checkpoint:
        trained = copy.deepcopy(model).cpu().eval()
        trained.load_state_dict(state)
        origin = (dataset.table.fingerprint, command, facts, dataset.table.settled_reading)
        return Checkpoint(trained, dataset.schema, dataset.window, split, dataset.scaling, *origin)

    start, order = time.perf_counter(), SeededSampler(len(training), config.seed)
    told, kept_in = facts_of(dataset, model_config, split, config, command), writer.folder if writer is not None else None
    log = run_logger(config, told, folder=kept_in, name=kept_in.name if kept_in else Path(dataset.table.name).stem)
    with tempfile.TemporaryDirectory() as folder, BackgroundWorker() as worker, log as logger:
        best, recording = BestWeights(validates=len(validation) > 0), list[Callback]()
        if writer is not None:
            best = BestCheckpoint(writer, make, worker, validates=len(validation) > 0)
            recording = [ProgressCallback(writer, best), Resumable(writer.folder, order)]
        used = [*strategy_callbacks(config), *_callbacks(config, validates=len(validation) > 0, progress=progress), *callbacks]
        if writer is not None and writer.is_rank_zero and config.snapshots:
            part, batches = ("validation", validation) if len(validation) else ("training", training)
            probes = choose_probe_set(batches, part, classes=task == "classes")
            used.append(SnapshotCallback(writer.folder, batches, probes, count=config.snapshots, worker=worker))
        trainer = _trainer(Path(folder), config, model_config, [*used, best, *recording], logger, progress=progress)
        checks = loader(validation, batch_size=config.batch_size) if len(validation) else None
        resume_from = writer.folder / LAST if writer is not None and (writer.folder / LAST).exists() else None
        try:
            trainer.fit(module, loader(training, batch_size=config.batch_size, order=order), checks, ckpt_path=resume_from)
        except DivergedError as error:
            if best.weights:
                error.best = Outcome(make(best.weights), trainer.current_epoch, time.perf_counter() - start)
            raise
    checkpoint = make(best.weights) if best.weights else _kept_checkpoint(writer)
    return Outcome(checkpoint, trainer.current_epoch, time.perf_counter() - start)


def _parts(dataset: Dataset, config: TrainingConfig) -> tuple[WindowBatches, WindowBatches]:
    """Return the windows to train and to validate on; shuffled labels are not validated, because they can only be memorized."""
    shuffle_seed = config.seed if config.shuffle_labels else None
    training = WindowBatches(dataset, dataset.windows.of_part("training"), shuffle_seed=shuffle_seed)
    if len(training) < 2:
        raise TrainingError(f"The training part has {counted(len(training), 'window')} with an answer. Lower the stride or add rows.")
    validated = np.array([], dtype=int) if config.shuffle_labels else dataset.windows.of_part("validation")
    return training, WindowBatches(dataset, validated)


def _callbacks(config: TrainingConfig, *, validates: bool, progress: bool) -> list[Callback]:
    callbacks: list[Callback] = [TQDMProgressBar(leave=True)] if progress else []
    if config.averaging:
        callbacks.append(EMAWeightAveraging(decay=config.averaging))
    if config.averaged_epochs:
        callbacks.append(LastEpochsMean(count=config.averaged_epochs, epochs=config.epochs))
    if validates:
        callbacks.append(EarlyStopping("validation_loss", patience=config.patience))
    return callbacks


def _trainer(
    folder: Path, config: TrainingConfig, model_config: ModelConfig, callbacks: list[Callback], logger: Logger | None, *, progress: bool
) -> lightning.Trainer:
    processes = config.devices * config.nodes
    return lightning.Trainer(
        max_epochs=config.epochs,
        accelerator="gpu" if torch.cuda.is_available() else "cpu",  # as everywhere in this package: Lightning would also take others
        devices=config.devices,
        num_nodes=config.nodes,
        strategy=lightning_strategy(config, model_config),
        precision=precision(config),
        sync_batchnorm=processes > 1 and torch.cuda.is_available(),
        use_distributed_sampler=False,  # the loader shards its batches itself
        gradient_clip_val=config.clip_norm or None,
        accumulate_grad_batches=config.accumulate,
        callbacks=callbacks,
        default_root_dir=folder,
        logger=logger or False,
        log_every_n_steps=1,  # what is measured at a step: norms of gradients
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


def _kept_checkpoint(writer: StatusWriter | None) -> Checkpoint:
    """Return the checkpoint in the run's folder, where a resumed run has found no better one.

    Raises:
        TrainingError: there is none, because no epoch had a finite loss.
    """
    if writer is not None and (writer.folder / MODEL).exists():
        kept = load_checkpoint(writer.folder / MODEL)
        if isinstance(kept, Checkpoint):
            return kept
    raise TrainingError(DIVERGED)
