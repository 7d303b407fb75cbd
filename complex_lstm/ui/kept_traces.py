"""The traces that the server keeps for all sessions: as many as fit a size, the least recently asked for forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

import streamlit as st

from complex_lstm.model import Trace

# Measured at hidden 256 with 8 attention heads: the trace of 50 steps has 0.8 MB, of 1,000 steps 75 MB, 61 of them attention.
# Counted in traces, 64 of each of three kinds would be 14 GB of long windows. Half a gigabyte holds 600 short ones or 6 long
# ones: a view looks at two, and a donor of the bench's patches is a third.
MOST_BYTES = 2**29


class KeptTraces:
    """Traces by their keys, of at most so many bytes together. A single trace that is larger is kept alone."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._lock = most, threading.Lock()
        self._traces: OrderedDict[Hashable, Trace] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._traces)

    @property
    def bytes(self) -> int:
        return self._bytes

    def find(self, key: Hashable, make: Callable[[], Trace]) -> Trace:
        """Return the trace of a key, made now if it is not kept. Two visitors at once may make it twice, to the same effect."""
        with self._lock:
            if key in self._traces:
                self._traces.move_to_end(key)
                return self._traces[key]
        made = make()
        with self._lock:
            if key not in self._traces:
                self._traces[key] = made
                self._bytes += size_of(made)
            self._forget()
        return made

    def _forget(self) -> None:
        while self._bytes > self._most and len(self._traces) > 1:
            _, oldest = self._traces.popitem(last=False)
            self._bytes -= size_of(oldest)


def size_of(trace: Trace) -> int:
    """Return the bytes of a trace's values."""
    values = [one for value in vars(trace).values() for one in (value if isinstance(value, tuple) else (value,))]
    return sum(one.numel() * one.element_size() for one in values)


@st.cache_resource(show_spinner=False)
def kept_traces() -> KeptTraces:
    """Return the server's traces."""
    return KeptTraces()
