"""Whether the device says what the CPU says: outputs, traces, interventions, explanations, gradients."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.gpu.report import Row, attempt
from benchmarks.gpu.subjects import CPU, OF_UNEQUAL_LENGTHS, Bench, Subject, difference, exact_fp32, seconds, short, subject
from complex_lstm import ComplexLSTMModel
from complex_lstm.interpretation import METHODS, ExplanationRequest, ForwardFunction, conductance
from complex_lstm.interpretation.gradients import gradient_sizes
from complex_lstm.model.device import core_count
from complex_lstm.model.interventions import (
    AverageEnsembleHead,
    ForceGateChannels,
    Patch,
    PatchSteps,
    ReplacePooled,
    component_interventions,
)
from complex_lstm.model.interventions.components import Named
from complex_lstm.model.sites import forward_order

EQUAL = 1e-4  # of the largest size, in fp32
# What 8 digits of bfloat16 or 11 of half precision leave after some 800 steps of the LSTM layers
NEARLY: dict[torch.dtype, float] = {torch.bfloat16: 5e-2, torch.float16: 5e-3}
TF32 = 5e-3
TRACED_NEARLY = 0.1  # a single attention weight, the exponential of a rounded score: 0.054 was measured on an H200
# Of the norm, in bfloat16. Not of ablation, since what one cell does is often less than the rounding, nor of conductance, which
# takes as many steps as it needs to be complete.
EXPLAINED_NEARLY = {method: 0.5 for method in METHODS if method != "ablation"}
INTERVENED = 4  # windows

Found = tuple[float, str]


def outputs(bench: Bench) -> Iterator[Row]:
    """Compare forward passes of equal lengths, in each precision."""
    for one in bench.subjects():
        x = one.windows(8 if bench.small else 256)
        with torch.no_grad():
            wanted = one.on_cpu(x)

        def row(what: str, most: float, one: Subject = one, x: Tensor = x, wanted: Tensor = wanted) -> Row:
            with torch.no_grad():
                return Row("forward", f"{one.name}, {what}", difference(one.on_device(x.to(bench.device)), wanted), most=most)

        with exact_fp32():
            yield attempt("forward", f"{one.name}, fp32", lambda: row("fp32", EQUAL))
        yield attempt("forward", f"{one.name}, as PyTorch comes", lambda: row("as PyTorch comes (TF32 in cuDNN)", TF32))
        for kind, most in NEARLY.items():
            with autocast(bench, kind):
                yield attempt("forward", f"{one.name}, {kind}", lambda: row(f"{short(kind)} autocast", most))  # noqa: B023  # called at once


def lengths(bench: Bench) -> Iterator[Row]:
    """Compare batches of unequal lengths: real ones, and windows cut short, whose padding holds what was there."""
    cut = next(bench.subjects())
    noisy = cut.windows(8 if bench.small else 64)
    shorter = torch.from_numpy(np.random.default_rng(0).integers(1, noisy.shape[1] + 1, len(noisy)))
    vowels = subject(OF_UNEQUAL_LENGTHS, bench.device)
    numbers = vowels.numbers(8 if bench.small else 256)
    real = torch.from_numpy(vowels.dataset.windows.inputs(numbers)), torch.from_numpy(vowels.dataset.windows.length[numbers])
    for one, (x, steps) in ((vowels, real), (cut, (noisy, shorter))):

        def row(what: str, most: float, one: Subject = one, x: Tensor = x, steps: Tensor = steps) -> Row:
            with torch.no_grad():
                wanted = one.on_cpu(x, steps)
                with autocast(bench, torch.bfloat16) if what == "bf16" else nullcontext():
                    apart = difference(one.on_device(x.to(bench.device), steps), wanted)
            return Row("lengths", f"{one.name}, {int(steps.min())} to {int(steps.max())} steps, {what}", apart, most=most)

        with exact_fp32():
            yield attempt("lengths", f"{one.name}, fp32", lambda: row("fp32", EQUAL))
        yield attempt("lengths", f"{one.name}, bf16", lambda: row("bf16", NEARLY[torch.bfloat16]))


def traces(bench: Bench) -> Iterator[Row]:
    """Compare every box of a trace."""
    for one in bench.subjects():
        x = one.windows(4 if bench.small else 32)
        wanted = one.on_cpu.trace(x)
        for what, most, how in _precisions(bench, TRACED_NEARLY):

            def row(one: Subject = one, x: Tensor = x, what: str = what, most: float = most, how: _How = how) -> Row:
                with how():
                    found = one.on_device.trace(x.to(bench.device))
                worst, where = max((difference(found.at(box), wanted.at(box)), str(box)) for box in wanted.sites)  # noqa: B023
                return Row("trace", f"{one.name}, {what}", worst, most=most, note=f"{len(found.sites)} boxes, worst {where}")

            yield attempt("trace", f"{one.name}, {what}", row)


def interventions(bench: Bench) -> Iterator[Row]:
    """Compare the outputs under every intervention, from a plain pass and from a trace."""
    for one in bench.subjects():
        x = one.windows(INTERVENED)
        wanted = [(name, one.on_cpu.intervened(x, None, (change,)).detach()) for name, change in all_interventions(one.on_cpu, x)]
        for what, most, how in _precisions(bench):

            def row(
                one: Subject = one, x: Tensor = x, what: str = what, most: float = most, how: _How = how, wanted: list[_Named] = wanted
            ) -> Row:
                there, apart, kinds = x.to(bench.device), [], set()
                with how(), torch.no_grad():
                    for (name, change), (_, before) in zip(all_interventions(one.on_device, there), wanted, strict=True):
                        kinds.add(type(change).__name__)
                        apart.append((difference(one.on_device.intervened(there, None, (change,)), before), name))
                        apart.append((difference(one.on_device.trace(there, None, (change,)).prediction, before), f"{name}, traced"))
                worst, where = max(apart)
                note = f"{len(wanted)} interventions of {len(kinds)} kinds, worst: {where}"
                return Row("interventions", f"{one.name}, {what}", worst, most=most, note=note)

            yield attempt("interventions", f"{one.name}, {what}", row)


def all_interventions(model: ComplexLSTMModel, x: Tensor) -> tuple[Named, ...]:
    """Return every kind of intervention: all components, the gate's channels, averages, and each box from another window."""
    donor = model.trace(x[:1])
    boxes = forward_order(model.config.num_lstm_layers)
    return (
        *component_interventions(model, uniform=True),
        ("fusion gate, two channels", ForceGateChannels(1.0, (0, 3))),
        ("pooled maximum of another window", ReplacePooled("max", donor.pooled_max[0])),
        ("ensemble head 1 at its average", AverageEnsembleHead(0, model.ensemble_head_outputs(x)[0])),
        *((f"{box} of another window", Patch(box, donor)) for box in boxes),
        *((f"{box} of another window, three steps", PatchSteps(box, donor, (0, 2, 5))) for box in boxes if box.has_time),
    )


