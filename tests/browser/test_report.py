"""The report of a window: one file that opens without a network, and prints on two to five pages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Arrive

SLOWEST = 600_000  # milliseconds, on a busy machine


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("sample", ["nyc_weather", "planted_shape"])
def test_the_report_opens_offline_and_prints_on_two_to_five_pages(arrive: Arrive, browser: Browser, tmp_path: Path, sample: str) -> None:
    visitor = arrive()
    visitor.open("explain", data=sample, model=sample)
    visitor.see_view("explain")
    button = visitor.widget("explain_report").get_by_role("button")
    expect(button).to_be_enabled(timeout=SLOWEST)  # once all that the report needs is computed
    with visitor.page.expect_download(timeout=SLOWEST) as waiting:  # the further measures, for at most a minute
        button.click()
    file = tmp_path / "report.html"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename.startswith("report_window_")

    offline = browser.new_context(offline=True)
    page = offline.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())
    try:
        assert page.locator("figure svg").count() >= 5 and page.locator(".heads img").count() >= 8
        assert page.evaluate("() => [...document.images].every(one => one.complete && one.naturalWidth)")
        for words in (
            "The prediction",
            "Smallest changes found",
            "CPD",
            "trivial rule",
            "How far each method can be trusted",
            "Consensus",
            "sha256",
            "torch 2",
        ):
            expect(page.get_by_text(words).first).to_be_visible()
        assert "was not computed yet" not in page.inner_text("body")
        pages = len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True)))
        assert 2 <= pages <= 5
        assert [one for one in asked if not one.startswith(("file:", "data:"))] == [] and complaints == []
        with page.expect_download() as numbers:
            page.locator("a.csv").first.click()
        assert Path(numbers.value.path()).read_text().startswith("panel,trace,x,y,z\n")
    finally:
        offline.close()
