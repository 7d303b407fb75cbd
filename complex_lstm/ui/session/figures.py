"""Every figure of Plotly on a page: drawn, and to be taken along as PNG, SVG and CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.svg import figure_svg
from complex_lstm.ui.session.state import current, is_lesson


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
    settings = {"toImageButtonOptions": {"format": "png", "filename": key, "scale": 2}} | (config or {})
    with place or st.container():
        event = st.plotly_chart(figure, key=key, alt=alt, on_select=on_select, selection_mode=selection_mode, config=settings)
        if settings.get("displayModeBar", True) and not is_lesson() and not current().present:
            offer_downloads(figure, key, alt)
    return event


def offer_downloads(figure: go.Figure, key: str, alt: str) -> None:
    """Draw two small buttons: the figure as SVG, and its numbers as CSV."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key=f"take-{key}"):
        _button("SVG", lambda: figure_svg(figure), "svg", "image/svg+xml", key, alt)
        _button("CSV", lambda: figure_csv(figure), "csv", "text/csv", key, alt)


def _button(label: str, make: Callable[[], str], ending: str, mime: str, key: str, alt: str) -> None:
    what = "This figure as a drawing" if ending == "svg" else "The numbers of this figure, a row a point, bar or cell"
    st.download_button(
        f"⬇ {label}",
        lambda: make().encode(),
        f"{key}.{ending}",
        mime,
        key=f"{key}_{ending}",
        help=f"{what}: {alt}",
        type="tertiary",
        on_click="ignore",
    )
