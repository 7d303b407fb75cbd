"""Zip files from strangers: bounded before they are unpacked, by the number of entries, their sizes and how much they claim to shrink."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from zipfile import ZipFile

PIECE = 2**20
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
LONGEST_END = 22 + 65_535  # the record at the end, and the comment after it
AN_ENTRY = 512  # bytes of the list of contents for each entry: a longer name than any of ours
# What zipfile raises for damaged ones: cut off, with a password, with offsets beyond the file, with impossible dates or names
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError, OverflowError, struct.error, OSError)


class TooLargeError(Exception):
    """A zip that claims to hold more than is unpacked. The message says in words what it holds and what the bound is."""


@contextmanager
def open_zip(file: BinaryIO, *, entries: int, expanded: int, ratio: float) -> Iterator[ZipFile]:
    """Yield a zip that is safe to unpack in pieces: no more entries, no more bytes, and no higher ratio than these.

    Python reads the whole list of contents into memory, 500 bytes an entry, so that its length is looked at before. A megabyte may
    shrink as far as it likes.

    Raises:
        TooLargeError: it holds more.
        zipfile.BadZipFile, and the others of ZIP_ERRORS: damaged.
    """
    size = file.seek(0, os.SEEK_END)
    if (listed := _size_of_list(file)) > entries * AN_ENTRY:
        raise TooLargeError(f"a list of contents of {listed:,} bytes, at most {entries:,} files are taken")
    file.seek(0)
    with ZipFile(file) as archive:
        found = archive.infolist()
        unpacked = sum(one.file_size for one in found)
        if len(found) > entries:
            raise TooLargeError(f"{len(found):,} files, at most {entries:,} are taken")
        if unpacked > expanded:
            raise TooLargeError(f"{unpacked / 2**20:,.0f} MB once it is unpacked, at most {expanded / 2**20:,.0f} MB are taken")
        if unpacked > ratio * size + PIECE:
            raise TooLargeError(f"{unpacked:,} bytes once it is unpacked, more than {ratio:g} times its own {size:,}")
        yield archive


def _size_of_list(file: BinaryIO) -> int:
    """Return how many bytes the list of contents has, by the records at the end of a zip: 0 where there are none."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_END - 76))
    tail = file.read()
    end = len(tail) - 22 if tail[-22:].startswith(END) else tail.rfind(END)  # as zipfile looks for it
    if end < 0:
        return 0
    if end >= 76 and tail[end - 20 :].startswith(LOCATOR_64) and tail[end - 76 :].startswith(END_64):
        return int.from_bytes(tail[end - 36 : end - 28], "little")
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def copy_entry(archive: ZipFile, name: str, to: BinaryIO, *, most: int) -> None:
    """Write what an entry holds to a file, a piece at a time.

    Raises:
        TooLargeError: it holds more bytes than `most`.
        zipfile.BadZipFile, and the others of ZIP_ERRORS: damaged.
    """
    if archive.getinfo(name).file_size > most:
        raise TooLargeError(f"a file {name:.80} of {archive.getinfo(name).file_size:,} bytes, at most {most:,} are taken")
    with archive.open(name) as stream:
        while piece := stream.read(PIECE):
            to.write(piece)
