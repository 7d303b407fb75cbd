"""Searches: settings of the model varied together, each trial's values drawn by one of Optuna's samplers from what the others reached.

A search's folder holds search.json (what is varied around which run), status.json (its process and how far it is), log.txt, study.log
(Optuna's own storage: its dashboard reads it), and trials/, in which every trial is a run by its number. Trials whose values an earlier
one was trained with are no runs: repeats.json says whose result they have.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from complex_lstm.config import ModelConfig, from_json, to_json
from complex_lstm.disk import read_bounded
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.runs.atomic_files import (
    MOST_JSON,
    PLAN,
    REPEATS,
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
from complex_lstm.runs.sweep import (
    SWEEPABLE,
    Sweep,
    SweepPlan,
    Varied,
    check_comparable,
    create_sweep,
    label_of,
    open_sweep,
    value_of,
)
from complex_lstm.runs.trials import (
    Timed,
    TrialFolder,
    begun_share,
    epochs_words,
    made_now,
    seconds_taken,
    trained_alike,
    unnamed,
)
from complex_lstm.settings import from_text

MOST_MEASURED = 6  # models whose speed stands for all combinations of a search

SAMPLERS = ("tpe", "random")


@dataclass(frozen=True)
class SearchPlan:
    """What a search varies around a run, the sampler that draws the values, and how many trials it has. It seeks the lowest loss."""

    kind: ClassVar[str] = "search"

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
    def combinations(self) -> int:
        """How many combinations of values there are, those that no model can have among them."""
        return math.prod(len(values) for values in self.choices.values())

    @property
    def total(self) -> int:
        return self.trials

    @property
    def described(self) -> str:
        """How many trials of how many epochs, in words, with Markdown."""
        each = f"each with one of {self.combinations:,} combinations of values, and none trained twice"
        return f"**{self.trials} trials** of {epochs_words(self.base)}, one after another, {each}"

    @property
    def identity(self) -> Self:
        """The plan without its names, when it was made, and how many trials it has, of which it may get more."""
        return replace(self, base=unnamed(self.base), trials=1)

    @property
    def measured_models(self) -> tuple[ModelConfig, ...]:
        """Some models of all combinations, drawn at random with a fixed seed; of few combinations all that a model can have."""
        names, values = list(self.choices), list(self.choices.values())
        shape = tuple(map(len, values))
        found: dict[ModelConfig, None] = {}
        drawn = np.random.default_rng(0).choice(self.combinations, min(self.combinations, 4 * MOST_MEASURED), replace=False)
        for places in np.transpose(np.unravel_index(drawn, shape)).tolist():
            with suppress(ConfigError):  # no model can have these together
                found[self.model_of({name: of[place] for name, of, place in zip(names, values, places, strict=True)})] = None
        return tuple(found)[:MOST_MEASURED] or (self.base.model,)

    def timed(self, an_epoch: Mapping[ModelConfig, float]) -> Timed:
        """Return about how long all trials take by the seconds an epoch of the measured models: as if all took their mean."""
        seconds = [an_epoch[model] * self.base.training.epochs for model in self.measured_models]
        total = min(self.trials, self.combinations) * statistics.mean(seconds)
        which = f"drawn at random from {self.combinations:,} combinations" if self.combinations > len(seconds) else "that can be drawn"
        words = f"at most, as an estimate by the mean of {len(seconds)} models {which}"
        return Timed(total, min(seconds), max(seconds), words)

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
    """A trial that has ended: its number, the values that were drawn, and its lowest validation loss, NaN where it has none.

    `run` was trained with these values, as the trial number `trained_as`: this one, or an earlier one that had drawn the same.
    """

    number: int
    values: dict[str, str]
    loss: float
    run: Run
    trained_as: int

    @property
    def is_repeat(self) -> bool:
        return self.trained_as != self.number


@dataclass(frozen=True)
class Repeat:
    """A trial that has drawn the values of an earlier one, `of`, and has its result."""

    number: int
    of: int


@dataclass(frozen=True)
class _Repeats:
    repeats: tuple[Repeat, ...] = ()


class Search(TrialFolder[SearchPlan]):
    """A search in its folder."""

    @property
    def study(self) -> Path:
        return self.folder / STUDY

    @property
    def label(self) -> str:
        """What it varies and when it was made, in words."""
        return label_of(self.plan.base, self.plan.varied, self.key, f"search, {self.plan.sampler}, ")

    def place_of(self, number: int) -> Path:
        """Return the folder of a trial; it may not be there yet, and of a repeat it never is."""
        return self.folder / TRIALS / f"trial-{number:04d}"

    @property
    def repeats(self) -> tuple[Repeat, ...]:
        """The trials that have the result of an earlier one with the same values, in the order of their numbers.

        Raises:
            TrainingError: repeats.json cannot be read.
        """
        path = self.folder / REPEATS
        if not path.exists():
            return ()
        try:
            return from_json(_Repeats, read_bounded(path, MOST_JSON).decode()).repeats
        except (OSError, UnicodeDecodeError, ConfigError) as error:
            raise TrainingError(f"The {REPEATS} of the search {self.key} cannot be used. {error}") from error

    def keep_repeat(self, repeat: Repeat) -> None:
        """Write down that a trial has the result of an earlier one.

        Raises:
            TrainingError: the folder cannot be written.
        """
        kept = {one.number: one for one in (*self.repeats, repeat)}
        with disk_errors("The search cannot go on", self.folder):
            atomic_write(self.folder / REPEATS, to_json(_Repeats(tuple(kept[number] for number in sorted(kept)))))

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The trials that have ended, in the order of their numbers; whether they count is the storage's to say."""
        ended = {int(run.key.rsplit("-", 1)[-1]): run for run in self.runs if run.status.state in ("done", "failed")}
        trained = {number: Tried(number, self._values(run), score_of(run, LOWEST_LOSS), run, number) for number, run in ended.items()}
        again = [replace(trained[one.of], number=one.number) for one in self.repeats if one.of in trained]
        return tuple(sorted((*trained.values(), *again), key=lambda one: one.number))

    def results(self, runs: tuple[Run, ...]) -> tuple[tuple[str, Run], ...]:
        """Return each trial's key with the run whose result it has, in the order of the keys."""
        by_key = {run.key: run for run in runs}
        again = ((self.place_of(one.number).name, by_key.get(self.place_of(one.of).name)) for one in self.repeats)
        return tuple(sorted([*by_key.items(), *((key, run) for key, run in again if run)], key=lambda one: one[0]))

    def scored(self, runs: tuple[Run, ...]) -> int:
        """Return how many trials have a score, repeats among them."""
        return sum(run.status.state == "done" for _, run in self.results(runs))

    def seconds_left(self, runs: tuple[Run, ...]) -> float | None:
        """Return about how long the trials that are left take: as long as those that are done took on average.

        Before one is done those under way count with their own speed; None before that is known.
        """
        taken = seconds_taken(runs)
        begun = sum(begun_share(run.status) for run in runs) + len(self.repeats)
        return statistics.mean(taken.values()) * max(0.0, self.plan.trials - begun) if taken else None

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
            status = replace(status, state="stopped", message="Its trials had ended before more were wanted.")
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


