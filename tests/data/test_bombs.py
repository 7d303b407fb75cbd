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


PEAK = """
import resource, sys
import numpy as np
from complex_lstm.data import read_csv
from complex_lstm.data.containers import MAX_BYTES
from complex_lstm.errors import CsvError
from tests.data.test_bombs import far_cells, one_batch
read_csv(far_cells(10) if sys.argv[1] == "far_cells" else one_batch(10), sys.argv[2])  # imports
content = globals()[sys.argv[1]]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_csv(content, sys.argv[2])
except CsvError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


def one_batch(cells: int = 2 * CELLS) -> bytes:
    """A Feather file of a single record batch of sixteen columns of zeros: unpacked 256 MB, and packed less than one."""
    content, zeros = io.BytesIO(), np.zeros(cells)  # the same for all: to make the file takes little memory either
    batch = pa.record_batch({f"c{number}": zeros for number in range(16)})
    with pa.ipc.new_file(content, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_batch(batch)
    return content.getvalue()


def far_cells(cells: int = 10**9) -> bytes:
    """An HDF5 file whose time has a cell far beyond all others, of which none was ever written: 8 GB of cells in a few kB."""
    h5py = pytest.importorskip("h5py")
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name in ("time", "x"):
            file.create_dataset(name, (cells,), dtype="f8", chunks=(min(cells, 1000),))[cells - 1] = 1.0
        file["time"].make_scale("time")
        file["x"].dims[0].attach_scale(file["time"])
    return content.getvalue()


@pytest.mark.parametrize(("make", "name"), [("one_batch", "x.feather"), ("far_cells", "x.h5")])
def test_what_is_too_large_is_known_before_its_memory_is_taken(make: str, name: str) -> None:
    pytest.importorskip("h5netcdf")

    done = subprocess.run([sys.executable, "-c", PEAK, make, name], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    told, megabytes = done.stdout.splitlines()
    assert f"{name} unpacks to more than {MAX_BYTES >> 20} MB, the limit" in told and int(megabytes) < 60
