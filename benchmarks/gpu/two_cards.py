"""Ten steps that two cards share, whose losses the first process writes down: `python -m benchmarks.gpu.two_cards OUT.json`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from torch import distributed, tensor

from benchmarks.gpu.subjects import exact_fp32
from benchmarks.gpu.training import ten_steps
from complex_lstm.model.device import pick_device
from complex_lstm.training.processes import is_rank_zero

if __name__ == "__main__":
    with exact_fp32():
        steps = ten_steps(64, devices=2)
    losses = tensor(steps.losses, device=pick_device())
    distributed.all_reduce(losses)  # each process has the loss of its own share
    if is_rank_zero():
        Path(sys.argv[1]).write_text(json.dumps({"losses": (losses / distributed.get_world_size()).tolist(), "seconds": steps.seconds}))
    sys.stdout.flush()
    os._exit(0)  # Lightning's watch over its processes looks once in five seconds whether they have ended
