"""The main script behind `app.py`: link, sidebar, and the page that the address names."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.messages import errors_shown
from complex_lstm.ui.scene import page
from complex_lstm.ui.sidebar import draw_sidebar
from complex_lstm.ui.state import adopt_link, publish

PAGES = (
    ("start", "Start", "🏠"),
    ("data", "Data", "📄"),
    ("train", "Train", "🏋️"),
    ("predict", "Predict", "🎯"),
    ("attention", "Attention", "👁️"),
    ("fusion_gate", "Fusion gate", "🚪"),
    ("ensemble", "Ensemble heads", "👥"),
    ("importance", "Feature importance", "📊"),
    ("how_it_works", "How it works", "🧩"),
)


def main() -> None:
    """Run the page that the address names, with the selection that it carries."""
    st.set_page_config(page_title="ComplexLSTM Explorer", page_icon="📈", layout="wide")
    pages = [
        st.Page(page(stem), title=title, icon=icon, default=stem == "start", url_path="" if stem == "start" else stem)
        for stem, title, icon in PAGES
    ]
    chosen = st.navigation(pages, expanded=True)
    adopt_link()
    told: list[str] = []
    with errors_shown(told):
        draw_sidebar()
    with errors_shown(told):  # Start and Data work with what the sidebar cannot window, and are the way to mend it
        chosen.run()
    publish()


if __name__ == "__main__":
    main()
