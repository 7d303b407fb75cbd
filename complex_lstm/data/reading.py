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
from jaxtyping import Float

from complex_lstm.data.joined import with_joined_time
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
    """Return the sha256 of a file's bytes, by which caches, the workspace and checkpoints identify it."""
    return hashlib.sha256(content).hexdigest()


def read_csv(source: bytes | Path, name: str = "") -> Table:
    """Return the table in a CSV file, whose encoding, delimiter and decimal sign are detected.

    Raises:
        CsvError: too large, empty, binary, header only, no header, duplicate or missing column names, or a line with
            more fields than the header.
    """
    content, name = (source.read_bytes(), name or source.name) if isinstance(source, Path) else (source, name or "the file")
    text, encoding = _decode(content, name)
    dialect = _dialect(text, name)
    first, second = _first_records(text, dialect, name)
    header = _header(first, name)
    surplus = [f"\0{place}" for place in range(len(second) - len(header))]  # pandas drops what stands beyond its names
    frame = _parse(text, dialect, header, surplus, name)
    if frame.empty:
        raise CsvError(f"{name} has a header and no rows. Export it with its data.")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip()][1:]
    if len(lines) != len(frame):  # quoted fields span lines: rows are counted instead
        lines = list(range(2, len(frame) + 2))
    frame.index = pd.Index(lines, name="line")
    _check_surplus(frame, header, dialect.delimiter or ",", name)
    frame = frame[header]
    empty = [column for column in frame if str(column).startswith("unnamed_") and frame[column].isna().all()]
    return Table(name, with_joined_time(frame.drop(columns=empty)), fingerprint(content), dialect.delimiter, encoding)


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
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise CsvError(f"{name} begins as {encoding} text and is none at byte {error.start}. Save it as CSV in UTF-8.") from error
    if b"\0" in content[:65536]:
        raise CsvError(f"{name} is a binary file (it has zero bytes), not a CSV. From a spreadsheet, use 'save as CSV'.")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        guess = _guess_encoding(content[:262_144])
        if guess is None:
            raise CsvError(f"{name} is not text in any encoding known here. Save it as CSV in UTF-8.") from None
        return content.decode(guess, errors="replace"), guess


def _guess_encoding(sample: bytes) -> str | None:
    """Return the likeliest encoding of text that is not UTF-8, None where it is hardly text.

    Single bytes above 127 among ASCII ones are accented letters or signs such as the degree sign: Western European
    unless it reads better as Central European. charset_normalizer alone takes some of them for Japanese.
    """
    high, alone = re.findall(rb"[\x80-\xff]", sample), re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", sample)
    if re.search(rb"[\x01-\x08\x0e-\x1f]", sample):
        return None
    western = len(alone) > 0.7 * len(high)
    best = from_bytes(sample, cp_isolation=["cp1252", "cp1250"] if western else ["cp1250", "cp1251", "cp932", "gb18030", "cp949"]).best()
    return best.encoding if best else "cp1252" if western else None


def _dialect(text: str, name: str) -> clevercsv.SimpleDialect:
    sample = text[:SNIFFED]
    whole_lines = sample[: sample.rfind("\n") + 1] or sample
    found = clevercsv.Sniffer().sniff(whole_lines)
    if found is None:
        raise CsvError(f"{name} has no delimiter that fits its lines. Separate the columns with commas.")
    first = next(line for line in text.splitlines() if line.strip())
    if (found.delimiter or "") not in first:  # taken from text in the rows
        found.delimiter = max(",;\t|", key=first.count) if set(first) & set(",;\t|") else ""
    return found


def _first_records(text: str, dialect: clevercsv.SimpleDialect, name: str) -> tuple[list[str], list[str]]:
    """Return the cells of the header and of the first row ([] if there is none)."""
    records = csv.reader(io.StringIO(text), delimiter=dialect.delimiter or ",", quotechar=dialect.quotechar or '"', skipinitialspace=True)
    try:
        filled = (record for record in records if any(cell.strip() for cell in record))
        return next(filled, []), next(filled, [])
    except csv.Error as error:
        raise CsvError(f"{name} cannot be read as CSV: {error}. Look for a missing quote.") from error


def _header(record: list[str], name: str) -> list[str]:
    cells = [cell.strip() for cell in record]
    if all(_is_number(cell) for cell in cells if cell):
        raise CsvError(f"The first line of {name} holds only numbers ({', '.join(cells)[:60]!r}). Put the column names there.")
    twice = [cell for cell, count in Counter(cells).items() if cell and count > 1]
    if twice:
        places = [place for place, cell in enumerate(cells, 1) if cell == twice[0]]
        raise CsvError(f"{name}, line 1: the name {twice[0]!r} stands at columns {places}. Give each column its own name.")
    return [cell or f"unnamed_{place}" for place, cell in enumerate(cells, 1)]


def _parse(text: str, dialect: clevercsv.SimpleDialect, header: list[str], surplus: list[str], name: str) -> pd.DataFrame:
    delimiter = dialect.delimiter or ","
    decimal = (
        ","
        if delimiter != "," and re.search(rf"(?:^|{re.escape(delimiter)})-?\d+,\d+(?:{re.escape(delimiter)}|$)", text[:SNIFFED], re.M)
        else "."
    )
    try:
        # index_col keeps pandas from taking a surplus first field as an index
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            quotechar=dialect.quotechar or '"',
            decimal=decimal,
            names=[*header, *surplus],
            header=0,
            index_col=False,
            low_memory=False,
            skipinitialspace=True,
            on_bad_lines="error",
        )
    except pd.errors.ParserError as error:
        found = re.search(r"Expected \d+ fields in line (\d+), saw (\d+)", str(error))
        if not found:
            raise CsvError(f"{name} cannot be read as CSV: {error}. Look for a missing quote.") from error
        raise _too_wide(name, int(found[1]), int(found[2]), len(header), delimiter) from error


def _check_surplus(frame: pd.DataFrame, header: list[str], delimiter: str, name: str) -> None:
    """Raise for a row with more fields than the header, unless they are empty: a delimiter at the end of a line."""
    beyond = frame.iloc[:, len(header) :].notna()
    if beyond.any(axis=None):
        row = int(np.argmax(beyond.any(axis=1)))
        saw = len(header) + int(np.nonzero(beyond.iloc[row])[0][-1]) + 1
        raise _too_wide(name, int(frame.index[row]), saw, len(header), delimiter)


def _too_wide(name: str, line: int, saw: int, expected: int, delimiter: str) -> CsvError:
    return CsvError(f"{name}, line {line} has {saw} fields, the header has {expected}. Look for a stray {delimiter!r} or a missing quote.")


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
