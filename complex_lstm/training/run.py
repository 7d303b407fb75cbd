"""Training a run: wait for its turn in the queue, train, and record how it ended."""

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
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.calibration import ece
from complex_lstm.inference import Predictions, predict
from complex_lstm.metrics import ClassScores, score
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.model.device import pick_device
from complex_lstm.runs import Plan, Run, Score, check_trainable
from complex_lstm.runs.folder import clear_command, read_command
from complex_lstm.runs.queue import turn_taken
from complex_lstm.training.fit import Outcome, fit
from complex_lstm.training.oom import halve_batch_on_oom
from complex_lstm.training.run_callbacks import StatusWriter

POLL = 0.5  # seconds between two looks at the queue


OnScored = Callable[[Dataset, dict[str, Predictions]], None]  # the data and, by part, the predictions that the run was scored by


def train_run(
    run: Run,
    *,
    queue: Path | None = None,
    progress: bool = False,
    callbacks: tuple[Callback, ...] = (),
    on_scored: OnScored | None = None,
) -> Run:
    """Train or resume a run that has just been opened, and return it as it has ended: done, or stopped by a command.

    With a queue it waits until no earlier run under that folder is under way. Of several processes only rank 0 writes and records
    how the run ends, and calls `on_scored` where it is done.

    Raises:
        TrainingError: it is done, or under way in another process, or cannot be trained; or see `fit`.
    """
    if run.status.state == "done":
        raise TrainingError(f"The run {run.plan.name} is done: there is nothing to resume. Start a new one to train for longer.")
    writer = StatusWriter(run)
    if not writer.is_rank_zero:
        with suppress(ComplexLSTMError):  # rank 0 meets the same error and records it
            _fit_in_memory(run, load_data(run.plan), writer, progress=False, callbacks=())
        return replace(run, status=writer.status)
    if run.is_under_way and run.status.pid != os.getpid():
        raise TrainingError(f"The run {run.plan.name} is under way already, in process {run.status.pid}.")
    with record_ending(writer, kept=lambda: _what_is_kept(run, writer)):
        writer.begin(state="waiting", epochs=run.plan.training.epochs, message="Reading the data.", seconds_left=None, notes=(), scores=())
        if queue is not None:
            _wait_for_turn(run, writer, queue)
        dataset = load_data(run.plan)
        writer.update(state="running", notes=check_trainable(dataset), batch_size=writer.status.batch_size or run.plan.training.batch_size)
        for note in writer.status.notes:
            writer.log(note)
        outcome = _fit_in_memory(run, dataset, writer, progress=progress, callbacks=callbacks)
        predictions = _predict_parts(outcome.checkpoint, dataset)
        scores, calibration = _judge(predictions, dataset)
        ended = " ".join([f"Done: {outcome.epochs} epochs, of which epoch {writer.status.best_epoch} is kept.", *calibration])
        writer.update(state="done", share=1.0, message=ended, scores=scores, seconds_left=None)
        writer.log(ended)
    if on_scored is not None:
        on_scored(dataset, predictions)
    return replace(run, status=writer.status)


def load_data(plan: Plan) -> Dataset:
    """Return the data set that a plan trains on.

    Raises:
        TrainingError: the file is gone, or is another one than when the run was created.
    """
    path = Path(plan.data)
    if not path.is_file():
        where = f"no longer there ({path}). Put it back" if plan.data else "not known here. Open that file on the Start page"
        raise TrainingError(f"The data of this run, {plan.data_name}, is {where}, or start a new run.")
    try:
        table = read_csv(path, plan.data_name, plan.reading)
    except OSError as error:
        raise TrainingError(f"The data of this run, {plan.data_name}, cannot be read ({error.strerror}: {path}).") from error
    if table.fingerprint != plan.fingerprint:
        raise TrainingError(f"{plan.data_name} has changed since the run was made. Put the old file back, or start a new run.")
    dataset = prepare_training(table, plan.roles, plan.window, plan.split, plan.derived)
    return replace(dataset, schema=with_units(dataset.schema, dict(unit.split("=", 1) for unit in plan.units)))


def _wait_for_turn(run: Run, writer: StatusWriter, queue: Path) -> None:
    while True:
        time.sleep(POLL)  # first: a run that was started at the same moment has then written its place in the queue
        with turn_taken(replace(run, status=writer.status), queue) as ahead:
            if read_command(run.folder) == "stop":
                clear_command(run.folder)
                raise Stopped("Stopped before its turn in the queue.")
            if not ahead:
                writer.update(state="running", message="Reading the data.")
                return
        writer.update_progress(message=f"Waiting for {ahead} earlier run{'s' if ahead > 1 else ''}.")


