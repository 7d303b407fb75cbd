"""Feather files (Arrow's file format), whose size is known before a byte of them is unpacked."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pandas as pd
import pyarrow.ipc

from complex_lstm.data.containers import check_size

START = 8  # bytes of the file's mark; what follows is a stream of messages
_DICTIONARY, _RECORDS = 2, 3  # kinds of message, by Arrow's Message.fbs
_CELL = 8  # bytes that a cell takes once it is a number in a table


def feather_frame(source: io.BytesIO | Path, name: str, limit: int) -> pd.DataFrame:
    """Return the table in a Feather file of the second version.

    It is read as the stream of messages that was measured, so that no index at the end can lead to others.

    Raises:
        CsvError: unpacked it has more bytes than `limit`, whatever its batches are.
        pyarrow.ArrowException, struct.error: damaged.
    """
    if isinstance(source, io.BytesIO):
        stream = pyarrow.py_buffer(source.getvalue()).slice(START)
    else:
        stream = pyarrow.memory_map(str(source)).read_buffer().slice(START)
    size = 0
    for message in pyarrow.ipc.MessageReader.open_stream(stream):
        size += _unpacked_size(memoryview(message.metadata), memoryview(message.body or b""))
        check_size(size, limit, name, unpacked=True)
    return pyarrow.ipc.open_stream(stream).read_all().to_pandas()


def _unpacked_size(metadata: memoryview, body: memoryview) -> int:
    """Return how many bytes a message's cells take unpacked, which its FlatBuffers metadata and the heads of its buffers say."""
    message = _Table(metadata, _at("<I", metadata, 0))
    kind = message.number("<B", 1)
    if kind not in (_DICTIONARY, _RECORDS):
        return 0
    header = message.table(2)
    records = header if kind == _RECORDS else header.table(1)
    size = 0
    for offset, length in records.pairs(2):
        said = _at("<q", body, offset) if records.has(3) and length >= _CELL else -1  # a packed buffer begins with its length unpacked
        size += max(said, length)
    return max(size, _CELL * records.number("<q", 0) * len(records.pairs(1)))


class _Table:
    """A table of a FlatBuffer: its fields by their numbers in the schema."""

    def __init__(self, content: memoryview, place: int) -> None:
        self.content, self.place = content, place
        self.fields = place - _at("<i", content, place)
        self.size = _at("<H", content, self.fields)

    def _field(self, number: int) -> int:
        at = 4 + 2 * number
        return _at("<H", self.content, self.fields + at) if at < self.size else 0

    def has(self, number: int) -> bool:
        return self._field(number) > 0

    def number(self, kind: str, number: int) -> int:
        return _at(kind, self.content, self.place + self._field(number)) if self.has(number) else 0

    def _target(self, number: int) -> int:
        place = self.place + self._field(number)
        return place + _at("<I", self.content, place)

    def table(self, number: int) -> _Table:
        return _Table(self.content, self._target(number))

    def pairs(self, number: int) -> list[tuple[int, int]]:
        """Return a vector of structures of two long numbers."""
        if not self.has(number):
            return []
        start = self._target(number)
        count = _at("<I", self.content, start)
        return [struct.unpack_from("<qq", self.content, start + 4 + 16 * one) for one in range(count)]


def _at(kind: str, content: memoryview, place: int) -> int:
    return int(struct.unpack_from(kind, content, place)[0])
