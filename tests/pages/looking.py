"""Looking at a page as its visitors do: until nothing is under way, at its words and at its charts."""

import base64
import json
import time
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

PATIENCE = 60  # seconds


def finished(app: AppTest, *, patience: float = PATIENCE) -> AppTest:
    """Look again until nothing is under way, as the page's own polling does in a browser."""
    end = time.monotonic() + patience
    while any(button.key and button.key.endswith("_stop") for button in app.button):
        assert time.monotonic() < end, "still computing"
        time.sleep(0.2)
        app.run()
    assert not app.exception and not app.error
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
