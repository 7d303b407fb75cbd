"""What a page shows: the data, the model and the window, and how the data's file is read for the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from complex_lstm.config import DerivedFeature, Roles, Scaling, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, Series, Times
from complex_lstm.model import BareCheckpoint, ComplexLSTMModel
from complex_lstm.model.device import device_name
from complex_lstm.recipe import Fitting

OWN_SCALING = Scaling((), ())  # stands for that of the file itself
AS_IT_IS = Fitting()


@dataclass(frozen=True)
class Setup:
    """How a file is to be read: the columns, windows and split chosen on the Data page, as one value that a link can carry.

    `scaling` is that of a model whose file holds the weights alone, as its owner has given it; empty stands for the file's own.
    `fitting` makes the file fit the open model, and `roles` then has the model's names. `derived` are features made from columns.
    `classes` are such a model's, in the order of its outputs; empty stands for those that the file names.
    """

    roles: Roles
    window: WindowConfig
    split: SplitConfig
    scaling: Scaling = OWN_SCALING
    fitting: Fitting = AS_IT_IS
    derived: tuple[DerivedFeature, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def of_file(self) -> Setup:
        """The same under the names that the columns have in the file, and with nothing converted: what a training on the file reads."""
        if self.fitting == AS_IT_IS:
            return self
        names, roles = {one.wanted: one.found for one in self.fitting.renames}, self.roles
        made = {name for one in self.derived for name in one.names}  # they are features again as soon as they are made
        features = tuple(names.get(one, one) for one in roles.features if one not in made)
        targets = tuple(names.get(one, one) for one in roles.targets)
        series, time, group = (names.get(one, one) for one in (roles.series, roles.time, roles.group))
        derived = tuple(replace(one, column=names.get(one.column, one.column)) for one in self.derived)
        renamed = Roles(features, targets, roles.task, series, time, group)
        return replace(self, roles=renamed, fitting=Fitting(), derived=derived)

    @property
    def given_scaling(self) -> Scaling | None:
        """The scaling that the model's owner has given, None where the file's own is used."""
        return self.scaling if self.scaling.feature_mean else None


@dataclass(frozen=True)
class Scene:
    """The data, the model and the window that a page shows. Its `keys` identify it in caches."""

    keys: tuple[str, str, str, int]
    dataset: Dataset
    checkpoint: BareCheckpoint
    number: int

    @property
    def model(self) -> ComplexLSTMModel:
        return self.checkpoint.model

    @property
    def device(self) -> torch.device:
        """The device of the model, on which everything about the scene is computed."""
        return self.model.gradient_scale.device

    @property
    def device_name(self) -> str:
        return device_name(self.device)

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.dataset.schema.outputs

    @property
    def features(self) -> tuple[str, ...]:
        return self.dataset.schema.roles.features

    @property
    def is_classes(self) -> bool:
        return self.dataset.schema.roles.task == "classes"

    @property
    def temperature(self) -> float:
        """What the logits are divided by before the softmax: 1 where the probabilities are not calibrated, and of values."""
        return self.dataset.scaling.temperature if self.is_classes else 1.0

    @cached_property
    def steps(self) -> slice:
        """The window's steps within its series."""
        windows = self.dataset.windows
        start = int(windows.start[self.number])
        return slice(start, start + int(windows.length[self.number]))

    @property
    def series(self) -> Series:
        """The series that the window is cut from."""
        return self.dataset.series[int(self.dataset.windows.series[self.number])]

    @cached_property
    def times(self) -> Times:
        return self.series.times[self.steps]

    @cached_property
    def time_labels(self) -> list[str]:
        """The times of the window's steps as text."""
        return self.series.labels_at(self.steps)

    @cached_property
    def values(self) -> np.ndarray:
        """The window in the file's units, (time, feature), NaN where a cell is empty."""
        return self.series.values[self.steps]

    @cached_property
    def inputs(self) -> np.ndarray:
        """The window as the model sees it, (time, feature): filled and scaled."""
        return self.dataset.windows.inputs(np.array([self.number]))[0]
