"""The views of feature importance on Explain and the checks of explanations on Check, from the first look to the last number."""

import re
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.interpretation import DEFAULTS, METHODS
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, job_queue
from complex_lstm.ui.compute.visitor import open_workspace
from tests.pages.conftest import ROOT, Show
from tests.pages.looking import PATIENCE, charts, finished, jobs_of, until, wait_for, words
from tests.ui.own_file import keep_own

pytestmark = pytest.mark.long

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
QUICK = "occlusion,input_x_gradient"


def started_jobs(app: AppTest) -> list[Job[Any]]:
    """Return the jobs under way that a button of the view All windows has started."""
    return [job for job in jobs_of(app) if isinstance(job.key, tuple) and job.key[0] == "importance_overall"]


def test_every_default_method_gets_a_verdict_with_its_numbers_and_its_rule(show: Show) -> None:
    app = finished(show("importance", **PLANTED))

    for name in DEFAULTS:
        assert f"**{METHODS[name].label}.**" in words(app)
    assert words(app).count("of the cells alone keep") >= len(DEFAULTS) and "times as many as the fewest cells" in words(app)
    assert {"importance_features", "importance_agreement", "importance_pair"} <= charts(app)


@pytest.mark.parametrize("measure", ["kendall", "top_k", "sign", "rank", "signed_rank"])
def test_agreement_can_be_measured_otherwise(show: Show, measure: str) -> None:
    app = finished(show("importance", **PLANTED, methods=QUICK))

    app.segmented_control(key="importance_measure").set_value(measure).run()

    assert not app.exception and "importance_agreement" in charts(app)


def test_the_faithfulness_of_each_method_stands_beside_chance(show: Show) -> None:
    app = finished(show("importance", **PLANTED, methods=QUICK, view="faithfulness"))

    assert {"importance_curves", "importance_comprehensiveness", "importance_sufficiency", "importance_infidelity"} <= charts(app)
    app.button(key="importance_sensitivity_start").click().run()
    table = finished(app).dataframe[-1].value
    assert table["method"].tolist() == ["Occlusion", "Input x Gradient"] and (table["max-sensitivity"] > 0).all()


def test_the_largest_and_the_smallest_cells_are_removed_one_by_one_beside_chance(show: Show) -> None:
    app = finished(show("importance", **PLANTED, methods=QUICK, view="faithfulness"))

    app.button(key="importance_cumulative_start").click().run()

    table = finished(app).dataframe[0].value.set_index("method")
    assert table.index.tolist() == ["Occlusion", "Input x Gradient", "Random rankings"]
    assert table.loc["Occlusion", "CPD"] > table.loc["Random rankings", "CPD"] > 0
    assert table.loc["Occlusion", "CPD better than"] == "100% of random" and (table["CPP"] > 0).all()


def test_the_weights_are_made_random_part_after_part(show: Show) -> None:
    app = finished(show("importance", **PLANTED, methods="input_x_gradient", view="sanity"))

    app.button(key="importance_cascade_start").click().run()

    assert "importance_cascade_lines" in charts(finished(app))
    assert "is left when every weight is random" in words(app)


def test_the_shipped_shuffled_label_control_is_explained_beside_the_model(show: Show) -> None:
    app = finished(show("importance", **PLANTED, methods="input_x_gradient", view="sanity"))

    app.button(key="importance_twin_start").click().run()

    tables = [one.value for one in finished(app).dataframe]
    similarity = next(one for one in tables if "similarity of the two maps" in one)["similarity of the two maps"]
    assert -1 <= similarity.item() < 0.9


def test_attention_stands_beside_the_methods_and_is_made_uniform(show: Show) -> None:
    app = finished(show("importance", **PLANTED, methods=QUICK, view="attention"))

    assert "importance_attention_steps" in charts(app)
    assert [one.label for one in app.metric][1].startswith("with uniform attention")
    app.button(key="importance_uniform_start").click().run()
    (both,) = (one.value for one in finished(app).markdown if one.value.startswith("The model's attention: "))
    assert both.count("accuracy") == 2
    app.button(key="importance_conductance_start").click().run()
    assert "importance_conductance_map" in charts(finished(app))


def test_a_method_is_computed_against_every_baseline(show: Show) -> None:
    app = show("importance", **PLANTED, view="baselines")
    app.selectbox(key="importance_baseline_method").set_value("occlusion").run()

    app.button(key="importance_baselines_start").click().run()

    assert "importance_band" in charts(finished(app)) and "of 6 baselines" in words(app)


def test_known_answers_are_only_claimed_where_they_are_known(show: Show) -> None:
    app = show("importance", data="nyc_weather", model="nyc_weather", stride=500, view="known")

    assert not app.exception and "It is not known which cells decide" in app.info[0].value


def test_every_method_is_measured_against_the_planted_cells(show: Show) -> None:
    app = show("importance", **PLANTED, view="known")
    app.button(key="importance_known_start").click().run()
    until(app, lambda page: page.dataframe)  # window after window

    table = app.dataframe[0].value

    assert set(table["method"]) == {method.label for method in METHODS.values()}
    assert table["AUPRC"].is_monotonic_decreasing and table["AUPRC"].between(0, 1).all() and (table["seconds a window"] > 0).all()
    assert any(word in words(app) for word in ("finds more than any single method", "does not beat the best single method"))
    app.button(key="importance_known_stop").click().run()