def explanations(bench: Bench) -> Iterator[Row]:
    """Compare every method's cells. The CPU answers meanwhile, a method a core."""
    subjects = tuple(bench.subjects())
    with ThreadPoolExecutor(core_count()) as pool:
        wanted = {
            (one.name, method): pool.submit(_cells, one.on_cpu, bench.request(one.dataset), method, CPU)
            for one in subjects
            for method in (*METHODS, "conductance")
        }
        for what, most, how in _precisions(bench):
            for method in (*METHODS, "conductance"):
                wanted_most = most if what == "fp32" else EXPLAINED_NEARLY.get(method)

                def row(what: str = what, most: float | None = wanted_most, how: _How = how, method: str = method) -> Row:
                    apart = []
                    for one in subjects:
                        before, effort = wanted[one.name, method].result()
                        with how():
                            found, now = _cells(one.on_device, bench.request(one.dataset), method, bench.device)
                        shift = difference(found, before) if what == "fp32" else _of_norm(found, before)
                        apart.append((shift, one.name + ("" if effort == now else f" ({now}; CPU {effort})")))
                    worst, where = max(apart)
                    return Row("explanations", f"{method}, {what}", worst, most=most, note=f"worst: {where:.150}")

                yield attempt("explanations", f"{method}, {what}", row)


