"""From the bytes of a text file to a frame, with its column names, its units and the line of each row.

The C parser gets the bytes as they are, from where the rows begin to where they end. Only what it cannot do is done to a
copy first: zero bytes and comment lines are cut out. Line numbers are counted one by one only where they cannot be told from
the number of lines.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from complex_lstm.data.containers import HEAD, Unpacked
from complex_lstm.data.dialect import Sample, find_dialect, split_lines
from complex_lstm.data.encoding import find_encoding, old_encoding
from complex_lstm.data.findings import Finding
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading

MOST_HEAD = 2**22  # bytes that are looked at where lines are long
EMPTY = ["", "NaN", "nan", "NAN"]
ONE_COLUMN = "\x1f"  # a delimiter that no text has


@dataclass(frozen=True)
class Scan:
    """What one pass over a file tells: its sha256, its line ends, whether it has zero bytes, and the lines that end it empty."""

    fingerprint: str
    line_ends: int
    zeros: int
    empty_at_end: int


@dataclass(frozen=True)
class TextTable:
    """A frame whose index is the line of each row, the units of its columns where the file has them, and renamed columns."""

    frame: pd.DataFrame
    units: dict[str, str]
    renamed: tuple[str, ...]
    reading: Reading


def scan(source: bytes | Path) -> Scan:
    """Return what one pass over all bytes tells."""
    digest, ends, returns, zeros, last = hashlib.sha256(), 0, 0, 0, b""
    for chunk in _chunks(source):
        digest.update(chunk)
        ends += chunk.count(b"\n")
        zeros += chunk.count(b"\0")
        returns += chunk.count(b"\r") if not ends else 0
        last = chunk[-4096:] if len(chunk) >= 4096 else (last + chunk)[-4096:]
    sign = b"\n" if ends else b"\r"
    blank = last[len(last.rstrip()) :].count(sign)
    total = (ends or returns) + (not last.endswith(sign))
    return Scan(digest.hexdigest(), total, zeros, max(0, blank - 1) if last.endswith(sign) else blank)


def _chunks(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(2**20):
            yield chunk


def without_zeros(unpacked: Unpacked, scanned: Scan, encoding: str) -> tuple[Unpacked, int]:
    """Return a text without its zero bytes, and how many they were; UTF-16's own are left in."""
    if not scanned.zeros or encoding.startswith(("utf-16", "utf-32")):
        return unpacked, 0
    return replace(unpacked, content=unpacked.all().replace(b"\0", b"")), scanned.zeros


def find_reading(unpacked: Unpacked, scanned: Scan, name: str, given: dict[str, Any]) -> tuple[Reading, Unpacked, tuple[Finding, ...]]:
    """Return the likeliest reading of a text file, the text as it is to be read, and the reasons.

    Raises:
        CsvError: no text, or no line with something in it.
    """
    start = _head(unpacked)
    if "encoding" in given:
        findings: tuple[Finding, ...] = (Finding("encoding", given["encoding"], "As you set it."),)
    else:
        _refuse_binary(start, name)
        found = find_encoding(start, name)
        findings = (Finding("encoding", found.name, found.reason, found.others),)
    encoding = str(findings[0].value)
    if len(start) < HEAD and encoding in ("utf-8-sig", "utf-16", "utf-32"):
        _check_whole(start, Reading(encoding=encoding), name)
    unpacked, zeros = without_zeros(unpacked, scanned, encoding)
    if zeros:
        findings = (replace(findings[0], reason=f"{findings[0].reason} {zeros:,} zero byte(s) are left out."),)
    try:
        reading, more = find_dialect(_sample(unpacked, encoding, name), given, encoding)
    except CsvError as error:
        raise CsvError(f"{name} {_first_small(str(error))}", switch=error.switch, line=error.line) from error
    return reading, unpacked, (*findings, *more)


def _first_small(message: str) -> str:
    return message if message.startswith("has ") else f"cannot be read as CSV: {message}"


