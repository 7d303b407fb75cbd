"""The form that makes a file fit a model that was trained on another one: which column is which, and in what unit.

Nothing is applied until the visitor says so. What is applied is part of the setup, and so of the link, and can be undone.
"""

from __future__ import annotations

import streamlit as st

from complex_lstm.data import Match, Mismatch, suggest_mapping
from complex_lstm.data.fitting import extend
from complex_lstm.model import Checkpoint
from complex_lstm.recipe import Conversion, Fitting, Rename
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.state import choose


def fitting_form(data: str, model: str, setup_key: str) -> None:
    """Draw where a file is not like what a model was trained on, and offer the columns and conversions that would mend it.

    Nothing is drawn for a file that is like it, or for a model of which only the weights are known.
    """
    loaded = cache.checkpoint(model)
    if not isinstance(loaded, Checkpoint):
        return
    fitting = cache.find_setup(setup_key).fitting if setup_key else Fitting()
    matches = _matches(data, model, setup_key, loaded)
    needed = cache.lacking(data, model, setup_key)
    mismatches = () if needed else cache.mismatches(data, model, setup_key)
    if fitting != Fitting():
        _show_applied(fitting)
    for one in mismatches:
        st.warning(plain(one.words), icon="📐")
    if not needed and not any(one.found for one in matches) and not any(one.conversions or one.renames for one in mismatches):
        return
    with st.form(f"fit_{data}_{model}_{setup_key}", border=True):
        st.markdown("**Make the file fit the model**")
        renames, conversions = _ask_columns(matches, needed, data, model, setup_key)
        chosen_renames, chosen_conversions = _ask_conversions(mismatches, f"{data}_{model}_{setup_key}")
        pressed = st.form_submit_button("Use the file like this", icon="📐", type="primary")
    if pressed:
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


def _matches(data: str, model: str, setup_key: str, loaded: Checkpoint) -> tuple[Match, ...]:
    table = cache.fitted_table(data, setup_key)
    return cache.remember("matches", (data, model, setup_key), lambda: suggest_mapping(loaded.schema, table, loaded.facts))


def _show_applied(fitting: Fitting) -> None:
    """Draw what is renamed and converted, and the button that takes it back."""
    lines = [f"{plain(one.found)} is read as **{plain(one.wanted)}**" for one in fitting.renames]
    lines += [f"**{plain(one.column)}** is {describe_conversion(one)}" for one in fitting.conversions]
    st.info(f"The file is made to fit the model: {'; '.join(lines)}.", icon="📐")
    st.button("Undo: read the file as it is", key="fit_undo", icon="↩️", on_click=_undo)


def describe_conversion(one: Conversion) -> str:
    """Return what a conversion does, in words. Markdown."""
    offset = f" {'plus' if one.offset > 0 else 'minus'} {abs(one.offset):.6g}" if one.offset else ""
    units = f" ({plain(one.source)} to {plain(one.target)})" if one.source and one.target else ""
    return f"multiplied by {one.factor:.6g}{offset}{units}"


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
            label = f"Convert {plain(one.wanted)}: {describe_conversion(one.conversion)}"
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
        label = f"Swap {names}" if one.renames else f"{names}: {'; '.join(map(describe_conversion, one.conversions))}"
        if st.checkbox(label, False, key=f"fit_mend_{key}_{number}"):
            renames += one.renames
            conversions += one.conversions
    return tuple(renames), tuple(conversions)
