"""Activation patching: a value taken from the forward pass of another window."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.hooks import SiteContext
from complex_lstm.model.sites import Site, forward_order
from complex_lstm.model.trace import Trace


@dataclass(frozen=True, eq=False)
class Patch:
    """One site has the value that it has in `donor`, the trace of one other window, or of as many as are computed.

    The part of the donor's output that is then restored has passed through this site (Vig et al. 2020; Meng et al. 2022).
    Assumes two windows that differ in the property under study and in little else. Fails where later blocks read other
    sites too: residual sums bypass the site, and the mixture of two windows may be unlike anything in training. Sites
    with a time axis take a donor of the same length only; the vectors after pooling take any.
    """

    site: Site
    donor: Trace

    def check(self, config: ModelConfig) -> None:
        sites = forward_order(config.num_lstm_layers)
        if self.site not in sites:
            raise InterventionError(f"There is no site {self.site} in this model. It has {', '.join(map(str, sites))}.")
        self.donor.at(self.site)

    def replace(self, value: Float[Tensor, " batch *shape"], context: SiteContext) -> Float[Tensor, " batch *shape"]:
        return _donated(self.site, self.donor, value, context.padding_mask)


@dataclass(frozen=True, eq=False)
class PatchSteps(Patch):
    """One site has at these time steps (of attention: for these queries) the value that it has in `donor`.

    Assumes and fails as Patch does, and assumes that steps of one number correspond in both windows. After a BiLSTM
    block every step depends on every other, so the patched steps are not all that the donor's window has contributed.
    """

    steps: tuple[int, ...]

    def check(self, config: ModelConfig) -> None:
        super().check(config)
        if not self.site.has_time:
            raise InterventionError(f"{self.site} has no time steps to choose from. Patch it whole.")

    def replace(self, value: Float[Tensor, " batch *shape"], context: SiteContext) -> Float[Tensor, " batch *shape"]:
        time, steps = context.padding_mask.shape[1], list(self.steps)
        if not all(step in range(time) for step in steps):
            raise InterventionError(f"The steps to patch at {self.site} are {steps}, expected steps from 0 to {time - 1}.")
        patched = value.clone()
        patched[..., steps, :] = _donated(self.site, self.donor, value, context.padding_mask)[..., steps, :]
        return patched


def _donated(
    site: Site, donor: Trace, value: Float[Tensor, " batch *shape"], mask: Bool[Tensor, "batch time"]
) -> Float[Tensor, " batch *shape"]:
    """Return the donor's value, once for each window.

    Raises:
        ShapeError: it has another length or shape, or does not come from one window or from as many.
    """
    donated, ours, theirs = donor.at(site), mask.sum(dim=1).tolist(), donor.lengths.tolist()
    if len(theirs) not in (1, len(ours)):
        raise ShapeError(f"The donor has {len(theirs)} windows for {len(ours)}. Take one for all, or as many.")
    if site.has_time and theirs != ours and theirs * len(ours) != ours:
        raise ShapeError(f"{site} is of {ours} time steps, the donor's of {theirs}. Patch between windows of the same length.")
    if donated.shape[1:] != value.shape[1:]:
        raise ShapeError(
            f"{site} has shape {tuple(value.shape[1:])} for each window, the donor's {tuple(donated.shape[1:])}. "
            f"Take the donor's trace from this model, padded alike."
        )
    return donated.to(value).expand_as(value)
