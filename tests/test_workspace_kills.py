"""Plugs that are pulled, disks that are full, and two servers on one workspace: nothing is half there, nothing is lost, nothing leaks."""

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from complex_lstm.disk import NEW, PARTIAL, writer_mark
from complex_lstm.errors import WorkspaceError
from complex_lstm.locations import ROOT
from complex_lstm.workspace import KEPT_DAYS, Workspace

WEEK = KEPT_DAYS * 86_400


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(PARTIAL) or path.name.endswith(NEW)]


@pytest.mark.long
@pytest.mark.parametrize("part", range(2))
def test_a_writer_that_is_killed_leaves_nothing_partial(tmp_path: Path, part: int) -> None:
    """Ten kills a part, at moments that the seed draws."""
    draw, workspace = random.Random(part), Workspace(tmp_path)
    for kill in range(10):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.writing_until_killed", str(tmp_path), str(100 * part + kill)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None and writer.stdout.readline() == b"begun\n"
        time.sleep(draw.uniform(0, 0.2))
        writer.kill()
        writer.wait()
        writer.stdout.close()

        for kept in workspace.all("data"):
            assert hashlib.sha256(kept.path.read_bytes()).hexdigest().startswith(kept.key) and kept.name
        workspace.sweep()
        assert not left_over(tmp_path)
        status = tmp_path / "runs" / "one" / "status.json"
        assert not status.exists() or json.loads(status.read_text())
        assert all(one.name for one in workspace.discarded())
    kept, discarded = len(workspace.all("data")), len(workspace.discarded())
    assert kept + discarded == len(list(tmp_path.rglob("content.csv"))) > 0


@pytest.mark.long
def test_a_server_that_is_killed_while_somebody_uploads_trains_explains_and_edits_loses_nothing(tmp_path: Path) -> None:
    out = tmp_path / "kills.json"
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "4", "--answers", "2", "--out", str(out)]
    told = subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)

    assert told.returncode == 0, told.stdout + told.stderr
    kills = json.loads(out.read_text())["kills"]
    assert {one["activity"] for one in kills if one["acknowledged"]} >= {"upload", "train", "edit"}
    assert [one["lost"] for one in kills] == [[]] * 4


def test_what_another_process_still_writes_is_not_swept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as alive:
        host = writer_mark().rpartition(f"-{os.getpid()}-")[0]
        theirs, elsewhere = (tmp_path / "data" / f"{PARTIAL}{one}-x1" for one in (f"{host}-{alive.pid}", "another.machine-1"))
        for place in (theirs, elsewhere):
            place.mkdir(parents=True)

        assert Workspace(tmp_path).sweep() == 0 and theirs.exists() and elsewhere.exists()
        alive.kill()
    assert Workspace(tmp_path).sweep() == 1 and not theirs.exists()
    os.utime(elsewhere, (time.time() - 2 * 86_400,) * 2)
    assert Workspace(tmp_path).sweep() == 1 and not elsewhere.exists()


def test_a_number_that_another_process_has_now_does_not_keep_what_is_left(tmp_path: Path) -> None:
    left = tmp_path / "data" / f"{PARTIAL}{writer_mark()}x1"
    left.mkdir(parents=True)
    os.utime(left, (time.time() - 7200,) * 2)  # before this process began

    assert Workspace(tmp_path).sweep() == 1 and not left.exists()


@pytest.mark.parametrize("words", [b"", b"{", b"null", b'"\\ud800"', b"[" * 100_000, b"\xff"])
def test_a_damaged_name_is_replaced_and_stops_no_list(tmp_path: Path, words: bytes) -> None:
    workspace = Workspace(tmp_path)
    kept, whole = workspace.keep("data", b"1", "a.csv"), workspace.keep("data", b"2", "b.csv")
    (kept.path.parent / "name.json").write_bytes(words)

    assert {one.name for one in workspace.all("data")} == {f"data {kept.key[:6]}", whole.name}


