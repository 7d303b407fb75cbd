"""Pooled vectors and ensemble heads silenced, or given other values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from jaxtyping import Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.hooks import SiteContext, check_number
from complex_lstm.model.sites import ENSEMBLE_HEADS, Site

Pool = Literal["mean", "max", "last"]


@dataclass(frozen=True)
class _OfPool:
    """What is done to one of the three pooled vectors."""

    pool: Pool

    @property
    def site(self) -> Site:
        return Site(f"pooled_{self.pool}")

    def check(self, config: ModelConfig) -> None:
        if self.pool not in get_args(Pool):
            raise InterventionError(f"There is no pooled vector {self.pool!r} in this model: it has {', '.join(get_args(Pool))}.")


@dataclass(frozen=True)
class SilencePooled(_OfPool):
    """One of the three pooled vectors is zero.

    Assumes that zero carries no information. Fails because zero is a value like any other: the mean and the last step can
    be near it, the maximum over many steps hardly ever is. ReplacePooled with the mean over many windows is milder.
    """

    def replace(self, value: Float[Tensor, "batch channel"], context: SiteContext) -> Float[Tensor, "batch channel"]:
        return value.new_zeros(value.shape)


@dataclass(frozen=True, eq=False)
class ReplacePooled(_OfPool):
    """One of the three pooled vectors is `vector`, for every window.

    Assumes that the three can be set one by one. Fails where the vector contradicts the other two: no window has a mean
    above its maximum.
    """

    vector: Float[Tensor, " channel"]

    def check(self, config: ModelConfig) -> None:
        super().check(config)
        if self.vector.shape != (config.hidden_dim,):
            raise ShapeError(
                f"The vector in place of {self.site} has shape {tuple(self.vector.shape)}, expected ({config.hidden_dim},): "
                f"one value for each channel."
            )

    def replace(self, value: Float[Tensor, "batch channel"], context: SiteContext) -> Float[Tensor, "batch channel"]:
        return self.vector.to(value).expand_as(value)


@dataclass(frozen=True)
class _OfEnsembleHead:
    """What is done to the outputs of one ensemble head."""

    ensemble_head: int
    site: ClassVar[Site] = Site("ensemble_head_outputs")

    def check(self, config: ModelConfig) -> None:
        check_number("ensemble head", self.ensemble_head, ENSEMBLE_HEADS)


@dataclass(frozen=True)
class SilenceEnsembleHead(_OfEnsembleHead):
    """One ensemble head outputs zero everywhere.

    Assumes that zero is no output. Fails because the combiner reads 0 as a valid logit, or as the training mean of a
    scaled value. An ensemble head whose outputs hardly vary seems important, because its constant is gone as well;
    AverageEnsembleHead keeps it.
    """

    def replace(
        self, value: Float[Tensor, "batch ensemble_head output"], context: SiteContext
    ) -> Float[Tensor, "batch ensemble_head output"]:
        silent = value.clone()
        silent[:, self.ensemble_head] = 0
        return silent


@dataclass(frozen=True, eq=False)
class AverageEnsembleHead(_OfEnsembleHead):
    """One ensemble head outputs for every window its mean over many windows, whose `ensemble_head_outputs` are given.

    Unlike with SilenceEnsembleHead the combiner gets a usual value, and misses only what the ensemble head outputs for
    this window. Assumes that the mean is an output that the ensemble head could give. Fails where it is not, as between
    two sure classes.
    """

    ensemble_head_outputs: Float[Tensor, "window ensemble_head output"]

    def check(self, config: ModelConfig) -> None:
        super().check(config)
        wanted = (ENSEMBLE_HEADS, config.output_dim)
        if self.ensemble_head_outputs.ndim != 3 or self.ensemble_head_outputs.shape[1:] != wanted or not len(self.ensemble_head_outputs):
            raise ShapeError(
                f"The outputs to average have shape {tuple(self.ensemble_head_outputs.shape)}, expected (window, {wanted[0]}, {wanted[1]}) "
                f"with at least one window: as ensemble_head_outputs gives them."
            )

    def replace(
        self, value: Float[Tensor, "batch ensemble_head output"], context: SiteContext
    ) -> Float[Tensor, "batch ensemble_head output"]:
        averaged = value.clone()
        averaged[:, self.ensemble_head] = self.ensemble_head_outputs[:, self.ensemble_head].to(value).mean(dim=0)
        return averaged
