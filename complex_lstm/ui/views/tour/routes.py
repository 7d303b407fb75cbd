"""Ways through the tour: the whole, or eight pages for one lesson of half an hour, each with notes for who teaches it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from complex_lstm.config import lesson
from complex_lstm.config.lesson import pages_in
from complex_lstm.languages import _, languages, mark, spoken
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.state import choose, current, in_link, is_lesson
from complex_lstm.ui.views.tour.chapters import CHAPTERS

WHOLE, OWN = mark("The whole tour"), mark("The pages of this lesson")


@dataclass(frozen=True)
class Route:
    """Some pages of the tour in their order, and a teacher's notes: the minutes it takes, its goal, common mistakes, and what to ask."""

    title: str
    pages: tuple[int, ...]
    minutes: int
    goal: str
    mistakes: tuple[str, ...]
    ask: tuple[str, ...]


ROUTES = {
    "sequence": Route(
        mark("How a sequence is read"),
        lesson.ROUTES["sequence"],
        30,
        mark(
            "Follow one value from the file to the output of the first BiLSTM block, and say at each step which other steps it can depend "
            "on."
        ),
        (
            mark("Channels are taken for features: after the projection each channel is a mixture of all features."),
            mark("The backward direction is thought to run at another step than the forward one: the block joins both at the same step."),
            mark("A forget gate near 1 is read as “forgets much”: it is the share that is kept."),
        ),
        (
            mark("Where is the first place at which two steps are combined? What would the model know of order without it?"),
            mark("The positions are switched off, and little changes: what else tells the model the order?"),
            mark("What does the cell state hold at the last step that its hidden state does not show?"),
        ),
    ),
    "attention": Route(
        mark("What attention does"),
        lesson.ROUTES["attention"],
        30,
        mark("Read a row of an attention map, say what is averaged with its weights, and why the map alone does not show what decides."),
        (
            mark("A row and a column are mixed up: a row is one query, and its weights add up to 1; a column need not."),
            mark("A weight is taken for importance: the value that it weighs can be small, and the layer's input is added to it."),
            mark("A key step is taken for that step of the series alone: by then its value carries its neighbours."),
        ),
        (
            mark("What would a head compute that attends evenly to every step? Which head here comes nearest?"),
            mark("Switch the first attention layer off: does the class turn? What carries the information past it?"),
            mark("Two heads have the same map. Do they do the same?"),
        ),
    ),
    "distrust": Route(
        mark("When to distrust a picture"),
        lesson.ROUTES["distrust"],
        30,
        mark(
            "Name for each kind of picture how it misleads, and the test that shows it: switch off, remove a stretch, choose another "
            "baseline."
        ),
        (
            mark("Ensemble heads that disagree are taken for a fault: they are trained through the combiner only."),
            mark("A step that can be removed alone is called not needed: its neighbours stand in for it."),
            mark("0 is taken for “absent”: it can be a value that never occurs."),
        ),
        (
            mark("What would a picture have to look like to prove that a part is not needed?"),
            mark("A stretch of how many steps should be removed, and how could that be known without the answer?"),
            mark("What does a probability of 99% promise?"),
        ),
    ),
}


def pages_of(route: str) -> tuple[int, ...]:
    """Return the pages of a route by its name in the link, or of a list of their numbers (`3-1-8`) in its order; of neither all pages."""
    return pages_in(route)


def neighbour(number: int, direction: int) -> int | None:
    """Return the page before (-1) or after (1) a page on the chosen route, or None at its end. A page beside the route leads back to it."""
    pages = pages_of(current().tour.route)
    if number in pages:
        place = pages.index(number) + direction
        return pages[place] if 0 <= place < len(pages) else None
    beyond = [page for page in pages if (page - number) * direction > 0]
    return min(beyond, key=lambda page: abs(page - number), default=None)


def choose_route() -> None:
    """Draw the choice of the route and, but in a lesson, its notes for who teaches it."""
    given = current().tour.route
    own = [given] if given not in ROUTES and pages_of(given) != pages_of("") else []
    route = given if given in (*ROUTES, *own) else ""
    st.selectbox(
        _("Route"),
        [*own, "", *ROUTES],
        format_func=_title,
        **mirrored("tour_route", route, _take),
        label_visibility="collapsed",
    )
    if route in ROUTES and not is_lesson():
        with st.expander(_("Teacher's notes"), key="tour_notes"):
            st.markdown(notes(ROUTES[route]))


def _title(name: str) -> str:
    """Return what stands in the list for a route; a name that is none of them lists pages."""
    if name in ROUTES:
        return _("{title} ({minutes} minutes)", title=_(ROUTES[name].title), minutes=ROUTES[name].minutes)
    return _(OWN) if name else _(WHOLE)


def choose_language() -> None:
    """Draw the choice of the tour's language, each by its own name, where there are several."""
    if len(languages()) == 1:
        return
    st.segmented_control(
        _("Language"),
        list(languages()),
        format_func=lambda code: languages()[code].name,
        required=True,
        **in_link("tour_language", spoken().code, "lang"),
        label_visibility="collapsed",
    )


def _take() -> None:
    """Begin a route at its first page."""
    route = st.session_state["tour_route"]
    choose(route=route, tour=pages_of(route)[0], box=None, sheet=None, row=None, column=None)


def notes(route: Route) -> str:
    """Return a teacher's notes on a route as Markdown."""
    each = route.minutes / len(route.pages)
    listed = [_("page {page}, {title}", page=page, title=_(CHAPTERS[page - 1].title)) for page in route.pages]
    time = _(
        "{minutes} minutes, about {each:.0f} for a page: half a minute to predict, two to try, one to talk.",
        minutes=route.minutes,
        each=each,
    )
    parts = (
        (_("Pages."), listed),
        (_("Common mistakes."), [_(mistake) for mistake in route.mistakes]),
        (_("What to ask."), [_(question) for question in route.ask]),
    )
    return "\n\n".join(
        (
            f"**{_('Time.')}** {time}",
            f"**{_('Goal.')}** {_(route.goal)}",
            *(f"**{name}**\n\n" + "\n".join(f"- {line}" for line in lines) for name, lines in parts),
        )
    )