def _refuse_binary(head: bytes, name: str) -> None:
    """Raise for bytes with many zeros among them that are no UTF-16, or other signs that no text has."""
    zeros = head.count(0)
    sides = sorted(head[side::2].count(0) for side in (0, 1))
    other = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", head))
    if zeros and sides[0] > 0.1 * sides[1] and (other > len(head) // 50 or (zeros > len(head) // 3 and len(head.strip(b"\0")) < 200)):
        raise CsvError(f"{name} is a binary file (it has zero bytes), not a CSV. From a spreadsheet, use 'save as CSV'.")


def _head(unpacked: Unpacked) -> bytes:
    """Return the first bytes: more than usual where lines are long."""
    size = HEAD
    while len(re.findall(rb"\n|\r(?!\n)", start := unpacked.head(size))) < 20 and len(start) == size and size < MOST_HEAD:
        size *= 8
    return start


def _sample(unpacked: Unpacked, encoding: str, name: str) -> Sample:
    start = _head(unpacked)
    text = decode_start(start, encoding, name)
    size = len(unpacked.content) if isinstance(unpacked.content, bytes) else unpacked.content.stat().st_size
    lines = split_lines(text)
    if len(start) == size:
        return Sample(tuple(lines), tuple(lines[-40:]))
    if isinstance(unpacked.content, bytes):
        end = unpacked.content[-16_384:]
    else:
        with unpacked.content.open("rb") as file:
            file.seek(-16_384, io.SEEK_END)
            end = file.read()
    codec, _ = byte_order(start, encoding)
    if codec.startswith(("utf-16", "utf-32")):
        end = end[len(end) % 4 :]
    return Sample(tuple(lines[:-1] if len(lines) > 1 else lines), tuple(split_lines(end.decode(codec, errors="replace"))[1:]))


def byte_order(start: bytes, encoding: str) -> tuple[str, int]:
    """Return the codec that reads from the middle of a text in this encoding, and the length of the mark that it begins with."""
    if encoding == "utf-8-sig":
        return "utf-8", 3 if start.startswith(codecs.BOM_UTF8) else 0
    if encoding in ("utf-16", "utf-32"):
        mark = 2 if encoding == "utf-16" else 4
        return f"{encoding}-{'be' if start[:1] in (bytes([0xFE]), bytes(1)) else 'le'}", mark
    return encoding, 0


def decode_start(start: bytes, encoding: str, name: str) -> str:
    """Return the text of the first bytes, where the last letter may be cut.

    Raises:
        CsvError: they are no text in this encoding, or there is none of this name.
    """
    try:
        codec, mark = byte_order(start, encoding)
        return codecs.getincrementaldecoder(codec)("strict").decode(start[mark:])
    except UnicodeDecodeError:
        return start[mark:].decode(codec, errors="replace")  # where it matters, the parser finds the place
    except LookupError as error:
        raise CsvError(f"{encoding!r} is no encoding known here. Choose one such as utf-8, cp1252 or utf-16.", switch="encoding") from error


def parse(unpacked: Unpacked, scanned: Scan, reading: Reading, name: str) -> TextTable:
    """Return the table of a text, read as the reading says.

    Raises:
        CsvError: bytes that are no text in the encoding, no row, an open quote, or a line with too many cells.
    """
    _check_signs(reading)
    start = _head(unpacked)
    codec, mark = byte_order(start, reading.encoding)
    text = decode_start(start, reading.encoding, name)
    top = _Top.of(text, reading, name)
    begin = mark + len(text[: top.end].encode(codec, errors="replace"))
    names, renamed = column_names(top.header, reading, len(top.first))
    if not top.first and not text[top.end :].strip():
        raise CsvError(f"{name} has a header and no rows. Export it with its data.", switch="header")
    body = _Body(unpacked, begin, codec, reading)
    try:
        frame, names = _frame(body, names, len(top.first), reading, name, top.lines)
    except UnicodeDecodeError as error:
        _check_whole(unpacked.all(), reading, name)
        raise CsvError(f"{name} is no text in {reading.encoding}. Save it as CSV in UTF-8.", switch="encoding") from error
    if frame.empty:
        raise CsvError(f"{name} has a header and no rows. Export it with its data.", switch="header")
    expected = scanned.line_ends - top.lines - reading.footer - scanned.empty_at_end
    frame.index = (
        pd.RangeIndex(top.lines + 1, top.lines + 1 + len(frame), name="line")
        if expected == len(frame) and not body.cut
        else pd.Index(_exact_lines(unpacked, begin, codec, reading, top.lines, len(frame)), name="line")
    )
    frame = _without_surplus(frame, names, reading, name)
    empty = [column for column in frame if re.match(r"(unnamed_|column )\d", str(column)) and frame[column].isna().all()]
    if len(empty) == len(frame.columns):
        raise CsvError(
            f"{name} has no cell with something in it. Choose a file with a header line and rows of numbers.", switch="delimiter"
        )
    frame = frame.drop(columns=empty) if empty else frame
    said = zip(names, (unit.strip("[]() ") for unit in top.units), strict=False)
    units = {column: unit for column, unit in said if unit.strip("-") and column in frame}
    return TextTable(frame, units, renamed, reading)


@dataclass(frozen=True)
class _Top:
    """The records above the rows: `lines` of them, the last of which ends at the letter `end`; and the first row."""

    header: list[str]
    units: list[str]
    first: list[str]
    lines: int
    end: int

    @classmethod
    def of(cls, text: str, reading: Reading, name: str) -> _Top:
        lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text)
        if reading.skip >= len(lines):
            raise CsvError(f"{name} has {len(lines)} lines, of which {reading.skip} are to be skipped. Skip fewer.", switch="skip")
        line, sign = lines[reading.skip], reading.comment
        if reading.header and sign and line.lstrip().startswith(sign):  # names behind a comment sign
            lines[reading.skip] = line.replace(sign, " " * len(sign), 1)
        used, records = reading.skip, []
        for _ in range(reading.header + reading.units_row):
            record, used = _next_record(lines, used, reading, name)
            records.append(record)
        first, _ = _next_record(lines, used, reading, name)
        if not reading.header and not first:
            raise CsvError(f"{name} has no row. Choose a file with rows of numbers.", switch="skip")
        header = records[0] if reading.header else []
        return cls(header, records[1] if reading.units_row and len(records) > 1 else [], first, used, sum(map(len, lines[:used])))


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


