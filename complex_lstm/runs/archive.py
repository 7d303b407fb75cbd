"""A run's folder as a zip, and a run that was made elsewhere imported from one."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import get_args
from zipfile import ZipFile, ZipInfo

from complex_lstm.config import from_json, to_json
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.runs.atomic_files import LAST, LOG, METRICS, MODEL, NEW, PLAN, STATUS
from complex_lstm.runs.folder import Run, disk_errors, list_runs, open_run
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.snapshots import PROBE_SET, SNAPSHOTS
from complex_lstm.runs.status import State, Status, read_status

MOST_FILES, MOST_BYTES = 1000, 2**30  # of a run, unpacked: the full-size model has 53 MB, its snapshots a few more
FILES = (STATUS, METRICS, LOG, MODEL, f"{SNAPSHOTS}/{PROBE_SET}")
A_SNAPSHOT = re.compile(rf"{SNAPSHOTS}/\d{{9}}\.npz")


def zip_run(run: Run) -> bytes:
    """Return a run's folder as a zip, without last.ckpt, which is large and useful to this installation only."""
    content = io.BytesIO()
    with ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(run.folder.rglob("*")):
            if path.is_file() and path.name != LAST and not path.name.endswith(NEW):
                archive.write(path, f"{run.key}/{path.relative_to(run.folder).as_posix()}")
    return content.getvalue()


def import_run(content: bytes, root: Path, *, name: str = "The file") -> Run:
    """Add the run in a zip to the runs under a folder, and return it. One that is there already changes nothing.

    Only the files that a run consists of are extracted, each to its own place: no path in the zip decides where something is
    written. last.ckpt is left out, because opening one executes code from it; so is the command line, which a reader might copy
    into a terminal. `name` is the zip's, for errors.

    Raises:
        TrainingError: it is no zip, holds no single readable run, is too large, or has a path outside of its folder; or the disk is
            full or cannot be written.
    """
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            found = _checked(archive, name)
            plan = _plan_in(archive, found, name)
            here = next((run for run in list_runs(root) if _identity(run.plan) == _identity(plan)), None)
            return here or _unpack(archive, found, plan, root)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:  # damaged, cut off, or with a password
        raise TrainingError(f"{name} is no zip that can be read ({error}). Take one that the button Folder (zip) of a run gave.") from error


def _checked(archive: ZipFile, name: str) -> list[ZipInfo]:
    """Return the files of a zip that is safe to extract."""
    found = [one for one in archive.infolist() if not one.is_dir()]
    paths = {one.filename: PurePosixPath(one.filename.replace("\\", "/")) for one in found}
    outside = [name for name, path in paths.items() if path.is_absolute() or ".." in path.parts or ":" in name]
    if outside:
        raise TrainingError(f"{name} names a place outside of its folder ({outside[0]}). Nothing was imported.")
    size = sum(one.file_size for one in found)  # no more than this is unpacked, whatever follows in the zip
    if len(found) > MOST_FILES or size > MOST_BYTES:
        most = f"{MOST_FILES:,} of {MOST_BYTES / 2**20:,.0f} MB"
        raise TrainingError(
            f"{name} holds {len(found):,} files of {size / 2**20:,.0f} MB, at most {most} are imported. "
            f"Zip the folder of one run alone, without {LAST}."
        )
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in found):
        raise TrainingError(f"{name} is packed in an unusual way. Zip the run's folder as usual (deflate).")
    return found


def _plan_in(archive: ZipFile, found: list[ZipInfo], name: str) -> Plan:
    plans = _plans(found)
    if len(plans) != 1:
        raise TrainingError(f"{name} holds {len(plans) or 'no'} {PLAN}, expected one: zip the folder of one run.")
    try:
        return replace(from_json(Plan, archive.read(plans[0]).decode()), command="")
    except (ConfigError, UnicodeDecodeError) as error:
        raise TrainingError(f"The {PLAN} in {name} cannot be read. {error}") from error


def _plans(found: list[ZipInfo]) -> list[ZipInfo]:
    """Return the plans that lie at the top, or in a folder there."""
    paths = [(PurePosixPath(one.filename), one) for one in found]
    return [one for path, one in paths if path.name == PLAN and len(path.parts) <= 2]


def _unpack(archive: ZipFile, found: list[ZipInfo], plan: Plan, root: Path) -> Run:
    """Write a run into a temporary folder and move that to the others, so that no reader finds an incomplete one."""
    place = root / hashlib.sha256(to_json(_identity(plan)).encode()).hexdigest()[:12]
    above = PurePosixPath(_plans(found)[0].filename).parent
    with disk_errors(f"{plan.name} cannot be imported", root.parent):
        root.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=root.parent, prefix=".new-"))
        try:
            (made / SNAPSHOTS).mkdir()
            for one in found:
                own = PurePosixPath(one.filename)
                inside = str(own.relative_to(above)) if own.is_relative_to(above) else ""
                if inside in FILES or A_SNAPSHOT.fullmatch(inside):
                    (made / inside).write_bytes(archive.read(one))
            if not _is_sound(read_status(made)):
                (made / STATUS).unlink(missing_ok=True)
            (made / PLAN).write_text(to_json(plan))
            os.rename(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)  # moved away already where all went well
    return open_run(place)


def _identity(plan: Plan) -> Plan:
    """Return what stays the same of a plan on every installation, and under every name."""
    return replace(plan, name="", data="", command="")


def _is_sound(status: Status) -> bool:
    """Whether the values of a status from elsewhere have the types that the pages compute with."""
    numbers = (
        status.pid, status.started, status.queued, status.epoch, status.epochs, status.share, status.seconds, status.seconds_left or 0,
        status.best_epoch, status.batch_size, status.accumulate, *(one.value for one in status.scores),
        *(one.trivial for one in status.scores), *(one.windows for one in status.scores),
    )  # fmt: skip
    words = (status.message, *status.notes, *(one.name for one in status.scores), *(one.part for one in status.scores))
    kinds = all(isinstance(one, int | float) for one in numbers) and all(isinstance(one, str) for one in words)
    return kinds and status.state in get_args(State)