def _cells(model: ComplexLSTMModel, request: ExplanationRequest, method: str, device: torch.device) -> tuple[np.ndarray, str]:
    forward_func = ForwardFunction(model, request, device)
    if method == "conductance":
        flow = conductance(forward_func)
        return flow.flow, f"{flow.steps} steps"
    found = METHODS[method].run(forward_func)
    return found.cells, "" if method == "consensus" else found.effort


def _of_norm(found: np.ndarray, wanted: np.ndarray) -> float:
    share = float(np.linalg.norm(found - wanted) / max(float(np.linalg.norm(wanted)), 1e-30))
    return share if np.isfinite(share) else float("inf")


def eval_gradients(bench: Bench) -> Iterator[Row]:
    """Show that gradients flow through an LSTM in eval mode, which cuDNN refuses, and that cuDNN is then as it was."""
    one = next(bench.subjects())
    request = bench.request(one.dataset)
    forward_func, there = ForwardFunction(one.on_cpu, request, CPU), ForwardFunction(one.on_device, request, bench.device)

    def plainly() -> Row:
        try:
            x = there.x.clone().requires_grad_()
            with torch.enable_grad():
                one.on_device(x).sum().backward()
            refused = "gradients came"
        except RuntimeError as error:
            refused = f"refused: {error!s:.90}"
        one.on_device.zero_grad(set_to_none=True)
        return Row("gradients", "a plain backward pass in eval mode", float("refused" in refused), note=refused)

    def ours() -> Row:
        with exact_fp32():
            return Row(
                "gradients", "ours", difference(gradient_sizes(there, there.x), gradient_sizes(forward_func, forward_func.x)), most=EQUAL
            )

    def left() -> Row:
        before = _flags()
        gradient_sizes(there, there.x)
        with suppress(IndexError):  # a method that fails must leave them as well
            gradient_sizes(ForwardFunction(one.on_device, replace(request, output=99), bench.device), there.x)
        changed = [name for name, value in _flags().items() if value != before[name]]
        return Row("gradients", "flags of cuDNN that changed", len(changed), most=0, note=", ".join(changed))

    def in_training_mode() -> Row:
        x = one.windows(4 if bench.small else 192).to(bench.device)
        model = copy.deepcopy(one.on_device)
        for part in model.modules():
            if isinstance(part, nn.LSTM):
                part.train().dropout = 0.0
                part.flatten_parameters()
        trained = ForwardFunction(model, request, bench.device)
        there.batch = trained.batch = len(x)
        with exact_fp32():
            apart = difference(_slopes(trained, x), gradient_sizes(there, x))
            ours = seconds(bench, lambda: gradient_sizes(there, x), repeats=5)
            other = seconds(bench, lambda: _slopes(trained, x), repeats=5)
        note = f"times as fast as without cuDNN ({1000 * ours:.1f} ms for {len(x)} windows); difference {apart:.1e}"
        return Row("gradients", "LSTM layers in training mode without dropout, on a copy", ours / other, "times", note=note)

    for what, measure in (
        ("a plain backward pass in eval mode", plainly),
        ("ours", ours),
        ("flags", left),
        ("training mode", in_training_mode),
    ):
        yield attempt("gradients", what, measure)


def _slopes(forward_func: ForwardFunction, x: Tensor) -> np.ndarray:
    followed = x.clone().requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(forward_func(followed).sum(), followed)
    return slope.abs().cpu().numpy()


def _flags() -> dict[str, bool]:
    cudnn = torch.backends.cudnn
    return {name: bool(getattr(cudnn, name)) for name in ("enabled", "benchmark", "deterministic", "allow_tf32")}


_How = Callable[[], AbstractContextManager[None]]
_Named = tuple[str, Tensor]


def _precisions(bench: Bench, nearly: float = NEARLY[torch.bfloat16]) -> tuple[tuple[str, float, _How], ...]:
    return ("fp32", EQUAL, exact_fp32), ("bf16", nearly, lambda: autocast(bench, torch.bfloat16))


def autocast(bench: Bench, kind: torch.dtype) -> AbstractContextManager[None]:
    """Return the mixed precision of this kind on the device."""
    return torch.autocast(bench.device.type, dtype=kind)
