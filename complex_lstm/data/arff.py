"""ARFF, Weka's format: names and kinds of the attributes, then rows as in a CSV; and `.tsf`, the Monash archive's series with a start."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from complex_lstm.data.containers import Unpacked
from complex_lstm.errors import CsvError
from complex_lstm.wording import counted

ATTRIBUTE = re.compile(r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)""", re.IGNORECASE)
CELL = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"][^,]*?|))\s*(,|$)""")
NUMERIC = {"numeric", "real", "integer"}
# how often a series of the Monash archive has a value, as what is added to its start
STEPS = {
    "second": pd.DateOffset(seconds=1), "minute": pd.DateOffset(minutes=1), "hour": pd.DateOffset(hours=1),
    "day": pd.DateOffset(days=1), "week": pd.DateOffset(days=7), "month": pd.DateOffset(months=1), "year": pd.DateOffset(years=1),
}  # fmt: skip
FREQUENCIES = {
    "yearly": pd.DateOffset(years=1), "quarterly": pd.DateOffset(months=3), "monthly": pd.DateOffset(months=1),
    "weekly": pd.DateOffset(days=7), "daily": pd.DateOffset(days=1), "hourly": pd.DateOffset(hours=1),
    "half_hourly": pd.DateOffset(minutes=30), "minutely": pd.DateOffset(minutes=1), "secondly": pd.DateOffset(seconds=1),
}  # fmt: skip


@dataclass(frozen=True)
class _Parts:
    """The attributes with their kinds, what else the header says, and the lines below @data with their numbers."""

    attributes: list[tuple[str, str]]
    header: dict[str, str]
    lines: list[tuple[int, str]]


