"""One server and one browser for all browser tests; a context of its own, with its own cookies and cache, for each visitor."""

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


@pytest.fixture
def arrive(browser: sync_api.Browser, request: pytest.FixtureRequest) -> Iterator[Arrive]:
    """Return a new visitor each time. None may have met what no visitor may meet: see `Visitor.complaints`."""
    visitors: list[Visitor] = []

    def arrive(server: Server | None = None, **options: object) -> Visitor:
        context = browser.new_context(viewport=LAPTOP, **options)  # type: ignore[arg-type]  # Playwright's own
        visitors.append(Visitor(context.new_page(), (server or request.getfixturevalue("server")).url))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        if request.node.stash.get(HAS_FAILED, False):
            print(f"What {visitor.page.url} showed in the end:\n{visitor.in_words()}")
        visitor.page.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def visitor(arrive: Arrive) -> Visitor:
    return arrive()
