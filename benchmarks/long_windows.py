"""Long windows: the memory and the time of training, of a trace and of its attention maps, and the bytes that go to the browser.

Each row runs in a process of its own, whose largest resident memory is taken: `python -m benchmarks.long_windows`. About 10 minutes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import torch

from complex_lstm import ComplexLSTMModel
from complex_lstm.interpretation.head_maps import map_heads
from complex_lstm.model import attention
from complex_lstm.ui.components.attention_map import AttentionView, content_of
from complex_lstm.ui.components.attention_map.payload import encode
from complex_lstm.ui.components.shared import Agreement

HEADER = "| what | seconds | memory, GB | to the browser, MB |\n|---|---|---|---|"
ROWS = ("load", "train 512", "train 2048", "train_whole 2048", "maps 512", "maps 2048", "maps 20000")


def model() -> ComplexLSTMModel:
    """Return the model of all rows: hidden 64, 4 BiLSTM blocks, 2 layers of 8 attention heads, 9 features."""
    torch.manual_seed(0)
    return ComplexLSTMModel(9, 64, 4, 8, 3)


def train(steps: int) -> float:
    """Run one training step of 8 windows forwards and backwards. It sends nothing."""
    model().train()(torch.randn(8, steps, 9)).pow(2).sum().backward()
    return 0.0


def train_whole(steps: int) -> float:
    """Do the same with attention in one call, which keeps every weight."""
    attention.MOST_KEPT_WEIGHTS = 2**62
    return train(steps)


def maps(steps: int) -> float:
    """Trace one window, make its attention maps, and return the megabytes of the message with them."""
    x = torch.randn(1, steps, 9)
    found = map_heads(model().eval().trace_any(x), side=512)
    times = [f"2024-01-01 {step}" for step in range(steps)]
    content = content_of(found, series=x[0].numpy(), names=[f"f{one}" for one in range(9)], times=times)
    return len(encode(content, agreement=Agreement(AttentionView(), 0, AttentionView(), None), file_name="x")) / 1e6


def measure(row: str) -> str:
    """Return one row of the table, measured in this process."""
    torch.set_num_threads(1)
    kind, _, steps = row.partition(" ")
    begin = time.perf_counter()
    sent = {"train": train, "train_whole": train_whole, "maps": maps}[kind](int(steps)) if steps else 0.0
    seconds = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"| {row} | {seconds:.1f} | {memory:.2f} | {f'{sent:.1f}' if sent else ''} |"


def main() -> None:
    """Print the table, or the one row that is named."""
    rows = sys.argv[1:] or ROWS
    if len(rows) == 1:
        print(measure(rows[0]))
        return
    print(HEADER)
    for row in rows:
        done = subprocess.run([sys.executable, "-m", "benchmarks.long_windows", row], check=True, capture_output=True, text=True)
        print(done.stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
