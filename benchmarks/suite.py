"""The tables of the other benchmarks, in sizes that fit into one run, and how cost grows with each size that a user can choose.

Ratios are of two ways that take turns. Growth and the cost of windows are seconds of the processor, on one thread.
"""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import torch
from torch import Tensor

from benchmarks import explanation_speed, figure_speed, memory, model_speed, page_load, reading, training_speed
from benchmarks.measure import Growth, Ratio, cpu_seconds, fit_growth, grow, ratio_of
from benchmarks.page_speed import ROOT, served
from complex_lstm import ComplexLSTMModel
from complex_lstm.interpretation import ForwardFunction, ablate_features, explain

STEPS, FEATURES, HIDDEN, WINDOWS = 50, 9, 64, 16


@dataclass(frozen=True)
class Part:
    """What a section has found: ratios, growths, and single numbers by what they are."""

    ratios: tuple[Ratio, ...] = ()
    growths: tuple[Growth, ...] = ()
    numbers: tuple[tuple[str, float], ...] = ()


def model() -> Part:
    """Forward passes, traces, ablation, prediction and a copy against the plain way."""
    rows = [*model_speed.ratios(64), *model_speed.ratios(256, (1, 2, 8)), model_speed.prediction(), model_speed.copying()]
    return Part(tuple(rows))


def explanations() -> Part:
    """Shapley values and ablation against Captum and the textbook."""
    return Part(tuple(explanation_speed.ratios()))


def files() -> Part:
    """Reading a file against pandas, and how it grows with its rows."""
    counts = (50_000, 100_000, 200_000, 400_000)
    taken: list[list[float]] = [[] for _ in range(3)]
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            reading.write_table(path, count)
            for one in taken:
                one.append(reading.measured("ours, path", path)[0])
    return Part(tuple(reading.ratios(200_000, rounds=3)), (fit_growth("reading a file", "rows", counts, taken, "s of the CPU"),))


def figures() -> Part:
    """Figures against Plotly's own way to build them."""
    return Part(tuple(figure_speed.ratios()))


def endpoint() -> Part:
    """Single windows by ONNX Runtime and in shared passes; nothing where the extra is not installed."""
    if importlib.util.find_spec("onnxruntime") is None:
        return Part()
    from benchmarks import endpoint_speed

    return Part(tuple(endpoint_speed.ratios(HIDDEN)))


def training() -> Part:
    """Training with all that the Train page does against a bare loop, and how one step grows."""
    pairs = training_speed.take_turns(training_speed.planted(HIDDEN, epochs=1), rounds=3)
    ratio = ratio_of(
        "an epoch of planted_order, hidden 64: bare loop / ours", [(1000 * bare.epochs, 1000 * ours.epochs) for bare, ours in pairs]
    )
    return Part(
        (ratio,),
        (
            grow("a training step of 8 windows", "steps", (64, 128, 256, 512), lambda size: _train(int(size), HIDDEN)),
            grow("a training step of 8 windows", "hidden size", (32, 64, 128, 256), lambda size: _train(STEPS, int(size))),
        ),
    )


def passes() -> Part:
    """How a forward pass grows with each of its sizes."""
    usual = {"windows": WINDOWS, "steps": STEPS, "features": FEATURES, "hidden": HIDDEN}
    sizes = {"windows": (16, 64, 256, 1024), "steps": (128, 256, 512, 1024), "features": (8, 32, 128, 512), "hidden": (32, 64, 128, 256)}
    return Part(
        growths=tuple(
            grow("a forward pass", f"{name} size" if name == "hidden" else name, some, _pass_by(usual, name))
            for name, some in sizes.items()
        )
    )


def explaining() -> Part:
    """How explanations grow with steps, features and the hidden size."""
    return Part(
        growths=(
            grow("ablation of every cell", "steps", (25, 50, 100, 200, 400), lambda size: _explain("ablation", int(size), FEATURES)),
            grow("ablation of every cell", "features", (4, 8, 16, 32), lambda size: _explain("ablation", STEPS, int(size))),
            grow("ablation of every cell", "hidden size", (32, 64, 128), lambda size: _explain("ablation", STEPS, FEATURES, int(size))),
            grow("occlusion", "steps", (50, 100, 200, 400), lambda size: _explain("occlusion", int(size), FEATURES)),
        )
    )


