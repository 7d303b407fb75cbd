"""Results that are kept by their keys, up to a number of bytes."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import is_dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch

from complex_lstm.data import Dataset

Result = TypeVar("Result")


class Store(Generic[Result]):
    """Results by their keys, of at most the size `most` together: the least recently used is dropped first.

    A single result that is larger is kept alone. Without `size_of` each counts as 1.
    """

    def __init__(self, most: int, size_of: Callable[[Result], int] = lambda result: 1) -> None:
        self._most, self._size_of, self._lock = most, size_of, Lock()
        self._results: OrderedDict[Hashable, tuple[Result, int]] = OrderedDict()  # with the size of each
        self._making: dict[Hashable, Lock] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._results)

    @property
    def size(self) -> int:
        return self._size

    def find(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return the result of a key, made now if it is not there. A visitor who asks for it meanwhile waits for it.

        Where `make` raises, the next one who asks makes it.
        """
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key][0]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._results:  # another has made it while we waited
                    return self._results[key][0]
            try:
                made = make()
                self._put(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made

    def _put(self, key: Hashable, made: Result) -> None:
        size = self._size_of(made)
        with self._lock:
            _, before = self._results.pop(key, (None, 0))
            self._results[key] = made, size
            self._size += size - before
            while self._size > self._most and len(self._results) > 1:
                _, (_, oldest) = self._results.popitem(last=False)
                self._size -= oldest


def bytes_of(value: Any) -> int:
    """Return the bytes of a result's arrays, tables, texts and numbers, those inside it included.

    Models and data sets count nothing: results refer to the ones that are kept elsewhere. What it does not know counts as it is.
    """
    if isinstance(value, (torch.nn.Module, Dataset)):
        return 0
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return int(np.sum(value.memory_usage(deep=True)))
    if isinstance(value, go.Figure):
        return bytes_of([trace._props for trace in value.data]) + bytes_of(value._layout)
    if isinstance(value, Mapping):
        return sum(map(bytes_of, value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(map(bytes_of, value))
    if is_dataclass(value) and not isinstance(value, type):
        return sum(map(bytes_of, vars(value).values()))
    return sys.getsizeof(value)
