"""Training runs as folders: what is in them, and that no stop, crash or full disk loses what was learned."""

import json
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from complex_lstm.config import TrainingConfig, to_json
from complex_lstm.config.serving import VARIABLE, JobsSection, Serving
from complex_lstm.data import read_csv
from complex_lstm.errors import TrainingError
from complex_lstm.inference import Predictions, predict
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.runs import (
    Plan,
    Row,
    Run,
    Status,
    create_run,
    curves_of,
    delete_run,
    earlier_in_queue,
    launch,
    list_runs,
    make_plan,
    open_run,
    rename_run,
    send_command,
    zip_run,
)
from complex_lstm.runs.atomic_files import CONTROL, LAST, METRICS, MODEL, PLAN, STATUS
from complex_lstm.runs.snapshots import SNAPSHOTS
from complex_lstm.runs.status import write_status
from complex_lstm.training.run import load_data, train_run
from tests.training.breaking import AtBatch, as_under_way, curve, raising, weights
from tests.training.planted import BY_SERIES, SMALL, planted_dataset


def test_a_run_leaves_its_plan_its_curves_its_log_and_its_best_model(plan: Plan, whole: Run) -> None:
    run = whole

    kept = load_checkpoint(run.model)
    assert {path.name for path in run.folder.iterdir()} == {PLAN, STATUS, METRICS, "log.txt", MODEL, LAST, SNAPSHOTS}
    assert run.plan == plan and (run.status.state, run.status.epoch, run.status.epochs, run.status.share) == ("done", 4, 4, 1.0)
    assert {"loss", "validation_loss", "learning_rate"} <= {row.metric for row in run.rows}
    assert [row.epoch for row in run.rows if row.metric == "loss"] == [1, 2, 3, 4]
    assert run.status.best_epoch == 1 + int(np.argmin(curve(run, "validation_loss")))
    assert {score.part for score in run.status.scores} == {"validation", "test"}
    assert isinstance(kept, Checkpoint) and kept.window == plan.window and "epoch 4 of 4: loss" in run.log


@pytest.mark.parametrize("change", [
    {}, pytest.param({"averaging": 0.9}, marks=pytest.mark.long), pytest.param({"averaged_epochs": 3}, marks=pytest.mark.long),
    pytest.param({"adaptive_dropout": True}, marks=pytest.mark.long), pytest.param({"warp": 0.2}, marks=pytest.mark.long),
])  # fmt: skip
def test_a_run_that_broke_off_goes_on_as_if_it_had_not(plan: Plan, whole: Run, tmp_path: Path, change: dict[str, Any]) -> None:
    plan = replace(plan, training=replace(plan.training, **change))
    whole = train_run(create_run(tmp_path / "whole", plan)) if change else whole
    broken = create_run(tmp_path / "broken", plan)
    with pytest.raises(ZeroDivisionError):
        train_run(open_run(broken.folder), callbacks=(AtBatch(3, 1, raising(ZeroDivisionError())),))
    assert open_run(broken.folder).status.state == "failed" and len(curve(broken, "loss")) == 2

    resumed = train_run(open_run(broken.folder))

    for metric in ("loss", "validation_loss", "learning_rate"):
        assert curve(resumed, metric) == pytest.approx(curve(whole, metric), rel=1e-5), metric
    assert np.allclose(weights(resumed), weights(whole), atol=1e-6)
    assert resumed.status.best_epoch == whole.status.best_epoch


@pytest.mark.long
def test_a_run_trains_no_longer_than_the_server_allows_and_keeps_what_it_has(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, to_json(Serving(jobs=JobsSection(training_minutes=7))))
    begun = time.monotonic()
    later = AtBatch(2, 1, lambda: monkeypatch.setattr(time, "monotonic", lambda: begun + 7 * 60 + 1000))

    run = train_run(create_run(tmp_path / "run", plan), callbacks=(later,))

    assert run.status.state == "stopped" and run.status.epoch == 1 and run.model.exists()
    assert run.status.message.startswith("Stopped after 7 min, the longest that this server trains at a time. The best model so far")


@pytest.mark.long
def test_a_run_of_classes_says_the_expected_calibration_error_of_its_probabilities(tmp_path: Path) -> None:
    """In 15 bins of the likeliest class's probability: how far the share that is right is from the mean probability."""
    made = planted_dataset()
    made.table.frame.to_csv(tmp_path / "planted.csv", index=False)
    written = replace(made, table=read_csv(tmp_path / "planted.csv"))
    config = TrainingConfig(epochs=1, batch_size=16, snapshots=0)
    scored: list[dict[str, Predictions]] = []
    plan = make_plan(written, BY_SERIES, SMALL, config, path=tmp_path / "planted.csv")
    run = train_run(create_run(tmp_path / "one", plan), on_scored=lambda _, predicted: scored.append(predicted))

    dataset = load_data(run.plan)
    windows = dataset.windows.of_part("test")
    predicted = predict(load_checkpoint(run.model).model, dataset, windows).predicted
    right = np.array(dataset.schema.classes)[predicted.argmax(axis=1)] == dataset.windows.label[windows]
    bins = (predicted.max(axis=1) * 15).astype(int)
    gaps = [abs(right[bins == one].mean() - predicted.max(axis=1)[bins == one].mean()) * (bins == one).mean() for one in np.unique(bins)]
    assert set(scored[0]) == {"validation", "test"} and np.array_equal(scored[0]["test"].predicted, predicted)
    assert run.status.message.endswith(f" Expected calibration error on {len(windows)} test windows: {sum(gaps):.4f}.")


