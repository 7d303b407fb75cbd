"""A run that another page asks for: started once, found by its key, stopped, and its model kept."""

import time
from pathlib import Path

import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import read_csv
from complex_lstm.errors import WorkspaceError
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.runs import Status, list_runs
from complex_lstm.runs.status import own_process, write_status
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.runs import find_run, keep_model
from complex_lstm.ui.views.importance.shuffled_labels import find_job, start_job, stop_job
from complex_lstm.workspace import Kept, Workspace

NAMES = ("--out", 'a "quoted", name', "$x$")  # what a shell, a CSV line or an option parser could stumble over
SETUP = Setup(Roles(NAMES, NAMES[1:2], "values"), WindowConfig(length=8, stride=4), SplitConfig("time", 0.2, 0.2))


@pytest.fixture(autouse=True)
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workspace:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return open_workspace()


@pytest.fixture
def data(workspace: Workspace) -> Kept:
    header = ",".join('"' + name.replace('"', '""') + '"' for name in NAMES)
    rows = [f"{row % 7},{row % 5},{row % 3}" for row in range(120)]
    return workspace.keep("data", "\n".join([header, *rows]).encode(), "odd names.csv")


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # it is meant to outlive whoever started it
def test_a_run_trains_on_columns_of_any_name_and_is_started_once(data: Kept, workspace: Workspace) -> None:
    key = start_job(data, SETUP, hidden_dim=8, epochs=1, batch_size=16)
    assert start_job(data, SETUP, hidden_dim=8, epochs=1, batch_size=16) == key
    assert find_job(key).state == "running"
    while find_job(key).state == "running":
        time.sleep(0.2)

    job = find_job(key)

    assert job.state == "done" and job.share == 1, job.message
    assert start_job(data, SETUP, hidden_dim=8, epochs=1, batch_size=16) == key and len(list_runs(workspace.folder / "runs")) == 1
    made = load_checkpoint(workspace.find("model", keep_model(find_run(key))).path)
    assert isinstance(made, Checkpoint)
    assert made.schema.roles == SETUP.roles and made.window == SETUP.window and made.split == SETUP.split
    assert made.fingerprint == read_csv(data.path).fingerprint

    write_status(job.folder, Status("running", **own_process()))
    stop_job(key)
    assert (job.folder / "control").read_text() == "stop"
    write_status(job.folder, Status("stopped", message="Stopped."))
    assert (find_job(key).state, find_job(key).message) == ("failed", "Stopped.")


def test_a_run_that_is_not_there_is_told() -> None:
    with pytest.raises(WorkspaceError, match="There is no run '0123456789' here"):
        find_job("0123456789")
