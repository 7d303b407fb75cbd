"""One format for a whole column of dates: which formats could be meant, how much of the column each reads, and which is right.

A cell such as 05/06/2024 has two readings, a column seldom has: a day above 12, the order of the rows and the distances between
them leave one. Where they leave two, the likelier one is used and the column is marked, so that the user is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

ISO = "ISO8601"
FIRST_DAY = np.datetime64("1700-01-01")  # stands for the first day of a recording whose cells are times of day alone
FEWEST_READ = 0.95  # of the cells: a column of which less is read as dates holds something else
FEWEST_MIXED = 0.3  # of the cells: a column of which so many are dates is told to hold several formats
JUDGED = 20_000  # cells from which the candidates are judged first; all cells where two are left

_NUMERIC = (  # how day, month and year can stand, and in which orders they can be meant
    (r"(?P<a>\d{4})(?P<s>[-/. ]) ?(?P<b>\d{1,2})(?P=s) ?(?P<c>\d{1,2})\.?", ("Ymd", "Ydm")),
    (r"(?P<a>\d{1,2})(?P<s>[-/. ]) ?(?P<b>\d{1,2})(?P=s) ?(?P<c>\d{4})\.?", ("dmY", "mdY")),
    (r"(?P<a>\d{1,2})(?P<s>[-/.]) ?(?P<b>\d{1,2})(?P=s) ?(?P<c>\d{2})", ("dmy", "mdy", "ymd")),
    (r"(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})", ("Ymd",)),
    (r"(?P<a>\d{2})(?P<b>\d{2})(?P<c>\d{4})", ("dmY", "mdY")),
    (r"(?P<a>\d{4})-?W(?P<b>\d{2})-?(?P<c>\d)", ("GVu",)),
    (r"(?P<a>\d{4})[-/. ]?(?P<b>\d{3})", ("Yj",)),
    (r"(?P<a>\d{4})[-/](?P<b>\d{1,2})", ("Ym",)),
    (r"(?P<a>\d{1,2})[-/](?P<b>\d{4})", ("mY",)),
)
_NAMED = (
    (r"(?P<a>\d{1,2})\.?[-/ ]?(?P<b>[A-Za-z]{3})\.?[-/ ,]*(?P<c>\d{4})", ("dbY",)),
    (r"(?P<a>\d{1,2})\.?[-/ ]?(?P<b>[A-Za-z]{3})\.?[-/ ,]*(?P<c>\d{2})", ("dby",)),
    (r"(?P<a>[A-Za-z]{3})\.?[-/ ]?(?P<b>\d{1,2}),?[-/ ]+(?P<c>\d{4})", ("bdY",)),
    (r"(?P<a>\d{4})[-/ ]?(?P<b>[A-Za-z]{3})[-/ ]?(?P<c>\d{1,2})", ("Ybd",)),
    (r"(?P<a>[A-Za-z]{3})[-/ ]?(?P<b>\d{4})", ("bY",)),
    (r"(?P<a>[A-Za-z]{3})[-/ ]?'?(?P<b>\d{2})(?=$| \d{1,2}:)", ("by",)),
)
_DATES = tuple((re.compile(pattern), orders) for pattern, orders in (*_NUMERIC, *_NAMED))
_TIME = re.compile(
    r"(?P<H>\d{1,2})(?:[:h.\-](?P<M>\d{2})(?:[:.\-](?P<S>\d{2})(?:\.(?P<f>\d+))?)?(?: ?(?P<p>[AP]M))?| ?(?P<q>[AP]M))"
    r"|(?P<I>\d{2})(?P<J>\d{2})?(?P<K>\d{2})?"
)
_TIME_CODE = {"H": "%H", "I": "%H", "M": "%M", "J": "%M", "S": "%S", "K": "%S", "f": "%f", "p": "%p", "q": "%p"}
_GAP = re.compile(r"(?:[T _,:;-]|, ?| at )(?=\d)")
_ZONE_HOURS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_OFFSET = rf" ?(?:UTC|GMT)?(?P<offset>[+-]\d{{2}}(?::?\d{{2}})?)$| ?(?P<zone>{'|'.join(sorted(_ZONE_HOURS, key=len, reverse=True))})$"
_OFFSET_AFTER_TIME = re.compile(r"(?<=\d)" + _OFFSET + r"|(?<=[AP]M)" + _OFFSET.replace("offset", "offset2").replace("zone", "zone2"))
_MONTHS = (
    "jan janv january januar jänner janvier enero gen gennaio janeiro januari",
    "feb fév févr fevr february februar février fevrier febrero febbraio fevereiro februari",
    "mar march mär mrz märz maerz mars marzo março maart",
    "apr april avr avril abr abril aprile",
    "may mai mayo mag maggio maio mei",
    "jun june juni juin junio giugno junho giu",
    "jul july juli juil juillet julio luglio julho lug",
    "aug august août aout ago agosto augustus",
    "sep sept september septembre septiembre settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro",
)
_MONTH_OF = {name: f"{names.split()[0]}".capitalize() for names in _MONTHS for name in names.split()}
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,10}")
_WEEKDAY = r"^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[a-zA-Zà-ÿ]{0,7}\.?,?\s+"
_WEEKDAY += r"(?=[A-Za-zÀ-ÿ]|\d{1,4}[-/. ]+(?:\d{1,2}|[A-Za-zÀ-ÿ.]{3,})[-/., ]+\d{1,4})"  # Mar 31, 2013 is in March, no mardi


_PLAIN = re.compile(r"[+-]?\d*[.,]?\d*(?:[eE][+-]?\d+)?")
_PACKED = re.compile(r"\d{4,14}|\d{1,2}\.\d{2}")  # digits alone that can be a date or a time of day
_HOUR_24 = r"(?<![\d:.])24((?:[:.]?00)*)$"  # in 17:24:00 it is the minute
_WEEK = r"\d{4}-?W\d{2}"
_QUARTER = r"(?:\d{4}[-/ ]?[QqTt][1-4]|[QqTt][1-4][-/ ]?\d{4})"


@dataclass(frozen=True)
class DateFormat:
    """The format of a column of dates: `share` of its cells is read by it, and `others` read as many.

    `is_ambiguous` where nothing in the column decides between the format and the first of `others`. `reason` is a sentence.
    """

    format: str
    share: float
    reason: str
    others: tuple[str, ...] = ()
    is_ambiguous: bool = False


def as_text(cells: pd.Series) -> pd.Series:
    """Return cells as text, whole numbers without a decimal point, missing ones as NaN."""
    if cells.dtype.kind == "f":
        known = cells[np.isfinite(cells)]
        if len(known) and (known == known.round()).all() and known.abs().max() < 2**62:
            cells = cells.where(np.isfinite(cells)).round().astype("Int64")
    return cells if cells.dtype == "str" else cells.astype("str")


def find_date_format(cells: pd.Series) -> DateFormat | None:
    """Return the one format in which a column of text is read as dates or as times of day, None where it holds neither."""
    filled = cells.dropna()
    sample = as_text(_spread(filled, 200))
    if not _could_be(sample.tolist()):
        return None
    candidates = _candidates(plain_dates(sample))
    likely = tuple(one for one in candidates if not _is_year_day_month(one))
    judged = _judge(_spread(filled, JUDGED), likely)
    if not judged or judged[0].share < FEWEST_READ:
        judged = _judge(_spread(filled, JUDGED), candidates)
    if len(judged) > 1 and judged[0].share == judged[1].share and len(filled) > JUDGED:
        judged = _judge(filled, tuple(one.format for one in judged))
    return _decide(judged, str(sample.iloc[0])) if judged and judged[0].share >= FEWEST_READ else None


def _could_be(cells: list[str]) -> bool:
    """Return whether nine in ten cells have digits, are short, and are no plain numbers: what is told without reading a date."""
    able = sum(
        len(cell) < 60 and any(map(str.isdigit, cell)) and (not _PLAIN.fullmatch(cell) or bool(_PACKED.fullmatch(cell))) for cell in cells
    )
    return len(cells) > 0 and able >= 0.9 * len(cells)


def partly_dates(cells: pd.Series) -> str:
    """Return that a column of text is mostly dates, and where it is not, as the end of a sentence; "" where it holds something else."""
    filled = cells.dropna()
    sample = as_text(_spread(filled, 200))
    if not _could_be(sample.tolist()):
        return ""
    candidates = _candidates(plain_dates(sample.iloc[:100])) or _candidates(plain_dates(sample.iloc[-100:]))
    judged = _judge(_spread(filled, JUDGED), candidates)
    if not judged or judged[0].share < FEWEST_MIXED:
        return ""
    best = judged[0]
    return (
        f"{best.share:.0%} of its cells are dates read as {in_words(best.format)}, and others, such as {best.odd!r}, are not. "
        f"Write all in one format to use it as the time."
    )


def parse_dates(cells: pd.Series, format: str) -> tuple[pd.Series, pd.Series]:  # the field's word
    """Return the wall clock of each cell (NaT where it is not in the format), and its offset from UTC (NaT where it names none).

    A cell may leave out the end of the format: seconds, or the time of day where that is midnight. 24:00 is the next day's 0:00.
    """
    if format == ISO:  # read faster than like cells are found
        wall, offset = _parse(as_text(cells).reset_index(drop=True), format)
        return wall.set_axis(cells.index), offset.set_axis(cells.index)
    codes, unique = pd.factorize(as_text(cells))
    wall, offset = _parse(pd.Series(unique, dtype="str"), format)
    at = np.where(codes >= 0, codes, len(unique))
    wall, offset = (pd.concat([one, pd.Series([pd.NaT], dtype=one.dtype)]).to_numpy()[at] for one in (wall, offset))
    return pd.Series(wall, index=cells.index), pd.Series(offset, index=cells.index)


def is_time_of_day(format: str) -> bool:
    """Return whether a format has a time of day and no date."""
    return has_time_of_day(format) and not re.search("%[YymdbjGV]", format)


def has_time_of_day(format: str) -> bool:
    """Return whether a strptime format has an hour."""
    return "%H" in format or "%I" in format


def in_words(format: str) -> str:
    """Return a strptime format as people write one: dd/mm/yyyy HH:MM."""
    words = {"%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%b": "month name", "%H": "HH", "%I": "hh", "%M": "MM", "%S": "SS",
             "%f": "fraction", "%p": "AM/PM", "%j": "day of the year", "%G": "yyyy", "%V": "week", "%u": "weekday",
             "%z": " with offset"}  # fmt: skip
    if format == ISO:
        return "ISO 8601 (yyyy-mm-dd)"
    for code, word in words.items():
        format = format.replace(code, word)
    return format


def plain_dates(cells: pd.Series) -> pd.Series:
    """Return text cells without weekday and named zone in brackets, with English month names, decimal points and AM or PM."""
    sample = _spread(cells, 200)
    text = cells.str.strip() if (sample != sample.str.strip()).any() else cells
    some = _spread(text, 200)
    if some.str.fullmatch(_WEEK).any():
        return text.str.replace(rf"^({_WEEK})$", r"\1-1", regex=True)  # a week stands for its Monday
    if some.str.fullmatch(_QUARTER).any():
        return text.str.replace(rf"^{_QUARTER}$", _first_month, regex=True)
    letters = some.str.contains(r"[A-Za-zÀ-ÿ]{2}|\[|,").any()
    if not letters:
        return text
    text = text.str.replace(r"\[.*\]$", "", regex=True).str.replace(_WEEKDAY, "", regex=True, flags=re.IGNORECASE)
    text = text.str.replace(r"(?<=:\d\d),(?=\d)", ".", regex=True)
    text = text.str.replace(r"(?<=\d) ?([ap])\.? ?m\.?$", lambda found: f" {found[1].upper()}M", regex=True, flags=re.IGNORECASE)
    return text.str.replace(_WORD, lambda found: _MONTH_OF.get(found[0].lower(), found[0]), regex=True)


def _first_month(found: re.Match[str]) -> str:
    """Return the month in which a quarter such as 1970Q2 begins."""
    year, quarter = re.search(r"\d{4}", found[0]), re.search(r"[QqTt](\d)", found[0])
    return f"{year[0]}-{3 * int(quarter[1]) - 2:02}" if year and quarter else found[0]


def _candidates(sample: pd.Series) -> tuple[str, ...]:
    """Return the formats that the usual cell of a sample could have; () where fewer than nine in ten look like dates."""
    cells: Counter[tuple[str, ...]] = Counter()
    longest: dict[tuple[str, ...], str] = {}  # the time of day of most parts: cells may leave out its end
    for cell in sample:
        clock, offset = _split_offset(cell)
        for formats, rest in _date_readings(clock):
            time = _time_format(rest)
            if time is not None and (formats != ("",) or time):
                cells[formats] += 1
                longest[formats] = max(longest.get(formats, ""), time + ("%z" if offset and time else ""), key=len)
    found: list[str] = []
    for dates in (formats for formats, count in cells.items() if count >= 0.9 * len(sample)):
        time = longest[dates]
        is_iso = "%Y-%m-%d" in dates and re.fullmatch(r"(?:[T ]%H:%M(?::%S(?:\.%f)?)?)?(?:%z)?", time)
        found += [ISO if is_iso and date == "%Y-%m-%d" else date + time for date in dates]
    return tuple(dict.fromkeys(found))


def _is_year_day_month(format: str) -> bool:
    return re.match(r"%Y[^%]*%d", format) is not None


def _date_readings(cell: str) -> list[tuple[tuple[str, ...], str]]:
    """Return for each way in which a cell can begin with a date the formats of the date, and the rest of the cell."""
    readings: list[tuple[tuple[str, ...], str]] = []
    for pattern, orders in _DATES:
        match = pattern.match(cell)
        if match and not (match.end() < len(cell) and cell[match.end()].isalnum() and cell[match.end()] != "T" and not match[0].isdigit()):
            parts = [name for name in "abc" if match.groupdict().get(name)]
            formats = []
            for order in orders:
                pieces, at = [], 0
                for name, code in zip(parts, order, strict=True):
                    pieces += [cell[at : match.start(name)], f"%{code}"]
                    at = match.end(name)
                formats.append("".join([*pieces, cell[at : match.end()]]))
            readings.append((tuple(formats), cell[match.end() :]))
    readings.sort(key=lambda reading: len(reading[1]))
    return [*readings, (("",), cell)]


def _time_format(rest: str) -> str | None:
    """Return the format of what stands after a date, "" for nothing, None where that is no time of day."""
    if not rest:
        return ""
    gap = _GAP.match(rest)
    begin = gap.end() if gap else 0
    match = _TIME.fullmatch(rest, begin)
    if not match or (match["I"] and not match["J"] and rest[0] not in "T _" and gap):
        return None
    pieces, at, half = [rest[:begin]], begin, bool(match["p"] or match["q"])
    for name in sorted((name for name in _TIME_CODE if match[name]), key=match.start):
        code = "%I" if half and name == "H" else _TIME_CODE[name]
        pieces += [rest[at : match.start(name)], code]
        at = match.end(name)
    return "".join(pieces)


def _split_offset(cell: str) -> tuple[str, str]:
    match = _OFFSET_AFTER_TIME.search(cell)
    if not match or not re.search(r"\d[:hT]?\d{2}", cell[: match.start()]) or not re.search(r"[:TM]|\d{10}", cell[: match.start()]):
        return cell, ""
    return cell[: match.start()], match[0]


def _offsets(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return cells without their offset, and the offsets."""
    parts = cells.str.extract(rf"^(?P<rest>.*?(?:\d|[AP]M))(?:{_OFFSET})", expand=True)
    hours = parts["zone"].map(_ZONE_HOURS)
    digits = parts["offset"].str.replace(":", "").str.ljust(5, "0")
    minutes = pd.to_numeric(digits.str[1:3]) * 60 + pd.to_numeric(digits.str[3:5])
    minutes = minutes.where(~digits.str.startswith("-").fillna(False).astype(bool), -minutes)
    minutes = minutes.where(parts["offset"].notna(), hours * 60)
    return parts["rest"].where(parts["rest"].notna(), cells), pd.to_timedelta(minutes.astype(float), unit="min")


