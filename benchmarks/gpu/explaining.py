"""What the page's default comparison of methods takes on the device, against two cores of the same machine."""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import torch

from benchmarks.gpu.report import Row, attempt
from benchmarks.gpu.subjects import CPU, Bench, subject
from complex_lstm import ComplexLSTMModel
from complex_lstm.interpretation import DEFAULTS, METHODS, Explanation, ExplanationRequest, ForwardFunction, agreement
from complex_lstm.interpretation.faithfulness import faithfulness, random_faithfulness
from complex_lstm.interpretation.robustness import infidelity, random_removals
from complex_lstm.model.device import settle_threads, worker_count

GOAL = 10.0
LARGER = (512, 2048)  # windows at once


def comparison(model: ComplexLSTMModel, request: ExplanationRequest, device: torch.device, batch: int = 0) -> None:
    """Compute what the page shows: six methods, their curves, chance, removals, agreement. `batch` windows at once, if given."""

    def forward_func() -> ForwardFunction:
        fresh = ForwardFunction(model, request, device)
        fresh.batch = batch or fresh.batch
        return fresh

    def answer(method: str) -> Explanation:
        ask = forward_func()
        found = METHODS[method].run(ask)
        faithfulness(forward_func(), found)
        return Explanation(method, found, "", ask.evaluations, 0.0, str(device))

    with ThreadPoolExecutor(worker_count(device)) as pool:
        chance = pool.submit(lambda: (random_faithfulness(forward_func()), random_removals(forward_func())))
        found = tuple(pool.map(answer, DEFAULTS))
        removals = chance.result()[1]
    agreement(found, "spearman", "cells")
    for one in found:
        infidelity(one, removals)


def seconds_on_two_cores(model: ComplexLSTMModel, request: ExplanationRequest) -> float:
    """Return what a comparison takes here, with as many threads as are fastest, after some forward passes to warm up."""
    settle_threads(model.config.hidden_dim)
    start = time.perf_counter()
    comparison(model, request, CPU)
    return time.perf_counter() - start


def begin_on_two_cores() -> None:
    """Make a new process one with two cores and no GPU. Call it before torch looks for either."""
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-2:])
    torch.set_num_threads(2)  # torch has counted all cores by now: as many threads on two would stand in each other's way for minutes


def explaining(bench: Bench, two_cores: Executor, trained: Callable[[], tuple[ComplexLSTMModel, ExplanationRequest]]) -> Iterator[Row]:
    """Time a window of a shipped model and of a trained one of the default size."""
    shipped = subject("planted_order" if bench.small else "nyc_weather", bench.device)
    cases = {f"{shipped.name}, hidden {shipped.on_cpu.config.hidden_dim}": (shipped.on_cpu, bench.request(shipped.dataset))}
    if not bench.small:
        model, request = trained()
        cases[f"weather, hidden {model.config.hidden_dim}"] = model, request
    waiting = {name: two_cores.submit(seconds_on_two_cores, *case) for name, case in cases.items()}
    for name, (on_cpu, request) in cases.items():
        model = subject_copy(on_cpu, bench)
        for batch in (0,) if bench.small else (0, *LARGER):

            def row(model: ComplexLSTMModel = model, request: ExplanationRequest = request, batch: int = batch, name: str = name) -> Row:
                return _against(bench, model, request, batch, name, waiting[name])

            yield attempt("explaining", f"{name}, {batch or 'usual'} windows at once", row)
        yield attempt("explaining", f"{name}, each method alone", lambda: _alone(bench, model, request, name))  # noqa: B023


def _against(bench: Bench, model: ComplexLSTMModel, request: ExplanationRequest, batch: int, name: str, waited_for: Future[float]) -> Row:
    taken = []
    for _ in range(1 if bench.small else 3):
        start = time.perf_counter()
        comparison(model, request, bench.device, batch)
        bench.wait()
        taken.append(time.perf_counter() - start)
    on_cpu = waited_for.result(timeout=60)
    note = f"times as fast as two cores: {min(taken):.3f} s against {on_cpu:.2f} s (first time {taken[0]:.3f} s)"
    return Row(
        "explaining",
        f"{name}, {batch or 'usual'} windows at once",
        on_cpu / min(taken),
        "times",
        least=GOAL if bench.on_gpu else None,
        note=note,
    )


def _alone(bench: Bench, model: ComplexLSTMModel, request: ExplanationRequest, name: str) -> Row:
    told, all_of_them = [], 0.0
    for method in METHODS:
        forward_func = ForwardFunction(model, request, bench.device)
        start = time.perf_counter()
        METHODS[method].run(forward_func)
        bench.wait()
        took = time.perf_counter() - start
        told.append(f"{method} {took:.3f} s for {forward_func.evaluations} windows")
        all_of_them += took
    return Row("explaining", f"{name}, each method alone", all_of_them, "s", note=", ".join(told))


def subject_copy(model: ComplexLSTMModel, bench: Bench) -> ComplexLSTMModel:
    """Return the model on the device; the one given stays where it is."""
    copied = ComplexLSTMModel(**vars(model.config)).to(bench.device).eval()
    copied.load_state_dict(model.state_dict())
    return copied
