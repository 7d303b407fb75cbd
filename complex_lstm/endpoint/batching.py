"""Requests that come together share a forward pass: what waits is taken at once, and nobody waits for more to come."""

from __future__ import annotations

import asyncio
from collections import deque

import numpy as np
from jaxtyping import Float, Float32

from complex_lstm.endpoint.engines import Engine

MOST_AT_ONCE = 64  # windows: more are not faster


class Batcher:
    """Computes outputs in one thread, one batch after another.

    While a batch is computed others arrive; the next one takes all of one length that wait, up to 64 windows. So a lone request begins
    at once, and under load the batches grow by themselves. `passes` counts the batches.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine, self.passes = engine, 0
        self._waiting: deque[tuple[Float32[np.ndarray, "window time feature"], asyncio.Future[np.ndarray]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def outputs(self, x: Float32[np.ndarray, "window time feature"]) -> Float[np.ndarray, "window output"]:
        """Return the outputs of scaled windows, once their turn has come."""
        answer: asyncio.Future[np.ndarray] = asyncio.get_running_loop().create_future()
        self._waiting.append((x, answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            together = self._next()
            x = np.concatenate([one for one, _ in together])
            parts = [x[first : first + MOST_AT_ONCE] for first in range(0, len(x), MOST_AT_ONCE)]
            outputs = np.concatenate([await asyncio.to_thread(self.engine.outputs, part) for part in parts])
            self.passes += len(parts)
            begin = 0
            for one, answer in together:
                if not answer.done():  # whoever asked may have gone
                    answer.set_result(outputs[begin : begin + len(one)])
                begin += len(one)

    def _next(self) -> list[tuple[Float32[np.ndarray, "window time feature"], asyncio.Future[np.ndarray]]]:
        """Take the request that has waited longest, and others of its length as far as they fit beside it."""
        first = self._waiting.popleft()
        together, count = [first], len(first[0])
        for one in list(self._waiting):
            if one[0].shape[1] == first[0].shape[1] and count + len(one[0]) <= MOST_AT_ONCE:
                self._waiting.remove(one)
                together.append(one)
                count += len(one[0])
        return together
