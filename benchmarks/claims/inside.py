"""What goes on inside the architecture as it is: while it learns, and when it has learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from benchmarks.claims.data import Task, Windows
from benchmarks.claims.training import train
from complex_lstm.interpretation.training_dynamics.head_diversity import specialising
from complex_lstm.interpretation.training_dynamics.settling import settling, third_of
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.runs.snapshots import ProbeSet, Snapshot

LOOKED_AT = 6  # windows, for the attention
EVALUATED = 120  # windows, for the ensemble heads
THIRDS = 3


def watched(model: Any, task: Task, seed: int) -> tuple[Any, dict[str, Any]]:
    """Train a model and return it with how it developed: the loss, the attention and the ensemble heads by third of the run."""
    taken: list[Snapshot] = []
    near, many = part_of(task.scored, LOOKED_AT), part_of(task.scored, EVALUATED)

    def look(step: int) -> None:
        model.eval()
        seen, ends = model.trace(near.x, near.lengths), model.trace(many.x, many.lengths)
        empty = np.zeros((0,), dtype=np.float32)
        heads, outputs = ends.ensemble_head_outputs.numpy(), ends.prediction.numpy()
        taken.append(Snapshot(step, 0, seen.attention.numpy(), empty, empty, heads, outputs, empty, model.gradient_scale.item()))

    trained = train(model, task, seed, look)
    probes = ProbeSet("test", np.arange(len(near.x)), near.lengths.numpy(), np.arange(len(many.x)), many.truth.numpy(), 1, ())
    layers, heads = settling(probes, tuple(taken)), specialising(probes, tuple(taken))
    last = taken[-1].step
    loss = np.interp(np.linspace(0, last, THIRDS + 1), [one.step for one in taken], trained.losses)
    fallen = loss[0] - min(trained.losses)
    course = {
        "loss_fallen": [float((loss[0] - loss[third + 1]) / fallen) for third in range(THIRDS)],
        "attention_settled": [None if one.settled_at is None else third_of(one.settled_at / last) for one in layers],
        "attention_settled_at": [None if one.settled_at is None else one.settled_at / last for one in layers],
        "attention_to_last": [np.interp(np.linspace(0, last, THIRDS + 1), one.steps, one.to_last).tolist() for one in layers],
        "head_distance": np.interp(np.linspace(0, last, THIRDS + 1), heads.steps, heads.distance.mean(axis=1)).tolist(),
        "head_errors_alike": [float(heads.correlation[0].mean()), float(heads.correlation[-1].mean())],
    }
    return trained, course


def part_of(windows: Windows, count: int) -> Windows:
    """Return so many windows, evenly spread, as long as the longest of them."""
    chosen = torch.linspace(0, len(windows.x) - 1, min(count, len(windows.x))).long()
    lengths = windows.lengths[chosen]
    return Windows(windows.x[chosen, : int(lengths.max())], lengths, windows.truth[chosen])


@torch.no_grad()
def looked_into(model: ComplexLSTMModel, task: Task) -> dict[str, Any]:
    """Return numbers of the inside of a trained model on test windows."""
    windows = part_of(task.scored, EVALUATED)
    trace = model.trace(windows.x, windows.lengths)
    real = torch.arange(windows.x.shape[1])[None] < windows.lengths[:, None]
    attention = trace.attention[:, 0]
    heads = attention.shape[1]
    apart = [0.5 * (attention[:, a] - attention[:, b]).abs().sum(-1)[real].mean() for a in range(heads) for b in range(a)]
    steps = torch.arange(attention.shape[-1])
    far = (steps[:, None] - steps[None]).abs() > REACH
    block = trace.lstm[1]
    added = trace.attended[0] - block
    gate = trace.gate[real]
    even = (far[None] * real[:, None, :]).sum(-1)[real] / windows.lengths[:, None].expand_as(real)[real]
    return {
        "silent_share": float((trace.projected[real] == 0).float().mean()),
        "gate_mean": float(gate.mean()),
        "gate_spread_over_inputs": float(gate.std(dim=0).mean()),
        "gate_balanced_share": float(((gate > 0.1) & (gate < 0.9)).float().mean()),
        "attention_heads_apart": float(torch.stack(apart).mean()),
        "attention_far_share": float((attention * far).sum(-1).mean(1)[real].mean()),
        "attention_far_even": float(even.mean()),
        "attention_over_stream": float((added[real].norm(dim=-1) / block[real].norm(dim=-1)).mean()),
        "scale": model.gradient_scale.item(),
        "combiner_varies": combiner_varies(model, trace.ensemble_head_outputs),
        "pools_alike": pools_alike(trace.pooled_mean, trace.pooled_max, trace.pooled_last),
        "position_from_stream": position_found(trace.encoded, windows.lengths),
    }


REACH = 7  # steps that both convolution stages see to either side: 3 of the widest kernel of stage 1, and 4 of stage 2


def combiner_varies(model: ComplexLSTMModel, heads: Float[Tensor, "window ensemble_head output"]) -> float:
    """Return the deviation of the combiner's sensitivity to a head over the windows, as a share of its size."""
    with torch.enable_grad():
        given = heads.flatten(1).clone().requires_grad_()
        model.ensemble_combiner(given).square().sum(1).sqrt().sum().backward()
        assert given.grad is not None
        sizes = given.grad.unflatten(1, heads.shape[1:]).norm(dim=2)  # (window, ensemble_head)
    shares = sizes / sizes.sum(dim=1, keepdim=True)
    return float((shares.std(dim=0) / shares.mean(dim=0)).mean())


