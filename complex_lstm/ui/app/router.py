"""The main script behind `app.py`: it reads the link, draws the bar, and runs the page that the address names."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from complex_lstm.config.lesson import served_lesson
from complex_lstm.errors import WorkspaceError
from complex_lstm.languages import ENGLISH, speaking
from complex_lstm.ui.app.addresses import CLASS, PAGES, PageEntry
from complex_lstm.ui.app.bar import draw_bar, request_errors
from complex_lstm.ui.app.classroom import draw_strip, follow, record_visit
from complex_lstm.ui.app.lesson import offer_lesson, open_lesson
from complex_lstm.ui.app.login import draw_login, require_login
from complex_lstm.ui.app.projector import draw_projector, is_presenting
from complex_lstm.ui.app.sharing import end_unshared, is_ones_own, offer_share, open_shared
from complex_lstm.ui.app.warm_up import style_pages
from complex_lstm.ui.compute.measures import page_run
from complex_lstm.ui.compute.visitor import current_visit
from complex_lstm.ui.explaining.banner import draw_banner
from complex_lstm.ui.explaining.head_count import ask_head_count
from complex_lstm.ui.session.messages import errors_shown, plain, show_trouble
from complex_lstm.ui.session.page_jobs import begin_run, end_run
from complex_lstm.ui.session.scene import chosen_scene, is_ready, page
from complex_lstm.ui.session.state import adopt_link, current, is_lesson, publish
from complex_lstm.visitors import are_apart

# The keyboard's way past menu and bar: the tour's page is long, and its picture comes late in it.
TO_PICTURE = '<a class="to-picture" href="#picture">Skip to the picture</a>'


def finish(entry: PageEntry, banner: DeltaGenerator, shared: DeltaGenerator | None) -> None:
    """Draw what depends on the page's end: the banner of a model that is no better than a trivial rule, and in the bar's place the link.

    Without the bar, in a lesson and on a projector, there is nothing to share and no strip of windows.
    """
    scene = chosen_scene(current())
    if entry.explains_model:
        with banner:
            draw_banner(scene)
            if scene and not is_presenting() and not current().share:
                ask_head_count(current().opened.model, scene)
    if shared:
        with shared:
            offer_lesson(offer_share if are_apart() and is_ones_own() else None)
        request_errors(scene)


def admit() -> None:
    """End the page of a visitor who is not known, because their browser has sent no cookie."""
    try:
        current_visit()
    except WorkspaceError as error:
        st.error(plain(error), icon="🍪")
        st.stop()


def main() -> None:
    """Run the page in the address, with the selection in its link."""
    st.set_page_config(page_title="ComplexLSTM Explorer", page_icon="📈", layout="wide")
    style_pages()
    listed = (PAGES[0], CLASS, *PAGES[1:]) if served_lesson() else PAGES
    entries = {("" if entry.stem == "start" else entry.stem): entry for entry in listed}
    sections: dict[str, list[st.Page]] = {}
    for path, entry in entries.items():
        made = st.Page(page(entry.stem), title=entry.title, icon=entry.icon, default=not path, url_path=path)
        sections.setdefault(entry.section, []).append(made)
    require_login()
    admit()
    adopt_link()
    target = ""
    with errors_shown():
        target = follow()
    chosen = st.navigation(sections, position="hidden" if is_lesson() or is_presenting() else "sidebar", expanded=True)
    if target and target != entries[chosen.url_path].stem:
        st.switch_page(page(target))
    if not (is_lesson() or is_presenting()):
        draw_login()
    with page_run(entries[chosen.url_path].stem):
        draw_page(entries[chosen.url_path], chosen)


def draw_page(entry: PageEntry, chosen: StreamlitPage) -> None:
    """Draw the frame of a page, and run its script within."""
    begin_run(chosen.url_path)
    shared: DeltaGenerator | None = None
    shown: list[str] = []
    if entry.stem == "tour":
        st.html(TO_PICTURE)
    if current().share:
        end_unshared(entry)
    with errors_shown(shown):
        if is_presenting():
            draw_projector(entry)
        elif is_lesson():
            open_lesson(entry.title)
        elif current().share:
            open_shared(entry.title)
        else:
            shared = draw_bar(entry)
    with errors_shown(shown):
        draw_strip(entry)
    banner = st.container(key="banner")
    with errors_shown(shown):  # also after an error above: Start and Data work without a window, and are where its cause is mended
        show_trouble()
        with speaking(current().language if entry.stem == "tour" else ENGLISH):
            chosen.run()
    with errors_shown(shown):  # after the page, which may change the selection, and whose own computations come first
        if entry.has_window and is_ready(current()):
            finish(entry, banner, shared)
        record_visit(entry)
    publish()
    end_run()


if __name__ == "__main__":
    main()
