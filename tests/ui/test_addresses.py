"""Where the addresses of version 0.1 lead."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from complex_lstm.locations import PAGES as PAGES_FOLDER
from complex_lstm.ui.app.addresses import CHECKS, CLASS, MOVED, PAGES, todays_address
from complex_lstm.ui.app.middleware import Addresses


def test_every_page_has_a_script_and_every_script_a_page() -> None:
    assert {entry.stem for entry in (*PAGES, CLASS)} == {path.stem for path in PAGES_FOLDER.glob("*.py")}


@pytest.mark.parametrize("old", MOVED)
def test_an_old_address_leads_to_a_page_of_today_with_the_selection_kept(old: str) -> None:
    page, parameters = todays_address(old, {"data": "nyc_weather", "window": "3", "layer": "1"})

    assert page in {entry.stem for entry in PAGES}
    assert {"data": "nyc_weather", "window": "3", "layer": "1"}.items() <= parameters.items()


@pytest.mark.parametrize(
    ("view", "page"), [("", "explain"), ("baselines", "explain"), ("unfit", "explain"), *((one, "check") for one in CHECKS)]
)
def test_the_views_of_feature_importance_are_parted_between_explain_and_check(view: str, page: str) -> None:
    assert todays_address("importance", {"view": view})[0] == page


def test_a_page_of_today_keeps_its_address() -> None:
    assert todays_address("train", {"run": "1"}) == ("train", {"run": "1"})


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/start", "/"),
        ("/base/start/", "/base/"),
        ("/start?data=nyc_weather", "/?data=nyc_weather"),
        ("/attention?window=3", "/explain?window=3&focus=attention"),
        ("/explain?window=3", None),
        ("/restart", None),
    ],
)
def test_the_server_redirects_an_old_address_and_the_name_of_the_start(asked: str, answered: str | None) -> None:
    sent: list[dict[str, object]] = []
    path, _, query = asked.partition("?")

    async def app(scope: object, receive: object, send: object) -> None:
        sent.append({"passed on": scope})

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    with ThreadPoolExecutor() as pool:  # a thread that has a loop of its own, also on the worker that drives the browser
        pool.submit(asyncio.run, Addresses(app)(scope, None, send)).result()

    assert sent[0] == {"passed on": scope} if answered is None else dict(sent[0]["headers"])[b"location"] == answered.encode()
