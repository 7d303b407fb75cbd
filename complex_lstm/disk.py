"""Files that outlive a pulled plug: written whole or not at all, read within a bound, and what a killed process has left is swept.

What is being written has a temporary name that tells whose it is: the machine and the process. Another server on the same folder
so knows which are still written, and which nobody will ever complete.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

PARTIAL = ".new-"  # begins the name of a folder that is being made
NEW = ".new"  # ends the name of a file that is being written
FORSAKEN = 86_400  # seconds after which a partial file has no writer, wherever that was
_WRITER = re.compile(r"(?P<host>[A-Za-z0-9_.]*)-(?P<pid>\d{1,9})-")
_OF_FOLDER, _OF_FILE = re.compile(re.escape(PARTIAL) + _WRITER.pattern), re.compile(r".*\." + _WRITER.pattern + r"\w+" + re.escape(NEW))


def writer_mark() -> str:
    """Return what a temporary name holds of its writer: the machine and the process, and a dash."""
    return f"{_host()}-{os.getpid()}-"


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9_.]", "_", platform.node())[:40]


@contextmanager
def whole_folder(place: Path, *, beside: Path | None = None) -> Iterator[Path]:
    """Yield a temporary folder, and move it to `place` once all that was written into it is on the disk.

    Nobody ever finds a part of it there, and whatever is raised, nothing is left. `beside` is where the temporary one lies, on the same
    disk; without, in the folder of `place`.

    Raises:
        OSError: the disk is full, the folder cannot be written, or there is something at `place`.
    """
    parent = beside or place.parent
    for folder in (parent, place.parent):
        folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=parent, prefix=f"{PARTIAL}{writer_mark()}"))
    try:
        yield made
        for path in (*made.rglob("*"), made):
            sync(path)
        made.rename(place)
        sync(place.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)  # moved away already where all went well


def sync(path: Path) -> None:
    """Have the system write a file or a folder to the disk, and wait for it. Where a folder cannot be synced, nothing happens.

    Raises:
        OSError: the disk refuses what was written to a file.
    """
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError:
        if not is_folder:
            raise
    finally:
        os.close(descriptor)


def read_bounded(path: Path, most: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: it is none that can be read, no ordinary file (a pipe would never end), or has more bytes than `most`.
    """
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "There is no such file", str(path))
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"It has more than {most:,} bytes", str(path))
    return content


def sweep(folder: Path, *, deep: bool = False) -> int:
    """Delete the partial folders and files that nobody completes any more, directly in a folder or anywhere below; return how many.

    Those of a living process, and those of another machine that are younger than a day, stay: two servers can share the folder.
    """
    count = 0
    for path in _partial(folder, deep=deep):
        if is_stale(path):
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
                count += 1
    return count


def _partial(folder: Path, *, deep: bool) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        partial = [name for name in folders if name.startswith(PARTIAL)]
        yield from (Path(place, name) for name in (*partial, *(one for one in files if one.endswith(NEW))))
        folders[:] = [name for name in folders if name not in partial] if deep else []


def is_stale(path: Path) -> bool:
    """Return whether the writer of a partial file or folder is gone."""
    try:
        written = path.lstat().st_mtime
    except OSError:
        return False
    if time.time() - written > FORSAKEN:
        return True
    writer = _OF_FOLDER.match(path.name) or _OF_FILE.fullmatch(path.name)
    if not writer or writer["host"] != _host():
        return False
    try:
        return psutil.Process(int(writer["pid"])).create_time() > written + 1  # another process has been given its number
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder have; of a link its own."""
    if folder.is_symlink() or not folder.is_dir():
        return folder.lstat().st_size if os.path.lexists(folder) else 0
    size = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):  # deleted just now
                size += os.lstat(os.path.join(place, name)).st_size
    return size
