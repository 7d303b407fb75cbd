"""The form of the Data page: the role of each column, how windows are cut, and how the data is split.

For a model whose file holds the weights alone, the form holds the columns to its inputs and outputs, and asks for the scaling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from complex_lstm.config import MissingPolicy, ModelConfig, Roles, Scaling, SplitConfig, SplitKind, Task, WindowConfig
from complex_lstm.data import Guess, Table, classes_in, make_scaling, read_numbers, read_scaling
from complex_lstm.data.roles import ONE_CLASS
from complex_lstm.data.row_order import RoleName
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.ui.compute.scene import OWN_SCALING, Setup
from complex_lstm.ui.session.derived_form import choose_derived
from complex_lstm.ui.session.many_columns import choose_columns, listed
from complex_lstm.ui.session.messages import plain

MISSING: dict[MissingPolicy, str] = {
    "carry": "carry the last value on",
    "interpolate": "straight line between neighbours",
    "mean": "the mean that scales the column",
    "refuse": "refuse the file",
}


ScalingSource = Literal["numbers", "file", "own"]
SOURCES: dict[ScalingSource, str] = {
    "numbers": "I type or paste them",
    "file": "I have them in a file",
    "own": "Use those of this file",
}
MOST_REASONS = 6  # columns of one reason that have a line of their own
Faults = Callable[[RoleName], None]  # draws what is wrong with a role, beside it

MOST_SHARE = 0.4  # of the validation and of the test part


def as_shown(before: Setup, columns: Sequence[str]) -> Setup:
    """Return a setup as the form can show it for a file with these columns: a column that the file lacks has no role there.

    Only what differs from this is a change that the visitor has made.
    """
    roles, window, split = before.roles, before.window, before.split
    features, targets = (tuple(name for name in names if name in columns) for names in (roles.features, roles.targets))
    series, time, group = (name if name in columns else "" for name in (roles.series, roles.time, roles.group))
    return replace(
        before,
        roles=Roles(features, targets[:1] if roles.task == "classes" else targets, roles.task, series, time, group),
        window=replace(window, whole_series=window.whole_series and roles.task == "classes"),
        split=replace(split, validation=min(split.validation, MOST_SHARE), test=min(split.test, MOST_SHARE)),
    )


def setup_form(table: Table, before: Setup, key: str, guess: Guess, faults: Faults) -> Setup:
    """Draw the form with the present setup, and return what it holds. `key` is part of the widgets' keys: each file has its own form.

    What is wrong stands beside the column that it is about, and what was left out on suspicion stands in sight.
    """
    columns = [str(column) for column in table.frame]
    before = as_shown(before, columns)
    _show_suspects(guess, before.roles)
    first, second, third = st.columns(3)
    with first:
        roles = _roles_form(columns, before.roles, key, faults=faults)
    with second:
        window = _window_form(before.window, roles.task, key)
    with third:
        split = _split_form(before.split, roles, key)
        derived = choose_derived(table, before.derived, roles, guess.one_hot, key)
        with st.expander("Why were these columns suggested?", key="data_reasons"):
            for line in _reasons(guess.reasons):
                st.markdown(line)
    return replace(before, roles=roles, window=window, split=split, derived=derived)


def _show_suspects(guess: Guess, roles: Roles) -> None:
    """Name the columns that were left out of the features on suspicion, and warn of those that are features now."""
    taken = {*roles.features, roles.series, roles.time, roles.group}
    reasons = [(name, why) for name, why in guess.reasons if name in guess.suspects]
    left_out = [(name, why.removeprefix("Left out: ")) for name, why in reasons if name not in taken and name not in roles.targets]
    for name, why in [one for one in left_out if one[1].startswith(ONE_CLASS.removeprefix("Left out: "))]:
        st.warning(f"**{plain(name)}** is left out: {plain(why)}", icon="🏷️")
        left_out.remove((name, why))
    if left_out:
        with st.container(border=True, key="data_suspects"):
            st.markdown(
                "🕵️ **Left out of the features on suspicion.** Choose one all the same if you know better.\n"
                + "\n".join(f"- {line}" for line in _reasons(left_out))
            )
    for name, why in reasons:
        if name in roles.features:
            st.warning(f"**{plain(name)}** is a feature, but: {plain(why.removeprefix('Left out: '))}", icon="🕵️")


def _reasons(reasons: Sequence[tuple[str, str]]) -> list[str]:
    """Return a line of Markdown for each column on why it has its role; columns of one reason beyond the first few are counted."""
    columns: dict[str, list[str]] = {}
    for column, reason in reasons:
        columns.setdefault(reason, []).append(column)
    lines = []
    for reason, own in columns.items():
        lines += [f"**{plain(column)}**: {plain(reason)}" for column in (own[:MOST_REASONS] if len(own) > 2 * MOST_REASONS else own)]
        if len(own) > 2 * MOST_REASONS:
            lines.append(f"**{len(own) - MOST_REASONS:,} more columns**, {plain(listed(own[MOST_REASONS:]))}: {plain(reason)}")
    return lines


def bare_form(table: Table, before: Setup, model: ModelConfig, key: str, *, is_said: bool, has_split: bool = False) -> Setup | None:
    """Draw what a model of which only the weights are known reads, and return it; None until it can be such a model's.

    The choice is held to the model's numbers of inputs and outputs, and the scaling has no default: `is_said` means that the visitor
    has chosen one before. `has_split` draws the split too, which only a training on the file needs.
    """
    columns = [str(column) for column in table.frame]
    before = as_shown(before, columns)
    st.markdown(
        f"Its file holds weights alone: they take **{model.input_dim} inputs** and give **{model.output_dim} outputs**, and do not say "
        f"of what. Choose the columns in the order in which the model was trained on them."
    )
    still = st.container()
    first, second, third = st.columns(3)
    with first:
        roles = _roles_form(columns, before.roles, key, most=(model.input_dim, model.output_dim))
        inputs = listed([f"{place} {name}" for place, name in enumerate(roles.features, 1)])
        st.caption(f"Inputs in this order: {plain(inputs) or 'none yet'}")
        classes = _choose_classes(table, roles, before, model.output_dim, key)
    with second:
        suggested = before.window if is_said else replace(before.window, as_change=False)
        window = _window_form(suggested, roles.task, key)
    with third:
        scaling = _scaling_form(roles, before.scaling, key, is_said=is_said, as_change=window.as_change)
    split = before.split
    if has_split:
        with st.expander("How a training on this file would split it", key="data_split_of_bare"):
            split = _split_form(before.split, roles, key)
    missing = _missing(roles, classes, model, is_scaled=scaling is not None)
    if missing:
        still.info(f"Still missing: {'; '.join(missing)}.", icon="🧩")
    complete = not missing
    if scaling is None or not complete:
        return None
    return replace(before, roles=roles, window=window, split=split, scaling=scaling, classes=classes)


def _choose_classes(table: Table, roles: Roles, before: Setup, outputs: int, key: str) -> tuple[str, ...]:
    """Draw the choice of the classes in the order of the outputs, and return them; of a model of values there are none."""
    if roles.task == "values" or not roles.targets:
        return ()
    try:
        named = classes_in(table, roles)
    except ComplexLSTMError:  # said below, when the windows are cut
        named = ()
    present = before.classes if before.classes and before.roles.targets == roles.targets else named[:outputs]
    chosen = tuple(
        st.multiselect(
            "Classes, in the order of the outputs",
            list(dict.fromkeys([*present, *named])),
            list(present),
            key=f"data_classes_{key}_{roles.targets[0]}",
            max_selections=outputs,
            accept_new_options=True,
            help="The weights do not name their classes. Suggested are those that the file names, in alphabetical order: clear them and "
            "choose or type others if the outputs mean something else.",
        )
    )
    listed = ", ".join(f"{place} {name}" for place, name in enumerate(chosen, 1))
    whose = "as the file names them, in alphabetical order: check that the model has this order" if chosen == named else "as chosen"
    st.caption(f"Outputs in this order: {plain(listed) or 'none yet'}, {whose}.")
    return chosen


def _missing(roles: Roles, classes: tuple[str, ...], model: ModelConfig, *, is_scaled: bool) -> list[str]:
    """Return in words what the form still lacks."""
    inputs, outputs = model.input_dim - len(roles.features), (1 if roles.task == "classes" else model.output_dim) - len(roles.targets)
    target = "the column of the class" if roles.task == "classes" else f"{outputs} more target{'s' if outputs > 1 else ''}"
    unnamed = model.output_dim - len(classes) if roles.task == "classes" and roles.targets else 0
    found = [f"choose {inputs} more feature{'s' if inputs > 1 else ''}"] if inputs else []
    found += [f"choose {target}"] if outputs else []
    found += [f"name {unnamed} more class{'es' if unnamed > 1 else ''}"] if unnamed > 0 else []
    return found if is_scaled else [*found, "give the means and standard deviations that scale the inputs"]


def _scaling_form(roles: Roles, before: Scaling, key: str, *, is_said: bool, as_change: bool) -> Scaling | None:
    """Draw the question for means and deviations, and return them: empty for the file's own, None until it is answered."""
    st.markdown("**Scaling**")
    sources: tuple[ScalingSource, ...] = tuple(SOURCES)
    present = ("numbers" if before.feature_mean else "own") if is_said else None
    source = st.radio(
        "Means and standard deviations of the columns in training",
        sources,
        None if present is None else sources.index(present),  # type: ignore[arg-type]  # one of them
        format_func=SOURCES.__getitem__,
        key=f"data_scaling_{key}",
    )
    try:
        if source == "own":
            st.warning(
                "The means and deviations of this file stand in for those of training. Predictions are right only as far as this file is "
                "like the one that the model was trained on.",
                icon="📏",
            )
            return OWN_SCALING
        if source == "file":
            return _scaling_file(roles, key, as_change=as_change)
        return _scaling_numbers(roles, before, key, as_change=as_change) if source == "numbers" else None
    except ComplexLSTMError as error:
        st.error(plain(error), icon="⚠️")
        return None


