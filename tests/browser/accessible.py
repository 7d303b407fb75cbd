"""axe-core, on any page, in light and in dark."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visitor import Visitor

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "resultTypes": ["violations"]}
OPAQUE = """() => [...document.querySelectorAll('[data-testid="stMain"] [data-testid="stElementContainer"]')]
    .every(one => getComputedStyle(one).opacity === "1")"""  # while a run is on its way Streamlit fades what may be old


IS_IN = """theme => {
    const [red, green, blue] = getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor.match(/\\d+/g).map(Number);
    return (red + green + blue > 382) === (theme === "light");
}"""


def see_nothing_serious_in_both_themes(visitor: Visitor, *, context: str | dict[str, list[list[str]]] = '[data-testid="stMain"]') -> None:
    """The page as it stands is fit for everybody in light and in dark: it follows the visitor's system."""
    for theme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two
        visitor.page.wait_for_function(IS_IN, arg=theme)
        see_nothing_serious(visitor, context=context)


def see_nothing_serious(visitor: Visitor, *, context: str | dict[str, list[list[str]]] = '[data-testid="stMain"]') -> None:
    """axe-core finds nothing serious on the page's own part; menus and sidebar are Streamlit's on every page.

    What it finds of a page that is fading from one run to the next is gone when it looks again: only what stays counts.
    """
    for _ in range(3):
        visitor.settle()
        visitor.page.wait_for_function(OPAQUE)
        found = Axe().run(visitor.page, context=context, options=TAGS).response["violations"]
        if not found:
            return
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, serious
