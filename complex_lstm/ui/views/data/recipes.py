"""The recipe of the open file: to take along, to bring, and offered again for the next file of its shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.data import Table, read_csv
from complex_lstm.errors import ComplexLSTMError, ConfigError
from complex_lstm.recipe import Fitting, Recipe, load_recipe
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.sources import find_source
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.rereading import open_reading
from complex_lstm.ui.session.state import choose, current
from complex_lstm.workspace import Kept

ERROR = "recipe_error"
BEGINNING = 200_000  # bytes
MOST = 20  # recipes that are tried on a file, the newest first


def show_recipe(table: Table, setup: Setup) -> None:
    """Draw the recipe's download and upload. A recipe that the visitor has had a hand in is kept for the next file of its shape."""
    recipe = Recipe(table.settled_reading, setup.roles, setup.window, setup.split, setup.derived, setup.fitting)
    opened = current().opened
    if opened.setup or find_source(opened.data).reading is not None:
        open_workspace().keep("recipe", to_json(recipe).encode(), table.name)
    with st.expander("Recipe: how this file is read and used, for the next of its kind", icon="🧾", key="data_recipe"):
        st.download_button(
            "Download the recipe", to_json(recipe), f"{PurePath(table.name).stem}.recipe.json", key="data_recipe_download",
            help="On the command line: train --recipe FILE. A checkpoint that is trained here carries it too.",
        )  # fmt: skip
        upload_recipe()


def upload_recipe() -> None:
    """Draw the upload of a recipe, by which the open file is read and used."""
    st.file_uploader("Use a recipe on this file", type=["json"], key="data_recipe_upload", on_change=_take_recipe)
    if words := st.session_state.pop(ERROR, ""):
        st.error(plain(words), icon="⚠️")


def offer_recipes(table: Table) -> None:
    """Offer the newest kept recipe that another file of this shape was used with, where this one would be used otherwise."""
    opened = current().opened
    if opened.setup or opened.model:
        return
    found = cache.remember("fitting_recipe", (opened.data, len(open_workspace().all("recipe"))), lambda: _fitting(opened.data, table))
    if found is None:
        return
    kept, recipe = found
    st.info(f"It has the columns of **{plain(kept.name)}**, for which you have said how it is read and used.", icon="🧾")
    st.button(f"Use it like {plain(kept.name)}", key="data_recipe_offer", on_click=_use, args=(recipe,))


def _fitting(data: str, table: Table) -> tuple[Kept, Recipe] | None:
    """Return the newest recipe whose columns the file has when it is read like that, unless the file would be used like that anyway."""
    for kept in open_workspace().all("recipe")[:MOST]:
        try:
            recipe, suggested = load_recipe(kept.path.read_bytes(), kept.name), cache.suggested_setup(data)
        except (ConfigError, OSError):  # damaged, or deleted just now
            continue
        roles = recipe.roles
        same = recipe.reading == table.settled_reading
        if same and (roles, recipe.window, recipe.split, recipe.derived) == (suggested.roles, suggested.window, suggested.split, ()):
            continue
        if {*roles.columns} <= set(map(str, table.frame if same else _columns_read_by(recipe, data))):
            return kept, recipe
    return None


def _columns_read_by(recipe: Recipe, data: str) -> list[str]:
    """Return the columns of a file read by a recipe, from its beginning where it is text and long; none where it cannot be read so."""
    source = find_source(data)
    content = source.path.read_bytes()
    if recipe.reading.container == "none" and recipe.reading.kind == "text" and len(content) > BEGINNING:
        content = content[: content.rfind(b"\n", 0, BEGINNING) + 1] or content
    try:
        return [str(name) for name in read_csv(content, source.name, recipe.reading).frame]
    except ComplexLSTMError:
        return []


def _take_recipe() -> None:
    file = st.session_state["data_recipe_upload"]
    if file is None:
        return
    try:
        _use(load_recipe(file.getvalue(), file.name))
    except ComplexLSTMError as error:
        st.session_state[ERROR] = str(error)


def _use(recipe: Recipe) -> None:
    """Read the open file and use its columns as a recipe says: a callback."""
    opened = current().opened
    if recipe.fitting.conversions and not recipe.fitting.renames and not opened.model:  # so a training on the file reads them too
        converted = (*recipe.reading.convert, *recipe.fitting.conversions)
        recipe = replace(recipe, reading=replace(recipe.reading, convert=converted), fitting=Fitting())
    open_reading(find_source(opened.data).data, recipe.reading)
    choose(setup=keep_setup(Setup(recipe.roles, recipe.window, recipe.split, derived=recipe.derived, fitting=recipe.fitting)), stride=None)
