"""The averages that switches hold parts of a model at: over a sample of windows at once, or over all of them, as a job beside the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from complex_lstm.data import Dataset
from complex_lstm.errors import InterventionError
from complex_lstm.interpretation.components import Averages, average_over, joined_averages
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.model.device import pick_device
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.session.messages import part_words
from complex_lstm.ui.session.page_jobs import request_jobs
from complex_lstm.ui.session.progress import show_job
from complex_lstm.ui.session.state import current

Keys = tuple[str, str, str, int]

AVERAGED = 256  # windows, evenly spread, over which an average is taken unless all are wanted
AT_ONCE = 512  # windows, after which the job over all tells how far it is: whole batches
PAGE = "averages"  # what Stop and Go on of the job are called by
ALL = "all"  # in the link


@dataclass(frozen=True)
class Averaged:
    """Of how many windows the averages are taken, of how many there are; `whose` names these."""

    taken: int
    total: int
    whose: str

    @property
    def words(self) -> str:
        taken = f"all {self.total:,}" if self.taken == self.total else f"{self.taken:,} of {self.total:,}"
        return f"{taken} windows of {self.whose}"

    @property
    def interval(self) -> str:
        """How far the averages lie from those over all windows, in words: "" where they are these."""
        if self.taken == self.total:
            return ""
        error = 1.96 * np.sqrt((1 - self.taken / self.total) / self.taken)
        return f"95% of such averages lie within {error:.2f} standard deviations over the windows from that over all"


def is_over_all() -> bool:
    """Whether the link has averages taken over all windows."""
    return current().averages == ALL


def averaged(keys: Keys) -> Averaged:
    """Return over how many windows averages are taken, as the link has it."""
    every = cache.dataset(*cache.all_windows(keys))
    total = len(_candidates(every))
    taken = total if is_over_all() else min(AVERAGED, len(_candidates(cache.dataset(*keys))))
    return Averaged(taken, total, part_words("training" if len(every.windows.of_part("training")) else "this file"))


def averages(keys: Keys) -> Averages | None:
    """Return the averages over windows of the training part, or of all parts where it is not known.

    Over all windows they are requested by this run of the page, and None until they are there: `draw_averaging` says how far they are.

    Raises:
        InterventionError: none of the windows has finite values.
    """
    if is_over_all():
        job = _over_all(keys)
        if job is not None and job.error_message:
            raise InterventionError(job.error_message)
        return job.result if job is not None and job.state == "done" else None

    def make() -> Averages:
        dataset = cache.dataset(*keys)
        some = evenly_spread(_candidates(dataset), AVERAGED)
        return joined_averages([average_over(cache.checkpoint(keys[1]).model, dataset, some, device=pick_device())])

    return cache.remember("averages", keys, make, most=16)


def draw_averaging(keys: Keys) -> None:
    """Draw how far the averages over all windows are, or why there are none; nothing where they are there."""
    show_job(_over_all(keys), PAGE, "Averaging over all windows", "all windows were averaged")


def _candidates(dataset: Dataset) -> Int[np.ndarray, " window"]:
    training = dataset.windows.of_part("training")
    return training if len(training) else np.arange(len(dataset.windows))


def _over_all(keys: Keys) -> Job[Averages] | None:
    every = cache.all_windows(keys)
    key = ("averages", every)

    def run(job: Job[Averages]) -> Averages:
        dataset, model = cache.dataset(*every), cache.checkpoint(every[1]).model
        windows, parts = _candidates(dataset), list(job.earlier or [])
        job.skipped = min(len(windows), AT_ONCE * len(parts))
        for first in range(job.skipped, len(windows), AT_ONCE):
            job.report_progress(first, len(windows))
            some = windows[first : first + AT_ONCE]
            parts.append(average_over(model, dataset, some, device=pick_device(), stop=job.must_stop).of_mean_outputs)
            job.partial = list(parts)
        return joined_averages(parts)

    return request_jobs(PAGE, key, {key: run})[key]
