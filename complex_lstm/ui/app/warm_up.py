"""What the server does beside the pages: work before the first visitor, garbage collection, and the style of every page."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from complex_lstm.config.serving import served
from complex_lstm.ui.app.downloads import Unneeded
from complex_lstm.ui.app.outside import announce
from complex_lstm.ui.compute.limits import give_memory_back, is_glibc
from complex_lstm.ui.session.classroom import classroom

COLLECT_EVERY = 60  # seconds: a collection takes 0.2 s, and in a minute ten visitors leave some ten megabytes of garbage
ARENA_MAX = -8  # the number of glibc's M_ARENA_MAX


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Import the slow modules, sweep the workspace, read the shipped checkpoints, and collect garbage beside the visitors' runs.

    The processes that compute for the pages begin here, where there are any, and are ready seconds later.

    Streamlit would collect all garbage after each run (`runner.postScriptGC`, off in .streamlit/config.toml): with ten visitors that
    took 57% of the interpreter's time. Here one collection a minute serves them all, and what lives on is left out of the small ones.
    """
    limit_arenas()
    import lightning.pytorch  # noqa: F401  # two jobs that import different parts of it at once deadlock

    from complex_lstm.samples import shipped_models
    from complex_lstm.ui.app.gate import watch_media
    from complex_lstm.ui.compute import cache
    from complex_lstm.ui.compute.processes import processes
    from complex_lstm.ui.views.importance import (
        compare_view,  # noqa: F401  # SciPy's and scikit-learn's import takes half a second
        known_view,  # noqa: F401  # SciPy's and scikit-learn's import takes half a second
    )
    from complex_lstm.visitors import are_apart
    from complex_lstm.workspace import root_folder, workspaces_in

    for workspace in workspaces_in(root_folder()):
        await asyncio.to_thread(workspace.sweep)
    if are_apart():
        watch_media()
    unneeded = Unneeded(runtime.get_instance().media_file_mgr)
    for key in shipped_models():
        cache.checkpoint(key)
    processes()
    collecting = asyncio.create_task(_collect_garbage(unneeded))
    if told := served():
        print(announce(told, classroom()), flush=True)
    yield {}
    collecting.cancel()


async def _collect_garbage(unneeded: Unneeded) -> None:
    """Collect garbage once a minute, what had been frozen among it and visitors who have left, and freeze what is left.

    The C library then gives the pages that are free back to the system.
    """
    from complex_lstm.ui.app.gate import forget_departed_visitors

    while True:
        if runtime.exists():
            forget_departed(runtime.get_instance()._session_mgr._session_storage)  # type: ignore[attr-defined]
            forget_departed_visitors()
        unneeded.delete_old()
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        give_memory_back()
        await asyncio.sleep(COLLECT_EVERY)


def limit_arenas() -> None:
    """Let all threads allocate from two heaps of the C library, where it is glibc; MALLOC_ARENA_MAX overrides it.

    By itself it makes eight a core, and Streamlit a thread for each run: what a visitor's run frees in one heap, the next run, in
    another, does not reuse. Thirty visitors so left 55 MB behind that no object held, and leave 7 to 9 with two (benchmarks/README.md).
    """
    if is_glibc() and "MALLOC_ARENA_MAX" not in os.environ:
        ctypes.CDLL(None).mallopt(ARENA_MAX, 2)


def forget_departed(storage: MemorySessionStorage) -> None:
    """Drop the state of visitors who left more than two minutes ago. Streamlit does so when the next one leaves, if one comes at all."""
    len(storage._cache)  # counting drops what has expired


# Streamlit writes a chosen option in the primary colour on a tint of it: a contrast of 4.47 in light and 3.61 in dark, where 4.5 is needed.
# No colour serves both there and under the white text of a primary button. Border and tint still show what is chosen.
# Headings follow each other without a gap in their levels, as screen readers need them; the sizes are those of a dense page.
# Its pages begin 96 pixels below the top; here the bar begins below the header, and the title stands in the bar.
STYLE = """<style>
[data-testid="stButtonGroup"] button:is([aria-checked="true"], [data-selected="true"]), [data-testid="stSliderThumbValue"] {
  color: inherit !important;
}
[data-testid="stMainBlockContainer"] { padding: 2.6rem 1.6rem 3rem; }
[data-testid="stElementContainer"]:has(.to-picture, #picture) { position: absolute; width: auto; }
.to-picture:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.to-picture:focus { position: absolute; top: -2.4rem; z-index: 99; padding: 0.3rem 0.8rem; white-space: nowrap; }
[data-testid="stHeader"] { height: 2.4rem; min-height: 2.4rem; }
[data-testid="stMain"] h2 { font-size: 1.5rem; padding: 0.5rem 0 0.8rem; }
[data-testid="stMain"] h3 { font-size: 1.2rem; padding: 0.5rem 0; }
:is(.st-key-bar, .st-key-lesson_head) h1 { font-size: 1.35rem; padding: 0; white-space: nowrap; }
.st-key-bar [data-testid="stCaptionContainer"] { white-space: nowrap; }
@media (max-width: 640px) {
  [class*="st-key-wide-"] { overflow-x: auto; }
  [class*="st-key-wide-"] > [data-testid="stElementContainer"] { min-width: 620px; }
}
.st-key-explain_words p { margin-bottom: 0.15rem; font-size: 0.95rem; line-height: 1.35; }
</style>"""


def style_pages() -> None:
    """Add the style of all pages. It draws nothing."""
    st.html(STYLE)
