"""Training in a process of its own: found by its key, alive or not, and with names from files as they are."""

import json
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import read_csv
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.ui.job import find_job, keep_result, start_job, stop_job
from complex_lstm.ui.setup import Setup
from complex_lstm.workspace import Kept, Workspace, open_workspace

NAMES = ("--out", 'a "quoted", name', "$x$")  # what a shell, a CSV line or an option parser could stumble over


@pytest.fixture(autouse=True)
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workspace:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return open_workspace()


@pytest.fixture
def data(workspace: Workspace) -> Kept:
    header = ",".join('"' + name.replace('"', '""') + '"' for name in NAMES)
    rows = [f"{row % 7},{row % 5},{row % 3}" for row in range(120)]
    return workspace.keep("data", "\n".join([header, *rows]).encode(), "odd names.csv")


SETUP = Setup(Roles(NAMES, NAMES[1:2], "values"), WindowConfig(length=8, stride=4), SplitConfig("time", 0.2, 0.2))


def folder_of_a_job(workspace: Workspace, *, log: str = "") -> tuple[str, Path]:
    """Keep a job of ten epochs whose process never was, with what its process would have logged."""
    kept = workspace.keep("job", json.dumps(["train", "--epochs=10"]).encode(), "training on f.csv")
    (kept.path.parent / "log.txt").write_text(log)
    return kept.key, kept.path.parent


def test_a_run_that_ended_without_a_model_has_failed_with_its_last_words(workspace: Workspace) -> None:
    key, _ = folder_of_a_job(workspace, log="Reading\nEpoch 4:  50%\rEpoch 5: 100%\nError: too few rows\n\n")

    job = find_job(key)

    assert (job.state, job.share, job.last_words) == ("failed", 0.5, "Error: too few rows")


def test_a_run_that_left_a_model_is_done(workspace: Workspace) -> None:
    key, folder = folder_of_a_job(workspace)
    (folder / "model.safetensors").write_bytes(b"weights")

    job = find_job(key)

    assert job.state == "done"
    assert workspace.find("model", keep_result(job)).path.read_bytes() == b"weights"


def test_a_number_given_to_another_process_is_not_taken_for_the_run(workspace: Workspace) -> None:
    key, folder = folder_of_a_job(workspace)
    (folder / "pid").write_text(json.dumps([os.getpid(), psutil.Process().create_time() - 100]))

    stop_job(key)

    assert find_job(key).state == "failed"


def test_a_live_run_is_running_until_it_is_stopped(workspace: Workspace) -> None:
    key, folder = folder_of_a_job(workspace)
    process = psutil.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (folder / "pid").write_text(json.dumps([process.pid, process.create_time()]))
    assert find_job(key).state == "running"

    stop_job(key)
    process.wait(timeout=10)

    assert find_job(key).state == "failed"


@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # it is meant to outlive whoever started it
def test_a_run_trains_on_columns_of_any_name_and_is_started_once(data: Kept) -> None:
    key = start_job(data, SETUP, hidden_dim=8, epochs=1, batch_size=16)
    assert start_job(data, SETUP, hidden_dim=8, epochs=1, batch_size=16) == key
    while find_job(key).state == "running":
        time.sleep(0.2)

    job = find_job(key)

    assert job.state == "done", job.last_words
    made = load_checkpoint(job.folder / "model.safetensors")
    assert isinstance(made, Checkpoint)
    assert made.schema.roles == SETUP.roles and made.window == SETUP.window and made.split == SETUP.split
    assert made.fingerprint == read_csv(data.path).fingerprint
