"""Every figure of Plotly on a page: drawn, and to be taken along as PNG, SVG and CSV."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.svg import figure_svg
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.session.scene import chosen_scene, is_ready, title_of
from complex_lstm.ui.session.state import current, is_lesson
from complex_lstm.wording import spreadsheet_cell
from complex_lstm.workspace import Kind

WITHOUT_MODEL = ("data_", "train_")  # figures of the pages on which no model is looked at
LONGEST_NAME = 40


def file_name(figure: str, window: int | None = None) -> str:
    """Return what a file with a figure is called, without its ending: data, model, window and figure, as far as they are open.

    `window` is the one that the figure shows; without it, it is the one that is chosen.
    """
    selection = current()
    opened, names = selection.opened, []
    if opened.data:
        names.append(_short_name("data", opened.data))
    if opened.model and not figure.startswith(WITHOUT_MODEL):
        names.append(_short_name("model", opened.model))
        if window is None and is_ready(selection):
            window = chosen_scene(selection).number
        names += [f"window_{window}"] if window is not None else []
    return "-".join([*names, figure])


def _short_name(kind: Kind, key: str) -> str:
    title = key if key in SAMPLES else PurePath(title_of(kind, key)).stem
    return re.sub(r"[^\w.]+", "_", title).strip("_.")[:LONGEST_NAME] or kind


def show_figure(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    place: DeltaGenerator | None = None,
    on_select: Any = "ignore",
    selection_mode: Any = ("points", "box", "lasso"),
    config: dict[str, Any] | None = None,
) -> Any:
    """Draw a figure, and below it what it can be taken along as; return the selection in it, as `st.plotly_chart` does.

    PNG is Plotly's own camera button, above the figure while the mouse is over it. SVG and CSV are made when they are
    clicked. `place` is the container or column to draw in. `config` is Plotly's; without its bar, in a lesson and on a
    projector there is nothing to take along.
    """
    name = file_name(key)
    settings = {"toImageButtonOptions": {"format": "png", "filename": name, "scale": 2}} | (config or {})
    with place or st.container(key=f"wide-{key}" if _has_three_columns(figure) else None):
        event = st.plotly_chart(figure, key=key, alt=alt, on_select=on_select, selection_mode=selection_mode, config=settings)
        if settings.get("displayModeBar", True) and not is_lesson() and not current().present:
            offer_downloads(figure, key, name, alt)
    return event


def _has_three_columns(figure: go.Figure) -> bool:
    """Return whether a figure has charts in three columns, which a narrow screen scrolls: within its width they cannot be read."""
    layout = figure.layout
    return "xaxis3" in layout and layout["xaxis3"]["domain"][0] > 0.5


def offer_downloads(figure: go.Figure, key: str, name: str, alt: str) -> None:
    """Draw two small buttons: the figure as SVG, and its numbers as CSV, in files of this name."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key=f"take-{key}"):
        _button("SVG", lambda: figure_svg(figure), "svg", "image/svg+xml", key, name, alt)
        _button("CSV", lambda: figure_csv(figure), "csv", "text/csv", key, name, alt)


def offer_csv(frame: Callable[[], pd.DataFrame], file: str, *, key: str, label: str = "Download the table (CSV)") -> None:
    """Draw a button that downloads a table, which is made when it is pressed."""
    st.download_button(label, as_now(lambda: table_csv(frame()).encode()), file, "text/csv", key=key, on_click="ignore")


def table_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV, whose names and texts no spreadsheet takes for formulas."""
    made = frame.rename(columns=spreadsheet_cell)
    for name, kind in made.dtypes.items():
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            made[name] = made[name].map(spreadsheet_cell, na_action="ignore")
    return made.to_csv(index=False)


def _button(label: str, make: Callable[[], str], ending: str, mime: str, key: str, name: str, alt: str) -> None:
    what = "This figure as a drawing" if ending == "svg" else "The numbers of this figure, a row a point, bar or cell"
    st.download_button(
        f"⬇ {label}",
        as_now(lambda: make().encode()),
        f"{name}.{ending}",
        mime,
        key=f"{key}_{ending}",
        help=f"{what}: {alt}",
        type="tertiary",
        on_click="ignore",
    )
