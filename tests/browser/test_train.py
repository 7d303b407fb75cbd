"""A newcomer trains on a file of their own, reloads in the middle, stops, and uses what was learned."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from complex_lstm.runs import list_runs, send_command
from tests.browser.conftest import Arrive
from tests.browser.server import Server
from tests.browser.test_own_file import quarter_hours
from tests.browser.visitor import Visitor

OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map(one => one.scrollWidth - one.clientWidth)"""


@pytest.fixture(autouse=True)
def no_run_is_left_behind(server: Server) -> Iterator[None]:
    yield
    for run in list_runs(server.workspace / "runs"):
        if run.is_under_way:
            send_command(run, "stop")


def press(visitor: Visitor, key: str) -> None:
    visitor.widget(key).get_by_role("button").click()


@pytest.mark.long
def test_a_newcomer_trains_reloads_stops_and_uses_the_model(visitor: Visitor, arrive: Arrive) -> None:
    visitor.open()
    visitor.upload("start_upload_data", "my house.csv", quarter_hours(300))
    expect(visitor.page.get_by_text("300 rows, 4 columns, 3 of them numbers")).to_be_visible()
    visitor.turn_to("Train")
    visitor.widget("train_size").get_by_text("small").click()
    visitor.enter("train_epochs", 1000)
    visitor.page.get_by_text("Strategies", exact=True).click()
    visitor.enter("train_patience", 1000)  # or the run may end before it is paused
    press(visitor, "train_start")
    visitor.page.wait_for_url(re.compile("run="))
    progress = visitor.page.get_by_text(re.compile(r"^\d+ of 1000 epochs done"))
    expect(progress).to_be_visible()
    expect(visitor.widget("train_use")).to_be_visible()  # the first epoch is over

    visitor.reload()
    visitor.see_view("run")
    expect(progress).to_be_visible()
    other = arrive()
    other.open("train", **visitor.link)
    expect(other.page.get_by_text(re.compile(r"^\d+ of 1000 epochs done"))).to_be_visible()
    press(other, "train_pause")
    expect(visitor.page.get_by_text("Paused. It keeps its place in the queue.")).to_be_visible()
    press(visitor, "train_go_on")
    expect(visitor.widget("train_pause")).to_be_visible()
    press(visitor, "train_stop")
    expect(visitor.page.get_by_text(re.compile(r"Stopped. The best model so far \(epoch \d+\) is kept"))).to_be_visible()

    press(visitor, "train_use")
    visitor.page.wait_for_url(re.compile("model="))
    visitor.see_heading("Explain")
    visitor.see_view("explain")
    assert visitor.messages == []
    visitor.turn_to("Train")
    expect(visitor.page.get_by_text("It is in use on every page.")).to_be_visible()
    assert visitor.page.evaluate(OVERFLOW) == [0, 0]
    losses = visitor.traces("train_run_losses")[0]
    assert losses["name"] == "training" and losses["x"][0] == 1 and len(losses["x"]) == len(losses["y"])
    assert visitor.messages == []
