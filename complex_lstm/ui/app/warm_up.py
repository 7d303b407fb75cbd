"""What the server needs besides the pages: work before the first visitor, security headers, and contrast on every page."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Import the slow modules, read the shipped checkpoints, and exclude both from garbage collection.

    Streamlit collects garbage after each run: with torch and captum imported a click takes 136 ms, with them excluded 44 ms.
    """
    import lightning.pytorch  # noqa: F401  # two jobs that import different parts of it at once deadlock

    from complex_lstm.samples import shipped_models
    from complex_lstm.ui.compute import cache
    from complex_lstm.ui.views.importance import (
        compare_view,  # noqa: F401  # SciPy's and scikit-learn's import takes half a second
        known_view,  # noqa: F401  # SciPy's and scikit-learn's import takes half a second
    )

    for key in shipped_models():
        cache.checkpoint(key)
    gc.collect()
    gc.freeze()
    yield {}


class Headers:
    """ASGI middleware: browsers do not guess content types, do not pass links on as referrers, and frame the app only in its own pages."""

    ADDED = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"SAMEORIGIN"))

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def send_with_headers(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = message | {"headers": [*message.get("headers", []), *self.ADDED]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


# Streamlit writes a chosen option in the primary colour on a tint of it: a contrast of 4.47 in light and 3.61 in dark, where 4.5 is needed.
# No colour serves both there and under the white text of a primary button. Border and tint still show what is chosen.
LEGIBLE = """<style>
[data-testid="stButtonGroup"] button:is([aria-checked="true"], [data-selected="true"]), [data-testid="stSliderThumbValue"] {
  color: inherit !important;
}
</style>"""


def make_legible() -> None:
    """Add the style that makes chosen buttons legible. It draws nothing."""
    st.html(LEGIBLE)