def create_sweep_or_search(folder: Path, plan: SweepPlan | SearchPlan) -> Sweep | Search:
    """Make a folder for a sweep or a search and return it, as `create_sweep` and `create_search` do.

    Raises:
        TrainingError: the folder holds something else, or cannot be written.
    """
    return create_search(folder, plan) if isinstance(plan, SearchPlan) else create_sweep(folder, plan)


def list_sweeps(root: Path) -> list[Sweep | Search]:
    """Return the sweeps and searches under a folder, the newest first. What cannot be read is left out: see `unreadable`."""
    found: list[Sweep | Search] = [*readable(root, f"*/{SWEEP}", open_sweep)[0], *readable(root, f"*/{SEARCH}", open_search)[0]]
    return sorted(found, key=lambda one: (one.plan.base.made, one.key), reverse=True)


def unreadable(root: Path) -> tuple[Unreadable, ...]:
    """Return the folders of runs, sweeps and searches under a folder that cannot be read, each with the reason."""
    broken = [*readable(root, f"*/{PLAN}", open_run)[1], *readable(root, f"*/{SWEEP}", open_sweep)[1]]
    broken += [*readable(root, f"*/{SEARCH}", open_search)[1], *without_plan(root)]
    return tuple({one.folder: one for one in broken}.values())
