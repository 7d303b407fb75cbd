"""Five thousand zips that no run was exported to: each is imported or refused in our own words, and the list goes on as it was."""

from __future__ import annotations

import io
import json
import random
import resource
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.runs import Run, curves_of, list_runs, zip_run
from complex_lstm.runs.archive import import_run
from complex_lstm.runs.curves import gradient_course
from complex_lstm.runs.queue import runs_under_way
from complex_lstm.runs.snapshots import read_probe_set, read_snapshots
from tests.mutating import changed_bytes, changed_json, changed_near, one_of, zipped
from tests.training.looked_into import copy_of_looked_into

PARTS, OF_A_PART = 25, 200
MOST_WORDS = 1200  # characters of a refusal
MEMORY = 400  # MB that importing all of a part may add


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return small_files(copy_of_looked_into(tmp_path_factory.mktemp("run") / "first"))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_is_imported_or_refused_in_our_own_words(part: int, files: dict[str, bytes], tmp_path: Path) -> None:
    draw = random.Random(part)
    before, strange = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    wordy: list[str] = []

    for number in range(OF_A_PART):
        content, root = made(files, draw), tmp_path / "here" / "runs"
        try:
            look_at(import_run(content, root, name="my.zip"))
        except ComplexLSTMError as refusal:
            wordy += [str(refusal)] if len(str(refusal)) > MOST_WORDS else []
        except Exception as error:
            strange.append(f"{number}: {type(error).__name__}: {error!s:.100}")
        assert not runs_under_way(root) and not [path for path in tmp_path.glob("here/*") if path.name != "runs"]
        shutil.rmtree(root, ignore_errors=True)

    assert not strange and not wordy
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEMORY


def look_at(run: Run) -> None:
    """Compute what the Train page computes of a run, from what its files now hold."""
    (listed,) = list_runs(run.folder.parent)
    assert listed.plan == run.plan and listed.log.encode() is not None and str(listed.plan).encode()
    curves_of(listed.rows)
    gradient_course(listed.rows)
    f"{listed.status.epoch:,} {listed.status.share:.3f} {[f'{one.score:.3f}' for one in listed.status.scores]}".encode()
    probes, snapshots = read_probe_set(listed.folder), read_snapshots(listed.folder)
    if probes is not None and snapshots:
        np.stack([one.outputs for one in snapshots])
        np.stack([one.ensemble_head_outputs for one in snapshots])
        assert all(one.attention.shape[0] == len(probes.windows) for one in snapshots)


def small_files(run: Run) -> dict[str, bytes]:
    """Return the files of a run with a few of its snapshots: enough to change, and quick to zip."""
    with zipfile.ZipFile(io.BytesIO(zip_run(run))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    snapshots = sorted(name for name in files if name.endswith(".npz") and "watched" not in name)
    return {name: data[:5000] if name.endswith("model.safetensors") else data for name, data in files.items() if name not in snapshots[3:]}


def made(files: dict[str, bytes], draw: random.Random) -> bytes:
    mark = draw.choice((b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"))
    return one_of(
        draw,
        lambda: zipped(files | with_odd_json(files, draw, "status.json")),
        lambda: zipped(files | with_odd_json(files, draw, "run.json")),
        lambda: zipped(files | with_odd_array(files, draw)),
        lambda: zipped(files | {(name := draw.choice(list(files))): changed_bytes(files[name], draw)}),
        lambda: zipped(files | {draw.choice(("../x", "/x", "first/", "first/moments/", "\1", "run.json", "a" * 60_000)): b"x"}),
        lambda: changed_bytes(zipped(files), draw),
        lambda: changed_near(zipped(files), mark, draw),
        lambda: zipped(files | {"first/metrics.csv": odd_metrics(draw)}),
    )


def with_odd_json(files: dict[str, bytes], draw: random.Random, name: str) -> dict[str, bytes]:
    text = changed_json(files[f"first/{name}"].decode(), draw)
    if draw.random() < 0.3 and name == "status.json":
        text = json.dumps(json.loads(files["first/status.json"]) | {"state": "running", "pid": draw.choice((1, 1.5, -5, 2**40, True))})
    return {f"first/{name}": text.encode("utf-8", "surrogatepass")}


def odd_metrics(draw: random.Random) -> bytes:
    lines = [",".join(draw.choice(("1", "-1", "9" * 400, "9" * 5000, "nan", "inf", "loss", "", "1e400", '"', "\ud7ff")) for _ in range(4))]
    return ("epoch,step,metric,value\n1,1,loss,0.5\n" + "\n".join(lines)).encode()


def with_odd_array(files: dict[str, bytes], draw: random.Random) -> dict[str, bytes]:
    """Return a snapshot, or the probe set, with an array of another shape, kind or claim, or of objects."""
    name = draw.choice([one for one in files if one.endswith(".npz")])
    with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
        arrays = {one: archive.read(one) for one in archive.namelist()}
    chosen = draw.choice(list(arrays))
    value = np.load(io.BytesIO(arrays[chosen]))
    how = draw.randrange(5)
    if how == 0:
        arrays[chosen] = changed_bytes(arrays[chosen], draw)
    elif how == 1:
        shape = draw.choice(((10**12,), (10**6, 10**6), (-1,), (0,), (1,), (2**62, 4)))
        head = str({"descr": value.dtype.str, "fortran_order": False, "shape": shape}).ljust(117).encode() + b"\n"
        arrays[chosen] = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + value.tobytes()
    elif how == 2:
        content = io.BytesIO()
        np.save(
            content, draw.choice((value[..., None], value.ravel(), np.zeros(0), np.full(3, "x"), np.array(10**18), np.zeros((2, 0, 3))))
        )
        arrays[chosen] = content.getvalue()
    elif how == 3:
        content, other = io.BytesIO(), draw.choice(("f2", "i1", "u8", "S3", "M8[s]", "c16", "?"))
        np.save(content, np.nan_to_num(value).astype(other, casting="unsafe") if value.dtype.kind in "iu" else value.T)
        arrays[chosen] = content.getvalue()
    else:
        del arrays[chosen]
    return {name: zipped(arrays, how=draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)))}
