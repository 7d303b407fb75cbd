"""The rows of a text as a stream of bytes for the parser, and as records that know their line, where those are asked for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from complex_lstm.data.containers import HEAD, Unpacked, size_of
from complex_lstm.data.looks import ONE_COLUMN, split_lines
from complex_lstm.data.text import chunks
from complex_lstm.recipe import Reading

BYTEWISE = ("utf-8", "ascii", "cp12", "latin", "iso8859", "koi8")  # encodings in which a sign's byte is always that sign


class Body:
    """The bytes of the rows, again for each `open`: `cut` tells that lines between them were taken out."""

    def __init__(self, unpacked: Unpacked, begin: int, codec: str, reading: Reading) -> None:
        self.content, self.begin, self.codec = unpacked.content, begin, codec
        self.of_file, self.begin_of_file = unpacked.content, begin
        self.cut = False
        sign = reading.comment.encode(codec) if reading.comment else b""
        if sign and any(sign in chunk for chunk in chunks(unpacked.content)):
            whole = unpacked.all()[begin:].decode(codec, errors="surrogateescape")
            kept = re.sub(rf"(?m)^[ \t]*{re.escape(reading.comment)}[^\r\n]*(?:\r\n|\n|\r|\Z)", "", whole)
            self.cut = len(kept) != len(whole)
            self.content, self.begin = kept.encode(codec, errors="surrogateescape"), 0
        self.end = self._end(reading.footer)
        self.spaced = self._spaced(reading.delimiter)

    def _end(self, footer: int) -> int:
        size = size_of(self.content)
        if not footer:
            return size
        with _stream(self.content, max(self.begin, size - 2**20)) as file:
            last = file.read().decode(self.codec, errors="surrogateescape" if self.codec == "utf-8" else "replace")
        lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", last)
        filled = [place for place, line in enumerate(lines) if line.strip()]
        off = "".join(lines[filled[-footer] :] if footer <= len(filled) else lines)
        return max(self.begin, size - len(off.encode(self.codec, errors="surrogateescape" if self.codec == "utf-8" else "replace")))

    def _spaced(self, delimiter: str) -> bool:
        """Return whether blanks follow delimiters in the first or the last rows; to skip them everywhere takes time."""
        with _stream(self.content, self.begin) as file:
            start = file.read(HEAD)
            file.seek(max(self.begin, self.end - HEAD))
            some = (start + b"\n" + file.read(HEAD)).decode(self.codec, errors="replace")
        return not delimiter or f"{delimiter} " in some or "\n " in some

    def lines(self) -> Iterator[str]:
        """Yield the lines as the file has them, also those that are taken out, and to its end."""
        return text_lines(_stream(self.of_file, self.begin_of_file), self.codec)

    def lines_from(self, above: int, wanted: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield numbered lines as the file has them, the wanted ones and some around them: parts of the file without one are only counted.

        The body's first line has the number `above` + 1.
        """
        parts = chunks(self.of_file)
        plain = self.codec.startswith(BYTEWISE) and all(part.count(b"\r") == part.count(b"\r\n") for part in parts)
        if not plain:
            yield from enumerate(self.lines(), above + 1)
            return
        number, rest, left, is_near = above + 1, b"", iter(wanted), False
        following = next(left, None)
        with _stream(self.of_file, self.begin_of_file) as file:
            while following is not None and (part := file.read(2**20) or (b"\n" if rest else b"")):
                whole, sign, rest = (rest + part).rpartition(b"\n")
                count = whole.count(b"\n") + 1 if sign else 0
                is_here = following < number + count
                if count and (is_here or is_near):  # a record may go on in the part behind
                    yield from enumerate((f"{line}\n" for line in whole.decode(self.codec, errors="replace").split("\n")), number)
                while following is not None and following < number + count:
                    following = next(left, None)
                number, is_near = number + count, is_here

    def ends_with_line_end(self) -> bool:
        """Return whether the last line of the file is whole."""
        with _stream(self.content, max(self.begin, self.end - 4)) as file:
            return file.read().rstrip(b"\0").endswith((b"\n", b"\r"))

    def count(self, sign: str) -> int:
        """Return how often a sign stands in the rows: a pass over the bytes."""
        found, counted = sign.encode(self.codec), 0
        with self.open() as stream:
            while part := stream.read(2**20):
                counted += part.count(found)
        return counted

    def open(self) -> Any:
        """Return the rows as a stream."""
        file = _stream(self.content, self.begin)
        return file if self.end == size_of(self.content) else io.BufferedReader(_Limited(file, self.end - self.begin))


def _stream(content: bytes | Path, begin: int) -> io.BufferedIOBase:
    file = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
    file.seek(begin)
    return file


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


def records_of(lines: Any, reading: Reading) -> Any:
    """Return a reader of records that knows its line, by Python's own csv module."""
    if reading.delimiter == " ":
        lines = (re.sub(r"[ \t]+", " ", line.strip(" \t")) for line in lines)
    delimiter = reading.delimiter or ONE_COLUMN
    if not reading.quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=reading.quote, skipinitialspace=True)


def text_lines(stream: Any, codec: str) -> Iterator[str]:
    """Yield the lines of a stream of bytes with their ends, which it closes."""
    with stream, io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="") as text:
        for line in text:
            yield from re.findall(r"[^\r]*\r(?!\n)|[^\r]+(?:\r\n)?$|[^\r]+", line) if "\r" in line.rstrip("\r\n") else [line]


def widths(body: Body, reading: Reading, expected: int, above: int) -> tuple[int, int, int]:
    """Return the cells of the longest record, and line and cells of the first one with more than expected."""
    reader, widest, found = records_of(text_lines(body.open(), body.codec), reading), 0, (0, 0)
    begun = 0
    for record in reader:
        if len(record) > expected and not found[0]:
            found = (above + begun + 1, len(record))
        widest, begun = max(widest, len(record)), reader.line_num
    return widest, *found


def open_quote(body: Body, reading: Reading, above: int) -> int:
    reader = records_of(text_lines(body.open(), body.codec), reading)
    begun = last = 0
    try:
        for _ in reader:
            begun, last = last, reader.line_num
    except csv.Error:
        return above + last + 1
    return above + begun + 1


def exact_lines(unpacked: Unpacked, begin: int, codec: str, reading: Reading, above: int, rows: int) -> np.ndarray:
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
