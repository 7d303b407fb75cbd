"""The attention heads of a window as pages draw them, kept for all sessions by what they are made of. Everything returned is read-only."""

from __future__ import annotations

import hashlib
import math

import streamlit as st

from complex_lstm.interpretation.head_maps import HeadMaps, map_heads
from complex_lstm.model import Trace
from complex_lstm.ui.compute.jobs import Job, JobFunction, job_queue
from complex_lstm.ui.compute.store import Store, bytes_of

SIDE = 512  # squares along each axis of a map at most: about a pixel each, as the large map is at most 540 pixels wide
MOST_SQUARES = 6_000_000  # of all maps together: a byte each goes to the browser
AT_ONCE = 4096  # steps up to which maps are made without being asked for: 4 s on one core, and four times that of twice the steps
KEPT_BYTES = 2**28  # of all maps: 15 windows of 2 layers of 8 heads
NANOSECONDS = 15  # a weight, on one core: matrix product, softmax, pooling, entropy and distance
MAPS_JOB = "attention_maps"


def head_maps(trace: Trace) -> HeadMaps | None:
    """Return the maps of a trace's attention heads, of more than 4,096 steps only once they were asked for, else None."""
    key = trace_key(trace)
    if trace.encoded.shape[1] <= AT_ONCE:
        return _maps().find(key, lambda: map_heads(trace, side=_side(trace)))
    job: Job[HeadMaps] | None = job_queue().find((MAPS_JOB, key))
    return job.result if job and job.state == "done" else None


def maps_function(trace: Trace) -> JobFunction:
    """Return the job that makes the maps of a trace, which counts rows of all layers."""
    return lambda job: map_heads(trace, side=_side(trace), progress=job.report_progress, stop=job.must_stop)


def expected_seconds(trace: Trace) -> float:
    """Return how long the maps of a trace take to make here, about."""
    weights = trace.attention_layers * trace.attention_heads * trace.encoded.shape[1] ** 2
    return weights * NANOSECONDS * 1e-9


def trace_key(trace: Trace) -> str:
    """Return a hash of what goes into the attention layers of a trace and what comes out: it tells any two traces apart."""
    digest = hashlib.sha256()
    for value in (*trace.lstm, *trace.attended, trace.prediction):
        digest.update(value.contiguous().numpy().data)
    return digest.hexdigest()[:24]


def _side(trace: Trace) -> int:
    """Return the squares along each axis: fewer of a model with very many heads."""
    maps = trace.attention_layers * (trace.attention_heads + 1) + 1
    return min(SIDE, math.isqrt(MOST_SQUARES // maps))


@st.cache_resource(show_spinner=False)
def _maps() -> Store[HeadMaps]:
    return Store(KEPT_BYTES, bytes_of)
