"""From the bytes of a text file to a frame, with its column names, its units and the line of each row.

The C parser gets the bytes as they are, from where the rows begin to where they end. Only what it cannot do is done to a
copy first: comment lines are cut out. Line numbers are counted one by one only where they cannot be told from the number of
lines.
"""

from __future__ import annotations

import csv
import itertools
import re
import warnings
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from complex_lstm.data.body import Body, exact_lines, open_quote, records_of, widths
from complex_lstm.data.containers import Unpacked
from complex_lstm.data.findings import Finding
from complex_lstm.data.header import joined_names
from complex_lstm.data.looks import DATE, MARKERS, ONE_COLUMN, is_number
from complex_lstm.data.ragged import tell_short, too_wide, without_surplus
from complex_lstm.data.text import Scan, byte_order, check_text, decode_start, first_bytes
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading
from complex_lstm.wording import counted, form

MOST_BELOW_UNITS = 4  # rows between the units and the first row of values
MOST_WORDS = 200  # columns of words in a file of one or two rows: with more, its line ends were lost
NO_DECIMAL = "\x1e"  # a sign that no number has: such cells stay text, which `cells.apply` reads
EMPTY = ["", "NaN", "nan", "NAN", "-nan", "-NaN", "+nan", "+NaN"]  # what Python's float() reads as NaN


@dataclass(frozen=True)
class TextTable:
    """A frame whose index is the line of each row, the units of its columns where the file has them, and what was done to it."""

    frame: pd.DataFrame
    units: dict[str, str]
    findings: tuple[Finding, ...]


def parse(unpacked: Unpacked, scanned: Scan, reading: Reading, name: str) -> TextTable:
    """Return the table of a text, read as the reading says.

    Raises:
        CsvError: bytes that are no text in the encoding, no row, an open quote, a line with too many cells, or all cells in one line.
    """
    if reading.decimal == reading.thousands:
        raise CsvError(f"{reading.decimal!r} cannot be both the decimal and the thousands sign. Change one.", switch="thousands")
    start = first_bytes(unpacked)
    codec, mark = byte_order(start, reading.encoding)
    text = decode_start(start, reading.encoding, name)
    top = _Top.of(text, reading, name)
    begin = mark + len(text[: top.end].encode(codec, errors="replace"))
    header = ["", *top.header] if _lacks_first_name(top, text, reading, name) else top.header
    names, renamed = column_names(header, reading, len(top.first))
    if not top.first and not text[top.end :].strip():
        raise CsvError(f"{name} has a header and no rows. Export it with its data.", switch="header")
    try:
        body = Body(unpacked, begin, codec, reading)
        frame = _frame(body, names, len(top.first), reading, name, top.lines)
    except UnicodeDecodeError as error:
        check_text(unpacked.all(), reading, name)
        raise CsvError(f"{name} is no text in {reading.encoding}. Save it as CSV in UTF-8.", switch="encoding") from error
    _check_rows(frame, name)
    expected = scanned.line_ends - top.lines - reading.footer - scanned.empty_at_end
    frame.index = (
        pd.RangeIndex(top.lines + 1, top.lines + 1 + len(frame), name="line")
        if expected == len(frame) and not body.cut
        else pd.Index(exact_lines(unpacked, begin, codec, reading, top.lines, len(frame)), name="line")
    )
    widest = frame.shape[1]
    frame, told = without_surplus(frame, names, reading, name)
    frame, left_out = _without_empty(frame, reading, name)
    told += left_out
    frame, short = tell_short(frame, names, widest, body, reading, top.lines)
    is_short = reading.delimiter == " " and len(top.units) < len(names)  # blanks do not tell below which names the units stand
    said = zip(names, () if is_short else (unit.strip("[]() ") for unit in top.units), strict=False)
    units = {column: unit for column, unit in said if unit.strip("-") and column in frame}
    if is_short and top.units:
        stand = f"{counted(len(top.units), 'unit')} {form(len(top.units), 'stands', 'stand')}"
        words = f"{stand} below {len(names)} names, so none is taken: blanks do not tell whose they are."
        told.append(Finding("names", tuple(top.units), words))
    if top.kinds:
        told.append(
            Finding("names", tuple(dict.fromkeys(top.kinds)), "What stands below the units says how values were made, and is no row.")
        )
    if renamed:
        told.append(Finding("names", renamed, "The names stand twice in the header; the later ones were numbered."))
    return TextTable(frame, units, (*told, *short))