def test_a_content_that_a_crash_has_emptied_is_mended_by_the_next_upload(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    kept = workspace.keep("data", b"1,2", "a.csv")
    kept.path.write_bytes(b"")

    assert workspace.keep("data", b"1,2", "a.csv").path.read_bytes() == b"1,2"
    (kept.path.parent / "name.json").unlink()
    kept.path.unlink()
    assert workspace.all("data") == [] and workspace.keep("data", b"1,2", "a.csv").name == "a.csv"


def test_what_cannot_be_read_is_not_kept(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        assert path.read_bytes() == b"no model" and path.suffix == ".pt"
        raise WorkspaceError("it is none")

    with pytest.raises(WorkspaceError, match="it is none"):
        Workspace(tmp_path).keep("model", b"no model", "m.pt", suffix=".pt", check=refuse)

    assert list((tmp_path / "model").iterdir()) == []


def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    """A process whose files may have 100 kB stands for a disk without room: the system refuses the rest of the write."""
    code = (
        "import resource, sys; from pathlib import Path; from complex_lstm.workspace import Workspace\n"
        "kept = Workspace(Path(sys.argv[1])).keep('data', b'1', 'small.csv')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: Workspace(Path(sys.argv[1])).keep('data', bytes(200_000), 'large.csv')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    pytest.importorskip("resource", reason="limits of processes are POSIX's")

    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert told.startswith("WorkspaceError large.csv cannot be kept in") and "Free some space" in told
    assert [one.name for one in Workspace(tmp_path).all("data")] == ["small.csv"] and not left_over(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody who may not write")
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_whatever_writes_says_in_our_words_that_it_cannot_and_changes_nothing(how: str) -> None:
    """Uploads, setups, recipes, runs and their names and commands, imports, links to a view, and the secret of the cookies."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        told = subprocess.run(
            [sys.executable, "-m", "tests.writing_everything", name, how], cwd=ROOT, capture_output=True, text=True, check=True
        )

    *activities, changed = [line.split("|") for line in told.stdout.splitlines()]
    assert len(activities) == 14
    assert {kind for _, kind, _ in activities} == {"WorkspaceError", "TrainingError"}, told.stdout
    assert all("cannot" in words or "not be written" in words for _, _, words in activities), told.stdout
    assert changed == ["changed", ""]


def test_what_is_deleted_goes_after_a_week_and_a_clock_set_back_keeps_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    old, new = (workspace.discard(workspace.keep("data", one, f"{one!r}").path.parent, "file", f"{one!r}") for one in (b"1", b"2"))
    os.utime(tmp_path / "trash" / old.key, (time.time() - WEEK - 60,) * 2)
    os.utime(tmp_path / "trash" / new.key, (time.time() + WEEK,) * 2)  # as after a clock that was set back

    assert workspace.sweep() == 1 and [one.key for one in workspace.discarded()] == [new.key]


def test_a_kill_between_the_two_steps_of_a_deletion_loses_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    kept = workspace.keep("data", b"1", "a.csv")
    bin_ = tmp_path / "trash" / "1700000000000-x"
    bin_.mkdir(parents=True)
    (bin_ / "origin.json").write_text("{}")
    os.utime(bin_, (time.time() - 3600,) * 2)

    assert workspace.discarded() == [] and workspace.find("data", kept.key) == kept
    assert workspace.sweep() == 1 and not bin_.exists()


@pytest.mark.parametrize("place", ["../../evil", "/etc", "data/../../evil"])
def test_a_forged_origin_moves_nothing_out_of_the_workspace(tmp_path: Path, place: str) -> None:
    workspace = Workspace(tmp_path / "here")
    gone = workspace.discard(workspace.keep("data", b"1", "a.csv").path.parent, "file", "a.csv")
    origin = tmp_path / "here" / "trash" / gone.key / "origin.json"
    origin.write_text(json.dumps(json.loads(origin.read_text()) | {"place": place}))

    with pytest.raises(WorkspaceError, match="is not brought back"):
        workspace.restore(gone.key)

    assert not (tmp_path / "evil").exists() and [one.key for one in workspace.discarded()] == [gone.key]


def test_the_limit_empties_the_trash_first_and_then_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE_MB", "1")
    workspace = Workspace(tmp_path)
    first = workspace.keep("data", bytes(600_000), "first.csv")
    workspace.discard(first.path.parent, "file", "first.csv")

    second = workspace.keep("data", b"2" * 600_000, "second.csv")

    assert workspace.discarded() == [] and workspace.find("data", second.key) == second
    with pytest.raises(WorkspaceError, match=r"third.csv has 0.6 MB, and the workspace holds 0.6 of 1 MB. Delete something"):
        workspace.keep("data", b"3" * 600_000, "third.csv")
    assert workspace.keep("data", b"4" * 1000, "small.csv").name == "small.csv"