def _scaling_file(roles: Roles, key: str, *, as_change: bool) -> Scaling | None:
    file = st.file_uploader(
        "A CSV with the header column,mean,std, or JSON",
        type=["csv", "json"],
        key=f"data_scaling_file_{key}",
        help='JSON: {"column": {"mean": 1, "std": 2}}, or the lists feature_mean, feature_std, target_mean and target_std in the order '
        "of the columns. A target that is learned as its change has an entry of its own: `column change`.",
    )
    return read_scaling(file.getvalue(), file.name, roles, as_change=as_change) if file else None


def _scaling_numbers(roles: Roles, before: Scaling, key: str, *, as_change: bool) -> Scaling | None:
    asked = {"feature_mean": "Means of the features", "feature_std": "Standard deviations of the features"}
    if roles.task == "values":
        of = "the targets' change" if as_change else "the targets"
        asked |= {"target_mean": f"Means of {of}", "target_std": f"Standard deviations of {of}"}
    numbers: dict[str, tuple[float, ...]] = {"target_mean": (), "target_std": ()}
    for name, label in asked.items():
        initial = ", ".join(f"{one:.17g}" for one in getattr(before, name))
        typed = st.text_input(f"{label}, in their order", initial, key=f"data_{name}_{key}", placeholder="1.5, 20.1, …")
        numbers[name] = read_numbers(typed)
    if not all(numbers[name] for name in asked):
        return None
    return make_scaling(roles, numbers["feature_mean"], numbers["feature_std"], numbers["target_mean"], numbers["target_std"])


