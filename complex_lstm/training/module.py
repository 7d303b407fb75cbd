"""Lightning around our model: loss, optimizer, schedule."""

from __future__ import annotations

from typing import Any

import lightning
import torch
from torch import Tensor
from torch.nn import functional

from complex_lstm.config import Task, TrainingConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.training.augmentation import add_noise, jitter
from complex_lstm.training.batches import Batch


class TrainingModule(lightning.LightningModule):
    """AdamW with one cycle of the learning rate; cross-entropy for classes, mean squared error for scaled values."""

    def __init__(self, model: ComplexLSTMModel, task: Task, config: TrainingConfig) -> None:
        super().__init__()
        self.model = model
        self.task = task
        self.config = config
        self.augmentation_source = torch.Generator().manual_seed(config.seed)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        x, lengths, truth = batch
        if self.config.jitter:
            x = jitter(x, self.config.jitter, self.augmentation_source)
        if self.config.noise:
            x = add_noise(x, self.config.noise, self.augmentation_source)
        loss = self._loss(self.model(x, lengths), truth, self.config.label_smoothing)
        self.log("loss", loss, prog_bar=True, on_step=False, on_epoch=True, batch_size=len(x))
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        x, lengths, truth = batch
        outputs = self.model(x, lengths)
        self.log("validation_loss", self._loss(outputs, truth, 0.0), prog_bar=True, batch_size=len(x))
        if self.task == "classes":
            self.log("validation_accuracy", (outputs.argmax(1) == truth).float().mean(), prog_bar=True, batch_size=len(x))

    def configure_optimizers(self) -> Any:
        config = self.config
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        steps = max(int(self.trainer.estimated_stepping_batches), 2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=steps, pct_start=0.15)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _loss(self, outputs: Tensor, truth: Tensor, smoothing: float) -> Tensor:
        if self.task == "classes":
            return functional.cross_entropy(outputs, truth, label_smoothing=smoothing)
        return functional.mse_loss(outputs, truth)
