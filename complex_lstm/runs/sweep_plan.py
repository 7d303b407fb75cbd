"""What a sweep trains: one setting varied at a time around a run's plan, every value with several seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from complex_lstm.config import ModelConfig
from complex_lstm.errors import ConfigError
from complex_lstm.runs.plan import Plan, Versions, versions_here
from complex_lstm.runs.settings import Varied, value_of, with_value


@dataclass(frozen=True)
class Trial:
    """One training of a sweep: a model and a seed. Its key is the name of its folder."""

    key: str
    model: ModelConfig
    seed: int


@dataclass(frozen=True)
class SweepPlan:
    """A sweep as it was asked for. The data, its split and all that is not varied are those of `base`.

    A seed draws the weights, the order of the windows, dropout and noise; the split is the same in all trials.
    """

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
        if "dropout" in settings and self.base.training.adaptive_dropout:
            raise ConfigError("Adaptive dropout sets the dropout itself, so that varying it changes nothing. Turn one of the two off.")
        if self.base.training.shuffle_labels:
            raise ConfigError("A model that learns from shuffled labels has no score to compare. Turn them off.")
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
        """All trials, the first seed of every model first: a sweep that ends early says something of each setting."""
        names = {self.base.model: "base"}
        for varied in self.varied:
            for model in self.models(varied):
                names.setdefault(model, f"{varied.setting}-{value_of(model, varied.setting)}".replace("/", "_"))
        return tuple(Trial(f"{name}-seed{seed}", model, seed) for seed in self.seeds for model, name in names.items())

    def plan_of(self, trial: Trial) -> Plan:
        """Return the plan of the run that a trial is."""
        return replace(
            self.base, name=f"{self.base.name}, {trial.key}", model=trial.model, training=replace(self.base.training, seed=trial.seed)
        )

    def is_same(self, other: SweepPlan) -> bool:
        """Whether both ask for the same trials on the same data, whoever asked when and with which versions."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        return replace(self.base, name="", data="", data_name="", made="", command="", versions=Versions()), set(self.trials)


def make_sweep(base: Plan, varied: tuple[Varied, ...], *, seeds: int, command: str = "") -> SweepPlan:
    """Return the plan of a sweep around a run's plan, made now, with as many seeds, counted up from the run's own.

    Its trials keep no moments: nobody plays them, and they cost time and room.

    Raises:
        ConfigError: a value that no model can have, or nothing to vary.
    """
    first, made = base.training.seed, datetime.now(UTC).isoformat(timespec="milliseconds")
    around = replace(base, training=replace(base.training, moments=0), made=made, versions=versions_here(), command=command)
    return SweepPlan(around, varied, tuple(range(first, first + seeds)))
