"""A run of two processes on the CPU, which the first writes the course of: python -m tests.training.one_of_two OUT.json"""

import json
import os
import sys
import warnings
from pathlib import Path

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.training import fit
from complex_lstm.training.processes import is_rank_zero
from tests.training.planted import BY_SERIES, planted_dataset
from tests.training.watching import Watcher

# Gradual, because the first epoch then has no BatchNorm; no dropout, because each process draws its own.
MODEL = ModelConfig(9, 8, 2, 2, 3, 0.0)
CONFIG = {"epochs": 10, "batch_size": 16, "patience": 10, "gradual": True, "learning_rate": 5e-3}


def course(devices: int) -> list[dict[str, float]]:
    """Return each epoch's losses."""
    watcher = Watcher(lambda module: {name: float(module.trainer.callback_metrics[name]) for name in ("loss", "validation_loss")})
    fit(planted_dataset(46), MODEL, BY_SERIES, TrainingConfig(devices=devices, **CONFIG), callbacks=(watcher,))  # type: ignore[arg-type]
    return watcher.answers


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    told = course(devices=2)
    if is_rank_zero():
        Path(sys.argv[1]).write_text(json.dumps(told))
    os._exit(0)  # Lightning's watch over its processes looks once in five seconds whether they have ended
