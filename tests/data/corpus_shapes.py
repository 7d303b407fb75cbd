"""Rows that are no time steps, and what a file is packed in; and what is no table."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import xarray

from tests.data.made import LOAD, NAMES, TEMP, TIMES, File, frame, lines, packed, saved, text, workbook, zipped


def shapes() -> list[File]:
    """Kind 7: rows that are no time steps. All hold the same 20 waves of 60 steps."""
    waves = np.sin(np.arange(60) / 7 + np.arange(20)[:, None]).round(3)
    flat = waves.ravel()
    cells = [list(map(str, one)) for one in waves]
    class_of, letter = [str(row % 3 + 1) for row in range(20)], ["ab"[row % 2] for row in range(20)]
    ucr = ["\t".join([label, *one]) for label, one in zip(class_of, cells, strict=True)]
    last = [",".join([*one, label]) for label, one in zip(letter, cells, strict=True)]
    wide = [
        "id,kind," + ",".join(f"t{step}" for step in range(60)),
        *(",".join([f"s{row}", letter[row], *cells[row]]) for row in range(20)),
    ]
    uneven = ["\t".join([str(row % 2), *cells[row][: 40 + row], *["NaN"] * (20 - row)]) for row in range(20)]
    head = ["@problemName Waves", "@timeStamps false", "@univariate true", "@classLabel true a b", "@data"]
    ts = [*head, *(",".join(one) + ":" + label for label, one in zip(letter, cells, strict=True))]
    negative = [",".join(map(str, -one)) for one in waves]
    two = ["# a remark", *head, *(":".join([",".join(cells[row]), negative[row], letter[row]]) for row in range(20))]
    pairs = [",".join(f"({step},{value})" for step, value in enumerate(one)) for one in cells]
    stamped = [head[0], "@timestamps true", *head[2:], *(":".join([pairs[row], letter[row]]) for row in range(20))]
    unnamed = [*head[:3], "@classLabel false", "@data", *(",".join(one) for one in cells)]
    long, rows = ("series", "label", "step", "value"), {"layout": "series in rows", "header": False}
    value, dims = {"value": flat}, ("series", "label", "step", "dimension 1", "dimension 2")
    lengths = sum(40 + row for row in range(20))
    return [
        File("ucr.tsv", text(ucr), {**rows, "delimiter": "\t", "label": "column 1"}, long, 1200, value),
        File("ucr_label_last.csv", text(last), {**rows, "label": "column 61"}, long, 1200, value),
        File("wide_with_id.csv", text(wide), {"layout": "series in rows", "label": "kind"}, ("id", "kind", "step", "value"), 1200, value),
        File("uneven.tsv", text(uneven), {**rows, "label": "column 1"}, long, lengths, {}, done="neither a name nor"),
        File("waves.ts", text(ts), {"kind": "ts"}, long, 1200, value),
        File("unlabelled.ts", text(unnamed), {"kind": "ts"}, ("series", "step", "value"), 1200, value),
        File("two_dimensions.ts", text(two), {"kind": "ts"}, dims, 1200, {"dimension 1": flat, "dimension 2": -flat}),
        File("time_stamps.ts", text(stamped), {"kind": "ts"}, long, 1200, value),
        *stacked(flat),
    ]


def stacked(flat: Any) -> list[File]:
    """Return the waves one below the other; and tables that only look like one of these shapes."""
    days = pd.date_range("2024-01-01", periods=60, freq="D").strftime("%Y-%m-%d")
    blocks, x = {"layout": "blocks"}, {"x": flat}
    steps = ["t,x", *(f"{place % 60},{value}" for place, value in enumerate(flat))]
    dated = ["day,x", *(f"{days[place % 60]},{value}" for place, value in enumerate(flat))]
    tenths = ["s;x", *(f"{place % 60 / 10:.1f};{value}" for place, value in enumerate(flat))]
    named = ["t,who,x", *(f"{place % 60},p{place // 60},{value}" for place, value in enumerate(flat))]
    beside = ["t,x,y,t,x,y", *(f"{row},{row}.5,1,{row},{row}.25,2" for row in range(30))]
    sensors = tuple(f"s{one}" for one in range(12))
    slow = [
        "t," + ",".join(sensors),
        *(f"{row}," + ",".join(f"{np.sin(row / 9) * one + 100 * one:.3f}" for one in range(12)) for row in range(50)),
    ]
    return [
        File("stacked.csv", text(steps), blocks, ("series", "t", "x"), 1200, x),
        File("stacked_dates.csv", text(dated), blocks, ("series", "day", "x"), 1200, x),
        File("stacked_tenths.csv", text(tenths), blocks, ("series", "s", "x"), 1200, x),
        File("stacked_with_id.csv", text(named), {"layout": "rows"}, ("t", "who", "x"), 1200, x),
        File("side_by_side.csv", text(beside), {"layout": "rows"}, ("t", "x", "y", "t (2)", "x (2)", "y (2)"), 30, {}, done="stand twice"),
        File("rows_are_steps.csv", text(slow), {"layout": "rows"}, ("t", *sensors), 50, {}),
    ]


def containers() -> list[File]:
    """Kind 8: what a file is packed in."""
    records = frame().to_dict("records")
    grid: list[list[Any]] = [list(NAMES), *([time, float(temp), float(load)] for time, temp, load in zip(TIMES, TEMP, LOAD, strict=True))]
    zoned = frame().assign(time=pd.to_datetime(TIMES).tz_localize("Europe/Rome"))
    two = pd.DataFrame({"a": [1, 2, 3]})
    grid_of = xarray.Dataset({"temp": ("time", TEMP), "load": ("time", LOAD)}, {"time": pd.to_datetime(TIMES).astype("datetime64[ns]")})
    other = text(["a,b", "1,2", "3,4"])
    return [
        packed("t.csv.gz", gzip.compress, "gzip"),
        packed("t.csv.xz", lzma.compress, "xz"),
        packed("t.csv.bz2", bz2.compress, "bz2"),
        File("t.csv.zst", pyarrow.compress(text(lines()), codec="zstd", asbytes=True), {"container": "zstd"}),
        File("t.zip", zipped({"table.csv": text(lines())}), {"container": "zip", "member": "table.csv"}),
        File(
            "several.zip",
            zipped({"readme.md": b"no table", "first.csv": text(lines()), "second.csv": other}),
            {"member": "first.csv"},
            done="not 'second.csv'",
        ),
        File("macs.zip", zipped({"__MACOSX/own.csv": b"\0", "own.txt": text(lines())}), {"member": "own.txt"}),
        File("t.xlsx", workbook({"Data": grid}), {"kind": "excel", "member": "Data"}),
        File("title.xlsx", workbook({"Data": [["Measured in 2024"], [], *grid]}), {"kind": "excel", "skip": 2}),
        File("second_sheet.xlsx", workbook({"Notes": [], "Data": grid}), {"kind": "excel", "member": "Data"}),
        File("units.xlsx", workbook({"Data": [grid[0], ["UTC", "°C", "kW"], *grid[1:]]}), {"kind": "excel", "units_row": True}),
        File("t.parquet", saved(frame().to_parquet), {"kind": "parquet"}),
        File("dates.parquet", saved(zoned.to_parquet), {"kind": "parquet"}, values={"time": [f"{time}:00+01:00" for time in TIMES]}),
        File("indexed.parquet", saved(frame().set_index("time").to_parquet), {"kind": "parquet"}),
        File("t.feather", saved(frame().to_feather), {"kind": "feather"}),
        File("t.json", json.dumps(records).encode(), {"kind": "json"}),
        File("data.json", json.dumps({"meta": 1, "data": records}).encode(), {"kind": "json"}),
        File("columns.json", json.dumps({key: list(column) for key, column in frame().items()}).encode(), {"kind": "json"}),
        File("t.jsonl", text([json.dumps(record) for record in records]), {"kind": "json lines"}),
        File("t.jsonl.gz", gzip.compress(text([json.dumps(record) for record in records])), {"kind": "json lines", "container": "gzip"}),
        File("t.nc", bytes(grid_of.to_netcdf(engine="scipy")), {"kind": "netcdf"}),
        File("four.nc", bytes(grid_of.to_netcdf(engine="h5netcdf")), {"kind": "netcdf"}),
        File("t.nc.gz", gzip.compress(bytes(grid_of.to_netcdf(engine="scipy"))), {"kind": "netcdf", "container": "gzip"}),
        File("nothing_in_it.parquet", saved(two.iloc[:0].to_parquet), fault="never"),
    ]


def foreign() -> list[File]:
    """Kind 8: what is no table, or damaged."""
    return [
        File(name, content, fault="never")
        for name, content in {
            "t.pdf": b"%PDF-1.7 something",
            "t.png": b"\x89PNG\r\n\x1a\n",
            "t.pkl": b"\x80\x04\x95abc",
            "t.npy": b"\x93NUMPY\x01\0",
            "damaged.h5": b"\x89HDF\r\n\x1a\n",
            "damaged.nc": b"CDF\x01\0\0",
            "t.sqlite": b"SQLite format 3\0",
            "empty.csv": b"",
            "blank.csv": b"\n\n  \n",
            "cut.parquet": saved(frame().to_parquet)[:200],
            "empty.csv.gz": gzip.compress(b""),
        }.items()
    ]
