"""What preparation leaves out, takes as it is until it is asked, or has little of: sentences for the report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from complex_lstm.config import Roles
from complex_lstm.data.reading import Table
from complex_lstm.data.series import Series
from complex_lstm.data.times import times_of
from complex_lstm.data.windowing import Windows
from complex_lstm.wording import counted, form

FEW_LABELLED = 0.9  # share of the rows


def preparation_notes(table: Table, roles: Roles, series: tuple[Series, ...], windows: Windows) -> tuple[str, ...]:
    """Return what is worth knowing about rows left out, dates that can be read in two ways, clocks, and labels on few rows."""
    notes = []
    kept = sum(len(one) for one in series)
    if kept < len(table.frame):
        lost = len(table.frame) - kept
        why = form(lost, "is left out: it is empty, or ends", "are left out: they are empty, or end")
        notes.append(f"{lost:,} of {len(table.frame):,} rows {why} a series without a value.")
    notes += [one.reason for one in table.findings if one.asked and not one.is_set]
    if roles.time in table.frame and (found := times_of(table).get(roles.time)) is not None and found.is_asked:
        notes.append(f"Time {roles.time}: {found.reason}")
    if series[0].zone:
        changes = ", which changes within the file" if any(len(one.offset) for one in series) else ""
        notes.append(f"Times are shown by the file's own clock ({series[0].zone}){changes}.")
    if roles.task == "classes" and roles.targets[0] in table.frame:
        notes += _on_labels(roles.targets[0], series, windows)
    return tuple(notes)


def _on_labels(target: str, series: tuple[Series, ...], windows: Windows) -> list[str]:
    labelled, rows = sum(int((one.labels != "").sum()) for one in series), sum(len(one) for one in series)
    if not 0 < labelled < FEW_LABELLED * rows:
        return []
    parts = pd.Series(windows.part[np.asarray(windows.label) != ""]).value_counts()
    learned = int(parts.get("training", 0))
    where = (
        f"{counted(learned, 'window')} can be learned from"
        if "training" in set(windows.part.tolist())
        else f"{counted(int(parts.sum()), 'window')} can be scored"
    )
    return [f"{labelled:,} of {rows:,} rows {form(labelled, 'has', 'have')} a {target}: {where}."]
