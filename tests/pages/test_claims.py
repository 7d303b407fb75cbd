"""The Claims page: with nothing open, with a model, while it measures, when it is done, and when it is stopped."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.claims import judged_claims
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.views.claims.findings import claims_found, strengths_and_weaknesses
from complex_lstm.ui.views.claims.statements import MARKS
from tests.pages.conftest import ROOT, Show
from tests.pages.looking import charts, finished, words

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 600}


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def table(app: AppTest, column: str) -> object:
    return next(one.value for one in app.dataframe if column in one.value)


def one_window_at_once(show: Show) -> AppTest:
    """The page with the quickest measurement."""
    app = show("claims", **PLANTED)
    return app.segmented_control(key="claims_batch").set_value(1).run()


def test_without_data_the_documents_sizes_are_counted_and_samples_offered(show: Show) -> None:
    app = show("claims")

    assert not app.exception and not app.error and [one.value for one in app.title] == ["About the model"]
    assert "13,234,957 parameters, 4.7 times" in words(app) and "claims_parameters" in charts(app)
    memory = table(app, "claimed")
    assert memory["claimed"].tolist()[:2] == ["2 MB", ""] and memory["at full size"].tolist()[0] == "7.04 MB", "both of 8 windows"
    assert "500,000 values, 2 MB, for 8 windows of 50 steps" in words(app)
    assert "this model" not in memory and len(app.info) == 1

    app.button(key="empty_planted_order").click().run()

    assert not app.info and {"claims_gradients", "claims_crossings", "claims_learning"} <= charts(app)


def test_data_without_a_model_is_sent_to_where_one_is_made(show: Show) -> None:
    app = show("claims", data="nyc_weather")

    assert not app.exception and not app.error and "13,234,957 parameters" in words(app)
    assert [one.value.split(".")[0] for one in app.info] == ["No model is open for this data"]


@pytest.mark.long
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_shipped_model_is_counted_and_its_gradient_followed(show: Show, sample: str) -> None:
    app = show("claims", data=sample, model=sample, stride=500)

    assert not app.exception and not app.error
    assert "this model" in table(app, "claimed")
    assert {"claims_parameters", "claims_gradients", "claims_crossings", "claims_learning"} <= charts(app)
    assert "How to read it" in words(app) and "How it can mislead" in words(app)
    assert "before training, with residuals and without" in words(app)


@pytest.mark.long
def test_nothing_is_timed_before_it_is_asked_for_and_then_it_comes_size_by_size(show: Show) -> None:
    app = one_window_at_once(show)
    assert "claims_growth" not in charts(app) and "Not measured yet: press the button above." in words(app)

    app.button(key="claims_timing_start").click().run()
    assert "claims_timing_stop" in keys(app)
    finished(app)

    assert {"claims_part_times", "claims_growth"} <= charts(app) and "claims_timing_start" not in keys(app)
    assert re.search(r"Here \d of 9 at the large end", words(app)) and re.search(r"Here \d+% of a pass goes to the BiLSTM", words(app))
    for axis, powers in {"time": ["1", "1", "2"], "hidden": ["1", "2", "1"], "batch": ["1", "1", "1"]}.items():
        app.segmented_control(key="claims_axis").set_value(axis).run()
        slopes = table(app, "finding").set_index("part")
        assert slopes.loc[["Convolutions", "BiLSTM blocks", "Attention layers"], "claimed"].tolist() == powers
        assert slopes["measured"].str.contains(" ± ").all() and slopes.loc["Fusion gate", "finding"] == ""
    assert "processor time of the thread" in words(app) and "CPU, 1 thread" in words(app)
    assert "claims_growth" in charts(one_window_at_once(show)), "it is there for the next visitor"


@pytest.mark.long
def test_a_measurement_is_stopped_and_what_it_has_stays(show: Show) -> None:
    app = show("claims", **PLANTED)
    app.segmented_control(key="claims_batch").set_value(32).run()
    app.button(key="claims_timing_start").click().run()

    app.button(key="claims_timing_stop").click().run()
    finished(app)

    assert re.match(r"Stopped( after \d+ of \d+)?\.", app.info[0].value)
    assert "claims_timing_start" in keys(app)


@pytest.mark.long
def test_the_gradients_of_many_windows_stand_beside_the_open_one(show: Show) -> None:
    app = show("claims", **PLANTED)
    assert "window 600" in words(app)

    app.select_slider(key="claims_flow_most_640").set_value(25).run()
    app.button(key="claims_flow_start").click().run()

    finished(app)
    assert "25 of the windows, evenly spread among 640" in words(app)
    assert "25 together" in words(app) and "claims_flow_start" not in keys(app)
    said = re.search(r"(\S+) times that after the last block \(median of 8 windows\), and (\S+) times with the same weights", words(app))
    assert said and float(said[1]) > 100 * float(said[2]), "before training, and far less without residuals"


def test_every_claim_and_question_leads_to_the_page_that_measures_it(show: Show) -> None:
    app = show("claims", **PLANTED)

    links = {one.proto.label: Path(one.proto.page).name for one in app.get("page_link")}

    assert {"Train: sensitivity", "Train: a run's inside", "Train: strategies", "Train: gradient flow"} <= set(links)
    assert {"Check", "Guided tour", "Experiment"} <= set(links) and "" not in links.values()


def test_every_number_of_a_benchmark_is_the_readmes() -> None:
    readme = (ROOT / "benchmarks/README.md").read_text()
    cited = [one for one in (*strengths_and_weaknesses(None), *claims_found(None, None, None)) if "benchmarks/" in one.evidence]

    assert len(cited) == 8
    for finding in cited:
        assert all(f"benchmarks.{module}" in readme for module in re.findall(r"benchmarks/(\w+)\.py", finding.evidence))
        numbers = re.findall(r"\d+\.\d+%?", finding.evidence)
        assert numbers and all(number in readme for number in numbers), finding.claim


ROWS = {"Gradual": "gradual complexity", "Adaptive": "adaptive dropout", "Learning": "component rates", "All of": "the document's together"}


@pytest.mark.parametrize("begin", ROWS)
def test_what_is_said_of_a_strategy_is_its_own_row_of_the_benchmark_and_a_verdict(begin: str) -> None:
    """It was called open here, though it had been measured."""
    (finding,) = (one for one in claims_found(None, None, None) if one.claim.startswith(begin))
    rows = [
        line.replace("*", "") for line in (ROOT / "benchmarks/README.md").read_text().splitlines() if line.startswith(f"| {ROWS[begin]} |")
    ]

    told = re.findall(r"[+-]\d+\.\d ± \d+\.\d", finding.evidence)

    assert len(rows) == 4 and len(told) in (2, 4) and all(any(one in row for row in rows) for one in told)
    assert "benchmarks/strategies.py" in finding.evidence and "open here" not in finding.verdict and "Not measured" not in finding.evidence


def test_every_statement_is_a_line_that_a_search_and_a_verdict_find_and_a_click_explains(show: Show) -> None:
    app = show("claims", **PLANTED)
    every = table(app, "section")
    assert every["claim"].tolist() == [claim.claim for claim, _ in judged_claims()]
    assert every[""].tolist() == [MARKS[finding.verdict] for _, finding in judged_claims()]

    app.text_input(key="claims_search").set_value("million parameters").run()

    assert table(app, "section")["claim"].tolist() == ["about 2.8 million parameters in all"]
    assert "13,234,957 parameters: 4.73 times" in words(app).replace("\\", "") and "The open model: " in words(app)

    app.text_input(key="claims_search").set_value("").run()
    app.get("button_group")[-1].set_value(["does not hold"]).run()

    assert set(table(app, "section")[""]) == {"❌"} and len(table(app, "section")) < len(every)

    app.text_input(key="claims_search").set_value("no such word").run()
    assert "No statement matches." in [one.value.split(" Take")[0] for one in app.info]
