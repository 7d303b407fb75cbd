"""Where the open data come from: a sample or an upload, read as its bytes suggest, or otherwise, as somebody has said.

A link names the data by one key. That of a sample or an upload stands for the file as it is read by itself; a file that is to be
read otherwise has a key of its own, under which the workspace holds the file's key and the `Reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from complex_lstm.config import from_json, to_json
from complex_lstm.data import fingerprint
from complex_lstm.errors import WorkspaceError
from complex_lstm.recipe import Reading
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.workspace import DIGITS


@dataclass(frozen=True)
class Reread:
    """What the workspace holds of a file that is read otherwise than by itself.

    `said` are the switches that somebody has set, while the others follow from them as they are found in the file; empty where all of
    the reading was given, as by a recipe.
    """

    data: str
    reading: Reading
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A file of data: the key, path and name of the file itself, how it is read, None where it is read by itself, and which of its
    switches somebody has set.
    """

    data: str
    path: Path
    name: str
    reading: Reading | None = None
    said: tuple[str, ...] = ()


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
            said = from_json(Reread, workspace.find("reading", key).path.read_bytes().decode(errors="replace"))
        except WorkspaceError:
            pass
        else:
            origin = find_source(said.data)
            return Source(origin.data, origin.path, origin.name, said.reading, said.said)
        raise


def find_file(content_hash: str) -> Source | None:
    """Return the sample or the file of the workspace whose bytes have this sha256, None where there is none."""
    for key, sample in SAMPLES.items():
        if _hash_of(sample.csv) == content_hash:
            return find_source(key)
    try:
        return find_source(content_hash[:DIGITS])
    except WorkspaceError:
        return None


@lru_cache
def _hash_of(path: Path) -> str:
    return fingerprint(path.read_bytes())


def keep_reading(data: str, reading: Reading, said: tuple[str, ...] = ()) -> str:
    """Store how a file is to be read, and return the key that stands for the file read like that. `data` is the key of the file."""
    kept = to_json(Reread(data, reading, said)).encode()
    return open_workspace().keep("reading", kept, find_source(data).name).key
