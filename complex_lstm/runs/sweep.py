"""Sweeps: one setting of the model varied at a time around a run's plan, every value with several seeds.

A sweep's folder holds sweep.json (what is varied around which run), status.json (its process and how far it is), log.txt, and
trials/, in which every trial is a run. Which trials are done is read from the trials alone, so that nothing is lost or counted
twice however a sweep ends.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from complex_lstm.config import ModelConfig, to_json
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.runs.atomic_files import PLAN, SWEEP, TRIALS, make_folder, read_plan
from complex_lstm.runs.folder import Run
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.status import read_status, status_now
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
from complex_lstm.settings import as_text, from_text, settings_of

SWEEPABLE = {one.name: one for one in settings_of(ModelConfig) if one.group == "model"}


@dataclass(frozen=True)
class Varied:
    """A setting and the values that it is given, as text."""

    setting: str
    values: tuple[str, ...]


def value_of(model: ModelConfig, setting: str) -> str:
    """Return a model's value of a setting as text: 64, 0.3, or kernels as 3-5-7/3-5-9."""
    return as_text(getattr(model, setting))


def with_value(model: ModelConfig, setting: str, value: str) -> ModelConfig:
    """Return a model with another value of a setting.

    Raises:
        ConfigError: there is no such setting, the value is not of its type, or no model can have it beside the other values.
    """
    if setting not in SWEEPABLE:
        raise ConfigError(f"There is no setting {setting!r} to vary. Choose among {', '.join(SWEEPABLE)}.")
    changes: dict[str, Any] = {setting: from_text(SWEEPABLE[setting], value)}
    try:
        return replace(model, **changes)
    except ConfigError as error:
        raise ConfigError(f"{setting} cannot be {value} here. {error}") from error


def check_comparable(base: Plan, settings: Sequence[str]) -> None:
    """Check that models which differ in these settings can be compared by their scores.

    Raises:
        ConfigError: they cannot.
    """
    if "dropout" in settings and base.training.adaptive_dropout:
        raise ConfigError("Adaptive dropout sets the dropout itself, so that varying it changes nothing. Turn one of the two off.")
    if base.training.shuffle_labels:
        raise ConfigError("A model that learns from shuffled labels has no score to compare. Turn them off.")


