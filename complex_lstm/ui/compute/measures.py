"""What is counted of the server's work, for `/metrics`, `/healthz` and the log: kinds, states and seconds, and nothing of what is computed.

A job is named by the module that its function stands in: its key holds what a visitor looks at.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Histogram

EVENTS = logging.getLogger("complex_lstm.events")  # written where the log is JSON: see ui/app/json_log.py
REGISTRY = CollectorRegistry()
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

_ran = Histogram("complex_lstm_job_seconds", "Time that a job ran.", ["kind", "state"], buckets=SECONDS, registry=REGISTRY)
_waited = Histogram("complex_lstm_job_wait_seconds", "Time that a job waited for its turn.", ["kind"], buckets=SECONDS, registry=REGISTRY)
_page = Histogram("complex_lstm_page_run_seconds", "Time that a run of a page took.", ["page"], buckets=SECONDS, registry=REGISTRY)


def kind_of(function: Callable[..., Any]) -> str:
    """Return what a job is called: the module of its function within `ui`, such as "views.train.estimate"."""
    written = function.func if isinstance(function, partial) else function
    return str(getattr(written, "__module__", "other")).removeprefix("complex_lstm.ui.")


def count_job(kind: str, state: str, *, waited: float, ran: float) -> None:
    """Count a job that has ended; both times are in seconds."""
    _ran.labels(kind, state).observe(ran)
    _waited.labels(kind).observe(waited)
    EVENTS.info("job", extra={"told": {"kind": kind, "state": state, "waited": round(waited, 3), "seconds": round(ran, 3)}})


@contextmanager
def page_run(page: str) -> Iterator[None]:
    """Count a run of a page, also one that a click ends early."""
    began = time.monotonic()
    try:
        yield
    finally:
        seconds = time.monotonic() - began
        _page.labels(page).observe(seconds)
        EVENTS.info("page", extra={"told": {"page": page, "seconds": round(seconds, 3)}})
