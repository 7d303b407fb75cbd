"""Searches: settings of the model varied together, each trial's values drawn by one of Optuna's samplers from what the others reached.

A search's folder holds search.json (what is varied around which run), study.log (Optuna's own storage: its dashboard reads it), and
trials/, in which every trial is a run by its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from complex_lstm.config import ModelConfig, to_json
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.runs.atomic_files import PLAN, SEARCH, STUDY, SWEEP, TRIALS, make_folder, read_plan
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.sweep import SWEEPABLE, Varied, check_comparable, trained_alike, value_of
from complex_lstm.settings import from_text

SAMPLERS = ("tpe", "random")


@dataclass(frozen=True)
class SearchPlan:
    """What a search varies around a run, and the sampler that draws the values. The measure is the lowest validation loss."""

    base: Plan
    varied: tuple[Varied, ...]
    sampler: str

    def __post_init__(self) -> None:
        settings = [one.setting for one in self.varied]
        if self.sampler not in SAMPLERS:
            raise ConfigError(f"There is no sampler {self.sampler!r}. Choose among {', '.join(SAMPLERS)}.")
        unknown = [name for name in settings if name not in SWEEPABLE]
        if unknown or not settings:
            raise ConfigError(f"There is no setting {(unknown or [''])[0]!r} to vary. Choose among {', '.join(SWEEPABLE)}.")
        if len(set(settings)) < len(settings):
            raise ConfigError("A setting is varied twice. Give all of its values at once.")
        for one in self.varied:
            for value in one.values:
                from_text(SWEEPABLE[one.setting], value)  # which says what it should be
        if not self.base.split.validation:
            raise ConfigError("A sampler goes by the validation loss, and there is no validation part. Give it a share by --validation.")
        check_comparable(self.base, settings)

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The values of each setting, the base's own among them, as text."""
        return {one.setting: tuple(dict.fromkeys([value_of(self.base.model, one.setting), *one.values])) for one in self.varied}

    def model_of(self, values: Mapping[str, str]) -> ModelConfig:
        """Return the model with all of these values.

        Raises:
            ConfigError: no model can have them together.
        """
        changes: dict[str, Any] = {name: from_text(SWEEPABLE[name], value) for name, value in values.items()}
        return replace(self.base.model, **changes)

    def plan_of(self, number: int, values: Mapping[str, str]) -> Plan:
        """Return the plan of the run that a trial is."""
        return replace(self.base, name=f"{self.base.name}, trial {number}", model=self.model_of(values))

    def is_same(self, other: SearchPlan) -> bool:
        """Whether both vary the same values on the same data by the same sampler, whenever they were made."""
        return replace(self, base=trained_alike(self.base)) == replace(other, base=trained_alike(other.base))


@dataclass(frozen=True)
class Search:
    """A search and its folder."""

    folder: Path
    plan: SearchPlan

    @property
    def study(self) -> Path:
        return self.folder / STUDY

    def place_of(self, number: int) -> Path:
        """Return the folder of a trial; it may not be there yet."""
        return self.folder / TRIALS / f"trial-{number:04d}"


def create_search(folder: Path, plan: SearchPlan) -> Search:
    """Make a folder for a search and return it; where the folder holds the same one, return that.

    Raises:
        TrainingError: the folder holds a run, a sweep or another search, or cannot be written.
    """
    if any((folder / one).exists() for one in (PLAN, SWEEP)):
        raise TrainingError(f"{folder} holds a run or a sweep. Choose another folder for the search.")
    if (folder / SEARCH).exists():
        found = open_search(folder)
        if not found.plan.is_same(plan):
            raise TrainingError(f"{folder} holds a search of other values, settings or data. Choose another folder for this one.")
        return found
    make_folder(folder, SEARCH, to_json(plan))
    return Search(folder, plan)


def open_search(folder: Path) -> Search:
    """Return the search in a folder.

    Raises:
        TrainingError: there is none, or its search.json cannot be read.
    """
    return Search(folder, read_plan(SearchPlan, folder, SEARCH, what="search", start="--data, --folder and --sampler"))