@pytest.mark.long
def test_the_best_epoch_is_that_of_the_averaged_weights(plan: Plan, tmp_path: Path) -> None:
    """What was kept before were the weights themselves, while the validation loss was their average's."""
    plan = replace(plan, training=replace(plan.training, averaging=0.99, epochs=1))
    run = train_run(create_run(tmp_path / "one", plan))

    dataset = load_data(plan)
    from complex_lstm.training.batches import WindowBatches

    checks = WindowBatches(dataset, dataset.windows.of_part("validation"))
    x, lengths, truth = checks.__getitems__(list(range(len(checks))))
    with torch.no_grad():
        loss = torch.nn.functional.mse_loss(load_checkpoint(run.model).model(x, lengths), truth)

    assert loss.item() == pytest.approx(curve(run, "validation_loss")[0], rel=1e-5)


@pytest.mark.long
def test_a_stop_keeps_the_best_so_far_and_can_be_gone_on_with(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)

    stopped = train_run(open_run(run.folder), callbacks=(AtBatch(2, 1, lambda: send_command(run, "stop")),))

    assert stopped.status.state == "stopped" and stopped.status.epoch == 1 and stopped.status.best_epoch == 1
    assert stopped.status.message == "Stopped. The best model so far (epoch 1) is kept." and stopped.status.scores
    assert load_checkpoint(stopped.model) and not (run.folder / CONTROL).exists()
    assert train_run(open_run(run.folder)).status.state == "done"


def test_a_stop_in_the_first_epoch_keeps_what_was_learned_until_then(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)

    stopped = train_run(open_run(run.folder), callbacks=(AtBatch(1, 2, lambda: send_command(run, "stop")),))

    assert stopped.status.message == "Stopped. The best model so far (within epoch 1) is kept." and load_checkpoint(stopped.model)


@pytest.mark.long
def test_a_run_that_goes_on_from_before_its_best_epoch_does_not_lose_it(plan: Plan, tmp_path: Path) -> None:
    """The way to resume is written less often than the best model: what was better by then was overwritten by what came before."""
    falls = replace(plan, training=replace(plan.training, seed=5))  # a seed with which the validation loss falls with each epoch
    run, early = create_run(tmp_path / "one", falls), tmp_path / LAST
    keep = AtBatch(2, 0, lambda: shutil.copyfile(run.folder / LAST, early))
    with pytest.raises(ZeroDivisionError):
        train_run(open_run(run.folder), callbacks=(keep, AtBatch(4, 0, raising(ZeroDivisionError()))))
    best, kept = open_run(run.folder).status.best_epoch, weights(run)
    assert best == 3
    shutil.copyfile(early, run.folder / LAST)

    stopped = train_run(open_run(run.folder), callbacks=(AtBatch(3, 0, lambda: send_command(run, "stop")),))  # it has done epoch 2 again

    assert stopped.status.epoch == 2 and stopped.status.best_epoch == 3 and (weights(stopped) == kept).all()


@pytest.mark.long
def test_whoever_reads_that_a_run_has_stopped_finds_its_scores(plan: Plan, tmp_path: Path) -> None:
    """The scores came later, and were written over the status of a process that had been resumed meanwhile."""
    run = create_run(tmp_path / "one", plan)
    seen: list[Status] = []

    def look() -> None:
        while not seen or seen[-1].state != "stopped":
            seen.append(open_run(run.folder).status)

    def wish_and_look() -> None:
        send_command(run, "stop")
        watcher.start()

    watcher = threading.Thread(target=look, daemon=True)
    train_run(open_run(run.folder), callbacks=(AtBatch(2, 1, wish_and_look),))
    watcher.join()

    assert seen[-1].state == "stopped" and {score.part for score in seen[-1].scores} == {"validation", "test"}


@pytest.mark.long
def test_a_paused_run_waits_until_it_may_go_on(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)
    seen: list[str] = []

    def look_and_release() -> None:
        while open_run(run.folder).status.state != "paused":
            time.sleep(0.02)
        seen.append(open_run(run.folder).status.state)
        send_command(run, "resume")

    watcher = threading.Thread(target=look_and_release, daemon=True)
    watcher.start()
    ended = train_run(open_run(run.folder), callbacks=(AtBatch(2, 0, lambda: send_command(run, "pause")),))

    assert seen == ["paused"] and ended.status.state == "done" and not (run.folder / CONTROL).exists()