def records_of(lines: Any, reading: Reading) -> Any:
    """Return a reader of records that knows its line, by Python's own csv module."""
    if reading.delimiter == " ":
        lines = (re.sub(r"[ \t]+", " ", line.strip(" \t")) for line in lines)
    delimiter = reading.delimiter or ONE_COLUMN
    if not reading.quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=reading.quote, skipinitialspace=True)


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


def _check_signs(reading: Reading) -> None:
    for switch, most in (("delimiter", 1), ("quote", 1), ("decimal", 1), ("thousands", 1)):
        if len(getattr(reading, switch)) > most:
            raise CsvError(f"The {switch} is one sign, got {getattr(reading, switch)!r}.", switch=switch)
    if reading.decimal == reading.thousands:
        raise CsvError(f"{reading.decimal!r} cannot be both the decimal and the thousands sign. Change one.", switch="thousands")
    if reading.skip < 0 or reading.footer < 0:
        raise CsvError("Lines to skip are counted from 0.", switch="skip" if reading.skip < 0 else "footer")


class _Body:
    """The bytes of the rows, again for each `open`: `cut` tells that lines between them were taken out."""

    def __init__(self, unpacked: Unpacked, begin: int, codec: str, reading: Reading) -> None:
        self.content, self.begin, self.codec = unpacked.content, begin, codec
        self.cut = False
        sign = reading.comment.encode(codec) if reading.comment else b""
        if sign and any(sign in chunk for chunk in _chunks(unpacked.content)):
            whole = unpacked.all()[begin:].decode(codec, errors="surrogateescape")
            kept = re.sub(rf"(?m)^[ \t]*{re.escape(reading.comment)}[^\r\n]*(?:\r\n|\n|\r|\Z)", "", whole)
            self.cut = len(kept) != len(whole)
            self.content, self.begin = kept.encode(codec, errors="surrogateescape"), 0
        self.end = self._end(reading.footer)
        self.spaced = self._spaced(reading.delimiter)

    def _end(self, footer: int) -> int:
        size = len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size
        if not footer:
            return size
        with self._whole() as file:
            file.seek(max(self.begin, size - 2**20))
            last = file.read().decode(self.codec, errors="surrogateescape" if self.codec == "utf-8" else "replace")
        lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", last)
        filled = [place for place, line in enumerate(lines) if line.strip()]
        off = "".join(lines[filled[-footer] :] if footer <= len(filled) else lines)
        return max(self.begin, size - len(off.encode(self.codec, errors="surrogateescape" if self.codec == "utf-8" else "replace")))

    def _spaced(self, delimiter: str) -> bool:
        """Return whether blanks follow delimiters in the first or the last rows; to skip them everywhere takes time."""
        with self._whole() as file:
            file.seek(self.begin)
            start = file.read(HEAD)
            file.seek(max(self.begin, self.end - HEAD))
            some = (start + b"\n" + file.read(HEAD)).decode(self.codec, errors="replace")
        return not delimiter or f"{delimiter} " in some or "\n " in some

    def _whole(self) -> io.BufferedIOBase:
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def open(self) -> Any:
        """Return the rows as a stream."""
        file = self._whole()
        file.seek(self.begin)
        size = len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size
        return file if self.end == size else io.BufferedReader(_Limited(file, self.end - self.begin))


