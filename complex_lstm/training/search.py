"""Training a search: trials whose values one of Optuna's samplers draws, kept in Optuna's own storage in the search's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from complex_lstm.errors import ConfigError, install_extra
from complex_lstm.runs import create_run, open_run
from complex_lstm.runs.atomic_files import PLAN
from complex_lstm.runs.plan import check_scored
from complex_lstm.runs.search import Search
from complex_lstm.runs.sensitivity import LOWEST_LOSS, score_of
from complex_lstm.training.each_run import Workers, train_each
from complex_lstm.training.run import load_data

ALONE = Workers()
MOST_IMPOSSIBLE = 10  # times as many draws that no model can have as trials: then the values do not go together


@dataclass(frozen=True)
class Found:
    """A trial: its number, the values that were drawn, and its lowest validation loss, NaN where it has none."""

    number: int
    values: dict[str, str]
    loss: float


def train_search(
    search: Search, trials: int, *, report: Callable[[str], None] = lambda _: None, workers: Workers = ALONE
) -> tuple[Found, ...]:
    """Train until so many trials of a search have ended, and return all of them, the lowest loss first.

    Each trial's values are drawn by the plan's sampler from the losses of those that have ended, with the run's seed plus the trial's
    number, so that a search that goes on draws what it would have drawn; with several workers the order in which trials end counts too.
    A trial that was interrupted goes on from its last checkpoint. One that diverges counts, without a loss. `report` gets a line for each.

    Raises:
        ConfigError: Optuna is not installed, or hardly any of the values go together.
        TrainingError: the data is gone, or the disk is full.
        Stopped: a trial was stopped by a command.
    """
    optuna = _optuna()
    plan, study = search.plan, _open_study(optuna, search)
    check_scored(load_data(plan.base))
    state = optuna.trial.TrialState
    interrupted = {one.number: dict(one.params) for one in study.get_trials(states=(state.RUNNING,))}
    under_way: dict[Path, int] = {}

    def next_run() -> Path | None:
        while interrupted or _counted(study, state) + len(under_way) < trials:
            number, values = interrupted.popitem() if interrupted else _draw(optuna, study, search)
            place = search.place_of(number)
            try:
                if not (place / PLAN).exists():
                    create_run(place, plan.plan_of(number, values))
            except ConfigError as error:  # told to the sampler's storage, and another is drawn
                study.tell(number, state=state.FAIL)
                study.set_user_attr(f"trial {number}", str(error))
                if number >= MOST_IMPOSSIBLE * trials:
                    raise ConfigError(f"Hardly any of these values go together. The last that were drawn: {error}") from error
                continue
            under_way[place] = number
            return place
        return None

    def ended(place: Path, words: str) -> None:
        number = under_way.pop(place)
        loss = score_of(open_run(place), LOWEST_LOSS)
        study.tell(number, None if np.isnan(loss) else loss, state=state.PRUNED if np.isnan(loss) else state.COMPLETE)
        drawn = ", ".join(f"{name} {value}" for name, value in study.trials[number].params.items())
        report(f"trial {number} ({drawn}): {words}" + ("" if np.isnan(loss) else f" Lowest validation loss {loss:.4f}."))

    train_each(next_run, ended, workers)
    counted = [one for one in study.trials if one.state in (state.COMPLETE, state.PRUNED)]
    found = [Found(one.number, dict(one.params), np.nan if one.value is None else one.value) for one in counted]
    return tuple(sorted(found, key=lambda one: (np.isnan(one.loss), one.loss)))


def _optuna() -> Any:
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise ConfigError(f"--sampler needs Optuna: {install_extra('optuna')}. Without it one setting is varied at a time.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _open_study(optuna: Any, search: Search) -> Any:
    backend = optuna.storages.journal.JournalFileBackend(str(search.study))
    return optuna.create_study(
        storage=optuna.storages.JournalStorage(backend), study_name="search", direction="minimize", load_if_exists=True
    )


def _draw(optuna: Any, study: Any, search: Search) -> tuple[int, dict[str, str]]:
    """Return the number of a new trial and its values."""
    seed = search.plan.base.training.seed + len(study.trials)
    study.sampler = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}[search.plan.sampler](seed=seed)
    trial = study.ask()
    return trial.number, {name: trial.suggest_categorical(name, values) for name, values in search.plan.choices.items()}


def _counted(study: Any, state: Any) -> int:
    return len(study.get_trials(deepcopy=False, states=(state.COMPLETE, state.PRUNED)))
