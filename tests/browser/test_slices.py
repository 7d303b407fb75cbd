"""Where the model is worst: from a dot of the figure to the windows of its slice, from a row to its window, and the report taken along."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive

WEATHER = {"data": "nyc_weather", "model": "nyc_weather"}
FIRST_ROW = {"x": 20, "y": 52}  # pixels: the box that chooses the first row of a table


@pytest.mark.long
def test_a_dot_lists_its_windows_and_a_row_opens_one(arrive: Arrive, tmp_path: Path) -> None:
    visitor = arrive()
    visitor.open("check", **WEATHER, view="slices", cut="airport")
    visitor.see_view("slices")
    visitor.see_traces("slices_dots", "95% interval", "within chance")
    visitor.click_point("slices_dots", trace=1, point=1)

    expect(visitor.page.get_by_role("heading", name="airport: JFK")).to_be_visible()
    visitor.see_link(slice="airport%3A+JFK", cut="airport")
    visitor.settle()
    before = visitor.link.get("window")
    visitor.page.get_by_test_id("stDataFrame").last.click(position=FIRST_ROW)
    visitor.page.wait_for_url(lambda url: "window=" in url and f"window={before}&" not in url, wait_until="commit")
    expect(visitor.page.get_by_role("heading", name="airport: JFK")).to_be_visible()  # the slice stays open

    visitor.settle()
    with visitor.page.expect_download() as waiting:
        visitor.widget("check_report").get_by_role("button").click()
    waiting.value.save_as(tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text()
    assert "Where it is worst" in report and "What has moved since training" in report
