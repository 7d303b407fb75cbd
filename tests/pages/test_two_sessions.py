"""Two visitors at once: a job belongs to those who want it, and ends when the last of them has given it up."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.compute.jobs import Job, job_queue
from tests.pages.conftest import ROOT, Show
from tests.pages.looking import PATIENCE, finished
from tests.pages.looking import jobs_of as all_jobs_of

SAMPLE = {"data": "planted_order", "model": "planted_order", "baseline": "training_mean"}
BY_TWO = "occlusion,input_x_gradient"


@pytest.fixture
def importance(show: Show) -> Callable[[int], AppTest]:
    """Return what opens Feature importance on a window, in a new session."""
    return lambda window: show("importance", **SAMPLE, window=window, methods=BY_TWO)


def jobs_of(app: AppTest) -> list[Job[Any]]:
    """Return the jobs under way of the page itself: not those of the strip of windows and of the banner, which every page has."""
    return [job for job in all_jobs_of(app) if job.key[0] not in ("window_errors", "part_score")]  # type: ignore[index]


def turn_to(app: AppTest, page: str) -> None:
    app.switch_page(str(ROOT / f"pages/{page}.py")).run()
    assert not app.exception


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def test_leaving_feature_importance_for_data_stops_its_jobs(importance: Callable[[int], AppTest]) -> None:
    """Seven jobs once still ran five seconds after the visitor had left."""
    app = importance(21)
    jobs = jobs_of(app)
    assert len(jobs) == 4  # two methods, the random rankings, and the headline

    turn_to(app, "data")

    assert jobs_of(app) == [] and all(job.wait(PATIENCE) and job.state == "stopped" for job in jobs)


def test_another_window_stops_what_was_computed_of_the_one_before(importance: Callable[[int], AppTest]) -> None:
    app = importance(21)
    before = jobs_of(app)

    app.number_input(key="bar_window").set_value(22).run()

    assert len(jobs_of(app)) == 4 and not set(before) & set(jobs_of(app))
    assert {job.state for job in before} == {"stopped"}


@pytest.mark.long
def test_stop_gives_up_only_ones_own_and_the_other_gets_the_answers(importance: Callable[[int], AppTest]) -> None:
    """It once cancelled what another visitor waited for."""
    first, second = importance(23), importance(23)
    jobs = jobs_of(first)
    assert len(jobs) == 4 and jobs_of(second) == jobs

    first.button(key="importance_stop").click().run()

    assert jobs_of(first) == [] and jobs_of(second) == jobs
    assert "importance_go_on" in keys(first) and first.info[0].value == "Stopped with 0 of 2 methods done."
    assert "importance_stop" not in keys(finished(second)) and {job.state for job in jobs} == {"done"}
    first.button(key="importance_go_on").click().run()
    assert "importance_go_on" not in keys(first) and jobs_of(first) == []  # the other's answers are there


def test_a_page_left_by_one_goes_on_for_the_other_until_the_other_leaves_too(importance: Callable[[int], AppTest]) -> None:
    first, second = importance(24), importance(24)
    jobs = jobs_of(first)

    turn_to(first, "data")
    assert jobs_of(second) == jobs and all(job.is_under_way for job in jobs)
    turn_to(second, "train")

    assert {job.state for job in jobs} == {"stopped"} and not set(jobs) & set(job_queue().under_way())


@pytest.mark.long
def test_who_comes_back_is_served_again(importance: Callable[[int], AppTest]) -> None:
    app = importance(25)
    turn_to(app, "data")

    turn_to(app, "explain")
    assert len(jobs_of(app)) == 4

    assert "importance_stop" not in keys(finished(app))


def test_what_another_visitor_has_under_way_is_joined_by_the_button(show: Show) -> None:
    def open_overall() -> AppTest:
        return show("importance", **SAMPLE, window=26, methods=BY_TWO, view="overall")

    first, second = open_overall(), open_overall()
    first.button(key="importance_overall_start").click().run()
    second.run()

    assert jobs_of(second) == [] and "Another visitor's computation of this is under way." in second.info[0].value
    second.button(key="importance_overall_start").click().run()
    assert jobs_of(second) == jobs_of(first)
    second.button(key="importance_overall_stop").click().run()

    assert len(jobs_of(first)) == 1 and jobs_of(second) == []
