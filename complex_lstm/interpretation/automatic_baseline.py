"""The baseline that is taken where none is chosen: the usual one, or where nothing differs from it one that is chosen by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float32, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import never_stop
from complex_lstm.interpretation.clear_baselines import COMPARED
from complex_lstm.interpretation.evidence import least_that_counts, step_of
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.nearest_neighbours import neighbourhood
from complex_lstm.interpretation.requests import USUAL, Baseline, make_request, name_baseline, windows_of_length
from complex_lstm.languages import _, mark
from complex_lstm.model import ComplexLSTMModel

MOST_STEPS = 65_536  # of all windows that are compared: of long ones fewer are
AT_ONCE = 32  # of them, the nearest first
FAR = 2.5  # times the least that counts: half of a probability
NEAREST = {
    "training windows": mark("the nearest training window that is predicted clearly otherwise"),
    "windows of this file": mark("the nearest window of this file that is predicted clearly otherwise"),
}
DRAWN = {
    "training windows": mark("{number} training windows, averaged over"),
    "windows of this file": mark("{number} windows of this file, averaged over"),
}


@dataclass(frozen=True)
class AutomaticBaseline:
    """The baseline of a window for which none is chosen.

    reference  the window that stands in, of the baseline "chosen_window"; 0 of the others
    name       as under a figure, in English
    usual      the name of the usual one
    step       how far the prediction is from that of the usual one, as a share of the least that counts
    pool       the windows that it is of, or drawn from: "training windows", "windows of this file"; "" of the usual one
    drawn      how many are drawn from them
    """

    baseline: Baseline
    reference: int
    name: str
    usual: str
    step: float = 0.0
    pool: str = ""
    drawn: int = 0

    @property
    def why(self) -> str:
        """A sentence on why it is not the usual one, in the language that is written now; "" where it is."""
        if not self.pool:
            return ""
        return _(
            "From {usual} the prediction differs by {step:.0%} of the least that counts, so the baseline was chosen by itself: "
            "{name}, {kind}.",
            usual=_(self.usual),
            step=self.step,
            name=self._window(),
            kind=_(NEAREST[self.pool]) if self.baseline == "chosen_window" else _("from which it differs"),
        )

    @property
    def told(self) -> str:
        """The name in the language that is written now, and that nobody has chosen it."""
        return _("{baseline} (chosen by itself)", baseline=self._window())

    def _window(self) -> str:
        return _("window {number}", number=self.reference) if self.baseline == "chosen_window" else _(DRAWN[self.pool], number=self.drawn)


def usual_baseline(dataset: Dataset) -> AutomaticBaseline:
    """Return the training mean, which is taken wherever it will do."""
    name = name_baseline(dataset, USUAL)
    return AutomaticBaseline(USUAL, 0, name, name)


def usual_will_do(
    model: ComplexLSTMModel, dataset: Dataset, window: int, output: int, *, as_probability: bool = False, device: torch.device | None = None
) -> bool:
    """Return whether the output differs enough from that of the training mean, or is no number: then no other baseline is looked for.

    Raises:
        ExplanationError: there is no such window or output.
    """
    usual = make_request(dataset, window, output, as_probability=as_probability)
    return _step_if_flat(ForwardFunction(model, usual, device or torch.device("cpu"))) is None


@np.errstate(invalid="ignore", over="ignore")  # of windows without a prediction the differences are no numbers, and none counts
def automatic_baseline(
    model: ComplexLSTMModel,
    dataset: Dataset,
    window: int,
    output: int,
    *,
    as_probability: bool = False,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> AutomaticBaseline:
    """Return the training mean, or where the output hardly differs from that of the training mean, another baseline.

    That is the nearest training window (of all windows, where the training part is not known) whose output differs by 2.5 times the least
    that counts, a half in probability; else the one of those compared that differs most, and else draws from these windows, if that
    is enough to count. Where all say the same the training mean stays. An explanation against another window tells the two apart: what
    is in the other window matters as much as what is in this one.

    Raises:
        ExplanationError: there is no such window or output.
        Stopped: `stop` returned True before a forward pass.
    """
    device = device or torch.device("cpu")
    usual = make_request(dataset, window, output, as_probability=as_probability)
    forward_func = ForwardFunction(model, usual, device, stop)
    step = _step_if_flat(forward_func)
    stays = usual_baseline(dataset)
    if step is None:
        return stays
    near = neighbourhood(dataset, window)
    compared = near.nearest(usual.x, max(1, min(COMPARED, MOST_STEPS // len(usual.x))))
    place = nearest_clear(forward_func, lambda chosen: windows_of_length(dataset, compared[chosen], len(usual.x)), len(compared))
    if place is not None:
        return _instead(dataset, "chosen_window", int(compared[place]), step, usual, near.name)
    draws = make_request(dataset, window, output, "training_draws", as_probability=as_probability)
    of_draws = ForwardFunction(model, draws, device, stop)
    if step_of(of_draws, of_draws.gap()) >= 1:
        return _instead(dataset, "training_draws", 0, step, usual, near.name, len(draws.baselines))
    return stays


@np.errstate(invalid="ignore", over="ignore")
def _step_if_flat(forward_func: ForwardFunction) -> float | None:
    """Return by how much of the least that counts the output differs from that of the training mean, None where it differs enough."""
    step = step_of(forward_func, forward_func.gap())
    return step if step < 1 else None  # nor where the output is not a number


def nearest_clear(
    forward_func: ForwardFunction,
    windows: Callable[[Int[np.ndarray, " place"]], Float32[np.ndarray, "place time feature"]],
    count: int,
) -> int | None:
    """Return the place of the first of so many windows, the nearest first, whose output is far from that of the request's window.

    Where none is far it is that of the furthest, None where that is not enough to count.
    """
    least, request = least_that_counts(forward_func), forward_func.request
    of_class = replace(request, as_probability=request.logits or request.as_probability)
    in_units = ForwardFunction(forward_func.model, of_class, forward_func.device, forward_func.stop)
    intact, best, found = in_units.outputs(in_units.x)[0], 0.0, None
    for first in range(0, count if least else 0, AT_ONCE):
        places = np.arange(first, min(first + AT_ONCE, count))
        differences = in_units.outputs(torch.from_numpy(windows(places)).to(in_units.device)) - intact
        steps = np.nan_to_num(np.abs(differences) / least, posinf=0)
        if (steps >= FAR).any():
            return int(places[int((steps >= FAR).argmax())])
        if steps.max() > best:
            best, found = float(steps.max()), int(places[int(steps.argmax())])
    return found if best >= 1 else None


def _instead(
    dataset: Dataset, baseline: Baseline, reference: int, step: float, usual: ExplanationRequest, pool: str, drawn: int = 0
) -> AutomaticBaseline:
    name = name_baseline(dataset, baseline, reference)
    return AutomaticBaseline(baseline, reference, f"{name} (chosen by itself)", usual.baseline_name, step, pool, drawn)


def automatic_request(
    model: ComplexLSTMModel, dataset: Dataset, window: int, output: int, *, as_probability: bool = False
) -> ExplanationRequest:
    """Return the request to explain an output against the baseline that `automatic_baseline` finds, on the CPU.

    Raises:
        ExplanationError: there is no such window or output.
    """
    found = automatic_baseline(model, dataset, window, output, as_probability=as_probability)
    return request_against(dataset, window, output, found, as_probability=as_probability)


def request_against(
    dataset: Dataset, window: int, output: int, automatic: AutomaticBaseline, *, as_probability: bool = False
) -> ExplanationRequest:
    """Return the request to explain an output against the baseline that was chosen by itself, which names it so."""
    found = make_request(dataset, window, output, automatic.baseline, as_probability=as_probability, reference=automatic.reference)
    return replace(found, baseline_name=automatic.name)
