"""Tables that are no delimited text: Parquet, Feather, Excel, JSON, and `.ts` files of the UEA and UCR archives."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet

from complex_lstm.data import sheets
from complex_lstm.data.containers import MAX_BYTES, MAX_UNPACKED, Unpacked, check_size
from complex_lstm.data.feather import feather_frame
from complex_lstm.errors import CsvError
from complex_lstm.wording import form

MOST_SECONDS = 120  # that reading a workbook may take


def columns_table(unpacked: Unpacked, name: str) -> pd.DataFrame:
    """Return the table in a Parquet or Feather file. Its index becomes columns where it has a name or is no row number.

    Raises:
        CsvError: damaged.
    """
    source = io.BytesIO(unpacked.content) if isinstance(unpacked.content, bytes) else unpacked.content
    try:
        limit = MAX_BYTES if isinstance(unpacked.content, bytes) else MAX_UNPACKED
        if unpacked.kind == "parquet":
            found = pyarrow.parquet.read_metadata(source)  # equal cells are a few bytes in the file, and eight each in the table
            check_size(8 * found.num_rows * found.num_columns, limit, name, unpacked=True)
            frame = pd.read_parquet(source)
        elif unpacked.head(6) == b"ARROW1":
            frame = feather_frame(source, name, limit)
        else:  # the first version of Feather does not compress
            frame = pd.read_feather(source)
    except (
        OSError, ValueError, KeyError, NotImplementedError, MemoryError, struct.error, pyarrow.ArrowException, pd.errors.ParserError,
    ) as error:  # fmt: skip
        raise CsvError(f"{name} is a damaged {unpacked.kind} file: {error}. Write it again.") from error
    if not isinstance(frame.index, pd.RangeIndex):
        levels = [f"index {place}" if level is None else str(level) for place, level in enumerate(frame.index.names, 1)]
        frame = frame.reset_index(names=levels)
    return plain_columns(frame, name)


def plain_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a frame of numbers and text, whose index is the row counted from 1. Dates are text as ISO 8601 has it.

    Raises:
        CsvError: no row, or no column.
    """
    if frame.empty:
        raise CsvError(f"{name} has no rows. Export it with its data.")
    made = {}
    for place, column in enumerate(frame.columns):
        cells = frame.iloc[:, place]
        label, number = str(column), 2
        while label in made:
            label, number = f"{column} ({number})", number + 1
        made[label] = _plain(cells)
    plain = pd.DataFrame(made)
    plain.index = pd.RangeIndex(1, len(plain) + 1, name="line")
    return plain


