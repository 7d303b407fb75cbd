"""One plain training run: a data set in, a checkpoint out."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint, TQDMProgressBar

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import TrainingError
from complex_lstm.model import Checkpoint, ComplexLSTMModel
from complex_lstm.training.batches import WindowBatches, loader
from complex_lstm.training.module import TrainingModule


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
) -> Outcome:
    """Return a model trained on the training part, at the epoch with the lowest loss on the validation part.

    Without a validation part, or with shuffled labels, the last epoch is kept. The same seed on the same machine gives the same model.

    Raises:
        TrainingError: no training window has an answer, or the loss is no longer a finite number.
    """
    shuffle_seed = config.seed if config.shuffle_labels else None
    training = WindowBatches(dataset, dataset.windows.of_part("training"), shuffle_seed=shuffle_seed)
    validated = not config.shuffle_labels  # those are learned by heart: no epoch is better than the last
    checked = dataset.windows.of_part("validation") if validated else np.array([], dtype=int)
    checks = WindowBatches(dataset, checked)
    if len(training) < 2:
        raise TrainingError(f"The training part has {len(training)} window(s) with an answer. Lower the stride or add rows.")
    lightning.seed_everything(config.seed, verbose=False)
    model = ComplexLSTMModel(**vars(model_config))
    module = TrainingModule(model, dataset.schema.roles.task, config)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        trainer = _trainer(Path(folder), config, checks=len(checks) > 0, progress=progress)
        batches = loader(training, batch_size=config.batch_size, seed=config.seed)
        trainer.fit(module, batches, loader(checks, batch_size=config.batch_size) if len(checks) else None)
        _restore_best(module, trainer)
    if not all(bool(torch.isfinite(value).all()) for value in model.parameters()):
        raise TrainingError("The loss is not a finite number any more. Try a lower learning rate, or look for extreme values.")
    made = Checkpoint(model.cpu().eval(), dataset.schema, dataset.window, split, dataset.scaling, dataset.table.fingerprint, command)
    return Outcome(made, trainer.current_epoch, time.perf_counter() - start)


def _trainer(folder: Path, config: TrainingConfig, *, checks: bool, progress: bool) -> lightning.Trainer:
    callbacks: list[Callback] = [TQDMProgressBar(leave=True)] if progress else []
    if config.averaging:
        callbacks.append(EMAWeightAveraging(decay=config.averaging))
    if checks:
        callbacks.append(EarlyStopping("validation_loss", patience=config.patience))
        callbacks.append(ModelCheckpoint(folder, monitor="validation_loss", save_weights_only=True))
    return lightning.Trainer(
        max_epochs=config.epochs,
        accelerator="auto",
        devices=1,
        gradient_clip_val=1.0,
        callbacks=callbacks,
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=checks,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


def _restore_best(module: TrainingModule, trainer: lightning.Trainer) -> None:
    for callback in trainer.callbacks:  # type: ignore[attr-defined]  # set at run time
        if isinstance(callback, ModelCheckpoint) and callback.best_model_path:
            state = torch.load(callback.best_model_path, weights_only=True, map_location="cpu")
            module.load_state_dict(state["state_dict"])
