"""The visitor's runs, which all lie in their workspace, and the queue in which they wait with those of others."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import replace
from pathlib import Path

from complex_lstm.config import DerivedFeature, ModelConfig, TrainingConfig, to_json
from complex_lstm.data import examine
from complex_lstm.disk import read_bounded
from complex_lstm.errors import TrainingError, WorkspaceError
from complex_lstm.model import load_checkpoint
from complex_lstm.recipe import Reading, column_list, reading_words
from complex_lstm.runs import Plan, Run, create_run, launch, list_runs, open_run
from complex_lstm.runs.archive import MOST_BYTES
from complex_lstm.runs.folder import disk_errors, point_to_data
from complex_lstm.samples import SAMPLES
from complex_lstm.settings import option_words
from complex_lstm.ui.compute.cache import examination
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.sources import find_file, find_source, keep_reading
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.scene import MODELS, UPLOADS, add_to_list, title_of
from complex_lstm.ui.session.state import choose, current
from complex_lstm.visitors import are_apart
from complex_lstm.workspace import DIGITS, RUNS, VISITORS, Kept, root_folder


def runs_root() -> Path:
    """Return the folder of all runs, each in a folder under it."""
    return open_workspace().folder / RUNS


def runs_queue() -> Path:
    """Return the queue of the runs: alone it is their folder, else all visitors share one."""
    return root_folder() / VISITORS if are_apart() else runs_root()


def all_runs() -> list[Run]:
    """Return all runs, the newest first."""
    workspace = open_workspace()
    return [run for run in list_runs(runs_root()) if workspace.holds(run.folder)]


def find_run(key: str) -> Run:
    """Return a run by its key.

    Raises:
        WorkspaceError: there is none, for instance because the link was made on another installation, or it was deleted.
    """
    return open_run(folder_of(key, "run"))


def folder_of(key: str, what: str) -> Path:
    """Return the folder of a run or a sweep; `what` is the word for it in the error.

    Raises:
        WorkspaceError: there is none.
    """
    root = runs_root()  # the key is looked up among its folders: a key from a link must not be used as a path
    here = {path.name: path for path in root.iterdir()} if root.is_dir() else {}
    if key not in here or not here[key].is_dir() or not open_workspace().holds(here[key]):
        raise WorkspaceError(f"There is no {what} {key[:DIGITS]!r} here. It was deleted, or the link was made on another installation.")
    return here[key]


def start_run(plan: Plan, *, again: bool = True) -> Run:
    """Start a run in a process of its own, or put it into the queue, and return it.

    The same run is not started twice while it is under way, and again after it is done only with `again`.

    Raises:
        WorkspaceError: there is no room left, or the data are another's.
    """
    if current().share:
        raise WorkspaceError("What others share with you is to look at: nothing is trained on it. Leave the shared view for your own data.")
    open_workspace().make_room(0, plan.name)
    key = hashlib.sha256(to_json(replace(plan, made="", name="")).encode()).hexdigest()[:12]
    found = [key] + [f"{key}-{number}" for number in range(2, 1000)]
    for one in found:
        if not (runs_root() / one).exists():
            run = create_run(runs_root() / one, plan)
            launch(run, queue=runs_queue())
            return find_run(one)
        run = find_run(one)
        if run.is_under_way or (run.status.state == "done" and not again):
            return run
    return find_run(found[-1])


def resume_run(run: Run) -> None:
    """Resume a run, as soon as it is its turn. A run that was made elsewhere reads its data from the file here.

    Raises:
        TrainingError: its data are not known here.
    """
    now = find_run(run.key)  # another session may have resumed it already
    if now.is_under_way:
        return
    data = data_of(now)
    if not data and not now.plan.data:  # it was made elsewhere
        raise TrainingError(unknown_data(now))
    if data and kept_data(data).path.absolute() != Path(now.plan.data):
        now = point_to_data(now, kept_data(data).path)
    launch(now, queue=runs_queue())


def use_model(run: Run) -> str:
    """Open a run's best model with the run's data on every page, and return the model's key."""
    model = keep_model(run)
    add_to_list(MODELS, model)
    data = data_of(run)
    if data and data not in SAMPLES:
        add_to_list(UPLOADS, data)
    choose(data=data or current().opened.data, model=model, setup="", run=run.key)
    return model


def keep_model(run: Run) -> str:
    """Store the best model of a run, as it is now, in the workspace, and return its key.

    Raises:
        TrainingError: its file is gone, or cannot be read.
        CheckpointError: it holds no model.
    """
    name = run.plan.name
    if not open_workspace().holds(run.model):
        raise TrainingError(f"The model of {name} lies elsewhere, and is not opened from here.")
    with disk_errors(f"The model of {name} cannot be opened", run.folder):
        content = read_bounded(run.model, MOST_BYTES)
    return open_workspace().keep("model", content, name, check=lambda path: load_checkpoint(path, name=name)).key


def data_of(run: Run) -> str:
    """Return the key of a run's data, read as they were for the run, "" where the file is no longer there."""
    plan = run.plan
    source = find_file(plan.fingerprint)
    if source is None:
        return ""
    data, by_itself = source.data, examination(source.data).table
    if plan.reading is None or (by_itself is not None and plan.reading == by_itself.settled_reading):
        return data
    return keep_reading(data, plan.reading)


def unknown_data(run: Run) -> str:
    """Return why a run whose data is not known here can neither be used nor trained again, and what to do."""
    return (
        f"{run.plan.data_name}, which this run learns from, is not known here. Open that file on the Start page: it is found by its "
        f"fingerprint (sha256 {run.plan.fingerprint[:DIGITS]}), not by its name."
    )


def kept_data(key: str) -> Kept:
    """Return the file of a sample or of an upload."""
    source = find_source(key)
    return Kept(source.data, title_of("data", key), source.path)


def command_line(data: str, reading: Reading | None, setup: Setup, model: ModelConfig, training: TrainingConfig) -> str:
    """Return the command line that does the same training in a terminal, without the option for the run's folder.

    `data` is the path of the file, `reading` how it is read, None where that is found in it.

    `--name=value` is one word, so that a column may have any name. Training options at their defaults are left out.
    """
    roles, window, split = setup.roles, setup.window, setup.split
    made = {name for one in setup.derived for name in one.names}
    options: dict[str, object] = {
        "data": data,
        "features": column_list(tuple(name for name in roles.features if name not in made)),
        "target": column_list(roles.targets),
        **{name: getattr(roles, name) for name in ("task", "series", "time", "group")},
        **{"window": window.length, "stride": window.stride, "horizon": window.horizon, "missing": window.missing},
        **{"split": split.kind, "validation": split.validation, "test": split.test, "split-seed": split.seed},
    }
    switches = ["--whole-series" if window.whole_series else "--windows", "--change" if window.as_change else "--value"]
    words = [f"--{name}={value}" for name, value in options.items()] + option_words(model, every=True)
    words += [f"--derive={_derived_words(one)}" for one in setup.derived]
    if reading:
        words += reading_words(reading, examine(Path(data)).reading if Path(data).is_file() else Reading())
    return shlex.join(["python", "-m", "complex_lstm", "train", *switches, *words, *option_words(training, every=False)])


def _derived_words(one: DerivedFeature) -> str:
    column = column_list((one.column, one.value)) if one.kind == "one hot" else one.column
    return ":".join(filter(None, (one.kind, column)))
