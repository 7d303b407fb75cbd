"""The form that makes a file fit a model that was trained on another one: which column is which, and in what unit.

Nothing is applied until the visitor says so. What is applied is part of the setup, and so of the link, and can be undone.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from complex_lstm.data import NOT_COMPARED, Match, Mismatch, suggest_mapping
from complex_lstm.data.fitting import extend
from complex_lstm.model import Checkpoint
from complex_lstm.recipe import Conversion, Fitting, Rename
from complex_lstm.ui.compute import cache, trained_on
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.conversion_form import convert_by_hand
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.state import choose


def fitting_form(data: str, model: str, setup_key: str, *, by_hand: bool = False) -> None:
    """Draw where a file is not like what a model was trained on, and offer the columns and conversions that would mend it.

    Nothing is drawn for a file that is like it, but with `by_hand` the conversion of any column; nor for a model of which only the weights
    are known.
    """
    loaded = cache.checkpoint(model)
    if not isinstance(loaded, Checkpoint):
        return
    fitting = cache.find_setup(setup_key).fitting if setup_key else Fitting()
    table, facts = cache.fitted_table(data, setup_key), trained_on.facts_of(model)
    matches = cache.remember("matches", (data, model, setup_key, facts is None), lambda: suggest_mapping(loaded.schema, table, facts))
    needed = cache.lacking(data, model, setup_key)
    mismatches = () if needed else trained_on.mismatches(data, model, setup_key)
    if fitting != Fitting():
        _show_applied(loaded, fitting)
    for one in mismatches:
        st.warning(plain(one.words), icon="📐")
    if by_hand and facts is None and not needed and not trained_on.is_trained_on(data, model, setup_key):
        st.caption(f"{NOT_COMPARED} Open its training file here once, and all of it is.")
    if needed or any(one.found for one in matches) or any(one.conversions or one.renames for one in mismatches):
        _ask_fitting(loaded, fitting, (matches, needed, mismatches), (data, model, setup_key))
    if by_hand:
        chosen = convert_by_hand(table, loaded.schema, facts, f"{data}_{model}_{setup_key}")
        if chosen is not None:
            _apply(loaded, extend(fitting, (), (chosen,)))
            st.rerun()


def _ask_fitting(
    loaded: Checkpoint,
    fitting: Fitting,
    found: tuple[tuple[Match, ...], tuple[str, ...], tuple[Mismatch, ...]],
    keys: tuple[str, str, str],
) -> None:
    """Draw which columns and conversions would make the file fit, and use those that the visitor takes."""
    matches, needed, mismatches = found
    with st.form(f"fit_{'_'.join(keys)}", border=True):
        st.markdown("**Make the file fit the model**")
        renames, conversions = _ask_columns(matches, needed, *keys)
        chosen_renames, chosen_conversions = _ask_conversions(mismatches, "_".join(keys))
        pressed = st.form_submit_button("Use the file like this", icon="📐", type="primary")
    if not pressed:
        return
    extended = extend(fitting, (*renames, *chosen_renames), (*conversions, *chosen_conversions))
    if extended == fitting:
        st.info("Nothing is chosen yet: choose a column, or tick a conversion.", icon="🧩")
        return
    _apply(loaded, extended)
    st.rerun()


@keep_errors
def _undo() -> None:
    choose(setup="")


def _apply(loaded: Checkpoint, fitting: Fitting) -> None:
    made = Setup(loaded.schema.roles, loaded.window, loaded.split, fitting=fitting, derived=loaded.schema.derived)
    choose(setup=keep_setup(made))


def _show_applied(loaded: Checkpoint, fitting: Fitting) -> None:
    """Draw what is renamed and converted, with the buttons that take one conversion back, or all."""
    lines = [f"{plain(one.found)} is read as **{plain(one.wanted)}**" for one in fitting.renames]
    lines += [f"**{plain(one.column)}** is converted: {plain(one.words)}" for one in fitting.conversions]
    st.info(f"The file is made to fit the model: {'; '.join(lines)}.", icon="📐")
    with st.container(horizontal=True):
        st.button("Undo: read the file as it is", key="fit_undo", icon="↩️", on_click=_undo)
        for place, one in enumerate(fitting.conversions if len(lines) > 1 else ()):
            left = replace(fitting, conversions=(*fitting.conversions[:place], *fitting.conversions[place + 1 :]))
            st.button(f"Undo {plain(one.column)} alone", key=f"fit_undo_{place}", on_click=_apply, args=(loaded, left))


def _ask_columns(
    matches: tuple[Match, ...], needed: tuple[str, ...], data: str, model: str, setup_key: str
) -> tuple[tuple[Rename, ...], tuple[Conversion, ...]]:
    """Draw for each column that the file lacks which of its columns is it, and return what is chosen."""
    options = ["", *map(str, cache.fitted_table(data, setup_key).frame)]
    renames, conversions = [], []
    for one in matches:
        is_needed = one.wanted in needed
        found = st.selectbox(
            f"{plain(one.wanted)}{'' if is_needed else ' (the model works without it)'}",
            options,
            options.index(one.found) if one.found in options else 0,
            format_func=lambda name: name or "none of the file's columns",
            key=f"fit_map_{data}_{model}_{setup_key}_{one.wanted}",
        )
        st.caption(plain(f"Suggested: {one.found}, because it is {one.reason}." if one.found else f"No suggestion: {one.reason}."))
        if not found:
            continue
        renames.append(Rename(found, one.wanted))
        if one.found == found and one.conversion is not None:
            label = f"Convert {plain(one.wanted)}: {plain(one.conversion.words)}"
            if st.checkbox(label, True, key=f"fit_unit_{data}_{model}_{setup_key}_{one.wanted}"):
                conversions.append(one.conversion)
    return tuple(renames), tuple(conversions)


def _ask_conversions(mismatches: tuple[Mismatch, ...], key: str) -> tuple[tuple[Rename, ...], tuple[Conversion, ...]]:
    """Draw a box to tick for each mismatch that can be mended, and return what is ticked."""
    renames: list[Rename] = []
    conversions: list[Conversion] = []
    for number, one in enumerate(mismatches):
        if not one.conversions and not one.renames:
            continue
        names = " and ".join(f"**{plain(name)}**" for name in one.columns)
        label = f"Swap {names}" if one.renames else f"{names}: {'; '.join(plain(each.words) for each in one.conversions)}"
        if st.checkbox(label, False, key=f"fit_mend_{key}_{number}"):
            renames += one.renames
            conversions += one.conversions
    return tuple(renames), tuple(conversions)
