"""A file of a thousand columns opens on Data: a bounded page, whose search finds any of them."""

import numpy as np
import pytest

from tests.browser.visitor import Visitor

COLUMNS, ROWS = 1000, 400
GROUPS = ("tBodyAcc-", "fBodyGyro-", "sensor1_", "sensor2_")
NAMES = [f"{GROUPS[number % 4]}{number}" for number in range(COLUMNS)]
MOST_PIXELS, MOST_ELEMENTS = 5000, 6000
PANELS = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap((figure) =>
    Object.keys(figure._fullLayout ?? {}).filter((name) => /^yaxis\\d*$/.test(name))).length"""


def wide_file() -> bytes:
    values = np.random.default_rng(0).standard_normal((ROWS, COLUMNS)).cumsum(axis=0)
    rows = (",".join(f"{value:.3f}" for value in row) for row in values)
    return "\n".join([",".join(NAMES), *rows]).encode()


@pytest.mark.long
def test_a_thousand_columns_open_on_data_and_each_is_found(visitor: Visitor) -> None:
    """With 200 columns Data once took 50 s and 16,000 pixels, and with 1,000 it did not end."""
    visitor.open("data")
    visitor.upload("data_upload", "wide.csv", wide_file())
    page = visitor.page
    first = visitor.see_traces("data_series_figure", NAMES[0], NAMES[11])
    visitor.settle()

    assert len(first) == 12 and page.evaluate(PANELS) == 12
    assert page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight") < MOST_PIXELS
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_ELEMENTS
    page.get_by_text("12 of 1000 features, the first in the file").wait_for()

    search = visitor.widget("data_series_search").get_by_role("textbox")
    search.fill("SENSOR2_99")
    search.press("Enter")
    assert set(visitor.see_traces("data_series_figure", "sensor2_999", "sensor2_99")) == {
        "sensor2_99",
        *(f"sensor2_{n}" for n in (991, 995, 999)),
    }

    search.fill("")
    search.press("Enter")
    visitor.select("data_series_group", "sensor1_… (250)")
    assert len(visitor.see_traces("data_series_figure", "sensor1_2", "sensor1_46")) == 12
    page.get_by_text("250 begin with sensor1_").wait_for()


@pytest.mark.long
def test_a_group_of_a_thousand_columns_is_left_out_at_once(visitor: Visitor) -> None:
    visitor.open("data")
    visitor.upload("data_upload", "wide.csv", wide_file())
    visitor.see_traces("data_series_figure", NAMES[0])
    visitor.settle()

    box = visitor.page.locator('[class*="st-key-data_features_"][class*="_without"]')
    box.get_by_role("combobox").press("ArrowDown")
    visitor.page.get_by_role("option", name="sensor2_… (250 columns)", exact=True).click()

    visitor.page.get_by_text("750 of 1,000 columns are chosen").wait_for()
    visitor.page.get_by_text("12 of 750 features").wait_for()
