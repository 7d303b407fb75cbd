"""Cells of text read as dates or times of day in one format, as strptime has it, with what it lacks: offsets by name, month names in
other languages, hour 24, and cells that leave out the end of the format.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from complex_lstm.data.spans import ELAPSED, START, ends_of, read_elapsed, which_end

ISO = "ISO8601"
FIRST_DAY = np.datetime64("1700-01-01")  # stands for the first day of a recording whose cells are times of day alone
PACKED_WEEK = "%G%V"
MANY = 20_000  # cells of which each day and each time of day are read once
ZONE_HOURS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_OFFSET = rf" ?(?:UTC|GMT)?(?P<offset>[+-]\d{{2}}(?::?\d{{2}})?)$| ?(?P<zone>{'|'.join(sorted(ZONE_HOURS, key=len, reverse=True))})$"
_OFFSET_AFTER_TIME = re.compile(r"(?<=\d)" + _OFFSET + r"|(?<=[AP]M)" + _OFFSET.replace("offset", "offset2").replace("zone", "zone2"))
_MONTHS = (
    "jan janv january januar jänner janvier enero ene gen gennaio janeiro januari sty stycznia января янв ledna led",
    "feb fév févr fevr fev february februar février fevrier febrero febbraio fevereiro februari lut lutego февраля фев февр února úno",
    "mar march mär mrz märz maerz mars marzo março maart mrt marca марта мар března bře",
    "apr april avr avril abr abril aprile kwi kwietnia апреля апр dubna dub",
    "may mai mayo mag maggio maio mei maj maja мая май května kvě",
    "jun june juni juin junio giugno junho giu cze czerwca июня июн června čvn",
    "jul july juli juil juillet julio luglio julho lug lip lipca июля июл července čvc",
    "aug august août aout ago agosto augustus augusti sie sierpnia августа авг srpna srp",
    "sep sept september septembre septiembre settembre setembro set wrz września сентября сен сент září zář",
    "oct october okt oktober octobre octubre ott ottobre outubro out paź października октября окт října říj",
    "nov november novembre noviembre novembro lis listopada ноября ноя нояб listopadu",
    "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro gru grudnia декабря дек prosince pro",
)
_MONTH_OF = {name: f"{names.split()[0]}".capitalize() for names in _MONTHS for name in names.split()}
_WORD = re.compile(r"([^\W\d_]{3,13})(\.?)")
_WORDS = {"set", "out", "led", "lip", "pro", "dub", "lis"}  # that a label may be, as in "Set 12": months between two numbers alone
_EASTERN = (
    (re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]"), r"\1-\2-\3"),
    (re.compile(r"(\d{1,2}) ?[時时시] ?(\d{1,2}) ?[分분](?: ?(\d{1,2}) ?[秒초])?"), lambda at: ":".join(filter(None, at.groups()))),
)
_WEEKDAY = r"^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[a-zA-Zà-ÿ]{0,7}\.?,?\s+"
_WEEKDAY += r"(?=[A-Za-zÀ-ÿ]|\d{1,4}[-/. ]+(?:\d{1,2}|[A-Za-zÀ-ÿ.]{3,})[-/., ]+\d{1,4})"  # Mar 31, 2013 is in March, no mardi
_HOUR_24 = r"(?<![\d:.])24((?:[:.]?00)*)$"  # in 17:24:00 it is the minute
_WEEK = r"\d{4}-?W\d{2}"
_QUARTER = r"(?:\d{4}[-/ ]?[QqTt][1-4]|[QqTt][1-4][-/ ]?\d{4})"


def as_text(cells: pd.Series) -> pd.Series:
    """Return cells as text, whole numbers without a decimal point, missing ones as NaN."""
    if cells.dtype.kind == "f":
        known = cells[np.isfinite(cells)]
        if len(known) and (known == known.round()).all() and known.abs().max() < 2**62:
            cells = cells.where(np.isfinite(cells)).round().astype("Int64")
    return cells if cells.dtype == "str" else cells.astype("str")


def parse_dates(cells: pd.Series, format: str) -> tuple[pd.Series, pd.Series]:  # the field's word
    """Return the wall clock of each cell (NaT where it is not in the format), and its offset from UTC (NaT where it names none).

    A cell may leave out the end of the format: seconds, or the time of day where that is midnight. 24:00 is the next day's 0:00.
    """
    end, of_end = which_end(format)
    if end:
        return _parse_end(as_text(cells), end, of_end)
    if format in ELAPSED:
        wall = pd.Timestamp(FIRST_DAY) + read_elapsed(as_text(cells), format)
        return wall, pd.Series(np.full(len(cells), np.timedelta64("NaT"), dtype="timedelta64[s]"), index=cells.index)
    if format == ISO:  # read faster than like cells are found
        wall, offset = _parse(as_text(cells).reset_index(drop=True), format)
        return wall.set_axis(cells.index), offset.set_axis(cells.index)
    codes, unique = pd.factorize(as_text(cells))
    wall, offset = _parse(pd.Series(unique, dtype="str"), format)
    at = np.where(codes >= 0, codes, len(unique))
    wall, offset = (pd.concat([one, pd.Series([pd.NaT], dtype=one.dtype)]).to_numpy()[at] for one in (wall, offset))
    return pd.Series(wall, index=cells.index), pd.Series(offset, index=cells.index)


def _parse_end(text: pd.Series, end: str, format: str) -> tuple[pd.Series, pd.Series]:
    """Return the wall clock of one end of each stretch, and its offset. An end that names no day is on that of the start, or the next."""
    starts, ends = ends_of(text)
    begin, offset = parse_dates(starts, format)
    if end == START:
        return begin, offset
    length = _iso_durations(ends)
    if length.notna().any():
        return begin + length, offset
    wall, of_ends = parse_dates(ends, format)
    if wall.notna().sum() >= begin.notna().sum() / 2:
        return wall, of_ends
    clock = re.sub(r"^.*?(?=%[HI])", "", format) if has_time_of_day(format) else "%H:%M"
    of_day = parse_dates(ends, clock)[0] - pd.Timestamp(FIRST_DAY)
    wall = begin.dt.normalize() + of_day
    return wall.where(wall > begin, wall + pd.Timedelta(days=1)), offset


def _iso_durations(text: pd.Series) -> pd.Series:
    """Return lengths as ISO 8601 writes them, PT1H, NaT where a cell is none."""
    parts = text.str.extract(r"^P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?$").astype(float)
    minutes = parts["d"].fillna(0) * 1440 + parts["h"].fillna(0) * 60 + parts["m"].fillna(0) + parts["s"].fillna(0) / 60
    return pd.to_timedelta(minutes.where(parts.notna().any(axis=1)), unit="min")


def is_time_of_day(format: str) -> bool:
    """Return whether a format has a time of day, or an elapsed time, and no date."""
    return format in ELAPSED or (has_time_of_day(format) and not re.search("%[YymdbjGV]", format))


def has_time_of_day(format: str) -> bool:
    """Return whether a strptime format has an hour."""
    return "%H" in format or "%I" in format


def in_words(format: str) -> str:
    """Return a strptime format as people write one: dd/mm/yyyy HH:MM."""
    words = {"%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%b": "month name", "%H": "HH", "%I": "hh", "%M": "MM", "%S": "SS",
             "%f": "fraction", "%p": "AM/PM", "%j": "day of the year", "%G": "yyyy", "%V": "ww", "%u": "weekday",
             "%z": " with offset"}  # fmt: skip
    if which_end(format)[1] == ISO:
        return f"{which_end(format)[0]}ISO 8601 (yyyy-mm-dd)"
    for code, word in words.items():
        format = format.replace(code, word)
    return format


def plain_dates(cells: pd.Series) -> pd.Series:
    """Return text cells without weekday and named zone in brackets, with English month names, decimal points and AM or PM."""
    sample = spread(cells, 200)
    text = cells.str.strip() if (sample != sample.str.strip()).any() else cells
    some = spread(text, 200)
    if some.str.fullmatch(_WEEK).any():
        return text.str.replace(rf"^({_WEEK})$", r"\1-1", regex=True)  # a week stands for its Monday
    if some.str.fullmatch(_QUARTER).any():
        return text.str.replace(rf"^{_QUARTER}$", _first_month, regex=True)
    if some.str.contains("[年년]").any():
        for pattern, plain in _EASTERN:
            text = text.str.replace(pattern, plain, regex=True)
    letters = some.str.contains(r"[^\W\d_]{2}|\[|,|\d ?[aApP]$").any()
    if not letters:
        return text
    text = text.str.replace(r"\[.*\]$", "", regex=True).str.replace(_WEEKDAY, "", regex=True, flags=re.IGNORECASE)
    text = text.str.replace(r"(?<=:\d\d),(?=\d)", ".", regex=True)
    text = text.str.replace(r"(?<=\d)(?:st|nd|rd|th|er)\b", "", regex=True)
    text = text.str.replace(r"(?<=[^\W_]) del? (?=[^\W_])", " ", regex=True, flags=re.IGNORECASE)
    text = text.str.replace(r"(?<=\d) ?([ap])(?:\.? ?m)?\.?$", lambda found: f" {found[1].upper()}M", regex=True, flags=re.IGNORECASE)
    return text.str.replace(_WORD, _month, regex=True)


def _month(found: re.Match[str]) -> str:
    """Return the English name of a month, without the full stop of one that some months of a column have and others need not."""
    month = _MONTH_OF.get(found[1].lower())
    if found[1].lower() in _WORDS and not (
        re.search(r"\d\W*$", found.string[: found.start()]) and re.match(r"\W*\d", found.string[found.end() :])
    ):
        return found[0]
    return month if month and found.string[found.end() : found.end() + 1] in ("", " ") else (month or found[1]) + found[2]


def _first_month(found: re.Match[str]) -> str:
    """Return the month in which a quarter such as 1970Q2 begins."""
    year, quarter = re.search(r"\d{4}", found[0]), re.search(r"[QqTt](\d)", found[0])
    return f"{year[0]}-{3 * int(quarter[1]) - 2:02}" if year and quarter else found[0]


def split_offset(cell: str) -> tuple[str, str]:
    match = _OFFSET_AFTER_TIME.search(cell)
    if not match or not re.search(r"\d[:hT]?\d{2}", cell[: match.start()]) or not re.search(r"[:TM]|\d{10}", cell[: match.start()]):
        return cell, ""
    return cell[: match.start()], match[0]


def _offsets(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return cells without their offset, and the offsets."""
    parts = cells.str.extract(rf"^(?P<rest>.*?(?:\d|[AP]M))(?:{_OFFSET})", expand=True)
    hours = parts["zone"].map(ZONE_HOURS)
    digits = parts["offset"].str.replace(":", "").str.ljust(5, "0")
    minutes = pd.to_numeric(digits.str[1:3]) * 60 + pd.to_numeric(digits.str[3:5])
    minutes = minutes.where(~digits.str.startswith("-").fillna(False).astype(bool), -minutes)
    minutes = minutes.where(parts["offset"].notna(), hours * 60)
    return parts["rest"].where(parts["rest"].notna(), cells), pd.to_timedelta(minutes.astype(float), unit="min")


