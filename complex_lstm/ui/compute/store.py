"""Results by their keys, as many as fit a size: the least recently used is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from complex_lstm.model import Trace

Result = TypeVar("Result")


def one_each(result: object) -> int:
    """Return 1: the size of a result in a store that counts its results."""
    return 1


class Store(Generic[Result]):
    """Results whose sizes come to at most `most` together. A single result that is larger is kept alone."""

    def __init__(self, most: int, size_of: Callable[[Result], int] = one_each) -> None:
        self._most, self._size_of, self._lock = most, size_of, threading.Lock()
        self._results: OrderedDict[Hashable, Result] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._results)

    @property
    def size(self) -> int:
        return self._size

    def find(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return the result of a key, made now if it is not kept. Two visitors at once may make it twice, to the same effect."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        made = make()
        with self._lock:
            if key not in self._results:
                self._results[key] = made
                self._size += self._size_of(made)
            while self._size > self._most and len(self._results) > 1:
                _, oldest = self._results.popitem(last=False)
                self._size -= self._size_of(oldest)
        return made


def trace_bytes(trace: Trace) -> int:
    """Return the bytes of a trace's values."""
    values = [one for value in vars(trace).values() for one in (value if isinstance(value, tuple) else (value,))]
    return sum(one.numel() * one.element_size() for one in values)
