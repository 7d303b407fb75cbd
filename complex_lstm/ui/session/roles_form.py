"""The form of the Data page: the role of each column, how windows are cut, and how the data is split."""

from __future__ import annotations

from typing import Any

import streamlit as st

from complex_lstm.config import MissingPolicy, Roles, SplitConfig, SplitKind, Task, WindowConfig
from complex_lstm.data import Table, guess_roles
from complex_lstm.ui.compute.cache import Setup
from complex_lstm.ui.session.messages import plain

MISSING: dict[MissingPolicy, str] = {
    "carry": "carry the last value on",
    "interpolate": "straight line between neighbours",
    "mean": "training mean",
    "refuse": "refuse the file",
}


def setup_form(table: Table, before: Setup, key: str) -> Setup:
    """Draw the form with the present setup, and return what it holds. `key` is part of the widgets' keys: each file has its own form."""
    columns = [str(column) for column in table.frame]
    first, second, third = st.columns(3)
    with first:
        roles = _roles_form(columns, before.roles, key)
    with second:
        window = _window_form(before.window, roles.task, key)
    with third:
        split = _split_form(before.split, roles, key)
        with st.expander("Why were these columns suggested?"):
            for column, reason in guess_roles(table).reasons:
                st.markdown(f"**{plain(column)}** {plain(reason)}")
    return Setup(roles, window, split)


def _roles_form(columns: list[str], before: Roles, key: str) -> Roles:
    st.markdown("**Columns**")
    known = [name for name in before.features if name in columns]
    features = st.multiselect("Features: the inputs of the model", columns, default=known, key=f"data_features_{key}")
    kinds: tuple[Task, ...] = ("classes", "values")
    label = {"classes": "a class", "values": "one or several values, ahead in time"}
    task = st.selectbox("To predict", kinds, kinds.index(before.task), format_func=label.__getitem__, key=f"data_task_{key}")
    targets = [name for name in before.targets if name in columns]
    if task == "classes":
        chosen = _choose_column("Target: the column of the class", columns, targets[0] if targets else "", f"data_class_{key}")
        targets = [chosen] if chosen else []
    else:
        targets = st.multiselect("Targets: the columns of the values", columns, default=targets, key=f"data_targets_{key}")
    series = _choose_column("Series: the column that names each series", columns, before.series, f"data_series_{key}")
    time = _choose_column("Time: the column by which rows are sorted", columns, before.time, f"data_time_{key}")
    group = _choose_column("Group: the column whose groups the split keeps together", columns, before.group, f"data_group_{key}")
    return Roles(tuple(features), tuple(targets), task, series, time, group)


def _window_form(before: WindowConfig, task: Task, key: str) -> WindowConfig:
    st.markdown("**Windows**")
    whole = task == "classes" and st.toggle("Each series is one window", before.whole_series, key=f"data_whole_{key}")
    length = _take_number("Length, time steps", before.length, f"data_length_{key}", disabled=whole)
    stride = _take_number("Stride, time steps from start to start", before.stride, f"data_stride_{key}", disabled=whole)
    horizon, change = before.horizon, before.as_change
    if task == "values":
        horizon = _take_number("Horizon, time steps ahead", before.horizon, f"data_horizon_{key}")
        change = st.toggle(
            "Learn the change since the last step",
            before.as_change,
            key=f"data_change_{key}",
            help="Useful where values change little from step to step. Predictions are converted back before they are shown.",
        )
    policies = tuple(MISSING)
    missing = st.selectbox(
        "Empty cells", policies, policies.index(before.missing), format_func=MISSING.__getitem__, key=f"data_missing_{key}"
    )
    return WindowConfig(length, stride, horizon, whole, change, missing)


def _split_form(before: SplitConfig, roles: Roles, key: str) -> SplitConfig:
    st.markdown("**Split**")
    kinds: tuple[SplitKind, ...] = ("time", "group", "series")
    label = {"time": "the end of each series is the test", "group": "whole groups", "series": "whole series"}
    kind = st.selectbox("By", kinds, kinds.index(before.kind), format_func=lambda name: f"{name}: {label[name]}", key=f"data_split_{key}")
    if kind == "group" and not roles.group:
        st.warning("A split by group needs a group column.")
    validation = st.slider("Validation, share that picks the best epoch", 0.0, 0.4, before.validation, 0.05, key=f"data_validation_{key}")
    test = st.slider("Test, share that is only scored", 0.0, 0.4, before.test, 0.05, key=f"data_test_{key}")
    return SplitConfig(kind, validation, test, before.seed)


def _choose_column(label: str, columns: list[str], before: str, key: str) -> str:
    options = ["", *columns]
    index = options.index(before) if before in options else 0
    return st.selectbox(label, options, index, format_func=lambda name: name or "none", key=key)


def _take_number(label: str, before: int, key: str, **more: Any) -> int:
    return int(st.number_input(label, 1, 100_000, before, key=key, **more))
