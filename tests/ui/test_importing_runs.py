"""Runs from elsewhere: what a zip brings is a run like any other, and nothing in it can do harm."""

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from complex_lstm.errors import TrainingError
from complex_lstm.runs import Run, list_runs, rename_run, zip_run
from complex_lstm.runs.archive import MOST_BYTES, import_run
from complex_lstm.runs.atomic_files import LAST, PLAN, STATUS
from complex_lstm.runs.snapshots import kept_steps
from tests.training.looked_into import copy_of_looked_into


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return copy_of_looked_into(tmp_path / "elsewhere" / "first")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "here" / "runs"


def packed(files: dict[str, bytes], *, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def unpacked(run: Run) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(zip_run(run))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_imported_run_is_the_run_that_was_exported(run: Run, root: Path) -> None:
    imported = import_run(zip_run(run), root)

    assert [one.key for one in list_runs(root)] == [imported.key] and imported.folder.parent == root
    assert imported.plan == replace(run.plan, command="", data="") and imported.rows == run.rows
    assert imported.status == replace(run.status, pid=0, started=0.0, queued=0.0, seconds_left=None)
    assert imported.model.read_bytes() == run.model.read_bytes() and kept_steps(imported.folder) == kept_steps(run.folder)
    assert [path.name for path in root.parent.iterdir()] == ["runs"]  # nothing is left beside it


def test_a_run_that_is_here_already_is_not_imported_twice(run: Run, root: Path) -> None:
    first = import_run(zip_run(run), root)
    rename_run(first, "by another name")

    assert import_run(zip_run(run), root).plan.name == "by another name" and len(list_runs(root)) == 1


def test_a_folder_zipped_by_hand_is_imported_without_what_could_run(run: Run, root: Path) -> None:
    files = {name.removeprefix("first/"): data for name, data in unpacked(run).items()}

    imported = import_run(
        packed(files | {LAST: b"a pickle", "evil.py": b"import os", "moments/evil.npz": b"", "__MACOSX/._run.json": b""}), root
    )

    names = {path.name for path in imported.folder.rglob("*")}
    assert imported.plan.name == run.plan.name and not names & {LAST, "evil.py", "evil.npz", "._run.json"}


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "first/../../evil.txt", "..\\evil.txt", "C:\\evil.txt"])
def test_a_place_outside_is_refused(run: Run, root: Path, name: str) -> None:
    with pytest.raises(TrainingError, match="names a place outside of its folder"):
        import_run(packed(unpacked(run) | {name: b"evil"}), root)

    assert not root.exists() and not list(root.parent.parent.glob("evil*"))


def test_what_unpacks_to_too_much_is_refused(run: Run, root: Path) -> None:
    """A hundred blocks of zeros are small as a zip, and a whole gigabyte as files."""
    zeros = {f"first/{place}.bin": bytes(MOST_BYTES // 100 + 1) for place in range(100)}

    with pytest.raises(TrainingError, match=r"bomb.zip holds 1,024 MB once it is unpacked, at most 1,024 MB are taken"):
        import_run(packed(unpacked(run) | zeros), root, name="bomb.zip")
    with pytest.raises(TrainingError, match=r"holds 1,\d+ files"):
        import_run(packed(unpacked(run) | {f"first/{place}.txt": b"" for place in range(1000)}), root)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no zip", "my.zip is no zip that can be read"),
        (packed({"first/metrics.csv": b""}), "my.zip holds no run.json, expected one"),
        (packed({"a/run.json": b"{}", "b/run.json": b"{}"}), "my.zip holds 2 run.json, expected one"),
        (packed({"first/run.json": b"{}"}), "The run.json in my.zip cannot be read. Plan lacks a field"),
        (packed({"first/run.json": b"\xff\xfe"}), "The run.json in my.zip cannot be read"),
        (packed({"first/run.json": b"{}"}, how=zipfile.ZIP_LZMA), "packed in an unusual way"),
    ],
)
def test_what_holds_no_run_is_told_in_one_message(root: Path, content: bytes, words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        import_run(content, root, name="my.zip")

    assert not root.exists()


def test_a_zip_that_is_damaged_leaves_nothing_behind(run: Run, root: Path) -> None:
    content = bytearray(zip_run(run))
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)

    with pytest.raises(TrainingError, match="no zip that can be read"):
        import_run(bytes(content), root)

    assert not root.exists() or not list_runs(root)
    assert not list(root.parent.glob(".new-*"))


@pytest.mark.parametrize("change", [{"state": "flying"}, {"share": "much"}, {"scores": [{"part": 1, "name": "x", "value": "y"}]}])
def test_a_status_that_no_run_writes_is_left_out(run: Run, root: Path, change: dict[str, object]) -> None:
    files = unpacked(run)
    files[f"first/{STATUS}"] = json.dumps(json.loads(files[f"first/{STATUS}"]) | change).encode()

    imported = import_run(packed(files), root)

    assert imported.status.state == "failed" and "cannot be read" in imported.status.message


def test_a_run_under_way_elsewhere_is_not_under_way_here(run: Run, root: Path) -> None:
    files = unpacked(run)
    files[f"first/{STATUS}"] = json.dumps(json.loads(files[f"first/{STATUS}"]) | {"state": "running", "pid": 1}).encode()

    assert not import_run(packed(files), root).is_under_way


def test_a_disk_that_refuses_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder is to be")

    with pytest.raises(TrainingError, match="looked into cannot be imported"):
        import_run(zip_run(run), tmp_path / "file" / "runs")


def test_a_run_that_was_deleted_can_be_imported_again(run: Run, root: Path) -> None:
    imported = import_run(zip_run(run), root)
    shutil.rmtree(imported.folder)

    assert (import_run(zip_run(run), root).folder / PLAN).exists()
