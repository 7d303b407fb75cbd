"""From bytes to a table: encoding, delimiter, header, and the line that each row came from."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import clevercsv
import numpy as np
import pandas as pd
from charset_normalizer import from_bytes
from jaxtyping import Float, Int

from complex_lstm.errors import CellError, CsvError

MAX_BYTES = 200 * 2**20
SNIFFED = 20_000  # characters: enough for clevercsv, which is quadratic in them


@dataclass(frozen=True)
class Table:
    """A CSV file as it was read. The frame's index is the line number in the file; the header is on line 1."""

    name: str
    frame: pd.DataFrame
    fingerprint: str
    delimiter: str
    encoding: str


def fingerprint(content: bytes) -> str:
    """Return the sha256 of a file's bytes, by which caches, the workspace and checkpoints know it."""
    return hashlib.sha256(content).hexdigest()


def read_csv(source: bytes | Path, name: str = "") -> Table:
    """Return the table in a CSV file, whose encoding, delimiter and decimal sign are found out.

    Raises:
        CsvError: too large, empty, binary, header only, no header, duplicate or missing column names, or a line with
            more fields than the header.
    """
    content, name = (source.read_bytes(), name or source.name) if isinstance(source, Path) else (source, name or "the file")
    text, encoding = _decode(content, name)
    dialect = _dialect(text, name)
    header = _header(text, dialect, name)
    frame = _parse(text, dialect, header, name)
    if frame.empty:
        raise CsvError(f"{name} has a header and no rows. Export it with its data.")
    frame.index = pd.Index(_line_numbers(text, len(frame)), name="line")
    empty = [column for column in frame if str(column).startswith("unnamed_") and frame[column].isna().all()]
    return Table(name, frame.drop(columns=empty), fingerprint(content), dialect.delimiter, encoding)


def numbers(table: Table, column: str) -> Float[np.ndarray, " row"]:
    """Return a column as numbers, NaN where a cell is empty.

    Raises:
        CellError: a cell holds text or an infinite number; the message names the first such cell.
    """
    cells = table.frame[column]
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isinf(values) | (np.isnan(values) & cells.notna().to_numpy())
    if wrong.any():
        first = int(np.argmax(wrong))
        raise CellError(
            f"{table.name}, line {table.frame.index[first]}, column {column!r}: {str(cells.iloc[first])[:40]!r} is not a "
            f"finite number ({int(wrong.sum())} such cell(s) in the column). Correct it, or leave the cell empty to have it filled."
        )
    return values


def numeric_share(cells: pd.Series) -> float:
    """Return the share of a column's filled cells that are numbers; 0 for a column without a filled cell."""
    filled = cells.dropna()
    return float(pd.to_numeric(filled, errors="coerce").notna().mean()) if len(filled) else 0.0


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if len(content) > MAX_BYTES:
        raise CsvError(f"{name} has {len(content) >> 20} MB, the limit is {MAX_BYTES >> 20}. Cut it into parts or take fewer rows.")
    if not content.strip():
        raise CsvError(f"{name} is empty. Choose a CSV file with a header line and rows of numbers.")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding), encoding
    if b"\0" in content[:65536]:
        raise CsvError(f"{name} is a binary file (it has zero bytes), not a CSV. From a spreadsheet, use 'save as CSV'.")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        best = from_bytes(content[:262_144]).best()
        if best is None:
            raise CsvError(f"{name} is not text in any encoding known here. Save it as CSV in UTF-8.") from None
        return content.decode(best.encoding, errors="replace"), best.encoding


def _dialect(text: str, name: str) -> clevercsv.SimpleDialect:
    sample = text[:SNIFFED]
    whole_lines = sample[: sample.rfind("\n") + 1] or sample
    found = clevercsv.Sniffer().sniff(whole_lines)
    if found is None:
        raise CsvError(f"{name} has no delimiter that fits its lines. Separate the columns with commas.")
    return found


def _header(text: str, dialect: clevercsv.SimpleDialect, name: str) -> list[str]:
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = dialect.delimiter or ","
    cells = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter, quotechar=dialect.quotechar or '"'))]
    if all(_is_number(cell) for cell in cells if cell):
        raise CsvError(f"The first line of {name} holds only numbers ({first[:60]!r}). Put the column names there.")
    twice = [cell for cell, count in Counter(cells).items() if cell and count > 1]
    if twice:
        places = [place for place, cell in enumerate(cells, 1) if cell == twice[0]]
        raise CsvError(f"{name}, line 1: the name {twice[0]!r} stands at columns {places}. Give each column its own name.")
    return [cell or f"unnamed_{place}" for place, cell in enumerate(cells, 1)]


def _parse(text: str, dialect: clevercsv.SimpleDialect, header: list[str], name: str) -> pd.DataFrame:
    delimiter = dialect.delimiter or ","
    decimal = "," if delimiter != "," and re.search(rf"(?:^|{re.escape(delimiter)})-?\d+,\d+(?:{re.escape(delimiter)}|$)", text[:SNIFFED], re.M) else "."
    try:
        # usecols keeps pandas from taking a surplus first field as an index
        return pd.read_csv(
            io.StringIO(text), sep=delimiter, quotechar=dialect.quotechar or '"', decimal=decimal, names=header, header=0,
            index_col=False, low_memory=False, skipinitialspace=True, on_bad_lines="error",
        )  # fmt: skip
    except pd.errors.ParserError as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        if not found:
            raise CsvError(f"{name} cannot be read as CSV: {error}. Look for a missing quote.") from error
        expected, line, saw = found.groups()
        raise CsvError(
            f"{name}, line {line} has {saw} fields, the header has {expected}. Look for a stray {delimiter!r} or a missing quote."
        ) from error
    except pd.errors.EmptyDataError as error:
        raise CsvError(f"{name} has no rows. Choose a CSV file with a header line and rows of numbers.") from error


def _line_numbers(text: str, rows: int) -> Int[np.ndarray, " row"]:
    """Return the line of each row. Where quoted fields span lines the count is off, and rows are counted instead."""
    filled = [number for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return np.array(filled[1:]) if len(filled) == rows + 1 else np.arange(2, rows + 2)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
