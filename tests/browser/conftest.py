"""One server and one browser for all browser tests.

The first visitor of each test comes with the cache of those before, as if for the second time: without it, reading Streamlit's and
Plotly's scripts takes longer than all else that a test does. Who comes later in the same test, or to another server, has cookies and
a cache of their own.
"""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.browser.server import Server, serving

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.browser.visitor import PATIENCE, Visitor  # noqa: E402  # it needs playwright

sync_api.expect.set_options(timeout=PATIENCE)

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",  # a page of another site, which a test makes up, may frame one of this machine
    "--process-per-site",  # what one page has compiled the next one runs
]  # fmt: skip
LAPTOP = {"width": 1366, "height": 900}

Arrive = Callable[..., Visitor]
HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixtures know whether their test has failed."""
    report = yield
    item.stash[HAS_FAILED] = item.stash.get(HAS_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"There is no {CHROMIUM}: install Chromium, or name another in CHROMIUM.")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="session")
def keeper(browser: sync_api.Browser, server: Server) -> sync_api.Page:
    """A page of the server that stays open: as long as it is there, what its context has read and compiled is kept."""
    page = browser.new_context(viewport=LAPTOP).new_page()
    page.goto(f"{server.url}/_stcore/health")
    return page


def fresh_page(keeper: sync_api.Page) -> sync_api.Page:
    """Return a new page beside the keeper, with nothing left of those before but the cache."""
    keeper.evaluate("() => localStorage.clear()")
    keeper.context.clear_cookies()
    return keeper.context.new_page()


@pytest.fixture
def arrive(browser: sync_api.Browser, request: pytest.FixtureRequest) -> Iterator[Arrive]:
    """Return a new visitor each time. None may have met what no visitor may meet: see `Visitor.complaints`."""
    visitors: list[Visitor] = []
    own: list[sync_api.BrowserContext] = []

    def arrive(other: Server | None = None, **media: object) -> Visitor:
        server: Server = other or request.getfixturevalue("server")
        if visitors or other:
            own.append(browser.new_context(viewport=LAPTOP))
            page = own[-1].new_page()
        else:
            page = fresh_page(request.getfixturevalue("keeper"))
        page.emulate_media(**media)  # type: ignore[arg-type]  # Playwright's own
        visitors.append(Visitor(page, server.url))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        if request.node.stash.get(HAS_FAILED, False):
            print(f"What {visitor.page.url} showed in the end:\n{visitor.in_words()}")
        visitor.page.close()
    for context in own:
        context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def visitor(arrive: Arrive) -> Visitor:
    return arrive()
