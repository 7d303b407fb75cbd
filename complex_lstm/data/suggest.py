"""A window and a split that suit a file, for the user to confirm."""

from __future__ import annotations

import numpy as np

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data.reading import Table
from complex_lstm.data.series import make_series
from complex_lstm.data.times import steps_between

WHOLE_UP_TO = 200  # steps: longer series are cut into windows
LONGEST = 100
MOST_WINDOWS = 20_000
SMOOTH = 0.25  # persistence error, in variances, under which a value is better learned as its change
USUAL = ((60.0, 60), (3600.0, 48), (86400.0, 30))  # seconds a step, and steps a window: an hour, two days, a month


def suggest_window(table: Table, roles: Roles) -> WindowConfig:
    """Return a window that suits the file: whole series if they are short and of one class each, else a usual stretch."""
    series = make_series(table, roles)
    lengths = np.array([len(one) for one in series])
    longest = int(max(2, np.median(lengths) // 4))  # so that a usual series has four windows or more
    if roles.task == "classes":
        if lengths.max() <= WHOLE_UP_TO and len(series) > 1 and all(len(set(one.labels)) == 1 for one in series):
            return WindowConfig(length=int(lengths.max()), whole_series=True)
        length = min(LONGEST, longest)
        return WindowConfig(length=length, stride=max(length // 2, int(lengths.sum()) // MOST_WINDOWS, 1))
    times, usual = series[int(lengths.argmax())].times, 50
    if times.dtype.kind == "M" and len(times) > 1:
        step = max(float(np.median(steps_between(times))), 1e-9)
        usual = min(USUAL, key=lambda pair: abs(np.log(step / pair[0])))[1]
    change = np.concatenate([np.diff(one.targets, axis=0) for one in series])
    spread = np.nanvar(np.concatenate([one.targets for one in series]), axis=0)
    is_smooth = bool(np.all(np.nanmean(change**2, axis=0) < SMOOTH * np.where(spread > 0, spread, 1)))
    return WindowConfig(length=min(usual, longest), stride=max(1, int(lengths.sum()) // MOST_WINDOWS), as_change=is_smooth)


def suggest_split(table: Table, roles: Roles, window: WindowConfig) -> SplitConfig:
    """Return a split by time for values, by group where there is one, and else by series, or by time in one series."""
    if roles.task == "values":
        return SplitConfig("time")
    if roles.group and table.frame[roles.group].nunique() >= 3:
        return SplitConfig("group")
    several = bool(roles.series) and table.frame[roles.series].nunique() >= 3
    return SplitConfig("series" if several or window.whole_series else "time")
