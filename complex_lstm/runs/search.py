"""Searches: settings of the model varied together, each trial's values drawn by one of Optuna's samplers from what the others reached.

A search's folder holds search.json (what is varied around which run), status.json (its process and how far it is), log.txt, study.log
(Optuna's own storage: its dashboard reads it), and trials/, in which every trial is a run by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from complex_lstm.config import ModelConfig, to_json
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.runs.atomic_files import (
    PLAN,
    SEARCH,
    STUDY,
    SWEEP,
    TRIALS,
    Unreadable,
    atomic_write,
    make_folder,
    read_plan,
    readable,
    without_plan,
)
from complex_lstm.runs.folder import Run, disk_errors, open_run
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.sensitivity import LOWEST_LOSS, score_of
from complex_lstm.runs.status import read_status, status_now, write_status
from complex_lstm.runs.sweep import SWEEPABLE, Sweep, TrialFolder, Varied, check_comparable, made_now, open_sweep, trained_alike, value_of
from complex_lstm.settings import from_text

SAMPLERS = ("tpe", "random")


@dataclass(frozen=True)
class SearchPlan:
    """What a search varies around a run, the sampler that draws the values, and how many trials it has. It seeks the lowest loss."""

    base: Plan
    varied: tuple[Varied, ...]
    sampler: str
    trials: int = 20

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

        if self.trials < 1:
            raise ConfigError(f"A search of {self.trials} trials finds nothing. Give it one or more.")

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The values of each setting, the base's own among them, as text."""
        return {one.setting: tuple(dict.fromkeys([value_of(self.base.model, one.setting), *one.values])) for one in self.varied}

    @property
    def hidden_dim(self) -> int:
        """The hidden channels of the largest model."""
        return max(map(int, self.choices.get("hidden_dim", ())), default=self.base.model.hidden_dim)

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
        """Whether both vary the same values on the same data by the same sampler, whenever they were made and however many trials."""
        return replace(self, base=trained_alike(self.base), trials=1) == replace(other, base=trained_alike(other.base), trials=1)


def make_search(base: Plan, varied: tuple[Varied, ...], sampler: str, *, trials: int, command: str = "") -> SearchPlan:
    """Return the plan of a search around a run's plan, made now. Its trials take no snapshots, which no page shows of a trial.

    Raises:
        ConfigError: a value of another type, nothing to vary, or no validation part.
    """
    return SearchPlan(made_now(base, command), varied, sampler, trials)


@dataclass(frozen=True)
class Tried:
    """A trial that has ended: its number, the values that were drawn, and its lowest validation loss, NaN where it has none."""

    number: int
    values: dict[str, str]
    loss: float
    run: Run


class Search(TrialFolder[SearchPlan]):
    """A search in its folder."""

    @property
    def study(self) -> Path:
        return self.folder / STUDY

    def place_of(self, number: int) -> Path:
        """Return the folder of a trial; it may not be there yet."""
        return self.folder / TRIALS / f"trial-{number:04d}"

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The trials that have ended, in the order of their numbers; whether they count is the storage's to say."""
        ended = [run for run in self.runs if run.status.state in ("done", "failed")]
        return tuple(Tried(int(run.key.rsplit("-", 1)[-1]), self._values(run), score_of(run, LOWEST_LOSS), run) for run in ended)

    def _values(self, run: Run) -> dict[str, str]:
        return {name: value_of(run.plan.model, name) for name in self.plan.choices}


def best_first(tried: Iterable[Tried]) -> list[Tried]:
    """Return trials by their loss, the lowest first, and those without one last."""
    return sorted(tried, key=lambda one: (np.isnan(one.loss), one.loss))


def create_search(folder: Path, plan: SearchPlan) -> Search:
    """Make a folder for a search and return it; where the folder holds the same one, return that, with as many trials as this plan has.

    Raises:
        TrainingError: the folder holds a run, a sweep or another search, or cannot be written.
    """
    if any((folder / one).exists() for one in (PLAN, SWEEP)):
        raise TrainingError(f"{folder} holds a run or a sweep. Choose another folder for the search.")
    if (folder / SEARCH).exists():
        found = open_search(folder)
        if not found.plan.is_same(plan):
            raise TrainingError(f"{folder} holds a search of other values, settings or data. Choose another folder for this one.")
        return with_trials(found, plan.trials)
    make_folder(folder, SEARCH, to_json(plan))
    return Search(folder, plan, read_status(folder))


def with_trials(search: Search, trials: int) -> Search:
    """Return a search that has so many trials in all: one that was done goes on where these are more.

    Raises:
        TrainingError: its folder cannot be written.
    """
    if trials == search.plan.trials:
        return search
    plan, status = replace(search.plan, trials=trials), search.status
    with disk_errors("The search cannot be changed", search.folder):
        atomic_write(search.folder / SEARCH, to_json(plan))
        if status.state == "done" and trials > search.plan.trials:
            status = replace(status, state="stopped", message=f"{search.plan.trials} trials had ended before more were wanted.")
            write_status(search.folder, status)
    return Search(search.folder, plan, status)


def open_search(folder: Path) -> Search:
    """Return the search in a folder. One whose status is under way and whose process is gone has failed.

    Raises:
        TrainingError: there is none, or its search.json cannot be read.
    """
    plan = read_plan(SearchPlan, folder, SEARCH, what="search", start="--data, --folder and --sampler")
    return Search(folder, plan, status_now(folder, lambda _: "Resume it: it goes on where it was."))


def open_sweep_or_search(folder: Path) -> Sweep | Search:
    """Return the sweep or the search in a folder.

    Raises:
        TrainingError: there is neither, or its plan cannot be read.
    """
    return open_search(folder) if (folder / SEARCH).exists() else open_sweep(folder)


def list_sweeps(root: Path) -> list[Sweep | Search]:
    """Return the sweeps and searches under a folder, the newest first. What cannot be read is left out: see `unreadable`."""
    found: list[Sweep | Search] = [*readable(root, f"*/{SWEEP}", open_sweep)[0], *readable(root, f"*/{SEARCH}", open_search)[0]]
    return sorted(found, key=lambda one: (one.plan.base.made, one.key), reverse=True)


def unreadable(root: Path) -> tuple[Unreadable, ...]:
    """Return the folders of runs, sweeps and searches under a folder that cannot be read, each with the reason."""
    broken = [*readable(root, f"*/{PLAN}", open_run)[1], *readable(root, f"*/{SWEEP}", open_sweep)[1]]
    broken += [*readable(root, f"*/{SEARCH}", open_search)[1], *without_plan(root)]
    return tuple({one.folder: one for one in broken}.values())
