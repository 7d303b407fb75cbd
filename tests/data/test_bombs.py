"""Files of a few kilobytes that unpack to gigabytes: each is refused in one sentence, before its memory is taken."""

import io
import json
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from complex_lstm.data import examine
from complex_lstm.data.containers import MAX_BYTES
from complex_lstm.errors import CsvError
from complex_lstm.locations import ROOT

LINES = b"1,2,3\n" * 200_000
CELLS = 1_000_000
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(LINES) for _ in range(MAX_BYTES // len(LINES) + 1)), packer.flush()])


def zip_bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.csv", "w") as file:
        for _ in range(MAX_BYTES // len(LINES) + 1):
            file.write(LINES)
    return content.getvalue()


def zstd_bomb() -> bytes:
    content = pa.BufferOutputStream()
    with pa.CompressedOutputStream(content, "zstd") as file:
        for _ in range(MAX_BYTES // len(LINES) + 1):
            file.write(LINES)
    return content.getvalue().to_pybytes()


def zip_of_a_million_names() -> bytes:
    entry = b"PK\x01\x02" + bytes(24) + b"\x01\0" + bytes(16) + b"a"
    listed = entry * 1_000_000
    return b"PK\x03\x04" + bytes(26) + listed + b"PK\x05\x06" + bytes(8) + len(listed).to_bytes(4, "little") + b"\x1e\0\0\0\0\0"


def table(columns: int) -> pa.Table:
    return pa.table({f"c{number}": np.zeros(CELLS) for number in range(columns)})


def parquet_of_zeros() -> bytes:
    content = io.BytesIO()
    with pyarrow.parquet.ParquetWriter(content, table(1).schema, compression="zstd") as writer:
        for _ in range(30):
            writer.write_table(table(1))
    return content.getvalue()


def feather_of_zeros() -> bytes:
    content = io.BytesIO()
    pyarrow.feather.write_feather(table(30), content, compression="zstd")
    return content.getvalue()


@pytest.mark.parametrize(
    ("make", "ending", "words"),
    [
        (gzip_bomb, "csv.gz", "unpacks to more than 200 MB"),
        (zip_bomb, "zip", "unpacks to more than 200 MB"),
        (zstd_bomb, "csv.zst", "unpacks to more than 200 MB"),
        (zip_of_a_million_names, "zip", "holds a list of contents of 47,000,000 bytes, at most 10,000 files"),
        (parquet_of_zeros, "parquet", "unpacks to more than 200 MB"),
        (feather_of_zeros, "feather", "unpacks to more than 200 MB"),
    ],
)
def test_what_unpacks_to_too_much_is_refused_in_one_sentence(make: object, ending: str, words: str) -> None:
    content = make()  # type: ignore[operator]
    assert len(content) < MAX_BYTES / 4

    assert words in fault_of(content, f"my.{ending}")


def fault_of(content: bytes, name: str) -> str:
    try:
        found = examine(content, name)
    except CsvError as error:
        return str(error)
    return found.fault.message if found.fault else ""


def workbook(cells: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
            f'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
            f'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>")
    return content.getvalue()


def test_a_cell_at_the_far_end_of_a_sheet_does_not_end_the_process() -> None:
    """Its reader made 17 thousand million cells, and the system ended the server for it. A process apart tells whether it still does."""
    near = '<row r="1"><c r="A1"><v>1</v></c></row>'
    code = (
        "import sys; from tests.data.test_bombs import fault_of, workbook\n"
        f"print(fault_of(workbook({near!r} + '<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>'), 'my.xlsx'))"
    )

    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ended.stdout.startswith("my.xlsx is a workbook that needs too much memory or time")


@pytest.mark.parametrize("text", ["[" * 200_000, json.dumps([{"a": 1}]).replace("1", "1" * 5000)])
def test_json_beyond_what_python_reads_is_no_json(text: str) -> None:
    assert "is no JSON" in fault_of(text.encode(), "my.json")
