"""The app without a browser, in the test's own process."""

import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from complex_lstm.cli import main
from complex_lstm.runs import Run, Status, open_run
from complex_lstm.runs.status import write_status
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.app.addresses import todays_address
from complex_lstm.ui.compute import jobs
from complex_lstm.ui.compute.jobs import job_queue
from complex_lstm.ui.compute.visitor import assign_session
from complex_lstm.workspace import Workspace
from tests.pages.looking import MAY_BEGIN, HeldPool, jobs_begin, name_of_session

ROOT = Path(__file__).resolve().parents[2]
Show = Callable[..., AppTest]
Visit = Callable[..., AppTest]
WAITS_ITSELF = "unfit"  # the view whose run ends with its job
PATIENCE = 600  # seconds that one run of a page may take, on a machine however slow


@pytest.fixture(autouse=True, scope="session")
def installed_components_are_read_once() -> Iterator[None]:
    """Streamlit reads the metadata of all that is installed for each new AppTest, which takes longer than most pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def jobs_begin_when_they_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold the jobs until the test waits for them, and end them all with it."""
    with HeldPool(1) as pool:  # one job at a time, on a machine of any size
        monkeypatch.setattr(job_queue(), "_pool", pool)
        monkeypatch.setattr(jobs, "GRACE", 0.05)  # what is held does not end in a moment
        monkeypatch.setattr(jobs, "SLICE", math.inf)  # nothing steps aside: there is one thread
        yield
        under_way = job_queue().under_way()
        for job in under_way:
            for session in job.sessions:
                job_queue().withdraw([job.key], session)
        MAY_BEGIN.set()
        for job in under_way:
            job.wait()
    MAY_BEGIN.clear()


@pytest.fixture(autouse=True)
def each_app_is_a_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give every AppTest a session id of its own, as every browser tab has; Streamlit's has one for all. The jobs end with the test."""
    apps: set[str] = set()
    make = LocalScriptRunner.__init__

    def make_with_own_session(runner: LocalScriptRunner, script: str, state: SafeSessionState, *args: Any, **options: Any) -> None:
        make(runner, script, state, *args, **options)
        runner._session_id = name_of_session(state)
        apps.add(runner._session_id)

    monkeypatch.setattr(LocalScriptRunner, "__init__", make_with_own_session)
    yield
    for session in apps:
        job_queue().withdraw_all_but((), session)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Show:
    """Return a new session that has followed a link to a page, of today or of version 0.1. Its workspace is empty."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))

    def show(page: str, **selection: object) -> AppTest:
        app = AppTest.from_file(str(ROOT / "complex_lstm/ui/app/router.py"), default_timeout=PATIENCE)
        today, parameters = todays_address(page, {name: str(value) for name, value in selection.items()})
        app.query_params.update(parameters)
        app.switch_page(str(ROOT / f"pages/{today}.py"))
        with jobs_begin() if selection.get("view") == WAITS_ITSELF else nullcontext():
            return app.run()

    return show


@pytest.fixture
def visit(show: Show, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Return what opens a page for a visitor, in a new session, where visitors are apart."""
    monkeypatch.setenv("COMPLEX_LSTM_VISITORS", "cookie")

    def visit(owner: str, page: str, **selection: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "complex_lstm/ui/app/router.py"), default_timeout=PATIENCE)
        assign_session(name_of_session(app._session_state), owner)
        app.query_params.update(selection)
        app.switch_page(str(ROOT / f"pages/{page}.py"))
        return app.run()

    return visit


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that the command line has trained."""
    folder = tmp_path_factory.mktemp("trained")
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    (folder / "hours.csv").write_text("\n".join([header, *[line for line in lines if line.startswith("JFK")][:200]]))
    sizes = ["--hidden", "8", "--heads", "2", "--lstm-layers", "1", "--epochs", "2", "--batch-size", "16", "--window", "12"]
    told = CliRunner().invoke(main, ["train", "--data", str(folder / "hours.csv"), "--run", str(folder / "run"), "--name", "first", *sizes])
    assert told.exit_code == 0 and "Done: 2 epochs" in told.output, told.output
    return folder


@pytest.fixture
def with_runs(trained: Path, tmp_path: Path) -> Callable[..., Run]:
    """Return what puts a copy of the trained run, under a key and in a state, among the runs of the workspace."""
    Workspace(tmp_path).keep("data", (trained / "hours.csv").read_bytes(), "hours.csv")

    def add(key: str, **status: object) -> Run:
        folder = tmp_path / "runs" / key
        shutil.copytree(trained / "run", folder)
        if status:
            write_status(folder, Status(**{"epochs": 2, "epoch": 1} | status))  # type: ignore[arg-type]
        return open_run(folder)

    return add
