"""A run from its folder: wait for its turn, train, and say how it ended."""

from __future__ import annotations

import errno
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from lightning.pytorch.callbacks import Callback

from complex_lstm.config import TrainingConfig
from complex_lstm.data import Dataset, prepare_training, read_csv, with_units
from complex_lstm.errors import ComplexLSTMError, Stopped, StorageError, TrainingError
from complex_lstm.inference import predict
from complex_lstm.metrics import ClassScores, score
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.model.device import pick_device
from complex_lstm.runs import Plan, Run, Score, check_trainable, open_run, place_in_queue
from complex_lstm.runs.atomic_files import MODEL
from complex_lstm.runs.folder import forget_wish, read_wish
from complex_lstm.training.fit import Outcome, fit
from complex_lstm.training.oom import halving
from complex_lstm.training.run_callbacks import StatusWriter

LOOK = 0.5  # seconds between two looks whether it is its turn


def train_run(folder: Path, *, queue: Path | None = None, progress: bool = False, callbacks: tuple[Callback, ...] = ()) -> Run:
    """Train a run, or go on with it where it was last written down, and return it as it has ended: done, or stopped on a wish.

    With a queue it waits until no earlier run under that folder is under way. Where it trains in several processes, those after
    the first lend a hand: they write nothing, and how it ends is the first one's to tell.

    Raises:
        TrainingError: it is done, or under way in another process, or cannot be trained; or see `fit`.
    """
    run = open_run(folder)
    if run.status.state == "done":
        raise TrainingError(f"The run {run.plan.name} is done: there is nothing to resume. Start a new one to train for longer.")
    desk = StatusWriter(folder)
    if not desk.is_firsts:
        return _lend_a_hand(run, desk)
    if run.is_under_way and run.status.pid != os.getpid():
        raise TrainingError(f"The run {run.plan.name} is under way already, in process {run.status.pid}.")
    with ending_told(desk, _what_is_kept):
        desk.begin(state="waiting", epochs=run.plan.training.epochs, message="Reading the data.", seconds_left=None, notes=(), scores=())
        if queue is not None:
            _wait_for_turn(desk, queue)
        dataset = plan_dataset(run.plan)
        desk.tell(state="running", notes=check_trainable(dataset), batch_size=desk.status.batch_size or run.plan.training.batch_size)
        for note in desk.status.notes:
            desk.log(note)
        outcome = _fit_in_memory(run.plan, dataset, desk, progress=progress, callbacks=callbacks)
        ended = f"Done: {outcome.epochs} epochs, of which epoch {desk.status.best_epoch} is kept."
        desk.tell(state="done", share=1.0, message=ended, scores=_scores(outcome.checkpoint, dataset), seconds_left=None)
        desk.log(ended)
    return open_run(folder)


def _lend_a_hand(run: Run, desk: StatusWriter) -> Run:
    """Train along with the first process. An error of ours is the first one's as well, and it tells."""
    with suppress(ComplexLSTMError):
        _fit_in_memory(run.plan, plan_dataset(run.plan), desk, progress=False, callbacks=())
    return open_run(run.folder)


def plan_dataset(plan: Plan) -> Dataset:
    """Return the data set that a plan trains on.

    Raises:
        TrainingError: the file is gone, or is another one than when the run was made.
    """
    path = Path(plan.data)
    if not path.exists():
        raise TrainingError(f"The data of this run, {plan.data_name}, is no longer there ({path}). Put it back, or start a new run.")
    try:
        table = read_csv(path.read_bytes(), plan.data_name)
    except OSError as error:
        raise TrainingError(f"The data of this run, {plan.data_name}, cannot be read ({error.strerror}: {path}).") from error
    if table.fingerprint != plan.fingerprint:
        raise TrainingError(f"{plan.data_name} has changed since the run was made. Put the old file back, or start a new run.")
    dataset = prepare_training(table, plan.roles, plan.window, plan.split)
    return replace(dataset, schema=with_units(dataset.schema, dict(unit.split("=", 1) for unit in plan.units)))


def _wait_for_turn(desk: StatusWriter, queue: Path) -> None:
    while True:
        time.sleep(LOOK)  # first: whoever came at the same moment has then written when
        ahead = place_in_queue(open_run(desk.folder), queue)
        if read_wish(desk.folder) == "stop":
            forget_wish(desk.folder)
            raise Stopped("Stopped before its turn came.")
        if not ahead:
            return
        desk.tell_soon(message=f"Waiting for {ahead} earlier run{'s' if ahead > 1 else ''}.")


