"""Times that are no moment: stretches with a start and an end, and elapsed times, such as 25:30:00 or 12:34.5."""

from __future__ import annotations

import re

import pandas as pd

START, END = "start of ", "end of "  # before a format: which end of a stretch is read by it
HOURS, MINUTES, HOURS_MINUTES = "elapsed h:m:s", "elapsed m:s", "elapsed h:m"
ELAPSED = (HOURS, MINUTES, HOURS_MINUTES)
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp][Mm])?"
_SEPARATORS = (
    re.compile(r"^(.*?\d.*?)\s+(?:-|to|until|bis|au|al|a|tot)\s+(.*\d.*)$"),
    re.compile(r"^(.*?\d.*?)\s*(?:–|—|→|\.\.\.?|--|\.\.|->)\s*(.*\d.*)$"),
    re.compile(r"^[\[(](.*\d.*?)\s*[,;]\s*(.*\d.*)[\])]$"),
    re.compile(r"^(\d{4}-?\d{2}-?\d{2}[^/]*)/(P?[^/]*\d[^/]*)$"),
    re.compile(rf"^((?:.*\d )?{_CLOCK})-({_CLOCK})$"),
    re.compile(r"^(\d{4}-\d{2}-\d{2}T[^/]*?(?:Z|[+-]\d{2}:\d{2}|:\d{2}))-(\d{4}-.*)$"),
)
_DURATION = re.compile(
    r"(?P<sign>[+-])?(?:(?P<d>\d+)(?:\s*d(?:ays?)?,?\s*|\.(?=\d+:\d+:)|:(?=\d+:\d+:\d+)))?"
    r"(?P<a>\d+):(?P<b>\d{2})(?::(?P<c>\d{2}))?(?P<f>[.,]\d+)?"
)
ALIKE = 0.9  # share of the cells
LONGEST = 100  # characters of a cell that is split: no time is longer


def which_end(format: str) -> tuple[str, str]:
    """Return which end of a stretch a format reads, "" for one of moments, and the format of that end."""
    return next(((end, format.removeprefix(end)) for end in (START, END) if format.startswith(end)), ("", format))


def separator_of(sample: pd.Series) -> re.Pattern[str] | None:
    """Return the pattern that splits nearly all cells of a sample into the start and the end of a stretch, None where none does."""
    cells = [str(cell).strip()[:LONGEST] for cell in sample]
    for pattern in _SEPARATORS:
        found = [match for cell in cells if (match := pattern.match(cell))]
        if cells and len(found) >= ALIKE * len(cells) and all(_is_time(match[1]) and _is_time(match[2]) for match in found):
            return pattern
    return None


def _is_time(text: str) -> bool:
    """Return whether a half of a stretch could be a time: more than a number, and with two parts at least."""
    return bool(re.search(r"\d[:/.\-T ]\d|\d{8}|^P\d?|^PT", text)) and not re.fullmatch(r"[+-]?\d*\.?\d+", text)


def ends_of(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the start and the end of each cell's stretch as text, both missing where a cell is none."""
    pattern = separator_of(text.dropna().iloc[:200])
    if pattern is None:
        empty = pd.Series(pd.NA, index=text.index, dtype="str")
        return empty, empty
    parts = text.str.strip().str.slice(stop=LONGEST).str.extract(pattern.pattern)
    return parts[0].str.strip(), parts[1].str.strip()


def find_elapsed(sample: pd.Series) -> tuple[str, ...]:
    """Return the formats in which a sample's cells are elapsed times that no clock shows, the likelier first; () where they are none."""
    found = [match for cell in sample if (match := _DURATION.fullmatch(str(cell).strip()))]
    if not found or len(found) < ALIKE * len(sample):
        return ()
    if any(match["c"] for match in found):
        beyond = any(match["d"] or match["sign"] or int(match["a"]) > 24 for match in found)  # hours of a day
        return (HOURS,) if beyond and all(int(match["b"]) < 60 for match in found) else ()
    if any(match["f"] for match in found):
        return (MINUTES,)
    return (MINUTES, HOURS_MINUTES) if any(int(match["a"]) > 24 for match in found) else ()


def read_elapsed(text: pd.Series, format: str) -> pd.Series:
    """Return elapsed times as timedeltas, NaT where a cell is none in the format."""
    parts = text.str.strip().str.extract(_DURATION)
    whole = text.str.strip().str.fullmatch(_DURATION.pattern).fillna(False).astype(bool)
    number = {name: pd.to_numeric(parts[name], errors="coerce").fillna(0.0) for name in "dabc"}
    fraction = pd.to_numeric(parts["f"].str.replace(",", "."), errors="coerce").fillna(0.0)
    three = parts["c"].notna()
    if format == HOURS:
        known = whole & three & (number["b"] < 60) & (number["c"] < 60)
        seconds = number["d"] * 86_400 + number["a"] * 3600 + number["b"] * 60 + number["c"] + fraction
    elif format == MINUTES:
        known = whole & (number["b"] < 60) & (number["c"] < 60)
        seconds = (number["a"] * 3600 + number["b"] * 60 + number["c"]).where(three, number["a"] * 60 + number["b"]) + fraction
    else:
        known = whole & ~three & (number["b"] < 60)
        seconds = number["a"] * 3600 + number["b"] * 60
    seconds = seconds.where(parts["sign"] != "-", -seconds)
    return pd.to_timedelta((seconds * 1e6).round().where(known), unit="us")
