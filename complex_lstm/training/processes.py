"""Several processes that train one model (data parallel): each takes a shard of every batch, and their gradients are averaged.

All go through the same batches as one process would, so the gradient of a step is the same up to rounding, except

- BatchNorm measures the shard of one process (on GPUs all of the batch: there its statistics are synchronized),
- dropout and augmentation draw other random numbers in each process,
- class weights are normalized within a shard,
- an epoch's last windows that cannot be divided evenly, fewer than there are processes, are left out; others each epoch.

Each process validates on the whole validation part. Of a run in a folder rank 0 writes the files and reads the commands, and
broadcasts them to the others.
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
from complex_lstm.wording import counted

# Environment variables in which Lightning, torchrun, SLURM and LSF give a process, or its machine, its rank.
RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK")

T = TypeVar("T")


class ShardedBatchSampler(BatchSampler):
    """This process's shard of every batch, all shards of the same size; with one process the whole batch."""

    def __iter__(self) -> Iterator[list[int]]:
        rank, processes = _rank_and_size()
        for batch in super().__iter__():
            even = len(batch) // processes * processes
            if even:
                yield batch[rank:even:processes]

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]  # ours have a length
        return whole + (rest >= _rank_and_size()[1])


def is_rank_zero() -> bool:
    """Whether this process is rank 0, which alone writes and prints; known also before the process group is initialized."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank() == 0
    return all(os.environ.get(name, "0") == "0" for name in RANKS)


def broadcast_from_rank_zero(trainer: lightning.Trainer, value: T) -> T:
    """Return the value of rank 0. Every process must call this, or the others wait forever."""
    return trainer.strategy.broadcast(value) if trainer.world_size > 1 else value


def lightning_strategy(config: TrainingConfig, model_config: ModelConfig) -> str:
    """Return Lightning's name for the strategy of the processes.

    DistributedDataParallel has to look for parameters that a forward pass does not use: parts that are not trained yet, and
    attention layers after a second block that a shallow model does not have.
    """
    if config.devices * config.nodes == 1 and config.process_strategy == "auto":
        return "auto"
    unused = config.gradual or model_config.num_lstm_layers <= max(ATTENTION_LAYER_AFTER)
    return "ddp_find_unused_parameters_true" if unused else "ddp"


def check_devices(config: TrainingConfig, *, gpus: int) -> None:
    """Raise TrainingError where there are GPUs, but fewer than `devices`. Without any the devices are processes on the CPU."""
    if 0 < gpus < config.devices:
        raise TrainingError(f"devices is {config.devices}, and this machine has {counted(gpus, 'GPU')}. Choose {gpus} or fewer.")


def precision(config: TrainingConfig) -> Literal["bf16-mixed", "32-true"]:
    """Return Lightning's name for the precision: bfloat16 where it is on and the device computes in it."""
    on_gpu = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    mixed = config.mixed_precision == "always" or (config.mixed_precision == "gpu" and on_gpu)
    return "bf16-mixed" if mixed else "32-true"


def _rank_and_size() -> tuple[int, int]:
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
