"""Long windows: their traces on request, and the attention heads of any window as pages draw them. Everything returned is read-only."""

from __future__ import annotations

import hashlib
import math
import time

import streamlit as st
import torch

from complex_lstm.interpretation.head_maps import HeadMaps, map_heads
from complex_lstm.model import Trace
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, JobFunction, job_queue
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.store import Store, bytes_of

SIDE = 512  # squares along each axis of a map at most: about a pixel each, as the large map is at most 540 pixels wide
MOST_SQUARES = 6_000_000  # of all maps together: a byte each goes to the browser
AT_ONCE = 4096  # steps up to which maps are made without being asked for: 4 s on one core, and four times that of twice the steps
KEPT_BYTES = 2**28  # of all maps: 15 windows of 2 layers of 8 heads
TIMED, LAYERS = 512, 2  # steps that a model is timed on; attention layers that it has at most
NANOSECONDS = 15  # a weight, on one core: matrix product, softmax, pooling, entropy and distance
MAPS_JOB, TRACE_JOB = "attention_maps", "long_trace"


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


def trace_function(keys: tuple[str, str, str, int], number: int) -> JobFunction:
    """Return the job that traces a long window, which is then kept as every trace is."""

    def run(job: Job[bool]) -> bool:
        cache.window_trace(keys, number, job.must_stop)
        return True

    return run


def expected_trace_seconds(scene: Scene) -> float:
    """Return how long the trace of a long window takes here, about: the model is timed on its first 512 steps."""
    x, steps = torch.from_numpy(scene.inputs)[None].to(scene.device), len(scene.inputs)

    def measure() -> float:
        begin = time.perf_counter()
        with torch.no_grad():
            scene.model(x[:, :TIMED])
        return time.perf_counter() - begin

    a_part = cache.remember("trace_seconds", scene.keys, measure)
    return a_part * steps / TIMED + scene.model.config.num_heads * LAYERS * steps**2 * 1e-9


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
