"""What a view of Check waits for: a job beside the page, with its progress and Stop, or what it has found."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from complex_lstm.ui.compute.jobs import Job, JobFunction, wait_briefly
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PAGE, PartScore, part_score_unless_stopped
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import request_jobs
from complex_lstm.ui.session.progress import show_job


def await_part(scene: Scene, part: str) -> PartScore | None:
    """Return the predictions of all windows of a part and their scores, None while they are under way or stopped, which is drawn."""
    return await_job(part_score_unless_stopped(scene, part), PAGE, f"Scoring all windows of {plain(part)}", "all windows were scored")


def await_part_and_source(scene: Scene, part: str) -> tuple[PartScore, PartScore] | None:
    """Return a part and the one that a temperature or a width is from: validation, else the part itself. None as in `await_part`."""
    found = await_part(scene, part)
    if found is None or part == "validation" or not len(scene.dataset.windows.of_part("validation")):
        return None if found is None else (found, found)
    source = await_part(scene, "validation")
    return None if source is None else (found, source)


def await_result(key: Hashable, run: JobFunction, words: str, page: str = PAGE, *, is_excuse: bool = False) -> Any:
    """Return what a job has made, None while it is under way or stopped, which is drawn. `words` say what it does.

    `page` is what Stop and Go on of the job are called by; with `is_excuse` its error says why there is nothing, and is no fault.
    """
    return await_job(request_jobs(page, key, {key: run})[key], page, words, is_excuse=is_excuse)


def await_job(job: Job[Any] | None, page: str, words: str, before: str = "the end", *, is_excuse: bool = False) -> Any:
    """Return what a job has made after a short wait, or None and draw why, as `show_job`."""
    if job:
        wait_briefly([job])
    return show_job(job, page, words, before, is_excuse=is_excuse)
