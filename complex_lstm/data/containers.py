"""What a file is packed in, and what is inside: compressed text, an archive, a workbook, columns; with a bound on the size."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow

from complex_lstm.config.serving import UPLOAD_VARIABLE
from complex_lstm.errors import CsvError
from complex_lstm.zips import ZIP_ERRORS, TooLargeError, open_zip

MAX_BYTES = int(os.environ.get(UPLOAD_VARIABLE) or 200) * 2**20
MAX_UNPACKED = 8 * 2**30  # of a file named on the command line: only a bomb grows so far
MOST_MEMBERS = 10_000  # of an archive
HEAD = 65_536

PACKED = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"\xfd7zXZ\0", "xz"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"))
KINDS = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "feather"),
    (b"FEA1", "feather"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
    (b"\x89HDF\r\n", "netcdf"),  # NetCDF 4 is HDF5
    (b"CDF\x01", "netcdf"),
    (b"CDF\x02", "netcdf"),
)
# What is known and not read, with what to do
PICKLE = ("a pickle, which may run any program when it is opened", "Save the table with to_csv or to_parquet")
PAGE = ("a web page (HTML)", "If it is a page to log in or an error, download the file again; save a table that it shows as CSV")
PICTURE = ("a picture", "Give the numbers that it was drawn from, as CSV")
FOREIGN = (
    (b"%PDF", "a PDF", "Export the table that it shows as CSV"),
    (b"\x89PNG", *PICTURE),
    (b"\xff\xd8\xff", *PICTURE),
    (b"GIF8", *PICTURE),
    (b"\x80\x02", *PICKLE),
    (b"\x80\x03", *PICKLE),
    (b"\x80\x04", *PICKLE),
    (b"\x80\x05", *PICKLE),
    (b"\x93NUMPY", "a NumPy array, which has no column names", "Save it with names as CSV or Parquet"),
    (b"MATLAB 5.0", "a MATLAB file", "Save the table there with writetable"),
    (b"CDF\x05", "a NetCDF file of the 64-bit classic format", "Write it as NetCDF 4, with nccopy -k nc4"),
    (b"PK\x05\x06", "an empty zip archive", "Pack the table into it"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, and not the file itself",
        "Fetch it with git lfs pull, or download it from its page",
    ),
    (b"<!DOCTYPE html", *PAGE),
    (b"<!doctype html", *PAGE),
    (b"<html", *PAGE),
    (b"<HTML", *PAGE),
    (b"SQLite format 3", "a SQLite database", "Export one of its tables as CSV"),
    (b"<stata_dta>", "a Stata file", "Save it there with export delimited"),
    (b"$FL2", "an SPSS file", "Save it there as CSV"),
    (b"$FL3", "an SPSS file", "Save it there as CSV"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS file", "Save it there with proc export as CSV"),
    (b"RDX2\n", "an R workspace", "Save its data frame there with write.csv"),
    (b"RDX3\n", "an R workspace", "Save its data frame there with write.csv"),
    (b"TDSm", "a LabVIEW TDMS file", "Save its channels as CSV, or with npTDMS as a data frame"),
    (b"GRIB", "a GRIB file of a weather model", "Take one place of it, and write it as NetCDF or CSV, with cfgrib and xarray"),
    (b"SIMPLE  =", "a FITS file", "Save its table as CSV, with astropy's Table.write"),
    (b"0       ", "an EDF recording", "Save its signals as CSV, with pyEDFlib or EDFbrowser"),
    (b"RIFF", "a sound or film (RIFF)", "Give the numbers that it holds, as CSV"),
    (b"Obj\x01", "an Avro file", "Save its records as JSON lines or Parquet"),
    (b"ORC", "an ORC file", "Save its table as Parquet"),
    (b"<?xml", "XML", "Save its rows as CSV, with pandas' read_xml"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it, or pack it as zip"),
    (b"Rar!", "a RAR archive", "Unpack it, or pack it as zip"),
)
TEXT_KINDS = {"text", "fixed width", "ts", "tsf", "arff", "dly", "json lines", "json"}
BY_ENDING = {".ts": "ts", ".tsf": "tsf", ".arff": "arff", ".jsonl": "json lines", ".ndjson": "json lines", ".json": "json"}
# What is looked for in a zip
TABLES = (
    ".csv",
    ".tsv",
    ".txt",
    ".dat",
    ".ts",
    ".tsf",
    ".arff",
    ".dly",
    ".parquet",
    ".feather",
    ".xlsx",
    ".xls",
    ".json",
    ".jsonl",
    ".nc",
    ".h5",
)


@dataclass(frozen=True)
class Unpacked:
    """A file's inside. `content` is a path only where the file is not packed. `members` are the tables of an archive."""

    container: str
    member: str
    members: tuple[str, ...]
    kind: str
    content: bytes | Path

    def head(self, size: int = HEAD) -> bytes:
        """Return the first bytes."""
        if isinstance(self.content, bytes):
            return self.content[:size]
        with self.content.open("rb") as file:
            return file.read(size)

    def all(self) -> bytes:
        """Return all bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


def size_of(content: bytes | Path) -> int:
    """Return how many bytes a content has."""
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def unpack(source: bytes | Path, name: str, *, container: str = "", member: str = "", kind: str = "") -> Unpacked:
    """Return what is inside a file, where `container`, `member` and `kind` are found if not given.

    Raises:
        CsvError: empty, too large (also unpacked), damaged, a member that is not there, or no kind of table.
    """
    if isinstance(source, bytes):
        check_size(len(source), MAX_BYTES, name)
    packed = Unpacked("none", "", (), "", source)
    start = packed.head()
    if not start.strip() and len(start) < HEAD:
        raise CsvError(f"{name} is empty. Choose a CSV file with a header line and rows of numbers.")
    _refuse_foreign(start, name)
    container = container or next((known for mark, known in PACKED if start.startswith(mark)), "none")
    limit = MAX_BYTES if isinstance(source, bytes) else MAX_UNPACKED
    if container == "none":
        found = _kind(start, name, kind)
        return Unpacked("none", member if found in ("excel", "netcdf") else "", (), found, source)
    if container == "zip":
        return _unzip(source, name, member, kind, limit)
    content = _decompress(source, container, name, limit)
    if again := next((known for mark, known in PACKED if content.startswith(mark) and known != "zip"), ""):
        content = _decompress(content, again, name, limit)  # packed twice, as some servers do
    if not content.strip():
        raise CsvError(f"{name} has nothing inside. Choose a file with a header line and rows of numbers.")
    _refuse_foreign(content[:HEAD], name)
    inner = name.rsplit(".", 1)[0] if "." in name else name
    return Unpacked(container, "", (), _kind(content[:HEAD], inner, kind), content)


def _kind(start: bytes, name: str, wanted: str) -> str:
    """Return the kind that is wanted, where bytes can be that: a text can be read as another kind of text."""
    found = kind_of(start, name)
    return wanted if wanted and {wanted, found} <= TEXT_KINDS else found


def kind_of(start: bytes, name: str) -> str:
    """Return what the bytes are, from their beginning and, for text, the ending of the file's name."""
    found = next((kind for mark, kind in KINDS if start.startswith(mark)), "")
    if found:
        return found
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = BY_ENDING.get(Path(name).suffix.lower(), "")
    if text[:1] in (b"{", b"["):
        return kind if kind.startswith("json") else "json lines" if text[:1] == b"{" and b"\n{" in text.replace(b"\r", b"") else "json"
    lines = [line.strip().lower() for line in text[:4096].splitlines() if line.strip() and not line.startswith(b"#")]
    if lines and lines[0].startswith((b"@problemname", b"@timestamps", b"@univariate", b"@data")):
        return "ts"
    said = text.lower().splitlines() if text[:1] in (b"@", b"%", b"#") else []
    header = {line.split()[0] for line in said if line.startswith(b"@")}
    if header & {b"@relation", b"@attribute"}:
        is_series = header & {b"@frequency", b"@horizon", b"@equallength", b"@missing"} or kind == "tsf"
        return "tsf" if is_series else "arff"
    return "text"


