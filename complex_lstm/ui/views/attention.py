"""The Attention page's parts: the view of the canvas from the selection and back, and the weights as a table."""

from __future__ import annotations

from typing import cast, get_args

import numpy as np
import pandas as pd
from jaxtyping import Float

from complex_lstm.ui.components.attention_map import AttentionMap, AttentionPin, AttentionView
from complex_lstm.ui.session.state import choose, current


def chosen_view() -> AttentionView:
    """Return the view in the selection; without a valid one it is the first attention head."""
    chosen = current().attention
    pin = AttentionPin(chosen.query, chosen.key) if chosen.query is not None and chosen.key is not None else None
    kind = cast(AttentionMap, chosen.map if chosen.map in get_args(AttentionMap) else "head")
    return AttentionView(chosen.layer or 0, chosen.head or 0, kind, pin=pin)


def choose_view(view: AttentionView) -> None:
    """Store the view of the canvas in the selection."""
    pin = {"query": view.pin.query, "key": view.pin.key} if view.pin else {"query": None, "key": None}
    choose(layer=view.layer, head=view.head, map="" if view.map == "head" else view.map, **pin)


def weights_frame(attention: Float[np.ndarray, "layer head query key"], times: list[str]) -> pd.DataFrame:
    """Return one row a weight: layer and head from 1, steps from 0, and their times."""
    layer, head, query, key = np.indices(attention.shape).reshape(4, -1)
    at = np.array(times, dtype=object)
    return pd.DataFrame(
        {
            "layer": layer + 1,
            "head": head + 1,
            "query_step": query,
            "key_step": key,
            "query_time": at[query],
            "key_time": at[key],
            "weight": attention.ravel(),
        }
    )