def _without_empty(frame: pd.DataFrame, reading: Reading, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a table without the columns that have neither a name nor a filled cell, and that they are left out."""
    empty = [column for column in frame if re.match(r"(unnamed_|column )\d", str(column)) and frame[column].isna().all()]
    if len(empty) == len(frame.columns):
        raise CsvError(
            f"{name} has no cell with something in it. Choose a file with a header line and rows of numbers.", switch="delimiter"
        )
    if not empty:
        return frame, []
    have, are = ("has", "is") if len(empty) == 1 else ("have", "are")
    words = f"{counted(len(empty), 'column')} {have} neither a name nor a filled cell, and {are} left out."
    return frame.drop(columns=empty), [Finding("ragged", reading.ragged, words)]


def _check_rows(frame: pd.DataFrame, name: str) -> None:
    if frame.empty:
        raise CsvError(f"{name} has a header and no rows. Export it with its data.", switch="header")
    if len(frame) < 3 and frame.select_dtypes(exclude=["number", "bool"]).shape[1] > MOST_WORDS:
        raise CsvError(
            f"{name} has {counted(len(frame.columns), 'column')} and {counted(len(frame), 'row')}: its line ends may have been lost. "
            "Export it again with each row in a line of its own, or choose another delimiter.", switch="delimiter",
        )  # fmt: skip


@dataclass(frozen=True)
class _Top:
    """The records above the rows: `lines` of them, the last of which ends at the letter `end`; and the first row."""

    header: list[str]
    units: list[str]
    first: list[str]
    lines: int
    end: int
    kinds: list[str]  # of measurement, in a row below the units

    @classmethod
    def of(cls, text: str, reading: Reading, name: str) -> _Top:
        lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text)
        if reading.skip >= len(lines):
            raise CsvError(
                f"{name} has {counted(len(lines), 'line')}, of which {reading.skip} are to be skipped. Skip fewer.", switch="skip"
            )
        line, sign = lines[reading.skip], reading.comment
        if reading.header and sign and line.lstrip().startswith(sign):  # names behind a comment sign, and units below them
            lines[reading.skip] = line.replace(sign, " " * len(sign), 1)
            below = lines[reading.skip + 1] if reading.units_row and reading.skip + 1 < len(lines) else ""
            if below.lstrip().startswith(sign):
                lines[reading.skip + 1] = below.replace(sign, " " * len(sign), 1)
        used, records = reading.skip, []
        for _ in range(reading.header * reading.header_rows + reading.units_row):
            record, used = _next_record(lines, used, reading, name)
            records.append(record)
        first, _ = _next_record(lines, used, reading, name)
        if not reading.header and not first:
            raise CsvError(f"{name} has no row. Choose a file with rows of numbers.", switch="skip")
        units = records.pop() if reading.units_row and len(records) > 1 else []
        kinds: list[str] = []
        following, at = [], used
        for _ in range(MOST_BELOW_UNITS + 1 if units else 0):
            record, at = _next_record(lines, at, reading, name)
            following.append((record, at))
        values = next((record for record, _ in following if sum(map(is_number, record)) > len(record) / 3), [])
        for record, after in following:
            if not _is_below_units(record, values):
                break
            kinds, used = [*kinds, *record], after
        header = joined_names(records) if reading.header else []
        return cls(header, units, first, used, sum(map(len, lines[:used])), [kind for kind in kinds if kind])


def _is_below_units(record: list[str], values: list[str]) -> bool:
    """Return whether a row below the units says how columns were made (Avg, Smp), by what and where, and has no values.

    It has words and no number where the first row of `values` has numbers, or is a logger's, whose first cell is empty.
    """
    said = [cell for cell in record if cell]
    if bool(said) and not record[0] and all(re.fullmatch(r"[A-Za-z]+", cell) and cell not in MARKERS for cell in said):
        return True
    typed = [is_number(cell) or bool(DATE.fullmatch(cell)) for cell in values]
    above = [cell for cell, is_typed in zip(record, typed, strict=False) if is_typed and cell and cell not in MARKERS]
    are_words = [bool(re.search(r"[^\W\d_]", cell)) and not DATE.fullmatch(cell) and not is_number(cell) for cell in above]
    return len(above) > 1 and len(above) > sum(typed) / 2 and all(are_words)


def _next_record(lines: list[str], used: int, reading: Reading, name: str) -> tuple[list[str], int]:
    """Return the cells of the next line with some, or several lines where quotes hold them together, and the lines used."""
    while used < len(lines) and (not lines[used].strip() or (reading.comment and lines[used].lstrip().startswith(reading.comment))):
        used += 1
    reader = records_of(lines[used:], reading)
    try:
        record: list[str] = next(reader, [])
    except csv.Error as error:
        message = f"{name} cannot be read as CSV: {error}. Look for a missing quote in line {used + 1}."
        raise CsvError(message, switch="quote", line=used + 1) from error
    return [cell.strip() for cell in record], used + reader.line_num


def _lacks_first_name(top: _Top, text: str, reading: Reading, name: str) -> bool:
    """Return whether the header names all columns but the first, which numbers the rows, as R writes its tables."""
    if len(top.first) != len(top.header) + 1 or len(top.header) < 2:
        return False
    lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)", text[top.end :])  # the last one may be cut
    records: list[list[str]] = []
    used = 0
    while used < len(lines) and len(records) < 40:
        record, used = _next_record(lines, used, reading, name)
        records += [record] if record else []
    first = [record[0] for record in records]
    numbered = len(first) >= 5 and all(re.fullmatch(r"\d{1,15}", cell) for cell in first)
    rising = numbered and all(int(later) > int(sooner) for sooner, later in itertools.pairwise(first))
    return rising and all(len(record) == len(top.first) and record[-1] for record in records)


def column_names(cells: list[str], reading: Reading, width: int) -> tuple[list[str], tuple[str, ...]]:
    """Return the names of the columns, made up where there is none, and those that were changed because they stand twice."""
    if not reading.header:
        return [f"column {place}" for place in range(1, width + 1)], ()
    names: list[str] = []
    seen: Counter[str] = Counter()
    given = [cell.strip() or f"unnamed_{place}" for place, cell in enumerate(cells, 1)]
    for cell in given:
        seen[cell] += 1
        number, made = seen[cell], cell
        while number > 1 and ((made := f"{cell} ({number})") in given or made in names):
            number += 1
        names.append(made)
    return names, tuple(made for made, cell in zip(names, given, strict=True) if made != cell)


def check_signs(reading: Reading) -> None:
    """Check that signs are one letter, and numbers of lines no negative ones.

    Raises:
        CsvError: with the switch.
    """
    for switch, most in (("delimiter", 1), ("quote", 1), ("decimal", 1), ("thousands", 1)):
        if len(getattr(reading, switch)) > most:
            raise CsvError(f"The {switch} is one sign, got {getattr(reading, switch)!r}.", switch=switch)
    if reading.skip < 0 or reading.footer < 0:
        raise CsvError("Lines to skip are counted from 0.", switch="skip" if reading.skip < 0 else "footer")


def _frame(body: Body, names: list[str], first: int, reading: Reading, name: str, above: int) -> pd.DataFrame:
    """Return the parsed rows, where lines are longer than the header with columns beyond its names, whose own begin with a zero byte."""
    surplus = [f"\0{place}" for place in range(first - len(names))]  # pandas drops what stands beyond its names
    try:
        return _parse(body, [*names, *surplus], reading)
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=names)
    except pd.errors.ParserError as error:
        if "EOF inside string" in str(error):
            line = open_quote(body, reading, above)
            message = f"{name} cannot be read as CSV: a quote is opened in line {line} and never closed. Look for a missing quote."
            raise CsvError(message, switch="quote", line=line) from error
        if "Expected" not in str(error):
            raise CsvError(f"{name} cannot be read as CSV: {error}. Look for a missing quote.", switch="quote") from error
        widest, line, width = widths(body, reading, len(names) + len(surplus), above)
    if reading.ragged == "refuse":
        line, width = widths(body, reading, len(names), above)[1:] if surplus else (line, width)
        raise too_wide(name, line, width, len(names), reading)
    return _parse(body, [*names, *(f"\0{place}" for place in range(widest - len(names)))], reading)


def _parse(body: Body, names: list[str], reading: Reading) -> pd.DataFrame:
    """Return the parsed rows. In parts, which is faster and takes less memory, unless a column's parts are of two kinds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        frame = _parse_once(body, names, reading, in_parts=True)
    mixed = any(isinstance(kind, np.dtype) and kind.kind == "O" for kind in frame.dtypes)
    frame = _parse_once(body, names, reading, in_parts=False) if mixed else frame
    huge = [
        name for name, kind in frame.dtypes.items() if isinstance(kind, np.dtype) and kind.kind == "O"
    ]  # whole numbers beyond 64 bits, as Python's own
    return frame.assign(**{str(name): _plain(frame[name]) for name in huge}) if huge else frame


def _plain(cells: pd.Series) -> pd.Series:
    text = cells.map(str, na_action="ignore").astype("str")
    values = pd.to_numeric(text, errors="coerce")
    return values if values.notna().sum() == text.notna().sum() else text


def _parsed_decimal(reading: Reading) -> str:
    """Return the decimal sign for the parser: it takes none that is the delimiter, and a point that marks thousands is no decimal one."""
    if reading.decimal != reading.delimiter:
        return reading.decimal
    return NO_DECIMAL if reading.thousands == "." else "."


def _parse_once(body: Body, names: list[str], reading: Reading, *, in_parts: bool) -> pd.DataFrame:
    with body.open() as stream:
        return pd.read_csv(
            stream,
            sep=r"\s+" if reading.delimiter == " " else reading.delimiter or ONE_COLUMN,
            quotechar=reading.quote or '"',
            quoting=csv.QUOTE_MINIMAL if reading.quote else csv.QUOTE_NONE,
            decimal=_parsed_decimal(reading),
            names=names,
            header=None,
            dtype=dict.fromkeys(set(reading.split) & set(names), "str") or None,  # with its flags each cell is text
            index_col=False,  # or pandas takes a surplus first field as an index
            low_memory=in_parts,
            skipinitialspace=body.spaced,
            encoding=body.codec,
            encoding_errors="strict" if body.codec.startswith("utf-8") else "replace",
            keep_default_na=False,
            na_values=EMPTY,
            on_bad_lines="error",
            engine="c",
        )
