"""The model as a LightningModule: loss with class weights, optimizer and learning rate schedule."""

from __future__ import annotations

from typing import Any

import lightning
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from complex_lstm.config import Task, TrainingConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.hooks import ForwardPass
from complex_lstm.model.sites import ALL_BLOCKS, ActiveBlocks
from complex_lstm.training.batches import Batch, add_noise, jitter, warp
from complex_lstm.training.gradients import parameter_groups
from complex_lstm.training.mirror import Mirror
from complex_lstm.training.oom import keep_freed_memory
from complex_lstm.training.rotation import Rotation


class TrainingModule(lightning.LightningModule):
    """AdamW with one cycle of the learning rate; cross-entropy for classes, mean squared error for scaled values.

    The forward pass goes through `parts` of the model, in training and in validation. `class_weights` weigh both losses, so that
    the best epoch is chosen by the loss that is trained on.
    """

    class_weights: Tensor | None

    def __init__(
        self,
        model: ComplexLSTMModel,
        task: Task,
        config: TrainingConfig,
        *,
        class_weights: Tensor | None = None,
        rotation: Rotation | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        super().__init__()
        self.parts: ActiveBlocks = ALL_BLOCKS
        self.model = model
        self.task = task
        self.config = config
        self.rotation = rotation
        self.mirror = mirror
        self.fitting = torch.zeros(2)  # sums over the validation part: outputs times truth, outputs squared
        self.augmentation_source = torch.Generator().manual_seed(config.seed)
        self.register_buffer("class_weights", class_weights, persistent=False)

    def on_train_start(self) -> None:
        if self.device.type == "cpu":
            keep_freed_memory()
        if self.global_rank:  # with the same random numbers all processes would drop the same activations
            torch.manual_seed(self.config.seed + self.global_rank)
            self.augmentation_source.manual_seed(self.config.seed + self.global_rank)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        x, lengths, truth = batch
        if self.config.warp:
            x = warp(x, lengths, self.config.warp, self.augmentation_source)
        if self.mirror is not None:
            x = self.mirror(x, self.augmentation_source)
        if self.rotation is not None:
            x = self.rotation(x, self.config.rotation, self.augmentation_source)
        if self.config.jitter:
            x = jitter(x, self.config.jitter, self.augmentation_source)
        if self.config.noise:
            x = add_noise(x, self.config.noise, self.augmentation_source)
        loss = self._loss(self.model(x, lengths, ForwardPass(blocks=self.parts)), truth, self.config.label_smoothing)
        self.log("loss", loss, prog_bar=True, on_step=False, on_epoch=True, sync_dist=True, batch_size=len(x))
        return loss

    def on_validation_epoch_start(self) -> None:
        self.fitting = torch.zeros(2, device=self.device)

    def validation_step(self, batch: Batch, _: int) -> None:
        x, lengths, truth = batch
        outputs = self.model(x, lengths, ForwardPass(blocks=self.parts))
        self.log("validation_loss", self._loss(outputs, truth, 0.0), prog_bar=True, sync_dist=True, batch_size=len(x))
        if self.task == "classes":
            right = (outputs.argmax(1) == truth).float().mean()
            self.log("validation_accuracy", right, prog_bar=True, sync_dist=True, batch_size=len(x))
        else:
            self.fitting += torch.stack([(outputs.float() * truth).sum(), (outputs.float() ** 2).sum()]).detach()

    @property
    def best_scale(self) -> float:
        """The number of 0 or more by which the outputs for the validation part have the least squared error from the truth.

        In closed form: the sum of outputs times truth over that of squared outputs; 1 where all outputs are 0. Every process sees
        the whole part.
        """
        shared, squared = self.fitting.tolist()
        return max(shared / squared, 0.0) if squared else 1.0

    def configure_gradient_clipping(
        self, optimizer: Optimizer, gradient_clip_val: float | None = None, gradient_clip_algorithm: str | None = None
    ) -> None:
        """Clip as Lightning does, which will not clip for a fused optimizer in mixed precision, although bfloat16 scales no gradients."""
        if gradient_clip_val:
            clip_grad_norm_(self.model.parameters(), gradient_clip_val)

    def configure_optimizers(self) -> Any:
        config = self.config
        groups = parameter_groups(self.model, config)
        highest = [group["lr"] for group in groups]
        optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
        steps = max(int(self.trainer.estimated_stepping_batches), 2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, highest, total_steps=steps, pct_start=0.15)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _loss(self, outputs: Tensor, truth: Tensor, smoothing: float) -> Tensor:
        if self.task == "classes":
            return functional.cross_entropy(outputs, truth, weight=self.class_weights, label_smoothing=smoothing)
        return functional.mse_loss(outputs, truth)


def inverse_frequency(truth: Int[Tensor, " window"], *, classes: int) -> Float[Tensor, " class"]:
    """Return windows / (classes * windows of the class): 1 for each where all are equally common.

    A class that never occurs weighs 1: the validation part may have it, and a mean over weights of 0 would be NaN.
    """
    counts = torch.bincount(truth, minlength=classes)
    return torch.where(counts > 0, len(truth) / (classes * counts.clamp(min=1)), 1.0)
