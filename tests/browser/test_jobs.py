"""Jobs in real browsers: they end when the last tab that wants them is closed or has gone to another page, and not before."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.server import Server
from tests.browser.visitor import PATIENCE, Visitor

# Slow methods on 200 windows: on one core minutes of short forward passes, between any two of which a job can stop.
LONG = {"data": "shoulder_exercises", "model": "shoulder_exercises", "stride": 20, "window": 3, "view": "overall"}
KEY = "importance_overall"

pytestmark = pytest.mark.long


def jobs_logged(server: Server) -> list[str]:
    """Return what the server has logged of long jobs since it started: "started", "stopped" and so on, in order."""
    return re.findall(rf"Job (\w+)[^\n]*: \('{KEY}'", server.log.read_text())


def see_job(server: Server, *states: str, since: int) -> None:
    """Wait until the log tells these states of jobs, after the first `since` of them."""
    end = time.monotonic() + PATIENCE / 1000
    while jobs_logged(server)[since:] != list(states) and time.monotonic() < end:
        time.sleep(0.05)
    assert jobs_logged(server)[since:] == list(states)


def start(visitor: Visitor, method: str) -> None:
    """Open the view of all windows on Feature importance and start what takes long, or join it."""
    visitor.open("importance", **LONG, methods=method)
    visitor.see_view("importance")
    visitor.widget("importance_overall_start").get_by_role("button").click()
    expect(visitor.widget("importance_overall_stop")).to_be_visible()


def see_it_go_on(visitor: Visitor) -> None:
    """Wait until more is done than now."""
    progress = visitor.page.get_by_text(re.compile(r"\d+ of \d+ done, about"))
    now = progress.inner_text()
    expect(progress).not_to_have_text(now)


def test_a_job_ends_when_the_last_tab_that_wants_it_is_closed(arrive: Arrive, server: Server) -> None:
    before, first, second = len(jobs_logged(server)), arrive(), arrive()
    start(first, "temporal_saliency_rescaling")
    see_job(server, "started", since=before)
    start(second, "temporal_saliency_rescaling")

    first.page.close()
    see_it_go_on(second)
    assert jobs_logged(server)[before:] == ["started"]
    second.page.close()

    see_job(server, "started", "stopped", since=before)


def test_a_job_ends_when_the_visitor_goes_to_another_page_and_continues_when_they_come_back(arrive: Arrive, server: Server) -> None:
    before, visitor = len(jobs_logged(server)), arrive()
    start(visitor, "integrated_gradients")
    expect(visitor.page.get_by_text(re.compile(r"\d+ of \d+ done, about"))).to_be_visible()

    visitor.turn_to("Data")
    see_job(server, "started", "stopped", since=before)
    visitor.turn_to("Check")
    expect(visitor.page.get_by_text(re.compile(r"Stopped after [1-9]\d* of \d+"))).to_be_visible()
    visitor.widget("importance_overall_start").get_by_role("button").click()
    see_job(server, "started", "stopped", "started", since=before)
    visitor.widget("importance_overall_stop").get_by_role("button").click()

    see_job(server, "started", "stopped", "started", "stopped", since=before)


def test_stop_in_one_browser_lets_the_other_go_on(arrive: Arrive, server: Server) -> None:
    before, first, second = len(jobs_logged(server)), arrive(), arrive()
    start(first, "ablation")
    start(second, "ablation")

    first.widget("importance_overall_stop").get_by_role("button").click()
    expect(first.page.get_by_text("Another visitor's computation of this is under way")).to_be_visible()
    see_it_go_on(second)
    assert jobs_logged(server)[before:] == ["started"]
    second.widget("importance_overall_stop").get_by_role("button").click()
    see_job(server, "started", "stopped", since=before)


@pytest.mark.parametrize("page", ["Data", "Train"])
def test_nothing_of_feature_importance_runs_after_it_was_left(arrive: Arrive, server: Server, page: str) -> None:
    """Seven jobs once still ran five seconds later."""
    visitor = arrive()
    visitor.open("importance", data="shoulder_exercises", model="shoulder_exercises", stride=20, window=6 + len(page))
    visitor.see_view("importance")

    visitor.turn_to(page)

    end = time.monotonic() + PATIENCE / 1000
    while not nothing_under_way(server) and time.monotonic() < end:
        time.sleep(0.05)
    assert nothing_under_way(server)


def nothing_under_way(server: Server) -> bool:
    """Return whether the last word of the log on jobs of Feature importance is that none is under way."""
    under_way: set[str] = set()
    for state, key in re.findall(r"Job (\w+)[^\n]*?: (\('(?:answer|chance)'[^\n]*)", server.log.read_text()):
        under_way = under_way | {key} if state == "started" else under_way - {key}
    return not under_way
