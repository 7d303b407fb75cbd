"""A run's folder as a zip, and a run that was made elsewhere imported from one."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from complex_lstm.config import from_json, to_json
from complex_lstm.disk import NEW, whole_folder
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.runs.atomic_files import LAST, LOG, METRICS, MODEL, MOST_JSON, PLAN, STATUS
from complex_lstm.runs.curves import MOST_METRICS
from complex_lstm.runs.folder import LONGEST_NAME, Run, disk_errors, list_runs, open_run
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.snapshots import MOST_BYTES as MOST_SNAPSHOT
from complex_lstm.runs.snapshots import PROBE_SET, SNAPSHOTS
from complex_lstm.runs.status import Status, read_status, write_status
from complex_lstm.zips import ZIP_ERRORS, TooLargeError, copy_entry, open_zip

MOST_FILES, MOST_BYTES = 1000, 2**30  # of a run, unpacked: the full-size model has 53 MB, its snapshots a few more
MOST_RATIO = 100  # times the size of the zip: text shrinks to a tenth, weights hardly
FILES = {STATUS: MOST_JSON, METRICS: MOST_METRICS, LOG: 2**26, MODEL: MOST_BYTES, f"{SNAPSHOTS}/{PROBE_SET}": MOST_SNAPSHOT}  # most bytes
A_SNAPSHOT = re.compile(rf"{SNAPSHOTS}/\d{{9}}\.npz")


def zip_run(run: Run) -> bytes:
    """Return a run's folder as a zip, without last.ckpt, which is large and useful to this installation only, and what links lead to."""
    content = io.BytesIO()
    with ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(run.folder.rglob("*")):
            if path.is_file() and path.resolve().is_relative_to(run.folder.resolve()) and path.name != LAST and not path.name.endswith(NEW):
                archive.write(path, f"{run.key}/{path.relative_to(run.folder).as_posix()}")
    return content.getvalue()


def import_run(content: bytes, root: Path, *, name: str = "The file") -> Run:
    """Add the run in a zip to the runs under a folder, and return it. One that is there already changes nothing.

    Only the files that a run consists of are extracted, each to its own place: no path in the zip decides where something is
    written. last.ckpt is left out, because opening one executes code from it; so are the command line, which a reader might copy into
    a terminal, the path of its data, and where it logged to. Nothing of it is under way here, whatever its status says: a process of
    that number is another one's. `name` is the zip's, for errors.

    Raises:
        TrainingError: it is no zip, holds no single readable run, is too large, or has a path outside of its folder; or the disk is
            full or cannot be written.
    """
    try:
        with open_zip(io.BytesIO(content), entries=MOST_FILES, expanded=MOST_BYTES, ratio=MOST_RATIO) as archive:
            found = _checked(archive, name)
            plan = _plan_in(archive, found, name)
            here = next((run for run in list_runs(root) if _identity(run.plan) == _identity(plan)), None)
            return here or _unpack(archive, found, plan, root)
    except TooLargeError as error:
        raise TrainingError(f"{name} holds {error}. Zip the folder of one run alone, without {LAST}.") from error
    except ZIP_ERRORS as error:
        raise TrainingError(
            f"{name} is no zip that can be read ({error!s:.99}). Take one that the button Folder (zip) of a run gave."
        ) from error


def _checked(archive: ZipFile, name: str) -> list[ZipInfo]:
    """Return the files of a zip that is safe to extract."""
    found = [one for one in archive.infolist() if not one.is_dir()]
    paths = {one.filename: PurePosixPath(one.filename.replace("\\", "/")) for one in found}
    outside = [name for name, path in paths.items() if path.is_absolute() or ".." in path.parts or ":" in name]
    if outside:
        raise TrainingError(f"{name} names a place outside of its folder ({outside[0]}). Nothing was imported.")
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in found):
        raise TrainingError(f"{name} is packed in an unusual way. Zip the run's folder as usual (deflate).")
    return found


def _plan_in(archive: ZipFile, found: list[ZipInfo], name: str) -> Plan:
    plans = _plans(found)
    if len(plans) != 1:
        raise TrainingError(f"{name} holds {len(plans) or 'no'} {PLAN}, expected one: zip the folder of one run.")
    try:
        text = io.BytesIO()
        copy_entry(archive, plans[0].filename, text, most=MOST_JSON)
        plan = from_json(Plan, text.getvalue().decode())
    except (ConfigError, UnicodeDecodeError) as error:
        raise TrainingError(f"The {PLAN} in {name} cannot be read. {error}") from error
    training = replace(plan.training, log="off", log_to="")
    return replace(plan, command="", data="", name=" ".join(plan.name.split())[:LONGEST_NAME] or "imported", training=training)


def _plans(found: list[ZipInfo]) -> list[ZipInfo]:
    """Return the plans that lie at the top, or in a folder there."""
    paths = [(PurePosixPath(one.filename), one) for one in found]
    return [one for path, one in paths if path.name == PLAN and len(path.parts) <= 2]


def _unpack(archive: ZipFile, found: list[ZipInfo], plan: Plan, root: Path) -> Run:
    """Write a run into a temporary folder and move that to the others, so that no reader finds an incomplete one."""
    place = root / hashlib.sha256(to_json(_identity(plan)).encode()).hexdigest()[:12]
    above = PurePosixPath(_plans(found)[0].filename).parent
    with disk_errors(f"{plan.name} cannot be imported", root.parent), whole_folder(place, beside=root.parent) as made:
        (made / SNAPSHOTS).mkdir()
        for one in found:
            own = PurePosixPath(one.filename)
            inside = str(own.relative_to(above)) if own.is_relative_to(above) else ""
            if inside in FILES or A_SNAPSHOT.fullmatch(inside):
                with (made / inside).open("wb") as file:
                    copy_entry(archive, one.filename, file, most=FILES.get(inside, MOST_SNAPSHOT))
        write_status(made, _at_rest(read_status(made)))
        (made / PLAN).write_text(to_json(plan))
        open_run(made)  # nothing that cannot be opened comes into the list
    return open_run(place)


def _identity(plan: Plan) -> Plan:
    """Return what stays the same of a plan on every installation, and under every name."""
    return replace(plan, name="", data="", command="", training=replace(plan.training, log="off", log_to=""))


def _at_rest(status: Status) -> Status:
    """Return the status of a run that no process trains here."""
    at_rest = replace(status, pid=0, started=0.0, boot="", since_boot=0.0, queued=0.0, seconds_left=None)
    if not status.is_under_way:
        return at_rest
    return replace(at_rest, state="stopped", message="It was under way where it was made. Resume it: here it goes on from the start.")
