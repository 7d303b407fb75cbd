"""Looking at a page as its visitors do: until nothing is under way, at its words and at its charts."""

import base64
import json
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.compute.jobs import Work, works


def jobs() -> list[Work[Any]]:
    """Return the jobs that this process knows, whatever their state."""
    return list(works()._works.values())


def wait_for_jobs() -> bool:
    """Wait until no job is under way, and return whether there was one to wait for."""
    under_way = [job for job in jobs() if job.is_under_way]
    futures.wait([job.future for job in under_way if job.future is not None])
    return bool(under_way)


def stop_jobs() -> None:
    """Stop all jobs, and wait until they have ended."""
    for job in jobs():
        job.stop()
    wait_for_jobs()


def finished(app: AppTest) -> AppTest:
    """Run the page again until nothing is under way on it, as the page's own polling does in a browser.

    It waits for jobs to end, however long they take: only pytest's timeout ends a test. A run of the page that requests
    another job, or in whose course one ends, is followed by another run.
    """
    settled = False
    while not settled:
        wait_for_jobs()
        known = set(map(id, jobs()))
        app.run()
        settled = not wait_for_jobs() and known == set(map(id, jobs())) and not is_computing(app)
    assert not app.exception and not app.error
    return app


def is_computing(app: AppTest) -> bool:
    """Return whether the page offers to stop something."""
    return any(button.key and button.key.endswith("_stop") for button in app.button)


def until(app: AppTest, seen: Callable[[AppTest], object]) -> AppTest:
    """Run the page again until it shows something, which a job that is under way has not brought yet."""
    while not seen(app):
        under_way = any(job.is_under_way for job in jobs())
        time.sleep(0.5)
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


def _decoded(values: Any) -> np.ndarray:
    if not isinstance(values, dict):
        return np.array(values)
    flat = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return flat.reshape([int(size) for size in str(values.get("shape", len(flat))).split(",")])
