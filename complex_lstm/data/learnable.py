"""Whether there is anything to learn: a target that changes, and two classes in training; and what of this file would have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data.columns import describe_column
from complex_lstm.data.leaks import is_constant
from complex_lstm.data.reading import Table
from complex_lstm.data.series import Series, make_series
from complex_lstm.data.splitting import split
from complex_lstm.data.suggest import SHARES, look_ahead, split_kinds
from complex_lstm.data.windowing import Windows
from complex_lstm.errors import DataError

LOWER_SHARES = (0.1, 0.05)
MOST_TRIED = 12  # columns


def check_learnable(
    table: Table, roles: Roles, series: tuple[Series, ...], windows: Windows, window: WindowConfig, config: SplitConfig
) -> None:
    """Check that the training part has something to learn.

    Raises:
        DataError: a target that never changes in it, or windows of one class only. The message says what of this file would do,
            tried on it.
    """
    if roles.task == "values":
        constant = [name for name, still in zip(roles.targets, _still(series, config), strict=True) if still]
        if constant:
            raise DataError(
                f"The target {', '.join(map(repr, constant))} never changes in the training part, so there is nothing to learn. "
                + _advice_on_values(table, roles, series, window, config, constant)
            )
        return
    learned = sorted({str(label) for label in windows.label[windows.part == "training"].tolist() if label})
    if len(learned) > 1:
        return
    of_which = f"are of one class, {learned[0]!r}" if learned else "have no class"
    raise DataError(
        f"All windows of the training part {of_which}, so there is nothing to tell apart in {roles.targets[0]!r}. "
        + _advice_on_classes(table, roles, series, window, config)
    )


def _still(series: tuple[Series, ...], config: SplitConfig) -> list[bool]:
    """Return for each target whether it is constant in the training part."""
    parts = [series[span.series].targets[span.start : span.stop] for span in split(series, config) if span.part == "training"]
    values = np.concatenate(parts)
    return [is_constant(column) and not np.isnan(column).all() for column in values.T]


def _advice_on_values(
    table: Table, roles: Roles, series: tuple[Series, ...], window: WindowConfig, config: SplitConfig, constant: list[str]
) -> str:
    for kind in split_kinds(series, roles, window):
        for share in (*SHARES, *LOWER_SHARES):
            other = SplitConfig(kind, share, share, config.seed)
            if look_ahead(series, roles, window, other).is_usable and not any(_still(series, other)):
                return f"What works for this file: {_in_words(other)}."
    columns = (describe_column(table.frame[name]) for name in roles.features if name not in constant)
    changing = [column.name for column in columns if column.kind == "number" and not column.is_constant]
    return f"Choose another target{_such_as(changing)}, or a file in which it changes."


def _advice_on_classes(table: Table, roles: Roles, series: tuple[Series, ...], window: WindowConfig, config: SplitConfig) -> str:
    works: list[str] = []
    for kind in split_kinds(series, roles, window):
        for share in (*SHARES, *LOWER_SHARES):
            other = SplitConfig(kind, share, share, config.seed)
            outlook = look_ahead(series, roles, window, other)
            if outlook.is_usable:
                works.append(f"{_in_words(other)} ({len(outlook.classes['training'])} classes in training)")
                break
    works += _other_series(table, roles, window)
    if works:
        return f"What works for this file: {'; or '.join(works[:3])}."
    targets = [name for name in map(str, table.frame) if name not in (*roles.targets, roles.series, roles.time, roles.group)
               and _has_classes_in_training(table, replace(roles, targets=(name,), features=tuple(f for f in roles.features if f != name)),
                                            window, config)][:MOST_TRIED]  # fmt: skip
    return (
        f"No split of this file by time, series or group has two classes in training, because the others come late or not at all. "
        f"Choose another target{_such_as(targets)}, or add rows in which the other classes come earlier."
    )


def _other_series(table: Table, roles: Roles, window: WindowConfig) -> list[str]:
    """Return the columns that, taken as series and split by series, have two classes in training."""
    found = []
    named = {*roles.features, *roles.targets, roles.time, roles.series}
    others = [name for name in map(str, table.frame) if name not in named]
    for name in others[:MOST_TRIED]:
        if not 3 <= table.frame[name].nunique() <= len(table.frame) / 5:
            continue
        try:
            changed = replace(roles, series=name)
            outlook = look_ahead(make_series(table, changed), changed, window, SplitConfig("series"))
        except DataError:
            continue
        if outlook.is_usable:
            found.append(f"the column {name!r} as series, and a split by series ({len(outlook.classes['training'])} classes in training)")
    return found


def _has_classes_in_training(table: Table, roles: Roles, window: WindowConfig, config: SplitConfig) -> bool:
    column = describe_column(table.frame[roles.targets[0]])
    if not column.is_coded or not 2 <= column.distinct <= 50 or not roles.features:
        return False
    try:
        return look_ahead(make_series(table, roles), roles, window, config).is_usable
    except DataError:
        return False


def _in_words(config: SplitConfig) -> str:
    return f"a split by {config.kind} with {config.validation:.0%} for validation and {config.test:.0%} for test"


def _such_as(names: list[str]) -> str:
    return f", such as {names[0]!r}" if names else ""