def _plain(cells: pd.Series) -> Any:
    if isinstance(cells.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(cells):
        return cells.map(lambda time: time.isoformat(" "), na_action="ignore").astype("str").to_numpy()
    if pd.api.types.is_bool_dtype(cells):
        return cells.to_numpy()
    if pd.api.types.is_numeric_dtype(cells):
        whole = pd.api.types.is_integer_dtype(cells) and not cells.isna().any()
        return cells.to_numpy(dtype=np.int64 if whole and cells.max() < 2**63 else float, na_value=np.nan)
    text = cells.astype(object)
    numbers = pd.to_numeric(text, errors="coerce")
    if numbers.notna().sum() == text.notna().sum() and not text.map(lambda cell: isinstance(cell, str)).any():
        return numbers.to_numpy(dtype=float)
    return text.map(str, na_action="ignore").astype("str").to_numpy()


def workbook(unpacked: Unpacked, name: str) -> tuple[bytes, str, tuple[str, ...]]:
    """Return a sheet as CSV in UTF-8, its name, and the names of all sheets that may hold a table, which may stand anywhere on it.

    Raises:
        CsvError: damaged, locked, empty, without this sheet, or with cells so far apart that they need too much memory.
    """
    given = json.dumps(unpacked.member).encode() + b"\n" + unpacked.all()
    try:
        read = subprocess.run([sys.executable, sheets.__file__], input=given, capture_output=True, check=True, timeout=MOST_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise CsvError(
            f"{name} is a workbook that needs too much memory or time: a sheet has a cell far below or beside its table. Delete the rows "
            f"and columns after the table, or save it as CSV."
        ) from error
    line, _, content = read.stdout.partition(b"\n")
    told = json.loads(line)
    fault, sheet = told.get("fault", ""), told.get("sheet", "")
    if fault == "damaged":
        raise CsvError(f"{name} is a workbook that cannot be opened: {told['words']}. Save it as xlsx without a password, or as CSV.")
    if fault == "no sheet":
        raise CsvError(
            f"{name} has no sheet {sheet!r}; it has {', '.join(map(repr, told['sheets']))}. Choose one of them.", switch="member"
        )
    if fault == "empty":
        raise CsvError(f"{name}: the sheet {sheet!r} is empty. Choose another one.", switch="member")
    return content, sheet, tuple(told["sheets"])


def json_table(unpacked: Unpacked, name: str) -> tuple[pd.DataFrame, str]:
    """Return the table in JSON, and a sentence on records that lack a field which others have, if there are any.

    It is a list of records, a record of lists, or a record a line. Nested fields are named a.b.

    Raises:
        CsvError: no JSON, or no table in it; the message names the line.
    """
    text = unpacked.all().decode("utf-8-sig", errors="replace")
    if unpacked.kind == "json lines":
        lines = {number: line for number, line in enumerate(text.splitlines(), 1) if line.strip()}
        records = [_json(line, f"{name}, line {number}", number) for number, line in lines.items()]
        frame = _records(records, name)
        if len(frame) == len(lines):
            frame.index = pd.Index(lines, name="line")
        return frame, _lacking(records, [f"line {number}" for number in lines])
    found = _json_body(_json(text, name, 0))
    frame = _records(found, name)
    if isinstance(found, dict):
        columns = {key: value for key, value in found.items() if isinstance(value, dict)}
        rows = {row: {key: 0 for key, column in columns.items() if row in column} for column in columns.values() for row in column}
        return frame, _lacking(list(rows.values()), [f"row {row}" for row in rows])
    return frame, _lacking(found, [f"record {place}" for place in range(1, len(found) + 1)])


def _lacking(records: list[Any], names: list[str]) -> str:
    """Return how many records lack a field that others have, and which is the first; nothing where all have the same fields."""
    records = [record if isinstance(record, dict) else {} for record in records]
    fields = dict.fromkeys(field for record in records for field in record)
    short = [place for place, record in enumerate(records) if len(record) < len(fields)]
    if not short:
        return ""
    lacked = ", ".join(repr(field) for field in fields if field not in records[short[0]])
    return (
        f"{len(short):,} of {len(records):,} records {form(len(short), 'lacks', 'lack')} a field that others have, the first of them "
        f"{names[short[0]]} ({lacked:.200}): "
        f"such cells are empty."
    )


def _json_body(found: Any, depth: int = 4) -> Any:
    """Return the part of a JSON document that is a table: a list of records or a record of equally long lists, at most so deep in it.

    pandas' orients "split", "table" and "index" are made into what they stand for.
    """
    if not isinstance(found, dict) or not depth:
        return found
    if {"columns", "data"} <= set(found) <= {"columns", "data", "index"} and isinstance(found["columns"], list):
        return [dict(zip(map(str, found["columns"]), row, strict=False)) for row in found["data"] if isinstance(row, list)]
    if set(found) == {"schema", "data"}:
        return found["data"]
    if found and all(isinstance(value, dict) for value in found.values()) and _are_rows(found):
        is_counted = list(found) == [str(row) for row in range(len(found))]
        return [row if is_counted else {"index 1": name} | row for name, row in found.items()]
    if _size(found):
        return found
    inner = [_json_body(value, depth - 1) for value in found.values()]
    return max(inner, key=_size, default=found) if any(map(_size, inner)) else found


def _are_rows(found: dict[str, Any]) -> bool:
    """Return whether a record of records has a row in each, numbered or dated, and not a column."""
    names = list(next(iter(found.values())))
    return bool(names) and all(map(_is_count, found)) and not any(map(_is_count, names))


def _is_count(name: str) -> bool:
    return bool(re.fullmatch(r"\d[\d:T .Z+-]*", name))


def _size(found: Any) -> int:
    """Return how many rows a list of records, or a record of columns, has; 0 for what is no table."""
    if isinstance(found, list):
        return len(found) if found and all(isinstance(one, dict) for one in found) else 0
    if not isinstance(found, dict) or not found or not all(isinstance(one, list | dict) for one in found.values()):
        return 0
    if any(isinstance(one, list) and one and all(isinstance(part, dict) for part in one) for one in found.values()):
        return 0  # a list of records is a table of its own
    lengths = {len(one) for one in found.values()}
    return lengths.pop() if len(lengths) == 1 else 0


def _json(text: str, where: str, line: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        at = line or getattr(error, "lineno", 0)
        raise CsvError(f"{where} is no JSON: {error}. Write one record a line, or a list of records.", switch="kind", line=at) from error


def _records(found: Any, name: str) -> pd.DataFrame:
    message = f'{name} is JSON without a table. Write a list of records such as [{{"time": 1, "x": 2.5}}, ...].'
    try:
        if isinstance(found, dict) and found:
            if all(isinstance(value, dict) for value in found.values()):  # pandas' to_json: a column of rows each
                rows = list(dict.fromkeys(row for value in found.values() for row in value))
                index = {} if rows == [str(row) for row in range(len(rows))] else {"index 1": rows}
                return plain_columns(pd.DataFrame(index | {key: [one.get(row) for row in rows] for key, one in found.items()}), name)
            return plain_columns(pd.DataFrame(found), name)
        if isinstance(found, list) and found and all(isinstance(record, dict) for record in found):
            return plain_columns(pd.json_normalize(found), name)
        if isinstance(found, list) and found and all(isinstance(record, list) for record in found):
            return plain_columns(pd.DataFrame(found).rename(columns=lambda place: f"column {place + 1}"), name)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CsvError(message, switch="kind") from error
    raise CsvError(message, switch="kind")


def ts_table(unpacked: Unpacked, name: str) -> pd.DataFrame:
    """Return the series of a `.ts` file (www.timeseriesclassification.com) as a long table.

    Its columns are series, label, step and the dimensions. A line is a series whose dimensions are separated by colons; the
    last part is the class where the file has classes. With time stamps a value is written (time,value).

    Raises:
        CsvError: no data, or a value that is no number; the message names the line.
    """
    has_times, classes, lines = False, False, []
    data = False
    for number, line in enumerate(unpacked.all().decode("utf-8-sig", errors="replace").splitlines(), 1):
        word = line.strip().lower()
        if not word or word.startswith("#"):
            continue
        if data:
            lines.append((number, line.strip()))
        elif word.startswith("@data"):
            data = True
        elif word.startswith("@timestamps"):
            has_times = word.split()[-1] == "true"
        elif word.startswith(("@classlabel", "@targetlabel")):
            classes = len(word.split()) > 1 and word.split()[1] == "true"
    if not lines:
        raise CsvError(f"{name} has no series after '@data'. Download it again.", switch="kind")
    series = [(_dimensions(line, has_times, classes, f"{name}, line {number}", number), number) for number, line in lines]
    return _long(series, classes, name)


Dimensions = tuple[list[np.ndarray], list[str], str]


def _dimensions(line: str, has_times: bool, classes: bool, where: str, number: int) -> Dimensions:
    """Return the values of each dimension of a series, its time stamps and its class."""
    if classes and ":" not in line:
        raise CsvError(f"{where} has no class: a colon and the class stand at its end. Correct it.", switch="kind", line=number)
    if has_times:
        body, label = line.rsplit(":", 1) if classes else (line, "")
        parts = re.findall(r"\(([^()]*)\)|(:)", body)
        dims: list[list[tuple[str, str]]] = [[]]
        for pair, colon in parts:
            if colon:
                dims.append([])
            else:
                time, _, value = pair.rpartition(",")
                dims[-1].append((time.strip(), value))
        return [_values([value for _, value in dim], where, number) for dim in dims], [time for time, _ in dims[0]], label.strip()
    pieces = line.split(":")
    label = pieces.pop() if classes else ""
    return [_values(piece.split(","), where, number) for piece in pieces], [], label.strip()


def _values(cells: list[str], where: str, number: int) -> np.ndarray:
    try:
        return np.array([np.nan if cell.strip() in ("?", "NaN", "") else float(cell) for cell in cells])
    except ValueError as error:
        raise CsvError(f"{where} has a value that is no number: {error}. Correct it.", switch="kind", line=number) from error


def _long(series: list[tuple[Dimensions, int]], classes: bool, name: str) -> pd.DataFrame:
    width = len(series[0][0][0])
    rows, lines = [], []
    for place, ((dims, times, label), number) in enumerate(series, 1):
        if len(dims) != width:
            message = f"{name}, line {number} has {len(dims)} dimensions, the first series has {width}. Correct it."
            raise CsvError(message, switch="kind", line=number)
        length = max(map(len, dims))
        values = np.full((length, width), np.nan)
        for column, one in enumerate(dims):
            values[: len(one), column] = one
        steps = pd.Series(times) if times else pd.Series(np.arange(length))
        names = [f"dimension {one}" for one in range(1, width + 1)] if width > 1 else ["value"]
        named = {"series": place, **({"label": label} if classes else {}), "step": steps}
        rows.append(pd.DataFrame(named).join(pd.DataFrame(values, columns=names)))
        lines += [number] * length
    frame = pd.concat(rows, ignore_index=True)
    if not pd.api.types.is_numeric_dtype(frame["step"]):
        numbers = pd.to_numeric(frame["step"], errors="coerce")
        frame["step"] = numbers if numbers.notna().all() else frame["step"]
    frame.index = pd.Index(lines, name="line")
    return frame
