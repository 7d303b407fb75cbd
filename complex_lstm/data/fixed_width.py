"""Tables in which a column is known by where it stands in the line: aligned by blanks, or GHCN's `.dly`.

An aligned table becomes the same table with commas, line by line, so that its header, units and remarks are found as in any text.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import numpy as np
import pandas as pd

from complex_lstm.data.containers import Unpacked
from complex_lstm.data.findings import Finding
from complex_lstm.data.looks import DATE, MARKERS, is_number
from complex_lstm.errors import CsvError
from complex_lstm.wording import counted

DLY = re.compile(rb"[A-Z]{2}[A-Z0-9_-]{9}\d{4}(0[1-9]|1[0-2])[A-Z0-9]{4}[ \d-]{5}")  # station, year, month, element, first value
DLY_UNITS = {"TMAX": "0.1 °C", "TMIN": "0.1 °C", "TAVG": "0.1 °C", "TOBS": "0.1 °C", "PRCP": "0.1 mm", "SNOW": "mm", "SNWD": "mm",
             "AWND": "0.1 m/s", "EVAP": "0.1 mm"}  # fmt: skip
FEWEST = 5  # lines
SAMPLED = 200  # lines by which columns are found
ABOVE = 3  # lines that may be names or remarks, and need not be aligned
ALIKE = 0.9  # share of the lines that blanks split into equally many cells: more of them need no columns
TYPED = 0.6  # share of the cells that look like something


def is_dly(start: bytes) -> bool:
    """Return whether a text is a table of GHCN's daily values."""
    lines = start.split(b"\n")[:5]
    return len(lines[0].rstrip()) >= 240 and all(DLY.match(line) for line in lines if line.strip())


def is_aligned(start: bytes) -> bool:
    """Return whether a text's columns are told by their place in the line alone: blanks split its lines into unequally many cells."""
    lines = [line for line in start.decode("latin-1").splitlines()[:-1] if line.strip() and not line.startswith(("#", "%"))][:SAMPLED]
    rows = lines[ABOVE:]
    if len(rows) < FEWEST or "\t" in start[:4096].decode("latin-1"):
        return False
    if any(min(line.count(sign) for line in rows) > 0 for sign in ",;|"):
        return False
    tokens = Counter(len(line.split()) for line in rows)
    if tokens.most_common(1)[0][1] >= ALIKE * len(rows):
        return False
    spans = columns_of(rows)
    if len(spans) < 3 or len(spans) < min(tokens):
        return False
    cells = [line[first:last].strip() for line in rows for first, last in spans]
    filled = [cell for cell in cells if cell]
    typed = sum(is_number(cell) or bool(DATE.fullmatch(cell)) or cell in MARKERS for cell in filled)
    inside = sum(bool(re.search(r"\d +[\d-]", cell)) and not DATE.fullmatch(cell) for cell in filled)
    return typed >= TYPED * len(filled) and inside < 0.1 * len(filled)