def check_size(size: int, limit: int, name: str, *, unpacked: bool = False) -> None:
    """Raise for a size beyond the limit."""
    if size > limit:
        remedy = f"Cut it into parts or take fewer rows. Who runs the page can raise the limit ({UPLOAD_VARIABLE})."
        beyond = f"unpacks to more than {limit >> 20} MB, the limit" if unpacked else f"has {size >> 20} MB, the limit is {limit >> 20}"
        raise CsvError(f"{name} {beyond}. {remedy}")


def _refuse_foreign(start: bytes, name: str) -> None:
    for mark, what, remedy in FOREIGN:
        if start.startswith(mark):
            raise CsvError(f"{name} is {what}, and no table that is read here. {remedy}.")


def _decompress(source: bytes | Path, container: str, name: str, limit: int) -> bytes:
    openers: dict[str, Callable[[Any], Any]] = {
        "gzip": gzip.open,
        "xz": lzma.open,
        "bz2": bz2.open,
        "zstd": lambda file: pyarrow.input_stream(file, compression="zstd"),
    }
    if container not in openers:
        raise CsvError(f"{container!r} is no known way to pack a file. Choose {', '.join(openers)}, zip or none.", switch="container")
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file, openers[container](file) as stream:
            return _bounded(stream, limit, name)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, pyarrow.ArrowException) as error:
        raise CsvError(f"{name} is packed as {container} and damaged: {error}. Download or copy it again.") from error


