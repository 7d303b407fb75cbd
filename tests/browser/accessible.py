"""axe-core, on any page."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visitor import Visitor

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "resultTypes": ["violations"]}
OPAQUE = """() => [...document.querySelectorAll('[data-testid="stMain"] [data-testid="stElementContainer"]')]
    .every(one => getComputedStyle(one).opacity === "1")"""  # while a run is on its way Streamlit fades what may be old


def see_nothing_serious(visitor: Visitor, *, context: str | dict[str, list[list[str]]] = '[data-testid="stMain"]') -> None:
    """axe-core finds nothing serious on the page's own part; menus and sidebar are Streamlit's on every page."""
    visitor.page.wait_for_function(OPAQUE)
    found = Axe().run(visitor.page, context=context, options=TAGS).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, serious