def _parse(cells: pd.Series, format: str) -> tuple[pd.Series, pd.Series]:
    text = plain_dates(cells) if len(cells) else cells
    offset = pd.Series(np.full(len(cells), np.timedelta64("NaT"), dtype="timedelta64[s]"))
    if format.endswith("%z") or (format == ISO and any(_split_offset(cell)[1] for cell in _spread(text.dropna(), 200))):
        text, offset = _offsets(text)
    clock = format.removesuffix("%z")
    late = _is_24(text, clock)
    if late.any():
        text = text.where(~late, text.str.replace(_HOUR_24, r"00\1", regex=True))
    wall = _in_two(text, clock) if len(text) > JUDGED else None
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


@dataclass(frozen=True)
class _Judged:
    format: str
    share: float
    faults: int  # steps backwards or of another length than the usual
    odd: str  # the first cell that the format does not read


def _judge(cells: pd.Series, candidates: tuple[str, ...]) -> list[_Judged]:
    """Return the candidates, the best first: by the share that they read, then by the order and the distances that they give."""
    found = []
    for format in candidates:
        wall, offset = parse_dates(cells, format)
        unread = wall.isna()
        odd = str(cells[unread].iloc[0]) if unread.any() else ""
        instants = (wall - offset.where(offset.notna(), pd.Timedelta(0)))[~unread]
        found.append(_Judged(format, float(1 - unread.mean()), count_faults(instants), odd))
    return sorted(found, key=lambda one: (-one.share, one.faults))


