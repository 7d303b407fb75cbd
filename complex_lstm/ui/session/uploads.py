"""Uploads: a CSV, or a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from complex_lstm.data import numeric_share, read_csv
from complex_lstm.errors import CheckpointError, ComplexLSTMError
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.samples import shipped_models
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import MODELS, UPLOADS, add_to_list, title_of
from complex_lstm.ui.session.state import choose, current
from complex_lstm.workspace import open_workspace

NEWS = "upload_news"


def upload_data(key: str) -> None:
    """Draw the upload of a CSV. The file is stored in the workspace, selected, and matched with a model that fits it."""
    st.file_uploader(
        "Your CSV: a header, one row a time step",
        type=["csv", "tsv", "txt"],
        key=key,
        on_change=_take_data,
        args=(key,),
        help="Kept in the workspace folder on the machine that runs this app, and nowhere else.",
    )
    _show_news(key)


def upload_model(key: str) -> None:
    """Draw the upload of a checkpoint."""
    st.file_uploader(
        "A trained checkpoint: .safetensors, or a state dict as .pt or .pth",
        type=["safetensors", "pt", "pth"],
        key=key,
        on_change=_take_model,
        args=(key,),
        help="Read without executing anything in it.",
    )
    _show_news(key)


def _take_data(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    with _errors_stored(key):
        table = read_csv(file.getvalue(), file.name)
        kept = open_workspace().keep("data", file.getvalue(), file.name)
        add_to_list(UPLOADS, kept.key)
        candidates = [current().opened.model, *st.session_state.get(MODELS, []), *shipped_models()]
        complete = [model for model in candidates if model and isinstance(cache.checkpoint(model), Checkpoint)]
        fitting = [model for model in complete if cache.fits(kept.key, model)]
        choose(data=kept.key, model=fitting[0] if fitting else "", setup="", stride=None, window=None)
        numeric = sum(numeric_share(table.frame[column]) > 0.5 for column in table.frame)
        found = f"{file.name}: {len(table.frame):,} rows, {len(table.frame.columns)} columns, {numeric} of them numbers."
        fit = (
            f" The model {title_of('model', fitting[0])} fits it."
            if fitting
            else " No model here fits its columns yet: train one on the Train page."
        )
        st.session_state[NEWS] = (key, "success", found + fit)


def _take_model(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    with _errors_stored(key):
        kept = open_workspace().keep("model", file.getvalue(), file.name, suffix=Path(file.name).suffix.lower())
        loaded = load_checkpoint(kept.path)
        add_to_list(MODELS, kept.key)
        if current().opened.data and not cache.fits(current().opened.data, kept.key):
            raise CheckpointError(
                f"{file.name} is loaded, but needs columns that the data lacks: {', '.join(loaded.schema.roles.features)}. "  # type: ignore[attr-defined]  # bare ones fit all
                f"Upload data that has them, then choose the model in the sidebar."
            )
        choose(model=kept.key)
        about = "" if isinstance(loaded, Checkpoint) else " It carries no columns and no scaling: confirm the columns on the Data page."
        st.session_state[NEWS] = (key, "success", f"{file.name} is the model in use.{about}")


@contextmanager
def _errors_stored(key: str) -> Iterator[None]:
    """Store an error for the upload to show: a callback runs before the page is drawn."""
    try:
        yield
    except ComplexLSTMError as error:
        st.session_state[NEWS] = (key, "error", str(error))


def _show_news(key: str) -> None:
    place, kind, words = st.session_state.get(NEWS, ("", "", ""))
    if place == key:
        (st.success if kind == "success" else st.error)(plain(words))
