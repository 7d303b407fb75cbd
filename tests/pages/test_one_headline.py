"""What a prediction rests on is said alike on every page, in the report, in the hand-out and by the command line."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.interpretation.headline import Headline, explain_headline
from complex_lstm.ui.compute.jobs import job_queue
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.explaining.findings import window_findings
from complex_lstm.ui.explaining.further_measures import FurtherMeasures
from complex_lstm.ui.explaining.headline import in_html, in_markdown, naming_of
from complex_lstm.ui.explaining.report import window_report
from complex_lstm.ui.explaining.request import chosen
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.handout import hand_out
from complex_lstm.ui.views.tour.position import window_of
from tests.browser.truth import STRIDE
from tests.cli.command import run
from tests.pages.conftest import Show
from tests.pages.looking import finished, guess, jobs_begin, wait_for, words
from tests.pages.test_what_if import do
from tests.ui.own_file import keep_own

PAGES: dict[str, dict[str, object]] = {  # every page that says what the prediction of the open window rests on
    "explain": {},
    "explain, prediction": {"focus": "prediction"},
    "explain, importance": {"focus": "importance"},
    "experiment": {"focus": "edit", "view": "explanation"},
    "tour": {"tour": len(CHAPTERS)},
}
PATIENCE = 600  # seconds for a hand-out, on a machine however slow


def opened(**selection: object) -> Scene:
    """Return the scene of a selection, as a page opens it."""
    return chosen_scene(Selection.of(**selection))


def truth_of(scene: Scene) -> Headline:
    """Return the headline computed from nothing but the model and the window, as no page does."""
    chosen(scene)
    wait_for([job for job in job_queue().under_way() if "automatic_baseline" in str(job.key)])
    choice = chosen(scene)
    return explain_headline(scene.model, choice.request(scene), naming_of(scene, choice))


def claims(app: AppTest) -> set[str]:
    """Return the sentences of a page that say what a prediction rests on or depends on most, each once."""
    return set(re.findall(r"[^.]*(?:rests most on|rests on\.|depends? most on|[Nn]o feature is named)[^.]*", words(app)))


def see(show: Show, name: str, selection: dict[str, object]) -> AppTest:
    """Return a page with all that it computes, where the tour's question is answered."""
    return guess(finished(show(name.partition(",")[0], **selection)))


def see_the_same_everywhere(show: Show, selection: dict[str, object]) -> Headline:
    scene = opened(**selection)
    said = truth_of(scene)

    for name, more in PAGES.items():
        app = see(show, name, selection | more)
        assert in_markdown(said) in words(app), name
        assert len(claims(app)) == 1, (name, claims(app))

    findings = window_findings(scene)
    wait_for(findings.comparison.jobs)
    assert in_html(said) in window_report(findings, FurtherMeasures({}, {}, ""))
    with jobs_begin():
        assert in_html(said) in hand_out(window_of(scene), patience=PATIENCE)
    return said


@pytest.mark.long
@pytest.mark.parametrize("window", [322, 621])  # of which the methods disagree, and agree
def test_of_classes(show: Show, window: int) -> None:
    said = see_the_same_everywhere(show, {"data": "planted_order", "model": "planted_order", "window": window})

    assert said.naming.predicted.split()[0] in ("ch3_first", "ch7_first", "neither_first")


@pytest.mark.long
def test_of_values_against_a_baseline_that_was_chosen_by_itself(show: Show) -> None:
    said = see_the_same_everywhere(show, {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE, "window": 5})

    assert said.naming.predicted.endswith("°F") and "(chosen by itself)" in said.baseline


@pytest.mark.long
def test_of_a_file_of_the_visitor_and_by_the_command_line_too(show: Show, tmp_path: Path) -> None:
    own = keep_own(("a*b", "<i>c", "d"))

    said = see_the_same_everywhere(show, {"data": own.data, "model": own.model, "window": 1})

    files = open_workspace()
    paths = ("--model", files.find("model", own.model).path, "--data", files.find("data", own.data).path)
    told = run("explain", *paths, "--out", tmp_path / "explained.csv", "--method", "saliency", "--headlines")
    assert told.exit_code == 0 and f"Window 1: {said.words()}" in told.output.splitlines()


@pytest.mark.long
def test_another_baseline_and_scale_count_on_every_page_and_are_named(show: Show) -> None:
    own = keep_own(("a", "b", "c"))
    choice: dict[str, object] = {"data": own.data, "model": own.model, "window": 1, "baseline": "zero", "scale": "probability", "target": 0}

    said = {
        next(
            iter(
                re.findall(
                    r"against (?!this baseline)(.*?)(?:,|;|\.)", words(guess(finished(show(name.partition(",")[0], **choice, **more))))
                )
            )
        )
        for name, more in PAGES.items()
    }

    assert said == {"0 in the file's units"}


@pytest.mark.long
def test_where_there_is_nothing_against_a_baseline_those_with_something_are_offered_and_one_click_takes_one(show: Show) -> None:
    app = finished(show("explain", data="planted_order", model="planted_order", window=58, baseline="training_mean"))
    assert "Nothing to explain against this baseline" in words(app) and "There is something to explain against" in words(app)

    app = finished(app.button(key="explain_against_chosen_window").click().run())

    assert "There is something to explain against" not in words(app) and "Nothing to explain" not in words(app)
    taken = app.session_state["selection"].explanation
    assert taken.baseline == "chosen_window" and f"against window {taken.reference}" in words(app)


def baselines_of(app: AppTest) -> list[str]:
    return next(one for one in app.selectbox if str(one.key).endswith("_baseline")).options


@pytest.mark.long
def test_where_none_is_chosen_another_baseline_is_taken_by_itself_and_one_click_goes_back(show: Show) -> None:
    opened_so: dict[str, object] = {"data": "planted_order", "model": "planted_order", "window": 58}
    said = truth_of(opened(**opened_so))
    assert "(chosen by itself)" in said.baseline and "so the baseline was chosen by itself" in said.words()

    first = finished(show("explain", **opened_so))
    assert in_markdown(said) in words(first)
    offered = baselines_of(first)
    back = finished(first.button(key="explain_usual").click().run())

    assert baselines_of(back) == offered  # words that change would be taken for a choice
    assert back.session_state["selection"].explanation.baseline == "training_mean"
    assert "Nothing to explain against this baseline" in words(back) and "chosen by itself" not in words(back)


@pytest.mark.long
def test_an_edited_window_has_a_headline_of_its_own_beside_that_of_the_window(show: Show) -> None:
    own = keep_own(("a", "b", "c"))
    before = truth_of(opened(data=own.data, model=own.model, window=1))

    app = show("experiment", data=own.data, model=own.model, window=1, focus="edit", view="explanation")
    finished(do(app, "Shift", 50.0, "amount"))

    as_it_was, as_it_is = (one.value for one in app.markdown if one.value.startswith("**As it "))
    assert as_it_was == f"**As it was.** {in_markdown(before)}"
    assert as_it_is.startswith("**As it is now.** ") and in_markdown(before) not in as_it_is


@pytest.mark.long
def test_a_large_window_is_explained_from_coarse_to_fine_and_says_so(show: Show) -> None:
    own = keep_own(("a", "b", "c", "d"), length=200, steps=900)

    overview = finished(show("explain", data=own.data, model=own.model, window=1))
    compared = finished(show("explain", data=own.data, model=own.model, window=1, focus="importance", methods="ablation,occlusion"))

    assert in_markdown(truth_of(opened(data=own.data, model=own.model, window=1))) in words(overview)
    assert "cut at changes" in words(compared) and "the rest by segment" in words(compared)
