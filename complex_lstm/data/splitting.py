"""Which steps of which series are for training, validation or test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from complex_lstm.config import SplitConfig
from complex_lstm.data.series import Series
from complex_lstm.errors import DataError

Part = Literal["training", "validation", "test", "new", "this file"]  # "this file": what it was to the model is not known


@dataclass(frozen=True)
class Span:
    """The steps start..stop (stop not included) of one series, which belong to one part."""

    series: int
    start: int
    stop: int
    part: Part


def unsplit(series: tuple[Series, ...], part: Part = "new") -> tuple[Span, ...]:
    """Return one span a series, all of one part: new, data that no model here was trained on, or simply this file."""
    return tuple(Span(number, 0, len(one), part) for number, one in enumerate(series))


def split(series: tuple[Series, ...], config: SplitConfig) -> tuple[Span, ...]:
    """Return the spans of the three parts.

    By time: the first of each series for training, then validation, then test. By group or by series: whole ones,
    drawn with the seed; series are drawn within each class, so that each class is trained on.

    Raises:
        DataError: fewer groups or series than parts, or none of them for training.
    """
    if config.kind == "time":
        spans = []
        for number, one in enumerate(series):
            first, second = (round(len(one) * (1 - share)) for share in (config.validation + config.test, config.test))
            bounds: list[tuple[int, int, Part]] = [(0, first, "training"), (first, second, "validation"), (second, len(one), "test")]
            spans += [Span(number, start, stop, part) for start, stop, part in bounds if stop > start]
    else:
        spans = _by_unit(series, config)
    if not any(span.part == "training" for span in spans):
        raise DataError(
            f"Validation {config.validation} and test {config.test} of {len(series)} series by {config.kind} leave nothing to train on. "
            f"Lower the shares, or add data."
        )
    return tuple(spans)


def _by_unit(series: tuple[Series, ...], config: SplitConfig) -> list[Span]:
    units = [one.group if config.kind == "group" else str(number) for number, one in enumerate(series)]
    strata = [str(one.labels[-1]) if config.kind == "series" else "" for one in series]
    wanted = 1 + (config.validation > 0) + (config.test > 0)
    if len(set(units)) < wanted:
        raise DataError(
            f"The data has {len(set(units))} {config.kind}(s), a split by {config.kind} into {wanted} parts needs as many. "
            f"Split by time, or choose another {config.kind} column."
        )
    part_of = _draw(units, strata, config)
    return [Span(number, 0, len(one), part_of[unit]) for number, (one, unit) in enumerate(zip(series, units, strict=True))]


def _draw(units: list[str], strata: list[str], config: SplitConfig) -> dict[str, Part]:
    generator = np.random.default_rng(config.seed)
    order = {unit: rank for rank, unit in enumerate(generator.permutation(sorted(set(units))).tolist())}
    stratum = dict(zip(units, strata, strict=True))
    part_of: dict[str, Part] = {}
    for name in sorted(set(strata)):
        members = sorted((unit for unit in order if stratum[unit] == name), key=order.__getitem__)
        tests, checks = _share(len(members), config.test), _share(len(members), config.validation)
        for place, unit in enumerate(members):
            part_of[unit] = "test" if place < tests else "validation" if place < tests + checks else "training"
    return part_of


def _share(count: int, share: float) -> int:
    """Return how many of `count` units a part gets: at least one if its share is not 0 and there are three or more."""
    return max(round(count * share), 1) if share > 0 and count >= 3 else round(count * share)
