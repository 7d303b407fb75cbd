"""A small run that has kept moments of its inside, on a sample whose data every page finds. It is trained once for all tests."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.data import guess_roles, prepare_training, read_csv, suggest_split, suggest_window
from complex_lstm.runs import Run, create_run, make_plan, open_run
from complex_lstm.samples import SAMPLES
from complex_lstm.training.run import train_run

SAMPLE = SAMPLES["planted_order"]
SIZE = ModelConfig(9, 8, 4, 2, 3, 0.1)
CONFIG = TrainingConfig(epochs=2, batch_size=64, learning_rate=3e-3, snapshots=8)


@cache
def looked_into() -> Run:
    """Return the run; whoever changes something in its folder takes a copy."""
    room = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, room)
    table = read_csv(SAMPLE.csv)
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)
    split = suggest_split(table, roles, window)
    dataset = prepare_training(table, roles, window, split)
    return train_run(create_run(room / "run", make_plan(dataset, split, SIZE, CONFIG, path=SAMPLE.csv, name="looked into")))


def copy_of_looked_into(folder: Path) -> Run:
    """Return a copy of the run in a folder that is not there yet."""
    shutil.copytree(looked_into().folder, folder)
    return open_run(folder)