def count_faults(times: pd.Series) -> int:
    """Return how many steps go back or are unlike the usual one; months count as alike."""
    moved = times[times != times.shift()]
    steps = moved.diff().iloc[1:]
    if not len(steps):
        return 0
    usual = steps.mode().iloc[0]
    even = (steps == usual).to_numpy()
    if pd.Timedelta(days=28) <= usual <= pd.Timedelta(days=366):
        months = (moved.dt.year * 12 + moved.dt.month).diff().iloc[1:]
        even = ((months == months.mode().iloc[0]) & (moved.dt.day.diff().iloc[1:] == 0)).to_numpy()
    return int((~even).sum() + (steps < pd.Timedelta(0)).sum())


def _decide(judged: list[_Judged], example: str) -> DateFormat:
    best, rest = judged[0], [one for one in judged[1:] if one.share >= FEWEST_READ]
    others = tuple(one.format for one in rest)
    if len(judged) == 1 or best.format == ISO:
        kind = "times of day" if is_time_of_day(best.format) else "dates"
        return DateFormat(best.format, best.share, f"Its cells, such as {example}, are {kind}, read as {in_words(best.format)}.")
    if judged[1].share < best.share:
        other = f"{judged[1].odd} cannot be {in_words(judged[1].format)}"
        return DateFormat(best.format, best.share, f"Read as {in_words(best.format)}: {other}.", others)
    second = rest[0]
    if second.faults - best.faults >= 2 and best.faults <= 0.6 * second.faults:
        words = (
            f"Read as {in_words(best.format)}, by which the rows are in order and evenly spaced; as {in_words(second.format)} they are not."
        )
        return DateFormat(best.format, best.share, words, others)
    tied = [one for one in (best, *rest) if one.share == best.share]
    chosen = _by_custom(tied)
    alternatives = tuple(one.format for one in tied if one is not chosen)
    words = (
        f"{example} and all other cells can be {in_words(chosen.format)} or {in_words(alternatives[0])}. "
        f"It is read as {in_words(chosen.format)} until you choose."
    )
    return DateFormat(chosen.format, chosen.share, words, alternatives, is_ambiguous=True)


def _by_custom(tied: list[_Judged]) -> _Judged:
    """Return what most people who write such cells mean: month first with AM and PM, else day first, ISO before all."""
    month_first = any("%p" in one.format for one in tied)
    wanted = ("%m", "%b") if month_first else ("%d",)
    return next((one for one in tied if one.format.startswith((ISO, *wanted))), tied[0])


def _spread(cells: pd.Series, most: int) -> pd.Series:
    """Return at most so many cells: half of them the first ones, so that steps are seen, and half from the whole column."""
    if len(cells) <= most:
        return cells
    rest = np.unique(np.linspace(most // 2, len(cells) - 1, most - most // 2).astype(int))
    return cells.iloc[np.concatenate([np.arange(most // 2), rest])]
