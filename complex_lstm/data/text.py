"""The bytes of a text file: one pass over all of them, their encoding, and from the first and last lines how it is to be read."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from complex_lstm.data.containers import HEAD, Unpacked, size_of
from complex_lstm.data.dialect import Sample, find_dialect
from complex_lstm.data.encoding import find_encoding, old_encoding
from complex_lstm.data.findings import Finding
from complex_lstm.data.looks import split_lines
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading
from complex_lstm.wording import counted, form

PART, NEW_LINE = 2**20, 10
MOST_HEAD = 2**22  # bytes that are looked at where lines are long


@dataclass(frozen=True)
class Scan:
    """What one pass over a file tells: its sha256, its line ends, whether it has zero bytes, and the lines that end it empty."""

    fingerprint: str
    line_ends: int
    zeros: int
    empty_at_end: int


def scan(source: bytes | Path) -> Scan:
    """Return what one pass over all bytes tells."""
    digest, ends, returns, zeros, last = hashlib.sha256(), 0, 0, 0, b""
    for chunk in chunks(source):
        digest.update(chunk)
        for start in range(0, len(chunk), PART):
            signs = np.frombuffer(chunk, dtype=np.uint8, count=min(PART, len(chunk) - start), offset=start)
            ends += int(np.count_nonzero(signs == NEW_LINE))  # many short lines are counted faster than by bytes.count
        zeros += chunk.count(b"\0")
        returns += chunk.count(b"\r") if not ends else 0
        last = chunk[-4096:] if len(chunk) >= 4096 else (last + chunk)[-4096:]
    sign = b"\n" if ends else b"\r"
    blank = last[len(last.rstrip()) :].count(sign)
    total = (ends or returns) + (not last.endswith(sign))
    return Scan(digest.hexdigest(), total, zeros, max(0, blank - 1) if last.endswith(sign) else blank)


def chunks(source: bytes | Path) -> Iterator[bytes]:
    """Return the bytes of a file, a part at a time; bytes at once."""
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
    start = first_bytes(unpacked)
    if "encoding" in given:
        findings: tuple[Finding, ...] = (Finding("encoding", given["encoding"], "As you set it."),)
    else:
        _refuse_binary(start, name)
        found = find_encoding(start, name)
        findings = (Finding("encoding", found.name, found.reason, found.others),)
    encoding = str(findings[0].value)
    if len(start) < HEAD and encoding in ("utf-8-sig", "utf-16", "utf-32"):
        check_text(start, Reading(encoding=encoding), name)
    unpacked, zeros = without_zeros(unpacked, scanned, encoding)
    if zeros:
        findings = (
            replace(findings[0], reason=f"{findings[0].reason} {counted(zeros, 'zero byte')} {form(zeros, 'is', 'are')} left out."),
        )
    try:
        reading, more = find_dialect(_sample(unpacked, encoding, name), given, encoding)
    except CsvError as error:
        why = str(error) if str(error).startswith("has ") else f"cannot be read as CSV: {error}"
        raise CsvError(f"{name} {why}", switch=error.switch, line=error.line) from error
    return reading, unpacked, (*findings, *more)


def _refuse_binary(head: bytes, name: str) -> None:
    """Raise for bytes with many zeros among them that are no UTF-16, or other signs that no text has."""
    zeros = head.count(0)
    sides = sorted(head[side::2].count(0) for side in (0, 1))
    other = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", head))
    if zeros and sides[0] > 0.1 * sides[1] and (other > len(head) // 50 or (zeros > len(head) // 3 and len(head.strip(b"\0")) < 200)):
        raise CsvError(f"{name} is a binary file (it has zero bytes), not a CSV. From a spreadsheet, use 'save as CSV'.")


def first_bytes(unpacked: Unpacked) -> bytes:
    """Return the first bytes of a text: more than usual where lines are long."""
    size = HEAD
    while len(re.findall(rb"\n|\r(?!\n)", start := unpacked.head(size))) < 20 and len(start) == size and size < MOST_HEAD:
        size *= 8
    return start


def _sample(unpacked: Unpacked, encoding: str, name: str) -> Sample:
    start = first_bytes(unpacked)
    text = decode_start(start, encoding, name)
    size = size_of(unpacked.content)
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


def check_text(content: bytes, reading: Reading, name: str) -> None:
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
