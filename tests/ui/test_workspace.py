"""What visitors bring: found again by its content, written whole, and never outside its folder."""

import os
from pathlib import Path

import pytest

from complex_lstm.errors import WorkspaceError
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.workspace import DIGITS, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "kept")


def test_what_is_kept_is_found_by_its_key(workspace: Workspace) -> None:
    kept = workspace.keep("data", b"a,b\n1,2\n", "mine.csv")

    assert workspace.find("data", kept.key) == kept
    assert (kept.name, kept.path.read_bytes(), len(kept.key)) == ("mine.csv", b"a,b\n1,2\n", DIGITS)


def test_the_same_content_is_kept_once_under_its_first_name(workspace: Workspace) -> None:
    first, second = workspace.keep("data", b"x", "first.csv"), workspace.keep("data", b"x", "second.csv")

    assert first == second and len(workspace.all("data")) == 1


def test_kinds_are_apart(workspace: Workspace) -> None:
    key = workspace.keep("data", b"x", "x.csv").key

    with pytest.raises(WorkspaceError, match="needs the model"):
        workspace.find("model", key)


def test_a_suffix_tells_how_to_read_the_content(workspace: Workspace) -> None:
    assert workspace.keep("model", b"x", "weights.pt", suffix=".pt").path.name == "content.pt"
    assert workspace.keep("model", b"y", "weights").path.name == "content.safetensors"


def test_the_newest_comes_first(workspace: Workspace) -> None:
    kept = [workspace.keep("data", content, content.decode()) for content in (b"old", b"new")]
    for age, one in zip((200, 100), kept, strict=True):
        os.utime(one.path.parent, (1_000_000 - age, 1_000_000 - age))

    assert [one.name for one in workspace.all("data")] == ["new", "old"]


@pytest.mark.parametrize("key", ["", "../../../etc", "0" * (DIGITS - 1), "g" * DIGITS, "0" * DIGITS, f"{'0' * DIGITS}\n"])
def test_a_key_that_is_not_held_says_what_to_do(workspace: Workspace, key: str) -> None:
    with pytest.raises(WorkspaceError, match="this installation does not hold.*upload the file here"):
        workspace.find("data", key)


def test_nothing_half_written_is_left_or_found(workspace: Workspace) -> None:
    kept = workspace.keep("data", b"x", "x.csv")
    (kept.path.parent.parent / ".new-crashed").mkdir()

    assert workspace.all("data") == [kept]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(WorkspaceError, match="x.csv cannot be kept in .*file.*COMPLEX_LSTM_WORKSPACE"):
        Workspace(tmp_path / "file").keep("data", b"x", "x.csv")


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))

    assert open_workspace() == Workspace(tmp_path)
