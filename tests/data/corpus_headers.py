"""Headers of several rows, and lines of another length than the header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tests.data.made import LOAD, ROWS, TEMP, TIMES, File, lines, text, workbook

FOUR = ("Roma temp", "Roma load", "Wien temp", "Wien load")
STATIONS = {"Roma temp": TEMP, "Roma load": LOAD, "Wien temp": TEMP + 1, "Wien load": LOAD - 1}


def stations(delimiter: str = ",", decimal: str = ".") -> list[str]:
    """Return the lines of two stations without a header."""
    rows = zip(TIMES, *STATIONS.values(), strict=True)
    return [delimiter.join([time, *(f"{value:.2f}".replace(".", decimal) for value in values)]) for time, *values in rows]


def levels() -> list[File]:
    """Kind 4: a header in two rows or more."""

    def file(name: str, header: Sequence[str], columns: Sequence[str], rows: int = 2, *, body: Sequence[str] = (), **more: Any) -> File:
        values = dict(zip(columns[1:], STATIONS.values(), strict=True))
        return File(name, text([*header, *(body or stations())]), {"header_rows": rows, **more}, tuple(columns), values=values)

    time, merged, twice = ("time", *FOUR), ",Roma,,Wien,", ",temp,load,temp,load"
    columns = pd.MultiIndex.from_product([["Roma", "Wien"], ["temp", "load"]], names=["station", "what"])
    table = pd.DataFrame(np.column_stack(list(STATIONS.values())), index=pd.Index(TIMES, name="time"), columns=columns)
    pandas = table.to_csv(float_format="%.2f").splitlines()
    nameless = table.rename_axis(index=None, columns=[None, None]).to_csv(float_format="%.2f").splitlines()
    shares = ["Price,Close,High,Low,Open", "Ticker,AAPL,AAPL,AAPL,AAPL", "Date,,,,"]
    years = [";2019;;2020;", "when;low;high;low;high"]
    grid: list[list[Any]] = [["", "Roma", "", "Wien", ""], ["time", "temp", "load", "temp", "load"]]
    grid += [[at, *map(float, values)] for at, *values in zip(TIMES, *STATIONS.values(), strict=True)]
    logger = ["TOA5,CR6,CR6,4051", "TIMESTAMP,AirT,BP,RH,WS", "TS,Deg C,mbar,%,m/s", ",Avg,Smp,Smp,Avg"]
    return [
        file("merged_above.csv", [merged, "time,temp,load,temp,load"], time),
        file("merged_beside_the_time.csv", ["time,Roma,,Wien,", twice], time),
        file("each_named.csv", ["time,Roma,Roma,Wien,Wien", "time,temp,load,temp,load"], time),
        file("stations_below.csv", ["time,temp,load,temp,load", ",Roma,Roma,Wien,Wien"],
             ["time", "temp Roma", "load Roma", "temp Wien", "load Wien"]),
        file("levels_and_units.csv", [merged, "time,temp,load,temp,load", "UTC,°C,kW,°C,kW"], time, units_row=True),
        file("title_above_levels.csv", ["Two stations in 2024", merged, "time,temp,load,temp,load"], time, skip=1),
        file("pandas_levels.csv", pandas[:3], time, 3),
        file("pandas_levels_without_names.csv", nameless[:2], ["unnamed_1", *FOUR]),
        file("shares_levels.csv", shares, ["Date", "Close AAPL", "High AAPL", "Low AAPL", "Open AAPL"], 3),
        file("depths.csv", ["time,temp,,salt,", ",0.5,10,0.5,10"], ["time", "temp 0.5", "temp 10", "salt 0.5", "salt 10"]),
        file("years_above.csv", years, ["when", "2019 low", "2019 high", "2020 low", "2020 high"], body=stations(";", ","), decimal=","),
        file("index_below.csv", [",a,b,c,d", "time,,,,"], ["time", "a", "b", "c", "d"]),
        File("levels.xlsx", workbook({"Data": grid}), {"header_rows": 2}, time, values=STATIONS),
        File("campbell.dat", text([*logger, *stations()]), {"skip": 1, "header_rows": 1, "units_row": True},
             ("TIMESTAMP", "AirT", "BP", "RH", "WS"), values={"AirT": TEMP}, done="What stands below the units says how values were made"),
        File("names_twice_are_one_row.csv", text(["time,temp,load,temp,load", *stations()]), {"header_rows": 1},
             ("time", "temp", "load", "temp (2)", "load (2)"), values={"load (2)": LOAD - 1}, done="stand twice"),
        File("units_are_no_level.csv", text(["time,a,b,c,d", "UTC,C,RH,C,RH", *stations()]), {"header_rows": 1, "units_row": True},
             ("time", "a", "b", "c", "d"), values={"a": TEMP}),
    ]  # fmt: skip


def ragged() -> list[File]:
    """Kind 4: lines with more or fewer cells than the header. Fewer are said; more are a fault until a switch says what to do."""
    last = [*TEMP[:-1]], [*LOAD[:-1], np.nan]

    def short(name: str, content: bytes, done: str, load: Sequence[float], **more: Any) -> File:
        return File(name, content, values={"temp": TEMP, "load": load}, done=done, **more)

    def without(rows: list[str], *places: int, delimiter: str = ",") -> list[str]:
        return [row.rpartition(delimiter)[0] if place in places else row for place, row in enumerate(rows)]

    one = [np.nan if place == 4 else value for place, value in enumerate(LOAD)]
    many = [np.nan if place % 2 else value for place, value in enumerate(LOAD)]
    even = range(2, ROWS + 1, 2)
    blank = [row.replace(" ", "T").replace(",", " ") for row in lines()]
    commented = without(lines(), 5)
    commented[3:3] = ["# the sensor was cleaned", ""]
    quoted = without(lines(quote='"'), 5)
    return [
        short("short.csv", text(without(lines(), 5)), "Line 6 has fewer than 3 cells: those that the end of the line lacks", one),
        short("short_semicolon.csv", text(without(lines(";", ","), 5, delimiter=";")), "Line 6 has fewer than 3 cells", one),
        short("short_blanks.txt", text(without(blank, 5, delimiter=" ")), "Line 6 has fewer than 3 cells", one),
        short("short_quoted.csv", text(quoted), "Line 6 has fewer than 3 cells", one),
        short("short_past_remarks.csv", text(commented), "Line 8 has fewer than 3 cells", one),
        short("short_utf16.csv", text(without(lines("\t"), 5, delimiter="\t"), "utf-16"), "Line 6 has fewer than 3 cells", one),
        short("short_mac.csv", text(without(lines(), 5), newline="\r"), "Line 6 has fewer than 3 cells", one),
        short("every_other_short.csv", text(without(lines(), *even)), "20 lines (3, 5, 7, 9, 11 and 15 more) have fewer", many),
        short("cut_off.csv", text(without(lines(), ROWS))[:-1], "The file ends within its last line", last[1]),
        File("cut_early.csv", text(lines()) + b"2024-0", rows=ROWS + 1, values={}, done="The file ends within its last line"),
        File("empty_is_not_short.csv", text([f"{row.rpartition(',')[0]}," if place == 5 else row for place, row in enumerate(lines())]),
             values={"load": one}),
        File("more_delimiters.csv", text([lines()[0], *(f"{row},," for row in lines()[1:])]), done="2 delimiters beyond the header's"),
        File("nameless_and_empty.csv", text([f"{row},," for row in lines()]), done="2 columns have neither a name nor a filled cell"),
        File("ragged.csv", text([*lines()[:10], "2024-03-01 09:00,1,2,3,4", *lines()[10:]]), fault="ragged"),
        File("ragged_first.csv", text([lines()[0], "2024-03-01 00:00,1,2,3", *lines()[2:]]), fault="ragged"),
        File("ragged_last.csv", text([*lines(";", ","), "2024-03-09 00:00;1;2;3"]), fault="ragged"),
        File("ragged_often.csv", text([f"{row},1" if place > 20 else row for place, row in enumerate(lines())]), fault="ragged"),
    ]  # fmt: skip