def test_the_queue_is_in_the_order_of_asking_and_only_living_runs_count(plan: Plan, tmp_path: Path) -> None:
    first, second, third, dead = (create_run(tmp_path / name, plan) for name in ("c", "a", "b", "dead"))
    as_under_way(dead, queued=0.5, pid=2**22 - 1, started=1.0)
    runs = [as_under_way(run, queued=queued) for run, queued in ((first, 1.0), (second, 2.0), (third, 3.0))]

    assert [len(earlier_in_queue(run, tmp_path)) for run in runs] == [0, 1, 2]
    write_status(first.folder, replace(runs[0].status, state="done"))
    assert [len(earlier_in_queue(run, tmp_path)) for run in runs[1:]] == [0, 1]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # it is meant to outlive whoever started it
def test_a_launched_run_waits_for_its_turn_and_is_trained_by_its_own_process(plan: Plan, tmp_path: Path) -> None:
    ahead = as_under_way(create_run(tmp_path / "ahead", plan), queued=1.0)
    run = create_run(tmp_path / "one", replace(plan, training=replace(plan.training, epochs=1)))

    launch(run, queue=tmp_path)
    while (now := open_run(run.folder)).is_under_way and "Waiting for 1 earlier run" not in now.status.message:
        time.sleep(0.1)
    assert open_run(run.folder).status.state == "waiting" and not run.rows
    write_status(ahead.folder, replace(ahead.status, state="done"))
    while open_run(run.folder).is_under_way:
        time.sleep(0.1)

    ended = open_run(run.folder)
    assert ended.status.state == "done", ended.log
    assert load_checkpoint(ended.model)


def test_what_is_half_written_is_read_as_far_as_it_goes(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)
    (run.folder / METRICS).write_text("epoch,step,metric,value\n1,7,loss,0.5\n2,14,lo")
    (run.folder / STATUS).write_text('{"state": "runn')
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / PLAN).write_text('{"name": "x')

    assert run.rows == (Row(1, 7, "loss", 0.5),)
    assert open_run(run.folder).status.state == "failed"
    assert [found.key for found in list_runs(tmp_path)] == ["one"]


def test_data_that_is_gone_or_changed_is_told(plan: Plan, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    run = create_run(tmp_path / "one", replace(plan, data=str(file)))

    with pytest.raises(TrainingError, match="weather.csv, is no longer there"):
        train_run(open_run(run.folder))
    file.write_text("temp,humid,pressure\n1,2,3\n")
    with pytest.raises(TrainingError, match="weather.csv has changed since the run was made"):
        train_run(open_run(run.folder))
    assert "has changed" in open_run(run.folder).status.message


def test_a_run_that_is_done_or_under_way_is_not_started_again(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)
    write_status(run.folder, Status("done"))
    with pytest.raises(TrainingError, match="is done: there is nothing to resume"):
        train_run(open_run(run.folder))
    parent = psutil.Process().parent()
    assert parent
    as_under_way(run, pid=parent.pid, started=parent.create_time())
    with pytest.raises(TrainingError, match="is under way already"):
        train_run(open_run(run.folder))


def test_a_run_is_renamed_zipped_and_deleted(plan: Plan, tmp_path: Path) -> None:
    import io
    import zipfile

    run = create_run(tmp_path / "one", plan)
    (run.folder / LAST).write_bytes(b"large")
    rename_run(run, "  second \n try ")
    assert open_run(run.folder).plan.name == "second try"
    with pytest.raises(TrainingError, match="A run needs a name"):
        rename_run(run, " ")

    names = zipfile.ZipFile(io.BytesIO(zip_run(run))).namelist()
    assert names == ["one/run.json"]

    under_way = as_under_way(run)
    with pytest.raises(TrainingError, match="is under way. Stop it before deleting it"):
        delete_run(under_way)
    write_status(run.folder, Status("stopped"))
    delete_run(open_run(run.folder))
    assert not run.folder.exists()


def test_a_folder_is_not_taken_twice(plan: Plan, tmp_path: Path) -> None:
    create_run(tmp_path / "one", plan)

    with pytest.raises(TrainingError, match="holds a run. Resume it by --resume"):
        create_run(tmp_path / "one", plan)


def test_curves_leave_out_what_is_no_number() -> None:
    rows = (Row(1, 1, "loss", 2.0), Row(2, 2, "loss", float("nan")), Row(3, 3, "loss", 1.0))

    found = curves_of(rows)["loss"]

    assert found.epochs.tolist() == [1, 3] and found.values.tolist() == [2, 1] and found.steps.tolist() == [1, 3]


def test_the_status_says_when_it_was_written_by_a_later_version(plan: Plan, tmp_path: Path) -> None:
    run = as_under_way(create_run(tmp_path / "one", plan))
    told = json.loads((run.folder / STATUS).read_text()) | {"unheard of": 1}
    (run.folder / STATUS).write_text(json.dumps(told))

    assert open_run(run.folder).status == run.status
