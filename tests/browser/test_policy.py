"""Every page under the Content-Security-Policy and without a network: nothing that it needs is refused, and what it must not run is."""

import os
import subprocess
import sys

import pytest

from complex_lstm.ui.app.addresses import PAGES
from tests.browser.server import Server, without_network
from tests.browser.visitor import Visitor

ASKED = "An outside address was asked for"
OPEN = {"data": "planted_order", "model": "planted_order", "window": 121}
HEARD = """window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(`${event.effectiveDirective} ${event.blockedURI}`));"""
INTRUDERS = """() => {
  const run = (source) => document.body.appendChild(Object.assign(document.createElement("script"), source));
  run({textContent: "window.intruded = true"});
  run({src: "https://evil.example/x.js"});
  document.body.insertAdjacentHTML("beforeend", `<img src="https://evil.example/x.png" onerror="window.intruded = true">`);
}"""


@pytest.mark.long
def test_every_page_opens_without_a_network_and_asks_for_nothing_that_its_policy_refuses(visitor: Visitor, server: Server) -> None:
    """What stands large on a page is under the same policy in the other tests: each hears what the browser refuses as an error."""
    outside: list[str] = []
    visitor.page.route(
        lambda url: not url.startswith((f"{visitor.url}/", "data:", "blob:")),
        lambda route: (outside.append(route.request.url), route.abort()),
    )
    visitor.page.add_init_script(HEARD)
    for entry in PAGES:
        visitor.open(entry.stem, **OPEN)
        visitor.see_heading(entry.title)
        visitor.settle()
        visitor.page.wait_for_function("() => [...document.querySelectorAll('.js-plotly-plot')].every(one => one._fullData)")

        assert (entry.stem, refused_in(visitor)) == (entry.stem, [])
    assert outside == [] and ASKED not in server.log.read_text()

    asking = [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 9))"]
    told = subprocess.run(asking, env=os.environ | without_network(), capture_output=True, text=True)
    assert f"{ASKED}: '192.0.2.1'" in told.stderr and "There is no network" in told.stderr


@pytest.mark.long
def test_a_script_that_gets_into_a_page_does_not_run(visitor: Visitor) -> None:
    visitor.page.add_init_script(HEARD)
    visitor.open("explain", **OPEN)

    visitor.page.evaluate(INTRUDERS)
    visitor.page.wait_for_function("() => refused.length >= 4")

    told = sorted(refused_in(visitor))
    assert [one.split()[0] for one in told] == ["img-src", "script-src-attr", "script-src-elem", "script-src-elem"]
    assert visitor.page.evaluate("() => window.intruded") is None
    visitor.complaints.clear()  # the browser's, of these refusals


def refused_in(visitor: Visitor) -> list[str]:
    return visitor.page.evaluate("() => refused")  # type: ignore[no-any-return]
