"""What the visitor looks at: one selection, kept across pages and in the address bar, and the widgets that change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn
from urllib.parse import urlencode, urljoin, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from complex_lstm.config.serving import served
from complex_lstm.shares import find_share
from complex_lstm.ui.compute.visitor import SHARED
from complex_lstm.ui.session.link import parameter_names, read_parameters, write_parameters
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.page_jobs import end_run
from complex_lstm.visitors import are_apart

SELECTION, PUBLISHED = "selection", "published_selection"
SEEN = "seen_link"  # what the address bar carried when the last run began
FREE, FIXED = 1, 2  # levels of a lesson: the page's own controls are shown, or hidden too
NOTE = "share_note"  # why a click had no effect, until the page has shown it
ARRIVED = "arrived_by_link"  # until the edits in the link are read; after that the session's own list counts


@dataclass(frozen=True)
class Opened:
    """What is open: keys of samples or of the workspace, the stride of the windows and the number of one, from 0.

    `temperature` is a number that the probabilities of the open model are calibrated by, in place of what its checkpoint holds.
    """

    data: str = ""
    model: str = ""
    setup: str = ""
    stride: int | None = None
    window: int | None = None
    temperature: str = ""


@dataclass(frozen=True)
class AttentionChoice:
    """Which attention map, and the pinned pair of steps. All count from 0."""

    layer: int | None = None
    head: int | None = None
    map: str = ""
    query: int | None = None
    key: int | None = None


@dataclass(frozen=True)
class ExplanationChoice:
    """What is explained, against what and how: `reference` is the window that serves as baseline; `methods` have commas between them.

    `method` is the one that explains two sides of a view.
    """

    target: int | None = None
    baseline: str = ""
    reference: int | None = None
    scale: str = ""
    methods: str = ""
    method: str = ""


@dataclass(frozen=True)
class TrainingChoice:
    """Keys of a run, of a sweep, and of the run with shuffled labels that explanations are checked against."""

    run: str = ""
    sweep: str = ""
    shuffled: str = field(default="", metadata={"parameter": "twin"})


@dataclass(frozen=True)
class TourChoice:
    """The page of the guided tour, from 1, which of its values is shown, what was predicted, and the route through the pages.

    `predicted` is a text, see `ui.views.tour.predictions`; `route` a name, see `ui.views.tour.routes`.
    """

    page: int | None = field(default=None, metadata={"parameter": "tour"})
    predicted: str = ""
    route: str = ""
    box: int | None = None
    sheet: int | None = None
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class ComparisonChoice:
    """What this view is compared with: the kind, and which one."""

    versus: str = ""
    other: str = ""


@dataclass(frozen=True)
class CheckChoice:
    """What the views of Check look at: a part, and a class or target by number; and their switches, as the views name them.

    `threshold` is in thousandths, `level` in percent; `error_of` is the target whose error counts, `cut` the property that the windows
    are cut by, `slice` the slice that is open, `feature` the one whose shift is drawn.
    """

    part: str = ""
    bins: str = ""
    of: int | None = None
    threshold: int | None = None
    level: int | None = None
    width: str = ""
    error_of: str = ""
    cut: str = ""
    slice: str = ""
    feature: str = ""


@dataclass(frozen=True)
class MapChoice:
    """How the map of windows is drawn: by what windows are compared, how they are laid out, and what colours them; "" is the default.

    `explainer` is the method whose attributions are compared; `mapped` is "all" for every window and not a sample of them.
    """

    space: str = ""
    layout: str = ""
    colour: str = ""
    explainer: str = ""
    mapped: str = ""


@dataclass(frozen=True)
class Selection:
    """One view, as plain text and numbers that fit a link. "" and None mean: not chosen, the page uses its default.

    `focus` is what a page shows large: a pane of Explain, or a tool of Experiment; `view` is a view within it. `language` is the code of
    the one that the tour is written in, English without. With `lesson` at 1
    the controls beside the page are hidden, at 2 its own too; with `present` at 1 the page is drawn for a projector.
    `share` are the bits of a link to what another visitor shows: data, model, setup and window are then the share's.
    `interventions` and `edits` are texts, see `ui.interventions.link` and `ui.edits.link`; `averages` is "all" where the averages that
    interventions hold parts of the model at are over all windows, and not a sample.
    """

    opened: Opened = Opened()
    focus: str = ""
    view: str = ""
    attention: AttentionChoice = AttentionChoice()
    explanation: ExplanationChoice = ExplanationChoice()
    training: TrainingChoice = TrainingChoice()
    tour: TourChoice = TourChoice()
    language: str = field(default="", metadata={"parameter": "lang"})
    lesson: int | None = None
    present: int | None = None
    share: str = ""
    interventions: str = field(default="", metadata={"parameter": "off"})
    averages: str = ""
    comparison: ComparisonChoice = ComparisonChoice()
    check: CheckChoice = CheckChoice()
    map_of_windows: MapChoice = MapChoice()
    edits: str = ""

    @property
    def is_open(self) -> bool:
        """Whether there are data and a model to look at."""
        return bool(self.opened.data and self.opened.model)

    @classmethod
    def of(cls, **parameters: str | int | None) -> Selection:
        """Return the selection of these parameters, named as in a link.

        Raises:
            TypeError: a name that no link has.
        """
        return cls().with_(**parameters)

    def with_(self, **parameters: str | int | None) -> Selection:
        """Return the selection with other parameters, named as in a link.

        Raises:
            TypeError: a name that no link has.
        """
        if unknown := parameters.keys() - parameter_names(Selection):
            raise TypeError(f"A selection has no {', '.join(sorted(unknown))}.")
        given = {name: "" if value is None else str(value) for name, value in parameters.items()}
        return read_parameters(Selection, write_parameters(self) | given)


def current() -> Selection:
    """Return the selection of this session."""
    return st.session_state.get(SELECTION, Selection())


def choose(**changes: str | int | None) -> None:
    """Change the selection, by the names of a link. Other data or another model forget the window, and another window its steps and edits.

    Another model forgets the temperature, too. The page of the tour and the lesson stay: the tour continues on the same page with other
    data.
    """
    before = current()
    after = before.with_(**changes)
    if after.share and (after.opened.data, after.opened.model) == (before.opened.data, before.opened.model):
        if after.opened != before.opened:
            st.session_state[NOTE] = "This link shows one window of one file, read and calibrated in one way: that does not change here."
        after = replace(after, opened=before.opened)
    elif after.share:
        after = replace(after, share="")  # something of one's own is opened
    if after.opened.model != before.opened.model and "temperature" not in changes:
        after = replace(after, opened=replace(after.opened, temperature=""))
    files = replace(after.opened, stride=None, window=None, temperature="")
    if files != replace(before.opened, stride=None, window=None, temperature=""):
        kept = Selection(
            replace(files, temperature=after.opened.temperature),
            focus=after.focus,
            tour=TourChoice(after.tour.page, route=after.tour.route),
            language=after.language,
            lesson=after.lesson,
            present=after.present,
        )
        after = kept.with_(**changes)
    elif after.opened.window != before.opened.window:
        after = after.with_(**{"query": None, "key": None, "edits": None} | changes)
    if after.opened != replace(before.opened, stride=after.opened.stride, temperature=after.opened.temperature):
        st.session_state.pop(ARRIVED, None)
    _select(after)


def forget() -> None:
    """Close everything, so that a link to data or a model that does not exist can be left."""
    _select(Selection())


def _select(selection: Selection) -> None:
    st.session_state[SELECTION] = selection
    st.session_state[SHARED] = selection.share


def _as_shared(selection: Selection) -> Selection:
    """Return a link's selection with what its share opens; what the link itself says of data, model and window does not count then."""
    share = find_share(selection.share) if selection.share and are_apart() else None
    if not selection.share or not are_apart():
        return replace(selection, share="")
    if share is None or share.is_taken_back:
        return replace(selection, opened=Opened())
    shown = Opened(share.data, share.model, share.setup, share.stride or None, share.window, share.temperature)
    return replace(selection, opened=shown)


