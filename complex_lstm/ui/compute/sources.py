"""Where the open data come from: a sample or an upload, read as its bytes suggest, or otherwise, as somebody has said.

A link names the data by one key. That of a sample or an upload stands for the file as it is read by itself; a file that is to be
read otherwise has a key of its own, under which the workspace holds the file's key and the `Reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from complex_lstm.config import from_json, to_json
from complex_lstm.errors import WorkspaceError
from complex_lstm.recipe import Reading
from complex_lstm.samples import SAMPLES
from complex_lstm.workspace import open_workspace


@dataclass(frozen=True)
class Reread:
    """What the workspace holds of a file that is read otherwise than by itself."""

    data: str
    reading: Reading


@dataclass(frozen=True)
class Source:
    """A file of data: the key, path and name of the file itself, and how it is read, None where it is read by itself."""

    data: str
    path: Path
    name: str
    reading: Reading | None = None


def find_source(key: str) -> Source:
    """Return where the data under a key come from.

    Raises:
        WorkspaceError: this installation does not hold them.
    """
    if key in SAMPLES:
        return Source(key, SAMPLES[key].csv, SAMPLES[key].csv.name)
    workspace = open_workspace()
    try:
        kept = workspace.find("data", key)
        return Source(key, kept.path, kept.name)
    except WorkspaceError:
        try:
            said = from_json(Reread, workspace.find("reading", key).path.read_text(encoding="utf-8"))
        except WorkspaceError:
            pass
        else:
            origin = find_source(said.data)
            return Source(origin.data, origin.path, origin.name, said.reading)
        raise


def keep_reading(data: str, reading: Reading) -> str:
    """Store how a file is to be read, and return the key that stands for the file read like that. `data` is the key of the file."""
    said = to_json(Reread(data, reading)).encode()
    return open_workspace().keep("reading", said, find_source(data).name).key
