"""What is written in any dialect is read as it was."""

import bz2
import gzip
import lzma
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complex_lstm.data import containers, examine, read_csv
from complex_lstm.data.reading import numbers
from complex_lstm.data.times import read_times
from complex_lstm.errors import CellError, ConfigError, CsvError
from complex_lstm.recipe import Missing
from tests.data.tables import table_of

PACKED: dict[str, Callable[[bytes], bytes]] = {"none": bytes, "gzip": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")
numbers_of = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
rows_of = st.lists(st.tuples(numbers_of, numbers_of, st.sampled_from(["rest", "walk", "Köln"])), min_size=3, max_size=30)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=rows_of, delimiter=st.sampled_from([",", ";", "\t", "|", " "]), comma=st.booleans(), quote=st.sampled_from(["", '"', "'"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]), encoding=st.sampled_from(ENCODINGS), packing=st.sampled_from(sorted(PACKED)),
    header=st.booleans(), remarks=st.integers(0, 3), blank=st.booleans(),
)  # fmt: skip
def test_a_table_in_any_dialect_is_read_as_it_was_written(
    rows: list[tuple[float, float, str]], delimiter: str, comma: bool, quote: str, newline: str, encoding: str, packing: str,
    header: bool, remarks: int, blank: bool,
) -> None:  # fmt: skip
    decimal = "," if comma and delimiter != "," else "."

    def line(cells: tuple[str, ...]) -> str:
        return delimiter.join(f"{quote}{cell}{quote}" for cell in cells)

    written = [line((f"{first:.3f}".replace(".", decimal), f"{second:.3f}".replace(".", decimal), place)) for first, second, place in rows]
    above = [f"# remark {number} of the logger" for number in range(remarks)]
    content = newline.join([*above, *([line(("first", "second", "größe"))] if header else []), *written, *([""] if blank else [])])

    table = read_csv(PACKED[packing](content.encode(encoding)), "f.csv")

    names = ["first", "second", "größe"] if header else ["column 1", "column 2", "column 3"]
    assert list(table.frame) == names
    assert np.allclose(table.frame[names[:2]].to_numpy(dtype=float), [row[:2] for row in rows], rtol=0, atol=1e-9)
    assert table.frame[names[2]].tolist() == [row[2] for row in rows]
    assert table.frame.index.tolist() == list(range(remarks + header + 1, remarks + header + 1 + len(rows)))


@settings(max_examples=60, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(["row", "row", "row", "blank", "comment", "two lines"]), min_size=2, max_size=30),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_each_row_knows_its_line_past_blank_ones_comments_and_quoted_line_ends(kinds: list[str], newline: str) -> None:
    written, expected = ["a,b", "1,x", "2,y"], [2, 3]
    for kind in kinds:
        if kind in ("row", "two lines"):
            expected.append(len(written) + 1)
        written += {"row": ["3,z"], "blank": [""], "comment": ["# a remark"], "two lines": ['4,"u', 'v"']}[kind]

    table = read_csv(newline.join([*written, "5,w"]).encode(), "f.csv", comment="#")

    assert table.frame.index.tolist() == [*expected, len(written) + 1]


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_table_or_told_in_our_own_words(content: bytes) -> None:
    try:
        found = examine(content, "f.csv")
    except CsvError as error:
        message = str(error)
    else:
        message = found.fault.message if found.fault else f"f.csv was read: {found.table is not None}"

    assert "f.csv" in message


def test_a_switch_that_is_set_is_taken_while_the_others_are_still_found() -> None:
    table = read_csv(b"t;x\n1;2,5\n2;3,5\n", "f.csv", header=False)

    assert (table.reading.delimiter, table.reading.header, len(table.frame)) == (";", False, 3)
    assert next(one for one in table.findings if one.switch == "header").reason == "As it was set."


def test_a_switch_that_does_not_exist_is_told() -> None:
    with pytest.raises(ConfigError, match="There is no switch 'sep'. A file's reading has container, member"):
        read_csv(b"a,b\n1,2\n", "f.csv", sep=";")