def _parse(cells: pd.Series, format: str) -> tuple[pd.Series, pd.Series]:
    text = plain_dates(cells) if len(cells) else cells
    if format == PACKED_WEEK:  # a week stands for its Monday
        text, format = text + "1", f"{PACKED_WEEK}%u"
    offset = pd.Series(np.full(len(cells), np.timedelta64("NaT"), dtype="timedelta64[s]"))
    if format.endswith("%z") or (format == ISO and any(split_offset(cell)[1] for cell in spread(text.dropna(), 200))):
        text, offset = _offsets(text)
    clock = format.removesuffix("%z").replace("%b. ", "%b ")
    late = _is_24(text, clock)
    if late.any():
        text = text.where(~late, text.str.replace(_HOUR_24, r"00\1", regex=True))
    wall = _in_two(text, clock) if len(text) > MANY else None
    try:
        wall = _strptime(text, clock) if wall is None else wall
    except ValueError:  # few cells name an offset, and the sample has none of them
        text, offset = _offsets(text)
        wall = _strptime(text.where(text.str.fullmatch(r"[\d-]+(?:[T ][\d:.,]+)?").fillna(False)), clock)
    if late.any():
        wall = wall.where(~late, wall + pd.Timedelta(days=1))
    if is_time_of_day(clock):
        wall = wall - (pd.Timestamp("1900-01-01") - pd.Timestamp(FIRST_DAY))
    return wall, offset