def _parts(unpacked: Unpacked, name: str, comment: str) -> _Parts:
    attributes: list[tuple[str, str]] = []
    header: dict[str, str] = {}
    lines: list[tuple[int, str]] = []
    in_data = False
    for number, line in enumerate(unpacked.all().decode("utf-8-sig", errors="replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith(comment):
            continue
        if in_data:
            lines.append((number, text))
        elif found := ATTRIBUTE.fullmatch(text):
            attributes.append((_unquoted(found[1]), found[2].strip()))
        elif text.lower().startswith("@data"):
            in_data = True
        elif text.startswith("@"):
            word, _, value = text[1:].partition(" ")
            header[word.lower()] = value.strip()
    if not lines or not (attributes or "frequency" in header):
        raise CsvError(f"{name} has no {'rows' if attributes else 'attributes'} below '@data'. Download it again.", switch="kind")
    return _Parts(attributes, header, lines)


def _unquoted(text: str) -> str:
    text = text.strip()
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 1 else text


def arff_table(unpacked: Unpacked, name: str) -> pd.DataFrame:
    """Return the rows of an ARFF file: numbers, classes and dates as text, `?` empty. Rows may be sparse: {0 1.5, 3 on}.

    Raises:
        CsvError: no rows, an attribute that holds a table, a row of another length, or a number that is none; the message names the line.
    """
    parts = _parts(unpacked, name, "%")
    inner = [column for column, kind in parts.attributes if kind.lower().startswith("relational")]
    if inner:
        how = "Download the same data as .ts, which is read here."
        raise CsvError(f"{name} is an ARFF file with a table in the cells of {inner[0]!r}, which is not read. {how}")
    names = [column for column, _ in parts.attributes]
    twice = next((column for column in names if names.count(column) > 1), None)
    if twice is not None:
        raise CsvError(f"{name} has two attributes {twice!r}. Rename one.", switch="kind")
    columns: list[list[str]] = [[] for _ in names]
    for number, line in parts.lines:
        where = f"{name}, line {number}"
        cells = _sparse(line, parts, where, number) if line.startswith("{") else _cells(line, where, number)
        if len(cells) != len(names):
            message = f"{where} has {counted(len(cells), 'cell')} for {counted(len(names), 'attribute')}. Correct it."
            raise CsvError(message, switch="kind", line=number)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell.strip())
    index = pd.Index([number for number, _ in parts.lines], name="line")
    made = {column: pd.Series(cells, index=index, dtype="str") for column, cells in zip(names, columns, strict=True)}
    return pd.DataFrame({column: _typed(made[column], kind, name) for column, kind in parts.attributes}, index=index)


def _cells(line: str, where: str, number: int) -> list[str]:
    if "'" not in line and '"' not in line:
        return line.split(",")
    cells, at = [], 0
    while found := CELL.match(line, at):
        cells.append(re.sub(r"\\(.)", r"\1", found[1] or found[2] or found[3] or ""))
        at = found.end()
        if not found[4]:
            return cells
    raise CsvError(f"{where} cannot be read. Look for a missing quote.", switch="kind", line=number)


def _sparse(line: str, parts: _Parts, where: str, number: int) -> list[str]:
    """Return all cells of a row that names only those that are not 0, or not the first class."""
    kinds = [kind for _, kind in parts.attributes]
    cells = [_unquoted(kind.strip("{} ").split(",")[0]) if kind.startswith("{") else "0" for kind in kinds]
    for pair in filter(None, map(str.strip, line.strip("{} \t").split(","))):
        place, _, value = pair.partition(" ")
        if not place.isdigit() or int(place) >= len(cells) or not value:
            raise CsvError(f"{where} is no sparse row: {pair[:40]!r} is not NUMBER VALUE. Correct it.", switch="kind", line=number)
        cells[int(place)] = _unquoted(value)
    return cells


def _typed(cells: pd.Series, kind: str, name: str) -> pd.Series:
    cells = cells.mask(cells.isin(["?", ""]))
    if kind.split()[0].lower() not in NUMERIC if kind else True:
        return cells
    values = pd.to_numeric(cells, errors="coerce")
    wrong = values.isna() & cells.notna()
    if wrong.any():
        line = int(cells.index[wrong][0])
        message = f"{name}, line {line}: {str(cells[wrong].iloc[0])[:40]!r} is no number, and the attribute is {kind}. Correct it."
        raise CsvError(message, switch="kind", line=line)
    return values


def tsf_table(unpacked: Unpacked, name: str) -> tuple[pd.DataFrame, str]:
    """Return the series of a `.tsf` file (forecastingdata.org) as a long table (attributes, time or step, value), and how times count.

    A line is a series: its attributes and its values, with colons between. Times count from the start by the file's frequency.

    Raises:
        CsvError: no series, a line with too few attributes, a start that is no date, or a value that is no number.
    """
    parts = _parts(unpacked, name, "#")
    per, said = len(parts.attributes), parts.header.get("frequency", "")
    frequency = _frequency(said)
    start = next((place for place, (_, kind) in enumerate(parts.attributes) if kind.lower() == "date"), -1)
    has_times = start >= 0 and frequency is not None
    frames, lines = [], []
    for number, line in parts.lines:
        where = f"{name}, line {number}"
        pieces = line.split(":", per)
        if len(pieces) != per + 1:
            message = f"{where} has {counted(len(pieces) - 1, 'attribute')} before its values, the file names {per}. Correct it."
            raise CsvError(message, switch="kind", line=number)
        values = _values(pieces.pop(), where, number)
        times = _times(pieces[start], frequency, len(values), where, number) if has_times else np.arange(len(values))
        own = {column: pieces[place] for place, (column, _) in enumerate(parts.attributes) if place != start}
        named = own or {"series": str(number)}
        frames.append(pd.DataFrame({**named, ("time" if has_times else "step"): times, "value": values}))
        lines += [number] * len(values)
    made = pd.concat(frames, ignore_index=True)
    for column, kind in parts.attributes:
        if kind.lower() in NUMERIC and column in made and (found := pd.to_numeric(made[column], errors="coerce")).notna().all():
            made[column] = found
    made.index = pd.Index(lines, name="line")
    if start < 0:
        return made, ""
    words = f"Times count {said} from each series' start, as the file says."
    return made, words if has_times else f"No time is counted from the series' starts, because the frequency {said!r} is not known."


def _frequency(text: str) -> pd.DateOffset | None:
    """Return what is added from value to value: of "10_minutes" ten minutes; None for a word that says nothing known."""
    counted_unit = re.fullmatch(r"(\d+)_(second|minute|hour|day|week|month|year)s?", text.lower())
    if counted_unit:
        return int(counted_unit[1]) * STEPS[counted_unit[2]]
    return FREQUENCIES.get(text.lower())


def _times(start: str, frequency: pd.DateOffset | None, count: int, where: str, number: int) -> list[str]:
    try:
        first = pd.to_datetime(start.strip(), format="%Y-%m-%d %H-%M-%S" if " " in start.strip() else "%Y-%m-%d")
        times = pd.date_range(first, periods=count, freq=frequency)
        return times.strftime("%Y-%m-%d %H:%M:%S").tolist()
    except (ValueError, OverflowError) as error:
        message = f"{where} begins at {start[:40]!r}, from which no {counted(count, 'date')} can be counted. Correct it."
        raise CsvError(message, switch="kind", line=number) from error


def _values(text: str, where: str, number: int) -> np.ndarray:
    try:
        return np.array([np.nan if cell.strip() in ("?", "NaN", "") else float(cell) for cell in text.split(",")])
    except ValueError as error:
        raise CsvError(f"{where} has a value that is no number: {error}. Correct it.", switch="kind", line=number) from error
