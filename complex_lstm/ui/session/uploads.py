"""Uploads: a table, or a checkpoint. What the visitor has chosen is kept, and what fits is offered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import streamlit as st

from complex_lstm.data import Examination, examine, numeric_share
from complex_lstm.errors import ComplexLSTMError, CsvError
from complex_lstm.languages import ENGLISH, _, ngettext, speaking
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.model.weights import SUFFIXES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import AS_IT_IS
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import (
    MODELS,
    UPLOADS,
    add_to_list,
    fitting_models,
    keep_way_back,
    model_name,
    offer_models,
    open_model,
    page,
)
from complex_lstm.ui.session.state import choose, current

NEWS = "upload_news"
LOADED = "upload_loaded_model"  # until the page of the upload leads to the model
TO_DECIDE = "upload_to_decide"  # until it leads to the Data page, where something about the file is to be decided


@dataclass(frozen=True)
class News:
    """What an upload box has to say: the key of the box, and the data and the models that it offers for it."""

    box: str
    kind: Literal["success", "error"]
    words: str
    data: str = ""
    fitting: tuple[str, ...] = ()


def upload_data(key: str, *, another: bool = False) -> None:
    """Draw the upload of a table, behind a button where it is for `another` one than that which is open.

    The file is kept and selected; the chosen model stays, and others that fit are offered. Any file may be given: what it is its bytes
    say, and not its name.
    """
    with st.popover("Open another file", icon="📂", width="content") if another else nullcontext():
        st.file_uploader(
            _("Your table: a row a time step"),
            key=key,
            on_change=_take_data,
            args=(key,),
            help=_(
                "CSV and its relatives in any dialect, Excel, Parquet, Feather, JSON and JSON lines, .ts, .tsf and ARFF of the archives; "
                "NetCDF and HDF5 with an extra; also packed as gzip, zip, xz, bz2 or zstd. "
                "Kept in the workspace folder on the machine that runs this app, and nowhere else."
            ),
        )
    _show_news(key)


def upload_model(key: str) -> None:
    """Draw the upload of a checkpoint, which leads to what the model does, or without data to the model itself."""
    st.file_uploader(
        _("A trained checkpoint: .safetensors, or a state dict as .pt, .pth, .bin or .ckpt"),
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        key=key,
        on_change=_take_model,
        args=(key,),
        help=_("Read without executing anything in it."),
    )
    _show_news(key)


def _take_data(key: str) -> None:
    """Keep and open the file. One that cannot be read as it is, but perhaps with other switches, is kept too: the Data page has them."""
    file = st.session_state[key]
    if file is None:
        return
    with _errors_stored(key):
        found = examine(file.getvalue(), file.name)
        if found.fault and found.fault.switch == "container":  # its bytes say how it is packed: no switch mends that
            raise CsvError(found.fault.message)
        kept = open_workspace().keep("data", file.getvalue(), file.name)
        cache.keep_examination(kept.key, found)
        add_to_list(UPLOADS, kept.key)
        model = current().opened.model
        keep_way_back()
        choose(data=kept.key, setup="", stride=None, window=None)
        with speaking(current().language if key.startswith("tour") else ENGLISH):  # a callback runs before the page has a language
            st.session_state[NEWS] = _news(key, found, kept.key, model)
        if _is_to_decide(found, kept.key) and not key.startswith("tour"):  # the tour has a link there, and goes on where it is
            st.session_state[TO_DECIDE] = True


def _news(key: str, found: Examination, data: str, model: str) -> News:
    """Return what the box says of a file that it has taken."""
    table = found.table
    if table is None:
        words = found.fault.message if found.fault else ""
        return News(key, "error", f"{words} {_('The Data page has the switches that may mend it.')}", data)
    numeric = sum(numeric_share(table.frame[column]) > 0.5 for column in table.frame)
    counted = _(
        "{file}: {rows:,} rows, {columns} columns, {numeric} of them numbers.",
        file=table.name,
        rows=len(table.frame),
        columns=len(table.frame.columns),
        numeric=numeric,
    )
    fitting = tuple(one for one in fitting_models(data) if one != model)
    return News(key, "success", f"{counted} {_fit_sentence(data, model, fitting)}", data, fitting)


def _is_to_decide(found: Examination, data: str) -> bool:
    """Return whether a file cannot be used, or perhaps not as it is, before somebody has decided something."""
    if found.table is None or any(one.likely and not one.taken for one in found.offers):
        return True
    if any(one.asked and not one.is_set for one in found.findings):
        return True
    return bool(cache.guess(data, AS_IT_IS).problems)


def _fit_sentence(data: str, model: str, fitting: tuple[str, ...]) -> str:
    """Return what becomes of the model that is open, and which models fit the new data."""
    others = ", ".join(map(model_name, fitting))
    if not model:
        if fitting:
            return ngettext("{models} fits it.", "{models} fit it.", len(fitting), models=others)
        return _("No model here fits its columns yet: train one on the Train page.")
    name = model_name(model)
    if not isinstance(cache.checkpoint(model), Checkpoint):
        own = _("{model} stays the model in use; it carries no columns: say on the Data page which it reads.", model=name)
    elif cache.fits(data, model):
        own = _("{model} stays the model in use, and fits it.", model=name)
    else:
        own = _("{model} stays chosen, but needs columns that the file lacks.", model=name)
    return f"{own} {_('{models} would fit too.', models=others)}" if fitting else own


def _take_model(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    with _errors_stored(key):
        kept = open_workspace().keep(
            "model",
            file.getvalue(),
            file.name,
            suffix=Path(file.name).suffix.lower(),
            check=lambda path: load_checkpoint(path, name=file.name),
        )
        add_to_list(MODELS, kept.key)
        choose(model=kept.key)
        st.session_state[LOADED] = True
        st.session_state.pop(NEWS, None)


@contextmanager
def _errors_stored(key: str) -> Iterator[None]:
    """Store an error for the upload to show: a callback runs before the page is drawn."""
    try:
        yield
    except ComplexLSTMError as error:
        st.session_state[NEWS] = News(key, "error", str(error))


def _show_news(key: str) -> None:
    if st.session_state.pop(LOADED, False) and not key.startswith("tour"):  # the tour goes on where it is
        choose(focus="", view="")
        st.switch_page(page("explain"))
    if st.session_state.pop(TO_DECIDE, False) and key != "data_upload":
        st.session_state[NEWS] = replace(st.session_state[NEWS], box="data_upload")
        st.switch_page(page("data"))
    news: News | None = st.session_state.get(NEWS)
    if news is None or news.box != key:
        return
    opened = current().opened
    if not (key == "data_upload" and news.kind == "error" and news.data):  # the page itself says what is wrong with the file
        (st.success if news.kind == "success" else st.error)(plain(news.words))
    if news.data and news.data == opened.data:
        offer_models([model for model in news.fitting if model != opened.model], key, _open_offered)


def _open_offered(model: str) -> None:
    """Open a model, and have the upload box lead to what it does: a callback."""
    open_model(model)
    st.session_state[LOADED] = True
