"""Uploads and trained models on disk, each under the hash of its content, by which a link finds it again.

Alone there is one workspace, the root folder itself. Where visitors are told apart (`complex_lstm.visitors`), each has one of their own
in a folder below it, and nothing in it leads out of it.

What is deleted lies in the trash for a week and can be brought back. Nothing else goes by itself: where the operator's limit of the
workspace is reached, the oldest of the trash goes first, and then nothing more is kept until somebody deletes something.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import platformdirs

from complex_lstm.config import LONE_HALF
from complex_lstm.disk import PARTIAL, read_bounded, size_of, sweep, whole_folder, writer_mark
from complex_lstm.errors import WorkspaceError

Kind = Literal["data", "model", "setup", "reading", "recipe"]

ENVIRONMENT, LIMIT_VARIABLE, VISITOR_LIMIT_VARIABLE = "COMPLEX_LSTM_WORKSPACE", "COMPLEX_LSTM_WORKSPACE_MB", "COMPLEX_LSTM_VISITOR_MB"
DIGITS = 20  # of the sha256, in hexadecimal: 80 bits, short enough for a link
CONTENT = {
    "data": "content.csv",
    "model": "content.safetensors",
    "setup": "content.json",
    "reading": "content.json",
    "recipe": "content.json",
}
NAME, ORIGIN, RUNS, TRASH, VISITORS = "name.json", "origin.json", "runs", "trash", "visitors"
MOST_NAME = 2**16  # bytes
KEPT_DAYS = 7  # in the trash


@dataclass(frozen=True)
class Kept:
    """A stored file: the key for the link, the name that the visitor gave it, and its path."""

    key: str
    name: str
    path: Path


@dataclass(frozen=True)
class Discarded:
    """Something in the trash: its key there, what it is, its name, its place in the workspace, when it was deleted, and its bytes."""

    key: str
    kind: str
    name: str
    place: str
    when: float
    size: int


@dataclass(frozen=True)
class Lent:
    """What another visitor's workspace shows besides: the kinds and keys of single things, and nothing else."""

    workspace: Workspace
    things: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Workspace:
    """A folder of stored files: <folder>/<kind>/<key>/ holds the content and its name.

    `whole` is the root folder where this is one of several workspaces below it. Symbolic links that lead out of this one are then not
    followed, and its limit is that of a visitor. `lent` can be found, and neither listed nor changed.
    """

    folder: Path
    whole: Path | None = None
    lent: Lent | None = None

    def keep(self, kind: Kind, content: bytes, name: str, *, suffix: str = "", check: Callable[[Path], object] | None = None) -> Kept:
        """Store content under its hash and return it. Storing the same content again changes nothing, or mends what a crash has left.

        It is written to a temporary folder and moved into place once it is on the disk, so that a crash leaves nothing half-written.
        `check` reads the file before it is moved; whatever it raises, nothing is kept.

        Raises:
            WorkspaceError: the folder cannot be written, the disk is full, or the operator's limit is reached.
        """
        key = hashlib.sha256(content).hexdigest()[:DIGITS]
        place, file = self.folder / kind / key, Path(CONTENT[kind])
        if self._is_whole(place, len(content)):
            kept = self.find(kind, key)
            if check:
                check(kept.path)
            return kept
        self.make_room(len(content), name)
        try:
            self._clear(place, len(content))
            with whole_folder(place) as made:
                fresh = made / (file.with_suffix(suffix) if suffix else file)
                fresh.write_bytes(content)
                (made / NAME).write_text(json.dumps(name))
                if check:
                    check(fresh)
        except OSError as error:
            if not self._is_whole(place, len(content)):  # else another session stored the same content in the meantime
                raise WorkspaceError(
                    f"{name} cannot be kept in {self.folder} ({error.strerror}). Free some space, or set {ENVIRONMENT} to another folder."
                ) from error
        return self.find(kind, key)

    def find(self, kind: Kind, key: str) -> Kept:
        """Return the file stored under a key. One whose name is damaged is called by its kind and key.

        Raises:
            WorkspaceError: there is none, for instance because the link was made on another installation.
        """
        if self.lent and (kind, key) in self.lent.things:
            return self.lent.workspace.find(kind, key)
        place = self.folder / kind / key
        files = _contents(place) if re.fullmatch(rf"[0-9a-f]{{{DIGITS}}}", key) else []
        if not files or not self.holds(files[0]):
            raise WorkspaceError(
                f"This link needs the {kind} {key[:DIGITS]!r}, which this installation does not hold. Uploads stay on the machine "
                f"that they were uploaded to: open the link there, or upload the file here."
            )
        return Kept(key, _text_in(place / NAME) or f"{kind} {key[:6]}", files[0])

    def all(self, kind: Kind) -> list[Kept]:
        """Return all stored files of a kind, the newest first. A folder that holds none is left out."""
        found = []
        for place in (self.folder / kind).glob("[0-9a-f]*"):
            with suppress(WorkspaceError, OSError):  # OSError: another session has deleted it just now
                found.append((place.stat().st_mtime, self.find(kind, place.name)))
        return [kept for _, kept in sorted(found, key=lambda pair: (pair[0], pair[1].key), reverse=True)]

    def holds(self, path: Path) -> bool:
        """Return whether a path lies in this workspace where symbolic links lead; always where there is no other workspace."""
        if self.whole is None:
            return True
        return path.resolve().is_relative_to(self.whole.resolve() / self.folder.relative_to(self.whole))

    def discard(self, place: Path, kind: str, name: str) -> Discarded:
        """Move a folder of the workspace to the trash, and return what `restore` brings back.

        Raises:
            WorkspaceError: it is not there any more, lies elsewhere, or the folder cannot be written.
        """
        if not place.is_relative_to(self.folder) or place == self.folder:
            raise WorkspaceError(f"{place} does not lie in {self.folder}, and is not deleted from here.")
        if not place.is_symlink() and not place.exists():
            raise WorkspaceError(f"{name} is not here any more: it has been deleted in the meantime.")
        when = time.time()
        origin = {"kind": kind, "name": name, "place": place.relative_to(self.folder).as_posix(), "when": when, "size": size_of(place)}
        bin_ = self.folder / TRASH / f"{when * 1000:.0f}-{place.name[:40]}"
        try:
            with whole_folder(bin_) as made:
                (made / ORIGIN).write_text(json.dumps(origin))
            place.rename(bin_ / "content")
        except OSError as error:
            shutil.rmtree(bin_, ignore_errors=True)
            raise WorkspaceError(f"{name} cannot be deleted ({error.strerror}). Give this program the right to write there.") from error
        return Discarded(bin_.name, **origin)  # type: ignore[arg-type]

    def discarded(self) -> list[Discarded]:
        """Return what is in the trash, that which goes first at the end."""
        found = []
        for bin_ in (self.folder / TRASH).glob("[0-9]*"):
            try:
                told = json.loads(read_bounded(bin_ / ORIGIN, MOST_NAME))
                one = Discarded(bin_.name, str(told["kind"]), str(told["name"]), str(told["place"]), float(told["when"]), int(told["size"]))
            except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
                continue
            if os.path.lexists(bin_ / "content"):
                found.append(one)
        return sorted(found, key=lambda one: one.when, reverse=True)

    def restore(self, key: str) -> None:
        """Bring something back from the trash, to where it was. What has been stored there again in the meantime stays.

        Raises:
            WorkspaceError: it is no longer in the trash, or the folder cannot be written.
        """
        one = next((one for one in self.discarded() if one.key == key), None)
        if one is None:
            raise WorkspaceError(f"It is no longer in the trash: what is deleted stays there for {KEPT_DAYS} days.")
        place = self.folder / one.place
        if not place.resolve().is_relative_to(self.folder.resolve()):
            raise WorkspaceError(f"{one.name} did not lie in {self.folder}, and is not brought back.")
        try:
            if not os.path.lexists(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                (self.folder / TRASH / key / "content").rename(place)
        except OSError as error:
            raise WorkspaceError(f"{one.name} cannot be brought back ({error.strerror}). Give this program the right to write.") from error
        self.empty(key)

    def empty(self, key: str) -> None:
        """Delete something in the trash for good."""
        if key in {path.name for path in (self.folder / TRASH).glob("[0-9]*")}:
            shutil.rmtree(self.folder / TRASH / key, ignore_errors=True)

    def sweep(self) -> int:
        """Delete what killed processes have left half-written, and what has been in the trash for a week; return how many there were.

        It is safe while another server writes to the same folder.
        """
        count = sum(sweep(self.folder / name) for name in ("", *CONTENT, TRASH)) + sweep(self.folder / RUNS, deep=True)
        for bin_ in (self.folder / TRASH).glob("[0-9]*"):
            most = KEPT_DAYS * 86_400 if os.path.lexists(bin_ / "content") else 60  # seconds: it is filled right after it is made
            with suppress(OSError):
                if time.time() - bin_.stat().st_mtime > most:
                    shutil.rmtree(bin_, ignore_errors=True)
                    count += 1
        return count

    def make_room(self, size: int, name: str) -> None:
        """Empty the trash, the oldest first, as far as the limits need it: of a visitor's workspace its own, and that of all together.

        Raises:
            WorkspaceError: even without the trash there is no room.
        """
        if self.whole is None:
            _make_room(self.folder, [self], "the workspace holds", LIMIT_VARIABLE, size, name)
        else:
            _make_room(self.folder, [self], "your workspace holds", VISITOR_LIMIT_VARIABLE, size, name)
            _make_room(self.whole, workspaces_in(self.whole), "all visitors together have", LIMIT_VARIABLE, size, name)

    def _is_whole(self, place: Path, size: int) -> bool:
        return [path.stat().st_size for path in _contents(place)] == [size]

    def _clear(self, place: Path, size: int) -> None:
        """Move away what a crash has left where something is to be stored.

        What is whole there by now stays: another session has stored the same content since it was looked for.
        """
        if os.path.lexists(place) and not self._is_whole(place, size):
            aside = place.with_name(f"{PARTIAL}{writer_mark()}{place.name}")
            place.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)


