"""What may happen at each site of a forward pass: nothing, a value is recorded, or an intervention puts another in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError
from complex_lstm.model.sites import ALL_BLOCKS, ActiveBlocks, Site, forward_order

# Given a site, its value, and what goes on if its block is skipped (None where it cannot be), returns the value that goes on.
Hook = Callable[[Site, Tensor, Tensor | None], Tensor]
# Given the site of an attention layer's weights, what its heads take by them, and the values they take from, returns what goes on.
HeadHook = Callable[[Site, Tensor, Tensor], Tensor]


class ForwardPass:
    """One pass through the model: the hooks that are called at its sites, and the blocks that it goes through.

    It is given to one call of the model. The model keeps nothing of it, so that callers in several threads share a
    model without noticing each other.

    With `attention_weights` the attention layers compute their weights as values of their own, which makes them a site
    (`attention`); without, they run fused, and no (query, key) matrix is ever in memory. What changes weights acts there on
    what the heads take instead (`on_heads`).
    """

    def __init__(
        self, *hooks: Hook, blocks: ActiveBlocks = ALL_BLOCKS, attention_weights: bool = False, on_heads: HeadHook | None = None
    ) -> None:
        self.hooks = hooks
        self.blocks = blocks
        self.attention_weights = attention_weights
        self.on_heads = on_heads
        self._visits: Counter[str] = Counter()

    def at(self, name: str, value: Tensor, skip: Tensor | None = None) -> Tensor:
        """Return the value that goes on from a site. The sites of one name are numbered in the order of the pass.

        `skip` is what goes on if the block at this site is skipped: its input, where that is of the same kind.
        """
        if not self.hooks:
            return value
        site = Site(name, self._visits[name])
        self._visits[name] += 1
        for hook in self.hooks:
            value = hook(site, value, skip)
        return value

    def at_heads(self, taken: Tensor, values: Tensor) -> Tensor:
        """Return what goes on in place of what the heads of an attention layer take from the values, where no weights are there."""
        if self.on_heads is None:
            return taken
        site = Site("attention", self._visits["attention"])
        self._visits["attention"] += 1
        return self.on_heads(site, taken, values)


PLAIN = ForwardPass()


def record(to: Callable[[Site, Tensor], None]) -> Hook:
    """Return the hook that hands each site and its value to a function, and changes nothing."""

    def hook(site: Site, value: Tensor, skip: Tensor | None) -> Tensor:
        to(site, value)
        return value

    return hook


@dataclass(frozen=True)
class SiteContext:
    """What an intervention is given beside the value at its site. The padding mask is True at the steps that are no padding."""

    site: Site
    padding_mask: Bool[Tensor, "batch time"]
    skip: Tensor | None

    @property
    def block_input(self) -> Tensor:
        """What came into the block at this site.

        Raises:
            InterventionError: the block cannot be skipped, because its input is of another kind than its output.
        """
        if self.skip is None:
            raise InterventionError(f"Nothing can go on in place of {self.site}: skip the positions, a BiLSTM block or an attention layer.")
        return self.skip


@runtime_checkable
class Intervention(Protocol):
    """One change at one site of a forward pass: a small frozen value that is given to the pass, never a change to the model."""

    @property
    def site(self) -> Site:
        """Where it acts."""

    def check(self, config: ModelConfig) -> None:
        """Raise an InterventionError if a model of this config has no such site."""

    def replace(self, value: Float[Tensor, " batch *shape"], context: SiteContext) -> Float[Tensor, " batch *shape"]:
        """Return what goes on in place of the value at the site."""


def apply_interventions(interventions: Sequence[Intervention], padding_mask: Bool[Tensor, "batch time"]) -> Hook:
    """Return the hook by which interventions act, each at its site. Several at one site act in the order given."""

    def hook(site: Site, value: Tensor, skip: Tensor | None) -> Tensor:
        for one in interventions:
            if one.site == site:
                value = one.replace(value, SiteContext(site, padding_mask, skip))
        return value

    return hook


@runtime_checkable
class AttentionIntervention(Intervention, Protocol):
    """A change to attention weights whose effect on what the heads take is known without the weights."""

    def replace_taken(
        self,
        taken: Float[Tensor, "batch head time channel_of_head"],
        values: Float[Tensor, "batch head time channel_of_head"],
        padding_mask: Bool[Tensor, "batch time"],
    ) -> Float[Tensor, "batch head time channel_of_head"]:
        """Return what the heads take under the changed weights."""


def apply_to_heads(interventions: Sequence[Intervention], padding_mask: Bool[Tensor, "batch time"]) -> HeadHook:
    """Return the hook by which changes to attention weights act where the weights are never made.

    Raises:
        InterventionError: from the hook, where one of them needs the weights themselves, as patching does.
    """

    def hook(site: Site, taken: Tensor, values: Tensor) -> Tensor:
        for one in interventions:
            if one.site != site:
                continue
            if not isinstance(one, AttentionIntervention):
                raise InterventionError(
                    f"{type(one).__name__} at {site} needs all attention weights of the window, which is too long for them to be held. "
                    f"Patch {Site('attended', site.number)}, what the layer adds, or a shorter window."
                )
            taken = one.replace_taken(taken, values, padding_mask)
        return taken

    return hook


def check_site(what: str, site: Site, config: ModelConfig) -> None:
    """Raise an InterventionError if a model of this config has no such site; `what` names what its number counts."""
    check_number(what, site.number, sum(one.name == site.name for one in forward_order(config.num_lstm_layers)))


def check_number(what: str, number: int, count: int) -> None:
    """Raise an InterventionError if a number does not count one of so many things, from 0."""
    if number not in range(count):
        there = f"it has {count}, numbered from 0 to {count - 1}" if count else "it has none"
        raise InterventionError(f"There is no {what} {number} in this model: {there}.")
