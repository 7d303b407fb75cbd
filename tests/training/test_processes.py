"""Several processes train one model: what each takes, and that the course of the run stays that of one."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import distributed

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.data import read_csv
from complex_lstm.errors import TrainingError
from complex_lstm.runs import Run, create_run, launch, make_plan, open_run, send_command
from complex_lstm.training.batches import SeededSampler, WindowBatches, loader
from complex_lstm.training.processes import ShardedBatchSampler, check_devices, is_rank_zero, lightning_strategy
from tests.training.one_of_two import MODEL, course
from tests.training.planted import BY_SERIES, planted_dataset

ROOT = Path(__file__).resolve().parents[2]


def shares(monkeypatch: pytest.MonkeyPatch, *, rank: int, processes: int, windows: int) -> list[list[int]]:
    monkeypatch.setattr(distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(distributed, "get_rank", lambda: rank)
    monkeypatch.setattr(distributed, "get_world_size", lambda: processes)
    found = ShardedBatchSampler(range(windows), 4, drop_last=False)
    batches = list(found)
    assert len(found) == len(batches)
    return batches


def test_each_process_takes_every_nth_window_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (shares(monkeypatch, rank=rank, processes=2, windows=11) for rank in (0, 1))

    assert first == [[0, 2], [4, 6], [8]]
    assert second == [[1, 3], [5, 7], [9]]  # the eleventh has nobody beside it


def test_a_last_batch_that_is_not_enough_for_all_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shares(monkeypatch, rank=3, processes=4, windows=10) == [[3], [7]]


def test_one_process_takes_whole_batches() -> None:
    batches = WindowBatches(planted_dataset(), np.arange(10))

    sizes = [len(truth) for _, _, truth in loader(batches, batch_size=4, order=SeededSampler(10, seed=0))]

    assert sizes == [4, 4, 2] and is_rank_zero()


@pytest.mark.parametrize(
    ("devices", "strategy", "gradual", "blocks", "name"),
    [
        (1, "auto", True, 1, "auto"),
        (1, "ddp", False, 4, "ddp"),
        (2, "auto", False, 4, "ddp"),
        (2, "auto", False, 3, "ddp_find_unused_parameters_true"),
        (2, "ddp", True, 4, "ddp_find_unused_parameters_true"),
    ],
)
def test_what_a_pass_does_not_reach_is_looked_for(devices: int, strategy: Any, gradual: bool, blocks: int, name: str) -> None:
    config = TrainingConfig(devices=devices, process_strategy=strategy, gradual=gradual)

    assert lightning_strategy(config, ModelConfig(num_lstm_layers=blocks)) == name


def test_more_devices_than_there_are_gpus_are_refused() -> None:
    for gpus in (0, 2):
        check_devices(TrainingConfig(devices=2), gpus=gpus)

    with pytest.raises(TrainingError, match=r"devices is 2, and this machine has 1 GPU"):
        check_devices(TrainingConfig(devices=2), gpus=1)


@pytest.mark.long
@pytest.mark.skipif(torch.cuda.is_available(), reason="two processes on the CPU need a machine without a GPU")
def test_two_processes_lose_as_one_does(tmp_path: Path) -> None:
    """To rounding in the first epoch, which is before BatchNorm; then nearly, because it measures 8 windows instead of 16."""
    command = [sys.executable, "-m", "tests.training.one_of_two", str(tmp_path / "two.json")]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE, text=True) as started:
        one = course(devices=1)
        _, complaints = started.communicate()
    assert started.returncode == 0, complaints

    two = json.loads((tmp_path / "two.json").read_text())
    assert [epoch["loss"] for epoch in two[:1]] == pytest.approx([one[0]["loss"]], rel=1e-5)
    assert two[0]["validation_loss"] == pytest.approx(one[0]["validation_loss"], rel=1e-5)
    assert [epoch["loss"] for epoch in two] == pytest.approx([epoch["loss"] for epoch in one], rel=0.02)


@pytest.mark.long
@pytest.mark.skipif(torch.cuda.is_available(), reason="two processes on the CPU need a machine without a GPU")
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # it is meant to outlive whoever started it
def test_two_processes_train_in_one_folder_stop_together_and_go_on(tmp_path: Path) -> None:
    """The first alone writes: every epoch stands once in curves and log, and both hear of a wish before the same batch."""
    dataset = planted_dataset(46)
    dataset.table.frame.to_csv(tmp_path / "planted.csv", index=False)
    written = dataclasses.replace(dataset, table=read_csv(tmp_path / "planted.csv"))
    config = TrainingConfig(epochs=24, batch_size=16, patience=24, devices=2, snapshots=3)
    run = create_run(tmp_path / "one", make_plan(written, BY_SERIES, MODEL, config, path=tmp_path / "planted.csv"))

    launch(run)
    ended_when(run.folder, lambda now: now.status.epoch >= 2)
    send_command(run, "stop")
    stopped = ended_when(run.folder, lambda now: not now.is_under_way)
    launch(stopped)
    done = ended_when(run.folder, lambda now: not now.is_under_way)

    assert stopped.status.state == "stopped" and 2 <= stopped.status.epoch < 24 and stopped.status.scores, stopped.log
    assert done.status.state == "done" and done.model.exists(), done.log
    assert [row.epoch for row in done.rows if row.metric == "validation_loss"] == list(range(1, 25))
    assert len([line for line in done.log.splitlines() if line.startswith("epoch 24 of 24:")]) == 1


def ended_when(folder: Path, there: Callable[[Run], bool]) -> Run:
    """Return the run when something is there, or when its process has ended without it."""
    while not there(now := open_run(folder)) and now.is_under_way:
        time.sleep(0.05)
    return now