class _Limited(io.RawIOBase):
    """A stream that ends after so many bytes."""

    def __init__(self, file: io.BufferedIOBase, left: int) -> None:
        self.file, self.left = file, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self.file.read(min(len(buffer), self.left))
        buffer[: len(part)] = part
        self.left -= len(part)
        return len(part)

    def close(self) -> None:
        self.file.close()
        super().close()


def _frame(body: _Body, names: list[str], first: int, reading: Reading, name: str, above: int) -> tuple[pd.DataFrame, list[str]]:
    """Return the parsed rows, and the names of their columns: with `ragged` "fill" there may be more than the header's."""
    surplus = [f"\0{place}" for place in range(first - len(names))]  # pandas drops what stands beyond its names
    try:
        return _parse(body, [*names, *surplus], reading), names
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=names), names
    except pd.errors.ParserError as error:
        if "EOF inside string" in str(error):
            line = _open_quote(body, reading, above)
            message = f"{name} cannot be read as CSV: a quote is opened in line {line} and never closed. Look for a missing quote."
            raise CsvError(message, switch="quote", line=line) from error
        if "Expected" not in str(error):
            raise CsvError(f"{name} cannot be read as CSV: {error}. Look for a missing quote.", switch="quote") from error
        widest, line, width = _widths(body, reading, len(names) + len(surplus), above)
    if reading.ragged == "refuse":
        line, width = _widths(body, reading, len(names), above)[1:] if surplus else (line, width)
        raise _too_wide(name, line, width, len(names), reading)
    more = [f"column {place}" for place in range(len(names) + 1, widest + 1)]
    return _parse(body, [*names, *more], reading), [*names, *more]


