"""Pooled vectors and ensemble heads silenced, or given other values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.hooks import check_number
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

    Assumes that zero is no information. Fails because it is a vector like any other: the mean and the last step can be
    near it, the maximum over many steps hardly ever is. ReplacePooled with the mean over many windows is milder.
    """

    def replace(
        self, value: Float[Tensor, "batch channel"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch channel"]:
        return value.new_zeros(value.shape)


@dataclass(frozen=True, eq=False)
class ReplacePooled(_OfPool):
    """One of the three pooled vectors is `vector`, for every window.

    Assumes that the three can be chosen one by one. Fails where the vector cannot stand beside the other two: no series
    has a mean above its maximum.
    """

    vector: Float[Tensor, " channel"]

    def check(self, config: ModelConfig) -> None:
        super().check(config)
        if self.vector.shape != (config.hidden_dim,):
            raise ShapeError(
                f"The vector in place of {self.site} has shape {tuple(self.vector.shape)}, expected ({config.hidden_dim},): "
                f"one value for each channel."
            )

    def replace(
        self, value: Float[Tensor, "batch channel"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch channel"]:
        return self.vector.to(value).expand_as(value)


@dataclass(frozen=True)
class _OfEnsembleHead:
    """What is done to the outputs of one ensemble head."""

    ensemble_head: int

    @property
    def site(self) -> Site:
        return Site("ensemble_head_outputs")

    def check(self, config: ModelConfig) -> None:
        check_number("ensemble head", self.ensemble_head, ENSEMBLE_HEADS)


@dataclass(frozen=True)
class SilenceEnsembleHead(_OfEnsembleHead):
    """One ensemble head says zero for every output.

    Assumes that zero is saying nothing. Fails because the combiner hears it as an opinion: of a scaled value that it is
    the training mean, of a logit that nothing speaks for the class. A head that always says much the same seems
    important, because that is gone as well; AverageEnsembleHead keeps it.
    """

    def replace(
        self, value: Float[Tensor, "batch ensemble_head output"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch ensemble_head output"]:
        silent = value.clone()
        silent[:, self.ensemble_head] = 0
        return silent


@dataclass(frozen=True, eq=False)
class AverageEnsembleHead(_OfEnsembleHead):
    """One ensemble head says for every window its mean over `said`, the outputs of all heads for many windows.

    Unlike with SilenceEnsembleHead the combiner hears what it is used to, and misses only what the head says of this window.
    Assumes that the mean is something that the head could say. Fails where it is not, as between two sure answers.
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
        self, value: Float[Tensor, "batch ensemble_head output"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch ensemble_head output"]:
        averaged = value.clone()
        averaged[:, self.ensemble_head] = self.ensemble_head_outputs[:, self.ensemble_head].to(value).mean(dim=0)
        return averaged