def test_cells_that_mean_missing_are_taken_out_of_the_columns_that_are_named() -> None:
    content = ("a,b\n" + "".join(f"{row},{row}\n" for row in range(9)) + "-200,-200\n").encode()

    table = read_csv(content, "f.csv", missing=(Missing("-200", ("a",)),))

    assert np.isnan(table.frame["a"].iloc[-1]) and table.frame["b"].iloc[-1] == -200


def test_a_number_means_missing_however_it_is_written() -> None:
    table = read_csv(b"a,b\n1.5,x\n-99.90,y\n-99.9,z\n2.5,x\n", "f.csv", missing=(Missing("-99.9"),))

    assert table.frame["a"].isna().tolist() == [False, True, True, False]


def test_a_column_with_texts_among_numbers_is_numeric_with_exceptions_until_they_mean_missing() -> None:
    content = b"a,b\n" + b"1.5,2\n" * 9 + b"broken,3\nbroken,4\n"

    with pytest.raises(CellError, match=r"line 11, column 'a': 'broken' is not a finite number \(2 such cell"):
        numbers(read_csv(content, "f.csv"), "a")

    assert np.isnan(numbers(read_csv(content, "f.csv", missing=(Missing("broken"),)), "a")).sum() == 2


def test_numbers_with_a_comma_keep_their_exceptions() -> None:
    table = read_csv(b"a;b\n" + b"1,5;2,25\n" * 9 + b"aus;3,5\n", "f.csv")

    assert pd.to_numeric(table.frame["a"], errors="coerce").tolist()[:9] == [1.5] * 9
    assert table.frame["a"].iloc[9] == "aus" and table.frame["b"].iloc[9] == 3.5


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_BYTES", 2**20)

    for pack in (gzip.compress, lzma.compress, bz2.compress):
        with pytest.raises(CsvError, match="f.csv unpacks to more than 1 MB, the limit. Cut it into parts"):
            read_csv(pack(b"1,2\n" * 2**20), "f.csv")


def test_units_below_the_header_stay_with_the_table() -> None:
    table = table_of("time,temp,wind", "s,°C,[m/s]", "1,2.5,3", "2,3.5,4")

    assert table.units == {"time": "s", "temp": "°C", "wind": "m/s"}
    assert table.frame["temp"].tolist() == [2.5, 3.5] and table.frame.index.tolist() == [3, 4]


FORMATS = (
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d %H%M",
    "%d %b %Y %H:%M",
    "%Y/%m/%d %H:%M",
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    format=st.sampled_from(FORMATS), zone=st.sampled_from(["", "Z", "+05:30", "-03:00"]), step=st.sampled_from(["min", "17min", "h", "6h"]),
    start=st.datetimes(pd.Timestamp("1995-01-01"), pd.Timestamp("2040-01-01")), units=st.booleans(), footer=st.booleans(),
    comment=st.booleans(), grouped=st.booleans(),
)  # fmt: skip
def test_times_between_units_comments_and_totals_are_read_as_they_were_written(
    format: str, zone: str, step: str, start: pd.Timestamp, units: bool, footer: bool, comment: bool, grouped: bool
) -> None:
    times = pd.date_range(pd.Timestamp(start).floor("min"), periods=120, freq=step)
    offset = zone if "%S" in format else ""
    levels = [1000.5 + 7 * number for number in range(120)]
    rows = [f"{time:{format}}{offset};{level:,.2f};{level / 7:.3f}" for time, level in zip(times, levels, strict=True)]
    if not grouped:
        rows = [row.replace(",", "") for row in rows]
    rows[60:60] = ["# the sensor was cleaned"] * comment
    content = "\n".join(["when;level;flow", *["UTC;mm;m³/s"] * units, *rows, *["Total;9;9"] * footer]) + "\n"

    table = read_csv(content.encode(), "f.csv")

    clock = read_times(table, "when")
    assert (clock.wall == times.to_numpy()).all()
    assert np.allclose(table.frame["level"].to_numpy(dtype=float), levels)
    assert table.units == ({"when": "UTC", "level": "mm", "flow": "m³/s"} if units else {})
