"""The parts of a page: progress, text and question beside the picture; figures, arithmetic and code below it.

A page that needs evidence of its own starts to compute it when it is opened, shows the time left and a Stop button, and
stops it when the visitor turns to another page.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.arithmetic import Derivation, Sum
from complex_lstm.ui.compute.jobs import POLL, Job, job_queue, wait_briefly
from complex_lstm.ui.explaining.headline import show_headline
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import describe_progress, draw_progress, draw_resume
from complex_lstm.ui.session.state import current
from complex_lstm.ui.views.tour.chapter import Chapter, fill_in
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.position import page_number, turn_to
from complex_lstm.ui.views.tour.predictions import predictions
from complex_lstm.ui.views.tour.questions import is_veiled, show_question, show_trial
from complex_lstm.ui.views.tour.routes import neighbour, pages_of
from complex_lstm.ui.views.tour.window import TourWindow

PAGE = "tour"
AS_ON_EXPLAIN = "As Explain says it"
# The picture stays in view while the words beside it scroll: a question, its answer and what it is about are seen together.
STYLE = """<style>
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-view-tour) { position: sticky; top: 2.6rem; align-self: flex-start; }
}
.st-key-tour_words [data-testid="stHeading"] h2 { padding: 0 0 0.3rem; font-size: 1.25rem; }
.st-key-tour_words :is([data-testid="stMarkdown"], [data-testid="stWidgetLabel"], [data-testid="stAlert"]) p {
  font-size: 0.95rem;
  line-height: 1.4;
}
/* Streamlit's green of code is too pale to read on its grey. */
.st-key-tour_code code, .st-key-tour_code code .token { color: inherit !important; }
</style>"""


def start_evidence(chapter: Chapter, window: TourWindow) -> None:
    """Request a page's evidence, if it needs any. What takes a moment is waited for."""
    if chapter.evidence is not None and chapter.fits(window):
        key = chapter.evidence.key(window)
        wait_briefly([job for job in request_jobs(PAGE, key, {key: chapter.evidence.run(window)}).values() if job])


def show_waiting(chapter: Chapter, window: TourWindow) -> None:
    """Draw the progress of a page's evidence with a Stop button; or that it was stopped, with a button to continue."""
    assert chapter.evidence is not None
    key = chapter.evidence.key(window)
    job = job_queue().find(key)
    if job is not None and job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    elif job is not None and (job.state == "done" or is_awaited(job)):
        st.markdown("This page needs forward passes of its own, which take a while for this model and window.")
        _watch(job)
    else:
        draw_resume(PAGE, "The computation for this page was stopped before its end.")


@st.fragment(run_every=POLL)
def _watch(job: Job[Any]) -> None:
    if not is_awaited(job):
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    draw_progress(share, describe_progress(job), key="tour_evidence_stop", stop=pause_page, args=(PAGE, job.key, (job.key,)))


def show_navigation(back_key: str = "b", next_key: str = "n") -> DeltaGenerator:
    """Draw Back and Next, which follow the chosen route, and return the place below them. No question has to be answered to go on."""
    back, forward = st.columns(2)
    before, after = (neighbour(page_number(), direction) for direction in (-1, 1))
    back.button("Back", key="tour_back", disabled=before is None, on_click=turn_to, args=(before,), shortcut=back_key, width="stretch")
    forward.button(
        "Next",
        key="tour_next",
        type="primary",
        disabled=after is None,
        on_click=turn_to,
        args=(after,),
        shortcut=next_key,
        width="stretch",
    )
    return st.container()


def show_progress(place: DeltaGenerator, window: TourWindow) -> None:
    """Draw the page's place on the route, and the questions answered on this window, the one just answered included."""
    number, pages = page_number(), pages_of(current().tour.route)
    asking = [page for page in pages if CHAPTERS[page - 1].has_question(window)]
    answered = sum(page in predictions(window) for page in asking)
    done = pages.index(number) + 1 if number in pages else sum(page <= number for page in pages)
    where = f"Page {number} of {len(CHAPTERS)}" if len(pages) == len(CHAPTERS) else f"Page {done} of {len(pages)} on this route"
    place.progress(done / len(pages), text=f"{where} · {answered} of {len(asking)} questions answered")


