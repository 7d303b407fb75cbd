"""What each component contributes: it is switched off over many windows, and the predictions are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped, never_stop
from complex_lstm.inference import BATCH
from complex_lstm.interpretation.prediction_effects import Effect, measure_effect
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import worker_count
from complex_lstm.model.hooks import ForwardPass, Intervention, record
from complex_lstm.model.interventions import AverageEnsembleHead, ReplacePooled
from complex_lstm.model.interventions.components import Named
from complex_lstm.model.sites import Site

WEIGHTS_AT_ONCE = 2**26  # attention weights of one layer in a forward pass that needs them: 256 MB


@dataclass(frozen=True)
class Contribution:
    """One component, what switched it off, and what the predictions lost by it."""

    name: str
    intervention: Intervention
    effect: Effect


@dataclass(frozen=True)
class Averages:
    """What the pooled vectors and the ensemble heads are over many windows: milder stand-ins than zero.

    pooled  the mean of the pooled mean, maximum and last step
    said    the ensemble heads' outputs for every window
    """

    pooled: Float[torch.Tensor, "3 channel"]
    said: Float[torch.Tensor, "window ensemble_head output"]


def contributions(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    components: Sequence[Named],
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Iterator[Contribution]:
    """Yield what each component contributes to the predictions of the chosen windows, in the order given.

    Each is switched off alone, in a model that was trained with it. A small number does not make it needless: two that
    do the same stand in for each other (Michel et al. 2019).

    Raises:
        InterventionError: a component that the model does not have.
        Stopped: `stop` said so, before one of the forward passes.
    """
    before = outputs_with(model, dataset, chosen, device=device, stop=stop)
    for name, intervention in components:
        after = outputs_with(model, dataset, chosen, (intervention,), device=device, stop=stop)
        yield Contribution(name, intervention, measure_effect(dataset, chosen, before, after))


def outputs_with(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    interventions: Sequence[Intervention] = (),
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Float[np.ndarray, "window output"]:
    """Return the model's own outputs for the chosen windows under interventions, in batches, on the device of the model.

    Raises:
        InterventionError, ShapeError: an intervention that fits the model or the windows not.
        Stopped: `stop` said so, before one of the forward passes.
    """
    device = device or torch.device("cpu")
    size = _batch_size(model, dataset, chosen, interventions)
    batches = [chosen[first : first + size] for first in range(0, len(chosen), size)]

    @torch.no_grad()
    def run(batch: Int[np.ndarray, " batch"]) -> np.ndarray:
        if stop():
            raise Stopped("Stopped before the end. What was done by then is kept.")
        x = torch.from_numpy(dataset.windows.inputs(batch)).to(device)
        return model.intervened(x, torch.from_numpy(dataset.windows.length[batch]), interventions).cpu().numpy()

    with ThreadPoolExecutor(worker_count(device)) as pool:
        return np.concatenate(list(pool.map(run, batches)))


@torch.no_grad()
def average_over(
    model: ComplexLSTMModel, dataset: Dataset, chosen: Int[np.ndarray, " window"], *, device: torch.device | None = None
) -> Averages:
    """Return the averages over the chosen windows, of which there is one or more."""
    kept: dict[str, list[torch.Tensor]] = {name: [] for name in ("pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs")}

    def keep(site: Site, value: torch.Tensor) -> None:
        if site.name in kept:
            kept[site.name].append(value.cpu())

    for first in range(0, len(chosen), BATCH):
        batch = chosen[first : first + BATCH]
        x = torch.from_numpy(dataset.windows.inputs(batch)).to(device or torch.device("cpu"))
        model(x, torch.from_numpy(dataset.windows.length[batch]), ForwardPass(record(keep)))
    mean, largest, last, said = (torch.cat(values) for values in kept.values())
    return Averages(torch.stack([mean.mean(0), largest.mean(0), last.mean(0)]), said)


def averaged_components(averages: Averages) -> tuple[Named, ...]:
    """Return each pooled vector and each ensemble head held at its mean: what is lost is only what it says of this window."""
    pooled = zip(("mean", "maximum", "last step"), ("mean", "max", "last"), averages.pooled, strict=True)
    ensemble_heads = range(averages.said.shape[1])
    return (
        *((f"pooled {name}, held at its average", ReplacePooled(pool, vector)) for name, pool, vector in pooled),  # type: ignore[arg-type]  # a Pool
        *(
            (f"ensemble head {ensemble_head + 1}, held at its average", AverageEnsembleHead(ensemble_head, averages.said))
            for ensemble_head in ensemble_heads
        ),
    )


def _batch_size(
    model: ComplexLSTMModel, dataset: Dataset, chosen: Int[np.ndarray, " window"], interventions: Sequence[Intervention]
) -> int:
    """Return how many windows go through at once. Where attention weights are needed, long windows go in smaller batches."""
    if all(one.site.name != "attention" for one in interventions):
        return BATCH
    longest = int(dataset.windows.length[chosen].max(initial=1))
    return max(1, min(BATCH, WEIGHTS_AT_ONCE // (model.config.num_heads * longest**2)))
