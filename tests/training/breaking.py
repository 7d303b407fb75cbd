"""Something that happens to a run before a batch, and what can be read of the run afterwards."""

from collections.abc import Callable
from typing import Any

import lightning
import numpy as np
from lightning.pytorch.callbacks import Callback

from complex_lstm.model import load_checkpoint
from complex_lstm.runs import Run, Status, open_run
from complex_lstm.runs.status import own_process, write_status


class AtBatch(Callback):
    """Does something once, before a batch of an epoch."""

    def __init__(self, epoch: int, batch: int, do: Callable[[], Any]) -> None:
        self.when, self.do, self.done = (epoch, batch), do, False

    def on_train_batch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int) -> None:
        if not self.done and (trainer.current_epoch + 1, batch_idx) == self.when:
            self.done = True
            self.do()


def raising(error: BaseException) -> Callable[[], None]:
    def do() -> None:
        raise error

    return do


def curve(run: Run, metric: str) -> list[float]:
    return [row.value for row in run.rows if row.metric == metric]


def weights(run: Run) -> np.ndarray:
    return np.concatenate([value.flatten().numpy() for value in load_checkpoint(run.model).model.state_dict().values()])


def as_under_way(run: Run, *, queued: float = 0.0, **process: float) -> Run:
    write_status(run.folder, Status("running", epochs=4, epoch=1, queued=queued, **process or own_process()))  # type: ignore[arg-type]
    return open_run(run.folder)
