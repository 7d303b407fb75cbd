"""The columns of the Data page for what is open: the form, and what a change of it means for the model, which is never closed silently."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.data import Dataset, Table
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.model import Checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Setup, keep_setup
from complex_lstm.ui.session.fitting_form import fitting_form
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.roles_form import as_shown, bare_form, setup_form
from complex_lstm.ui.session.scene import MODELS, add_to_list, bare_misfit, model_name, show_misfit
from complex_lstm.ui.session.state import choose, current, end_page

UNDO = "columns_undo"  # data, model and setup before a change that the model could not follow


def confirm_columns() -> tuple[Setup, Dataset]:
    """Draw the form for the file that is open, and return what it holds and the windows that are cut by it.

    A change by the visitor is kept as the new setup, and the page begins again. A model that was trained on other columns is then
    put aside, with an undo; a column that the file merely lacks changes nothing.
    """
    opened = current().opened
    table = cache.fitted_table(opened.data, opened.setup)
    loaded = cache.checkpoint(opened.model) if opened.model else None
    known = cache.setup(opened.data, opened.model, opened.setup)
    before = replace(known, window=replace(known.window, stride=opened.stride or known.window.stride))
    shown, key = as_shown(before, [str(column) for column in table.frame]), f"{opened.data}_{opened.model}"
    if loaded is not None and not isinstance(loaded, Checkpoint):
        return _confirm_bare(table, before, shown, key)
    fits = loaded is not None and cache.fits(opened.data, opened.model, opened.setup)
    if loaded is not None and not fits:
        show_misfit(current())
    elif loaded is not None:
        fitting_form(opened.data, opened.model, opened.setup)
    _show_undo()
    lacking = _lacking(before, shown)
    if fits and lacking:
        st.info(
            f"The file lacks {plain(listed(lacking))}, which **{plain(model_name(opened.model))}** was trained with. The model stays "
            f"open: it works without. Without its target, predictions cannot be scored.",
            icon="🧩",
        )
    chosen = setup_form(table, before, key)
    if chosen != shown:
        _take_change(chosen, shown, has_model=fits)
    if fits and lacking:
        return chosen, cache.dataset(opened.data, opened.model, opened.setup, opened.stride or 0)
    try:
        return chosen, cache.planned(opened.data, chosen, to_json(chosen))
    except ComplexLSTMError as error:
        st.error(plain(error), icon="⚠️")
        st.caption("Change the columns or the windows above, or how the file is read, until windows can be cut.")
        end_page()


def _take_change(chosen: Setup, shown: Setup, *, has_model: bool) -> None:
    """Keep what the visitor has changed. More or fewer windows of the same kind need no other model."""
    opened = current().opened
    if chosen == replace(shown, window=replace(shown.window, stride=chosen.window.stride)):
        choose(stride=chosen.window.stride)
    elif has_model:
        st.session_state[UNDO] = (opened.data, opened.model, opened.setup)
        if opened.model not in SAMPLES:
            add_to_list(MODELS, opened.model)
        choose(setup=keep_setup(chosen.of_file), model="")
    else:
        choose(setup=keep_setup(chosen))
    st.rerun()


def _show_undo() -> None:
    """Say which model was put aside by a change of the columns, and offer it back."""
    data, model, setup = st.session_state.get(UNDO, ("", "", ""))
    opened = current().opened
    if not data or opened.data != data or opened.model:
        return
    name = plain(model_name(model))
    st.info(
        f"These columns need another model than **{name}**, which was put aside. Train one on the Train page, or undo the change.", icon="↩️"
    )
    st.button(f"Undo: back to {name} and its columns", key="data_undo", on_click=choose, kwargs={"model": model, "setup": setup})


def _confirm_bare(table: Table, before: Setup, shown: Setup, key: str) -> tuple[Setup, Dataset]:
    """Draw the form of a model of which only the weights are known, and return what it reads once that is said."""
    opened = current().opened
    st.markdown(f"**{plain(model_name(opened.model))}**")
    chosen = bare_form(table, before, cache.checkpoint(opened.model).model.config, key, is_said=bool(opened.setup), has_split=True)
    words = bare_misfit(opened.data, opened.model, chosen) if chosen is not None else ""
    if words:
        st.info(plain(words), icon="🧩")
    if chosen is None or words:
        st.caption("The windows are cut, and the model can be used, once its columns and its scaling are said.")
        end_page()
    if not opened.setup or chosen != shown:
        if opened.setup and chosen == replace(shown, window=replace(shown.window, stride=chosen.window.stride)):
            choose(stride=chosen.window.stride)
        else:
            choose(setup=keep_setup(chosen))
        st.rerun()
    return chosen, cache.prepared_bare(opened.data, chosen, to_json(chosen))


def _lacking(before: Setup, shown: Setup) -> list[str]:
    """Return the columns with a role that the file lacks."""
    named, there = ((*one.roles.targets, one.roles.series, one.roles.time, one.roles.group) for one in (before, shown))
    return [name for name in dict.fromkeys(named) if name and name not in there]
