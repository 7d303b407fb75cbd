"""The Train page's sensitivity: from the questions to a sweep in a process of its own, and what it found."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from complex_lstm.cli import main
from complex_lstm.runs import Status
from complex_lstm.runs.search import Repeat, Search, best_first, list_sweeps, open_search
from complex_lstm.runs.status import own_process, write_status
from complex_lstm.runs.sweep import SWEEPABLE, Sweep, open_sweep
from complex_lstm.runs.trials import stop_trials
from complex_lstm.samples import SAMPLES
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, jobs_of, until

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),  # sweeps outlive whoever started them
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, and a sweep around the same that is done, which the command line has trained."""
    folder = tmp_path_factory.mktemp("trained")
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    (folder / "hours.csv").write_text("\n".join([header, *[line for line in lines if line.startswith("JFK")][:200]]))
    asked = [
        "--data",
        folder / "hours.csv",
        "--name",
        "first",
        "--hidden",
        8,
        "--heads",
        2,
        "--lstm-layers",
        1,
        "--window",
        12,
        "--stride",
        3,
    ]
    asked += ["--epochs", 1, "--batch-size", 16]
    for command in (
        ["train", "--run", folder / "run"],
        ["sweep", "--folder", folder / "sweep", "--vary", "kernels=1-3-5/1-3-7", "--seeds", 2],
    ):
        told = CliRunner().invoke(main, [str(word) for word in [*command, *asked]])
        assert told.exit_code == 0, told.output
    return folder


@pytest.fixture
def kept(trained: Path, tmp_path: Path) -> Path:
    """The runs of a workspace that holds the run, and no sweep."""
    Workspace(tmp_path).keep("data", (trained / "hours.csv").read_bytes(), "hours.csv")
    shutil.copytree(trained / "run", tmp_path / "runs" / "one")
    return tmp_path / "runs"


@pytest.fixture
def with_sweep(trained: Path, kept: Path) -> Callable[..., Sweep]:
    """Return what puts a copy of the sweep, in a state, beside the run."""

    def add(**status: object) -> Sweep:
        shutil.copytree(trained / "sweep", kept / "two")
        if status:
            write_status(kept / "two", Status(**status))  # type: ignore[arg-type]
        return open_sweep(kept / "two")

    return add


@pytest.fixture(autouse=True)
def no_sweep_is_left_behind(tmp_path: Path) -> Iterator[None]:
    yield
    for sweep in list_sweeps(tmp_path / "runs"):
        if sweep.is_under_way and sweep.status.pid != own_process()["pid"]:
            stop_trials(sweep)


def opened(app: AppTest) -> AppTest:
    """Open the section, as a click on its title does."""
    app.session_state["train_sensitivity"] = True
    return app.run()


def keys(app: AppTest) -> set[str]:
    return {one.key for one in app.button}


@pytest.mark.long
def test_the_questions_are_asked_when_the_section_is_opened(show: Show, kept: Path) -> None:
    app = show("train", run="one")
    assert not app.exception and "train_sweep_start" not in keys(app)

    opened(app)

    assert not app.exception and not app.error and "A sweep trains the run **first** again" in all_words(app)
    assert app.multiselect(key="train_sweep_hidden_dim_one").value == ["4", "16"]
    assert {one.label for one in app.multiselect} >= {"Hidden channels, now 8", "Kernel sizes, now 3-5-7/3-5-9"}
    assert "**30 trials** of at most 1 epoch" in all_words(app)  # the base, two of four settings, and one of a block, which halves to none


def test_beside_a_run_the_time_of_a_sweep_is_not_measured(show: Show, trained: Path, kept: Path) -> None:
    """It was, with a note: both were slowed down, and the time was wrong."""
    shutil.copytree(trained / "run", kept / "busy")
    write_status(kept / "busy", Status(state="running", epochs=2, epoch=1, seconds_left=50.0, share=0.5, **own_process()))

    app = opened(show("train", run="one"))

    assert "**30 trials** of at most 1 epoch" in all_words(app) and "is measured when the run under way has ended" in all_words(app)
    assert not [job for job in jobs_of(app) if "trials_estimate" in str(job.key)]


