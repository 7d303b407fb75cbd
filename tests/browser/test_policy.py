"""Every page under the Content-Security-Policy: nothing that the app needs is refused, and what it must not run is."""

import pytest

from complex_lstm.ui.app.addresses import PAGES
from tests.browser.visitor import Visitor

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
def test_no_page_asks_for_what_its_policy_refuses(visitor: Visitor) -> None:
    """What stands large on a page is under the same policy in the other tests: each hears what the browser refuses as an error."""
    visitor.page.add_init_script(HEARD)
    for entry in PAGES:
        visitor.open(entry.stem, **OPEN)
        visitor.see_heading(entry.title)
        visitor.settle()
        visitor.page.wait_for_function("() => [...document.querySelectorAll('.js-plotly-plot')].every(one => one._fullData)")

        assert (entry.stem, refused_in(visitor)) == (entry.stem, [])


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
