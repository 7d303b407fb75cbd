"""Looking at a page as its visitors do: until nothing is under way, at its words and at its charts.

Jobs begin only while a test waits for them here. What a page shows before it is then the same on every machine, and what no test
looks at is not computed.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.compute.jobs import Job, job_queue

PATIENCE = 600  # seconds
MAY_BEGIN = threading.Event()


class HeldPool(ThreadPoolExecutor):
    """Threads that begin nothing unless `MAY_BEGIN` is set."""

    def submit(self, function: Callable[[], Any], /) -> Future[Any]:  # type: ignore[override]  # as the queue calls it
        def begin() -> Any:
            MAY_BEGIN.wait()
            return function()

        return super().submit(begin)


@contextmanager
def jobs_begin() -> Iterator[None]:
    """Let jobs begin meanwhile. Those that run by its end go on."""
    MAY_BEGIN.set()
    try:
        yield
    finally:
        MAY_BEGIN.clear()


def finished(app: AppTest) -> AppTest:
    """Run the page again until nothing is under way on it, as the page's own polling does in a browser.

    It waits for the jobs that the app requested to end, however long they take: only pytest's timeout ends a test. A run of the
    page that requests another job, or that still offers to stop something, is followed by another run.
    """
    settled = False
    while not settled:
        wait_for_jobs(app)
        app.run()
        settled = not wait_for_jobs(app) and not is_computing(app)
    assert not app.exception and not app.error
    return app


def jobs_of(app: AppTest) -> list[Job[Any]]:
    """Return the jobs under way that the app's session wants."""
    return job_queue().under_way(name_of_session(app._session_state))


def name_of_session(state: SafeSessionState) -> str:
    """Return the session id that the tests give to the app with this state."""
    return f"session {id(state)}"


def wait_for_jobs(app: AppTest) -> bool:
    """Wait until no job that the app requested is under way, and return whether there was one to wait for."""
    under_way = jobs_of(app)
    wait_for(under_way)
    return bool(under_way)


def wait_for(jobs: Iterable[Job[Any]]) -> None:
    """Wait until these jobs have ended."""
    with jobs_begin():
        for job in jobs:
            job.wait()


def is_computing(app: AppTest) -> bool:
    """Return whether the page offers to stop something."""
    return any(button.key and button.key.endswith("_stop") for button in app.button)


def until(app: AppTest, seen: Callable[[AppTest], object]) -> AppTest:
    """Run the page again until it shows something, which a job that is under way has not brought yet."""
    while not seen(app):
        under_way = bool(jobs_of(app))
        with jobs_begin():
            time.sleep(0.2)
        app.run()
        assert under_way or seen(app), "Nothing is under way, and it is not there."
    return app


def words(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption, *app.info))


def all_words(app: AppTest) -> str:
    """Return the words of messages too."""
    return " ".join([words(app), *(one.value for one in (*app.success, *app.warning, *app.error))])


def charts(app: AppTest) -> set[str]:
    """Return the keys of the charts."""
    return {one.proto.id.rsplit("-", 1)[-1] for one in app.get("plotly_chart")}


def drawn(app: AppTest, key: str) -> list[dict[str, np.ndarray]]:
    """Return what a chart draws: x, y and z of each trace, as far as it has them, as arrays."""
    spec = next(json.loads(one.proto.spec) for one in app.get("plotly_chart") if one.proto.id.endswith(f"-{key}"))
    return [{axis: _decoded(trace[axis]) for axis in ("x", "y", "z") if axis in trace} for trace in spec["data"]]


def names_in(app: AppTest, key: str) -> list[str]:
    """Return the names of what a chart draws, trace by trace."""
    spec = next(json.loads(one.proto.spec) for one in app.get("plotly_chart") if one.proto.id.endswith(f"-{key}"))
    return [trace.get("name", "") for trace in spec["data"]]


def _decoded(values: Any) -> np.ndarray:
    if not isinstance(values, dict):
        return np.array(values)
    flat = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return flat.reshape([int(size) for size in str(values.get("shape", len(flat))).split(",")])


def answer_box(app: AppTest) -> Any:
    """Return the widget in which the open page of the tour is answered; its key ends with page and window."""
    return next((one for one in (*app.radio, *app.number_input) if str(one.key).startswith("tour_answer_")), None)


def guess(app: AppTest) -> AppTest:
    """Give the first answer, or 0, where a page of the tour asks: its numbers are shown then."""
    box = answer_box(app)
    return app if box is None else finished(box.set_value(0).run())
