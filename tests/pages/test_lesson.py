"""A lesson: offered on every page that shows a window, and what it fixes is said in words."""

from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.app.addresses import MOVED, PAGES
from complex_lstm.ui.app.lesson import WAY_OUT
from tests.pages.conftest import Show
from tests.pages.looking import words

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 121}
SHOWING = [*(entry.stem for entry in PAGES if entry.has_window), *(old for old in MOVED if old not in ("claims", "importance"))]


def offered(app: AppTest) -> dict[str, str]:
    """The parameters of the lesson's link."""
    link = next(one.value for one in app.code if "lesson=" in one.value)
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


@pytest.mark.parametrize("stem", SHOWING)
def test_every_page_that_shows_a_window_offers_a_lesson_on_what_it_shows(show: Show, stem: str) -> None:
    app = show(stem, **PLANTED, off="head-0-2")

    assert not app.exception and not app.error
    wanted = {name: str(value) for name, value in PLANTED.items()} | {"off": "head-0-2", "lesson": "1"}
    assert wanted.items() <= offered(app).items()


@pytest.mark.parametrize("stem", ["start", "data", "train"])
def test_a_page_without_a_window_offers_none(show: Show, stem: str) -> None:
    app = show(stem, **PLANTED)

    assert not app.exception and not [one for one in app.code if "lesson=" in one.value]


def test_the_link_carries_what_was_chosen_on_the_page_in_the_same_run_and_can_fix_all(show: Show) -> None:
    app = show("bench", **PLANTED)

    app.pills(key="bench_silent_0").set_value([2]).run()
    assert offered(app)["off"] == "head-0-2"
    app.checkbox(key="lesson_fixed").set_value(True).run()

    assert offered(app)["lesson"] == "2"


@pytest.mark.parametrize("level", [1, 2])
def test_a_lesson_says_in_words_what_it_fixes_and_has_a_way_out(show: Show, level: int) -> None:
    app = show("bench", **PLANTED, off="head-0-2", view="gate", lesson=level)

    assert not app.exception and len(app.sidebar.children) == 0
    said = next(one.value for one in app.markdown if one.value.startswith("**This lesson shows**"))
    for fixed in ("window 121", "view gate", "attention layer 1, head 3 silent", "s0121"):
        assert fixed in said.replace("\\", "")
    assert bool([one for one in app.get("html") if "display: none" in one.proto.body]) == (level == 2)

    app.button(key="lesson_leave").click().run()
    assert "lesson" not in app.query_params and app.query_params["off"] == "head-0-2" and WAY_OUT not in words(app)