@pytest.mark.long
def test_a_visitor_starts_a_sweep_and_finds_its_scores(show: Show, kept: Path) -> None:
    app = opened(show("train", run="one"))
    for name in SWEEPABLE:
        app.multiselect(key=f"train_sweep_{name}_one").set_value(["0.1"] if name == "dropout" else []).run()
    app.number_input(key="train_sweep_seeds_one").set_value(1).run()

    app.button(key="train_sweep_start").click().run()

    while (sweep := open_sweep(kept / app.query_params["sweep"])).is_under_way:
        time.sleep(0.2)
    assert sweep.status.state == "done", sweep.log.read_text()
    assert [run.key for run in sweep.runs] == ["base-seed0", "dropout-0.1-seed0"]
    app.run()
    assert not app.exception and not app.error and "2 of 2 trials have a score." in all_words(app)


def test_a_sweep_is_drawn_with_what_was_found_of_the_kernels(show: Show, with_sweep: Callable[..., Sweep]) -> None:
    with_sweep()

    app = show("train", run="one", sweep="two")

    assert not app.exception and not app.error and "4 of 4 trials have a score." in all_words(app)
    assert "The architecture document calls its kernel sizes robust. On this data: " in all_words(app)
    assert any("train_sweep_scores" in chart.proto.id for chart in app.get("plotly_chart"))
    app.segmented_control(key="train_sweep_measure_two").set_value("lowest validation loss").run()
    assert not app.exception and any("lowest validation loss" in chart.proto.spec for chart in app.get("plotly_chart"))


@pytest.fixture(scope="module")
def searched(trained: Path) -> Search:
    """A search at random around the same, of two trials, which the command line has trained."""
    pytest.importorskip("optuna")
    found = trained / "search"
    asked = ["--data", trained / "hours.csv", "--name", "first", "--hidden", 8, "--heads", 2, "--lstm-layers", 1, "--window", 12]
    asked += ["--stride", 3, "--epochs", 1, "--batch-size", 16, "--vary", "dropout=0.1", "--sampler", "random", "--trials", 2]
    told = CliRunner().invoke(main, [str(word) for word in ["sweep", "--folder", found, *asked]])
    assert told.exit_code == 0, told.output
    return open_search(found)


def test_a_search_is_drawn_with_its_trials_and_the_lowest_loss_first(show: Show, searched: Search, kept: Path) -> None:
    shutil.copytree(searched.folder, kept / "three")
    open_search(kept / "three").keep_repeat(Repeat(2, 0))

    app = show("train", run="one", sweep="three")

    first, second = best_first(searched.tried)
    assert not app.exception and not app.error and "2 of 2 trials have a score." in all_words(app)
    assert f"**Lowest validation loss {first.loss:.4f}**, by trial {first.number}: " in all_words(app)
    table = next(one.value for one in app.dataframe if "lowest validation loss" in one.value)
    by_trial, losses = table.set_index("trial"), {one.number: one.loss for one in searched.tried}
    assert table["lowest validation loss"].tolist() == sorted([*losses.values(), losses[0]])
    assert [by_trial["Dropout"][one.number] for one in (first, second)] == [one.values["dropout"] for one in (first, second)]
    assert by_trial["drawn again"][2] == "same as trial 0" and by_trial["drawn again"][0] == ""
    assert "worked out from 10 trials" in all_words(app) and "drawn at random" in all_words(app)


@pytest.mark.long
def test_a_visitor_starts_a_search_gives_it_more_trials_and_opens_its_best_model(show: Show, kept: Path) -> None:
    pytest.importorskip("optuna")
    app = opened(show("train", run="one"))
    app.segmented_control(key="train_sweep_sampler_one").set_value("random").run()
    for name in SWEEPABLE:
        app.multiselect(key=f"train_sweep_{name}_one").set_value(["0.1", "0.5"] if name == "dropout" else []).run()
    assert "each with one of 3 combinations of values, and none trained twice" in all_words(app)
    until(app, lambda page: "as an estimate by the mean of 3 models" in all_words(page))
    for trials in (1, 2):
        app.number_input(key="train_search_trials_one").set_value(trials).run()
        app.button(key="train_sweep_start").click().run()
        while (search := open_search(kept / app.query_params["sweep"])).is_under_way:
            time.sleep(0.2)
        assert search.status.state == "done", search.log.read_text()
        assert [one.number for one in search.tried] == list(range(trials))

    app.run()
    app.button(key=f"train_search_open_{search.key}").click().run()

    assert not app.exception and app.query_params["model"] and "run" not in app.query_params


