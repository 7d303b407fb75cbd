"""ARFF, the Monash archive's .tsf, GHCN's .dly and columns told by their place alone are read; other formats are called by their names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data import examine, guess_roles, prepare_training, read_csv, suggest
from complex_lstm.errors import CsvError

RNG = np.random.default_rng(3)
ROWS = 60
TEMP = RNG.normal(10, 9, ROWS).round(2)
DAYS = pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d")
ARFF = ["@relation 'two words'", "@attribute 'air temp' numeric", "@ATTRIBUTE wind {N,'S W',E}", '@attribute day DATE "yyyy-MM-dd"',
        "@attribute Class {yes,no}", "@data"]  # fmt: skip
WIND = ["'S W'" if n % 3 else "N" for n in range(ROWS)]
CLASS = ["yes" if n // 10 % 2 else "no" for n in range(ROWS)]
PLAIN = [f"{TEMP[n]},{WIND[n]},{DAYS[n]},{CLASS[n]}" for n in range(ROWS)]
QUOTED = [f'{TEMP[n]}, {WIND[n]} ,"{DAYS[n]}",{CLASS[n]}' for n in range(ROWS)]
SPARSE = [f'{{0 {TEMP[n]}, 1 {WIND[n]}, 2 "{DAYS[n]}", 3 {CLASS[n]}}}' for n in range(ROWS)]


@pytest.mark.parametrize(
    "lines",
    [[*ARFF, *PLAIN], ["% by hand", "%" * 70, "", *ARFF, *QUOTED], [*ARFF, "% rows", *SPARSE], [*ARFF[:-1], "@DATA", *PLAIN]],
    ids=["plain", "remarks and quotes", "sparse", "capital letters"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["weather.arff", "weather.txt"])
def test_arff_is_read_with_its_classes(lines: list[str], name: str) -> None:
    table = read_csv("\n".join(lines).encode(), name)

    frame = table.frame
    assert table.reading.kind == "arff" and list(frame) == ["air temp", "wind", "day", "Class"] and frame.index[-1] == len(lines)
    assert np.allclose(frame["air temp"], TEMP) and frame["Class"].tolist() == CLASS
    assert set(frame["wind"]) == {"N", "S W"} and frame["day"].tolist() == DAYS.tolist()
    roles = guess_roles(table).roles
    assert (roles.targets, roles.task, roles.time, roles.features) == (("Class",), "classes", "day", ("air temp",))
    assert len(prepare_training(table, roles, *suggest(table, roles)).windows)


def test_an_arffs_question_marks_are_empty_and_unnamed_cells_of_sparse_rows_are_the_first_class() -> None:
    lines = [*ARFF, "?,?,?,yes", "{0 2.5}", *PLAIN]

    frame = read_csv("\n".join(lines).encode(), "a.arff").frame

    assert frame.iloc[0, :3].isna().all() and frame.iloc[1].tolist()[:2] == [2.5, "N"] and frame.iloc[1]["Class"] == "yes"


def test_a_series_of_the_ucr_archive_in_arff_is_a_series_in_a_row() -> None:
    head = ["@relation Gun", *(f"@attribute att{n} numeric" for n in range(30)), "@attribute target {1,2}", "@data"]
    rows = [",".join([*(f"{np.sin(n / 5 + row):.3f}" for n in range(30)), str(1 + row % 2)]) for row in range(12)]

    table = read_csv("\n".join([*head, *rows]).encode(), "Gun_TRAIN.arff")

    assert table.reading.layout == "series in rows" and len(table.frame) == 360 and table.reading.label == "target"


@pytest.mark.parametrize(
    ("broken", "words", "line"),
    [
        ("1,N,2024-01-01", "line 7 has 3 cells for 4 attributes", 7),
        ("warm,N,2024-01-01,yes", "line 7: 'warm' is no number, and the attribute is numeric", 7),
        ("{0 1, x}", "line 7 is no sparse row: 'x' is not NUMBER VALUE", 7),
        ("1,'N,2024-01-01,yes", "line 7 cannot be read. Look for a missing quote", 7),
    ],
)
def test_a_fault_in_arff_is_told_with_its_line(broken: str, words: str, line: int) -> None:
    found = examine("\n".join([*ARFF, broken, *PLAIN]).encode(), "a.arff")

    assert found.table is None and found.fault is not None and words in found.fault.message and found.fault.line == line


def tsf(*series: str, frequency: str = "half_hourly", starts: bool = True) -> bytes:
    attributes = ["@attribute series_name string", *(["@attribute start_timestamp date"] if starts else [])]
    return "\n".join(["# From an archive", "@relation load", *attributes, f"@frequency {frequency}", "@horizon 4", "@missing true",
                      "@equallength false", "@data", *series]).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("frequency", "last"),
    [("half_hourly", "2012-03-31 01:30:00"), ("10_minutes", "2012-03-31 00:30:00"), ("4_seconds", "2012-03-31 00:00:12"),
     ("daily", "2012-04-03 00:00:00"), ("weekly", "2012-04-21 00:00:00"), ("monthly", "2012-06-30 00:00:00"),
     ("quarterly", "2012-12-31 00:00:00"), ("yearly", "2015-03-31 00:00:00")],
)  # fmt: skip
def test_the_series_of_a_tsf_file_have_their_times(frequency: str, last: str) -> None:
    table = read_csv(tsf("T1:2012-03-31 00-00-00:1.5,2,?,4", "T2:2013-01-01 00-30-00:7,8", frequency=frequency), "load.tsf")

    frame = table.frame
    assert list(frame) == ["series_name", "time", "value"] and frame["series_name"].tolist() == ["T1"] * 4 + ["T2"] * 2
    assert frame["time"].iloc[0] == "2012-03-31 00:00:00" and frame["time"].iloc[3].startswith(last[:7])
    assert frequency in ("monthly", "quarterly", "yearly") or frame["time"].iloc[3] == last
    assert frame["value"].isna().sum() == 1 and any("from each series' start" in words for words in table.done)


def test_series_without_a_start_or_a_known_frequency_have_steps() -> None:
    without = read_csv(tsf("T1:1,2,3", "T2:4,5", starts=False), "m.tsf").frame
    unknown = read_csv(tsf("T1:2012-01-01 00-00-00:1,2,3", frequency="now_and_then"), "m.tsf")

    assert without["step"].tolist() == [0, 1, 2, 0, 1] and list(unknown.frame) == ["series_name", "step", "value"]
    assert "the frequency 'now_and_then' is not known" in unknown.done[0]


@pytest.mark.parametrize(
    ("series", "words"),
    [("T1:1,2", "1 attribute before its values"), ("T1:2012-13-01 00-00-00:1,2", "from which no 2 dates can be counted"),
     ("T1:2012-01-01 00-00-00:1,x", "a value that is no number")],
)  # fmt: skip
def test_a_fault_in_tsf_is_told_with_its_line(series: str, words: str) -> None:
    found = examine(tsf(series), "m.tsf")

    assert found.fault is not None and words in found.fault.message and found.fault.line == 10


def dly(month: int, element: str, value: int = 150, flag: str = " ") -> str:
    days = "".join(f"{value + day:5} {flag}E" if day < 27 else "-9999   " for day in range(31))
    return f"AGE001350392001{month:02}{element}{days}"


def test_daily_values_of_ghcn_are_rows_of_days() -> None:
    content = "\n".join([dly(month, element) for month in range(1, 13) for element in ("TMAX", "PRCP")]).encode()

    table = read_csv(content, "AGE00135039.dly")

    assert list(table.frame) == ["station", "date", "TMAX", "PRCP"] and len(table.frame) == 12 * 27
    assert table.frame["TMAX"].iloc[:3].tolist() == [150, 151, 152] and table.units == {"TMAX": "0.1 °C", "PRCP": "0.1 mm"}
    assert guess_roles(table).roles.time == "date" and "-9999 (" in table.done[0]


def test_what_the_archives_own_checks_refuse_is_counted() -> None:
    done = read_csv("\n".join([dly(1, "TMAX", flag="I"), dly(2, "TMAX")]).encode(), "x.dly").done

    assert any("27 values failed the archive's own checks" in words for words in done)


def test_a_line_that_is_no_month_is_told() -> None:
    with pytest.raises(CsvError, match="line 2 is no month of one element"):
        read_csv("\n".join([dly(1, "TMAX"), "hello", dly(2, "TMAX")]).encode(), "x.dly", kind="dly")


def aligned(header: str, row: str, gaps: bool = True) -> bytes:
    cells = [
        {"day": day, "temp": f"{temp:.2f}", "note": ["", "low sun", "ok"][n % 3], "wind": "" if gaps and n % 4 == 0 else f"{n % 9}.5",
         "place": ["Bad Tölz", "Ulm", "Hof an der Au"][n % 3]}
        for n, (day, temp) in enumerate(zip(DAYS, TEMP, strict=True))
    ]  # fmt: skip
    return "\n".join([header, *(row.format(**one) for one in cells)]).encode()


ALIGNED = {
    "empty cells": aligned("day            temp  wind", "{day:<12}{temp:>8}{wind:>6}"),
    "words with blanks": aligned("day         note        temp  wind", "{day:<12}{note:<10}{temp:>7}{wind:>6}"),
    "names of places": aligned("place             day           temp   wind", "{place:<18}{day:<12}{temp:>8}  {wind:>5}"),
    "a remark above": b"Station 12, Harbour\n" + aligned("day            temp  wind", "{day:<12}{temp:>8}{wind:>6}"),
}


@pytest.mark.parametrize("content", ALIGNED.values(), ids=ALIGNED)
def test_columns_that_only_their_place_tells_are_read(content: bytes) -> None:
    table = read_csv(content, "log.txt")

    frame = table.frame
    assert table.reading.kind == "fixed width" and len(frame) == ROWS and frame.index[-1] == content.count(b"\n") + 1
    assert np.allclose(frame["temp"], TEMP) and frame["day"].tolist() == DAYS.tolist()
    assert frame["wind"].isna().sum() == 15 and frame["wind"].iloc[1] == 1.5
    assert read_csv(content, "log.txt", table.reading).frame.equals(frame)


def test_evenly_filled_columns_stay_text_with_blanks_and_the_switch_reads_them_by_place() -> None:
    content = aligned("day            temp  wind", "{day:<12}{temp:>8}{wind:>6}", gaps=False)

    assert read_csv(content, "log.txt").reading.kind == "text"
    assert read_csv(content, "log.txt", kind="fixed width").frame["wind"].iloc[1] == 1.5


def test_lines_without_blanks_in_common_have_no_columns() -> None:
    found = examine(b"a,b\n" + b"1,2\n" * 20, "a.csv", kind="fixed width")

    assert found.fault is not None and found.fault.switch == "kind" and "no columns of blanks" in found.fault.message


@pytest.mark.parametrize(
    ("start", "words"),
    [(b"<stata_dta><header>", "a Stata file"), (b"$FL2@(#) SPSS", "an SPSS file"), (b"GRIB\0\0\1", "a GRIB file"), (b"TDSm\x0e", "TDMS"),
     (b"0       X X X X", "an EDF recording"), (b"<?xml version='1.0'?>", "XML"), (b"Obj\x01\x04", "Avro")],
)  # fmt: skip
def test_other_formats_are_called_by_their_names_with_a_remedy(start: bytes, words: str) -> None:
    with pytest.raises(CsvError, match=words) as caught:
        read_csv(start + b"\0 1 2 3\n" * 30, "a.bin")

    assert "Save" in str(caught.value) or "Take one place" in str(caught.value)


def test_a_table_in_the_cells_of_arff_is_refused_with_what_to_fetch_instead() -> None:
    lines = ["@relation x", "@attribute bag relational", "@attribute a numeric", "@end bag", "@attribute class {1,2}", "@data", "'1\\n2',1"]

    with pytest.raises(CsvError, match=r"a table in the cells of 'bag'.*as \.ts"):
        read_csv("\n".join(lines).encode(), "x.arff")