def root_folder() -> Path:
    """Return the folder named by COMPLEX_LSTM_WORKSPACE, or the user's data folder.

    Alone it is the workspace; where visitors are told apart each has a folder of their own below it, and a page asks
    `complex_lstm.ui.compute.visitor.open_workspace`.
    """
    return _folder_named(os.environ.get(ENVIRONMENT, ""))


@lru_cache
def _folder_named(text: str) -> Path:
    return Path(text or platformdirs.user_data_dir("complex-lstm-explorer", appauthor=False))


def workspaces_in(root: Path) -> list[Workspace]:
    """Return all workspaces of an installation: that of the root folder itself, and those of its visitors."""
    own = [path for path in (root / VISITORS).glob("[0-9a-f]*") if path.is_dir() and not path.is_symlink()]
    return [Workspace(root), *(Workspace(path, root) for path in sorted(own))]


def limit_bytes(variable: str = LIMIT_VARIABLE) -> int:
    """Return the operator's limit for the whole workspace, or that of another variable, in bytes; 0 for none."""
    text = os.environ.get(variable, "")
    return int(text) << 20 if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _make_room(place: Path, workspaces: list[Workspace], who: str, variable: str, size: int, name: str) -> None:
    limit = limit_bytes(variable)
    if not limit or (used := size_of(place)) + size <= limit:
        return
    trash = [(one, workspace) for workspace in workspaces for one in workspace.discarded()]
    for one, workspace in sorted(trash, key=lambda pair: pair[0].when):
        workspace.empty(one.key)
        used -= one.size
        if used + size <= limit:
            return
    raise WorkspaceError(
        f"{name} has {size / 2**20:,.1f} MB, and {who} {used / 2**20:,.1f} of {limit >> 20:,} MB. Delete something under "
        f"'What is kept here' on the Start page, or runs on the Train page. Who runs the page can raise the limit ({variable})."
    )


def _contents(place: Path) -> list[Path]:
    return sorted(path for path in place.glob("content.*") if path.is_file())


def _text_in(path: Path) -> str:
    """Return the text in a JSON file, "" where it holds none that can be shown."""
    try:
        text = json.loads(read_bounded(path, MOST_NAME))
    except (OSError, ValueError, RecursionError):
        return ""
    return text if isinstance(text, str) and not LONE_HALF.search(text) else ""
