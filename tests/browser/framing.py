"""A page of another site that shows the app in a frame, as a learning platform does."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser.server import Server
from tests.browser.visitor import PATIENCE

MOODLE, ELSEWHERE = "https://moodle.example.org", "https://elsewhere.example.org"


@contextmanager
def framed(browser: Browser, server: Server, site: str) -> Iterator[Page]:
    """Yield a page of a site, in a browser of its own that takes any certificate, with the Data page in a frame."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.on("console", lambda one: print("CONSOLE", one.text))
    page.on("response", lambda one: "upload_file" in one.url and print("RESP", one.status, one.url))
    page.set_default_timeout(PATIENCE)
    frame = f'<iframe src="{server.url}/data" width="1000" height="800"></iframe>'
    page.route(f"{site}/**", lambda route: route.fulfill(body=f"<!doctype html><h1>Course</h1>{frame}", content_type="text/html"))
    page.goto(f"{site}/course")
    yield page
    context.close()
