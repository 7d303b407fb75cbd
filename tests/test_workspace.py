"""What is kept is found again by its key, and nothing half-written or foreign is."""

import os
import threading
from pathlib import Path

import pytest

from complex_lstm.errors import WorkspaceError
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.workspace import Workspace


def test_what_is_kept_is_found_by_its_content(tmp_path: Path) -> None:
    kept = Workspace(tmp_path).keep("data", b"a,b\n1,2\n", "größe.csv")

    found = Workspace(tmp_path).find("data", kept.key)

    assert found == kept and found.name == "größe.csv"
    assert found.path.read_bytes() == b"a,b\n1,2\n" and len(found.key) == 20


def test_the_same_content_is_kept_once_under_its_first_name(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)

    first, second, other = (workspace.keep("data", content, name) for content, name in ((b"1", "a"), (b"1", "b"), (b"2", "a")))

    assert first == second != other
    assert len(workspace.all("data")) == 2 and workspace.all("model") == []


def test_a_suffix_is_kept(tmp_path: Path) -> None:
    kept = Workspace(tmp_path).keep("model", b"weights", "m.pt", suffix=".pt")

    assert kept.path.suffix == ".pt" and kept.path.read_bytes() == b"weights"


@pytest.mark.parametrize("key", ["0" * 20, "", "../../etc", "0" * 20 + "/..", "A" * 20])
def test_a_key_that_is_not_held_is_told(tmp_path: Path, key: str) -> None:
    with pytest.raises(WorkspaceError, match="this installation does not hold.*open the link there, or upload the file here"):
        Workspace(tmp_path).find("data", key)


def test_the_newest_comes_first(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    old, new = workspace.keep("data", b"1", "old"), workspace.keep("data", b"2", "new")
    os.utime(old.path.parent, (1, 1))

    assert [kept.name for kept in workspace.all("data")] == ["new", "old"]
    assert new in workspace.all("data")


def test_nothing_half_written_is_left_or_listed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / "data" / ".new-crashed").mkdir(parents=True)

    workspace.keep("data", b"1", "a")

    assert [kept.name for kept in workspace.all("data")] == ["a"]
    assert [place.name for place in (tmp_path / "data").iterdir() if place.name.startswith(".")] == [".new-crashed"]


def test_two_that_keep_the_same_at_once_both_succeed(tmp_path: Path) -> None:
    found, content = [], b"x" * 100_000
    threads = [threading.Thread(target=lambda: found.append(Workspace(tmp_path).keep("data", content, "a"))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8 and len({kept.key for kept in found}) == 1
    assert len(list((tmp_path / "data").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file stands where the folder should be")

    with pytest.raises(WorkspaceError, match="a.csv cannot be kept in .*taken .* or set COMPLEX_LSTM_WORKSPACE to another folder"):
        Workspace(tmp_path / "taken").keep("data", b"1", "a.csv")


def test_the_environment_says_where_the_workspace_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    assert open_workspace().folder == tmp_path

    monkeypatch.delenv("COMPLEX_LSTM_WORKSPACE")
    assert open_workspace().folder.name == "complex-lstm-explorer"