def long_files() -> Part:
    """Time and memory of `predict` by the rows of a file, a window at each; of its peak, what a million rows and windows add."""
    counts = (100_000, 200_000, 400_000)
    found = memory.predict_long(counts)
    slope = float(np.polyfit([one.rows / 1e6 for one in found], [one.gigabytes for one in found], 1)[0])
    return Part(
        growths=(fit_growth("predict, a window at each row", "rows", counts, [[one.seconds for one in found]], "s"),),
        numbers=(("GB a million rows and windows", slope),),
    )


def windows() -> Part:
    """What a window costs the processor: a prediction in batches of 64, and an explanation by ablation of the features."""
    found: list[tuple[str, float]] = []
    for hidden in (64, 256):
        network, x = _network(FEATURES, hidden), torch.randn(64, STEPS, FEATURES)
        asked = explanation_speed.request()
        predicting = _typical(lambda x=x, network=network: model_speed.forward(network, x)) / 64  # type: ignore[misc]
        question = ForwardFunction(network, asked, torch.device("cpu"))
        found.append((f"a prediction, hidden {hidden}, s of the CPU", predicting))
        found.append((f"an explanation, hidden {hidden}, s of the CPU", _typical(lambda question=question: ablate_features(question))))  # type: ignore[misc]
    return Part(numbers=tuple(found))


def long_windows() -> Part:
    """Memory of a training step and of a window's attention maps by steps, each in a process of its own."""

    def memory_of(row: str) -> float:
        done = subprocess.run([sys.executable, "-m", "benchmarks.long_windows", row], check=True, capture_output=True, text=True)
        return float(done.stdout.strip("| \n").split(" | ")[2])

    loaded = memory_of("load")
    return Part(
        growths=tuple(
            fit_growth(what, "steps", sizes, [[memory_of(f"{kind} {size}") - loaded for size in sizes]], "GB beside the program's own")
            for what, kind, sizes in (
                ("training, 8 windows", "train", (256, 512, 1024)),
                ("a trace and its attention maps", "maps", (1024, 2048, 4096)),
            )
        )
    )


def visitors() -> Part:
    """What visitors who click through six pages cost the server, once all is computed."""
    counts = (1, 2, 4, 8)
    with tempfile.TemporaryDirectory() as workspace, served(ROOT / "app.py", workspace) as (address, pid):
        costs = asyncio.run(_visits(address, psutil.Process(pid), counts))
    clicks = len(page_load.PAGES) * len(page_load.WINDOWS)
    return Part(
        growths=(fit_growth("clicks of visitors, twelve each", "visitors", counts, [costs], "s of the server's CPU"),),
        numbers=(("a click of one of 8 visitors, s of the server's CPU", costs[-1] / counts[-1] / clicks),),
    )


async def _visits(address: str, server: psutil.Process, counts: tuple[int, ...]) -> list[float]:
    await page_load.walk(address, "nyc_weather", 0, rest=True)
    costs = []
    for count in counts:
        before = page_load.cpu_seconds(server)
        await asyncio.gather(*(page_load.walk(address, "nyc_weather", number) for number in range(count)))
        costs.append(page_load.cpu_seconds(server) - before)
    return costs


SECTIONS: dict[str, Callable[[], Part]] = {
    "model": model,
    "explanations": explanations,
    "files": files,
    "figures": figures,
    "endpoint": endpoint,
    "training": training,
    "passes": passes,
    "explaining": explaining,
    "long files": long_files,
    "windows": windows,
    "long windows": long_windows,
    "visitors": visitors,
}


def _network(features: int, hidden: int) -> ComplexLSTMModel:
    torch.manual_seed(0)
    return ComplexLSTMModel(features, hidden).eval()


def _pass_by(usual: dict[str, int], name: str) -> Callable[[float], float]:
    def cost(size: float) -> float:
        sizes = usual | {name: int(size)}
        network = _network(sizes["features"], sizes["hidden"])
        x = torch.randn(sizes["windows"], sizes["steps"], sizes["features"])
        return cpu_seconds(lambda: model_speed.forward(network, x))

    return cost


def _train(steps: int, hidden: int) -> float:
    network, x = _network(FEATURES, hidden).train(), torch.randn(8, steps, FEATURES)

    def step() -> None:
        loss: Tensor = network(x).pow(2).sum()
        loss.backward()

    return cpu_seconds(step)


def _explain(method: str, steps: int, features: int, hidden: int = HIDDEN) -> float:
    network, asked = _network(features, hidden), explanation_speed.request(steps, features)
    return cpu_seconds(lambda: explain(network, asked, method))


def _typical(run: Callable[[], object]) -> float:
    run()
    return statistics.median(cpu_seconds(run) for _ in range(7))
