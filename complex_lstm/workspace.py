"""Uploads and trained models on disk, each under the hash of its content, by which a link finds it again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from complex_lstm.errors import WorkspaceError

Kind = Literal["data", "model", "setup", "reading", "recipe"]

ENVIRONMENT = "COMPLEX_LSTM_WORKSPACE"
DIGITS = 20  # of the sha256, in hexadecimal: 80 bits, short enough for a link
CONTENT = {
    "data": "content.csv",
    "model": "content.safetensors",
    "setup": "content.json",
    "reading": "content.json",
    "recipe": "content.json",
}


@dataclass(frozen=True)
class Kept:
    """A stored file: the key for the link, the name that the visitor gave it, and its path."""

    key: str
    name: str
    path: Path


@dataclass(frozen=True)
class Workspace:
    """A folder of stored files: <folder>/<kind>/<key>/ holds the content and its name."""

    folder: Path

    def keep(self, kind: Kind, content: bytes, name: str, *, suffix: str = "") -> Kept:
        """Store content under its hash and return it. Storing the same content again changes nothing.

        It is written to a temporary folder and moved into place at once, so that a crash leaves nothing half-written.

        Raises:
            WorkspaceError: the folder cannot be written, or the disk is full.
        """
        key = hashlib.sha256(content).hexdigest()[:DIGITS]
        place = self.folder / kind / key
        if not place.exists():
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                made = Path(tempfile.mkdtemp(dir=place.parent, prefix=".new-"))
                file = made / CONTENT[kind]
                (file.with_suffix(suffix) if suffix else file).write_bytes(content)
                (made / "name.json").write_text(json.dumps(name))
                _move(made, place)
            except OSError as error:
                raise WorkspaceError(
                    f"{name} cannot be kept in {self.folder} ({error.strerror}). Free some space, or set {ENVIRONMENT} to another folder."
                ) from error
        return self.find(kind, key)

    def find(self, kind: Kind, key: str) -> Kept:
        """Return the file stored under a key.

        Raises:
            WorkspaceError: there is none, for instance because the link was made on another installation.
        """
        place = self.folder / kind / key
        files = sorted(place.glob("content.*")) if re.fullmatch(rf"[0-9a-f]{{{DIGITS}}}", key) else []
        if not files:
            raise WorkspaceError(
                f"This link needs the {kind} {key[:DIGITS]!r}, which this installation does not hold. Uploads stay on the machine "
                f"that they were uploaded to: open the link there, or upload the file here."
            )
        return Kept(key, json.loads((place / "name.json").read_text()), files[0])

    def all(self, kind: Kind) -> list[Kept]:
        """Return all stored files of a kind, the newest first."""
        places = [place for place in (self.folder / kind).glob("[0-9a-f]*") if place.is_dir()]
        places.sort(key=lambda place: place.stat().st_mtime, reverse=True)
        return [self.find(kind, place.name) for place in places]


def open_workspace() -> Workspace:
    """Return the workspace in the folder named by COMPLEX_LSTM_WORKSPACE, or in the user's data folder."""
    folder = os.environ.get(ENVIRONMENT) or platformdirs.user_data_dir("complex-lstm-explorer", appauthor=False)
    return Workspace(Path(folder))


def _move(made: Path, place: Path) -> None:
    try:
        made.rename(place)
    except OSError:
        if not place.exists():  # else another session stored the same content in the meantime
            raise
        shutil.rmtree(made)