def _strptime(text: pd.Series, clock: str) -> pd.Series:
    """Return the dates of text in a format or in one that leaves out its end, NaT where it is in none."""
    wall = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    for shorter in _shortened(clock):
        open_ = wall.isna() & text.notna()
        if not open_.any():
            break
        read = pd.to_datetime(text[open_], format=shorter, errors="coerce")
        if read.dt.tz is not None:
            read = read.dt.tz_localize(None)
        if read.notna().any():
            wall = read.reindex(wall.index) if open_.all() else wall.where(~open_, read.reindex(wall.index))
    return wall


def _in_two(text: pd.Series, clock: str) -> pd.Series | None:
    """Return the dates of many cells of equal length, each day and each time of day read once; None where they are not such cells."""
    match = re.fullmatch(r"(?P<day>.*%[dYyjum])(?P<gap>[T _,:;-]+)(?P<time>(?:%[HIMSp]|[^%])+)", clock)
    if match is None or text.str.len().nunique(dropna=False) > 1:
        return None
    width = len(match["time"])  # a code has two characters, and so has what it stands for
    day_codes, days = pd.factorize(text.str[: -width - len(match["gap"])])
    time_codes, times = pd.factorize(text.str[-width:])
    read_days = pd.to_datetime(pd.Series(days), format=match["day"], errors="coerce")
    read_times = pd.to_datetime(pd.Series(times), format=match["time"], errors="coerce") - pd.Timestamp("1900-01-01")
    if read_days.isna().any() or read_times.isna().any():
        return None
    return pd.Series(read_days.to_numpy()[day_codes] + read_times.to_numpy()[time_codes], index=text.index)


