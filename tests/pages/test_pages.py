"""Every page with every sample, with nothing, and with a link that makes no sense."""

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.samples import SAMPLES
from tests.pages.conftest import Show

TITLES = {  # of every page of today and of version 0.1, at its place of today
    "data": "Data",
    "train": "Train",
    "explain": "Explain",
    "experiment": "Experiment",
    "check": "Check",
    "about": "About the model",
    "predict": "Explain",
    "attention": "Explain",
    "fusion_gate": "Explain",
    "ensemble": "Explain",
    "importance": "Explain",
    "what_if": "Experiment",
    "bench": "Experiment",
    "compare": "Experiment",
    "claims": "About the model",
    "tour": "Guided tour",
}
OF_TODAY = ("data", "train", "explain", "experiment", "check", "about", "tour", "attention", "importance")
WITH_EVERY_SAMPLE, ONE = ("explain", "experiment", "check"), "planted_shape"  # in everybody's run; the other pages show one
BY_PAGE = [page if page in OF_TODAY else pytest.param(page, marks=pytest.mark.long) for page in TITLES]
FEW_WINDOWS = 500  # a stride that leaves so few that all samples on all pages take seconds


def assert_whole(app: AppTest, title: str) -> None:
    """The page is there to its end, and nothing went wrong on it."""
    assert not app.exception and not app.error
    assert [one.value for one in app.title] == [title]


@pytest.mark.parametrize(
    ("page", "sample"),
    [
        pytest.param(page, sample, marks=() if page in WITH_EVERY_SAMPLE or (page in OF_TODAY and sample == ONE) else pytest.mark.long)
        for page in TITLES
        for sample in SAMPLES
    ],
)
def test_every_page_shows_every_sample(show: Show, page: str, sample: str) -> None:
    app = show(page, data=sample, model=sample, stride=FEW_WINDOWS)

    assert_whole(app, TITLES[page])
    assert app.query_params["data"] == sample and app.query_params["model"] == sample
    words = " ".join(one.value for one in app.markdown)
    assert "How to read it" in words and "How it can mislead" in words


@pytest.mark.parametrize("page", [one for one in BY_PAGE if one != "tour"])  # the tour starts by itself
def test_a_page_without_data_offers_the_samples_and_opens_one(show: Show, page: str) -> None:
    app = show(page)
    assert_whole(app, TITLES[page])
    assert len(app.info) == 1

    app.button(key="empty_planted_order").click().run()

    assert_whole(app, TITLES[page])
    assert not app.info and app.query_params["data"] == "planted_order"


def test_the_start_page_opens_a_sample_on_explain(show: Show) -> None:
    app = show("start")
    assert_whole(app, "Start")

    app.button(key="start_open_planted_order").click().run()

    assert_whole(app, "Explain")
    assert app.query_params["model"] == "planted_order" and "focus" not in app.query_params


@pytest.mark.parametrize(
    "page", ["attention", "importance", *(pytest.param(one, marks=pytest.mark.long) for one in ("predict", "ensemble"))]
)
@pytest.mark.parametrize(
    "nonsense",
    [
        {"window": 99999, "head": 77, "layer": 9, "query": 500, "key": 500, "target": 99, "stride": 0},
        {"window": "abc", "head": "-1", "target": "abc", "baseline": "zzz", "map": "zzz", "query": "9" * 30},
        {"unknown": "x", "window": "1.5", "stride": "²"},
    ],
    ids=["too large", "no numbers", "unknown"],
)
def test_nonsense_in_a_link_is_harmless(show: Show, page: str, nonsense: dict[str, object]) -> None:
    app = show(page, **{"data": "planted_order", "model": "planted_order", "stride": FEW_WINDOWS} | nonsense)

    assert_whole(app, TITLES[page])
    assert "unknown" not in app.query_params


@pytest.mark.parametrize(
    "selection",
    [
        {"data": "../../etc/passwd"},
        {"data": "0123456789abcdef0123", "model": "nyc_weather"},
        {"data": "nyc_weather", "model": "0123456789abcdef0123"},
        {"data": "nyc_weather", "model": "nyc_weather", "setup": "0123456789abcdef0123"},
        {"data": "nyc_weather", "model": "nyc_weather", "run": "0123456789abcdef0123"},
        {"data": "nyc_weather", "model": "japanese_vowels"},
    ],
)
@pytest.mark.parametrize("page", ["data", "predict"])
def test_a_link_to_what_is_not_there_is_one_message_at_most(show: Show, page: str, selection: dict[str, str]) -> None:
    app = show(page, **selection, stride=FEW_WINDOWS)

    assert not app.exception and len(app.error) <= 1


def test_a_choice_is_kept_across_pages_and_in_the_link(show: Show) -> None:
    app = show("importance", data="nyc_weather", model="nyc_weather", stride=FEW_WINDOWS)
    app.number_input(key="bar_window").set_value(4).run()
    app.selectbox(key="importance_target").set_value(2).run()

    app.switch_page("../../../pages/check.py").run()
    app.switch_page("../../../pages/explain.py").run()

    assert app.selectbox(key="importance_target").value == 2
    assert app.query_params["window"] == "4" and app.query_params["target"] == "2"


def test_another_data_set_forgets_the_window_of_the_last(show: Show) -> None:
    app = show("fusion_gate", data="nyc_weather", model="nyc_weather", stride=FEW_WINDOWS, window=4)

    app.selectbox(key="bar_data").set_value("planted_order").run()

    assert_whole(app, "Explain")
    assert app.query_params["focus"] == "gate"  # the pane stays open
    assert app.query_params["data"] == "planted_order" and "window" not in app.query_params