def adopt_link() -> None:
    """Take the selection from the address bar where a visitor has changed the address: in a new session, or by going back.

    An address that is neither the one last written there nor the one there before is new. One that was there before,
    without a step back in the browser's history, is old: what a run writes to the address bar is lost when a click ends that run.
    """
    link = st.query_params.to_dict()
    before, st.session_state[SEEN] = st.session_state.get(SEEN), link
    context = get_script_run_ctx()
    went_back = context is not None and context.is_history_navigation
    if link and link != st.session_state.get(PUBLISHED) and (link != before or went_back):
        open_link(link)
        st.session_state[PUBLISHED] = link  # adopted once: a rerun before the next publish must not take it again


def open_link(link: Mapping[str, str]) -> None:
    """Open what a link carries, as if it had been followed. The page is not part of it."""
    _select(_as_shared(read_parameters(Selection, link)))
    st.session_state[ARRIVED] = True


def view_parameters() -> dict[str, str]:
    """Return the parameters of the view without those of what is open, which a share brings."""
    return write_parameters(replace(current(), opened=Opened()))


def publish() -> None:
    """Write the selection to the address bar."""
    link = view_parameters() if current().share else write_parameters(current())
    st.session_state[PUBLISHED] = link
    if link and st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    elif not link:
        st.query_params.clear()  # from_dict does not send an empty link to the browser