def _fit_in_memory(run: Run, dataset: Dataset, writer: StatusWriter, *, progress: bool, callbacks: tuple[Callback, ...]) -> Outcome:
    """Return the outcome, with batches halved where memory is short, and from the start where they were halved before."""
    plan, training = run.plan, run.plan.training

    def train(config: TrainingConfig) -> Outcome:
        return fit(dataset, plan.model, plan.split, config, command=plan.command, progress=progress, writer=writer, callbacks=callbacks)

    def record(config: TrainingConfig, note: str) -> None:
        halved = config.accumulate // training.accumulate
        writer.update(batch_size=config.batch_size, accumulate=halved, notes=(*writer.status.notes, note), message=note)
        writer.log(note)

    if training.devices * training.nodes > 1:
        return train(training)  # each process would halve its batches on its own: several need enough memory
    size, accumulate = writer.status.batch_size, training.accumulate * writer.status.accumulate
    return halve_batch_on_oom(replace(training, batch_size=size, accumulate=accumulate), train, record)


Kept = tuple[str, tuple[Score, ...]]  # what there is of a run that was stopped, in a sentence, and its scores


@contextmanager
def record_ending(writer: StatusWriter, *, kept: Callable[[], Kept]) -> Iterator[None]:
    """Record how a run or a sweep ends that does not end well, and let its error pass; a stop by a command is no error.

    `kept` is called when it was stopped.
    """
    start = time.monotonic()
    before = writer.status.seconds
    try:
        yield
        writer.update(seconds=before + time.monotonic() - start)
    except Stopped as stop:
        sentence, scores = kept()  # first: a reader of the state "stopped" may resume or delete the run
        _end(writer, state="stopped", message=f"{stop} {sentence}", seconds=before + time.monotonic() - start, scores=scores)
    except (KeyboardInterrupt, SystemExit):
        _end(writer, state="stopped", message="The process was ended from outside. Resume it: it goes on from its last checkpoint.")
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "The disk is full" if full else f"A file of the run cannot be written ({error.strerror})"
        trouble = StorageError(f"{what}. What was written before is kept: free some space, then resume the run.")
        _end(writer, state="failed", message=str(trouble))
        raise trouble from error
    except ComplexLSTMError as error:
        _end(writer, state="failed", message=str(error))
        raise
    except Exception as error:
        _end(writer, state="failed", message=f"{type(error).__name__}: {error}. See the log.", trace=traceback.format_exc())
        raise


def _end(writer: StatusWriter, *, trace: str = "", **changes: object) -> None:
    """Write the ending as far as the disk allows: where it is full, the old status stays, and the process is gone."""
    try:
        writer.update(**{"seconds_left": None} | changes)
        writer.log(trace or writer.status.message)
    except OSError:
        return


def _what_is_kept(run: Run, writer: StatusWriter) -> Kept:
    """Return what is kept of a run that was stopped. It has no scores where it has no model, or its data is gone."""
    if not run.model.exists():
        partly = writer.status.epoch and run.plan.training.gradual
        return "There is no model yet" + (": not all of its parts were in." if partly else "."), ()
    unfinished = writer.status.best_epoch > writer.status.epoch  # stopped before the end of the first epoch
    sentence = f"The best model so far ({'within ' if unfinished else ''}epoch {writer.status.best_epoch}) is kept."
    checkpoint = load_checkpoint(run.model)
    try:
        if not isinstance(checkpoint, Checkpoint):
            return sentence, ()
        dataset = load_data(run.plan)
        return sentence, _judge(_predict_parts(checkpoint, dataset), dataset)[0]
    except ComplexLSTMError:
        return sentence, ()


def _predict_parts(checkpoint: Checkpoint, dataset: Dataset) -> dict[str, Predictions]:
    """Return the predictions for validation and test, of those that have windows."""
    device = pick_device()
    model = checkpoint.model.to(device)
    chosen = {part: windows for part in ("validation", "test") if len(windows := dataset.windows.of_part(part))}
    return {part: predict(model, dataset, windows, device=device) for part, windows in chosen.items()}


def _judge(predicted: dict[str, Predictions], dataset: Dataset) -> tuple[tuple[Score, ...], tuple[str, ...]]:
    """Return the scores on each part, and of classes the expected calibration error of each, in a sentence."""
    found, calibration = [], []
    for part, predictions in predicted.items():
        result = score(dataset, predictions.chosen, predictions.predicted)
        if isinstance(result, ClassScores):
            known = answered_windows(dataset, predictions)
            calibration.append(f"Expected calibration error on {len(known):,} {part} windows: {ece(known.predicted, known.actual):.4f}.")
            found.append(Score(part, "accuracy", float(result.accuracy), float(result.largest), result.windows))
        elif result is not None:
            error, still = float(result.squared_error.mean()), float(result.persistence.mean())
            found.append(Score(part, "squared error", error, still, result.windows))
    return tuple(found), tuple(calibration)
