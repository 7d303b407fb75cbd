"""Batches of windows in bfloat16 on the processor against fp32, by autocast and with all weights cast: `python -m benchmarks.bfloat16`."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from benchmarks.measure import HEADER, compare
from complex_lstm import ComplexLSTMModel

STEPS, FEATURES = 50, 9
BATCHES = {64: 256, 256: 64}  # windows by hidden size


def measure(hidden: int, windows: int) -> list[str]:
    """Return a row for each way, and how far its outputs are from those of fp32, as a share of the largest."""
    torch.manual_seed(0)
    model, x = ComplexLSTMModel(FEATURES, hidden).eval(), torch.randn(windows, STEPS, FEATURES)
    cast = copy.deepcopy(model).bfloat16()

    @torch.no_grad()
    def plain() -> Tensor:
        return model(x)

    @torch.no_grad()
    def by_autocast() -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return model(x)

    @torch.no_grad()
    def all_cast() -> Tensor:
        return cast(x.bfloat16())

    rows = []
    for name, way in {"autocast": by_autocast, "all weights cast": all_cast}.items():
        found = compare(f"{windows} windows, hidden {hidden}: fp32 / bfloat16, {name}", plain, way, rounds=3)
        off = ((way().float() - plain()).abs().max() / plain().abs().max()).item()
        rows.append(f"{found.row}\n  outputs off by {off:.1e}")
    return rows


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(HEADER)
    for hidden, windows in BATCHES.items():
        print(*measure(hidden, windows), sep="\n")
