"""The part of the Data page's form that makes features from columns: values of a text, the age of a value, a change, the clock's cycles."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from complex_lstm.config import DerivedFeature, Roles
from complex_lstm.data import Table, offer_derived, one_hot
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.messages import plain

LABELS = {
    "age": "Age of the last value of **{}**",
    "change": "Change of **{}** since its last value",
    "hour of day": "Hour of the day, as sine and cosine",
    "day of week": "Day of the week, as sine and cosine",
    "day of year": "Day of the year, as sine and cosine",
}


def choose_derived(
    table: Table, before: tuple[DerivedFeature, ...], roles: Roles, coded: Sequence[str], key: str
) -> tuple[DerivedFeature, ...]:
    """Draw the features that the file would bear, each with its reason, and return those that are chosen.

    `coded` are the columns whose values can be a feature each. What is chosen already is kept in sight, also where the file would not
    bear it any more.
    """
    columns = [str(column) for column in table.frame]
    taken = {roles.series, roles.time, roles.group, *(roles.targets if roles.task == "classes" else ())}
    options = [name for name in coded if name in columns and name not in taken]
    offers = cache.remember("derived_offers", (key, roles), lambda: offer_derived(table, roles))
    reasons = {one.feature: one.reason for one in offers}
    wanted = list(dict.fromkeys([*reasons, *(one for one in before if one.kind != "one hot" and one.column in ("", *columns))]))
    split_up = list(dict.fromkeys(one.column for one in before if one.kind == "one hot" and one.column in columns))
    if not options and not wanted and not split_up:
        return before
    st.markdown("**Features made from columns**")
    chosen: list[DerivedFeature] = []
    if options or split_up:
        names = st.multiselect(
            "Columns whose values become a feature each",
            list(dict.fromkeys([*split_up, *options])),
            split_up,
            key=f"data_one_hot_{key}",
            placeholder=f"{len(options)} column{'s' if len(options) > 1 else ''} of few values",
            help="The feature is 1 where the column has that value, and 0 where it has another.",
        )
        chosen += [made for name in names for made in (_kept(before, name) or one_hot(table, name))]
    for one in wanted:
        label = LABELS[one.kind].format(plain(one.column))
        if st.toggle(label, one in before, key=f"data_derive_{one.kind}_{one.column}_{key}", help=plain(reasons.get(one, "")) or None):
            chosen.append(one)
    lacking = [one for one in before if one.column and one.column not in columns]
    return before if {*chosen, *lacking} == {*before} else (*chosen, *lacking)


def _kept(before: tuple[DerivedFeature, ...], column: str) -> tuple[DerivedFeature, ...]:
    """Return the features of a column that are there already: those that a model knows, whichever values this file has."""
    return tuple(one for one in before if one.kind == "one hot" and one.column == column)
