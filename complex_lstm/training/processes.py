"""Several processes that train one model: each takes its share of every batch, and their gradients are averaged.

All walk through the same batches as one process would, so the gradient of a step is the same up to rounding, except

- BatchNorm measures the share of one process (on GPUs all of the batch: there its statistics are synchronized),
- dropout and augmentation draw other numbers in each process,
- class weights are normalized within a share,
- an epoch's last windows that do not share out evenly, fewer than there are processes, are left out; others each epoch.

The validation part is gone through whole by each process. Of a run in a folder the first process writes and hears all
wishes; the others do as it says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, TypeVar

import lightning
import torch
from torch import distributed
from torch.utils.data import BatchSampler

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.errors import TrainingError
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER

# Under these names Lightning, torchrun, SLURM and LSF tell a process, or its machine, its own number.
NUMBERS = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK")

T = TypeVar("T")


class ShareOfBatches(BatchSampler):
    """This process's share of every batch, all shares of one size; with one process the whole batch."""

    def __iter__(self) -> Iterator[list[int]]:
        rank, processes = _place()
        for batch in super().__iter__():
            even = len(batch) // processes * processes
            if even:
                yield batch[rank:even:processes]

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]  # ours have a length
        return whole + (rest >= _place()[1])


def is_first_process() -> bool:
    """Whether this process is the one that writes and speaks; the others only lend a hand. It is known from the beginning."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank() == 0
    return all(os.environ.get(name, "0") == "0" for name in NUMBERS)


def as_the_first_says(trainer: lightning.Trainer, said: T) -> T:
    """Return what the first process says here. All processes must come by, or the others wait in vain."""
    return trainer.strategy.broadcast(said) if trainer.world_size > 1 else said


def lightning_strategy(config: TrainingConfig, model_config: ModelConfig) -> str:
    """Return Lightning's name for how the processes work together.

    Parameters that a pass does not reach must be looked for: parts that are not in yet, and attention layers behind a
    second block that a shallow model does not have.
    """
    if config.devices * config.nodes == 1 and config.process_strategy == "auto":
        return "auto"
    unreached = config.gradual or model_config.num_lstm_layers <= max(ATTENTION_LAYER_AFTER)
    return "ddp_find_unused_parameters_true" if unreached else "ddp"


def check_devices(config: TrainingConfig, *, gpus: int) -> None:
    """Raise TrainingError where there are GPUs, but fewer than asked for. Without any the devices are processes on the CPU."""
    if 0 < gpus < config.devices:
        raise TrainingError(f"{config.devices} devices were asked for, and this machine has {gpus} GPU(s). Ask for {gpus} or fewer.")


def precision(config: TrainingConfig) -> Literal["bf16-mixed", "32-true"]:
    """Return Lightning's name for the precision: bfloat16 where it was asked for and the device computes in it."""
    on_gpu = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    mixed = config.mixed_precision == "always" or (config.mixed_precision == "gpu" and on_gpu)
    return "bf16-mixed" if mixed else "32-true"


def _place() -> tuple[int, int]:
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
