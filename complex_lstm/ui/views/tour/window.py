"""The window that the tour shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float32
from torch import Tensor

from complex_lstm.arithmetic import Derivation, ValueIndex, derive
from complex_lstm.languages import _, spoken
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings


@dataclass(frozen=True)
class TourWindow:
    """A window, the trace of its forward pass, and what is asked about it: which output is explained, against which baseline.

    `known` says which cells are known to decide the output; it has no step where that is not known.
    """

    scene: Scene
    trace: Trace
    choice: ExplanationSettings
    known: Bool[np.ndarray, "known_time feature"]

    @property
    def target(self) -> int:
        """The number of the output that is explained."""
        return self.choice.output

    @property
    def model(self) -> ComplexLSTMModel:
        return self.scene.model

    @property
    def channels(self) -> int:
        return self.model.config.hidden_dim

    @property
    def features(self) -> tuple[str, ...]:
        return self.scene.features

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.scene.outputs

    @cached_property
    def x(self) -> Float32[Tensor, "1 time feature"]:
        """The window as the model sees it, filled and scaled, as a batch of one."""
        return torch.from_numpy(self.scene.inputs)[None]

    @property
    def times(self) -> tuple[str, ...]:
        """The labels of the steps, dates in the language of the page."""
        labels = self.scene.time_labels
        return tuple(map(spoken().dated, labels) if self.scene.times.dtype.kind == "M" else labels)

    @cached_property
    def token(self) -> str:
        """A hash of data, model, window and explained output: an answer to a question counts for these only."""
        return hashlib.sha256(repr((self.scene.keys, self.scene.number, self.target)).encode()).hexdigest()[:10]

    @property
    def whose(self) -> str:
        """Whose the means and deviations of the scaling are, before the word: "the training" mean, "this file's" mean."""
        return {"training": _("the training"), "given": _("the given"), "this file": _("this file's")}[self.scene.dataset.scaled_by]

    @property
    def steps(self) -> int:
        return len(self.scene.times)

    def derive(self, place: ValueIndex) -> Derivation:
        """Return the arithmetic of one value."""
        return derive(self.model, self.trace, self.x, place, features=self.features, outputs=self.outputs)
