"""Runs from elsewhere: what a zip brings is a run like any other, and nothing in it can do harm."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from complex_lstm.errors import TrainingError
from complex_lstm.locations import ROOT
from complex_lstm.runs import Run, list_runs, rename_run, zip_run
from complex_lstm.runs.archive import MOST_BYTES, import_run
from complex_lstm.runs.atomic_files import LAST, PLAN, STATUS
from complex_lstm.runs.queue import runs_under_way
from complex_lstm.runs.snapshots import PROBE_SET, kept_steps, read_probe_set, read_snapshots
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
    assert imported.status == replace(run.status, pid=0, started=0.0, boot="", since_boot=0.0, queued=0.0, seconds_left=None)
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


@pytest.mark.long
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


def with_status(run: Run, **changes: object) -> bytes:
    files = unpacked(run)
    files[f"first/{STATUS}"] = json.dumps(json.loads(files[f"first/{STATUS}"]) | changes).encode()
    return packed(files)


def with_plan(run: Run, **changes: object) -> bytes:
    files = unpacked(run)
    files[f"first/{PLAN}"] = json.dumps(json.loads(files[f"first/{PLAN}"]) | changes).encode()
    return packed(files)


@pytest.mark.parametrize("pid", [1.5, -5, 2**40, True, "1", None])
def test_an_impossible_process_breaks_no_list(run: Run, root: Path, pid: object) -> None:
    """Such a zip came into the list before it was looked at, and every later visit of the Train page ended in an error."""
    imported = import_run(with_status(run, state="running", pid=pid), root)

    assert [one.key for one in list_runs(root)] == [imported.key] and not imported.is_under_way


def test_a_forged_process_does_not_block_the_queue(run: Run, root: Path) -> None:
    first = psutil.Process(1)
    imported = import_run(with_status(run, state="running", pid=1, started=first.create_time(), queued=1.0), root)

    assert imported.status.state == "stopped" and imported.can_resume and runs_under_way(root) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "a\ud800"}, "holds halves of characters"),
        ({"made": 10**400}, "whole number of 401 digits"),
        ({"model": {"num_lstm_layers": 10**7}}, "num_lstm_layers is 10,000,000, expected 256 or less"),
        ({"roles": [[]] * 1000}, "Roles has the fields"),
    ],
)
def test_a_plan_that_nothing_can_show_is_refused_before_it_is_in_the_list(
    run: Run, root: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(TrainingError, match=words):
        import_run(with_plan(run, **changes), root)

    assert not root.exists()


def test_neither_the_path_of_the_data_nor_the_place_of_the_log_is_taken_over(run: Run, root: Path) -> None:
    training = json.loads((run.folder / PLAN).read_text())["training"] | {"log": "mlflow", "log_to": "http://evil.example"}

    plan = import_run(with_plan(run, data="/dev/zero", command="rm -rf /", training=training), root).plan

    assert (plan.data, plan.command, plan.training.log, plan.training.log_to) == ("", "", "off", "")


MEMORY = """
import resource, sys
from pathlib import Path
from complex_lstm.errors import TrainingError
from complex_lstm.runs.archive import import_run

content = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    import_run(content, Path(sys.argv[2]))
except TrainingError as error:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, error)
"""


@pytest.mark.long
@pytest.mark.parametrize("name", ["log.txt", "metrics.csv", "run.json", "status.json", "model.safetensors", "moments/000000001.npz"])
def test_a_gigabyte_of_zeros_is_refused_without_its_memory(run: Run, root: Path, tmp_path: Path, name: str) -> None:
    """A megabyte of zip took 2.2 GB of memory before its size was compared with anything."""
    pytest.importorskip("resource", reason="peaks of memory are POSIX's")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for own, data in unpacked(run).items():
            if own != f"first/{name}":
                archive.writestr(own, data)
        with archive.open(f"first/{name}", "w") as file:
            for _ in range(1000):
                file.write(bytes(2**20))

    told = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path / "bomb.zip"), str(root)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    memory, _, words = told.partition(" ")
    assert int(memory) < 50 and "once it is unpacked, more than 100 times its own" in words and not root.exists()


def test_an_array_that_claims_a_trillion_numbers_is_left_out(run: Run, root: Path) -> None:
    head = str({"descr": "<f8", "fortran_order": False, "shape": (10**12,)}).ljust(117).encode() + b"\n"
    claim = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head
    files = unpacked(run)
    first = next(name for name in files if name.endswith(".npz") and PROBE_SET not in name)
    whole = len(read_snapshots(run.folder))
    with zipfile.ZipFile(io.BytesIO(files[first])) as archive:
        files[first] = packed({name: claim if name == "outputs.npy" else archive.read(name) for name in archive.namelist()})

    imported = import_run(packed(files), root)

    assert len(read_snapshots(imported.folder)) == whole - 1 > 0


CUT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "outputs": lambda value: value[:, :1],
    "gate": lambda value: value[:1],
    "attention": lambda value: value[..., :1],
    "gradients": lambda value: value[:1],
    "head_outputs": lambda value: value[:, :1],
    "scale": lambda value: np.array(["x"]),
    "step": lambda value: value + 1,
}


@pytest.mark.parametrize("array", CUT)
def test_a_snapshot_of_other_windows_or_sizes_is_left_out(run: Run, array: str) -> None:
    first, *others = kept_steps(run.folder)

    change(run.folder / "moments" / f"{first:09d}.npz", array, CUT[array])

    assert [one.step for one in read_snapshots(run.folder)] == others


@pytest.mark.parametrize("array", ["cell", "length", "windows", "judged", "truth", "components"])
def test_a_probe_set_that_makes_no_sense_is_none(run: Run, array: str) -> None:
    change(run.folder / "moments" / PROBE_SET, array, lambda value: np.zeros((2, 0, 1)))

    assert read_probe_set(run.folder) is None and read_snapshots(run.folder) == ()


def change(path: Path, array: str, how: Callable[[np.ndarray], np.ndarray]) -> None:
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **arrays | {array: how(arrays[array])})