def test_of_an_unlabelled_file_a_class_has_all_windows_that_are_predicted_as_it(show: Show) -> None:
    """They were those of the few that the bar lists."""
    own = keep_own(steps=600)
    table = pd.read_csv(open_workspace().find("data", own.data).path).drop(columns="kind")
    data = open_workspace().keep("data", table.to_csv(index=False).encode(), "unlabelled.csv").key
    every = cache.predictions(cache.all_windows((data, own.model, "", 96))).predicted
    outputs, predicted = cache.checkpoint(own.model).schema.outputs, every.argmax(axis=1).tolist()
    name = max(outputs, key=lambda one: predicted.count(outputs.index(one)))

    app = show("importance", data=data, model=own.model, stride=96, methods="input_x_gradient", view="overall")
    app.selectbox(key="importance_overall_group").set_value(f"class {name}").run()

    count = predicted.count(outputs.index(name))
    assert f"Explain {count} windows by" in {one.key: one.label for one in finished(app).button}["importance_overall_start"]
    assert count > len(cache.dataset(data, own.model, "", 96).windows)


def test_all_windows_stop_when_the_page_is_left_and_go_on_when_started_again(show: Show) -> None:
    def start(app: AppTest) -> None:
        app.selectbox(key="importance_overall_group").set_value("class neither_first").run()
        next(one for one in app.select_slider if one.key.startswith("importance_overall_most")).set_value(10).run()
        app.button(key="importance_overall_start").click().run()

    app = show("importance", **PLANTED, methods="input_x_gradient", view="overall")
    start(app)
    (started,) = started_jobs(app)

    app.switch_page(str(ROOT / "pages/explain.py")).run()
    assert started.wait(PATIENCE) and started.state == "stopped"
    app.switch_page(str(ROOT / "pages/check.py")).run()
    app.segmented_control(key="importance_view").set_value("overall").run()  # Explain has its own views
    start(app)

    assert {"importance_overall_mean", "importance_overall_time", "importance_overall_swarm"} <= charts(finished(app))
    assert "10 of class neither\\_first, evenly spread among" in words(app) and "95% of the mean over all" in words(app)


def test_what_the_visitor_started_goes_on_while_they_look_at_another_view(show: Show) -> None:
    app = show("importance", **PLANTED, methods="input_x_gradient", view="overall")
    app.button(key="importance_overall_start").click().run()
    started = started_jobs(app)

    app.segmented_control(key="importance_view").set_value("known").run()
    assert started_jobs(app) == started and len(started) == 1
    app.segmented_control(key="importance_view").set_value("overall").run()
    app.button(key="importance_overall_stop").click().run()

    assert started_jobs(app) == [] and started[0].state == "stopped"
    assert app.info[0].value.startswith("Stopped") and not app.exception


def test_the_failures_of_other_methods_are_shown_on_this_window(show: Show) -> None:
    app = show("importance", **PLANTED, view="unfit")

    assert not app.exception
    for name in ("DeepLift", "Guided Backprop", "Deconvolution", "Layer-wise relevance propagation"):
        assert f"**{name}**" in words(app)


def test_a_probability_is_explained_on_request(show: Show) -> None:
    app = finished(show("importance", **PLANTED, methods="occlusion", scale="probability"))

    assert "probability of" in words(app) and "logit" not in words(app)


def test_a_chosen_window_can_be_the_baseline(show: Show) -> None:
    app = show("importance", **PLANTED, methods="occlusion", baseline="chosen_window")
    app.number_input(key="importance_reference").set_value(3).run()

    assert "**baseline** window 3" in words(finished(app)) and app.query_params["reference"] == "3"


def test_a_second_look_computes_nothing(show: Show) -> None:
    finished(show("importance", **PLANTED, methods=QUICK))
    before = set(job_queue()._jobs)

    again = show("importance", **PLANTED, methods=QUICK)

    assert not any(button.key == "importance_stop" for button in again.button)
    assert set(job_queue()._jobs) == before


def test_stop_keeps_what_is_done_and_go_on_goes_on(show: Show) -> None:
    shoulder = {"data": "shoulder_exercises", "model": "shoulder_exercises", "stride": 500, "window": 3}
    app = show("importance", **shoulder)
    wait_for([next(job for job in jobs_of(app) if isinstance(job.key, tuple) and job.key[0] == "result")])
    app.run()

    app.button(key="importance_stop").click().run()
    stopped = next(one.value for one in app.info)
    app.button(key="importance_go_on").click().run()

    assert re.match(r"Stopped with [12] of", stopped) and not app.exception  # the next one may have been done by then
    assert any(button.key == "importance_stop" for button in app.button)
    app.button(key="importance_stop").click().run()


def test_nonsense_in_a_link_is_the_default(show: Show) -> None:
    app = show("importance", **PLANTED, methods="zzz", view="zzz", scale="zzz", baseline="zzz", reference=99999)

    assert app.multiselect(key="importance_methods").value == list(DEFAULTS)
    assert app.segmented_control(key="importance_view").value == "" and not app.exception
