"""The main script behind `app.py`: it reads the link, draws the sidebar, and runs the page in the address."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.app.sidebar import draw_sidebar, offer_lesson, open_lesson
from complex_lstm.ui.app.warm_up import make_legible
from complex_lstm.ui.session.messages import errors_shown, show_trouble
from complex_lstm.ui.session.page_jobs import begin_run, end_run
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import adopt_link, current, is_lesson, publish

PAGES = (
    ("start", "Start", "🏠"),
    ("tour", "Guided tour", "🧭"),
    ("data", "Data", "📄"),
    ("train", "Train", "🏋️"),
    ("predict", "Predict", "🎯"),
    ("attention", "Attention", "👁️"),
    ("fusion_gate", "Fusion gate", "🚪"),
    ("ensemble", "Ensemble heads", "👥"),
    ("importance", "Feature importance", "📊"),
    ("what_if", "What if", "✏️"),
    ("bench", "Bench", "🔧"),
    ("compare", "Side by side", "🪞"),
    ("claims", "Claims, checked", "⚖️"),
)
WITHOUT_WINDOW = ("", "data", "train")


def main() -> None:
    """Run the page in the address, with the selection in its link."""
    st.set_page_config(page_title="ComplexLSTM Explorer", page_icon="📈", layout="wide")
    make_legible()
    pages = [
        st.Page(page(stem), title=title, icon=icon, default=stem == "start", url_path="" if stem == "start" else stem)
        for stem, title, icon in PAGES
    ]
    adopt_link()
    chosen = st.navigation(pages, position="hidden" if is_lesson() else "sidebar", expanded=True)
    begin_run(chosen.url_path)
    shown: list[str] = []
    with errors_shown(shown):
        if is_lesson():
            open_lesson()
        else:
            draw_sidebar(away_from_tour=chosen.url_path != "tour")
    with errors_shown(shown):  # also after an error above: Start and Data work without a window, and its cause can be corrected there
        show_trouble()
        chosen.run()
    publish()
    end_run()
    if chosen.url_path not in WITHOUT_WINDOW and not is_lesson() and current().is_open:
        offer_lesson()


if __name__ == "__main__":
    main()
