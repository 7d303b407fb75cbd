"""Windows: where each begins, its cells, and what is to be predicted from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, Shaped

from complex_lstm.config import WindowConfig
from complex_lstm.data.series import Series, joined
from complex_lstm.data.splitting import Span
from complex_lstm.errors import DataError


@dataclass(frozen=True)
class Windows:
    """All windows of a data set. Their cells are gathered on demand: a million windows take only the memory of their indices.

    `start` counts from the series' first step. `actual` and `last` (window, target) are in the file's units. `actual`
    is NaN where unknown; `last`, the value at the window's last step, is carried on from before where it is missing.
    `label` is the class name, "" where unknown.
    """

    rows: Float32[np.ndarray, "row feature"]
    offset: Int[np.ndarray, " window"]
    series: Int[np.ndarray, " window"]
    start: Int[np.ndarray, " window"]
    length: Int[np.ndarray, " window"]
    part: Shaped[np.ndarray, " window"]
    actual: Float[np.ndarray, "window target"]
    last: Float[np.ndarray, "window target"]
    label: Shaped[np.ndarray, " window"]

    def __len__(self) -> int:
        return len(self.start)

    def inputs(self, chosen: Int[np.ndarray, " batch"]) -> Float32[np.ndarray, "batch time feature"]:
        """Return the scaled inputs of the chosen windows, zero after the end of a shorter one."""
        longest = int(self.length[chosen].max(initial=1))
        steps = np.arange(longest)
        within = steps < self.length[chosen][:, None]
        at = np.where(within, self.offset[chosen][:, None] + self.start[chosen][:, None] + steps, 0)
        return np.where(within[..., None], self.rows[at], np.float32(0))

    def last_step(self, chosen: Int[np.ndarray, " batch"]) -> Int[np.ndarray, " batch"]:
        """Return the last step of the chosen windows, counted from their series' first."""
        return np.asarray(self.start[chosen] + self.length[chosen] - 1)

    def of_part(self, part: str) -> Int[np.ndarray, " window"]:
        """Return the numbers of the windows of one part."""
        return np.nonzero(self.part == part)[0]


def make_windows(
    series: tuple[Series, ...],
    scaled: Float32[np.ndarray, "row feature"],
    carried: Float[np.ndarray, "row target"],
    spans: tuple[Span, ...],
    config: WindowConfig,
    *,
    forecasts: bool,
) -> Windows:
    """Return the windows of the spans; none crosses the border of a series or of a part.

    In new data, and in a file whose parts are not known, a forecast may lie after the end of its series, where the true value
    is not known yet; elsewhere it is within the part. `scaled` and `carried` are the inputs and the targets of all series'
    rows, with no cell empty.

    Raises:
        DataError: no span is long enough for one window.
    """
    ahead = config.horizon if forecasts else 0
    starts = []
    for span in spans:
        stop = span.stop - config.length - (0 if span.part in ("new", "this file") else ahead) + 1
        starts.append(np.array([span.start]) if config.whole_series else np.arange(span.start, stop, config.stride))
    owner = np.repeat([span.series for span in spans], [len(s) for s in starts]).astype(int)
    start = np.concatenate(starts).astype(int)
    if not len(start):
        longest = max(span.stop - span.start for span in spans)
        raise DataError(
            f"No window fits: a window of {config.length} steps{f' and {ahead} ahead' if ahead else ''} needs {config.length + ahead} "
            f"rows, the longest stretch has {longest}. Choose a window of at most {max(longest - ahead, 1)} steps, or add rows."
        )
    length = np.concatenate(
        [np.full(len(s), span.stop - span.start if config.whole_series else config.length) for s, span in zip(starts, spans, strict=True)]
    ).astype(int)
    part = np.repeat([span.part for span in spans], [len(s) for s in starts])
    first_row = np.concatenate([[0], np.cumsum([len(one) for one in series])])[:-1]
    offset = first_row[owner]
    end = offset + start + length - 1
    targets = joined([one.targets for one in series])
    labels = joined([one.labels for one in series])
    known = start + length - 1 + ahead < np.array([len(one) for one in series])[owner]
    actual = np.where(known[:, None], targets[np.where(known, end + ahead, 0)], np.nan)
    return Windows(scaled, offset, owner, start, length, part, actual, carried[end], labels[end])
