"""The overview canvas: series, prediction, attention heads, gate and ensemble heads of one window, linked by one crosshair.

A component of its own because the panes share one time axis and one cursor while the mouse moves. The browser paints; Python
sends one message a window, and the browser reports which pane the visitor opened.
"""

from __future__ import annotations

from pathlib import Path

from complex_lstm.ui.components.overview.payload import PANES, Content, Line, Pane, Results, encode
from complex_lstm.ui.components.shared import mount_canvas, new_report

__all__ = ["PANES", "Content", "Line", "Pane", "Results", "opened_pane", "overview_canvas"]

_SCRIPTS = ("content.js", "figure.js", "canvas.js")


def overview_canvas(content: Content, *, file_name: str, component_key: str) -> None:
    """Draw the panes. A report of the browser is read by `opened_pane`, before this is called."""
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=encode(content, file_name=file_name))


def opened_pane(component_key: str) -> Pane | None:
    """Return the pane that the visitor has opened since the last call, else None."""
    report = new_report(component_key)
    return next((pane for pane in PANES if report and pane == report["pane"]), None)
