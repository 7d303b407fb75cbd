"""axe-core finds nothing serious on the pages where one does something, in light and dark."""

import pytest

from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.visitor import Visitor

OPEN = {"data": "planted_order", "model": "planted_order", "window": 121}
PAGES = {
    "train": ({}, ".st-key-view-lesson"),
    "explain": ({}, ".overview[data-ready=true]"),
    "check": ({}, ".st-key-importance_view"),
    "bench": ({"off": "head-0-2,gate-0.5"}, ".st-key-view-bench"),
    "what_if": ({}, ".st-key-view-what-if"),
    "compare": ({"versus": "window", "other": "3"}, ".st-key-view-compare"),
    "claims": ({}, ".st-key-claims_crossings"),
}


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_nothing_serious_stands_in_the_way_on(visitor: Visitor, page: str) -> None:
    more, seen = PAGES[page]
    visitor.open(page, **OPEN, **more)
    visitor.page.locator(seen).first.wait_for()
    visitor.settle()

    see_nothing_serious_in_both_themes(visitor)
    assert visitor.messages == []
