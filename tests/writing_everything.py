"""Everything that writes to a workspace, on a disk that is full or may not be written: `python -m tests.writing_everything FOLDER HOW`.

It prints what each activity raised, and what has changed in the folder.
"""

import codecs
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.runs import Plan, create_run, rename_run, send_command, zip_run
from complex_lstm.runs.archive import import_run
from complex_lstm.runs.folder import point_to_data
from complex_lstm.runs.process import launch
from complex_lstm.shares import Share, make_share
from complex_lstm.visitors import new_cookie
from complex_lstm.workspace import Workspace

SIZES = ModelConfig(1, 8, 1, 2, 1, 0.3)
PLAN = Plan("first", "", "a.csv", "f" * 64, Roles(("x",), ("y",), "values"), WindowConfig(4), SplitConfig(), SIZES, TrainingConfig())
NOBODY = 65534


def fill_the_disk() -> None:
    """Have the system refuse every byte that is written to a file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def may_not_write() -> None:
    """Become somebody who may read the workspace alone."""
    os.setuid(NOBODY)


def activities(workspace: Workspace) -> dict[str, Callable[[], object]]:
    """Return what writes, by its name: all of it was prepared while there was room."""
    kept = workspace.keep("data", b"1", "a.csv")
    run = create_run(workspace.folder / "runs" / "one", PLAN)
    elsewhere = zip_run(create_run(workspace.folder / "elsewhere", PLAN))
    share = Share("a" * 32, kept.key, "", "", 0, 0, "", (("data", kept.key),), "a view", 0.0)
    kinds = ("data", "model", "setup", "reading", "recipe")
    return {f"keep {kind}": lambda kind=kind: workspace.keep(kind, b"2", "b") for kind in kinds} | {  # type: ignore[misc]
        "delete": lambda: workspace.discard(kept.path.parent, "file", "a.csv"),
        "new run": lambda: create_run(workspace.folder / "runs" / "two", PLAN),
        "start": lambda: launch(run),
        "rename": lambda: rename_run(run, "second"),
        "data of a run": lambda: point_to_data(run, kept.path),
        "stop": lambda: send_command(run, "stop"),
        "import": lambda: import_run(elsewhere, workspace.folder / "imported"),
        "share": lambda: make_share(share),
        "secret": new_cookie,
    }


def found_in(folder: Path) -> dict[str, bytes]:
    """Return what files hold; a file or a folder without anything in it is nothing."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in files.items() if content}


def main(folder: Path, how: Callable[[], None]) -> None:
    """Do everything once there is no room, and print what comes of it."""
    os.environ["COMPLEX_LSTM_WORKSPACE"] = str(folder)
    todo = activities(Workspace(folder))
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)
    before = found_in(folder)
    codecs.lookup("cp437")  # of the names in zips: who has no rights may not read the standard library either
    how()
    for name, do in todo.items():
        try:
            do()
            print(f"{name}|none|")
        except Exception as error:
            print(f"{name}|{type(error).__name__}|{error}")
    now = found_in(folder)
    print("changed|" + " ".join(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), {"full": fill_the_disk, "read-only": may_not_write}[sys.argv[2]])
