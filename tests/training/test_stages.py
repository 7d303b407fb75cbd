"""Gradual complexity: the schedule, and that a run keeps to it."""

import dataclasses
import math
from pathlib import Path

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.data import read_csv
from complex_lstm.errors import ConfigError
from complex_lstm.model.sites import ALL_BLOCKS, ActiveBlocks
from complex_lstm.runs import Plan, Run, create_run, make_plan, open_run, send_command
from complex_lstm.training import fit
from complex_lstm.training.run import train_run
from complex_lstm.training.strategies import stage_at
from tests.training.planted import BY_SERIES, planted_dataset
from tests.training.watching import Watcher, state_of

DEEP = ModelConfig(9, 8, 2, 2, 3, 0.0)
GRADUAL = TrainingConfig(epochs=10, batch_size=16, gradual=True, patience=1)


@pytest.mark.parametrize(
    ("share", "number", "parts"),
    [
        (0.0, 1, ActiveBlocks(convolutions=False, lstm_blocks=0, attention=False)),
        (0.1, 2, ActiveBlocks(lstm_blocks=0, attention=False)),
        (0.25, 3, ActiveBlocks(lstm_blocks=1, attention=False)),
        (0.34, 3, ActiveBlocks(lstm_blocks=2, attention=False)),  # a block more with each quarter of 0.25 to 0.6, at 0.3375 here
        (0.59, 3, ActiveBlocks(lstm_blocks=4, attention=False)),
        (0.6, 4, ALL_BLOCKS),
        (0.9, 5, ALL_BLOCKS),
    ],
)
def test_the_parts_come_in_from_the_input_to_the_output(share: float, number: int, parts: ActiveBlocks) -> None:
    stage = stage_at(share, blocks=4)

    assert (stage.number, stage.parts) == (number, parts)
    assert stage.whole == (number >= 4)


def test_at_the_end_only_the_ensemble_learns() -> None:
    assert stage_at(0.9, blocks=4).learning == ("output_heads", "ensemble_combiner")
    assert "input_proj" in stage_at(0.89, blocks=4).learning


def test_the_ensemble_ends_at_a_low_rate() -> None:
    """Of 1000 steps the cycle is at its top in step 149, counted from 0, and falls as a cosine to step 999."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=1000, pct_start=0.15)
    for _ in range(900):
        optimizer.step()
        cycle.step()

    rate = cycle.get_last_lr()[0]
    assert rate < 0.04 and rate == pytest.approx((1 + math.cos(math.pi * 751 / 850)) / 2, rel=1e-3)


@pytest.mark.long
def test_in_each_epoch_exactly_what_is_in_and_learns_moves() -> None:
    """Ten epochs: 1 projection, 2 to 3 convolutions, 4 to 6 blocks (one, then both), 7 to 9 attention, 10 the ensemble."""
    watcher = Watcher(lambda module: state_of(module.model))

    fit(planted_dataset(), DEEP, BY_SERIES, dataclasses.replace(GRADUAL, patience=10), callbacks=(watcher,))

    moved = [
        {part_of(name) for name in now if now[name] != before[name]}
        for before, now in zip(watcher.answers, watcher.answers[1:], strict=False)
    ]
    first = {"input_proj", "output_heads", "ensemble_combiner", "gradient_scale"}
    convolved = first | {"temp_conv1", "temp_conv2", "fusion_gate"}
    read = convolved | {"lstm_blocks.0"}
    both, whole = read | {"lstm_blocks.1"}, read | {"lstm_blocks.1", "attention_layers.0"}
    assert moved == [convolved, convolved, read, read, both, whole, whole, whole, {"output_heads", "ensemble_combiner"}]


def part_of(name: str) -> str:
    return ".".join(name.split(".")[: 2 if name.startswith(("lstm", "att")) else 1])


@pytest.mark.long
def test_the_first_epoch_trains_no_more_than_projection_and_ensemble() -> None:
    gained = Watcher(
        lambda module: {name.split(".")[0] for name, value in module.model.named_parameters() if value.grad is not None}, each_step=True
    )

    fit(planted_dataset(), DEEP, BY_SERIES, GRADUAL, callbacks=(gained,))

    assert gained.answers[0] == {"input_proj", "output_heads", "ensemble_combiner", "gradient_scale"}


def test_only_a_whole_model_is_kept_and_nothing_is_left_behind() -> None:
    """With a patience of one epoch a run would end early, if losses of a model that lacks parts counted."""
    dataset = planted_dataset()
    parts = Watcher(lambda module: module.parts)

    outcome = fit(dataset, DEEP, BY_SERIES, dataclasses.replace(GRADUAL, learning_rate=1e-12), callbacks=(parts,))

    assert 7 < outcome.epochs <= 10 and parts.answers[6:] == [ALL_BLOCKS] * (outcome.epochs - 6)
    assert all(value.requires_grad for value in outcome.checkpoint.model.parameters())


# While blocks come in, and when the whole model has been validated before.
@pytest.mark.long
@pytest.mark.parametrize("epoch", [5, 9])
def test_a_run_that_broke_off_goes_on_in_its_stage(tmp_path: Path, epoch: int) -> None:
    config = dataclasses.replace(GRADUAL, patience=10, adaptive_dropout=True, component_rates=True, learning_rate=5e-3)
    plan = planted_plan(tmp_path, config)
    whole, broken = (create_run(tmp_path / name, plan) for name in ("whole", "broken"))
    told = train_run(open_run(whole.folder))
    with pytest.raises(ZeroDivisionError):
        train_run(open_run(broken.folder), callbacks=(Break(epoch),))

    resumed = train_run(open_run(broken.folder))

    losses = [[row.value for row in run.rows if row.metric == "validation_loss"] for run in (told, resumed)]
    assert len(losses[0]) == 10 and losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert resumed.status.best_epoch == told.status.best_epoch >= 7


@pytest.mark.long
def test_a_stop_before_all_parts_are_in_keeps_no_model(tmp_path: Path) -> None:
    """Kept was a model whose attention, not in by then, had its first random weights, and every page used them."""
    run = create_run(tmp_path / "one", planted_plan(tmp_path, GRADUAL))

    stopped = train_run(open_run(run.folder), callbacks=(StopAt(run, 5),))

    assert stopped.status.state == "stopped" and not stopped.model.exists() and stopped.status.scores == ()
    assert stopped.status.message == "Stopped. There is no model yet: not all of its parts were in."
    assert train_run(open_run(run.folder)).model.exists()


class StopAt(Callback):
    """Sends the command to stop at the beginning of an epoch, counted from 1."""

    def __init__(self, run: Run, epoch: int) -> None:
        self.run, self.epoch = run, epoch

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if trainer.current_epoch + 1 == self.epoch:
            send_command(self.run, "stop")
            self.epoch = 0


class Break(Callback):
    """Ends a run without warning at the beginning of an epoch, counted from 1."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if trainer.current_epoch + 1 == self.epoch:
            raise ZeroDivisionError


def planted_plan(folder: Path, config: TrainingConfig) -> Plan:
    dataset = planted_dataset()
    dataset.table.frame.to_csv(folder / "planted.csv", index=False)
    written = dataclasses.replace(dataset, table=read_csv(folder / "planted.csv"))
    return make_plan(written, BY_SERIES, DEEP, config, path=folder / "planted.csv")


def test_too_few_epochs_for_the_stages_are_refused() -> None:
    with pytest.raises(ConfigError, match="epochs is 9, expected 10 or more with gradual complexity"):
        TrainingConfig(epochs=9, gradual=True)