def _roles_form(
    columns: list[str], before: Roles, key: str, most: tuple[int, int] = (100_000, 100_000), faults: Faults = lambda role: None
) -> Roles:
    """Draw the roles, each with what is wrong with it; `most` features and values can be chosen."""
    st.markdown("**Columns**")
    features = choose_columns(
        "Features: the inputs of the model", columns, before.features[: most[0]], f"data_features_{key}", most=most[0]
    )
    faults("features")
    kinds: tuple[Task, ...] = ("classes", "values")
    label = {"classes": "a class", "values": "one or several values, ahead in time"}
    task = st.selectbox("To predict", kinds, kinds.index(before.task), format_func=label.__getitem__, key=f"data_task_{key}")
    targets = list(before.targets[: most[1]])
    if task == "classes":
        chosen = _choose_column("Target: the column of the class", columns, targets[0] if targets else "", f"data_class_{key}")
        targets = [chosen] if chosen else []
    else:
        targets = st.multiselect(
            "Targets: the columns of the values", columns, default=targets, key=f"data_targets_{key}", max_selections=most[1]
        )
    faults("targets")
    series = _choose_column("Series: the column that names each series", columns, before.series, f"data_series_{key}")
    faults("series")
    time = _choose_column("Time: the column by which rows are sorted", columns, before.time, f"data_time_{key}")
    faults("time")
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
    validation = st.slider(
        "Validation, share that picks the best epoch", 0.0, MOST_SHARE, before.validation, 0.05, key=f"data_validation_{key}"
    )
    test = st.slider("Test, share that is only scored", 0.0, MOST_SHARE, before.test, 0.05, key=f"data_test_{key}")
    return SplitConfig(kind, validation, test, before.seed)


def _choose_column(label: str, columns: list[str], before: str, key: str) -> str:
    options = ["", *columns]
    index = options.index(before) if before in options else 0
    return st.selectbox(label, options, index, format_func=lambda name: name or "none", key=key)


def _take_number(label: str, before: int, key: str, **more: Any) -> int:
    return int(st.number_input(label, 1, 100_000, before, key=key, **more))
