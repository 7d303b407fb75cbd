"""What befalls a run costs nothing that was written and is told: memory, disk, death, and a clock that is set."""

import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch

from complex_lstm.disk import writer_mark
from complex_lstm.errors import TrainingError
from complex_lstm.model import load_checkpoint
from complex_lstm.runs import Plan, Run, create_run, open_run
from complex_lstm.runs.atomic_files import LAST, METRICS
from complex_lstm.runs.status import own_process
from complex_lstm.training.run import train_run
from tests.training.breaking import AtBatch, as_under_way, curve, raising


@pytest.mark.parametrize(
    "error",
    [
        torch.cuda.OutOfMemoryError("CUDA out of memory."),
        pytest.param(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), marks=pytest.mark.long),
        pytest.param(
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."
            ),
            marks=pytest.mark.long,
        ),
    ],
)
@pytest.mark.long
def test_a_device_without_room_gets_half_the_batch_and_the_same_steps(plan: Plan, whole: Run, tmp_path: Path, error: RuntimeError) -> None:
    run = create_run(tmp_path / "one", plan)

    ended = train_run(open_run(run.folder), callbacks=(AtBatch(2, 0, raising(error)),))

    assert ended.status.state == "done" and (ended.status.batch_size, ended.status.accumulate) == (8, 2)
    assert "does not hold 16 windows: continuing with batches of 8, 2 to a step" in ended.status.notes[-1]
    assert [row.step for row in ended.rows if row.metric == "loss"] == [row.step for row in whole.rows if row.metric == "loss"]
    assert curve(ended, "loss")[0] == curve(whole, "loss")[0]  # the epoch before is not lost


def test_an_error_that_is_not_of_memory_halves_nothing(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        train_run(open_run(run.folder), callbacks=(AtBatch(1, 0, raising(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))),))

    assert (failed := open_run(run.folder).status).state == "failed" and failed.batch_size == 16


def test_a_gpu_without_room_for_one_window_is_told(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", replace(plan, training=replace(plan.training, batch_size=1)))

    with pytest.raises(TrainingError, match="does not hold even one window. Choose a smaller model"):
        train_run(open_run(run.folder), callbacks=(AtBatch(1, 0, raising(torch.cuda.OutOfMemoryError("CUDA out of memory."))),))

    assert open_run(run.folder).status.state == "failed"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
@pytest.mark.long
def test_a_full_disk_is_told_and_costs_nothing_that_was_written(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)
    fill = AtBatch(3, 0, lambda: (run.folder / f"{METRICS}.{writer_mark()}{threading.get_ident()}.new").symlink_to("/dev/full"))

    with pytest.raises(TrainingError, match="The disk is full. What was written before is kept"):
        train_run(open_run(run.folder), callbacks=(fill,))

    failed = open_run(run.folder)
    assert failed.status.state == "failed" and "resume the run" in failed.status.message
    assert load_checkpoint(failed.model) and len(curve(failed, "loss")) == 2
    assert train_run(open_run(run.folder)).status.state == "done"


def test_a_process_that_was_killed_is_told_with_the_way_to_go_on(plan: Plan, tmp_path: Path) -> None:
    process = psutil.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    run = as_under_way(create_run(tmp_path / "one", plan), pid=process.pid, started=process.create_time())
    assert run.status.state == "running"

    process.send_signal(signal.SIGKILL)
    process.wait()

    failed = open_run(run.folder)
    assert failed.status.state == "failed" and failed.can_resume
    assert failed.status.message.startswith("The process ended unexpectedly") and "Resume it" in failed.status.message


def test_a_number_given_to_another_process_is_not_taken_for_the_run(plan: Plan, tmp_path: Path) -> None:
    run = as_under_way(create_run(tmp_path / "one", plan), pid=os.getpid(), started=psutil.Process().create_time() - 100)

    assert run.status.state == "failed"


def test_a_clock_that_is_set_does_not_end_a_run(plan: Plan, tmp_path: Path) -> None:
    """A process's creation time is counted from the boot, whose time moves with the clock."""
    run = as_under_way(create_run(tmp_path / "one", plan), pid=os.getpid(), started=psutil.Process().create_time() - 2)

    assert run.status.state == "running"


def test_a_clock_that_is_set_back_by_hours_does_not_end_a_run(plan: Plan, tmp_path: Path) -> None:
    now = own_process()
    if not now["boot"]:
        pytest.skip("this system does not tell one boot from another")

    alive = as_under_way(create_run(tmp_path / "one", plan), **now | {"started": now["started"] + 7200})
    other = as_under_way(create_run(tmp_path / "two", plan), **now | {"since_boot": now["since_boot"] + 30})
    before = as_under_way(create_run(tmp_path / "three", plan), **now | {"started": now["started"] - 7200, "boot": "another"})

    assert [one.status.state for one in (alive, other, before)] == ["running", "failed", "failed"]


@pytest.mark.long
def test_what_a_killed_process_left_half_written_is_swept_up(plan: Plan, tmp_path: Path) -> None:
    run = create_run(tmp_path / "one", plan)
    (run.folder / f"{LAST}.1-1.new").write_bytes(b"half")

    train_run(open_run(run.folder))

    assert not list(run.folder.glob("*.new"))
