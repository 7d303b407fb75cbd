"""What the server does once, before the first visitor.

What Streamlit's own looks lack on every page: words that can be read.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Import what is heavy, settle the threads, read the shipped checkpoints, and take all that off the garbage collector's rounds.

    Streamlit collects garbage after each run: with torch and captum imported that is 136 ms a click against 44.
    """
    import lightning.pytorch  # noqa: F401  # two jobs that import it at once, each a part first, lock each other out

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
    """ASGI middleware: browsers guess no content types, send no link on, and put the app in nobody's frame."""

    ADDED = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"SAMEORIGIN"))

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def send_with_headers(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = message | {"headers": [*message.get("headers", []), *self.ADDED]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


# What is chosen is written in the primary colour on a tint of it, a contrast of 4.47 in light and 3.61 in dark where 4.5 is needed. No one
# colour serves there and under the white words of a primary button. The border and the tint still say what is chosen.
LEGIBLE = """<style>
[data-testid="stButtonGroup"] button:is([aria-checked="true"], [data-selected="true"]), [data-testid="stSliderThumbValue"] {
  color: inherit !important;
}
</style>"""


def make_legible() -> None:
    """Draw nothing, and make what is chosen legible."""
    st.html(LEGIBLE)
