"""The Train page without a browser: from the questions to a trained model in use on every page."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.config import ModelConfig, TrainingConfig, to_json
from complex_lstm.runs import Run, list_runs, open_run, rename_run, send_command, zip_run
from complex_lstm.runs.atomic_files import LAST, MODEL
from complex_lstm.runs.status import own_process, write_status
from complex_lstm.samples import SAMPLES
from complex_lstm.settings import settings_of
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, jobs_of, until, words
from tests.training.looked_into import copy_of_looked_into

pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # runs outlive whoever started them

VOWELS = 60  # series of the Japanese vowels, so few that an epoch takes a moment


@pytest.fixture
def vowels(tmp_path: Path) -> str:
    """Keep the first series of the sample as an upload, and return its key."""
    header, *lines = SAMPLES["japanese_vowels"].csv.read_text().splitlines()
    seen: dict[str, None] = {}
    chosen = [line for line in lines if seen.setdefault(line.split(",")[0]) or len(seen) <= VOWELS]
    return Workspace(tmp_path).keep("data", "\n".join([header, *chosen]).encode(), "vowels.csv").key


def wait_for(app: AppTest, tmp_path: Path) -> Run:
    """Return the newest run when it has ended, which it also does when its process dies."""
    while (runs := list_runs(tmp_path / "runs")) and runs[0].is_under_way:
        time.sleep(0.2)
    app.run()
    return runs[0]


@pytest.mark.long
def test_a_visitor_trains_and_uses_the_model(show: Show, vowels: str, tmp_path: Path) -> None:
    app = show("train", data=vowels)
    assert not app.exception and not app.error and "There are no runs yet" in all_words(app)
    app.segmented_control(key=f"train_size_{vowels}").set_value(32).run()
    app.number_input(key=f"train_epochs_{vowels}").set_value(1).run()
    app.toggle(key=f"train_gradient_flow_{vowels}").set_value(True).run()

    app.button(key="train_start").click().run()

    key = app.query_params["run"]
    run = wait_for(app, tmp_path)
    assert run.key == key and run.status.state == "done", run.log
    assert run.plan.training.gradient_flow and run.plan.model.hidden_dim == 32 and run.plan.name == "vowels.csv, small"
    assert not app.exception and app.success[0].value.startswith("Done")
    charts = [one.proto.id for one in app.get("plotly_chart")]
    names = ("losses", "scores", "rate", "gradients", "total", "scale")
    assert [name for name in names if any(f"train_run_{name}" in chart for chart in charts)] == [*names]
    assert "recorded steps" in all_words(app) and "One learned number that multiplies the outputs" in all_words(app)

    app.button(key="train_use").click().run()

    assert not app.exception and app.query_params["model"] and app.query_params["data"] == vowels and app.query_params["run"] == key
    assert app.selectbox(key="bar_model").value == app.query_params["model"]


def test_the_page_has_a_widget_for_every_setting(show: Show, vowels: str) -> None:
    """All but the number of machines, which a process that the page starts cannot wait for, a place of its log, and what is for values."""
    app = show("train", data=vowels)

    widgets = {one.key: one for kind in ("toggle", "number_input", "selectbox", "text_input") for one in getattr(app, kind)}
    settings = [one for kind in (ModelConfig, TrainingConfig) for one in settings_of(kind) if one.group not in ("data", "terminal")]
    assert {one.name for one in settings_of(TrainingConfig)} - {one.name for one in settings} == {"nodes", "log_to"}
    assert f"train_fitted_scale_{vowels}" not in widgets
    for one in (one for one in settings if one.name != "fitted_scale"):
        widget = widgets[f"train_{one.name}_{vowels}"]
        assert widget.label == one.label or one.name == "hidden_dim"
        assert widget.help == one.help or one.name == "hidden_dim"


@pytest.mark.long
def test_every_setting_of_the_model_is_asked_and_trained_with(show: Show, vowels: str, tmp_path: Path) -> None:
    app = show("train", data=vowels)
    answers = {"hidden_dim": 12, "num_lstm_layers": 2, "num_heads": 3, "epochs": 1, "snapshots": 2}
    for name, value in answers.items():
        app.number_input(key=f"train_{name}_{vowels}").set_value(value)
    app.text_input(key=f"train_kernels_{vowels}").set_value("1-3-5/3-5-7").run()
    assert not app.exception and not app.error and "has 12 channels instead of the size above" in words(app)

    app.button(key="train_start").click().run()

    run = wait_for(app, tmp_path)
    model = run.plan.model
    assert run.status.state == "done" and run.plan.name == "vowels.csv, 12 channels", run.log
    assert (model.hidden_dim, model.num_lstm_layers, model.num_heads, model.kernels) == (12, 2, 3, ((1, 3, 5), (3, 5, 7)))
    assert "--hidden=12 --lstm-layers=2 --heads=3 --dropout=0.3 --kernels=1-3-5/3-5-7" in run.plan.command


@pytest.mark.parametrize(
    ("kind", "name", "value", "told"),
    [
        ("number_input", "hidden_dim", 30, "does not divide by num\\_heads 8"),
        ("text_input", "kernels", "3-5", "are no kernels"),
        ("text_input", "kernels", "2-4-6/3-5-9", "odd widths"),
    ],
)
def test_a_model_that_cannot_be_is_told_before_the_start(show: Show, vowels: str, kind: str, name: str, value: object, told: str) -> None:
    app = show("train", data=vowels)

    getattr(app, kind)(key=f"train_{name}_{vowels}").set_value(value).run()

    assert not app.exception and len(app.error) == 1 and told in app.error[0].value.replace("\u2060", "").replace("\\-", "-")
    assert "train_start" not in [one.key for one in app.button]


@pytest.mark.long
def test_a_model_too_large_to_be_measured_can_still_be_started(show: Show, vowels: str) -> None:
    app = show("train", data=vowels)

    app.number_input(key=f"train_hidden_dim_{vowels}").set_value(80_000).run()
    until(app, lambda page: "80000 channels **unknown**" in all_words(page))

    assert not app.exception and not app.error and "80000 channels **unknown**" in all_words(app)
    assert "small **" in all_words(app) and "train_start" in [one.key for one in app.button]


@pytest.mark.long
def test_a_run_is_trained_again_for_longer(show: Show, with_runs: Callable[..., Run], tmp_path: Path) -> None:
    first = with_runs("one")
    app = show("train", run="one")

    app.button(key="train_again").click().run()

    assert not app.exception and not app.error and "settings of **first**" in all_words(app)
    questions = {one.key: one.value for one in app.number_input}
    (epochs,) = [key for key in questions if key.startswith("train_epochs_")]
    assert questions[epochs] == 2 and app.segmented_control(key=epochs.replace("epochs", "size")).value == 8
    app.number_input(key=epochs).set_value(3).run()
    app.button(key="train_start").click().run()
    again = wait_for(app, tmp_path)
    assert again.key != first.key and again.status.state == "done", again.log
    assert again.plan.training == replace(first.plan.training, epochs=3)
    asked = [(plan.model, plan.roles, plan.window, plan.split, plan.fingerprint) for plan in (first.plan, again.plan)]
    assert asked[0] == asked[1]

    app.button(key="train_again_forget").click().run()

    assert "settings of **first**" not in all_words(app)


def test_a_forecast_says_how_far_ahead(show: Show, with_runs: Callable[..., Run]) -> None:
    run = with_runs("one")
    far = to_json(replace(run.plan, window=replace(run.plan.window, horizon=6)))
    (run.folder / "run.json").write_text(far)
    app = show("train", run="one")

    app.button(key="train_again").click().run()

    assert not app.exception and "the model learns to predict **" in all_words(app) and " 6 time steps ahead**" in all_words(app)


def test_settings_that_cannot_be_are_told_before_the_start(show: Show, vowels: str) -> None:
    app = show("train", data=vowels)
    app.number_input(key=f"train_epochs_{vowels}").set_value(3).run()

    app.toggle(key=f"train_gradual_{vowels}").set_value(True).run()

    assert not app.exception and len(app.error) == 1 and "gradual complexity" in app.error[0].value
    assert "train_start" not in [one.key for one in app.button]


def test_data_that_cannot_be_learned_from_is_told(show: Show, tmp_path: Path) -> None:
    rows = [f"{row},{row % 7},{'a' if row < 160 else 'b'}" for row in range(200)]
    key = Workspace(tmp_path).keep("data", "\n".join(["t,v,kind", *rows]).encode(), "late.csv").key

    app = show("train", data=key)

    assert not app.exception and len(app.error) == 1 and "kind" not in [one.key for one in app.button]


def test_a_running_run_can_be_paused_and_stopped(show: Show, with_runs: Callable[..., Run]) -> None:
    run = with_runs("one", state="running", seconds_left=50.0, share=0.5, **own_process())
    app = show("train", data="planted_order")
    assert not app.exception and app.selectbox(key="train_run").value == "one"

    app.button(key="train_pause").click().run()
    assert (run.folder / "control").read_text() == "pause"
    app.button(key="train_stop").click().run()

    assert (run.folder / "control").read_text() == "stop"
    assert "train_delete_do" not in [one.key for one in app.button]


def test_beside_a_run_nothing_is_measured(show: Show, with_runs: Callable[..., Run]) -> None:
    """Measured beside a run, times were wrong, and the run was slowed down."""
    with_runs("one", state="running", seconds_left=50.0, share=0.5, **own_process())

    app = show("train", data="planted_order")

    assert not app.exception and "is measured when the run under way has ended" in all_words(app)
    assert not [job for job in jobs_of(app) if "train_estimate" in str(job.key)]


def test_the_speed_of_a_run_on_the_same_data_is_its_time_an_epoch(show: Show, with_runs: Callable[..., Run]) -> None:
    """With 300 s left for a quarter of 40 epochs, an epoch takes 30 s; the first model is there after that and 10 s of starting."""
    run = with_runs("one", state="running", epochs=40, seconds_left=300.0, share=0.75, **own_process())
    app = show("train", run="one")

    app.button(key="train_again").click().run()

    assert not app.exception and not app.error
    (epochs,) = [one for one in app.number_input if str(one.key).startswith("train_epochs_")]
    assert epochs.value == run.plan.training.epochs == 2
    assert "8 channels **60 s** (30 s an epoch)" in all_words(app)
    assert "A first model that can be used after about **40 s**" in all_words(app)
    assert "corrected by its own speed" in all_words(app)


def test_a_run_that_waits_for_a_paused_one_says_for_which(show: Show, with_runs: Callable[..., Run]) -> None:
    first = with_runs("one", state="paused", queued=1.0, **own_process())
    rename_run(first, "the *first* one")
    with_runs("two", state="waiting", queued=2.0, **own_process())

    app = show("train", run="two")

    assert not app.exception and not app.error
    assert r"Place 2 in the queue, 1 run before it. It waits for **the \*first\* one**, which is paused" in words(app)
    send_command(first, "resume")
    write_status(first.folder, replace(first.status, state="running"))
    assert "1 run before it: it starts by itself." in words(app.run())


def test_a_run_of_other_versions_says_so_where_it_can_be_resumed(show: Show, with_runs: Callable[..., Run]) -> None:
    run, same = with_runs("one", state="stopped"), with_runs("two", state="stopped")
    (run.folder / "run.json").write_text(to_json(replace(run.plan, versions=replace(run.plan.versions, torch="1.13.0"))))

    assert "It was made with torch 1.13.0 (here " in words(show("train", run=run.key))
    assert "It was made with" not in words(show("train", run=same.key))


def test_a_killed_run_says_so_and_offers_to_resume(show: Show, with_runs: Callable[..., Run]) -> None:
    with_runs("one", state="running", pid=2**22 - 1, started=1.0, best_epoch=1)

    app = show("train", run="one")

    assert not app.exception and len(app.error) == 1 and "ended unexpectedly" in app.error[0].value
    assert {"train_resume", "train_use"} <= {one.key for one in app.button}


def test_runs_are_compared_by_what_differs(show: Show, with_runs: Callable[..., Run]) -> None:
    first, second = with_runs("one"), with_runs("two")
    text = (second.folder / "run.json").read_text().replace('"seed": 0, "shuffle', '"seed": 5, "shuffle').replace('"first"', '"second"')
    (second.folder / "run.json").write_text(text)

    app = show("train", run=first.key)

    assert not app.exception and not app.error
    assert app.multiselect(key="train_compare").value and len(app.multiselect(key="train_compare").value) == 2
    differences = next(one.value for one in app.dataframe if "setting" in one.value.columns)
    assert differences["setting"].tolist() == ["training: seed"]
    assert sorted(differences[["first", "second"]].iloc[0]) == ["0", "5"]


def test_a_run_is_renamed_and_deleted(show: Show, with_runs: Callable[..., Run]) -> None:
    run = with_runs("one")
    app = show("train", run="one")

    app.text_input(key="train_new_name_one").set_value("better").run()
    app.button(key="train_rename_do").click().run()
    assert open_run(run.folder).plan.name == "better"
    app.button(key="train_delete_do").click().run()

    assert not app.exception and not app.error and not run.folder.exists() and "run" not in app.query_params


def test_each_target_is_scored_when_it_is_asked_for(show: Show, with_runs: Callable[..., Run]) -> None:
    run = with_runs("one")
    app = show("train", run="one")
    before = len(app.metric)

    app.button(key="train_each_start").click().run()
    until(app, lambda page: "train_each_stop" not in [one.key for one in page.button])

    test = next(one for one in run.status.scores if one.part == "test")
    r2, mae = app.metric[before:]
    assert r2.label.endswith(": R²") and r2.value == f"{1 - test.value:.3f}"
    assert f"Squared error, in variances of this part: {test.value:.4f}" in r2.help
    assert mae.label.endswith(": mean absolute error") and float(mae.value.split()[0]) > 0
    assert "of the test part" in words(app)


@pytest.mark.long
def test_each_class_is_scored_with_its_confusions(show: Show, tmp_path: Path) -> None:
    run = copy_of_looked_into(tmp_path / "runs" / "classes")
    app = show("train", run=run.key)

    app.button(key="train_each_start").click().run()
    until(app, lambda page: "train_each_stop" not in [one.key for one in page.button])

    drawn = [chart.proto.id for chart in app.get("plotly_chart")]
    assert any("train_confusion" in one for one in drawn) and any("train_classes" in one for one in drawn)
    test = next(one for one in run.status.scores if one.part == "test")
    assert f"{test.value:.3f}" in [one.value for one in app.metric if one.label == "accuracy"]


def test_a_run_made_elsewhere_is_taken_in_and_used(show: Show, with_runs: Callable[..., Run], tmp_path: Path) -> None:
    run = with_runs("one")
    content = zip_run(run)
    shutil.rmtree(run.folder)
    app = show("train")
    assert str(tmp_path / "runs") in words(app).replace("\\", "")

    app.file_uploader(key="train_take_in").upload("first.zip", content, "application/zip").run()

    assert not app.exception and not app.error and app.query_params["run"] == list_runs(tmp_path / "runs")[0].key
    assert "first is here now" in all_words(app)
    app.button(key="train_use").click().run()
    assert not app.exception and app.query_params["model"]


def test_a_file_that_is_no_run_is_one_message(show: Show, with_runs: Callable[..., Run], tmp_path: Path) -> None:
    with_runs("one")
    app = show("train", run="one")

    app.file_uploader(key="train_take_in").upload("first.zip", b"no zip", "application/zip").run()

    assert not app.exception and len(app.error) == 1 and "first.zip is no zip that can be read" in app.error[0].value
    assert len(list_runs(tmp_path / "runs")) == 1


@pytest.mark.long
def test_a_run_whose_data_is_not_known_says_what_to_do_and_finds_it_later(
    show: Show, with_runs: Callable[..., Run], trained: Path, tmp_path: Path
) -> None:
    run = with_runs("one", state="stopped", best_epoch=1)
    (run.folder / "run.json").write_text(to_json(replace(run.plan, data="/elsewhere/hours.csv")))
    (run.folder / LAST).unlink()
    shutil.rmtree(tmp_path / "data")

    app = show("train", run="one")

    assert app.button(key="train_use").disabled and app.button(key="train_again").disabled
    assert f"found by its fingerprint (sha256 {run.plan.fingerprint[:20]})" in words(app).replace("\\", "")
    kept = Workspace(tmp_path).keep("data", (trained / "hours.csv").read_bytes(), "renamed.csv")
    app.run()
    assert not app.button(key="train_use").disabled

    app.button(key="train_resume").click().run()

    resumed = wait_for(app, tmp_path)
    assert resumed.status.state == "done" and resumed.plan.data == str(kept.path), resumed.log


def test_the_command_in_a_terminal_makes_a_run_that_the_page_lists(show: Show, with_runs: Callable[..., Run], tmp_path: Path) -> None:
    with_runs("one")

    app = show("train", run="one")

    assert any(one.value.endswith(f"--run {tmp_path / 'runs' / 'NEW_FOLDER'}") for one in app.code)


def test_a_run_without_a_model_offers_none(show: Show, with_runs: Callable[..., Run]) -> None:
    run = with_runs("one", state="failed", message="The training part has 0 windows with an answer.")
    (run.folder / MODEL).unlink()

    app = show("train", run="one")

    assert "train_use" not in [one.key for one in app.button] and "0 window" in app.error[0].value
