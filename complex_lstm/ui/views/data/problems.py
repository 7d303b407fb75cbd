"""Warnings before training: what in the file makes a model useless or its score too good, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Hashable

import streamlit as st

from complex_lstm.data import Dataset, Problem, find_problems
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.messages import plain

MOST_NAMED = 6  # columns


def show_problems(dataset: Dataset, key: Hashable, named: Collection[str] = ()) -> None:
    """Draw a warning for each problem of the columns chosen for training, but for those that the form has named already.

    `key` identifies the data set in the cache.
    """
    for problem in cache.remember("data_problems", key, lambda: find_problems(dataset)):
        if set(problem.columns) <= set(named):
            continue
        st.warning(describe_problem(problem, dataset.window.horizon), icon="⚠️")


def describe_problem(problem: Problem, horizon: int) -> str:
    """Return what is wrong with which columns and what to do, as Markdown."""
    columns, target = _named(problem.columns), f"**{plain(problem.target)}**"
    several = len(problem.columns) > 1
    if problem.kind == "copy":
        return (
            f"{columns} {'copy' if several else 'copies'} the target {target}: at each time step {'they give' if several else 'it gives'} "
            f"the same, perhaps in another unit. If {'they are' if several else 'it is'} not known before the answer is, the model reads "
            f"the answer off, and its score says nothing. Leave {'them' if several else 'it'} out of the features."
        )
    if problem.kind == "future copy":
        steps = f"{horizon} time step{'s' if horizon > 1 else ''}"
        return (
            f"{columns} {'hold' if several else 'holds'} the target {target} as it is {steps} later, which is the answer. "
            f"Leave {'them' if several else 'it'} out of the features, unless {'they are' if several else 'it is'} really known by then."
        )
    if problem.kind == "tells the change":
        return (
            f"{columns} {'count' if several else 'counts'} evenly to where {target} changes, or from there: a model reads off when that "
            f"is. Leave {'them' if several else 'it'} out of the features, unless {'they are' if several else 'it is'} known by then."
        )
    if problem.kind == "tells the class":
        return (
            f"Each class of {target} has a range of the values of {columns} for itself: a model needs nothing else, and may read the "
            f"answer off. Leave {'them' if several else 'it'} out of the features, unless {'they are' if several else 'it is'} measured "
            f"before the answer is known."
        )
    if problem.kind == "split column":
        return (
            f"{columns} {'are' if several else 'is'} named like a split into training and test rows, not like something measured. "
            f"Leave {'them' if several else 'it'} out of the features and the target. If the split means something, choose the column as "
            "Group and split by group."
        )
    return (
        f"{columns} never {'change' if several else 'changes'} in the training part, so the model cannot learn what "
        f"{'they do' if several else 'it does'}, and its reaction is arbitrary if {'they change' if several else 'it changes'} later. "
        f"Leave {'them' if several else 'it'} out of the features."
    )


def _named(columns: tuple[str, ...]) -> str:
    """Return the columns' names, the first few where there are many, as Markdown."""
    names = [f"**{plain(name)}**" for name in columns[:MOST_NAMED]]
    if more := len(columns) - len(names):
        return f"{', '.join(names)} and {more} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
