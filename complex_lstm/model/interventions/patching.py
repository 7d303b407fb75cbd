"""Activation patching: a box's value taken from the walk of another window."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.sites import Site, forward_order
from complex_lstm.model.trace import Trace


@dataclass(frozen=True, eq=False)
class Patch:
    """One box has the value that it has in `donor`, the trace of another window or of as many as are computed.

    What the output then has of the donor's has passed through this box (Vig et al. 2020; Meng et al. 2022). Assumes
    windows that differ in what is asked about and in little else. Fails where what comes after reads other boxes too:
    the residual sums pass by, and two halves that never met in training make a third thing. Boxes with time take a
    donor of the same length only; the vectors after pooling take any.
    """

    site: Site
    donor: Trace

    def check(self, config: ModelConfig) -> None:
        _check_there(self.site, config)
        self.donor.at(self.site)

    def replace(
        self, value: Float[Tensor, "batch *shape"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch *shape"]:
        return _given(self.site, self.donor, value, real)


@dataclass(frozen=True, eq=False)
class PatchSteps:
    """One box has at these time steps (of attention: for these queries) the value that it has in `donor`.

    Assumes and fails as Patch does, and assumes that steps of one number belong together in both windows. After a BiLSTM
    block every step knows of every other, so the patched steps are not all that the donor's window has said there.
    """

    site: Site
    donor: Trace
    steps: tuple[int, ...]

    def check(self, config: ModelConfig) -> None:
        _check_there(self.site, config)
        self.donor.at(self.site)
        if not self.site.has_time:
            raise InterventionError(f"{self.site} has no time steps to choose from. Patch it whole.")

    def replace(
        self, value: Float[Tensor, "batch *shape"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch *shape"]:
        time, steps = real.shape[1], list(self.steps)
        if not all(hook in range(time) for hook in steps):
            raise InterventionError(f"The steps to patch at {self.site} are {steps}, expected steps from 0 to {time - 1}.")
        patched = value.clone()
        patched[..., steps, :] = _given(self.site, self.donor, value, real)[..., steps, :]
        return patched


def _check_there(site: Site, config: ModelConfig) -> None:
    sites = forward_order(config.num_lstm_layers)
    if site not in sites:
        raise InterventionError(f"There is no box {site} in this model. It has {', '.join(map(str, sites))}.")


def _given(
    site: Site, donor: Trace, value: Float[Tensor, "batch *shape"], real: Bool[Tensor, "batch time"]
) -> Float[Tensor, "batch *shape"]:
    """Return the donor's value, once for each window.

    Raises:
        ShapeError: it has another length or shape, or does not come from one window or from as many.
    """
    given, ours, theirs = donor.at(site), real.sum(dim=1).tolist(), donor.lengths.tolist()
    if len(theirs) not in (1, len(ours)):
        raise ShapeError(f"The donor has {len(theirs)} windows for {len(ours)}. Take one for all, or as many.")
    if site.has_time and theirs != ours and theirs * len(ours) != ours:
        raise ShapeError(f"{site} is of {ours} time steps, the donor's of {theirs}. Patch between windows of the same length.")
    if given.shape[1:] != value.shape[1:]:
        raise ShapeError(
            f"{site} has shape {tuple(value.shape[1:])} for each window, the donor's {tuple(given.shape[1:])}. "
            f"Take the donor's trace from this model, padded alike."
        )
    return given.to(value).expand_as(value)
