"""What a report on a model is made of: the model's predictions for a part, and the sections that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import plotly.graph_objects as go

from complex_lstm.data import Dataset
from complex_lstm.data.units import digits
from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.blocks import Interval
from complex_lstm.evaluation.drift import Drift, measure_drift
from complex_lstm.evaluation.limits import Limits, broken_limits
from complex_lstm.evaluation.row_blocks import ComparedRows, compared_rows
from complex_lstm.evaluation.simple_scores import SimpleComparison
from complex_lstm.evaluation.slices import Slice, score_slices
from complex_lstm.facts import TrainingFacts
from complex_lstm.inference import Predictions
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model import BareCheckpoint


@dataclass(frozen=True)
class CheckedModel:
    """A model's predictions for all windows of a part, with all that the report is about; what takes long is worked out once.

    `facts` are what the checkpoint keeps of its training part, where there is something; `fingerprint` is the sha256 of its file;
    `simple` is the model beside simple models, where they were fitted.
    """

    checkpoint: BareCheckpoint
    dataset: Dataset
    part: str
    predictions: Predictions
    model_name: str
    data_name: str
    fingerprint: str
    facts: TrainingFacts | None = None
    limits: Limits = field(default_factory=Limits)
    simple: SimpleComparison | None = None

    @cached_property
    def answered(self) -> AnsweredWindows:
        return answered_windows(self.dataset, self.predictions)

    @cached_property
    def scores(self) -> ClassScores | ValueScores | None:
        return score(self.dataset, self.predictions.chosen, self.predictions.predicted)

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        return score_slices(self.answered)

    @cached_property
    def rows(self) -> ComparedRows:
        return compared_rows(self.dataset, self.part)

    @cached_property
    def drift(self) -> Drift | None:
        return None if self.part in ("training", "this file") else measure_drift(self.dataset, self.part, self.facts, rows=self.rows)

    @property
    def windows(self) -> str:
        """The scored windows in words."""
        return f"{self.scores.windows if self.scores else len(self.predictions.chosen):,} {self.part} windows"

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """The limits that the model breaks, a sentence each."""
        return broken_limits(self.limits, self.scores, self.drift, self.dataset.schema.outputs, self.windows)


@dataclass(frozen=True)
class Figure:
    """A figure with the name of its file of numbers, and a caption that says how it is read and how it misleads."""

    drawn: go.Figure
    name: str
    words: str


@dataclass(frozen=True)
class Section:
    """A section of the report: its title, what was found in a sentence or two, figures, and a table with its heading."""

    title: str
    sentence: str
    figures: tuple[Figure, ...] = ()
    heading: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()


def written(one: Interval, write: Callable[[float], str] = digits) -> str:
    """Return a value with its interval, where there is one, in words."""
    return f"{write(one.value)} ({write(one.low)} to {write(one.high)})" if np.isfinite(one.low) else write(one.value)
