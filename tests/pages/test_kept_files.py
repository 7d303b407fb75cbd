"""What is kept is listed on Start, deleted there and brought back; a folder that cannot be read stops no page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.runs import Run, list_runs
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show

CSV = b"hour,level\n" + b"".join(b"%d,%d\n" % (row, row % 7) for row in range(200))


def choose_and_press(app: AppTest, options: str, label: str, button: str) -> None:
    listed = app.multiselect(key=options)
    listed.select(next(one for one in listed.options if label in one)).run()
    app.button(key=button).click().run()


def test_a_file_is_deleted_and_brought_back_by_undo(show: Show, tmp_path: Path) -> None:
    key = Workspace(tmp_path).keep("data", CSV, "levels.csv").key
    app = show("start", data=key)

    choose_and_press(app, "start_kept_chosen", "levels.csv", "start_kept_delete")

    assert not app.exception and not app.error and Workspace(tmp_path).all("data") == [] and "data" not in app.query_params
    app.button(key="trash_undo").click().run()
    assert not app.exception and [one.key for one in Workspace(tmp_path).all("data")] == [key]
    assert not Workspace(tmp_path).discarded()


def test_what_is_in_the_trash_is_brought_back_in_a_later_session(show: Show, tmp_path: Path) -> None:
    kept = Workspace(tmp_path).keep("data", CSV, "levels.csv")
    Workspace(tmp_path).discard(kept.path.parent, "file", "levels.csv")
    app = show("start")

    choose_and_press(app, "start_trash_chosen", "levels.csv", "start_trash_restore")

    assert not app.exception and Workspace(tmp_path).find("data", kept.key) == kept


def test_what_another_visitor_has_deleted_leaves_the_other_pages_alone(show: Show, tmp_path: Path) -> None:
    kept = Workspace(tmp_path).keep("data", CSV, "levels.csv")
    app = show("data")
    app.session_state["session_uploads"] = [kept.key]
    app.run()
    assert "levels.csv" in app.selectbox(key="bar_data").options

    Workspace(tmp_path).discard(kept.path.parent, "file", "levels.csv")
    app.run()

    assert not app.exception and not app.error and "levels.csv" not in app.selectbox(key="bar_data").options


def test_a_run_is_deleted_to_the_trash_and_undone(show: Show, with_runs: Callable[..., Run], tmp_path: Path) -> None:
    with_runs("one")
    app = show("train", run="one")

    app.button(key="train_delete_do").click().run()

    assert not app.exception and not list_runs(tmp_path / "runs")
    app.button(key="trash_undo").click().run()
    assert not app.exception and [one.key for one in list_runs(tmp_path / "runs")] == ["one"]


def empty(folder: Path) -> None:
    (folder / "run.json").write_text("")


def with_a_folder_for_its_plan(folder: Path) -> None:
    (folder / "run.json").unlink()
    (folder / "run.json").mkdir()


def with_half_a_character(folder: Path) -> None:
    plan = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(plan | {"name": "a\ud800"}))


def with_brackets(folder: Path) -> None:
    (folder / "run.json").write_text("[" * 100_000)


@pytest.mark.parametrize("spoil", [empty, with_a_folder_for_its_plan, with_half_a_character, with_brackets])
def test_a_folder_that_went_bad_is_shown_and_removed(
    show: Show, with_runs: Callable[..., Run], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    with_runs("good")
    spoil(with_runs("bad").folder)

    app = show("train")

    assert not app.exception and len(app.selectbox(key="train_run").options) == 1
    assert "A folder here is no run that can be read" in [one.label for one in app.expander]
    app.button(key="train_remove_bad").click().run()
    assert not app.exception and not (tmp_path / "runs" / "bad").exists()
    assert "A folder here is no run that can be read" not in [one.label for one in app.expander]
    app.button(key="trash_undo").click().run()
    assert (tmp_path / "runs" / "bad" / "run.json").exists()


@pytest.mark.parametrize(
    "status",
    [
        b"", b"null", b"[]", b"[" * 100_000, b'{"state": "running", "pid": 1.5}', b'{"state": "running", "pid": -5}', b'{"pid": true}',
        b'{"share": NaN}', b'{"seconds": Infinity}', b'{"epoch": 1' + b"0" * 400 + b"}", b'{"epoch": 1' + b"0" * 5000 + b"}",
        b'{"message": "\\ud800"}', b'{"state": ["running"]}', b'{"scores": [[1]]}', b'{"notes": "abc"}', b'{"accumulate": 0}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_status_that_went_bad_leaves_the_page_whole(show: Show, with_runs: Callable[..., Run], status: bytes) -> None:
    run = with_runs("one")
    (run.folder / "status.json").write_bytes(status)

    app = show("train", run="one")

    assert not app.exception and "its status cannot be read" in " ".join(one.value for one in app.error)
    assert "train_resume" in [one.key for one in app.button]


@pytest.mark.parametrize("name", ["status.json", "metrics.csv", "log.txt", "model.safetensors", "control", "moments", "last.ckpt"])
def test_a_folder_in_place_of_a_file_leaves_the_page_whole(show: Show, with_runs: Callable[..., Run], name: str) -> None:
    run = with_runs("one", state="failed")
    if (run.folder / name).is_dir():
        (run.folder / name).rename(run.folder / "elsewhere")
        (run.folder / name).write_text("a file in place of a folder")
    else:
        (run.folder / name).unlink(missing_ok=True)
        (run.folder / name).mkdir()

    app = show("train", run="one")

    assert not app.exception
