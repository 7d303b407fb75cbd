"""One plain training run: a data set in, a checkpoint out."""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, TQDMProgressBar
from torch import Tensor

from complex_lstm.config import ModelConfig, SplitConfig, Task, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import DivergedError, TrainingError
from complex_lstm.model import Checkpoint, ComplexLSTMModel, load_checkpoint
from complex_lstm.runs.atomic_files import LAST, MODEL
from complex_lstm.training.background import BackgroundWorker
from complex_lstm.training.batches import InSeededOrder, WindowBatches, loader
from complex_lstm.training.best_weights import DIVERGED, BestWeights, State
from complex_lstm.training.module import TrainingModule, weights_for
from complex_lstm.training.processes import check_devices, lightning_strategy, precision
from complex_lstm.training.run_callbacks import BestCheckpoint, ProgressCallback, Resumable, StatusWriter
from complex_lstm.training.snapshots import Moments, choose_watched
from complex_lstm.training.strategies import strategy_callbacks


@dataclass(frozen=True)
class Outcome:
    """A trained checkpoint, the epochs that it took, and the seconds."""

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
    desk: StatusWriter | None = None,
    callbacks: tuple[Callback, ...] = (),
) -> Outcome:
    """Return a model trained on the training part, at the epoch with the lowest loss on the validation part.

    Without a validation part, or with shuffled labels, the last epoch is kept. The same seed on the same machine gives the same model.
    With a desk the run is written into its folder, and gone on with from where it was last written down there.

    Raises:
        TrainingError: no training window has an answer, there are too few devices, or class weights are asked for of values.
        DivergedError: the loss or a gradient is no longer a finite number; what was best so far is in its `best`.
        Stopped: somebody wished so.
    """
    check_devices(config, gpus=torch.cuda.device_count())
    training, checks = _parts(dataset, config)
    lightning.seed_everything(config.seed, verbose=False)
    model = ComplexLSTMModel(**vars(model_config))
    module = TrainingModule(model, dataset.schema.roles.task, config, class_weights=_class_weights(dataset, training, config))

    def make(weights: State) -> Checkpoint:
        found = copy.deepcopy(model).cpu().eval()
        found.load_state_dict(weights)
        return Checkpoint(found, dataset.schema, dataset.window, split, dataset.scaling, dataset.table.fingerprint, command)

    start, order = time.perf_counter(), InSeededOrder(len(training), config.seed)
    with tempfile.TemporaryDirectory() as folder, BackgroundWorker() as aside:
        best = BestCheckpoint(desk, make, aside, checks=len(checks) > 0) if desk else BestWeights(checks=len(checks) > 0)
        written = (ProgressCallback(desk, best), Resumable(desk.folder, order)) if desk and isinstance(best, BestCheckpoint) else ()
        looks = desk and desk.is_firsts and config.moments
        seen = (_moments(desk, config, training, checks, dataset.schema.roles.task, aside),) if desk and looks else ()
        used = [
            *strategy_callbacks(config),
            *_callbacks(config, checks=len(checks) > 0, progress=progress),
            *callbacks,
            *seen,
            best,
            *written,
        ]
        trainer = _trainer(Path(folder), config, model_config, used, progress=progress)
        batches = loader(training, batch_size=config.batch_size, order=order)
        going_on = desk.folder / LAST if desk and (desk.folder / LAST).exists() else None
        try:
            trainer.fit(module, batches, loader(checks, batch_size=config.batch_size) if len(checks) else None, ckpt_path=going_on)
        except DivergedError as error:
            if best.weights:
                error.best = Outcome(make(best.weights), trainer.current_epoch, time.perf_counter() - start)
            raise
    return Outcome(_best(best, make, desk), trainer.current_epoch, time.perf_counter() - start)


def _parts(dataset: Dataset, config: TrainingConfig) -> tuple[WindowBatches, WindowBatches]:
    """Return the windows to learn from and those to check on, of which shuffled labels have none: they are learned by heart."""
    shuffle_seed = config.seed if config.shuffle_labels else None
    training = WindowBatches(dataset, dataset.windows.of_part("training"), shuffle_seed=shuffle_seed)
    if len(training) < 2:
        raise TrainingError(f"The training part has {len(training)} window(s) with an answer. Lower the stride or add rows.")
    checked = np.array([], dtype=int) if config.shuffle_labels else dataset.windows.of_part("validation")
    return training, WindowBatches(dataset, checked)


def _callbacks(config: TrainingConfig, *, checks: bool, progress: bool) -> list[Callback]:
    callbacks: list[Callback] = [TQDMProgressBar(leave=True)] if progress else []
    if config.averaging:
        callbacks.append(EMAWeightAveraging(decay=config.averaging))
    if checks:
        callbacks.append(EarlyStopping("validation_loss", patience=config.patience))
    return callbacks


def _trainer(
    folder: Path, config: TrainingConfig, model_config: ModelConfig, callbacks: list[Callback], *, progress: bool
) -> lightning.Trainer:
    processes = config.devices * config.nodes
    return lightning.Trainer(
        max_epochs=config.epochs,
        accelerator="gpu" if torch.cuda.is_available() else "cpu",  # as everywhere here: not what else Lightning would find
        devices=config.devices,
        num_nodes=config.nodes,
        strategy=lightning_strategy(config, model_config),
        precision=precision(config),
        sync_batchnorm=processes > 1 and torch.cuda.is_available(),
        use_distributed_sampler=False,  # the loader shares out its batches itself
        gradient_clip_val=config.clip_norm or None,
        accumulate_grad_batches=config.accumulate,
        callbacks=callbacks,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


def _moments(
    desk: StatusWriter, config: TrainingConfig, training: WindowBatches, checks: WindowBatches, task: Task, aside: BackgroundWorker
) -> Moments:
    part, batches = ("validation", checks) if len(checks) else ("training", training)
    watched = choose_watched(batches, part, classes=task == "classes")
    return Moments(desk.folder, batches, watched, wanted=config.moments, aside=aside)


def _class_weights(dataset: Dataset, training: WindowBatches, config: TrainingConfig) -> Tensor | None:
    truth = training.truth[training.chosen]
    return weights_for(dataset.schema.roles.task, truth, classes=len(dataset.schema.classes), wanted=config.class_weights)


def _best(best: BestWeights, make: Callable[[State], Checkpoint], desk: StatusWriter | None) -> Checkpoint:
    """Return the best model: where a resumed run found no better one, the one that its folder keeps."""
    if not best.weights and desk and (desk.folder / MODEL).exists():
        kept = load_checkpoint(desk.folder / MODEL)
        if isinstance(kept, Checkpoint):
            return kept
    if not best.weights:
        raise TrainingError(DIVERGED)
    return make(best.weights)
