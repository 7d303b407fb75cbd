"""A file that is read wrong, and the form that puts it right: with a browser, from the upload on."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.visitor import Visitor

HOSTILE = "a*b* `c` $x$ <b>|[1](http://x)"
FITS = (
    "() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
)


def rows(header: str, *cells: str) -> bytes:
    return "\n".join([header, *(f"2024-03-{1 + n // 24:02} {n % 24:02}:00,{cells[n % len(cells)]}" for n in range(120))]).encode()


def open_reading(visitor: Visitor) -> None:
    """Open the part of the page with the switches, if it is not open still."""
    if visitor.widget("data_reading").locator("details[open]").count() == 0:
        visitor.widget("data_reading").locator("summary").click()


def switch(visitor: Visitor, name: str) -> Locator:
    return visitor.widget(f"data_read_{name}")


@pytest.mark.long
def test_a_file_with_a_line_too_long_leads_to_data_and_is_mended_there(visitor: Visitor) -> None:
    lines = "\n".join(["t,a", *(f"{n},{n % 7}{',9' if n == 5 else ''}" for n in range(200))])
    visitor.open()
    visitor.upload("start_upload_data", f"{HOSTILE[:9]}.data", lines.encode())
    visitor.see_heading("Data")
    expect(visitor.widget("data_fault").get_by_text("line 7 has 3 fields")).to_be_visible()
    assert len(visitor.messages) == 1

    visitor.select("data_read_ragged", "fill")

    visitor.see_view("series")
    assert visitor.messages == [] and visitor.page.evaluate(FITS)


@pytest.mark.long
def test_what_may_mean_missing_is_taken_with_the_keyboard_and_put_back(visitor: Visitor) -> None:
    visitor.open()
    visitor.upload("start_upload_data", "mine.csv", rows(f"when,{HOSTILE},load", "-200,1.5", "1,2.5", "2,3.5", "3,1", "4,2", "5,3", "6,4"))
    visitor.see_heading("Data")
    offer = visitor.widget("data_offer_take_0").get_by_role("button")
    expect(offer).to_have_text("Read -200 as missing")
    see_nothing_serious_in_both_themes(visitor)

    offer.focus()
    visitor.page.keyboard.press("Enter")

    undo = visitor.widget("data_done_0_undo").get_by_role("button")
    expect(undo).to_be_visible()
    expect(visitor.page.get_by_text("-200 is read as missing: 18 cells")).to_be_visible()
    undo.click()
    expect(offer).to_be_visible()
    visitor.see_view("series")
    assert visitor.messages == []


@pytest.mark.long
def test_each_wrong_guess_is_corrected_by_the_form(visitor: Visitor) -> None:
    visitor.open("data")
    visitor.upload("data_upload", "mine.csv", b"\n".join([b"t;x;y", *(b"%d;%d,5;%d" % (n, n % 7, n % 5) for n in range(100))]))
    visitor.see_view("series")
    opened = visitor.carried("data")
    for name, value in (("decimal", ". (point)"), ("quote", "' (apostrophe)"), ("encoding", "cp1252"), ("layout", "series in rows")):
        open_reading(visitor)
        visitor.select(f"data_read_{name}", value)
        visitor.page.wait_for_url(lambda url: f"data={opened}" not in url)
        visitor.settle()
        open_reading(visitor)
        visitor.widget("data_reading_reset").get_by_role("button").click()
        visitor.see_link(data=opened)
        visitor.see_view("series")
    assert visitor.messages == []


@pytest.mark.long
@pytest.mark.parametrize("width", [420, 1366])
def test_the_form_is_as_wide_as_the_screen_and_fit_for_everybody(visitor: Visitor, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 768})
    visitor.open("data")
    visitor.upload(
        "data_upload", "mine.csv", rows(f"when,{HOSTILE},x,row,load", *(f"{'NESW'[n % 4]},{n % 5}.5,{n},{n % 6}.5" for n in range(24)))
    )
    visitor.see_view("series")

    open_reading(visitor)

    expect(switch(visitor, "missing")).to_be_visible()
    assert visitor.page.evaluate(FITS)
    see_nothing_serious_in_both_themes(visitor)
