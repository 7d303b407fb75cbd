"""Training a search: trials whose values one of Optuna's samplers draws, kept in Optuna's own storage in the search's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from complex_lstm.config import ModelConfig
from complex_lstm.errors import ConfigError
from complex_lstm.runs import create_run, open_run
from complex_lstm.runs.atomic_files import PLAN
from complex_lstm.runs.search import Repeat, Search, open_search
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
    Values that an earlier trial has drawn are not trained again: they have its result, and count as a trial. Where all combinations have
    been tried the search ends early. A trial that was interrupted goes on from its last checkpoint. One that diverges counts, without a
    loss. With a queue each trial waits until no earlier run under that folder is under way. `report` gets a line for each.

    Raises:
        ConfigError: Optuna is not installed, or hardly any of the values go together.
        TrainingError: the search is under way in another process, the data is gone, or the disk is full.
    """
    check_free(search)
    writer = StatusWriter(search)

    def say(line: str) -> None:
        writer.log(line)
        report(line)

    trials = _Trials(search, say)

    def begin_next() -> Path | None:
        place = trials.begin_next()
        if place is not None:
            ended = trials.counted
            writer.update(message=f"Trial {ended + 1} of {search.plan.trials}: {trials.words(place)}", share=ended / search.plan.trials)
        return place

    train_trials(
        search,
        writer,
        begin_next,
        trials.end,
        kept=lambda: f"{trials.counted} of {search.plan.trials} trials have ended.",
        done=lambda: f"{search.scored(search.runs)} of {search.plan.trials} trials have a score.{trials.exhausted}",
        queue=queue,
        workers=workers,
    )
    return open_search(search.folder)


class _Trials:
    """The trials of a search in Optuna's storage: those that were interrupted, are under way, wait for one that is, and have ended.

    `say` gets a line for each that ends.
    """

    def __init__(self, search: Search, say: Callable[[str], None]) -> None:
        self.search, self.say, self.optuna = search, say, optuna_module()
        self.study, self.state = open_study(search), self.optuna.trial.TrialState
        self.interrupted = {one.number: dict(one.params) for one in self.study.get_trials(states=(self.state.RUNNING,))}
        self.under_way: dict[Path, int] = {}
        self.waiting: list[Repeat] = []  # for the trial whose result they will have
        whole = [one.params for one in self.study.trials if len(one.params) == len(search.plan.choices)]
        self.drawn = {tuple(sorted(params.items())) for params in whole}
        self.first: dict[ModelConfig, int] = {}  # trial with these values
        for one in self.study.get_trials(deepcopy=False, states=(self.state.COMPLETE, self.state.PRUNED)):
            self.first.setdefault(search.plan.model_of(one.params), one.number)

    @property
    def counted(self) -> int:
        """How many have ended, with a loss or without."""
        return len(self.study.get_trials(deepcopy=False, states=(self.state.COMPLETE, self.state.PRUNED)))

    @property
    def exhausted(self) -> str:
        """The words for a search that has tried all combinations, "" for another."""
        return f" All {self.search.plan.combinations} combinations have been tried." if self._has_tried_all else ""

    @property
    def _has_tried_all(self) -> bool:
        return len(self.drawn) >= self.search.plan.combinations

    def begin_next(self) -> Path | None:
        """Return the folder of the next trial that is to be trained, None where there are enough."""
        plan = self.search.plan
        while self.interrupted or (self.counted + len(self.under_way) + len(self.waiting) < plan.trials and not self._has_tried_all):
            number, values = self._next()
            place = self.search.place_of(number)
            try:
                model = plan.model_of(values)
            except ConfigError as error:  # told to the sampler's storage, and another is drawn
                self._fail(number, error)
                continue
            first = self.first.setdefault(model, number)
            if first != number and not (place / PLAN).exists():
                self._repeat(Repeat(number, first))
                continue
            if not (place / PLAN).exists():
                create_run(place, plan.plan_of(number, values))
            self.under_way[place] = number
            return place
        return None

    def _next(self) -> tuple[int, dict[str, str]]:
        """Return the number and the values of the first trial that was interrupted, or of a new one."""
        if self.interrupted:
            number = min(self.interrupted)
            return number, self.interrupted.pop(number)
        plan, samplers = self.search.plan, self.optuna.samplers
        seed = plan.base.training.seed + len(self.study.trials)
        self.study.sampler = {"tpe": samplers.TPESampler, "random": samplers.RandomSampler}[plan.sampler](seed=seed)
        trial: Any = self.study.ask()
        values = {name: trial.suggest_categorical(name, of) for name, of in plan.choices.items()}
        self.drawn.add(tuple(sorted(values.items())))
        return trial.number, values

    def _fail(self, number: int, error: ConfigError) -> None:
        self.study.tell(number, state=self.state.FAIL)
        self.study.set_user_attr(f"trial {number}", str(error))
        if number >= MOST_IMPOSSIBLE * self.search.plan.trials:
            raise ConfigError(f"Hardly any of these values go together. The last that were drawn: {error}") from error

    def _repeat(self, repeat: Repeat) -> None:
        """Give a trial the result of an earlier one, now or when that has ended."""
        if repeat.of in self.under_way.values():
            self.waiting.append(repeat)
            return
        self.search.keep_repeat(repeat)
        earlier = self.study.trials[repeat.of]
        self.study.tell(repeat.number, earlier.value, state=earlier.state)
        self._say(repeat.number, f"same as trial {repeat.of}, not trained again.")

    def words(self, place: Path) -> str:
        """Return the values of a trial that is under way."""
        return self._drawn(self.under_way[place])

    def _drawn(self, number: int) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.study.trials[number].params.items())

    def _say(self, number: int, words: str) -> None:
        loss = self.study.trials[number].value
        self.say(f"trial {number} ({self._drawn(number)}): {words}" + ("" if loss is None else f" Lowest validation loss {loss:.4f}."))

    def end(self, place: Path, words: str) -> None:
        """Tell the storage the loss of a trial that has ended, and of those that waited for it."""
        number, loss = self.under_way.pop(place), score_of(open_run(place), LOWEST_LOSS)
        self.study.tell(number, None if np.isnan(loss) else loss, state=self.state.PRUNED if np.isnan(loss) else self.state.COMPLETE)
        self._say(number, words)
        ready = [one for one in self.waiting if one.of == number]
        self.waiting = [one for one in self.waiting if one.of != number]
        for repeat in ready:
            self._repeat(repeat)
