"""The projector: `present=1` in the link draws the picture first and large, without controls, and turns pages by the arrow keys."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.app.addresses import PAGES, PageEntry
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose, current

ZOOM = 1.25
# The tour turns its own pages by the same keys; what is hidden stays reachable by leaving the projector view.
STYLE = f"""<style>
[data-testid="stMain"] {{ zoom: {ZOOM}; }}
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] {{ display: none; }}
[data-testid="stMainBlockContainer"] {{ padding: 0.6rem 1.2rem 1rem; }}
[data-testid="stMain"] :is([data-testid="stCaptionContainer"], .st-key-present_hidden) {{ display: none; }}
.st-key-present h1 {{ font-size: 1.3rem; padding: 0; }}
</style>"""
PRESENTED = tuple(entry for entry in PAGES if entry.has_window)


def is_presenting() -> bool:
    """Return whether the page is drawn for a projector."""
    return current().present == 1


def draw_projector(entry: PageEntry) -> None:
    """Draw the title, and the keys that turn pages and leave: Left and Right, and P. On the tour Left and Right are its own."""
    st.html(STYLE)
    number = PRESENTED.index(entry) if entry in PRESENTED else 0
    with st.container(horizontal=True, vertical_alignment="center", key="present", gap="small"):
        st.title(entry.title, width="content", anchor=False)
        if entry.stem != "tour":
            _turn("Back", PRESENTED[number - 1], "present_back", "left")
            _turn("Next", PRESENTED[(number + 1) % len(PRESENTED)], "present_next", "right")
        st.button("Leave the projector view", key="present_leave", type="tertiary", shortcut="p", on_click=choose, kwargs={"present": None})


def _turn(label: str, entry: PageEntry, key: str, shortcut: str) -> None:
    if st.button(label, key=key, shortcut=shortcut, help=entry.title):
        st.switch_page(page(entry.stem))
