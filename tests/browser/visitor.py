"""Somebody with a browser: where they go, what they press, what they see, and what they must never see."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlencode

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, TimeoutError, expect

PATIENCE = 300_000  # milliseconds: what is there sooner is seen sooner, and a slow machine must pass
GROWING = (10_000, 20_000, 40_000, 80_000, 160_000)  # milliseconds to wait after a click that can be lost, each time it is repeated
REPORT = 10_000  # milliseconds, of a test that has failed already

DECODED = """figure => {
    const plain = array => array == null ? null : Array.from(array, one => isRow(one) ? plain(one) : one);
    const isRow = one => ArrayBuffer.isView(one) || Array.isArray(one);
    return figure._fullData.map(trace => ({name: trace.name, x: plain(trace.x), y: plain(trace.y), z: plain(trace.z)}));
}"""
NAMES_DRAWN = """([place, names]) => {
    const drawn = document.querySelector(place)?.querySelector(".js-plotly-plot")?._fullData ?? [];
    return names.every(name => drawn.some(trace => trace.name === name));
}"""
PLACE_OF_POINT = """(figure, [trace, point]) => {
    const {x, y} = figure.calcdata[trace][point], {xaxis, yaxis} = figure._fullLayout, box = figure.getBoundingClientRect();
    return [box.left + xaxis._offset + xaxis.c2p(x), box.top + yaxis._offset + yaxis.c2p(y)];
}"""


class Visitor:
    """One person in a browser context of their own.

    `complaints` gathers what no visitor may meet: requests to anything but the app, errors of scripts, and dialogs.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", self._hear_request)
        page.on("console", self._hear_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error in the page: {error}"))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def open(self, page: str = "", **selection: object) -> None:
        """Follow a link, which may be the first thing that this visitor does."""
        self.page.goto(f"{self.url}/{page}?{urlencode(selection)}")
        self.settle()

    def open_pane(self, title: str) -> None:
        """Open a pane of Explain by its title; of another pane, through all panes."""
        back = self.widget("explain_back").get_by_role("button")
        if back.count():
            back.click()
        self.page.locator('.overview[data-ready="true"]').get_by_role("button", name=re.compile(f"^{title}")).click()
        expect(self.widget("explain_head").get_by_role("heading", name=re.compile(f"^{title}"))).to_be_visible()
        self.settle()

    def reload(self) -> None:
        self.page.reload()
        self.settle()

    def turn_to(self, title: str) -> None:
        """Click a page's link in the sidebar."""
        heading = self.page.get_by_role("heading", level=1, name=title, exact=True)
        for patience in GROWING:  # Streamlit 1.67 takes a fragment's poll that follows a page click for the page to run: click again
            self.page.get_by_test_id("stSidebarNavLink").get_by_text(title, exact=True).click()
            with suppress(TimeoutError):
                heading.wait_for(timeout=patience)
                return self.settle()
        raise AssertionError(f"The sidebar does not lead to {title}")

    def settle(self) -> None:
        """Wait until the script has run. It says nothing about what a click has changed: wait for that itself."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')

    def see_heading(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    def see_view(self, name: str) -> None:
        """See a page's main view with all its figures drawn, and no exception."""
        expect(self.page.locator(f".st-key-view-{name}")).to_be_visible()
        self.settle()
        self.page.wait_for_function("() => [...document.querySelectorAll('.js-plotly-plot')].every(one => one._fullData && one.calcdata)")
        assert self.page.get_by_test_id("stException").count() == 0

    def see_all_computed(self, view: str) -> None:
        """See a view when it says that nothing is under way any more: that no Stop is there can be a moment between two runs."""
        self.see_view(view)
        expect(self.page.get_by_text("All is computed")).to_be_visible()
        self.see_view(view)

    def see_link(self, **expected: object) -> None:
        """Wait until the address bar carries these values, and nothing where None is expected."""
        for name, value in expected.items():
            carried = re.compile(rf"[?&]{name}=" if value is None else rf"[?&]{name}={re.escape(str(value))}(&|$)")
            self.page.wait_for_url(lambda url: bool(carried.search(url)) == (value is not None), wait_until="commit")  # noqa: B023

    def see_no_selection(self) -> None:
        """Wait until the address bar carries nothing."""
        self.page.wait_for_function("() => location.search === ''")

    def carried(self, name: str) -> str:
        """Return what the address bar carries under a name, once it does: a page can be drawn before its link is."""
        self.page.wait_for_function("name => new URLSearchParams(location.search).has(name)", arg=name)
        return self.link[name]

    @property
    def link(self) -> dict[str, str]:
        """What the address bar carries at this moment."""
        return {name: values[0] for name, values in parse_qs(self.page.evaluate("() => location.search.slice(1)")).items()}

    @property
    def messages(self) -> list[str]:
        """The errors that stand on the page, as the visitor reads them."""
        return self.page.locator('[data-testid="stAlertContentError"], [data-testid="stException"]').all_inner_texts()  # in one go

    def in_words(self) -> str:
        """Return the state of the page's script and all that can be read, for the report of a test that failed."""
        state = self.page.get_by_test_id("stApp").get_attribute("data-test-script-state", timeout=REPORT)
        return f"[script {state}] {self.page.locator('body').inner_text(timeout=REPORT)}"

    def widget(self, key: str) -> Locator:
        """The element with a widget key, or with one that begins so."""
        return self.page.locator(_place(key)).first

    def upload(self, key: str, name: str, content: bytes) -> None:
        """Drop a file into a box, once what came before has been seen to."""
        self.settle()
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.widget(key).locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a dict is a FilePayload

    def select(self, key: str, option: str | re.Pattern[str]) -> None:
        """Open a select box and take an option; again, if a run that comes in just then closes it."""
        self._with_option(key, option, Locator.click)

    def see_option(self, key: str, option: str | re.Pattern[str]) -> None:
        """Open a select box and see an option; again, if a run that comes in just then closes it."""
        self._with_option(key, option, Locator.wait_for)

    def pick(self, key: str, option: str | re.Pattern[str]) -> None:
        """Take an option of a box for several; again, if a run that comes in just then takes the click away."""
        taken = self.widget(key).locator(".react-aria-ComboBox [data-tag]")
        for patience in GROWING:
            self.select(key, option)
            self.page.keyboard.press("Escape")  # the list stays open for more, and hides the page from screen readers
            with suppress(TimeoutError):
                return taken.first.wait_for(timeout=patience / 5)
        raise AssertionError(f"{key} does not take {option}")

    def _with_option(self, key: str, option: str | re.Pattern[str], act: Callable[..., None]) -> None:
        found = self.page.get_by_role("option", name=option, exact=True).first
        for patience in GROWING:
            box = self.widget(key).get_by_role("combobox")
            box.scroll_into_view_if_needed()  # a key opens a list below the window too, where nobody can click
            box.press("ArrowDown")
            with suppress(TimeoutError):
                return act(found, timeout=patience / 5)
            self.settle()
        raise AssertionError(f"{key} does not offer {option}")

    def enter(self, key: str, number: int) -> None:
        """Type a number and leave the box."""
        box = self.widget(key).get_by_role("spinbutton")
        box.fill(str(number))
        box.press("Enter")

    def traces(self, key: str) -> list[dict[str, Any]]:
        """Return what a Plotly figure draws, as numbers."""
        return self._figure(key).evaluate(DECODED)  # type: ignore[no-any-return]  # what the browser says

    def see_traces(self, key: str, *names: str) -> dict[str, dict[str, Any]]:
        """Wait until a Plotly figure draws traces of all these names, and return what it draws, by name."""
        self.page.wait_for_function(NAMES_DRAWN, arg=[_place(key), names])
        return {trace["name"]: trace for trace in self.traces(key)}

    def click_point(self, key: str, trace: int, point: int) -> None:
        """Click a point of a Plotly figure."""
        figure = self._figure(key)
        figure.scroll_into_view_if_needed()
        x, y = figure.evaluate(PLACE_OF_POINT, [trace, point])
        self.page.mouse.move(x - 2, y)
        self.page.mouse.move(x, y)  # Plotly clicks what is hovered
        self.page.mouse.click(x, y)

    def _figure(self, key: str) -> Locator:
        figure = self.widget(key).locator(".js-plotly-plot")
        figure.wait_for()
        self.page.wait_for_function("figure => figure._fullData && figure.calcdata", arg=figure.element_handle())
        return figure

    def _hear_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.complaints.append(f"request to {request.url}")

    def _hear_console(self, message: ConsoleMessage) -> None:
        """Note an error, but for one: a download button of Streamlit asks for its file when it appears, and a run may have replaced it."""
        asked_too_late = "404" in message.text and (
            message.location["url"].startswith(f"{self.url}/media/") or "Download Button source error" in message.text
        )
        if message.type == "error" and not asked_too_late:
            self.complaints.append(f"console: {message.text} ({message.location['url']})")


def _place(key: str) -> str:
    return f'[class~="st-key-{key}"], [class*="st-key-{key}_"]'
