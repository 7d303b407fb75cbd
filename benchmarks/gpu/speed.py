"""Windows a second: against a plain forward pass, and against what the card does in a bare matrix product."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from benchmarks.gpu.report import Row, attempt
from benchmarks.gpu.subjects import Bench, difference, exact_fp32, seconds, short, subject, tf32
from complex_lstm import ComplexLSTMModel

BATCH = 256
AT_MOST = 2**19  # steps of all windows in a pass
GOAL, CLOSE = 2.0, 1e-3

Forward = Callable[[Tensor], Tensor]


def peaks(bench: Bench) -> dict[str, float]:
    """Return what a large matrix product reaches, in TFLOP/s, by the number format."""
    size = 256 if bench.small else 8192
    found = {}
    for name, kind, rounded in (
        ("fp32", torch.float32, False),
        ("tf32", torch.float32, True),
        ("bf16", torch.bfloat16, False),
        ("fp16", torch.float16, False),
    ):
        with tf32(products=rounded, cudnn=rounded):
            left, right = (torch.randn(size, size, device=bench.device).to(kind) for _ in range(2))
            found[name] = 2 * size**3 / seconds(bench, lambda: left @ right, repeats=7) / 1e12  # noqa: B023
    return found


def forward_flops(model: ComplexLSTMModel, steps: int) -> float:
    """Return the operations of a forward pass of one window: two a weight and step, the ensemble once, and attention's two products."""
    config = model.config
    once = sum(value.numel() for name, value in model.named_parameters() if value.ndim > 1 and name.startswith(("output_", "ensemble_")))
    each = sum(value.numel() for value in model.parameters() if value.ndim > 1) - once
    return 2.0 * (each * steps + once + 2 * 2 * steps**2 * config.hidden_dim)


def throughput(bench: Bench) -> Iterator[Row]:
    """Time forward passes of the default model by batch and length, as a share of the card's matrix product."""
    peak = peaks(bench)
    for name, rate in peak.items():
        yield Row("peak", f"matrix product, {name}", rate, "TFLOP/s")
    torch.manual_seed(0)
    model = ComplexLSTMModel(hidden_dim=16 if bench.small else 256).eval().to(bench.device)
    for steps in (20,) if bench.small else (50, 200, 1000):
        for batch in (1, 4) if bench.small else (1, 16, 64, 256, 1024, 4096):
            if batch * steps <= AT_MOST:
                x = torch.randn(batch, steps, model.config.input_dim, device=bench.device)
                for kind in (torch.float32, torch.bfloat16):

                    def row(x: Tensor = x, kind: torch.dtype = kind) -> Row:
                        took = seconds(bench, lambda: _forward(model, x, _cast(bench, kind)), repeats=5)
                        rate = len(x) * forward_flops(model, x.shape[1]) / took / 1e12
                        note = f"{1000 * took:.2f} ms, {rate:.3g} TFLOP/s, {rate / peak[short(kind)]:.1%} of the peak"
                        return Row(
                            "throughput", f"{len(x)} windows of {x.shape[1]} steps, {short(kind)}", len(x) / took, "windows/s", note=note
                        )

                    with exact_fp32():
                        yield attempt("throughput", f"{batch} windows of {steps} steps, {short(kind)}", row)


def against_plain(bench: Bench, trained: Callable[[], tuple[ComplexLSTMModel, Tensor]]) -> Iterator[Row]:
    """Time a batch of 256 windows in several ways against plain fp32, on a shipped model and on a trained one of the default size."""
    shipped = subject("planted_order" if bench.small else "nyc_weather", bench.device)
    yield from _ways(bench, f"{shipped.name}, hidden {shipped.on_cpu.config.hidden_dim}", shipped.on_cpu, shipped.windows(BATCH))
    model, x = trained()
    yield from _ways(bench, f"weather, hidden {model.config.hidden_dim}", model, x)


def _ways(bench: Bench, name: str, on_cpu: ComplexLSTMModel, x: Tensor) -> Iterator[Row]:
    if bench.small:
        x = x[:8]
    with torch.no_grad():
        wanted = on_cpu(x)
    model, there = copy.deepcopy(on_cpu).to(bench.device), x.to(bench.device)
    with exact_fp32():
        base = seconds(bench, lambda: _forward(model, there, nullcontext()), repeats=3 if bench.small else 15)
    yield Row(
        "plain", f"{name}: plain fp32", len(x) / base, "windows/s", note=f"{1000 * base:.2f} ms for {len(x)} windows of {x.shape[1]} steps"
    )
    for what, rounded, kind, whole in (
        ("as PyTorch comes", (False, True), torch.float32, False),
        ("TF32", (True, True), torch.float32, False),
        ("bf16 autocast", (False, False), torch.bfloat16, False),
        ("fp16 autocast", (False, False), torch.float16, False),
        ("all in bf16", (False, False), torch.bfloat16, True),
        ("all in fp16", (False, False), torch.float16, True),
        ("fp32", (False, False), torch.float32, False),
    ):
        for graph in (False, True) if bench.on_gpu else (False,):
            label = f"{name}: {what}{', CUDA graph' if graph else ''}"

            def row(
                label: str = label, rounded: tuple[bool, bool] = rounded, kind: torch.dtype = kind, whole: bool = whole, graph: bool = graph
            ) -> Row:
                with tf32(products=rounded[0], cudnn=rounded[1]):
                    ours = _way(bench, on_cpu, there, kind=kind, whole=whole, graph=graph)
                    apart = difference(ours(there), wanted)
                    took = seconds(bench, lambda: ours(there), repeats=3 if bench.small else 15)
                least = GOAL if graph and apart <= CLOSE else None
                note = f"times as fast as plain; {1000 * took:.2f} ms; difference {apart:.1e}{'' if apart <= CLOSE else ', over 1e-3'}"
                return Row("plain", label, base / took, "times", least=least, note=note)

            yield attempt("plain", label, row)


def _way(bench: Bench, on_cpu: ComplexLSTMModel, x: Tensor, *, kind: torch.dtype, whole: bool, graph: bool) -> Forward:
    """Return a forward pass in this number format: by autocast, or with the whole model in it; as a CUDA graph if wanted."""
    model = copy.deepcopy(on_cpu).to(bench.device, kind if whole else None)

    def run(windows: Tensor) -> Tensor:
        if whole:
            return _forward(model, windows.to(kind), nullcontext())
        return _forward(model, windows, _cast(bench, kind))

    return graphed(run, x) if graph else run


def graphed(run: Forward, x: Tensor) -> Forward:
    """Return the pass as a CUDA graph: recorded once for this shape, then started at one stroke."""
    kept = x.clone()
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            run(kept)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        answer = run(kept)

    def replay(windows: Tensor) -> Tensor:
        kept.copy_(windows)
        graph.replay()
        return answer

    return replay


@torch.no_grad()
def _forward(model: ComplexLSTMModel, x: Tensor, how: AbstractContextManager[None]) -> Tensor:
    with how:
        return model(x)


def _cast(bench: Bench, kind: torch.dtype) -> AbstractContextManager[None]:
    if kind == torch.float32:
        return nullcontext()
    return torch.autocast(bench.device.type, dtype=kind, cache_enabled=False)  # a graph must not keep a cast of the weights