def _fit_in_memory(plan: Plan, dataset: Dataset, desk: StatusWriter, *, progress: bool, callbacks: tuple[Callback, ...]) -> Outcome:
    """Return the outcome, with batches halved where memory is short, and from the start where they were halved before."""

    def train(config: TrainingConfig) -> Outcome:
        return fit(dataset, plan.model, plan.split, config, command=plan.command, progress=progress, desk=desk, callbacks=callbacks)

    def tell(config: TrainingConfig, said: str) -> None:
        halved = config.accumulate // plan.training.accumulate
        desk.tell(batch_size=config.batch_size, accumulate=halved, notes=(*desk.status.notes, said), message=said)
        desk.log(said)

    if plan.training.devices * plan.training.nodes > 1:
        return train(plan.training)  # processes cannot halve their batches each on its own: there the memory has to do
    size, accumulate = desk.status.batch_size, plan.training.accumulate * desk.status.accumulate
    return halving(replace(plan.training, batch_size=size, accumulate=accumulate), train, tell)


@contextmanager
def ending_told(desk: StatusWriter, kept: Callable[[StatusWriter], str]) -> Iterator[None]:
    """Write how a run or a sweep ends that does not end well, and let its error go on; a stop that somebody wished is no error.

    `kept` says of a stopped one what there is of it.
    """
    start = time.monotonic()
    before = desk.status.seconds
    try:
        yield
        desk.tell(seconds=before + time.monotonic() - start)
    except Stopped as stop:
        scores = _scores_of_what_is_kept(desk)  # first: who reads that it has stopped may resume or delete it
        _end(desk, state="stopped", message=f"{stop} {kept(desk)}", seconds=before + time.monotonic() - start, scores=scores)
    except (KeyboardInterrupt, SystemExit):
        _end(desk, state="stopped", message="The process was ended from outside. Resume it, and it goes on where it was last written down.")
        raise
    except OSError as error:
        trouble = StorageError(_disk_trouble(error))
        _end(desk, state="failed", message=str(trouble))
        raise trouble from error
    except ComplexLSTMError as error:
        _end(desk, state="failed", message=str(error))
        raise
    except Exception as error:
        _end(desk, state="failed", message=f"{type(error).__name__}: {error}. The log tells where.", trace=traceback.format_exc())
        raise


def _what_is_kept(desk: StatusWriter) -> str:
    if not (desk.folder / MODEL).exists():
        partly = desk.status.epoch and open_run(desk.folder).plan.training.gradual
        return "There is no model yet: not all of its parts were in." if partly else "There is no model yet."
    unfinished = desk.status.best_epoch > desk.status.epoch  # stopped before any epoch was whole
    return f"The model {'within' if unfinished else 'of'} epoch {desk.status.best_epoch} is kept."


def _end(desk: StatusWriter, *, trace: str = "", **changes: object) -> None:
    """Write the end of a run as far as the disk allows: where it is full, the old status stays, and the process is gone."""
    try:
        desk.tell(**{"seconds_left": None} | changes)
        desk.log(trace or desk.status.message)
    except OSError:
        return


def _disk_trouble(error: OSError) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    what = "The disk is full" if full else f"A file of the run cannot be written ({error.strerror})"
    return f"{what}. What was written before is kept: free some space, then resume the run."


def _scores_of_what_is_kept(desk: StatusWriter) -> tuple[Score, ...]:
    """Return the scores of the best model of a run that was stopped; none where it has no model, or its data is gone."""
    if not (desk.folder / MODEL).exists():
        return ()
    kept, plan = load_checkpoint(desk.folder / MODEL), open_run(desk.folder).plan
    try:
        return _scores(kept, plan_dataset(plan)) if isinstance(kept, Checkpoint) else ()
    except ComplexLSTMError:
        return ()


def _scores(checkpoint: Checkpoint, dataset: Dataset) -> tuple[Score, ...]:
    found, device = [], pick_device()
    for part in ("validation", "test"):
        chosen = dataset.windows.of_part(part)
        if not len(chosen):
            continue
        result = score(dataset, chosen, predict(checkpoint.model.to(device), dataset, chosen, device=device).predicted)
        if isinstance(result, ClassScores):
            found.append(Score(part, "accuracy", float(result.accuracy), float(result.largest), result.windows))
        elif result is not None:
            error, still = float(result.squared_error.mean()), float(result.persistence.mean())
            found.append(Score(part, "squared error", error, still, result.windows))
    return tuple(found)
