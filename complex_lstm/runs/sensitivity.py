"""How sensitive a score is to each setting, from a sweep's trials: the range of the means beside the spread of the seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import fdtrc

from complex_lstm.runs.folder import Run
from complex_lstm.runs.sweep import SWEEPABLE, Sweep, value_of

LOWEST_LOSS = "lowest validation loss"
SURE = 0.05  # significance level


@dataclass(frozen=True)
class Swept:
    """The scores of one setting's values, NaN where a trial has none; `own` is the place of the base's value among them."""

    setting: str
    values: tuple[str, ...]
    own: int
    scores: Float[np.ndarray, "value seed"]

    @property
    def label(self) -> str:
        """The setting's name for people."""
        return SWEEPABLE[self.setting].label


@dataclass(frozen=True)
class Sensitivity:
    """How much a score depends on a setting.

    span    the highest mean of a value minus the lowest
    spread  the standard deviation between seeds of the same value, over all values
    chance  how often a setting without any effect gives differences at least this large (one-way analysis of variance);
            it assumes that the seeds of every value scatter alike and about normally, and errs on the side of chance
            where the same seed makes all values better or worse
    """

    span: float
    spread: float
    chance: float

    @property
    def ratio(self) -> float:
        """The span in units of the spread."""
        return self.span / self.spread if self.spread else float(np.inf) if self.span else 0.0

    @property
    def verdict(self) -> str:
        """What was found, in a few words."""
        if self.ratio < 1:
            return "robust here: varies less than the seeds do"
        if self.chance > SURE:
            return "not distinguishable from the seeds: try more of them"
        return "matters here: varies more than the seeds do"


def in_words(found: Sensitivity | None) -> str:
    """Return what was found of a setting in words."""
    if found is None:
        return "two values and two seeds with a score are needed to say how much it matters"
    return f"the means range over {found.span:.3g}, {found.ratio:.2g} × the seeds' spread: {found.verdict}"


def measures_of(runs: tuple[Run, ...]) -> tuple[str, ...]:
    """Return the names of the scores that trials can be compared by."""
    done = [run for run in runs if run.status.state == "done"]
    scores = [f"{one.measure} on the {one.part} part" for one in done[0].status.scores] if done else []
    return (*scores, LOWEST_LOSS) if done and not np.isnan(score_of(done[0], LOWEST_LOSS)) else tuple(scores)


def score_of(run: Run, measure: str) -> float:
    """Return a run's score, NaN where it is not done or has no such score."""
    if run.status.state != "done":
        return np.nan
    if measure == LOWEST_LOSS:
        return min((row.value for row in run.rows if row.metric == "validation_loss"), default=np.nan)
    return next((one.score for one in run.status.scores if f"{one.measure} on the {one.part} part" == measure), np.nan)


def swept_settings(sweep: Sweep, runs: tuple[Run, ...], measure: str) -> tuple[Swept, ...]:
    """Return the scores of each setting that a sweep varies."""
    scores = {(run.plan.model, run.plan.training.seed): score_of(run, measure) for run in runs}
    found = []
    for varied in sweep.plan.varied:
        models = sweep.plan.models(varied)
        table = [[scores.get((model, seed), np.nan) for seed in sweep.plan.seeds] for model in models]
        values = tuple(value_of(model, varied.setting) for model in models)
        found.append(Swept(varied.setting, values, models.index(sweep.plan.base.model), np.array(table)))
    return tuple(found)


def sensitivity(scores: Float[np.ndarray, "value seed"]) -> Sensitivity | None:
    """Return how much the scores depend on the value; None where fewer than two values, or no value twice, have a score.

    Trials without a score are left out.
    """
    groups = [row[~np.isnan(row)] for row in scores if not np.isnan(row).all()]
    between, within = len(groups) - 1, sum(len(group) - 1 for group in groups)
    if between < 1 or within < 1:
        return None
    means = np.array([group.mean() for group in groups])
    grand = np.concatenate(groups).mean()
    spread = float(np.sqrt(sum(((group - group.mean()) ** 2).sum() for group in groups) / within))
    variance = sum(len(group) * (mean - grand) ** 2 for group, mean in zip(groups, means, strict=True)) / between
    chance = float(fdtrc(between, within, variance / spread**2)) if spread else float(np.ptp(means) == 0)
    return Sensitivity(float(np.ptp(means)), spread, chance)
