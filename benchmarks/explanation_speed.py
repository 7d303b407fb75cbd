"""Explanations against the plain way to compute them: `python -m benchmarks.explanation_speed`."""

from __future__ import annotations

import itertools
import math
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from captum.attr import FeatureAblation
from torch import Tensor

from benchmarks.measure import HEADER, Ratio, compare
from complex_lstm import ComplexLSTMModel
from complex_lstm.interpretation import DEFAULTS, ExplanationRequest, ForwardFunction, ablate_features, explain
from complex_lstm.interpretation.ablation import ablation
from complex_lstm.interpretation.agreement import agreement
from complex_lstm.interpretation.cost import expected_passes
from complex_lstm.interpretation.explanation import Explanation
from complex_lstm.interpretation.faithfulness import faithfulness, random_faithfulness
from complex_lstm.interpretation.robustness import infidelity, random_removals
from complex_lstm.interpretation.shapley import exact_values
from complex_lstm.model.device import core_count, pick_device, settle_threads, worker_count

STEPS, FEATURES, HIDDEN = 50, 9, 64
LONG, WIDE = 512, 20  # a large window, which is explained from coarse to fine


def request(steps: int = STEPS, features: int = FEATURES) -> ExplanationRequest:
    """Return a question about a window of noise; what a method costs does not hang on what is in the window."""
    random = np.random.default_rng(0)
    x = random.standard_normal((steps, features)).astype(np.float32)
    draws = random.standard_normal((32, steps, features)).astype(np.float32)
    return ExplanationRequest(x, np.zeros((1, steps, features), dtype=np.float32), draws, output=0)


def plain_shapley(model: ComplexLSTMModel, x: Tensor) -> list[float]:
    """The textbook's sum, one forward pass a coalition, each asked once."""
    worth = {}
    with torch.no_grad():
        for size in range(FEATURES + 1):
            for coalition in itertools.combinations(range(FEATURES), size):
                kept = torch.zeros_like(x)
                kept[..., list(coalition)] = x[..., list(coalition)]
                worth[frozenset(coalition)] = float(model(kept)[0, 0])
    values = []
    for feature in range(FEATURES):
        without = [one for one in worth if feature not in one]
        weights = [math.factorial(len(one)) * math.factorial(FEATURES - len(one) - 1) / math.factorial(FEATURES) for one in without]
        values.append(sum(weight * (worth[one | {feature}] - worth[one]) for weight, one in zip(weights, without, strict=True)))
    return values


def captum_cells(model: ComplexLSTMModel, x: Tensor) -> Tensor:
    """Captum's ablation of every cell as it comes: one evaluation a pass."""
    with torch.no_grad():
        return FeatureAblation(lambda windows: model(windows)[:, 0]).attribute(x)


def comparison(model: ComplexLSTMModel, asked: ExplanationRequest) -> tuple[Explanation, ...]:
    """Compute what the page's default comparison shows: six methods, their faithfulness, chance, and the agreement."""
    device = pick_device()

    def answer(method: str) -> Explanation:
        found = explain(model, asked, method, device=device)
        faithfulness(ForwardFunction(model, asked, device), found.attribution)
        return found

    with ThreadPoolExecutor(worker_count(device)) as pool:
        chance = pool.submit(
            lambda: (random_faithfulness(ForwardFunction(model, asked, device)), random_removals(ForwardFunction(model, asked, device)))
        )
        longest_first = sorted(DEFAULTS, key=lambda method: -expected_passes(method, asked))
        found = tuple(pool.map(answer, longest_first))
        removals = chance.result()[1]
    agreement(found, "spearman", "cells")
    for one in found:
        infidelity(one, removals)
    return found


def ratios() -> list[Ratio]:
    """Return the rows of what there is a plain way for."""
    torch.manual_seed(0)
    model, asked = ComplexLSTMModel(FEATURES, HIDDEN).eval(), request()
    x = torch.from_numpy(asked.x)[None]

    def ours() -> ForwardFunction:
        return ForwardFunction(model, asked, torch.device("cpu"))

    return [
        compare(
            "exact Shapley, 512 coalitions: one by one / ours", lambda: plain_shapley(model, x), lambda: exact_values(ours()), rounds=5
        ),
        compare("ablation of every cell: Captum as it comes / ours", lambda: captum_cells(model, x), lambda: ablation(ours()), rounds=5),
        compare(
            "ablation of the features alone: Captum as it comes / ours", lambda: _captum_columns(model, x), lambda: ablate_features(ours())
        ),
    ]


def _captum_columns(model: ComplexLSTMModel, x: Tensor) -> Tensor:
    columns = torch.arange(FEATURES).expand(1, STEPS, FEATURES)
    with torch.no_grad():
        return FeatureAblation(lambda windows: model(windows)[:, 0]).attribute(x, feature_mask=columns)


if __name__ == "__main__":
    threads = settle_threads(HIDDEN)
    print(f"{STEPS} steps, {FEATURES} features, hidden {HIDDEN}, {core_count()} cores, threads each: {threads}\n\n{HEADER}")
    for row in ratios():
        print(row.row, flush=True)
    for steps, features in ((STEPS, FEATURES), (LONG, WIDE)):
        torch.manual_seed(0)
        network, asked = ComplexLSTMModel(features, HIDDEN).eval(), request(steps, features)
        explain(network, asked, "input_x_gradient")  # what a first pass costs once
        start, of_process = time.perf_counter(), time.process_time()
        answers = comparison(network, asked)
        seconds, of_process = time.perf_counter() - start, time.process_time() - of_process
        print(f"\nThe default comparison of {steps} steps and {features} features: {seconds:.1f} s, of the CPU {of_process:.1f} s. Alone:")
        for one in answers:
            print(f"{one.method}: {one.seconds:.2f} s, {one.evaluations} evaluations; {one.attribution.effort}")