def _parse(body: _Body, names: list[str], reading: Reading) -> pd.DataFrame:
    """Return the parsed rows. In parts, which is faster and takes less memory, unless a column's parts are of two kinds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        frame = _parse_once(body, names, reading, in_parts=True)
    mixed = any(isinstance(kind, np.dtype) and kind.kind == "O" for kind in frame.dtypes)
    return _parse_once(body, names, reading, in_parts=False) if mixed else frame


def _parse_once(body: _Body, names: list[str], reading: Reading, *, in_parts: bool) -> pd.DataFrame:
    with body.open() as stream:
        return pd.read_csv(
            stream,
            sep=r"\s+" if reading.delimiter == " " else reading.delimiter or ONE_COLUMN,
            quotechar=reading.quote or '"',
            quoting=csv.QUOTE_MINIMAL if reading.quote else csv.QUOTE_NONE,
            decimal="." if reading.decimal == reading.delimiter else reading.decimal,
            names=names,
            header=None,
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


def _text_lines(body: _Body) -> Iterator[str]:
    with body.open() as stream, io.TextIOWrapper(stream, encoding=body.codec, errors="replace", newline="") as text:
        for line in text:
            yield from re.findall(r"[^\r]*\r(?!\n)|[^\r]+(?:\r\n)?$|[^\r]+", line) if "\r" in line.rstrip("\r\n") else [line]


def _widths(body: _Body, reading: Reading, expected: int, above: int) -> tuple[int, int, int]:
    """Return the cells of the longest record, and line and cells of the first one with more than expected."""
    reader, widest, found = records_of(_text_lines(body), reading), 0, (0, 0)
    begun = 0
    for record in reader:
        if len(record) > expected and not found[0]:
            found = (above + begun + 1, len(record))
        widest, begun = max(widest, len(record)), reader.line_num
    return widest, *found


def _open_quote(body: _Body, reading: Reading, above: int) -> int:
    reader = records_of(_text_lines(body), reading)
    begun = last = 0
    try:
        for _ in reader:
            begun, last = last, reader.line_num
    except csv.Error:
        return above + last + 1
    return above + begun + 1


def _exact_lines(unpacked: Unpacked, begin: int, codec: str, reading: Reading, above: int, rows: int) -> np.ndarray:
    """Return the line of each row, counted one by one past blank ones, comments and quoted line ends."""
    text = unpacked.all()[begin:].decode(codec, errors="replace")
    sign = reading.comment
    numbered = enumerate(split_lines(text), above + 1)
    filled = [number for number, line in numbered if line.strip() and not (sign and line.lstrip().startswith(sign))]
    filled = filled[: len(filled) - reading.footer]
    if len(filled) == rows:
        return np.array(filled)
    lines = split_lines(text)
    marked = ("" if sign and line.lstrip().startswith(sign) else line + "\n" for line in lines)  # an empty text is no record
    reader, starts, begun = records_of(marked, reading), [], 0
    try:
        for record in reader:
            if record and (len(record) > 1 or record[0].strip()):
                starts.append(above + begun + 1)
            begun = reader.line_num
    except csv.Error:
        starts = []
    return np.array(starts[:rows]) if len(starts) >= rows else np.arange(above + 1, above + 1 + rows)


def _without_surplus(frame: pd.DataFrame, names: list[str], reading: Reading, name: str) -> pd.DataFrame:
    """Return the frame without the columns beyond its names, unless a cell there is filled: a delimiter may end a line."""
    beyond = frame.iloc[:, len(names) :]
    if not beyond.shape[1]:
        return frame
    filled = beyond.notna()
    if filled.any(axis=None):
        if reading.ragged == "fill":
            kept = [column for column in beyond if filled[column].any()]
            made = {column: f"column {len(names) + 1 + place}" for place, column in enumerate(beyond.columns)}
            return frame[[*names, *kept]].rename(columns=made)
        row = int(np.argmax(filled.any(axis=1)))
        saw = len(names) + int(np.nonzero(filled.iloc[row])[0][-1]) + 1
        raise _too_wide(name, int(frame.index[row]), saw, len(names), reading)
    return frame[names]


def _too_wide(name: str, line: int, saw: int, expected: int, reading: Reading) -> CsvError:
    which = "the header has" if reading.header else "the first row has"
    return CsvError(
        f"{name}, line {line} has {saw} fields, {which} {expected}. Look for a stray {reading.delimiter!r} or a missing quote, "
        f"or let further columns be made up for them (ragged lines).",
        switch="ragged",
        line=line,
    )


def _check_whole(content: bytes, reading: Reading, name: str) -> None:
    """Raise where bytes are no text in the encoding."""
    try:
        content.decode(reading.encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        begins = "begins as" if reading.encoding in ("utf-8-sig", "utf-16", "utf-32") else "is read as"
        message = f"{name} {begins} {reading.encoding} text and is none at byte {error.start}. Save it as CSV in UTF-8."
        raise CsvError(message, switch="encoding", line=line) from error


def other_encoding(unpacked: Unpacked, name: str) -> Finding:
    """Return the encoding of a text that began as plain ASCII and is not UTF-8 further on."""
    found = old_encoding(unpacked.all(), name)
    return Finding("encoding", found.name, found.reason, found.others)
