"""Names of many columns: their groups, a sentence that lists them, and the choice of some of them.

Files with hundreds of columns name them in groups: `tBodyAcc-mean`, `sensor1_temp`. A group is what stands before the first
separator, after whatever all names share.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import streamlit as st

from complex_lstm.ui.session.messages import plain

MOST_CHIPS = 60  # choices that each stand as a chip in their box: a thousand take the browser seconds
MOST_IN_SIGHT = 2  # chips that stand in a box of a third of the page
MOST_NAMED = 12  # names in a sentence
FEWEST_IN_GROUP = 3
SEPARATOR = re.compile(r"[-_. /:|(\[]+")


def groups_of(names: Sequence[str]) -> dict[str, list[int]]:
    """Return the names of each common prefix, by number: prefixes of three names or more, in the order of the names.

    A prefix ends with the first separator after what all names share. Empty where the names have fewer than two groups.
    """
    ends = min(names, default=""), max(names, default="")  # all names between them begin as both do
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*ends, strict=False)))
    found: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        if separator := SEPARATOR.search(name, shared):
            found.setdefault(name[: separator.end()], []).append(number)
    large = {prefix: members for prefix, members in found.items() if len(members) >= FEWEST_IN_GROUP}
    return large if len(large) > 1 else {}


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return names as they stand in a sentence; of many the first ones, and how many more there are."""
    more = len(names) - most
    return f"{', '.join(names[:most])} and {more:,} more" if more > 0 else ", ".join(names)


def choose_columns(label: str, names: Sequence[str], default: Sequence[str], key: str, *, most: int | None = None) -> list[str]:
    """Draw the choice of columns, and return those chosen: in the order of `names`, or of `default` first where it has another.

    Where there are more than 60 names the visitor says which to take or which to leave out, whichever is shorter, single ones and
    whole groups, because a chip for each of a thousand takes the browser seconds. `most` columns can be chosen.
    """
    if len(names) <= MOST_CHIPS:
        few = st.multiselect(label, list(names), list(default), key=key, max_selections=most)
        if len(few) > MOST_IN_SIGHT:
            st.caption(plain(f"{len(few)} of {len(names)} columns: {listed(few, MOST_CHIPS)}"))
        return few
    groups = groups_of(names)
    members = [[number] for number in range(len(names))] + list(groups.values())
    labels = [*names, *(f"{prefix}… ({len(own)} columns)" for prefix, own in groups.items())]
    usual = "all but" if 2 * len(default) > len(names) else "only"
    way = st.segmented_control(label, ("all but", "only"), default=usual, key=f"{key}_way", required=True)
    taken = {*default}
    apart = [number for number, name in enumerate(names) if (name in taken) == (way == "only")]
    chips = st.multiselect(
        f"{label}: {way} these",
        [*range(len(names), len(members)), *range(len(names))],  # the groups first
        _as_chips(apart, len(names), list(groups.values())),
        format_func=labels.__getitem__,
        key=f"{key}_{'without' if way == 'all but' else 'only'}",
        placeholder="none left out" if way == "all but" else "a column, or a whole group",
        label_visibility="collapsed",
    )
    picked = {names[number] for chip in chips for number in members[chip]}
    chosen = picked if way == "only" else {*names} - picked
    kept = [name for name in default if name in chosen]
    ordered = [name for name in names if name in chosen]
    if kept != [name for name in ordered if name in taken]:  # the order is not the file's, and says how a model reads them
        ordered = [*kept, *(name for name in ordered if name not in taken)]
    ordered = ordered[:most]
    st.caption(f"{len(ordered):,} of {len(names):,} columns are chosen.")
    return ordered


def _as_chips(numbers: Sequence[int], count: int, groups: list[list[int]]) -> list[int]:
    """Return the fewest chips that stand for these columns: a group as one where all of it is there, and the rest one by one."""
    there = set(numbers)
    whole = [place for place, own in enumerate(groups) if there.issuperset(own)]
    covered = {number for place in whole for number in groups[place]}
    return [*(count + place for place in whole), *(number for number in numbers if number not in covered)]