def suggest_values(model: ModelConfig) -> tuple[Varied, ...]:
    """Return values of each setting to try beside a model's own: half and twice, kernels two steps narrower and wider, or its `tried`."""
    found = []
    for name, one in SWEEPABLE.items():
        own = getattr(model, name)
        candidates: list[Any] = list(one.tried)
        if isinstance(own, tuple):
            candidates = [tuple(tuple(width + more for width in stage) for stage in own) for more in (-2, 2)]
        elif not candidates:
            candidates = [own // 2, 2 * own]
        values = []
        for value in candidates:
            with suppress(ConfigError):  # no model can have it beside the other values
                if replace(model, **{name: value}) != model:
                    values.append(as_text(value))
        found.append(Varied(name, tuple(values)))
    return tuple(found)


def label_of(base: Plan, varied: tuple[Varied, ...], key: str, how: str = "") -> str:
    """Return what a sweep or a search is called in a list, without its state, as of a run."""
    settings = ", ".join(SWEEPABLE[one.setting].label for one in varied)
    return f"{base.name}: {how}{settings}; {base.made[:16].replace('T', ' ')} ({key[-6:]})"


@dataclass(frozen=True)
class Trial:
    """One training of a sweep: a model and a seed. Its key is the name of its folder."""

    key: str
    model: ModelConfig
    seed: int


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep trains. The data, its split and all that is not varied are those of `base`.

    A seed draws the weights, the order of the windows, dropout and noise; the split is the same in all trials.
    """

    kind: ClassVar[str] = "sweep"

    base: Plan
    varied: tuple[Varied, ...]
    seeds: tuple[int, ...]

    def __post_init__(self) -> None:
        settings = [one.setting for one in self.varied]
        twice = [name for name in settings if settings.count(name) > 1]
        if twice:
            raise ConfigError(f"{twice[0]} is varied twice. Give all of its values at once.")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ConfigError(f"The seeds are {list(self.seeds)}, expected one or more, each another.")
        check_comparable(self.base, settings)
        if all(len(self.models(one)) == 1 for one in self.varied):
            raise ConfigError("Nothing is varied: give a setting a value that the run does not have already.")

    def models(self, varied: Varied) -> tuple[ModelConfig, ...]:
        """Return the models that differ in this setting, the base's own among them, in the order of their values.

        Raises:
            ConfigError: no model can have one of the values.
        """
        others = {with_value(self.base.model, varied.setting, value) for value in varied.values}
        return tuple(sorted(others | {self.base.model}, key=lambda model: getattr(model, varied.setting)))

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, the first seed of every model first: a sweep that ends early has a result for each setting."""
        names = {self.base.model: "base"}
        for varied in self.varied:
            for model in self.models(varied):
                names.setdefault(model, f"{varied.setting}-{value_of(model, varied.setting)}".replace("/", "_"))
        return tuple(Trial(f"{name}-seed{seed}", model, seed) for seed in self.seeds for model, name in names.items())

    @property
    def total(self) -> int:
        return len(self.trials)

    @property
    def described(self) -> str:
        """How many trials of how many epochs, in words, with Markdown."""
        return f"**{self.total} trials** of {epochs_words(self.base)}, one after another"

    @property
    def identity(self) -> Self:
        """The plan without its names and when it was made."""
        return replace(self, base=unnamed(self.base))

    @property
    def measured_models(self) -> tuple[ModelConfig, ...]:
        """All models, each once."""
        return tuple(dict.fromkeys(trial.model for trial in self.trials))

    def timed(self, an_epoch: Mapping[ModelConfig, float]) -> Timed:
        """Return how long all trials take by the seconds an epoch of each model."""
        seconds = [an_epoch[trial.model] * self.base.training.epochs for trial in self.trials]
        return Timed(sum(seconds), min(seconds), max(seconds), "at most")

    @property
    def hidden_dim(self) -> int:
        """The hidden channels of the largest model."""
        return max(trial.model.hidden_dim for trial in self.trials)

    def plan_of(self, trial: Trial) -> Plan:
        """Return the plan of the run that a trial is."""
        return replace(
            self.base, name=f"{self.base.name}, {trial.key}", model=trial.model, training=replace(self.base.training, seed=trial.seed)
        )

    def is_same(self, other: SweepPlan) -> bool:
        """Whether both have the same trials on the same data, whenever and with whichever versions they were made."""
        return trained_alike(self.base) == trained_alike(other.base) and set(self.trials) == set(other.trials)


def make_sweep(base: Plan, varied: tuple[Varied, ...], *, seeds: int, command: str = "") -> SweepPlan:
    """Return the plan of a sweep around a run's plan, made now, with as many seeds, counted up from the run's own.

    Its trials take no snapshots, which cost time and room, and which no page shows of a trial.

    Raises:
        ConfigError: a value that no model can have, or nothing to vary.
    """
    first = base.training.seed
    return SweepPlan(made_now(base, command), varied, tuple(range(first, first + seeds)))


class Sweep(TrialFolder[SweepPlan]):
    """A sweep in its folder."""

    @property
    def runs(self) -> tuple[Run, ...]:
        """The trials that have a folder by now, in the order of the trials."""
        by_key = {run.key: run for run in super().runs}
        return tuple(by_key[trial.key] for trial in self.plan.trials if trial.key in by_key)

    @property
    def label(self) -> str:
        """What it varies and when it was made, in words."""
        return label_of(self.plan.base, self.plan.varied, self.key)

    def place_of(self, trial: Trial) -> Path:
        """Return the folder of a trial; it may not be there yet."""
        return self.folder / TRIALS / trial.key

    def scored(self, runs: tuple[Run, ...]) -> int:
        """Return how many trials have a score."""
        return sum(run.status.state == "done" for run in runs)

    def seconds_left(self, runs: tuple[Run, ...]) -> float | None:
        """Return about how long the trials that are left take: as long as those of the same model took, or all on average.

        Before a trial is done those under way count with their own speed; None before that is known.
        """
        taken = seconds_taken(runs)
        if not taken:
            return None
        usual, begun = statistics.mean(taken.values()), {run.key: begun_share(run.status) for run in runs}
        return sum((1 - begun.get(trial.key, 0.0)) * taken.get(trial.model, usual) for trial in self.plan.trials)


def create_sweep(folder: Path, plan: SweepPlan) -> Sweep:
    """Make a folder for a sweep and return the sweep; where the folder holds the same one, return that.

    Raises:
        TrainingError: the folder holds a run or another sweep, or cannot be written.
    """
    if (folder / PLAN).exists():
        raise TrainingError(f"{folder} holds a single run. Choose another folder for the sweep.")
    if (folder / SWEEP).exists():
        found = open_sweep(folder)
        if not found.plan.is_same(plan):
            raise TrainingError(f"{folder} holds a sweep of other values, seeds, settings or data. Choose another folder for this one.")
        return found
    make_folder(folder, SWEEP, to_json(plan))
    return Sweep(folder, plan, read_status(folder))


def open_sweep(folder: Path) -> Sweep:
    """Return the sweep in a folder. One whose status is under way and whose process is gone has failed.

    Raises:
        TrainingError: there is no sweep, or its sweep.json cannot be read.
    """
    plan = read_plan(SweepPlan, folder, SWEEP, what="sweep", start="--data and --folder")
    return Sweep(folder, plan, status_now(folder, lambda _: "Resume it: it goes on where it was."))