def pools_alike(*pools: Float[Tensor, "window channel"]) -> float:
    """Return the mean correlation over the windows between two pools of the same channel, over channels and pairs of pools."""
    scaled = [(one - one.mean(0)) / (one.std(0) + 1e-6) for one in pools]
    return float(np.mean([(scaled[a] * scaled[b]).mean() for a in range(3) for b in range(a)]))


def position_found(encoded: Float[Tensor, "window time channel"], lengths: Tensor) -> float:
    """Return R² of a linear reading of the step's number from the values after the positions were added, on the other half of windows."""
    shortest = int(lengths.min())
    half = len(encoded) // 2
    x, y = encoded[:, :shortest].numpy(), np.tile(np.arange(shortest), (len(encoded), 1))
    fitted = Ridge(1.0).fit(x[:half].reshape(-1, x.shape[2]), y[:half].ravel())
    return float(fitted.score(x[half:].reshape(-1, x.shape[2]), y[half:].ravel()))


@torch.no_grad()
def read_by_depth(model: ComplexLSTMModel, task: Task) -> dict[str, float]:
    """Return how well a linear probe tells the target from the mean of the values after each part: accuracy, or R² of scaled values."""
    learned, scored = part_of(task.learned, 300), part_of(task.scored, 300)
    traces = [model.trace(one.x, one.lengths) for one in (learned, scored)]
    names = {"input_proj": "encoded", "temp_conv1": "conv1", "temp_conv2": "conv2", "fusion_gate": "fused"}
    found = {}

    def mean(values: Tensor, windows: Windows) -> np.ndarray:
        real = (torch.arange(values.shape[1])[None] < windows.lengths[:, None])[..., None]
        return ((values * real).sum(1) / real.sum(1)).numpy()

    places = [(name, lambda trace, site=site: getattr(trace, site)) for name, site in names.items()]
    places += [(f"lstm_blocks.{number}", lambda trace, number=number: trace.lstm[number]) for number in range(len(traces[0].lstm))]
    places += [("attention_layers.0", lambda trace: trace.attended[0])]
    for name, values in places:
        x, other = (mean(values(trace), one) for trace, one in zip(traces, (learned, scored), strict=True))
        probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300) if task.is_classes else Ridge(10.0))
        found[name] = float(probe.fit(x, learned.truth.numpy()).score(other, scored.truth.numpy()))
    return found
