"""A run to take along, and one that was made elsewhere taken in."""

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
from complex_lstm.runs.folder import Run, list_runs, open_run, refusal_told
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.snapshots import MOMENTS, WATCHED
from complex_lstm.runs.status import State, Status, read_status

MOST_FILES, MOST_BYTES = 1000, 2**30  # of a run that is taken in, unpacked: the document's model has 53 MB, its moments a few more
FILES = (STATUS, METRICS, LOG, MODEL, f"{MOMENTS}/{WATCHED}")
A_MOMENT = re.compile(rf"{MOMENTS}/\d{{9}}\.npz")


def zip_run(run: Run) -> bytes:
    """Return a run's folder as a zip, without last.ckpt, which is large and of use to this installation only."""
    content = io.BytesIO()
    with ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(run.folder.rglob("*")):
            if path.is_file() and path.name != LAST and not path.name.endswith(NEW):
                archive.write(path, f"{run.key}/{path.relative_to(run.folder).as_posix()}")
    return content.getvalue()


def take_in(content: bytes, root: Path, *, name: str = "The file") -> Run:
    """Put the run that a zip holds among the runs under a folder, and return it. One that is here already changes nothing.

    Only the files that a run consists of are taken, each to the place where it belongs: nothing in the zip decides where
    something is written. last.ckpt is left out, because whoever opens one runs what its maker put there; so is the command
    line, which somebody could copy. `name` is the zip's, for errors.

    Raises:
        TrainingError: it is no zip, holds no single readable run, is too large, or names a place outside; or the disk refuses it.
    """
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            found = _checked(archive, name)
            plan = _plan_in(archive, found, name)
            here = next((run for run in list_runs(root) if _asked(run.plan) == _asked(plan)), None)
            return here or _unpack(archive, found, plan, root)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:  # damaged, cut off, or with a password
        raise TrainingError(f"{name} is no zip that can be read ({error}). Take one that the button Folder (zip) of a run gave.") from error


def _checked(archive: ZipFile, name: str) -> list[ZipInfo]:
    """Return the files of a zip that can be looked at without harm."""
    found = [one for one in archive.infolist() if not one.is_dir()]
    outside = [one.filename for one in found if _is_outside(one.filename)]
    if outside:
        raise TrainingError(f"{name} names a place outside of its folder ({outside[0]}). Nothing of it was taken in.")
    size = sum(one.file_size for one in found)  # no more than this is unpacked, whatever follows in the zip
    if len(found) > MOST_FILES or size > MOST_BYTES:
        most = f"{MOST_FILES:,} of {MOST_BYTES / 2**20:,.0f} MB"
        raise TrainingError(
            f"{name} holds {len(found):,} files of {size / 2**20:,.0f} MB, at most {most} are taken in. "
            f"Zip the folder of one run alone, without {LAST}."
        )
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in found):
        raise TrainingError(f"{name} is packed in an unusual way. Zip the run's folder as usual (deflate).")
    return found


def _is_outside(filename: str) -> bool:
    path = PurePosixPath(filename.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in filename


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
    """Write a run beside the others and move it there whole, so that nobody finds half of one."""
    place = root / hashlib.sha256(to_json(_asked(plan)).encode()).hexdigest()[:12]
    above = PurePosixPath(_plans(found)[0].filename).parent
    with refusal_told(f"{plan.name} cannot be taken in", root.parent):
        root.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=root.parent, prefix=".new-"))
        try:
            (made / MOMENTS).mkdir()
            for one in found:
                own = PurePosixPath(one.filename)
                inside = str(own.relative_to(above)) if own.is_relative_to(above) else ""
                if inside in FILES or A_MOMENT.fullmatch(inside):
                    (made / inside).write_bytes(archive.read(one))
            if not _is_sound(read_status(made)):
                (made / STATUS).unlink(missing_ok=True)
            (made / PLAN).write_text(to_json(plan))
            os.rename(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)  # gone already where all went well
    return open_run(place)


def _asked(plan: Plan) -> Plan:
    """Return what stays the same of a plan wherever its run is taken, and whatever it is called."""
    return replace(plan, name="", data="", command="")


def _is_sound(status: Status) -> bool:
    """Whether a status from elsewhere holds what one does: the pages count with its numbers."""
    numbers = (
        status.pid, status.started, status.queued, status.epoch, status.epochs, status.share, status.seconds, status.seconds_left or 0,
        status.best_epoch, status.batch_size, status.accumulate, *(one.value for one in status.scores),
        *(one.trivial for one in status.scores), *(one.windows for one in status.scores),
    )  # fmt: skip
    words = (status.message, *status.notes, *(one.name for one in status.scores), *(one.part for one in status.scores))
    kinds = all(isinstance(one, int | float) for one in numbers) and all(isinstance(one, str) for one in words)
    return kinds and status.state in get_args(State)
