"""What the components of a model contribute to its predictions.

Any component: it is switched off over many windows, and the predictions are compared. The ensemble heads also: how far
they are apart, and how the combiner weighs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import InterventionError, never_stop
from complex_lstm.inference import window_tensors
from complex_lstm.interpretation.prediction_effects import Effect, measure_effect
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.batching import BATCH, map_batches
from complex_lstm.model.device import worker_count
from complex_lstm.model.hooks import ForwardPass, Intervention, record
from complex_lstm.model.interventions import AverageEnsembleHead, ReplacePooled
from complex_lstm.model.interventions.components import Named

WEIGHTS_AT_ONCE = 2**26  # attention weights of one layer in a forward pass that needs them: 256 MB


@dataclass(frozen=True)
class Contribution:
    """One component, the intervention that switched it off, and the effect on the predictions."""

    name: str
    intervention: Intervention
    effect: Effect


@dataclass(frozen=True)
class Averages:
    """Averages over many windows, which change less than zeros do when they stand in for a value.

    pooled                 the mean of the pooled mean, maximum and last step
    ensemble_head_outputs  the ensemble heads' outputs for every window, or their mean alone
    windows                how many were averaged: those of which all of these are finite numbers
    """

    pooled: Float[torch.Tensor, "3 channel"]
    ensemble_head_outputs: Float[torch.Tensor, "window ensemble_head output"]
    windows: int

    @property
    def of_mean_outputs(self) -> Averages:
        """The same with the mean of the ensemble heads' outputs alone, which is what they are held at: as large for any windows."""
        return replace(self, ensemble_head_outputs=self.ensemble_head_outputs.mean(0, keepdim=True))


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
        Stopped: `stop` returned True, before one of the forward passes.
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
    """Return the model's own outputs (logits, or scaled values) for the chosen windows under interventions.

    Where attention weights are needed, which fused attention never holds, long windows go in smaller batches.

    Raises:
        InterventionError, ShapeError: an intervention that does not fit the model or the windows.
        Stopped: `stop` returned True, before one of the forward passes.
    """
    device, size = device or torch.device("cpu"), BATCH
    if any(one.site.name == "attention" for one in interventions):
        longest = int(dataset.windows.length[chosen].max(initial=1))
        size = max(1, min(BATCH, WEIGHTS_AT_ONCE // (model.config.num_heads * longest**2)))

    def run(batch: Int[np.ndarray, " batch"]) -> Float[np.ndarray, "batch output"]:
        return model.intervened(*window_tensors(dataset, batch, device), interventions).cpu().numpy()

    return np.concatenate(map_batches(run, chosen, size=size, workers=worker_count(device), stop=stop))


def average_over(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Averages:
    """Return the averages over the chosen windows, of which there is one or more. Those whose values are no finite numbers are left out.

    Where all are, `windows` is 0 and the averages are not numbers.

    Raises:
        Stopped: `stop` returned True, before one of the forward passes.
    """
    device = device or torch.device("cpu")
    names = ("pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs")

    def run(batch: Int[np.ndarray, " batch"]) -> list[torch.Tensor]:
        recorded: dict[str, torch.Tensor] = {}
        model(*window_tensors(dataset, batch, device), ForwardPass(record(lambda site, value: recorded.__setitem__(site.name, value))))
        return [recorded[name].cpu() for name in names]

    kept = map_batches(run, chosen, workers=worker_count(device), stop=stop)
    found = [torch.cat(parts) for parts in zip(*kept, strict=True)]
    finite = torch.stack([values.flatten(1).isfinite().all(1) for values in found]).all(0)
    *pooled, ensemble_head_outputs = (values[finite] for values in found)
    return Averages(torch.stack([values.mean(0) for values in pooled]), ensemble_head_outputs, int(finite.sum()))


def joined_averages(parts: Sequence[Averages]) -> Averages:
    """Return the averages over the windows of all parts, with the mean of the ensemble heads' outputs alone.

    Raises:
        InterventionError: no part has a window whose values are finite numbers.
    """
    known = [one.of_mean_outputs for one in parts if one.windows]
    if not known:
        raise InterventionError("The model gives finite numbers for none of the windows, so there is no average to hold a part at.")
    weights = torch.tensor([one.windows for one in known], dtype=torch.float64)
    weights = weights / weights.sum()

    def mean(values: list[torch.Tensor]) -> torch.Tensor:
        return torch.tensordot(weights, torch.stack(values).double(), dims=1).float()

    pooled, outputs = mean([one.pooled for one in known]), mean([one.ensemble_head_outputs for one in known])
    return Averages(pooled, outputs, sum(one.windows for one in known))


def averaged_components(averages: Averages) -> tuple[Named, ...]:
    """Return interventions that hold each pooled vector and each ensemble head at its mean.

    What is lost then is the component's information on the window at hand, not its usual level.
    """
    mean, largest, last = averages.pooled
    pooled: tuple[Named, ...] = (
        ("pooled mean, held at its average", ReplacePooled("mean", mean)),
        ("pooled maximum, held at its average", ReplacePooled("max", largest)),
        ("pooled last step, held at its average", ReplacePooled("last", last)),
    )
    outputs = averages.ensemble_head_outputs
    return *pooled, *(
        (f"ensemble head {head + 1}, held at its average", AverageEnsembleHead(head, outputs)) for head in range(outputs.shape[1])
    )


def disagreement(ensemble_head_outputs: Float[np.ndarray, "window ensemble_head output"]) -> Float[np.ndarray, " window"]:
    """Return how far the ensemble heads are apart: the standard deviation over them, averaged over the outputs.

    Only the combined output is trained. The heads may differ because they are unsure, or because the combiner uses
    each for something else; the number does not distinguish the two.
    """
    return ensemble_head_outputs.std(axis=1).mean(axis=-1)


def combiner_sensitivity(
    model: ComplexLSTMModel, ensemble_head_outputs: Float[np.ndarray, "ensemble_head output"]
) -> Float[np.ndarray, "output ensemble_head output"]:
    """Return d prediction / d (output of an ensemble head) at this window: how the combiner weighs the heads here.

    The combiner has a ReLU inside, so at another window the weights can be others.
    """

    def combine(outputs: Float[torch.Tensor, "ensemble_head output"]) -> Float[torch.Tensor, " output"]:
        return model.ensemble_combiner(outputs.flatten()) * model.gradient_scale

    outputs = torch.from_numpy(ensemble_head_outputs).to(model.gradient_scale.device)
    return torch.func.jacrev(combine)(outputs).detach().cpu().numpy()
