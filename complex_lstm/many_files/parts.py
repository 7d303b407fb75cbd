"""The parts of a result: Parquet files that are written whole or not at all, and say from what they were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet

from complex_lstm.errors import DataError
from complex_lstm.many_files.finding import SourceFile
from complex_lstm.runs.atomic_files import atomic_path, atomic_write

KEY = b"complex_lstm"  # in the metadata of a part
REPORTS = "_reports"  # readers of Parquet pass over what begins with "_"


@dataclass(frozen=True)
class Told:
    """What is said of a file: the result in words, what was found in the file, and whether it failed the check that was made."""

    words: str = ""
    notes: tuple[str, ...] = ()
    is_bad: bool = False


@dataclass(frozen=True)
class Made:
    """What a job makes of a file: the rows of its part, in pieces that fit into memory and have the same columns.

    `tell` is asked after the last piece. `report` is one for people, in HTML, or "".
    """

    pieces: Iterable[pd.DataFrame]
    tell: Callable[[], Told]
    report: str = ""


@dataclass(frozen=True)
class Part:
    """A part that is whole: its number of rows, and what was said of its file."""

    rows: int
    told: Told


def part_path(out: Path, file: SourceFile) -> Path:
    """Return where a file's part lies: below `out` as the file does in its folder."""
    return out / f"{file.name}.parquet"


def report_path(out: Path, file: SourceFile) -> Path:
    """Return where a file's report lies."""
    return out / REPORTS / f"{file.name}.html"


def fingerprint_of(job: str, file: SourceFile) -> str:
    """Return the sha256 of all that a part depends on: the job, and the file's name, bytes, and columns.

    Raises:
        OSError: the file cannot be read.
    """
    with file.path.open("rb") as stream:
        content = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashlib.sha256(json.dumps([job, file.name, file.columns, content]).encode()).hexdigest()


def kept_part(path: Path, fingerprint: str) -> Part | None:
    """Return the part that was made of just this; None where there is none yet, or an older one.

    Raises:
        DataError: there is another file, which is not to be lost.
    """
    if not path.exists():
        return None
    try:
        found = pyarrow.parquet.read_metadata(path)
        said = json.loads(found.metadata[KEY])
    except (OSError, KeyError, TypeError, ValueError, pyarrow.ArrowException) as error:
        raise DataError(
            f"{path} is there already, and no part of such a result. Choose another folder for --out, or move it away."
        ) from error
    if said["fingerprint"] != fingerprint:
        return None
    return Part(found.num_rows, Told(said["words"], tuple(said["notes"]), said["is_bad"]))


def write_part(out: Path, file: SourceFile, fingerprint: str, made: Made) -> Part:
    """Write a file's part, whose first column is `file`, and before that its report.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    path, report = part_path(out, file), report_path(out, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as fresh, ExitStack() as writing:
        writer: pyarrow.parquet.ParquetWriter | None = None
        rows = 0
        for piece in made.pieces:
            named = pd.concat([pd.Series(file.name, piece.index, name="file"), piece], axis=1)
            writer = writer or writing.enter_context(
                pyarrow.parquet.ParquetWriter(fresh, pyarrow.Schema.from_pandas(named, preserve_index=False).remove_metadata())
            )
            writer.write_table(pyarrow.Table.from_pandas(named, schema=writer.schema, preserve_index=False).replace_schema_metadata())
            rows += len(piece)
        if writer is None:
            raise DataError(f"{file.name} has no window.")
        told = made.tell()
        writer.add_key_value_metadata({KEY: json.dumps({"fingerprint": fingerprint, **asdict(told)})})
        writing.close()
        if made.report:
            report.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(report, made.report)
    return Part(rows, told)
