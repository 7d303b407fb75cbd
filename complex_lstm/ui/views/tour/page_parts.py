"""The parts of a page: progress, text and question beside the picture; figures, arithmetic and code below it.

A page that needs evidence of its own starts to compute it when it is opened, shows the time left and a Stop button, and
stops it when the visitor turns to another page.
"""

from __future__ import annotations

import re
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.arithmetic import Derivation, Sum
from complex_lstm.languages import _, mark, ngettext, speaking
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
AS_ON_EXPLAIN = mark("As Explain says it")
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
        st.markdown(_("This page needs forward passes of its own, which take a while for this model and window."))
        _watch(job)
    else:
        draw_resume(PAGE, _("The computation for this page was stopped before its end."))


@st.fragment(run_every=POLL)
def _watch(job: Job[Any]) -> None:
    if not is_awaited(job):
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    with speaking(current().language):  # a fragment runs alone
        draw_progress(share, describe_progress(job), key="tour_evidence_stop", stop=pause_page, args=(PAGE, job.key, (job.key,)))


def show_navigation(back_key: str = "b", next_key: str = "n") -> DeltaGenerator:
    """Draw Back and Next, which follow the chosen route, and return the place below them. No question has to be answered to go on."""
    back, forward = st.columns(2)
    before, after = (neighbour(page_number(), direction) for direction in (-1, 1))
    back.button(_("Back"), key="tour_back", disabled=before is None, on_click=turn_to, args=(before,), shortcut=back_key, width="stretch")
    forward.button(
        _("Next"),
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
    page, pages = page_number(), pages_of(current().tour.route)
    asking = [one for one in pages if CHAPTERS[one - 1].has_question(window)]
    answered = sum(one in predictions(window) for one in asking)
    done = pages.index(page) + 1 if page in pages else sum(one <= page for one in pages)
    on_route = _("Page {page} of {pages} on this route", page=done, pages=len(pages))
    where = _("Page {page} of {pages}", page=page, pages=len(pages)) if len(pages) == len(CHAPTERS) else on_route
    told = _("{answered} of {asked} questions answered", answered=answered, asked=len(asking))
    place.progress(done / len(pages), text=f"{where} · {told}")


def show_slide(chapter: Chapter, window: TourWindow) -> None:
    """Draw the page for a projector: its title, the first sentence of its claim, and the keys Left and Right that turn pages."""
    claim, navigation = st.columns([3, 1], vertical_alignment="center")
    claim.markdown(f"## {page_number()}. {_(chapter.title)}\n{_first_sentence(fill_in(chapter.claim, window))}")
    with navigation:
        show_navigation("left", "right")


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text, in any language: one that ends in ". ", or in a Chinese full stop."""
    return re.split(r"(?<=[.?!]) |(?<=[。？！])", text, maxsplit=1)[0]


def show_chapter(chapter: Chapter, window: TourWindow, *, ready: bool) -> DeltaGenerator:
    """Draw the claim and the question; once it is answered, or where there is none, what this window shows of the claim and the task.

    Return the place for an answer that is chosen in the picture, which is drawn later.
    """
    st.header(f"{page_number()}. {_(chapter.title)}")
    st.markdown(fill_in(chapter.claim, window))
    with st.container(key="tour_question"):
        place = _ask(chapter, window, ready=ready)
        if not is_veiled(chapter, window, ready=ready):
            _explain(chapter, window, ready=ready)
    return place


def _ask(chapter: Chapter, window: TourWindow, *, ready: bool) -> DeltaGenerator:
    if not chapter.fits(window):
        st.info(
            ngettext(
                "This model has {number} BiLSTM block, and this page needs {needed} or more. Go on, or open the planted window.",
                "This model has {number} BiLSTM blocks, and this page needs {needed} or more. Go on, or open the planted window.",
                len(window.model.lstm_blocks),
                needed=chapter.blocks,
            ),
            icon="🧩",
        )
    elif not ready:
        show_waiting(chapter, window)
    elif chapter.is_askable(window):
        show_question(chapter.question(window), window)
    else:
        st.info(_("This window leaves no question here: every answer would be right. Go on."), icon="🧩")
    return st.container()


def _explain(chapter: Chapter, window: TourWindow, *, ready: bool) -> None:
    if ready and chapter.finding:
        st.markdown(f"**{_('In this window.')}** {chapter.finding(window)}")
    if ready and chapter.names_features:
        show_headline(PAGE, window.scene, window.choice, _(AS_ON_EXPLAIN))
    st.markdown(f"**{_('Do this.')}** {fill_in(chapter.task, window)}")
    if ready:
        show_trial(chapter, window)


def show_exhibits(chapter: Chapter, window: TourWindow) -> None:
    """Draw the figures that a page needs beside the picture."""
    for number, exhibit in enumerate(chapter.exhibits):
        show_figure(exhibit.draw(window), key=f"tour_exhibit_{number}", alt=_(exhibit.alt), config={"displayModeBar": False})
        caption(method=_(exhibit.method), output=window.outputs[window.target] if exhibit.of_target else _("all"))


def show_formula_and_code(chapter: Chapter, window: TourWindow) -> None:
    """Draw the formula beside the lines of our code that compute it."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{_('In symbols')}**")
        st.markdown(_formula(chapter.formula_of(window)))
    with right, st.container(key="tour_code"):
        st.markdown(f"**{_('In our code')}**")
        for excerpt in chapter.excerpts_of(window):
            st.markdown(f"`{excerpt.name}`")
            st.code(excerpt.code, language="python", wrap_lines=True)
            if excerpt.note:
                st.caption(_(excerpt.note))


def show_arithmetic(derivation: Derivation) -> None:
    """Draw the lines of one value in digits, and their result beside what the model computed."""
    st.markdown(f"### {_('The arithmetic of one value: {name}', name=plain(derivation.name))}")
    st.markdown(_formula(derivation.formula))
    lines = []
    for at, written in enumerate(derivation.formatted(), 1):
        terms = written.line.terms if isinstance(written.line, Sum) else ()
        names = f" {_('(of {names})', names=', '.join(plain(term.name) for term in terms))}" if terms else ""
        lines.append(f"{at}. {plain(written.line.label)}{names}: ${written.in_symbols}$  \n   ${written.in_digits}$")
    st.markdown("\n".join(lines))
    result, difference = derivation.recomputed(), abs(derivation.recomputed() - derivation.traced)
    st.markdown(
        _(
            "From the digits above: **{result:.7g}**. The model computed: **{traced:.7g}**. Difference {difference:.1g} ({verdict}).",
            result=result,
            traced=derivation.traced,
            difference=difference,
            verdict=_("rounding") if derivation.agrees else _("more than rounding explains"),
        )
    )


def _formula(latex: str) -> str:
    """Return a formula as Markdown. In a sentence KaTeX breaks it; as a block it would scroll, out of the keyboard's reach."""
    return rf"$\displaystyle {latex}$"
