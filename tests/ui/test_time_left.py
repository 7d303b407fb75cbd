"""The time left of a comparison, from the pace of the jobs that run; and how much a job over all windows may hold."""

import time

import numpy as np
import pytest

from complex_lstm.interpretation.global_importance import BINS, GlobalImportance
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.explaining.comparison import Comparison
from complex_lstm.ui.views.importance.overall_view import MOST_BYTES, most_kept

PASSES = {"a": 300, "b": 500, "c": 1000, "chance": 200}


def comparison(**done: int) -> Comparison:
    """Return one of three methods, of which those named here have run for a thousand seconds and done so many passes; the others wait."""
    jobs = {name: Job[object](name, lambda job: None, lambda session: True) for name in PASSES}
    for name, passes in done.items():
        jobs[name].state, jobs[name].done, jobs[name].started = "running", passes, time.monotonic() - 1000
    return Comparison("key", {name: jobs[name] for name in "abc"}, jobs["chance"], PASSES)  # type: ignore[misc,arg-type]


def test_before_anything_is_done_there_is_no_estimate() -> None:
    assert comparison().seconds_left is None and comparison(a=0, b=0).seconds_left is None


def test_what_is_left_is_divided_by_the_pace_of_all_that_run() -> None:
    """Two jobs did 400 passes in 1,000 s together: 0.4 a second. Of 2,000 in all 1,600 are left."""
    assert comparison(a=100, b=300).seconds_left == pytest.approx(4000, rel=1e-3)


def test_a_job_that_takes_more_than_was_expected_counts_as_nearly_done_and_not_as_time_won() -> None:
    assert comparison(a=400, b=400).seconds_left == pytest.approx((100 + 1000 + 200) / 0.8, rel=1e-3)


@pytest.mark.parametrize("features", [9, 400])
def test_a_job_over_all_windows_has_a_cap_on_memory(features: int) -> None:
    count = most_kept(features)
    which, per_feature = np.zeros(1, dtype=int), np.zeros((1, features))
    one = GlobalImportance(which, which, per_feature, np.zeros((1, BINS, features)), per_feature)

    assert count >= 200 and count * (one.features.nbytes + one.over_time.nbytes + one.values.nbytes) <= MOST_BYTES
