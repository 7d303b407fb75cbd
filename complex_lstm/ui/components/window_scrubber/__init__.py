"""The window scrubber: all windows in one strip, coloured by error and part, to choose one by pointing, dragging or keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float, Shaped

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import FROM_ZERO
from complex_lstm.ui.components.shared import float32, message, mount_canvas, new_report, packed_palette, token_of

__all__ = ["PARTS", "chosen_window", "window_scrubber"]

PARTS = ("training", "validation", "test", "new", "this file")
WORST = 3  # windows with the largest error, each a button beside the strip
_SCRIPTS = ("content.js", "canvas.js")
_PALETTE = packed_palette(FROM_ZERO)


def window_scrubber(
    errors: Float[np.ndarray, " window"] | None,
    parts: Shaped[np.ndarray, " window"],
    *,
    chosen: int,
    error_name: str,
    labels: Sequence[str],
    file_name: str,
    component_key: str,
) -> None:
    """Draw the strip. `errors` of a window may be NaN where its answer is unknown; None while they are computed.

    `error_name` says what the error is; `labels` say for the chosen window, and for the worst ones, where they stand in time.
    `file_name`, without its ending, names what is downloaded.

    Raises:
        ShapeError: errors and parts are not of the same windows.
    """
    known = np.full(len(parts), np.nan) if errors is None else errors
    if len(known) != len(parts):
        raise ShapeError(f"There are {len(known)} errors and {len(parts)} parts, expected one of each for every window.")
    codes = np.select([parts == part for part in PARTS], range(len(PARTS)), len(PARTS) - 1)
    arrays = (float32(known), float32(codes))
    order = np.argsort(-np.nan_to_num(known, nan=-np.inf), kind="stable")
    worst = [int(window) for window in order[:WORST] if np.isfinite(known[window])]
    header = {
        "count": len(parts),
        "isKnown": errors is not None,
        "errorName": error_name,
        "chosen": chosen,
        "label": labels[0] if labels else "",
        "worst": worst,
        "parts": PARTS,
        "palette": _PALETTE,
        "file": file_name,
        "token": token_of([error_name, errors is not None], arrays),
    }
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=message(header, arrays))


def chosen_window(component_key: str) -> int | None:
    """Return the window that the visitor has chosen in the strip since the last call, else None."""
    report = new_report(component_key)
    return int(report["window"]) if report else None
