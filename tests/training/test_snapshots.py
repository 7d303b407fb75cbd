"""What a run keeps of the inside of its model: the model's own numbers, at the steps asked for, and nothing changed by looking."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.runs import create_run, make_plan, open_run
from complex_lstm.runs.snapshots import SNAPSHOTS, delete_snapshots_after, kept_steps, read_probe_set, read_snapshots
from complex_lstm.training import fit
from complex_lstm.training.batches import WindowBatches
from complex_lstm.training.run_callbacks import StatusWriter
from complex_lstm.training.snapshots import choose_probe_set, make_snapshot, snapshot_steps
from tests.training.planted import planted_dataset

SIZE = ModelConfig(9, 8, 2, 2, 3, 0.1)
CONFIG = TrainingConfig(epochs=3, batch_size=8, learning_rate=3e-3, snapshots=6)
NO_CHECKS = SplitConfig("series", 0.0, 0.2)  # the last epoch is kept


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return planted_dataset(40, NO_CHECKS)  # 31 windows to train on: 4 steps an epoch


def train(folder: Path, dataset: Dataset, config: TrainingConfig = CONFIG, *callbacks: Callback) -> ComplexLSTMModel:
    if not (folder / "run.json").exists():
        create_run(folder, make_plan(dataset, NO_CHECKS, SIZE, config, path=folder / "planted.csv"))
    return fit(dataset, SIZE, NO_CHECKS, config, writer=StatusWriter(open_run(folder)), callbacks=callbacks).checkpoint.model


class BreaksOff(Callback):
    def __init__(self, step: int) -> None:
        self.step = step

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        if trainer.global_step == self.step:
            raise ZeroDivisionError


def test_moments_are_the_untrained_model_the_end_and_closer_together_at_first() -> None:
    assert snapshot_steps(100, 5) == (0, 12, 35, 65, 100)  # 100 (k/4)^1.5
    assert snapshot_steps(2, 30) == (0, 1, 2) and snapshot_steps(100, 0) == ()


@pytest.mark.long
def test_the_last_moment_is_the_trained_model_at_the_watched_windows(dataset: Dataset, tmp_path: Path) -> None:
    model = train(tmp_path, dataset)

    watched, moments = read_probe_set(tmp_path), read_snapshots(tmp_path)
    assert watched is not None and kept_steps(tmp_path) == snapshot_steps(12, 6) == tuple(one.step for one in moments)
    assert watched.part == "training" and len(watched.evaluated) == 31
    assert sorted(set(dataset.windows.label[watched.windows])) == list(dataset.schema.classes)  # one window a class
    assert [dataset.schema.classes[number] for number in watched.truth] == dataset.windows.label[watched.evaluated].tolist()
    trace = model.trace(torch.from_numpy(dataset.windows.inputs(watched.windows)))
    members, outputs = model.ensemble_head_outputs(torch.from_numpy(dataset.windows.inputs(watched.evaluated)))
    last = moments[-1]
    assert [one.epoch for one in moments] == [1, 1, 1, 2, 3, 3]  # before the steps 0, 1, 3, 6 and 9 of four an epoch, and at the end
    assert np.allclose(last.attention, trace.attention, atol=5e-4)  # kept in half precision
    assert np.allclose(last.gate, trace.gate.mean(-1), atol=1e-5)
    assert np.allclose(last.gate_shares, np.histogram(trace.gate, 40, (0, 1))[0] / trace.gate.numel(), atol=1e-3)
    assert np.allclose(last.ensemble_head_outputs, members, atol=1e-5) and np.allclose(last.outputs, outputs, atol=1e-5)
    assert last.scale == pytest.approx(float(model.gradient_scale.detach()))
    assert not np.allclose(moments[0].outputs, last.outputs, atol=1e-2)
    assert np.isnan(moments[0].gradients).all() and (last.gradients > 0).all() and len(watched.components) == len(last.gradients)


@pytest.mark.long
def test_looking_changes_nothing(dataset: Dataset, tmp_path: Path) -> None:
    looked = train(tmp_path / "looked", dataset)
    plain = train(tmp_path / "plain", dataset, replace(CONFIG, snapshots=0))

    assert not (tmp_path / "plain" / SNAPSHOTS).exists()
    for name, value in plain.state_dict().items():
        assert torch.equal(value, looked.state_dict()[name]), name


@pytest.mark.long
def test_a_run_that_broke_off_has_the_moments_of_one_that_did_not(dataset: Dataset, tmp_path: Path) -> None:
    train(tmp_path / "whole", dataset)
    with pytest.raises(ZeroDivisionError):
        train(tmp_path / "broken", dataset, CONFIG, BreaksOff(6))  # after the moments of the steps 0, 1 and 3; one epoch is whole
    assert kept_steps(tmp_path / "broken") == (0, 1, 3)

    train(tmp_path / "broken", dataset)

    whole, resumed = read_snapshots(tmp_path / "whole"), read_snapshots(tmp_path / "broken")
    assert [one.step for one in whole] == [one.step for one in resumed]
    for before, after in zip(whole, resumed, strict=True):
        assert np.allclose(before.outputs, after.outputs, atol=1e-5) and np.allclose(before.attention, after.attention, atol=1e-3)


@pytest.mark.long
def test_moments_after_the_step_to_go_on_from_are_forgotten(dataset: Dataset, tmp_path: Path) -> None:
    train(tmp_path, dataset)

    delete_snapshots_after(tmp_path, 3)

    assert kept_steps(tmp_path) == (0, 1, 3)


@pytest.mark.long
def test_a_damaged_moment_is_left_out(dataset: Dataset, tmp_path: Path) -> None:
    train(tmp_path, dataset)
    (tmp_path / SNAPSHOTS / "000000001.npz").write_bytes(b"PK\x03\x04 and no more")

    assert [one.step for one in read_snapshots(tmp_path)] == [0, 3, 6, 9, 12]
    (tmp_path / SNAPSHOTS / "watched.npz").unlink()
    assert read_probe_set(tmp_path) is None


@pytest.mark.long
def test_parts_that_are_not_yet_in_are_not_made_up(dataset: Dataset, tmp_path: Path) -> None:
    train(tmp_path, dataset, replace(CONFIG, gradual=True, epochs=10, snapshots=30))

    moments = read_snapshots(tmp_path)
    first, last = moments[0], moments[-1]
    assert first.attention.shape[1] == 0 and np.isnan(first.gate).all() and not first.gate_shares.any()
    assert last.attention.shape[1] == 1 and np.isfinite(last.gate).all() and np.isfinite(first.outputs).all()


def test_long_windows_of_unequal_length_are_kept_in_cells() -> None:
    dataset = planted_dataset(8, NO_CHECKS)
    batches = WindowBatches(dataset, np.arange(8))
    watched = replace(choose_probe_set(batches, "training", classes=True), length=np.array([3, 2, 3]), cell=2)
    weights = np.zeros((3, 1, 3, 3), dtype=np.float32)
    weights[0, 0] = [[0.2, 0.3, 0.5], [0.4, 0.6, 0.0], [0.1, 0.1, 0.8]]
    weights[1, 0, :2, :2] = [[0.5, 0.5], [1.0, 0.0]]  # two steps, the third is padding
    gate = np.arange(9, dtype=np.float32).reshape(3, 3, 1) / 10

    outputs = np.zeros((8, 3), dtype=np.float32)
    seen = {
        "attention": [weights],
        "gate": [gate],
        "ensemble_head_outputs": [outputs[:, None]],
        "prediction": [outputs],
        "scale": [np.ones(1)],
    }
    moment = make_snapshot(seen, watched, 5, 1, np.zeros(9))

    maps = moment.attention[:, 0, 0]
    assert np.allclose(maps[0], [[0.75, 0.25], [0.2, 0.8]], atol=1e-3)  # ((.2 + .3) + (.4 + .6)) / 2, ((.5) + (0)) / 2; then .1 + .1, .8
    assert np.allclose(maps[1], [[1.0, 0.0], [0.0, 0.0]], atol=1e-3)
    assert np.allclose(moment.gate, [[0.05, 0.2], [0.35, np.nan], [0.65, 0.8]], equal_nan=True)
    assert moment.gate_shares.sum() == pytest.approx(1) and moment.gate_shares[20] == 0  # 0.5 is padding