def columns_of(lines: list[str]) -> list[tuple[int, int]]:
    """Return where each column begins and ends, which is where all lines have a blank; the last one reaches to the end of the line.

    Words with a single blank between them are one column, where the second never stands alone.
    """
    filled = np.zeros(max(map(len, lines)) + 1, dtype=bool)
    for line in lines:
        filled[: len(line)] |= np.array([sign != " " for sign in line], dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled])))
    spans: list[tuple[int, int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if spans and first == spans[-1][1] + 1 and _goes_on(lines, spans[-1], (first, last)):
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return [(first, after) for (first, _), after in zip(spans, [*(first for first, _ in spans[1:]), 10**9], strict=True)]


def _goes_on(lines: list[str], left: tuple[int, int], right: tuple[int, int]) -> bool:
    pairs = [(line[left[0] : left[1]].strip(), line[right[0] : right[1]].strip()) for line in lines]
    return all(word and not is_number(after) and not is_number(word) for word, after in pairs if after)


def with_commas(unpacked: Unpacked, encoding: str, name: str) -> tuple[bytes, Finding]:
    """Return an aligned table as CSV in UTF-8, each of its lines in its place, and how many columns there are.

    Raises:
        CsvError: its lines have no blanks in common.
    """
    text = unpacked.all().decode(encoding, errors="replace")
    lines = [line.rstrip().expandtabs() for line in re.split(r"\r\n|\n|\r", text)]
    filled = [line for line in lines if line.strip() and not line.startswith(("#", "%"))]
    spans = columns_of(filled[ABOVE:] or filled) if filled else []
    if len(spans) < 2:
        raise CsvError(f"{name} has no columns of blanks that all its lines have in common. Read it as text.", switch="kind")
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    for line in lines:
        if not line.strip() or line.startswith(("#", "%")):
            made.write(f"{line}\n")
        else:
            writer.writerow(_cut(line, spans))
    words = (
        f"Its columns are told by their place in the line: {counted(len(spans), 'column')}, between blanks that all lines have in common."
    )
    return made.getvalue().encode(), Finding("kind", "fixed width", words)


def _cut(line: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return the cells of a line. Where words reach over the edges of the columns they are names, one above each, or a remark."""
    if not any(0 < first < len(line) and line[first - 1] != " " and line[first] != " " for first, _ in spans[1:]):
        return [line[first:last].strip() for first, last in spans]
    for pattern in (r"\S+(?: \S+)*", r"\S+"):
        words = list(re.finditer(pattern, line))
        if len(words) == len(spans) and all(
            one.start() < last and one.end() > first for one, (first, last) in zip(words, spans, strict=True)
        ):
            return [one[0] for one in words]
    return [line.strip()]


def dly_table(unpacked: Unpacked, name: str) -> tuple[pd.DataFrame, dict[str, str], tuple[Finding, ...]]:
    """Return GHCN's daily values as a row a station and day with a column for each element, their units, and what was done.

    Raises:
        CsvError: a line that is no month of an element.
    """
    found: dict[tuple[str, str], dict[str, float]] = {}
    first: dict[tuple[str, str], int] = {}
    missing = doubtful = 0
    for number, line in enumerate(unpacked.all().decode("latin-1").splitlines(), 1):
        if not line.strip():
            continue
        if not DLY.match(line.encode("latin-1", "replace")):
            raise CsvError(f"{name}, line {number} is no month of one element, as GHCN's .dly has it. Download it again.", line=number)
        station, month, element = line[:11], f"{line[11:15]}-{line[15:17]}", line[17:21]
        days = pd.Period(month).days_in_month
        for day in range(days):
            cell = line[21 + 8 * day : 29 + 8 * day]
            value = cell[:5].strip()
            if not re.fullmatch(r"-?\d+", value) or value == "-9999":
                missing += 1
                continue
            doubtful += cell[6:7].strip() != ""
            key = station, f"{month}-{day + 1:02}"
            found.setdefault(key, {})[element] = float(value)
            first.setdefault(key, number)
    if not found:
        raise CsvError(f"{name} has no value: all are -9999. Choose another station.")
    keys = sorted(found)
    elements = list(dict.fromkeys(element for values in found.values() for element in values))
    columns = {element: [found[key].get(element, np.nan) for key in keys] for element in elements}
    index = pd.Index([first[key] for key in keys], name="line")
    frame = pd.DataFrame({"station": [key[0] for key in keys], "date": [key[1] for key in keys], **columns}, index=index)
    words = f"GHCN's daily values: a row a day, a column an element; -9999 ({missing:,} times) stands for no value, and is empty."
    told = [Finding("records", "dly", words)]
    if doubtful:
        told.append(Finding("records", "dly", f"{counted(doubtful, 'value')} failed the archive's own checks, and were taken as they are."))
    return frame, {element: DLY_UNITS[element] for element in elements if element in DLY_UNITS}, tuple(told)
