"""The columns of the Data page for what is open: the form, and what a change of it means for the model, which is never closed silently."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from complex_lstm.config import Roles, to_json
from complex_lstm.data import Dataset, Guess, RoleFault, Table, find_text_in_numbers, texts_in, times_of
from complex_lstm.data.row_order import RoleName
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.model import Checkpoint
from complex_lstm.recipe import Fitting, Missing
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.conversion_form import convert_by_hand
from complex_lstm.ui.session.fitting_form import fitting_form
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.rereading import change_reading
from complex_lstm.ui.session.roles_form import as_shown, bare_form, setup_form
from complex_lstm.ui.session.scene import MODELS, add_to_list, bare_misfit, model_name, show_misfit
from complex_lstm.ui.session.state import choose, current, end_page

FORM = "columns_form"  # data, model and setup as the form has left them, and the number of the form
MOST_FAULTS = 4  # that are shown at once
MOST_CELLS = 20  # different texts in a column of numbers that one button takes for missing
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
    shown, key = as_shown(before, [str(column) for column in table.frame]), f"{opened.data}_{opened.model}{_form_number()}"
    if loaded is not None and not isinstance(loaded, Checkpoint):
        return _confirm_bare(table, before, shown, key)
    fits = loaded is not None and cache.fits(opened.data, opened.model, opened.setup)
    if loaded is not None and not fits:
        show_misfit(current())
    elif loaded is not None:
        fitting_form(opened.data, opened.model, opened.setup, by_hand=True)
    if loaded is None:
        _convert_columns(table)
    _show_undo()
    named, there = ((*one.roles.targets, one.roles.series, one.roles.time, one.roles.group) for one in (before, shown))
    lacking = [name for name in dict.fromkeys(named) if name and name not in there]
    if fits and lacking:
        st.info(
            f"The file lacks {plain(listed(lacking))}, which **{plain(model_name(opened.model))}** was trained with. The model stays "
            f"open: it works without. Without its target, predictions cannot be scored.",
            icon="🧩",
        )
    guess = cache.guess(opened.data, before.fitting)
    of_table = (opened.data, before.fitting, shown.roles)
    faults = cache.remember("role_faults", of_table, lambda: _find_faults(table, guess, shown.roles), most=32)
    chosen = setup_form(table, before, key, guess, lambda role: _show_faults(faults, role, table, shown))
    if chosen != shown:
        _take_change(chosen, shown, has_model=fits)
    if fits and lacking:
        return chosen, cache.dataset(opened.data, opened.model, opened.setup, opened.stride or 0)
    try:
        return chosen, cache.planned(opened.data, chosen, to_json(chosen))
    except ComplexLSTMError as error:
        if not faults:
            st.error(plain(error), icon="⚠️")
        st.caption("Change the columns or the windows above, or how the file is read, until windows can be cut.")
        end_page()


def _convert_columns(table: Table) -> None:
    """Draw the conversion of any column of numbers, which becomes a part of how the file is read: for training, and in the recipe."""
    chosen = convert_by_hand(table, None, None, current().opened.data)
    if chosen is not None:
        present = cache.examination(current().opened.data).reading.convert
        change_reading({"convert": (*present, chosen)})
        st.rerun()


def _form_number() -> str:
    """Return what makes the form's widgets new ones where the setup was changed beside the form: by a recipe, a button, or a link."""
    opened = current().opened
    left, count = st.session_state.get(FORM, (None, 0))
    if left != (opened.data, opened.model, opened.setup):
        count += left is not None and left[:2] == (opened.data, opened.model)
        st.session_state[FORM] = ((opened.data, opened.model, opened.setup), count)
    return f"_{count}" if count else ""


def _find_faults(table: Table, guess: Guess, roles: Roles) -> list[RoleFault]:
    """Return what keeps the present roles from being used, as far as it belongs beside one of them."""
    time = times_of(table).get(roles.time)
    found = []
    for one in guess.problems:
        is_of_time = one.role == "time" and one.column == roles.time and not (time is not None and time.is_asked)  # that is asked above
        is_of_series = one.role == "series" and (roles.series, roles.time) == (guess.roles.series, guess.roles.time)
        if is_of_time or is_of_series or (one.role == "features" and not one.column and not roles.features):
            found.append(one)
    return [*found, *find_text_in_numbers(table, roles)]


def _show_faults(faults: list[RoleFault], role: RoleName, table: Table, shown: Setup) -> None:
    """Draw what is wrong with a role, and for cells that are no numbers the buttons that mend it."""
    own = [one for one in faults if one.role == role]
    for place, one in enumerate(own[:MOST_FAULTS]):
        st.error(plain(one.words), icon="⚠️")
        if not one.column or role not in ("features", "targets"):
            continue
        cells = list(dict.fromkeys(map(str, texts_in(table.frame[one.column]))))
        with st.container(horizontal=True):
            if len(cells) <= MOST_CELLS:
                label = f"Read {plain(listed(cells, 3))} as missing"
                st.button(label, key=f"data_mend_{role}_{place}", on_click=_read_as_missing, args=(cells, one.column, shown.fitting))
            features, targets = (tuple(n for n in names if n != one.column) for names in (shown.roles.features, shown.roles.targets))
            left = replace(shown, roles=replace(shown.roles, features=features, targets=targets))
            st.button(f"Leave {plain(one.column)} out", key=f"data_leave_{role}_{place}", on_click=_keep, args=(left,))
    if len(own) > MOST_FAULTS:
        st.caption(f"And {len(own) - MOST_FAULTS} more columns with such cells.")


@keep_errors
def _read_as_missing(cells: list[str], column: str, fitting: Fitting) -> None:
    name = next((one.found for one in fitting.renames if one.wanted == column), column)
    present = cache.examination(current().opened.data).reading.missing
    change_reading({"missing": (*present, *(Missing(cell, (name,)) for cell in cells))})


@keep_errors
def _keep(setup: Setup) -> None:
    choose(setup=keep_setup(setup))


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
        _, count = st.session_state.get(FORM, (None, 0))
        st.session_state[FORM] = ((opened.data, opened.model, current().opened.setup), count)
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
