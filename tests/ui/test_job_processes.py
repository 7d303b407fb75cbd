"""Jobs whose computing is done in processes: the same numbers, turns, a stop within a second, and no harm where a process dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from complex_lstm import SAMPLES, Dataset, explain, load_checkpoint, make_request, prepare_for, read_csv
from complex_lstm.config import to_json
from complex_lstm.config.serving import VARIABLE, JobsSection, Serving
from complex_lstm.errors import ExplanationError, LimitError
from complex_lstm.inference import predict
from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.evidence import map_evidence, window_evidence
from complex_lstm.interpretation.faithfulness import counted_chance, faithfulness
from complex_lstm.model import Checkpoint
from complex_lstm.ui.compute import jobs
from complex_lstm.ui.compute.jobs import Job, JobQueue
from complex_lstm.ui.compute.process import HEED, LOOK
from complex_lstm.ui.compute.processes import Processes, computed, processes
from tests.ui.in_a_process import end_process, sleep, take_steps

pytestmark = pytest.mark.long  # a process imports torch before its first call
SOME = ("occlusion", "input_x_gradient", "gradient_shap", "attention_rollout")  # by removing, by gradients, by chance, by attention
PATIENCE = 600.0  # seconds, for a machine however slow: a test that passes waits for none of them


@pytest.fixture(scope="module")
def pool() -> Iterator[Processes]:
    """The processes of a server that has two at most, as `complex-lstm serve` has."""
    os.environ[VARIABLE] = to_json(Serving(jobs=JobsSection(processes=2)))
    processes.clear()
    found = processes()
    assert found
    yield found
    found.close()
    del os.environ[VARIABLE]
    processes.clear()


@pytest.fixture
def queue(pool: Processes) -> JobQueue:
    return JobQueue(2, lambda session: True, lambda session: session.split()[0])


@pytest.fixture(scope="module")
def opened() -> tuple[Checkpoint, Dataset]:
    sample = SAMPLES["planted_order"]
    found = load_checkpoint(sample.checkpoint)
    assert isinstance(found, Checkpoint)
    found.model.requires_grad_(False)
    return found, prepare_for(read_csv(sample.csv), found.schema, found.window, found.scaling, found.split)


def ended(job: Job[Any]) -> Job[Any]:
    assert job.wait(PATIENCE), "still under way"
    return job


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def values(found: Any) -> list[Any]:
    """Return all that a result holds but the seconds that it took, arrays as their bytes."""
    if is_dataclass(found):
        return [one for field in fields(found) if field.name != "seconds" for one in values(getattr(found, field.name))]
    if isinstance(found, (tuple, list)):
        return [one for item in found for one in values(item)]
    return [(found.shape, found.dtype, found.tobytes())] if isinstance(found, np.ndarray) else [found]


def test_a_process_finds_the_same_as_a_thread_to_the_last_bit(queue: JobQueue, opened: tuple[Checkpoint, Dataset]) -> None:
    checkpoint, dataset = opened
    model, request, cpu = checkpoint.model, make_request(dataset, 3, 1), torch.device("cpu")

    def everything(job: Job[Any]) -> list[Any]:
        function = ForwardFunction(model, request, cpu, job.must_stop, job.count)
        maps = [computed(explain, model, request, name, device=cpu, stop=job.must_stop, on_pass=job.count) for name in SOME]
        window, first = computed(window_evidence, function), maps[0].attribution
        judged = computed(map_evidence, function, window, first), computed(faithfulness, function, first)
        return [
            maps,
            window,
            judged,
            computed(counted_chance, function),
            computed(predict, model, dataset, np.arange(40), stop=job.must_stop),
        ]

    job = ended(queue.request("everything", everything, "ann"))
    alone = Job[Any]("here", everything, lambda session: True)  # whose function runs in this thread
    alone.sessions = frozenset({"ann"})
    here = everything(alone)

    assert job.error_message == "" and values(job.result) == values(here) and len(values(here)) > 40
    assert job.done > sum(one.evaluations for one in here[0])  # one with gradients is worth several


def test_what_does_not_heed_a_stop_ends_with_its_process_and_another_takes_its_place(
    pool: Processes, queue: JobQueue, tmp_path: Path
) -> None:
    """It is in the midst of a forward pass that takes long. What another visitor has in the same process is done again."""
    before = {one.id for one in pool.running}
    deaf = [queue.request(("deaf", number), lambda job: computed(sleep, tmp_path), "ann") for number in range(2)]
    until(lambda: all(one.calls for one in pool.running) and (tmp_path / "begun").exists())

    queue.withdraw([one.key for one in deaf], "ann")

    assert [ended(one).state for one in deaf] == ["stopped", "stopped"] and LOOK + HEED < 1
    assert ended(queue.request("next", lambda job: computed(os.getpid), "ann")).result not in before
    assert len(pool.running) == 2


def test_a_call_goes_on_in_another_process_when_its_own_has_ended_and_says_so_when_that_ends_too(queue: JobQueue, tmp_path: Path) -> None:
    once, always = (tmp_path / name for name in ("once", "always"))
    once.mkdir()
    always.mkdir()

    mended = ended(queue.request("once", lambda job: computed(end_process, once, 1, job.count), "ann"))
    assert psutil.pid_exists(mended.result) and mended.done == 1  # what the first try had done is not counted
    failed = ended(queue.request("always", lambda job: computed(end_process, always, 9, job.count), "ann"))

    with pytest.raises(LimitError, match="was ended twice, as a system does where memory is short. Choose less"):
        _ = failed.result
    assert len(list(always.iterdir())) == 2


def test_a_call_steps_aside_for_another_visitor_and_goes_on(
    queue: JobQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: Processes
) -> None:
    monkeypatch.setattr(jobs, "SLICE", 0.0)
    queue = JobQueue(1, lambda session: True, lambda session: session.split()[0])
    steps = tmp_path / "steps"
    hour = queue.request("hour", lambda job: computed(take_steps, tmp_path, job.must_stop, job.count), "ann 1")
    until(steps.exists)

    def look(job: Job[bool]) -> bool:
        """Whether the other one stands still: where it has taken its last step by now, it takes no other."""
        time.sleep(2 * LOOK)
        before = steps.read_text()
        time.sleep(2 * LOOK)
        return hour.is_aside and before == steps.read_text()

    assert ended(queue.request("moment", look, "ben 1")).result
    count = int(steps.read_text() or 0)
    until(lambda: int(steps.read_text() or 0) > count)
    (tmp_path / "open").touch()
    assert ended(hour).result == "through" and hour.done >= count


def test_errors_come_back_as_they_are(queue: JobQueue, opened: tuple[Checkpoint, Dataset]) -> None:
    checkpoint, dataset = opened

    ours = ended(queue.request("ours", lambda job: computed(explain, checkpoint.model, make_request(dataset, 0, 0), "none"), "ann"))
    theirs = ended(queue.request("theirs", lambda job: computed(partial(int, base=2), "7"), "ann"))

    with pytest.raises(ExplanationError, match="There is no method 'none'; choose one of ablation"):
        _ = ours.result
    with pytest.raises(ValueError, match="invalid literal") as raised:
        _ = theirs.result
    assert "in _compute" in raised.value.__notes__[0]  # where it was raised


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit what a process allocates")
def test_a_process_that_has_a_limit_is_refused_more_memory_and_lives(queue: JobQueue) -> None:
    limited = Processes(1, most_bytes=300_000_000)

    def fill(job: Job[Any]) -> Any:
        return limited.compute(job, np.ones, (10**8,), {}), None

    job = ended(queue.request("large", fill, "ann"))

    with pytest.raises(LimitError, match="The memory of the server does not hold this"):
        _ = job.result
    assert ended(queue.request("small", lambda job: limited.compute(job, np.ones, (3,), {}), "ann")).result.tolist() == [1, 1, 1]
    assert limited.bytes_taken() < 300_000_000
    limited.close()


SERVER = """
import time
from complex_lstm.ui.compute.processes import Processes
found = Processes(1)
found.running[0].is_ready.wait()
print(found.running[0].id, flush=True)
time.sleep(600)
"""


def test_processes_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        process = psutil.Process(int(server.stdout.readline()))
        held = process.open_files(), process.net_connections()

        server.send_signal(signal.SIGKILL)

        process.wait(PATIENCE)
        assert not process.is_running() and held == ([], [])
