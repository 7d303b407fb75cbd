"""Files as strangers bring them, after known public data sets and programs' exports, with what must come of the whole way.

They are small and made here; the values are waves and noise.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROWS = 240
RANDOM = np.random.default_rng(5)
HOURS = pd.date_range("2012-03-05", periods=ROWS, freq="h")
DAYS = pd.date_range("2012-03-05", periods=ROWS, freq="D")
MINUTES = pd.date_range("2006-12-16 17:24", periods=ROWS, freq="min")
WEEKS = pd.date_range("2015-01-05", periods=ROWS, freq="W-MON")


def wave(size: float, middle: float, places: int = 2) -> np.ndarray:
    return (middle + size * (np.sin(np.arange(ROWS) / 12) + 0.5 * RANDOM.standard_normal(ROWS))).round(places)


A, B, C = wave(1, 3), wave(8, 15), wave(100, 500, 0)
COUNTED, MORE = RANDOM.integers(0, 50, ROWS), RANDOM.integers(10, 300, ROWS)
STATES = np.arange(ROWS) // 20 % 2


@dataclass(frozen=True)
class Stranger:
    """A file and what must come of it. `out` are columns that are left out, with words of the reason; `offered` cells with their column.

    `first` and `last` are the times of the series as text. With `refused` preparing stops, and says these words.
    """

    name: str
    content: bytes
    features: tuple[str, ...] = ()
    target: str = ""
    task: str = "values"
    time: str = ""
    series: str = ""
    first: str = ""
    last: str = ""
    out: tuple[tuple[str, str], ...] = ()
    offered: tuple[tuple[str, str], ...] = ()
    refused: str = ""


def file(name: str, rows: Sequence[str], features: Sequence[str], target: str, *, encoding: str = "utf-8", newline: str = "\n",
         out: dict[str, str] | None = None, offered: dict[str, str] | None = None, **more: str) -> Stranger:  # fmt: skip
    content = (newline.join(rows) + newline).encode(encoding)
    return Stranger(name, content, tuple(features), target, out=tuple((out or {}).items()), offered=tuple((offered or {}).items()), **more)


def table(header: str, row: Callable[[int], str], rows: int = ROWS) -> list[str]:
    return [header, *(row(place) for place in range(rows))] if header else [row(place) for place in range(rows)]


def comma(value: float, places: int = 2) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def lakh(value: float) -> str:
    digits = f"{value:.0f}"
    return f"{digits[:-5]},{digits[-5:-3]},{digits[-3:]}.50"


def public() -> list[Stranger]:
    """Return files after public data sets."""
    hourly = {"first": "2012-03-05 00:00", "last": "2012-03-14 23:00"}
    air = table("Date;Time;CO(GT);NMHC(GT);T;RH;;", lambda n: f"{HOURS[n]:%d/%m/%Y;%H.%M.%S};{'-200' if n % 40 in (3, 4) else comma(A[n])};"
                f"{'-200' if n > 30 else 100 + n};{comma(B[n])};{comma(A[n] * B[n])};;")  # fmt: skip
    power = table("Date;Time;Global_active_power;Voltage", lambda n: f"{MINUTES[n].day}/{MINUTES[n].month}/{MINUTES[n]:%Y;%H:%M:%S};"
                  + ("?;?" if 50 <= n < 55 else f"{A[n]:.3f};{240 + B[n]:.3f}"))  # fmt: skip
    buoy = ["#YY  MM DD hh mm WDIR WSPD  WVHT  ATMP", "#yr  mo dy hr mn degT  m/s     m  degC",
            *(f"{HOURS[n]:%Y %m %d %H %M} {C[n]:4.0f} {A[n]:5.2f} {'99.00' if n % 3 else f'{A[n] * 2:5.2f}'} {B[n]:5.1f}"
              for n in range(ROWS))]  # fmt: skip
    beijing = table("No,year,month,day,hour,pm2.5,TEMP,cbwd", lambda n: f"{n + 1},{HOURS[n].year},{HOURS[n].month},{HOURS[n].day},"
                    f"{HOURS[n].hour},{'NA' if n < 24 else C[n]:},{B[n]},{['NW', 'cv', 'NE'][n // 7 % 3]}")  # fmt: skip
    bikes = table("instant,dteday,hr,weathersit,temp,casual,registered,cnt", lambda n: f"{n + 1},{HOURS[n]:%Y-%m-%d},{HOURS[n].hour},"
                  f"{n * 7 % 3 + 1},{B[n] / 40:.3f},{COUNTED[n]},{MORE[n]},{COUNTED[n] + MORE[n]}")  # fmt: skip
    shares = table(",date,close,volume,Name", lambda n: f"{n},{DAYS[n]:%Y-%m-%d},{100 + B[n]},{C[n]:.0f},AAL")
    jena = table(
        '"Date Time","p (mbar)","wv (m/s)"', lambda n: f"{HOURS[n]:%d.%m.%Y %H:%M:%S},{990 + B[n]:.2f},{-9999.0 if n in (9, 80) else A[n]}"
    )
    rooms = table('"date","Temperature","Light","Occupancy"', lambda n: f'"{n + 140}","{MINUTES[n]}",{B[n]},{A[n]},{STATES[n]}')
    isd = table(
        '"STATION","DATE","TMP","DEW"',
        lambda n: f'"72505394728","{HOURS[n]:%Y-%m-%dT%H:%M:%S}","{int(B[n] * 10):+05d},5","{int(A[n]):+05d},1"',
    )
    skab = table(
        "datetime;Current;Temperature;anomaly;changepoint", lambda n: f"{HOURS[n]};{A[n]};{B[n]};{float(STATES[n])};{float(n % 20 == 0)}"
    )
    traffic = table(
        "holiday,temp,clouds_all,date_time,traffic_volume",
        lambda n: f"{'Columbus Day' if n == 5 else 'None'},{B[n]},{A[n]},{HOURS[n]},{C[n]:.0f}",
    )
    engine = table("", lambda n: f"{n // 40 + 1} {n % 40 + 1} {A[n]:.4f} 100.0 {B[n]:.2f}  ")
    ecg = table(
        "", lambda n: ",".join(f"{value:.3f}" for value in np.sin(np.arange(60) / (3 + 2 * (n % 2))) + 0.1 * A[n]) + f",{n % 2}.0", 40
    )
    pivoted = [
        f"{HOURS[n]},{sensor},{value:.2f}" for n in range(100) for sensor, value in (("temperature", B[n]), ("pressure", 1000 + A[n]))
    ]
    stations = [
        f"{HOURS[n]},{where},{what},{value:.2f}" for n in range(60) for where in "AB" for what, value in (("t", B[n]), ("p", 1000 + A[n]))
    ]
    two = {"out": {"Date": "a part of the time", "Time": "a part of the time"}, "time": "Date Time"}
    return [
        file("air quality", [*air, *[";;;;;;;"] * 40], ["CO(GT)", "NMHC(GT)", "T", "RH"], "RH", newline="\r\n",
             offered={"CO(GT)": "-200", "NMHC(GT)": "-200"}, **two, **hourly),
        file("household power", power, ["Global_active_power", "Voltage"], "Global_active_power",
             offered={"Global_active_power": "?", "Voltage": "?"}, refused="--missing-cell '?@Global_active_power'", **two),
        file("buoy", buoy, ["WDIR", "WSPD", "WVHT", "ATMP"], "ATMP", offered={"WVHT": "99"}, time="YY MM DD hh mm", **hourly),
        file("Beijing", beijing, ["pm2.5", "TEMP"], "pm2.5", offered={"pm2.5": "NA"}, time="year month day hour",
             out={"No": "counts the rows", "cbwd": "one for each value"}, refused="line 2, column 'pm2.5': 'NA' is not a finite"),
        file("bike sharing", bikes, ["weathersit", "temp", "cnt"], "cnt", time="dteday hr",
             out={"instant": "counts the rows", "casual": "with registered it adds up to the target cnt"}, **hourly),
        file("shares", shares, ["close", "volume"], "close", time="date", out={"unnamed_1": "counts the rows", "Name": "the same text"},
             first="2012-03-05", last="2012-10-30"),
        file("Jena", jena, ["p (mbar)", "wv (m/s)"], "wv (m/s)", time="Date Time", offered={"wv (m/s)": "-9999"}, **hourly),
        file("occupancy", rooms, ["Temperature", "Light"], "Occupancy", task="classes", time="date", out={"unnamed_1": "counts the rows"},
             first="2006-12-16 17:24", last="2006-12-16 21:23"),
        file("weather of several values a cell", isd, ["STATION"], "STATION", time="DATE", out={"TMP": "text", "DEW": "text"},
             refused="never changes"),
        file("anomaly and changepoint", skab, ["Current", "Temperature"], "anomaly", task="classes", time="datetime",
             out={"changepoint": "another label"}, **hourly),
        file("traffic", traffic, ["temp", "clouds_all", "traffic_volume"], "traffic_volume", time="date_time", **hourly),
        file("engines without header", engine, ["column 3", "column 5"], "column 5", series="column 1", time="column 2",
             out={"column 4": "never changes"}),
        file("heartbeats without header", ecg, ["value"], "label", task="classes", series="series", time="step"),
        file("long form", ["timestamp,sensor,value", *pivoted], ["value"], "value", series="sensor", time="timestamp"),
        file("long form of two stations", ["time,station,parameter,value", *stations], ["value"], "value", time="time",
             out={"parameter": "Pivot it so that each has a column of its own"}, refused="have the same time"),
    ]  # fmt: skip


def exports() -> list[Stranger]:
    """Return files as programs and countries write them."""
    pair, hourly = ["a", "b"], {"first": "2012-03-05 00:00", "last": "2012-03-14 23:00"}
    daily = {"first": "2012-03-05", "last": "2012-10-30"}
    weekly = {"first": "2015-01-05", "last": f"{WEEKS[-1]:%Y-%m-%d}"}
    quarters = [f"{1950 + n // 4}{{}}Q{n % 4 + 1}" for n in range(ROWS)]
    back = range(ROWS - 1, -1, -1)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("inner/data.csv.gz", gzip.compress("\n".join(table("time,a,b", lambda n: f"{HOURS[n]},{A[n]},{B[n]}")).encode()))
    wide = table(",timestamp," + ",".join(f"sensor_{n:02}" for n in range(30)) + ",machine_status",

                      lambda n: f"{n},{MINUTES[n]}," + ",".join(f"{A[n] * one:.3f}" for one in range(1, 31))
                      + f",{['NORMAL', 'BROKEN'][STATES[n]]}")  # fmt: skip
    mixed = table("time,a,b", lambda n: (f"{HOURS[n]}" if n < 160 else f"{HOURS[n]:%d/%m/%Y %H:%M}") + f",{A[n]},{B[n]}")
    return [
        file("German", table("Zeit;a;b", lambda n: f"{HOURS[n]:%d.%m.%Y %H:%M};{german(1500 + C[n])};{comma(B[n])}"), pair, "b",
             encoding="cp1252", newline="\r\n", time="Zeit", **hourly),
        file("French", table("Date;a;b",
             lambda n: f"{HOURS[n]:%d/%m/%Y %H:%M};{german(1500 + C[n]).replace('.', chr(160))};{comma(B[n])}"), pair,
             "b", encoding="cp1252", time="Date", **hourly),
        file("Swiss", table("Datum;a;b",
             lambda n: f"{DAYS[n]:%d.%m.%Y};{1500 + 2 * C[n]:,.2f};{B[n]}".replace(",", "'")), pair, "b", time="Datum",
             **daily),
        file("Indian", table("Date,a,b",
             lambda n: f'{DAYS[n]:%d-%m-%Y},"{lakh(1234567 + 999 * C[n])}",{B[n]}'), pair, "b", time="Date", **daily),
        file("accounts", table("Date,a,b",
             lambda n: f'{DAYS[n]:%Y-%m-%d},{f"({A[n]})" if A[n] < 3 else A[n]},{B[n]}'), pair, "b", time="Date",
             refused="take it off when the file is read (--strip a)"),
        file("limits of detection", table("Date,a,b", lambda n: f"{DAYS[n]:%Y-%m-%d},{'<0.05' if n % 10 == 1 else A[n]},{B[n]}"), pair, "b",
             time="Date", refused="(--strip a)"),
        file("spreadsheet errors", table("t;a;b",
             lambda n: f"{HOURS[n]:%d.%m.%Y %H:%M};{'#DIV/0!' if n % 60 == 7 else comma(A[n])};{comma(B[n])}"),
             pair, "b", time="t", offered={"a": "#DIV/0!"}, refused="--missing-cell"),
        file("newest first", ['"Date","a","b"', *(f'"{DAYS[n]:%b %d, %Y}",{A[n]},{B[n]}' for n in back)], pair, "b", time="Date", **daily),
        file("weeks", table("week,a,b", lambda n: f"{WEEKS[n]:%G-W%V},{A[n]},{B[n]}"), pair, "b", time="week", **weekly),
        file("quarters", table("quarter,a,b", lambda n: f"{quarters[n].format('')},{A[n]},{B[n]}"), pair, "b", time="quarter",
             first="1950-01-01", last="2009-10-01"),
        file("quarters with a dash", table("q,a,b", lambda n: f"{quarters[n].format('-')},{A[n]},{B[n]}"), pair, "b", time="q",
             first="1950-01-01", last="2009-10-01"),
        file("months of short years", table("Month,a,b", lambda n: f"{pd.Timestamp(1990 + n // 12, n % 12 + 1, 1):%b-%y},{A[n]},{B[n]}"),
             pair, "b", time="Month", first="1990-01-01", last="2009-12-01"),
        file("years", table("Year,a", lambda n: f"{1700 + n},{A[n]}"), ["a"], "a", time="Year"),
        file("minutes and seconds", table("t,a,b", lambda n: f"{MINUTES[n]:%d/%m/%Y %H:%M:%S},{A[n]},{B[n]}"), pair, "b", time="t",
             first="2006-12-16 17:24", last="2006-12-16 21:23"),
        file("rounded seconds", table("",
             lambda n: f"{n / 360:.3f}\t{A[n]}\t{B[n]}"), ["column 2", "column 3"], "column 3", time="column 1"),
        file("milliseconds", table("ts,a,b", lambda n: f"{1594512000000 + 5000 * n},{A[n]},{B[n]}"), pair, "b", time="ts",
             first="2020-07-12 00:00:00", last="2020-07-12 00:19:55"),
        file("spreadsheet days", table("When;a;b",
             lambda n: f"{comma(40973 + n / 24, 6)};{comma(A[n])};{comma(B[n])}"), pair, "b", time="When",
             **hourly),
        file("Powershell", ["#TYPE System.Object", *table('"Time","a","b"', lambda n: f'"{HOURS[n]:%m/%d/%Y %H:%M:%S}","{A[n]}","{B[n]}"')],
             pair, "b", encoding="utf-16", newline="\r\n", time="Time", **hourly),
        file("sep line", ["sep=;", *table("Zeit;a;b", lambda n: f"{HOURS[n]:%d.%m.%Y %H:%M};{comma(A[n])};{comma(B[n])}")], pair, "b",
             encoding="utf-8-sig", newline="\r\n", time="Zeit", **hourly),
        file("a delimiter at each end", table("time,a,b", lambda n: f"{HOURS[n]},{A[n]},{B[n]},"), pair, "b", time="time", **hourly),
        file("table of sensors", wide, [f"sensor_{n:02}" for n in range(30)], "machine_status", task="classes", time="timestamp",
             out={"unnamed_1": "counts the rows"}, first="2006-12-16 17:24", last="2006-12-16 21:23"),
        file("two formats of dates", mixed, pair, "b", out={"time": "67% of its cells are dates"}),
        file("subjects in turn", table("subject,a,b,activity", lambda n: f"{n // 40},{A[n]},{B[n]},{['walk', 'sit'][n // 10 % 2]}"), pair,
             "activity", task="classes", series="subject"),
        file("eyes", table("a,b,eyeDetection", lambda n: f"{A[n]},{B[n]},{STATES[n]}"), pair, "eyeDetection", task="classes"),
        file("net and gross", table("t,gross,tax,net",
             lambda n: f"{DAYS[n]:%Y-%m-%d},{A[n] + B[n]:.2f},{A[n]},{B[n]}"), ["net"], "net", time="t",
             out={"gross": "adds up to the target net", "tax": "adds up"}, **daily),
        file("a unit in each cell", table('"Time","room {sensor=1}"', lambda n: f"{HOURS[n]},{B[n]:.1f} °C"), [], "", time="Time",
             refused="No feature is chosen"),
        Stranger("packed twice", zipped.getvalue(), ("a", "b"), "b", time="time", first="2012-03-05 00:00", last="2012-03-14 23:00"),
    ]  # fmt: skip


STRANGERS = [*public(), *exports()]