def _bounded(stream: Any, limit: int, name: str) -> bytes:
    parts, size = [], 0
    while part := stream.read(2**20):
        size += len(part)
        check_size(size, limit, name, unpacked=True)
        parts.append(part)
    return b"".join(parts)


def _unzip(source: bytes | Path, name: str, member: str, kind: str, limit: int) -> Unpacked:
    try:
        with (
            io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file,
            open_zip(file, entries=MOST_MEMBERS, expanded=2**50, ratio=math.inf) as archive,  # what is unpacked of it is bounded below
        ):
            names = [one.filename for one in archive.infolist() if not one.is_dir()]
            if any(one.startswith(("xl/workbook", "content.xml")) for one in names):
                whole = sum(one.file_size for one in archive.infolist())  # its reader has no bound of its own
                check_size(whole, limit, name, unpacked=True)
                return Unpacked("none", member, (), "excel", source)
            tables = _tables(names)
            first = len(tables) == 1 or (tables and not member)  # of several days' archives each may name its file anew
            chosen = tables[0] if first else member
            if chosen not in names:
                held = ", ".join(map(repr, tables[:10])) or "no file"
                raise CsvError(f"{name} has no table {member!r} inside; it holds {held}. Choose one of them.", switch="member")
            with archive.open(chosen) as stream:
                content = _bounded(stream, limit, name)
            if inner := next((known for mark, known in PACKED if content.startswith(mark) and known != "zip"), ""):
                content = _decompress(content, inner, chosen, limit)
    except TooLargeError as error:
        raise CsvError(f"{name} holds {error}. Pack the table alone.") from error
    except (*ZIP_ERRORS, lzma.LZMAError) as error:
        damage = "it is locked by a password" if "password" in str(error) else f"it begins as a zip archive and is none: {error}"
        raise CsvError(f"{name} is a binary file ({damage}). From a spreadsheet, use 'save as CSV'.") from error
    if not content.strip():
        raise CsvError(f"{name}: the file {chosen!r} inside is empty. Choose another one.", switch="member")
    _refuse_foreign(content[:HEAD], chosen)
    return Unpacked("zip", chosen, tuple(tables), _kind(content[:HEAD], chosen.removesuffix(".gz"), kind), content)


def _tables(names: list[str]) -> list[str]:
    """Return the files of an archive that may be tables, in their order: by their endings, or all where none has a known one."""
    seen = [name for name in names if not name.startswith("__MACOSX") and not Path(name).name.startswith(".")]
    plain = [name for name in seen if Path(name.removesuffix(".gz")).suffix.lower() in TABLES and "readme" not in name.lower()]
    return plain or seen
