"""Training a search: trials whose values one of Optuna's samplers draws, kept in Optuna's own storage in the search's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from complex_lstm.errors import ConfigError
from complex_lstm.runs import create_run, open_run
from complex_lstm.runs.atomic_files import PLAN
from complex_lstm.runs.search import Search, open_search
from complex_lstm.runs.sensitivity import LOWEST_LOSS, score_of
from complex_lstm.runs.study import open_study, optuna_module
from complex_lstm.training.each_run import Workers
from complex_lstm.training.run_callbacks import StatusWriter
from complex_lstm.training.trials import ALONE, check_free, train_trials

MOST_IMPOSSIBLE = 10  # times as many draws that no model can have as trials: then the values do not go together


def train_search(
    search: Search,
    *,
    queue: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
    workers: Workers = ALONE,
) -> Search:
    """Train until the plan's trials have ended, and return the search as it has ended: done, or stopped by a command.

    Each trial's values are drawn by the plan's sampler from the losses of those that have ended, with the run's seed plus the trial's
    number, so that a search that goes on draws what it would have drawn; with several workers the order in which trials end counts too.
    A trial that was interrupted goes on from its last checkpoint. One that diverges counts, without a loss. With a queue each trial waits
    until no earlier run under that folder is under way. `report` gets a line for each.

    Raises:
        ConfigError: Optuna is not installed, or hardly any of the values go together.
        TrainingError: the search is under way in another process, the data is gone, or the disk is full.
    """
    check_free(search, "search")
    trials, writer = _Trials(search), StatusWriter(search)

    def begin_next() -> Path | None:
        place = trials.begin_next()
        if place is not None:
            ended = trials.counted
            writer.update(message=f"Trial {ended + 1} of {search.plan.trials}: {trials.words(place)}", share=ended / search.plan.trials)
        return place

    def ended(place: Path, words: str) -> None:
        line = trials.end(place, words)
        writer.log(line)
        report(line)

    train_trials(
        search,
        writer,
        begin_next,
        ended,
        kept=lambda: f"{trials.counted} of {search.plan.trials} trials have ended.",
        done=lambda: f"{trials.counted} trials have ended.",
        queue=queue,
        workers=workers,
    )
    return open_search(search.folder)


class _Trials:
    """The trials of a search in Optuna's storage: those that were interrupted, are under way, and have ended."""

    def __init__(self, search: Search) -> None:
        self.search, self.optuna = search, optuna_module()
        self.study, self.state = open_study(search), self.optuna.trial.TrialState
        self.interrupted = {one.number: dict(one.params) for one in self.study.get_trials(states=(self.state.RUNNING,))}
        self.under_way: dict[Path, int] = {}

    @property
    def counted(self) -> int:
        """How many have ended, with a loss or without."""
        return len(self.study.get_trials(deepcopy=False, states=(self.state.COMPLETE, self.state.PRUNED)))

    def begin_next(self) -> Path | None:
        """Return the folder of the next trial, None where there are enough."""
        while self.interrupted or self.counted + len(self.under_way) < self.search.plan.trials:
            number, values = self.interrupted.popitem() if self.interrupted else self._draw()
            place = self.search.place_of(number)
            try:
                if not (place / PLAN).exists():
                    create_run(place, self.search.plan.plan_of(number, values))
            except ConfigError as error:  # told to the sampler's storage, and another is drawn
                self.study.tell(number, state=self.state.FAIL)
                self.study.set_user_attr(f"trial {number}", str(error))
                if number >= MOST_IMPOSSIBLE * self.search.plan.trials:
                    raise ConfigError(f"Hardly any of these values go together. The last that were drawn: {error}") from error
                continue
            self.under_way[place] = number
            return place
        return None

    def _draw(self) -> tuple[int, dict[str, str]]:
        """Return the number of a new trial and its values."""
        plan, samplers = self.search.plan, self.optuna.samplers
        seed = plan.base.training.seed + len(self.study.trials)
        self.study.sampler = {"tpe": samplers.TPESampler, "random": samplers.RandomSampler}[plan.sampler](seed=seed)
        trial: Any = self.study.ask()
        return trial.number, {name: trial.suggest_categorical(name, values) for name, values in plan.choices.items()}

    def words(self, place: Path) -> str:
        """Return the values of a trial that is under way."""
        return ", ".join(f"{name} {value}" for name, value in self.study.trials[self.under_way[place]].params.items())

    def end(self, place: Path, words: str) -> str:
        """Tell the storage the loss of a trial that has ended, and return a line on it."""
        drawn, number = self.words(place), self.under_way.pop(place)
        loss = score_of(open_run(place), LOWEST_LOSS)
        self.study.tell(number, None if np.isnan(loss) else loss, state=self.state.PRUNED if np.isnan(loss) else self.state.COMPLETE)
        return f"trial {number} ({drawn}): {words}" + ("" if np.isnan(loss) else f" Lowest validation loss {loss:.4f}.")
