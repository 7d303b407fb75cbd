"""The slim bar at the top of every page: its title, data, model and window, the strip of all windows, and the link to share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.model.device import device_name, pick_device
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui.app.addresses import PageEntry
from complex_lstm.ui.components.window_scrubber import chosen_window, window_scrubber
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, job_queue
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import window_errors
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.page_jobs import is_awaited, request_job
from complex_lstm.ui.session.progress import rerun_when_done
from complex_lstm.ui.session.scene import (
    MODELS,
    UPLOADS,
    chosen_scene,
    describe_window,
    is_ready,
    keep_way_back,
    model_name,
    open_sample,
    page,
    still_kept,
    title_of,
)
from complex_lstm.ui.session.state import choose, current, in_link

SCRUBBER = "bar_scrubber"


def follow_scrubber() -> None:
    """Take up the window that the visitor has chosen in the strip: call it before the page looks at the selection."""
    window = chosen_window(SCRUBBER)
    if window is not None:
        choose(window=window)


def draw_bar(entry: PageEntry) -> DeltaGenerator:
    """Draw the page's title, the selectors and the device; on pages that look at a window also its choice.

    Return the place for what is shared: it is drawn after the page, which may change the selection.
    """
    follow_scrubber()
    selection = current()
    with st.container(horizontal=True, vertical_alignment="center", key="bar", gap="small"):
        st.title(entry.title, width="content", anchor=False)
        data = _listed(SAMPLES, UPLOADS, selection.opened.data)
        _select("Data", "bar_data", data, selection.opened.data, partial(title_of, "data"), _change_data)
        if selection.opened.data or selection.opened.model:
            models = [key for key in _listed(shipped_models(), MODELS, selection.opened.model) if _is_offered(key)]
            _select("Model", "bar_model", models, selection.opened.model, model_name, _change_model)
        if entry.has_window and is_ready(selection):
            _choose_window(chosen_scene(selection))
        shared = st.container(width="content")
        st.caption(device_name(pick_device()), width="content")
        if selection.tour.page and entry.stem != "tour":
            st.page_link(page("tour"), label=f"Tour, page {selection.tour.page}", icon="🧭")
    if entry.has_window and is_ready(selection):
        _draw_scrubber(chosen_scene(current()))
    return shared


def _choose_window(scene: Scene) -> None:
    last = len(scene.dataset.windows) - 1
    st.number_input(
        f"Window (0 to {last})",
        0,
        last,
        label_visibility="collapsed",
        width=130,
        **in_link("bar_window", scene.number, "window"),
    )


def request_errors(scene: Scene) -> None:
    """Request the errors that colour the strip: call it after the page, whose own computations come first."""
    keys = scene.keys

    def run(job: Job[object]) -> object:
        for part in sorted(set(cache.dataset(*keys).windows.part.tolist())):
            cache.part_predictions(keys, part, job.report_progress, job.must_stop)
        return window_errors(cache.dataset(*keys), cache.predictions(keys))

    job = request_job(("window_errors", keys), run)
    if is_awaited(job):
        rerun_when_done(job)


def _draw_scrubber(scene: Scene) -> None:
    """Draw the strip of all windows. Their errors are computed beside the page; until then the strip shows the parts."""
    keys = scene.keys
    job = job_queue().find(("window_errors", keys))
    window_scrubber(
        job.result if job and job.state == "done" else None,
        scene.dataset.windows.part,
        chosen=scene.number,
        error_name="error (1 minus the probability of its class)" if scene.is_classes else "error in standard deviations",
        labels=[cache.remember("bar_window", (keys, scene.number), lambda: _describe(scene), most=512)],
        file_name=file_name("windows", scene.number),
        component_key=SCRUBBER,
    )


def _describe(scene: Scene) -> str:
    """Return where the window lies, and where the list leaves windows out, with the page on which this is changed."""
    where, window, every = describe_window(scene, escaped=False, with_part=False), scene.dataset.window, cache.all_windows(scene.keys)
    if window.whole_series or every == scene.keys or window.stride <= every[3]:
        return where
    return f"{where} · one window every {window.stride} steps, not {every[3]} (change it on Data)"


def _is_offered(model: str) -> bool:
    """Return whether a model is in the list: the chosen one always, of the others those that fit the data."""
    opened = current().opened
    return model == opened.model or not opened.data or (cache.is_readable(opened.data) and cache.fits(opened.data, model))


def _listed(shipped: Iterable[str], kind: str, selected: str) -> list[str]:
    keys = [*shipped, *still_kept(kind)]
    return [*keys, selected] if selected and selected not in keys else keys


def _select(label: str, key: str, options: list[str], selected: str, name: Callable[[str], str], change: Callable[[], None]) -> None:
    st.selectbox(
        label,
        options,
        format_func=name,
        placeholder=f"{label}: none",
        index=None,
        label_visibility="collapsed",
        width=220,
        **mirrored(key, selected if selected in options else None, change),
    )


def _change_data() -> None:
    key, model = st.session_state["bar_data"], current().opened.model
    keep_way_back()
    if key in SAMPLES and (not model or model in SAMPLES):
        open_sample(key)
    elif key:  # a model of the visitor's own stays, also where it does not fit: the page says so
        choose(data=key, setup="")


def _change_model() -> None:
    choose(model=st.session_state["bar_model"] or "", setup="")
