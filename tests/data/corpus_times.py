"""Files whose times are written in every way that is met, with what must be found in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROWS = 400
NOISE = np.random.default_rng(7).standard_normal(3000).cumsum().round(3)


@dataclass(frozen=True)
class TimesFile:
    """A file, the column of its time, the format and zone in which that is read, and the first and last time as text.

    `is_asked`: nothing in the file decides between two orders of day and month.
    """

    name: str
    content: bytes
    column: str
    format: str
    first: str
    last: str
    zone: str = ""
    is_asked: bool = False


def hours(start: str = "2024-02-01", rows: int = ROWS, step: str = "h", zone: str | None = None) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=rows, freq=step, tz=zone)


def written(columns: dict[str, Sequence[object]]) -> bytes:
    """Return a CSV of these columns and one that is measured."""
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({**columns, "level": NOISE[:rows]}).to_csv(index=False).encode()


def one(name: str, cells: Sequence[object], format: str, first: str, last: str, **more: object) -> TimesFile:
    return TimesFile(name, written({"when": cells}), "when", format, first, last, **more)  # type: ignore[arg-type]


def in_format(name: str, format: str, expected: str = "", index: pd.DatetimeIndex | None = None, **more: object) -> TimesFile:
    """Return a file whose times are written in a format, which is also expected unless another is given."""
    index = hours() if index is None else index
    ends = [f"{moment:%Y-%m-%d %H:%M}" for moment in (index[0], index[-1])]
    if "%H" not in format and "%I" not in format:
        ends = [end[:10] for end in ends]
    return one(name, list(index.strftime(format)), expected or format, ends[0], ends[1], **more)


def days(start: str = "2024-02-01", rows: int = 90) -> pd.DatetimeIndex:
    return hours(start, rows, "D")


def epoch(name: str, factor: float, format: str, shift: float = 0.0) -> TimesFile:
    seconds = hours().as_unit("s").asi8
    cells = [f"{second * factor + shift:.0f}" if not shift else f"{second * factor + shift:.3f}" for second in seconds.tolist()]
    return one(name, cells, format, "2024-02-01 00:00", "2024-02-17 15:00")


def corpus() -> tuple[TimesFile, ...]:
    """Return the files."""
    month_names = {1: "janv.", 2: "févr.", 3: "mars"}
    german = ["Januar", "Februar", "März"]
    autumn = hours("2024-10-20", ROWS, "h", "Europe/Berlin")
    naive = autumn.tz_localize(None)
    autumn_in_us = hours("2024-10-30", 900, "15min", "America/Chicago").tz_localize(None)
    autumn_in_sydney = hours("2024-04-01", ROWS, "30min", "Australia/Sydney").tz_localize(None)
    spring = hours("2024-03-25", ROWS, "h", "Europe/Paris").tz_localize(None)
    serial: Callable[[pd.DatetimeIndex], np.ndarray] = lambda index: index.as_unit("s").asi8 / 86400 + 25569  # noqa: E731
    hour = hours()
    quarter = hours(step="15min")
    files = [
        in_format("slash day first", "%d/%m/%Y %H:%M"),
        in_format("dot day first", "%d.%m.%Y %H:%M"),
        in_format("two-digit year", "%d-%m-%y %H:%M"),
        in_format("two-digit year in slashes", "%d/%m/%y %H:%M:%S"),
        in_format("month first", "%m/%d/%Y %H:%M"),
        in_format("month first, half days", "%m/%d/%Y %I:%M:%S %p"),
        in_format("year first in slashes", "%Y/%m/%d %H:%M:%S"),
        in_format("year first in dots", "%Y.%m.%d %H:%M"),
        in_format("packed day", "%Y%m%d", index=days()),
        in_format("packed hour", "%Y%m%d%H"),
        in_format("packed minute", "%Y%m%d%H%M"),
        in_format("packed second", "%Y%m%d%H%M%S"),
        in_format("packed with T", "%Y%m%dT%H%M%S"),
        in_format("packed day and a blank", "%Y%m%d %H%M"),
        in_format("month names", "%d-%b-%Y %H:%M"),
        in_format("month names, short years", "%d-%b-%y %H.%M.%S"),
        in_format("month names first", "%b %d, %Y %I:%M %p"),
        in_format("whole month names", "%d %B %Y %H:%M", "%d %b %Y %H:%M"),
        in_format("weekday before", "%A, %d %B %Y %H:%M", "%d %b %Y %H:%M"),
        in_format("weekday before a slash date", "%a %d/%m/%Y %H:%M", "%d/%m/%Y %H:%M"),
        in_format("ISO", "%Y-%m-%dT%H:%M:%S", "ISO8601"),
        in_format("ISO with a decimal comma", "%Y-%m-%d %H:%M:%S,%f", "ISO8601"),
        in_format("ISO in UTC", "%Y-%m-%dT%H:%M:%SZ", "ISO8601", zone="UTC"),
        in_format("ISO days", "%Y-%m-%d", "ISO8601", index=days()),
        in_format("ISO week", "%G-W%V-%u", index=days()),
        in_format("day of the year", "%Y-%j %H:%M"),
        in_format("packed day of the year", "%Y%j", index=days()),
        in_format("log file", "%d/%b/%Y:%H:%M:%S"),
        in_format("slash date, GMT", "%d/%m/%Y %H:%M:%S GMT", "%d/%m/%Y %H:%M:%S%z", zone="UTC"),
        in_format("day before month in ISO order", "%Y-%d-%m %H:%M"),
        in_format("months", "%Y-%m", index=hours("2015-01-01", 100, "MS")),
        in_format("day first, months apart", "%d/%m/%Y", index=hours("2015-01-01", 100, "MS")),
        in_format("ten days by the hour", "%d/%m/%Y %H:%M", index=hours(rows=240)),
        in_format("ten days by the hour, month first", "%m/%d/%Y %H:%M", index=hours(rows=240)),
        in_format("ten days", "%d/%m/%Y", index=days(rows=10), is_asked=True),
        in_format("twelve days in dots", "%d.%m.%Y", index=days(rows=12), is_asked=True),
        in_format("one day", "%d/%m/%Y %H:%M", index=hours(rows=24), is_asked=True),
        one("French months", [f"{moment.day} {month_names[moment.month]} {moment.year} {moment:%H:%M}" for moment in hour],
            "%d %b %Y %H:%M", "2024-02-01 00:00", "2024-02-17 15:00"),
        one("German months", [f"{moment.day}. {german[moment.month - 1]} {moment.year}" for moment in days(rows=55)],
            "%d. %b %Y", "2024-02-01", "2024-03-26"),
        one("midnight without a time", [f"{m:%d/%m/%Y}" if m.hour == 0 else f"{m:%d/%m/%Y %H:%M}" for m in hour],
            "%d/%m/%Y %H:%M", "2024-02-01 00:00", "2024-02-17 15:00"),
        one("hour 24", [f"{m - pd.Timedelta(days=1):%d.%m.%Y} 24:00" if m.hour == 0 else f"{m:%d.%m.%Y %H:%M}" for m in hour],
            "%d.%m.%Y %H:%M", "2024-02-01 00:00", "2024-02-17 15:00"),
        one("no leading zeros", [f"{m.month}/{m.day}/{m.year} {m.hour}:{m.minute:02}" for m in hour],
            "%m/%d/%Y %H:%M", "2024-02-01 00:00", "2024-02-17 15:00"),
        one("fixed offset", [f"{m:%Y-%m-%dT%H:%M}+02:00" for m in hour], "ISO8601", "2024-02-01 00:00", "2024-02-17 15:00",
            zone="UTC+02:00"),
        one("offset and name of the zone", [f"{m:%Y-%m-%dT%H:%M}+05:30[Asia/Kolkata]" for m in hour], "ISO8601", "2024-02-01 00:00",
            "2024-02-17 15:00", zone="UTC+05:30"),
        one("offset without a colon", [f"{m:%d/%m/%Y %H:%M}-0300" for m in hour], "%d/%m/%Y %H:%M%z", "2024-02-01 00:00",
            "2024-02-17 15:00", zone="UTC-03:00"),
        one("offset that changes", [m.isoformat() for m in autumn], "ISO8601", "2024-10-20 00:00 +02:00", "2024-11-05 14:00 +01:00",
            zone="UTC+01:00 and UTC+02:00"),
        one("names of zones that change", [f"{m:%Y-%m-%d %H:%M} {m.tzname()}" for m in autumn], "ISO8601", "2024-10-20 00:00 +02:00",
            "2024-11-05 14:00 +01:00", zone="UTC+01:00 and UTC+02:00"),
        one("repeated hour", list(naive.strftime("%Y-%m-%d %H:%M")), "ISO8601", "2024-10-20 00:00 +02:00", "2024-11-05 14:00 +01:00",
            zone="Europe/Berlin"),
        one("repeated hour in quarters, month first", list(autumn_in_us.strftime("%m/%d/%Y %I:%M %p")), "%m/%d/%Y %I:%M %p",
            "2024-10-30 00:00 -04:00", "2024-11-08 07:45 -05:00", zone="America/New_York"),
        one("repeated hour in April", list(autumn_in_sydney.strftime("%d/%m/%Y %H:%M")), "%d/%m/%Y %H:%M", "2024-04-01 00:00 +11:00",
            "2024-04-09 06:30 +10:00", zone="Australia/Sydney"),
        one("the hour that spring leaves out", list(spring.strftime("%d.%m.%Y %H:%M")), "%d.%m.%Y %H:%M", "2024-03-25 00:00",
            "2024-04-10 16:00"),
        epoch("epoch in seconds", 1, "epoch s"),
        epoch("epoch in milliseconds", 1e3, "epoch ms"),
        epoch("epoch in microseconds", 1e6, "epoch us"),
        epoch("epoch in nanoseconds", 1e9, "epoch ns"),
        epoch("epoch with fractions", 1, "epoch s", shift=0.0001),
        one("spreadsheet days", serial(hour).round(10).tolist(), "excel", "2024-02-01 00:00", "2024-02-17 15:00"),
        one("whole spreadsheet days", serial(days()).astype(int).tolist(), "excel", "2024-02-01", "2024-04-30"),
        one("MATLAB days", (serial(hour) + 693_960).round(8).tolist(), "matlab", "2024-02-01 00:00", "2024-02-17 15:00"),
        one("times of day", list(hour[:20].strftime("%H:%M:%S")), "%H:%M:%S", "00:00", "19:00"),
        one("times of day past midnight", list(quarter.strftime("%H:%M")), "%H:%M", "day 1 00:00", "day 5 03:45"),
        TimesFile("date and time", written({"Date": list(hour.strftime("%d/%m/%Y")), "Time": list(hour.strftime("%H.%M.%S"))}),
                  "Date Time", "%d/%m/%Y %H.%M.%S", "2024-02-01 00:00", "2024-02-17 15:00"),
        TimesFile("date and hour", written({"day": list(hour.strftime("%Y-%m-%d")), "hour": list(hour.hour)}),
                  "day hour", "%Y-%m-%d %H", "2024-02-01 00:00", "2024-02-17 15:00"),
        TimesFile("date and hour to 24", written({"Datum": list(hour.strftime("%d.%m.%Y")), "Stunde": list(hour.hour + 1)}),
                  "Datum Stunde", "%d.%m.%Y %H", "2024-02-01 01:00", "2024-02-17 16:00"),
        TimesFile("packed date and HHMM", written({"date": list(hour.strftime("%Y%m%d")), "hhmm": [int(m.strftime("%H%M")) for m in hour]}),
                  "date hhmm", "%Y%m%d %H%M", "2024-02-01 00:00", "2024-02-17 15:00"),
        TimesFile("date and half days", written({"date": list(hour.strftime("%m/%d/%Y")), "time": list(hour.strftime("%I:%M %p"))}),
                  "date time", "%m/%d/%Y %I:%M %p", "2024-02-01 00:00", "2024-02-17 15:00"),
        TimesFile("parts", written({"No": range(ROWS), "year": hour.year, "month": hour.month, "day": hour.day, "hour": hour.hour}),
                  "year month day hour", "parts", "2024-02-01 00:00", "2024-02-17 15:00"),
        TimesFile("parts of a buoy", written({"#YY": quarter.year, "MM": quarter.month, "DD": quarter.day, "hh": quarter.hour,
                                              "mm": quarter.minute}),
                  "YY MM DD hh mm", "parts", "2024-02-01 00:00", "2024-02-05 03:45"),
        TimesFile("year, day of the year, hour", written({"YEAR": hour.year, "DOY": hour.day_of_year, "HR": hour.hour}),
                  "YEAR DOY HR", "parts", "2024-02-01 00:00", "2024-02-17 15:00"),
        TimesFile("year and month", written({"Jahr": hours("2001-01-01", 120, "MS").year, "Monat": hours("2001-01-01", 120, "MS").month}),
                  "Jahr Monat", "parts", "2001-01-01", "2010-12-01"),
    ]  # fmt: skip
    return (*files, *periods(), *years(), *weeks(), *clocks())


def counted(index: pd.DatetimeIndex, step: str, date: str) -> tuple[list[str], list[int]]:
    """Return the dates of periods, and their numbers within the day, as power markets write them."""
    passed = index - index.normalize()
    return list(index.strftime(date)), (passed // pd.Timedelta(step) + 1).tolist()


def periods() -> list[TimesFile]:
    """Return files with a date and the number of a half hour or a quarter hour within it."""

    def file(name: str, index: pd.DatetimeIndex, step: str, date: str, names: tuple[str, str], **more: str) -> TimesFile:
        kind = {"30min": "half hours", "15min": "quarter hours"}[step]
        offset = ["", ""] if "zone" not in more else [f" {moment:%z}"[:4] + ":00" for moment in (index[0], index[-1])]
        ends = [f"{moment:%Y-%m-%d %H:%M}{of_end}" for moment, of_end in zip((index[0], index[-1]), offset, strict=True)]
        content = written(dict(zip(names, counted(index, step, date), strict=True)))
        return TimesFile(name, content, " ".join(names), f"{date} {kind}", *ends, **more)

    half = lambda start, days, zone: hours(start, 48 * days, "30min", zone)  # noqa: E731
    elexon, london = ("settlementDate", "settlementPeriod"), "Europe/London"
    return [
        file("settlement periods", half("2024-02-01", 20, london), "30min", "%Y-%m-%d", elexon),
        file("settlement periods as clocks go back", half("2024-10-13", 30, london), "30min", "%Y-%m-%d", elexon, zone=london),
        file("settlement periods as clocks go forward", half("2024-03-20", 30, london), "30min", "%Y-%m-%d", elexon, zone=london),
        file("settlement periods, day first", half("2024-02-01", 20, london), "30min", "%d/%m/%Y", ("SETT_DATE", "SP")),
        file("trading periods in the south", half("2024-03-28", 20, "Australia/Sydney"), "30min", "%d/%m/%Y", ("Date", "TP"),
             zone="Australia/Sydney"),
        file("quarter hours of a German market", hours("2024-10-20", 96 * 14, "15min", "Europe/Berlin"), "15min", "%d.%m.%Y",
             ("Datum", "Viertelstunde"), zone="Europe/Berlin"),
        file("half hours in part of a day", hours("2024-02-01 11:30", 500, "30min", london), "30min", "%Y-%m-%d", ("day", "period")),
    ]  # fmt: skip


def years() -> list[TimesFile]:
    """Return files whose times are years with decimals."""

    def decimal(index: pd.DatetimeIndex) -> np.ndarray:
        seconds = (index - pd.to_datetime(index.year.astype(str))) / pd.Timedelta(days=1)
        return (index.year + seconds / np.where(index.is_leap_year, 366, 365)).to_numpy()

    months = hours("1958-03-01", 300, "MS")
    middle, begins = months + pd.Timedelta(days=14.5), months.year + (months.month - 1) / 12
    ends, both = ("1958-03-01", "1983-02-01"), {"year": months.year, "month": months.month}
    daily, hourly = hours("1999-12-01", ROWS, "D"), hours("1999-12-25")
    return [
        TimesFile("middles of months", written({"decimal date": decimal(middle).round(4)}), "decimal date", "decimal year", *ends),
        TimesFile("middles of months beside year and month", written({**both, "decimal date": decimal(middle).round(4)}),
                  "year month", "parts", *ends),
        one("months as twelfths", begins.to_numpy().round(4).tolist(), "decimal year", *ends),
        one("months as exact twelfths", begins.tolist(), "decimal year", *ends),
        one("middles of months as twenty-fourths", (begins + 1 / 24).to_numpy().round(3).tolist(), "decimal year", *ends),
        TimesFile("middles of years", written({"year": np.arange(1700, 1900) + 0.5}), "year", "decimal year", "1700-01-01", "1899-01-01"),
        TimesFile("quarters of years", written({"year": 1950 + np.arange(200) / 4}), "year", "decimal year", "1950-01-01", "1999-10-01"),
        one("days as parts of years", decimal(daily).round(4).tolist(), "decimal year", "1999-12-01", "2001-01-03"),
        one("noons as parts of years", decimal(daily + pd.Timedelta("12h")).round(5).tolist(), "decimal year", "1999-12-01", "2001-01-03"),
        one("hours as parts of years", decimal(hourly).round(7).tolist(), "decimal year", "1999-12-25 00:00", "2000-01-10 15:00"),
    ]  # fmt: skip


def weeks() -> list[TimesFile]:
    """Return files of weeks and months that are written as digits, and years beside weeks or quarters."""
    mondays, months = hours("2019-12-02", 120, "W-MON"), hours("2015-01-01", 100, "MS")
    quarters = hours("1990-01-01", 100, "QS")
    iso = mondays.isocalendar()
    ends, of_months = ("2019-12-02", "2022-03-14"), ("2015-01-01", "2023-04-01")
    few = {"first": "2020-01-01", "last": "2020-12-01", "is_asked": True}
    return [
        one("packed weeks", list(mondays.strftime("%G%V")), "%G%V", *ends),
        TimesFile("packed weeks of a few months", written({"week": [202001 + week for week in range(12)]}), "week", "%G%V", "2019-12-30",
                  "2020-03-16"),
        one("weeks or months", [202001 + place for place in range(12)], "%Y%m", **few),
        one("packed months", list(months.strftime("%Y%m")), "%Y%m", *of_months),
        one("packed days of short years", list(days().strftime("%y%m%d")), "%y%m%d", "2024-02-01", "2024-04-30"),
        one("weeks with a W", list(mondays.strftime("%G-W%V")), "%G-W%V-%u", *ends),
        TimesFile("year and week", written({"year": iso.year, "week": iso.week}), "year week", "parts", *ends),
        TimesFile("Jahr und KW", written({"KW": iso.week, "Jahr": iso.year}), "Jahr KW", "parts", *ends),
        TimesFile("year and quarter", written({"year": quarters.year, "quarter": quarters.quarter}), "year quarter", "parts",
                  "1990-01-01", "2014-10-01"),
    ]  # fmt: skip


def clocks() -> list[TimesFile]:
    """Return files with a date and times of day as whole numbers or of twelve hours in columns of their own."""
    tenths, seconds, hour = hours(step="10min"), hours(step="15s"), hours()
    packed = lambda index, format: [int(moment) for moment in index.strftime(format)]  # noqa: E731
    in_order = ("2024-02-01 00:00", "2024-02-03 18:30")
    return [
        TimesFile("packed date and HHMMSS", written({"date": list(seconds.strftime("%Y%m%d")), "hhmmss": packed(seconds, "%H%M%S")}),
                  "date hhmmss", "%Y%m%d %H%M%S", "2024-02-01 00:00:00", "2024-02-01 01:39:45"),
        TimesFile("HHMM under another name", written({"date": list(tenths.strftime("%Y-%m-%d")), "q": packed(tenths, "%H%M")}),
                  "date q", "%Y-%m-%d %H%M", *in_order),
        TimesFile("HHMMSS under another name", written({"d": list(tenths.strftime("%d/%m/%Y")), "q": packed(tenths, "%H%M%S")}),
                  "d q", "%d/%m/%Y %H%M%S", *in_order),
        TimesFile("year, day of the year, HHMM", written({"YEAR": tenths.year, "DOY": tenths.day_of_year, "HHMM": packed(tenths, "%H%M")}),
                  "YEAR DOY HHMM", "parts", *in_order),
        TimesFile("twelve hours and a half of the day", written({"date": list(tenths.strftime("%m/%d/%Y")),
                  "time": list(tenths.strftime("%I:%M")), "ampm": list(tenths.strftime("%p"))}),
                  "date time ampm", "%m/%d/%Y %I:%M %p", *in_order),
        TimesFile("whole hours and a half of the day", written({"date": list(hour.strftime("%Y-%m-%d")),
                  "hour": list(hour.strftime("%I")), "half": [half.lower() for half in hour.strftime("%p")]}),
                  "date hour half", "%Y-%m-%d %I %p", "2024-02-01 00:00", "2024-02-17 15:00"),
    ]  # fmt: skip