def end_page() -> NoReturn:
    """End the run before the page's end. A bare st.stop() would leave the last selection in the address bar."""
    publish()
    end_run()
    st.stop()


def is_lesson() -> bool:
    """Return whether the page is shown as a lesson, without the bar."""
    return current().lesson in (FREE, FIXED)


def lesson_link(level: int) -> str:
    """Return the address of what is on the screen now, as a lesson. What was predicted on the tour is left out: it may be the answer."""
    shared = write_parameters(current().with_(lesson=level, predicted=None))
    return f"{outside_address(str(st.context.url))}?{urlencode(shared)}"


def outside_address(url: str) -> str:
    """Return the address of a page, without what it carries, as it works from outside; `url` is the one that this visitor came by.

    They may sit at the server itself, whose 127.0.0.1 leads nobody else there. Without `complex-lstm serve` it is the visitor's own.
    """
    own, told = urlsplit(url)._replace(query="", fragment=""), served()
    return urljoin(told.server.link, own.path) if told else own.geturl()


def clicked_points(event: Any) -> list[int]:
    """Return the windows of the points selected in a chart. A point's window is in its customdata; points without are left out."""
    found = [point.get("customdata") for point in (event["selection"]["points"] if event else [])]
    return [int(one[0] if isinstance(one, list) else one) for one in found if one is not None]


def follow(widget: str, clicked: Sequence[int | str], parameter: str = "window") -> None:
    """Choose the window that was clicked, or another parameter of the link, once: Streamlit reports a selection in every run."""
    memory, latest = f"followed_{widget}", clicked[0] if clicked else None
    if latest == st.session_state.get(memory):
        return
    st.session_state[memory] = latest
    if latest is not None:
        choose(**{parameter: latest})
        st.rerun()


def in_link(key: str, value: Any, name: str, **also: str | int | None) -> dict[str, Any]:
    """Return `key` and `on_change` of a widget that shows `value` and whose choice travels in the link under `name`.

    What it changes, it changes `also` these, as `choose`.
    """
    return mirrored(key, value, lambda: choose(**{name: st.session_state[key]}, **also))


def choose_switch(label: str, options: Mapping[Any, str], value: Any, *, key: str, name: str, place: Any = st, **layout: Any) -> Any:
    """Draw a choice that travels in the link under `name`, with `value` chosen, and return what is: options are labels by value."""
    mirror = in_link(key, value, name)
    chosen = place.segmented_control(label, list(options), format_func=options.__getitem__, required=True, **mirror, **layout)
    return value if chosen is None else chosen


def choose_view(page: str, labels: Mapping[str, str]) -> str:
    """Draw the choice among a page's views, labels by name, and return the name in the link, or "", which names the first view."""
    view = current().view if current().view in labels else ""
    st.segmented_control("View", list(labels), format_func=labels.__getitem__, required=True, **in_link(f"{page}_view", view, "view"))
    return view
