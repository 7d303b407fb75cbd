"""`python -m benchmarks.gpu [--device cpu|cuda] [--small] [--seconds 330] [--out gpu.json]`"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import platform
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu import equality, speed, training
from benchmarks.gpu.explaining import begin_on_two_cores, explaining
from benchmarks.gpu.report import Report, Row
from benchmarks.gpu.subjects import Bench
from complex_lstm.model.device import core_count, device_name, pick_device

HUNG = 150  # seconds after the time is up until a section that hangs is ended, with a traceback


class AtOnce(Executor):
    """Does in this process, and before it goes on, what it is given."""

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(task(*arguments, **named))
        return done


def sections(bench: Bench, two_cores: Executor) -> dict[str, Callable[[], Iterator[Row]]]:
    """Return what is measured, the most wanted first: whatever there is no time for is left out."""
    trained = training.Trained(bench)
    return {
        "forward": partial(equality.outputs, bench),
        "lengths": partial(equality.lengths, bench),
        "trace": partial(equality.traces, bench),
        "interventions": partial(equality.interventions, bench),
        "gradients": partial(equality.eval_gradients, bench),
        "training": partial(training.like_the_cpu, bench, two_cores),
        "explanations": partial(equality.explanations, bench),
        "plain": partial(speed.against_plain, bench, trained.with_windows),
        "explaining": partial(explaining, bench, two_cores, trained.with_question),
        "memory": partial(training.memory, bench),
        "bare loop": partial(training.against_bare_loop, bench),
        "throughput": partial(speed.throughput, bench),
        "two processes": partial(training.two_cards, bench),
    }


def measure(bench: Bench, out: Path | None, seconds: float) -> Report:
    """Return the report of all sections."""
    report = Report(out, _setting(bench.device), seconds)
    with _two_cores(bench) as two_cores:
        for name, section in sections(bench, two_cores).items():
            report.run(name, section)
    return report


def _two_cores(bench: Bench) -> Executor:
    """Return where the CPU's share is computed: another process, or this one if small."""
    if bench.small:
        return AtOnce()
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=begin_on_two_cores)


def _setting(device: torch.device) -> dict[str, str]:
    cudnn = str(torch.backends.cudnn.version()) if device.type == "cuda" else "none"
    return {
        "device": device_name(device),
        "cards": str(torch.cuda.device_count()),
        "torch": torch.__version__,
        "cudnn": cudnn,
        "python": platform.python_version(),
        "cores": str(core_count()),
    }


def main(arguments: Sequence[str]) -> int:
    """Measure, and return how many figures are not what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description="The model on a GPU against the CPU.")
    parser.add_argument("--device", choices=("cpu", "cuda"), default=pick_device().type)
    parser.add_argument("--small", action="store_true", help="go through all sections in seconds, to try them out")
    parser.add_argument("--seconds", type=float, default=330, help="begin no section after so many")
    parser.add_argument("--out", type=Path, help="write the rows there as JSON")
    chosen = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1 if chosen.small else min(4, core_count()))
    faulthandler.dump_traceback_later(chosen.seconds + HUNG, exit=True)
    report = measure(Bench(torch.device(chosen.device), chosen.small), chosen.out, chosen.seconds)
    faulthandler.cancel_dump_traceback_later()
    missed = [row for row in report.rows if row.verdict == "NO"]
    print(f"\n{report.setting}\n{report.elapsed:.0f} s, {len(report.rows)} rows, {len(missed)} not as asked for")
    print("seconds: " + ", ".join(f"{name} {took:.1f}" for name, took in report.took.items()))
    print("\n".join(sorted(report.warned)))
    return len(missed)


if __name__ == "__main__":
    main(sys.argv[1:])
