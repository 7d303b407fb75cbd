"""How many bytes a result holds on to, for the limits of what is kept."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch

from complex_lstm.data import Dataset


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
