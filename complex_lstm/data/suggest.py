"""A window and a split that suit a file, tried on it, for the user to confirm.

What is suggested leaves windows in training, validation and test wherever the file has the rows for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from complex_lstm.config import Roles, SplitConfig, SplitKind, WindowConfig
from complex_lstm.data.reading import Table
from complex_lstm.data.series import Series, make_series
from complex_lstm.data.splitting import Part, split
from complex_lstm.data.times import steps_between
from complex_lstm.errors import DataError

WHOLE_UP_TO = 200  # steps: longer series are cut into windows
LONGEST = 100
MOST_WINDOWS = 20_000
SMOOTH = 0.25  # persistence error, in variances, under which a value is better learned as its change
USUAL = ((60.0, 60), (3600.0, 48), (86400.0, 30))  # seconds a step, and steps a window: an hour, two days, a month
ENOUGH: dict[Part, int] = {"training": 20, "validation": 5, "test": 5}  # windows of a part, where the file has the rows
SHARES = (0.15, 0.2, 0.25, 0.3)  # of validation and of test, the first that leaves windows in both
PARTS: tuple[Part, ...] = ("training", "validation", "test")


@dataclass(frozen=True)
class Outlook:
    """What a window and a split would leave of a file: the windows with an answer in each part, and the classes among them."""

    windows: dict[Part, int]
    classes: dict[Part, set[str]]

    @property
    def is_usable(self) -> bool:
        """Whether each part has a window, and training has two classes where classes are to be told apart."""
        return all(self.windows.values()) and (not any(self.classes.values()) or len(self.classes["training"]) > 1)

    @property
    def is_ample(self) -> bool:
        """Whether it is usable, and each part has enough windows to learn from or to be scored on."""
        return self.is_usable and all(self.windows[part] >= ENOUGH[part] for part in PARTS)


def suggest(table: Table, roles: Roles) -> tuple[WindowConfig, SplitConfig]:
    """Return a window and a split that suit a file: see `suggest_window` and `suggest_split`."""
    series = _series(table, roles)
    window = _suited_window(table, roles, series)
    return window, _suited_split(series, roles, window) if series else SplitConfig("time")


def suggest_window(table: Table, roles: Roles) -> WindowConfig:
    """Return a window that suits the file: whole series if they are short and of one class each, else a usual stretch.

    It is made shorter, and its stride smaller, until every part of the suggested split has windows. A file whose cells cannot be read
    as the roles ask gets a window by its number of rows alone: what is wrong with them is told when it is prepared.
    """
    return _suited_window(table, roles, _series(table, roles))


def suggest_split(table: Table, roles: Roles, window: WindowConfig) -> SplitConfig:
    """Return a split that leaves windows in every part: by time for values, by group where there is one, and else by series.

    Where none does, it is the first of these that the file has.
    """
    series = _series(table, roles)
    return _suited_split(series, roles, window) if series else SplitConfig("time")


def _series(table: Table, roles: Roles) -> tuple[Series, ...]:
    """Return the series of a table, none where its cells cannot be read as the roles ask, or a role names no column."""
    if not roles.features or not {*roles.features, *roles.targets} <= set(map(str, table.frame)):
        return ()
    try:
        return make_series(table, roles)
    except DataError:
        return ()


def _suited_window(table: Table, roles: Roles, series: tuple[Series, ...]) -> WindowConfig:
    if not series:
        return WindowConfig(length=int(np.clip(len(table.frame) // 20, 2, 50)))
    window = _usual_window(series, roles)
    return window if window.whole_series else _fitted(series, roles, window)


def look_ahead(series: tuple[Series, ...], roles: Roles, window: WindowConfig, config: SplitConfig) -> Outlook:
    """Return what a window and a split would leave of series. Without a split that the file can have, all parts are empty."""
    windows, classes = dict.fromkeys(PARTS, 0), {part: set[str]() for part in PARTS}
    try:
        spans = split(series, config)
    except DataError:
        return Outlook(windows, classes)
    ahead = 0 if roles.task == "classes" else window.horizon
    for span in spans:
        ends = range(span.stop - 1 if window.whole_series else span.start + window.length - 1, span.stop - ahead, window.stride)
        if roles.task == "values":
            windows[span.part] += len(ends)
            continue
        labels = series[span.series].labels[ends.start : ends.stop : ends.step]
        known = labels[labels != ""]
        windows[span.part] += len(known)
        classes[span.part] |= set(pd.unique(known))
    wanted = {part: count for part, count in windows.items() if part == "training" or getattr(config, part) > 0}
    return Outlook(wanted | {part: 1 for part in PARTS if part not in wanted}, classes)


def _usual_window(series: tuple[Series, ...], roles: Roles) -> WindowConfig:
    lengths = np.array([len(one) for one in series])
    longest = int(max(2, np.median(lengths) // 4))  # so that a usual series has four windows or more
    if roles.task == "classes":
        if lengths.max() <= WHOLE_UP_TO and len(series) > 1 and all(len(set(one.labels)) == 1 for one in series):
            return WindowConfig(length=int(lengths.max()), whole_series=True)
        length = min(LONGEST, longest)
        return WindowConfig(length=length, stride=max(length // 2, int(lengths.sum()) // MOST_WINDOWS, 1))
    instants, usual = series[int(lengths.argmax())].instants, 50
    if instants.dtype.kind == "M" and len(instants) > 1:
        step = max(float(np.median(steps_between(instants))), 1e-9)
        usual = min(USUAL, key=lambda pair: abs(np.log(step / pair[0])))[1]
    return WindowConfig(length=min(usual, longest), stride=max(1, int(lengths.sum()) // MOST_WINDOWS), as_change=_is_smooth(series))


def _is_smooth(series: tuple[Series, ...]) -> bool:
    change = np.concatenate([np.diff(one.targets, axis=0) for one in series])
    values = np.concatenate([one.targets for one in series])
    if not len(change) or np.isnan(change).all(axis=0).any():
        return False
    with np.errstate(over="ignore", invalid="ignore"):  # what no float32 holds is refused later, by its line
        spread = np.nanvar(values, axis=0)
        return bool(np.all(np.nanmean(change**2, axis=0) < SMOOTH * np.where(spread > 0, spread, 1)))


def _fitted(series: tuple[Series, ...], roles: Roles, window: WindowConfig) -> WindowConfig:
    """Return a window, made shorter and of a smaller stride until each part of its split has enough windows, or else any."""
    lengths = _shorter(window.length)
    strides = [min(window.stride, max(length // 2, 1)) if window.stride < length else window.stride for length in lengths]
    tried = [replace(window, length=length, stride=stride) for length, stride in zip(lengths, strides, strict=True)]
    outlooks: list[tuple[WindowConfig, Outlook]] = []
    for one in tried:
        for candidate in _smaller_strides(one):
            outlook = look_ahead(series, roles, candidate, _suited_split(series, roles, candidate))
            if outlook.is_ample:
                return candidate
            outlooks.append((candidate, outlook))
    usable = [(candidate, outlook) for candidate, outlook in outlooks if outlook.is_usable]
    return max(usable, key=lambda pair: min(min(pair[1].windows.values()), 5), default=(tried[-1],))[0]


def _shorter(length: int) -> list[int]:
    """Return lengths from a given one down to 2, each about three quarters of the one before."""
    lengths = [length]
    while lengths[-1] > 2:
        lengths.append(max(2, lengths[-1] * 3 // 4))
    return lengths


def _smaller_strides(window: WindowConfig) -> list[WindowConfig]:
    """Return a window with its stride, and with smaller ones down to 1."""
    strides = [window.stride]
    while strides[-1] > 1:
        strides.append(strides[-1] // 2)
    return [replace(window, stride=stride) for stride in strides]


def _suited_split(series: tuple[Series, ...], roles: Roles, window: WindowConfig) -> SplitConfig:
    """Return the first split, of the kinds and shares that suit the task, that leaves enough in each part, or else something."""
    candidates = [SplitConfig(kind, share, share) for kind in split_kinds(series, roles, window) for share in SHARES]
    outlooks = [(config, look_ahead(series, roles, window, config)) for config in candidates]
    ample = (config for config, outlook in outlooks if outlook.is_ample)
    usable = (config for config, outlook in outlooks if outlook.is_usable)
    return next(ample, None) or next(usable, candidates[0])


def split_kinds(series: tuple[Series, ...], roles: Roles, window: WindowConfig) -> list[SplitKind]:
    """Return the kinds of split that a file can have, the one that suits its task first."""
    groups = {one.group for one in series}
    kinds: list[SplitKind] = []
    if roles.task == "values":
        kinds = ["time"]
    if roles.group and len(groups) >= 3:
        kinds.append("group")
    if (roles.series and len(series) >= 3) or window.whole_series:
        kinds.append("series")
    return kinds if window.whole_series or "time" in kinds else [*kinds, "time"]