def show_slide(chapter: Chapter, window: TourWindow) -> None:
    """Draw the page for a projector: its title, the first sentence of its claim, and the keys Left and Right that turn pages."""
    claim, navigation = st.columns([3, 1], vertical_alignment="center")
    claim.markdown(f"## {page_number()}. {chapter.title}\n{fill_in(chapter.claim, window).partition('. ')[0].rstrip('.')}.")
    with navigation:
        show_navigation("left", "right")


def show_chapter(chapter: Chapter, window: TourWindow, *, ready: bool) -> DeltaGenerator:
    """Draw the claim and the question; once it is answered, or where there is none, what this window shows of the claim and the task.

    Return the place for an answer that is chosen in the picture, which is drawn later.
    """
    st.header(f"{page_number()}. {chapter.title}")
    st.markdown(fill_in(chapter.claim, window))
    with st.container(key="tour_question"):
        place = _ask(chapter, window, ready=ready)
        if not is_veiled(chapter, window, ready=ready):
            _explain(chapter, window, ready=ready)
    return place


def _ask(chapter: Chapter, window: TourWindow, *, ready: bool) -> DeltaGenerator:
    if not chapter.fits(window):
        st.info(
            f"This model has {len(window.model.lstm_blocks)} BiLSTM blocks, and this page needs {chapter.blocks} or more. "
            "Go on, or open the planted window.",
            icon="🧩",
        )
    elif not ready:
        show_waiting(chapter, window)
    elif chapter.is_askable(window):
        show_question(chapter.question(window), window)
    else:
        st.info("This window leaves no question here: every answer would be right. Go on.", icon="🧩")
    return st.container()


def _explain(chapter: Chapter, window: TourWindow, *, ready: bool) -> None:
    if ready and chapter.finding:
        st.markdown(f"**In this window.** {chapter.finding(window)}")
    if ready and chapter.names_features:
        show_headline(PAGE, window.scene, window.choice, AS_ON_EXPLAIN)
    st.markdown(f"**Do this.** {fill_in(chapter.task, window)}")
    if ready:
        show_trial(chapter, window)


def show_exhibits(chapter: Chapter, window: TourWindow) -> None:
    """Draw the figures that a page needs beside the picture."""
    for number, exhibit in enumerate(chapter.exhibits):
        show_figure(exhibit.draw(window), key=f"tour_exhibit_{number}", alt=exhibit.alt, config={"displayModeBar": False})
        caption(method=exhibit.method, output=window.outputs[window.target] if exhibit.of_target else "all")


def show_formula_and_code(chapter: Chapter, window: TourWindow) -> None:
    """Draw the formula beside the lines of our code that compute it."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**In symbols**")
        st.markdown(_formula(chapter.formula_of(window)))
    with right, st.container(key="tour_code"):
        st.markdown("**In our code**")
        for excerpt in chapter.excerpts_of(window):
            st.markdown(f"`{excerpt.name}`")
            st.code(excerpt.code, language="python", wrap_lines=True)
            if excerpt.note:
                st.caption(excerpt.note)


def show_arithmetic(derivation: Derivation) -> None:
    """Draw the lines of one value in digits, and their result beside what the model computed."""
    st.markdown(f"### The arithmetic of one value: {plain(derivation.name)}")
    st.markdown(_formula(derivation.formula))
    lines = []
    for number, written in enumerate(derivation.formatted(), 1):
        terms = written.line.terms if isinstance(written.line, Sum) else ()
        names = f" (of {', '.join(plain(term.name) for term in terms)})" if terms else ""
        lines.append(f"{number}. {plain(written.line.label)}{names}: ${written.in_symbols}$  \n   ${written.in_digits}$")
    st.markdown("\n".join(lines))
    result, difference = derivation.recomputed(), abs(derivation.recomputed() - derivation.traced)
    st.markdown(
        f"From the digits above: **{result:.7g}**. The model computed: **{derivation.traced:.7g}**. Difference {difference:.1g} "
        f"({'rounding' if derivation.agrees else 'more than rounding explains'})."
    )


def _formula(latex: str) -> str:
    """Return a formula as Markdown. In a sentence KaTeX breaks it; as a block it would scroll, out of the keyboard's reach."""
    return rf"$\displaystyle {latex}$"
