"""What the server does once, before the first visitor."""

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
    from complex_lstm.samples import shipped_models
    from complex_lstm.ui import cache
    from complex_lstm.ui.importance import compare_view, known_view  # noqa: F401  # SciPy's and scikit-learn's import takes half a second

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
