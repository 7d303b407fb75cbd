"""One format for a whole column of dates: which formats could be meant, how much of the column each reads, and which is right.

A cell such as 05/06/2024 has two readings, a column seldom has: a day above 12, the order of the rows and the distances between
them leave one. Where they leave two, the likelier one is used and the column is marked, so that the user is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from complex_lstm.data.date_parsing import ISO, as_text, in_words, is_time_of_day, parse_dates, plain_dates, split_offset, spread
from complex_lstm.data.spans import ELAPSED, END, HOURS, HOURS_MINUTES, MINUTES, START, ends_of, find_elapsed, read_elapsed, separator_of

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

_PLAIN = re.compile(r"[+-]?\d*[.,]?\d*(?:[eE][+-]?\d+)?")
_PACKED = re.compile(r"\d{4,14}|\d{1,2}\.\d{2}")  # digits alone that can be a date or a time of day


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


def find_date_format(cells: pd.Series) -> DateFormat | None:
    """Return the one format in which a column of text is read as dates or as times of day, None where it holds neither."""
    filled = cells.dropna()
    sample = as_text(spread(filled, 200))
    if not _could_be(sample.tolist()):
        return None
    if separator_of(sample) is not None:
        return _find_stretches(as_text(filled), str(sample.iloc[0]))
    if elapsed := find_elapsed(sample):
        return _judge_elapsed(as_text(filled), elapsed, str(sample.iloc[0]))
    candidates = _candidates(plain_dates(sample))
    likely = tuple(one for one in candidates if not re.match(r"%Y[^%]*%d", one))
    judged = _judge(spread(filled, JUDGED), likely)
    if not judged or judged[0].share < FEWEST_READ:
        rest = tuple(one for one in candidates if one not in likely)
        judged = sorted([*judged, *_judge(spread(filled, JUDGED), rest)], key=lambda one: one.rank)
    if len(judged) > 1 and judged[0].share == judged[1].share and len(filled) > JUDGED:
        judged = _judge(filled, tuple(one.format for one in judged))
    return _decide(judged, str(sample.iloc[0])) if judged and judged[0].share >= FEWEST_READ else None


def _find_stretches(cells: pd.Series, example: str) -> DateFormat | None:
    """Return how the starts of stretches of time are read; their ends are the other choice."""
    found = find_date_format(ends_of(cells)[0].dropna())
    if found is None or found.format in ELAPSED:
        return None
    words = f"Its cells, such as {example}, are stretches of time: the start of each is read, not the end. {found.reason}"
    others = (*(f"{START}{one}" for one in found.others), f"{END}{found.format}")
    return DateFormat(f"{START}{found.format}", found.share, words, others, found.is_ambiguous)


def _judge_elapsed(cells: pd.Series, formats: tuple[str, ...], example: str) -> DateFormat | None:
    """Return how elapsed times are read: asked for where hours and minutes, or minutes and seconds, could be meant."""
    share = float(read_elapsed(cells, formats[0]).notna().mean())
    if share < FEWEST_READ:
        return None
    kinds = {HOURS: "hours, minutes and seconds", MINUTES: "minutes and seconds", HOURS_MINUTES: "hours and minutes"}
    words = f"Its cells, such as {example}, are elapsed times in {kinds[formats[0]]}"
    words += f", or in {kinds[formats[1]]}, until you choose." if len(formats) > 1 else "."
    return DateFormat(formats[0], share, words, formats[1:], is_ambiguous=len(formats) > 1)


def _could_be(cells: list[str]) -> bool:
    """Return whether nine in ten cells have digits, are short, and are no plain numbers: what is told without reading a date."""
    able = sum(
        len(cell) < 60 and any(map(str.isdigit, cell)) and (not _PLAIN.fullmatch(cell) or bool(_PACKED.fullmatch(cell))) for cell in cells
    )
    return len(cells) > 0 and able >= 0.9 * len(cells)


def partly_dates(cells: pd.Series) -> str:
    """Return that a column of text is mostly dates, and where it is not, as the end of a sentence; "" where it holds something else."""
    filled = cells.dropna()
    sample = as_text(spread(filled, 200))
    if not _could_be(sample.tolist()):
        return ""
    candidates = _candidates(plain_dates(sample.iloc[:100])) or _candidates(plain_dates(sample.iloc[-100:]))
    judged = _judge(spread(filled, JUDGED), candidates)
    if not judged or judged[0].share < FEWEST_MIXED:
        return ""
    best = judged[0]
    return (
        f"{best.share:.0%} of its cells are dates read as {in_words(best.format)}, and others, such as {best.odd!r}, are not. "
        f"Write all in one format to use it as the time."
    )


def _candidates(sample: pd.Series) -> tuple[str, ...]:
    """Return the formats that the usual cell of a sample could have; () where fewer than nine in ten look like dates."""
    cells: Counter[tuple[str, ...]] = Counter()
    longest: dict[tuple[str, ...], str] = {}  # the time of day of most parts: cells may leave out its end
    for cell in sample:
        clock, offset = split_offset(cell)
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


@dataclass(frozen=True)
class _Judged:
    format: str
    share: float
    faults: int  # steps backwards or of another length than the usual
    odd: str  # the first cell that the format does not read

    @property
    def rank(self) -> tuple[float, int]:
        return (-self.share, self.faults)


def _judge(cells: pd.Series, candidates: tuple[str, ...]) -> list[_Judged]:
    """Return the candidates, the best first: by the share that they read, then by the order and the distances that they give."""
    found = []
    for format in candidates:
        wall, offset = parse_dates(cells, format)
        unread = wall.isna()
        odd = str(cells[unread].iloc[0]) if unread.any() else ""
        instants = (wall - offset.where(offset.notna(), pd.Timedelta(0)))[~unread]
        found.append(_Judged(format, float(1 - unread.mean()), count_faults(instants), odd))
    return sorted(found, key=lambda one: one.rank)


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
