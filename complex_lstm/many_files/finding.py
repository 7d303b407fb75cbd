"""Which files a folder, a pattern or a Parquet data set stands for."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path

from complex_lstm.data.containers import TABLES
from complex_lstm.errors import DataError

PACKED_ENDINGS = {".gz", ".xz", ".bz2", ".zst", ".zip"}
ENDINGS = {*TABLES, *PACKED_ENDINGS, ".arrow", ".ods", ".xlsb", ".xlsm", ".ndjson", ".hdf5", ".nc4", ".cdf"}
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # what Hive and Spark call a folder of rows without a value
_COLUMN = re.compile(r"([^=/]+)=(.*)")


@dataclass(frozen=True)
class SourceFile:
    """A file of many. `name` is its place below the folder or the pattern's fixed part, and tells its part's.

    `columns` are what its folders say of all its rows, as in `station=3/part-0.parquet`.
    """

    path: Path
    name: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FoundFiles:
    """Files in the order of their names, and the names of those in a folder that are left out, because they end like no table."""

    files: tuple[SourceFile, ...]
    left_out: tuple[str, ...]


def is_many(place: Path) -> bool:
    """Return whether a path stands for several files: a folder, or a pattern where no file has that very name."""
    return place.is_dir() or (glob.has_magic(str(place)) and not place.exists())


def find_files(place: Path) -> FoundFiles:
    """Return the files that a path stands for: a file itself, all tables below a folder, or what fits a pattern (`**` is any folder).

    In folders, also in those that fit a pattern, what begins with "_" or "." is no part of a data set, as Parquet's readers have it.

    Raises:
        DataError: there is no table.
    """
    root = _fixed_part(place) if is_many(place) else place.parent
    matches = [place] if place.exists() else [Path(one) for one in sorted(glob.glob(str(place), recursive=True))]
    named = [one for one in matches if one.is_file()]
    inside = sorted({file for one in matches if one.is_dir() for file in _below(one)} - set(named))
    tables = [one for one in inside if one.suffix.lower() in ENDINGS]
    found = sorted({_named(one, root) for one in (*named, *tables)}, key=lambda one: one.name)
    left_out = tuple(str(one.relative_to(root)) for one in inside if one.suffix.lower() not in ENDINGS)
    if not found:
        others = f" Of {len(left_out):,} other files the first is {left_out[0]!r}." if left_out else ""
        raise DataError(f"{place} holds no table.{others} Name a folder or a pattern of CSV, Parquet or other tables.")
    return FoundFiles(tuple(found), left_out)


def _fixed_part(place: Path) -> Path:
    """Return the folder below which all matches of a pattern lie."""
    if place.is_dir():
        return place
    fixed = list(place.parts)
    while any(glob.has_magic(one) for one in fixed):
        fixed.pop()
    return Path(*fixed)


def _below(folder: Path) -> list[Path]:
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if one[0] not in "_."]
        found += [Path(place, one) for one in files if one[0] not in "_."]
    return found


def _named(path: Path, root: Path) -> SourceFile:
    name = path.relative_to(root)
    pairs = [match.groups() for one in name.parts[:-1] if (match := _COLUMN.fullmatch(one))]
    return SourceFile(path, name.as_posix(), tuple((key, value) for key, value in pairs if value != NO_VALUE))
