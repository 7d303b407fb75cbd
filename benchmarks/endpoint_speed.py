"""Single windows by the endpoint's engines, and by its batches, against the model on each: `python -m benchmarks.endpoint_speed`."""

from __future__ import annotations

import asyncio
from functools import partial

import numpy as np
import torch

from benchmarks.measure import HEADER, Ratio, compare
from complex_lstm import ComplexLSTMModel
from complex_lstm.endpoint.batching import Batcher
from complex_lstm.endpoint.engines import Engine, open_engine

STEPS, FEATURES, AT_ONCE = 50, 9, 64


def ratios(hidden: int) -> list[Ratio]:
    """Return the rows for one hidden size: one window by ONNX Runtime, and 64 single windows that come at once in shared passes."""
    torch.manual_seed(0)
    model = ComplexLSTMModel(hidden_dim=hidden).eval()
    plain, onnx = open_engine(model, "torch"), open_engine(model, "onnx")
    x = np.random.default_rng(0).normal(size=(AT_ONCE, STEPS, FEATURES)).astype(np.float32)
    one = compare(f"one window, hidden {hidden}: PyTorch / ONNX Runtime", partial(plain.outputs, x[:1]), partial(onnx.outputs, x[:1]))
    return [
        one,
        *(
            compare(
                f"{AT_ONCE} single windows at once, hidden {hidden}, {engine.name}: one by one / in shared passes",
                partial(_one_by_one, engine, x),
                partial(_together, engine, x),
                rounds=7,
            )
            for engine in (plain, onnx)
        ),
    ]


def _one_by_one(engine: Engine, x: np.ndarray) -> None:
    for place in range(len(x)):
        engine.outputs(x[place : place + 1])


def _together(engine: Engine, x: np.ndarray) -> None:
    async def ask() -> None:
        batcher = Batcher(engine)
        await asyncio.gather(*(batcher.outputs(x[place : place + 1]) for place in range(len(x))))

    asyncio.run(ask())


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(HEADER)
    for hidden in (64, 256):
        for found in ratios(hidden):
            print(found.row)