def _is_24(text: pd.Series, clock: str) -> pd.Series:
    """Return where a cell's hour is 24, midnight at the end of its day."""
    late = pd.Series(False, index=text.index)
    if clock != ISO and "%H" not in clock:
        return late
    ends = ("24:00", "24.00", "2400", *((" 24",) if clock.endswith(" %H") else ()))
    for end in ends:  # plain text is found much faster than a pattern
        found = text.str.contains(end, regex=False).fillna(False).astype(bool)
        if found.any():
            late |= found & text.str.fullmatch(rf".*{_HOUR_24}").fillna(False).astype(bool)
    return late


def _shortened(clock: str) -> list[str]:
    """Return a format and the same without its end: without fraction, seconds, time of day."""
    formats = [clock]
    if clock != ISO:
        for end in (r"\.%f", r"[:.\-]%S", r"[T _,:;-]+(?:at )?%[HI].*$"):
            shorter = re.sub(end, "", formats[-1])
            if shorter and shorter != formats[-1] and "%" in shorter:
                formats.append(shorter)
    return formats


def spread(cells: pd.Series, most: int) -> pd.Series:
    """Return at most so many cells: half of them the first ones, so that steps are seen, and half from the whole column."""
    if len(cells) <= most:
        return cells
    rest = np.unique(np.linspace(most // 2, len(cells) - 1, most - most // 2).astype(int))
    return cells.iloc[np.concatenate([np.arange(most // 2), rest])]
