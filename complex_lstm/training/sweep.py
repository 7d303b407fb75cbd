"""Training a sweep: its trials one after another, or several at once, each a run that can be resumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lightning.pytorch.callbacks import Callback

from complex_lstm.runs import create_run, open_run
from complex_lstm.runs.atomic_files import PLAN
from complex_lstm.runs.sweep import Sweep, open_sweep
from complex_lstm.training.each_run import Workers
from complex_lstm.training.run_callbacks import StatusWriter
from complex_lstm.training.trials import ALONE, check_free, train_trials


def train_sweep(
    sweep: Sweep,
    *,
    queue: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
    callbacks: tuple[Callback, ...] = (),
    workers: Workers = ALONE,
) -> Sweep:
    """Train the trials of a sweep that are not done yet, and return it as it has ended: done, or stopped by a command.

    A trial that was interrupted goes on from its last checkpoint. One that diverges, or that cannot be trained, is left as it
    is, and the sweep continues. With a queue each trial waits until no earlier run under that folder is under way. `report` gets a
    line for each trial; `workers` train several at once.

    Raises:
        TrainingError: the sweep is under way in another process, its data is gone or has no part to score on, or the disk is full.
    """
    if sweep.status.state == "done":
        return sweep
    check_free(sweep)
    writer, trials = StatusWriter(sweep), sweep.plan.trials
    numbers = {sweep.place_of(trial): number for number, trial in enumerate(trials, 1)}
    left = iter([trial for trial in trials if not _is_done(sweep.place_of(trial))])

    def begin_next() -> Path | None:
        trial = next(left, None)
        if trial is None:
            return None
        place = sweep.place_of(trial)
        writer.update(message=f"Trial {numbers[place]} of {len(trials)}: {trial.key}", share=_done(sweep) / len(trials))
        if not (place / PLAN).exists():
            create_run(place, sweep.plan.plan_of(trial))
        return place

    def ended(place: Path, words: str) -> None:
        line = f"{numbers[place]} of {len(trials)}, {place.name}: {words}"
        writer.log(line)
        report(line)

    train_trials(
        sweep,
        writer,
        begin_next,
        ended,
        kept=lambda: f"{_done(sweep)} of {len(trials)} trials are done.",
        done=lambda: f"{_done(sweep)} of {len(trials)} trials have a score.",
        queue=queue,
        workers=workers,
        callbacks=callbacks,
    )
    return open_sweep(sweep.folder)


def _is_done(place: Path) -> bool:
    return (place / PLAN).exists() and open_run(place).status.state == "done"


def _done(sweep: Sweep) -> int:
    return sum(run.status.state == "done" for run in sweep.runs)