def test_a_sweep_under_way_can_be_stopped(show: Show, with_sweep: Callable[..., Sweep]) -> None:
    sweep = with_sweep(state="running", message="Trial 4 of 4: x", **own_process())
    app = show("train", run="one")  # a sweep under way is shown by itself
    assert not app.exception and "train_sweep_delete_do" not in keys(app)

    app.button(key="train_sweep_stop").click().run()

    assert (sweep.folder / "control").read_text() == "stop"


def test_a_killed_sweep_says_so_and_offers_to_resume(show: Show, with_sweep: Callable[..., Sweep]) -> None:
    with_sweep(state="running", pid=2**22 - 1, started=1.0)

    app = show("train", run="one", sweep="two")

    assert not app.exception and len(app.error) == 1 and "ended unexpectedly" in app.error[0].value
    assert "train_sweep_resume" in keys(app)


def test_a_sweep_that_another_tab_has_deleted_is_one_message(show: Show, with_sweep: Callable[..., Sweep]) -> None:
    sweep = with_sweep(state="stopped")
    deleting, resuming = show("train", run="one", sweep="two"), show("train", run="one", sweep="two")
    shutil.rmtree(sweep.folder)

    deleting.button(key="train_sweep_delete_do").click().run()
    resuming.button(key="train_sweep_resume").click().run()

    assert not deleting.exception and not resuming.exception
    assert "There is no sweep 'two' here." in deleting.error[0].value and len(deleting.error) == len(resuming.error) == 1


def test_a_sweep_that_cannot_be_told_to_stop_says_so(show: Show, with_sweep: Callable[..., Sweep]) -> None:
    sweep = with_sweep(state="running", **own_process())
    (sweep.folder / "control").mkdir()  # a folder where a file is to be written
    app = show("train", run="one")

    app.button(key="train_sweep_stop").click().run()

    assert not app.exception and len(app.error) == 1 and app.error[0].value.startswith("The sweep cannot be stopped")


def test_a_sweep_is_deleted_and_outlives_its_run(show: Show, with_sweep: Callable[..., Sweep], kept: Path) -> None:
    sweep = with_sweep()
    shutil.rmtree(kept / "one")
    app = show("train", sweep="two")
    assert not app.exception and "train_sweep_start" not in keys(app) and "trials have a score" in all_words(app)

    app.button(key="train_sweep_delete_do").click().run()

    assert not app.exception and not app.error and not sweep.folder.exists() and "sweep" not in app.query_params


def test_values_that_no_model_can_have_are_told_before_the_start(show: Show, kept: Path) -> None:
    app = opened(show("train", run="one"))

    app.multiselect(key="train_sweep_hidden_dim_one").set_value(["9"]).run()

    assert not app.exception and len(app.error) == 1 and "does not divide by num" in app.error[0].value
    assert "train_sweep_start" not in keys(app)


def test_a_sweep_whose_time_cannot_be_measured_can_still_be_started(show: Show, kept: Path) -> None:
    app = opened(show("train", run="one"))

    app.multiselect(key="train_sweep_hidden_dim_one").set_value(["80000"]).run()
    until(app, lambda page: "could not be measured" in all_words(page))

    assert not app.exception and not app.error and "needs about" in all_words(app)
    assert "train_sweep_start" in keys(app)


@pytest.mark.long
def test_two_mistakes_at_once_are_two_messages_with_one_way_out(show: Show, kept: Path) -> None:
    """The button to start over was drawn twice under one key, which Streamlit refuses."""
    app = opened(show("train", run="one", data="planted_order"))
    app.multiselect(key="train_sweep_dropout_one").set_value(["2"]).run()
    app.number_input(key="train_epochs_planted_order").set_value(3).run()

    app.toggle(key="train_gradual_planted_order").set_value(True).run()

    assert not app.exception and len(app.error) == 2 and len([one for one in app.button if one.key == "messages_start_over"]) == 1


@pytest.mark.parametrize("key", ["nothing", "../../etc"])
def test_a_link_to_a_sweep_that_is_not_there_is_one_message(show: Show, kept: Path, key: str) -> None:
    app = show("train", run="one", sweep=key)

    assert not app.exception and len(app.error) == 1 and "There is no sweep" in app.error[0].value


def test_nothing_is_offered_where_there_is_no_run(show: Show) -> None:
    app = show("train", data="planted_order")

    assert not app.exception and not [one for one in app.expander if "Sensitivity" in one.label]
